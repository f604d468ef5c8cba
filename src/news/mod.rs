//! Posts to a newsgroup and articles from it: the headers that news servers insist on, and the dialogue with one.
//!
//! Answers to `Mailman.Queue.NewsRunner`, to cron/gate_news, and to Python's `nntplib` as far as they use it.

pub mod aside;
pub mod gate;
pub mod nntp;
pub mod prepare;
pub mod reader;
