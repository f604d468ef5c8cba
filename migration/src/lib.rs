//! Moving a site from Python's runners to ours, and proving that nothing was lost on the way.
//!
//! [`survey`] says what is on a site and what would stop a switch; [`verify`] decodes every pickle twice and accounts for
//! every queued message; [`switch`] puts the runners in place and takes them out again. [`collect`] brings a site into one
//! [`archive`], and [`restore`] makes a site of it elsewhere. Nothing here handles mail. What the runners can do is not known
//! here either: whoever calls says so through [`Engine`].

pub mod archive;
pub mod collect;
pub mod engine;
pub mod json;
pub mod program;
pub mod progress;
pub mod restore;
mod spelling;
pub mod survey;
pub mod switch;
mod tar;
pub mod verify;

#[cfg(test)]
mod small_site;

pub use engine::{Engine, Process};
