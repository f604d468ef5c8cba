//! Where a command's complaints go.
//!
//! Under `mailmanctl` a runner has no terminal: Mailman turns its standard error into the `error` log, each entry with
//! the label `qrunner(PID)`; `mailmanctl` itself writes to both. Everything that a command says to standard error goes
//! through this, so that nothing is said to a closed window.

use compat::site::Site;
use std::io::Write;
use std::rc::Rc;

/// Standard error, or what stands in for it.
#[derive(Clone)]
pub enum Stderr {
    /// The real one.
    Real,
    /// The error log of a site, with a label.
    Log { site: Rc<Site>, label: &'static str, also_real: bool },
}

impl Stderr {
    /// The error log alone.
    pub fn log(site: &Rc<Site>, label: &'static str) -> Stderr {
        Stderr::Log { site: Rc::clone(site), label, also_real: false }
    }

    /// Both.
    pub fn both(site: &Rc<Site>, label: &'static str) -> Stderr {
        Stderr::Log { site: Rc::clone(site), label, also_real: true }
    }

    /// Says something that need not be UTF-8; for tools, which write to the real one alone.
    pub fn write_bytes(&self, text: &[u8]) {
        match self {
            Stderr::Real => drop(std::io::stderr().lock().write_all(text)),
            Stderr::Log { .. } => self.write(&String::from_utf8_lossy(text)),
        }
    }

    /// Says something, as one `print` of Python; the text brings its own line ends.
    pub fn write(&self, text: &str) {
        match self {
            Stderr::Real => {
                let _ = std::io::stderr().lock().write_all(text.as_bytes());
            }
            Stderr::Log { site, label, also_real } => {
                if *also_real {
                    Stderr::Real.write(text);
                }
                site.log_stderr(label, text);
            }
        }
    }
}
