//! The queue runners of GNU Mailman 2.1: what is done with the files that the `compat` crate reads and writes.

pub mod archive;
pub mod auth;
pub mod bounce;
pub mod bridge;
pub mod cli;
pub mod clock;
pub mod command;
pub mod cron;
pub mod delivery;
pub mod demo;
pub mod digest;
pub mod dns;
pub mod error;
pub mod lists;
pub mod master;
pub mod membership;
pub mod news;
pub mod notice;
pub mod pipeline;
pub mod queues;
pub mod runner;
pub mod scrubber;
pub mod signals;
pub mod sys;
pub mod text;
pub mod watchdog;
