//! A new file of a commit on the way to its place, and the way back.

use super::{link, rename, unlink, unlink_if_there, NewFile};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A new file and where it goes.
pub(super) struct Placed {
    pub file: NewFile,
    pub target: PathBuf,
    pub before: Before,
    pub taken: bool,
}

/// What becomes of the file that stands at the target, and so how the new one is taken back when something behind it
/// fails.
pub(super) enum Before {
    /// Most likely there is none: the new file is removed again.
    Nothing,
    /// It keeps this name; `kept` once there was such a file.
    Last { name: PathBuf, kept: bool },
    /// It has this name until the commit is done.
    Passing { name: PathBuf, kept: bool },
    /// It is forgotten: the new file may be there without the rest.
    Forgotten,
}

impl Before {
    /// Whether the file is a state that there is one of, and no entry or page.
    pub fn is_state(&self) -> bool {
        matches!(self, Before::Last { .. } | Before::Passing { .. })
    }
}

impl Placed {
    /// A file that has not taken its place yet.
    pub fn new(file: NewFile, target: PathBuf, before: Before) -> Placed {
        Placed { file, target, before, taken: false }
    }

    /// Gives the file the target's name, which what stood there keeps as [`Before`] says.
    pub fn take_place(&mut self) -> io::Result<()> {
        if let Before::Last { name, kept } | Before::Passing { name, kept } = &mut self.before {
            *kept = keep_as(&self.target, name)?;
        }
        self.file.publish(&self.target)?;
        self.taken = true;
        Ok(())
    }

    /// From now on a new file stays, whatever fails; a state may still be taken back.
    pub fn keep_if_new(&mut self) {
        if !self.before.is_state() {
            self.before = Before::Forgotten;
        }
    }

    /// A new state of a file is put back to the one before; anything else is removed.
    pub fn take_back(&self) {
        if !self.taken {
            return self.forget_passing();
        }
        // Nobody is left to tell: the error that led here is returned.
        let _ = match &self.before {
            Before::Last { name, kept: true } | Before::Passing { name, kept: true } => rename(name, &self.target),
            Before::Last { .. } | Before::Passing { .. } | Before::Nothing => unlink(&self.target),
            Before::Forgotten => Ok(()),
        };
    }

    /// Removes the name that what stood there had until the commit was done.
    pub fn forget_passing(&self) {
        if let Before::Passing { name, kept: true } = &self.before {
            // What stays is replaced the next time.
            let _ = unlink(name);
        }
    }
}

/// Gives a file a second name in the place of what had it before. False where there is no such file.
fn keep_as(target: &Path, name: &Path) -> io::Result<bool> {
    unlink_if_there(name)?;
    match link(target, name) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
