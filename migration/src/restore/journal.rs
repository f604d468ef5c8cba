//! How far a restore has come, in a file of DATA_DIR: a half-restored site differs from a whole one, and a restore that was
//! killed is gone on with. The settings come last of all, so that no program takes what is there before for a site.
//!
//! ```text
//! mailman2-rs restore 1
//! archive ID
//! wish SUM
//! state begun            or: done
//! ```

use compat::durable;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

const TITLE: &str = "mailman2-rs restore 1";
const LIMIT: u64 = 64 * 1024;

/// What is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The archive.
    pub archive: String,
    /// The sum of what was wished.
    pub wish: String,
    pub is_done: bool,
}

impl Journal {
    /// Reads it; `None` where there is none.
    ///
    /// # Errors
    /// It can't be read, or says nothing that is understood.
    pub fn read(path: &Path) -> io::Result<Option<Journal>> {
        let text = match durable::read_file(path, LIMIT) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let journal = match (text.lines().next(), field("archive"), field("wish"), field("state")) {
            (Some(TITLE), Some(archive), Some(wish), Some(state)) => {
                Some(Journal { archive: archive.to_string(), wish: wish.to_string(), is_done: state == "done" })
            }
            _ => None,
        };
        journal.map(Some).ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "no journal of a restore"))
    }

    /// Writes it.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let state = if self.is_done { "done" } else { "begun" };
        durable::replace(path, &temporary(path), 0o640, |file| {
            write!(file, "{TITLE}\narchive {}\nwish {}\nstate {state}\n", self.archive, self.wish)
        })
    }
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::RESTORE_JOURNAL_NAME;

    #[test]
    fn it_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(RESTORE_JOURNAL_NAME);
        assert_eq!(Journal::read(&path).unwrap(), None);
        let journal = Journal { archive: "a".to_string(), wish: "b".to_string(), is_done: false };
        journal.write(&path).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), Some(journal));
        std::fs::write(&path, "x").unwrap();
        assert!(Journal::read(&path).is_err());
    }
}
