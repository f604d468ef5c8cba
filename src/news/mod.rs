//! Posts to a newsgroup: the headers that news servers insist on, and the dialogue with one.
//!
//! Answers to `Mailman.Queue.NewsRunner` and to Python's `nntplib` as far as it posts.

pub mod aside;
pub mod nntp;
pub mod prepare;
