//! Programs that change a site are killed at one system call after the other, or one of their calls fails; then the work is
//! done again, and nothing may be lost, half done, or in the way.
//!
//! The program runs under strace, which injects the kill or the error. What must be so in the end is said of each program in
//! its scenario. The short form takes some points of each kind of call; with `MAILMAN2_RS_EVERY_POINT=1` in the environment
//! each is taken (`tests/long/run`). Without strace this says that it skips. How often a mail comes twice is printed: that
//! may be, where two files are on their way at once (docs/queue.md).
#![allow(clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod cron;
mod intake;
mod pages;
mod runners;
mod scenario;
mod switching;
mod tools;
