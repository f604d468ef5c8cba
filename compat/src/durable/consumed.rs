//! A file that goes because it was decided about: what it became are the new files of a commit.

use super::commit::CommitError;
use super::rename;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Such a file, and where it stands among the new ones.
pub(super) struct Consumed {
    pub path: PathBuf,
    /// Its name from when the new files are in place until all is safe.
    pub aside: PathBuf,
    /// How many new files of the commit were there when it was decided.
    pub after: usize,
}

impl Consumed {
    /// Takes its name away from it, in the instant in which it counts as decided. One that is gone already is as good.
    pub fn set_aside(&self) -> Result<(), CommitError> {
        match rename(&self.path, &self.aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(CommitError::of(&self.path)(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::durable::fault::{self, Fault};
    use crate::durable::{Commit, NewFile, FILE_MODE};
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    const ENOSPC: i32 = nix::errno::Errno::ENOSPC as i32;
    /// The third is decided by two new files, the fourth by none.
    const BECOMES: [&[&str]; 4] = [&["a"], &["b"], &["c", "d"], &[]];

    fn prepared() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("requests"), "old").unwrap();
        for post in 0..BECOMES.len() {
            fs::write(dir.path().join(format!("held{post}")), "x").unwrap();
        }
        fs::create_dir(dir.path().join("queue")).unwrap();
        dir
    }

    fn file(dir: &Path, name: &str) -> std::io::Result<NewFile> {
        let mut file = NewFile::create(dir.join(name), FILE_MODE)?;
        file.write_all(b"new")?;
        Ok(file)
    }

    fn decide_all(dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let mut commit = Commit::new();
        for (post, names) in BECOMES.iter().enumerate() {
            for name in *names {
                commit.place(file(dir, &format!("queue/{name}.tmp"))?, dir.join("queue").join(name))?;
            }
            commit.consume(dir.join(format!("held{post}")), dir.join(format!("aside{post}")));
        }
        commit.place_over(file(dir, "requests.tmp")?, dir.join("requests"))?;
        Ok(commit.commit()?)
    }

    /// Wherever it is cut off or fails: each post is held or queued, and at most one is both. A state that does not name
    /// them any more has left nothing behind.
    #[test]
    fn many_are_decided_one_by_one() {
        for fault in [Fault::CutOff, Fault::Fail(ENOSPC), Fault::FailOnward(ENOSPC)] {
            for nth in 1.. {
                let folder = prepared();
                let dir = folder.path();
                let armed = fault::arm(nth, fault);
                let done = decide_all(dir).is_ok();
                let met = armed.was_met();
                drop(armed);
                let is_there = |name: &str| dir.join(name).exists();
                let held: Vec<bool> = (0..BECOMES.len()).map(|post| is_there(&format!("held{post}"))).collect();
                let queued = |names: &[&str]| names.iter().filter(|name| is_there(&format!("queue/{name}"))).count();
                let at = format!("{fault:?} {nth}");
                for (is_held, names) in held.iter().zip(BECOMES) {
                    assert!(*is_held || queued(names) == names.len(), "{at}: one is lost");
                }
                let both = held.iter().zip(BECOMES).filter(|(is_held, names)| **is_held && queued(names) > 0).count();
                assert!(both <= 1, "{at}: {both} would be doubled");
                let is_new = fs::read(dir.join("requests")).unwrap() == b"new";
                assert!(!(is_new || done) || !held.contains(&true), "{at}: held without a record");
                assert!(!done || is_new, "{at}");
                if !met {
                    assert!(done && (0..BECOMES.len()).all(|post| !is_there(&format!("aside{post}"))));
                    break;
                }
            }
        }
    }
}
