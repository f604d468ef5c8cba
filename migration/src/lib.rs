//! Moving a site from Python's runners to ours, and proving that nothing was lost on the way.
//!
//! [`survey`] says what is on a site and what would stop a switch; [`verify`] decodes every pickle twice and accounts for
//! every queued message; [`switch`] puts the runners in place and takes them out again. Nothing here handles mail. What
//! the runners can do is not known here either: whoever calls says so through [`Engine`].

pub mod engine;
pub mod json;
pub mod survey;
pub mod switch;
pub mod verify;

pub use engine::{Engine, Process};
