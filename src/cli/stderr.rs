//! Where a command's complaints go.
//!
//! Under `mailmanctl` a runner has no terminal: Mailman turns its standard error into the `error` log, each entry with
//! the label `qrunner(PID)`. Everything that a command says to standard error goes through this, so that nothing is
//! said to a closed window.

use std::io::Write;

/// Standard error, or what stands in for it.
#[derive(Clone)]
pub enum Stderr {
    /// The real one.
    Real,
}

impl Stderr {
    /// Says something; the text brings its own line ends.
    pub fn write(&self, text: &str) {
        match self {
            Stderr::Real => {
                let _ = std::io::stderr().lock().write_all(text.as_bytes());
            }
        }
    }
}
