//! Reading one file of a site that others write to meanwhile.

use crate::archive::Stamp;
use compat::durable;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Larger files are passed on piece by piece.
pub const WHOLE: u64 = 4 << 20;
/// How often a file that changes while it is read is read anew.
const TRIES: usize = 4;

/// What was found under a name.
pub enum Taken {
    /// The contents, which did not change while they were read (or did so each time: then the stamp is of no file).
    Whole { bytes: Vec<u8>, about: Metadata, stamp: Stamp },
    /// Too large for that.
    Large { file: File, about: Metadata },
    /// It is not there any more, or has become something else.
    Gone,
}

/// Reads a file, or opens it.
///
/// # Errors
/// It can't be read.
pub fn take(path: &Path, follow: bool) -> io::Result<Taken> {
    for attempt in 1.. {
        let mut file = match open(path, follow) {
            Ok(file) => file,
            Err(error) if is_gone(&error) => return Ok(Taken::Gone),
            Err(error) => return Err(error),
        };
        let about = file.metadata()?;
        if about.len() > WHOLE {
            return Ok(Taken::Large { file, about });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
        file.by_ref().take(WHOLE + 1).read_to_end(&mut bytes)?;
        let (before, after) = (Stamp::of(&about), Stamp::of(&file.metadata()?));
        let is_steady = before == after && bytes.len() as u64 == after.size;
        if is_steady || attempt == TRIES {
            return Ok(Taken::Whole { bytes, about, stamp: if is_steady { after } else { Stamp::default() } });
        }
    }
    Ok(Taken::Gone)
}

fn open(path: &Path, follow: bool) -> io::Result<File> {
    if !follow {
        return durable::open_regular(path);
    }
    let file = fs::OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "not a plain file")),
    }
}

/// What stands for a name that is no plain file any more: `InvalidInput` is a folder or a pipe, ELOOP a link.
fn is_gone(error: &io::Error) -> bool {
    let is_link = error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32);
    is_link || matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_links_and_what_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        let whole = |taken| matches!(taken, Taken::Whole { bytes, stamp, .. } if bytes == b"text" && stamp.size == 4);
        assert!(whole(take(&path("file"), false).unwrap()) && whole(take(&path("link"), true).unwrap()));
        for gone in ["link", "none", "."] {
            assert!(matches!(take(&path(gone), false).unwrap(), Taken::Gone), "{gone}");
        }
        let large = File::create(path("large")).unwrap();
        large.set_len(WHOLE + 1).unwrap();
        assert!(matches!(take(&path("large"), false).unwrap(), Taken::Large { .. }));
    }
}
