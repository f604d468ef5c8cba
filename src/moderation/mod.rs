//! What waits for a moderator, and what becomes of it: held posts, requests to join, requests to leave.
//!
//! Answers to Mailman/ListAdmin.py and to what Mailman/Cgi/admindb.py decides. The pipeline holds posts here, joining and
//! leaving hold requests here, and mail commands, tools, cron jobs and pages decide by [`decide()`]. The room works on a list
//! that its caller has locked and saves afterwards, in one commit with what a decision puts into queues. In it the held
//! message's file loses its name in the instant in which they are in their queues, and before the record goes: killed at any
//! instant, a decision about thousands can be made again, and a record whose file is gone is dropped then.

pub mod decide;
pub mod described;
mod forward;
pub mod hold;
mod post;
mod refusal;
pub mod requests;
pub mod senders;
#[cfg(test)]
mod tests;
pub mod waiting;

pub use decide::{decide, decide_on_post, Action, Decided, Decision};
pub use post::read_held;
