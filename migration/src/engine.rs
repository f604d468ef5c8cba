//! What the caller knows of the runners that would take over.
//!
//! This crate reads a site's files with `compat` and depends on nothing that handles mail, so that the program with the
//! runners in it can depend on this crate. What that program can do, it tells through this trait.

use compat::site::Site;
use compat::ByteStr;

/// The runners that would take over.
pub trait Engine {
    /// Whether a handler of a pipeline runs in it.
    fn has_handler(&self, site: &Site, name: &ByteStr) -> bool;
    /// Whether it has the runner of this class, such as `IncomingRunner`.
    fn has_runner(&self, class: &str) -> bool;
    /// The runners and masters of a site that run now, of either engine.
    fn processes(&self, site: &Site) -> Vec<Process>;
}

/// A runner or master that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    /// Its user's number.
    pub uid: u32,
    /// `qrunner` or `mailmanctl`.
    pub program: &'static str,
    /// Whether Python runs it.
    pub is_python: bool,
    /// Its command line.
    pub command: String,
    /// The runner's class and slice, as on the command line.
    pub serves: Vec<String>,
}
