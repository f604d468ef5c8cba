//! Mail comes in: from the mail server into a queue, before anything is known about it but the list and the address.
//!
//! Two doors lead to the same entries: [`wrapper`], which the server's aliases call with a mail on standard input
//! (Mailman's mail/mailman with its scripts), and [`lmtp`]. No list is opened or locked here, so that mail comes in while
//! lists are busy, runners are down or a list is damaged. What an operator can repair is never a reason to refuse a mail
//! for good.

pub mod address;
pub mod caller;
pub mod exit;
pub mod lmtp;
pub mod script;
pub mod syslog;
pub mod wrapper;
