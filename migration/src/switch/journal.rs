//! What a switch changes, noted before it changes anything: after a crash in the middle either way can be finished.
//!
//! A file in DATA_DIR, which is there as long as anything of ours is in place:
//!
//! ```text
//! mailman2-rs switch 1
//! place  renamed   /usr/local/mailman/bin/qrunner
//! place  diverted  /usr/lib/mailman/bin/mailmanctl
//! ```
//!
//! The way back renames and deletes what it names, mostly as root, and the list user may write to the folder that it is
//! in. So it is believed only where it belongs to whoever goes back, or to root, and where it names what a switch names.

use super::{pages, PROGRAMS};
use crate::program::{Place, JOURNAL_NAME};
use compat::durable;
use nix::unistd::{geteuid, Uid};
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const TITLE: &str = "mailman2-rs switch 1";
/// It names a handful of files.
const LIMIT: u64 = 64 * 1024;
/// The bits by which group and others may write.
const OTHERS_WRITE: u32 = 0o022;

/// Where the journal of a site is.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(JOURNAL_NAME)
}

/// Under this name it is written.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

/// The places noted, all of them programs of this folder or of cgi-bin; none where there is no journal.
///
/// # Errors
/// It can't be read, is not one, or is not to be believed.
pub fn read(path: &Path, bin: &Path) -> io::Result<Vec<Place>> {
    let file = match durable::open_regular(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let about = file.metadata()?;
    is_ours(about.uid(), about.mode(), geteuid()).map_err(|why| io::Error::new(ErrorKind::PermissionDenied, why))?;
    let text = durable::read_open(&file, LIMIT)?;
    let mut lines = text.split(|&b| b == b'\n');
    let odd = || io::Error::new(ErrorKind::InvalidData, format!("{} is no journal of a switch", path.display()));
    if lines.next() != Some(TITLE.as_bytes()) {
        return Err(odd());
    }
    lines.filter(|line| !line.is_empty()).map(|line| known(place(line).ok_or_else(odd)?, bin)).collect()
}

/// Whether a journal of this owner and mode was written by somebody who may do what it asks for.
fn is_ours(owner: u32, mode: u32, me: Uid) -> Result<(), String> {
    match (owner == me.as_raw() || owner == 0, mode & OTHERS_WRITE == 0) {
        (true, true) => Ok(()),
        (true, false) => Err(format!("others than its owner may write to it (mode {:o})", mode & 0o7777)),
        (false, _) => {
            Err(format!("it belongs to user {owner}: run this as that user, or remove it and go back by hand"))
        }
    }
}

/// A place, where a switch may name it.
fn known(place: Place, bin: &Path) -> io::Result<Place> {
    match PROGRAMS.iter().any(|name| bin.join(name) == place.path) || pages::is_place(&place.path, bin) {
        true => Ok(place),
        false => {
            let text = format!("{} is no place of a switch of this site", place.path.display());
            Err(io::Error::new(ErrorKind::InvalidData, text))
        }
    }
}

fn place(line: &[u8]) -> Option<Place> {
    let of = |rest: &[u8], diverted| Place { path: PathBuf::from(OsStr::from_bytes(rest)), diverted };
    match (line.strip_prefix(b"place\trenamed\t"), line.strip_prefix(b"place\tdiverted\t")) {
        (Some(rest), _) => Some(of(rest, false)),
        (_, Some(rest)) => Some(of(rest, true)),
        _ => None,
    }
}

/// Notes these places.
///
/// # Errors
/// The journal can't be written.
pub fn write(path: &Path, places: &[Place]) -> io::Result<()> {
    durable::replace(path, &temporary(path), 0o640, |file| {
        writeln!(file, "{TITLE}")?;
        places.iter().try_for_each(|place| {
            let how = if place.diverted { "diverted" } else { "renamed" };
            write!(file, "place\t{how}\t")?;
            file.write_all(place.path.as_os_str().as_bytes())?;
            writeln!(file)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let file = path(dir.path());
        let bin = Path::new("/a b");
        assert!(read(&file, bin).unwrap().is_empty());
        let places = [
            Place { path: "/a b/qrunner".into(), diverted: false },
            Place { path: "/a b/mailmanctl".into(), diverted: true },
        ];
        write(&file, &places).unwrap();
        assert_eq!(read(&file, bin).unwrap(), places);
        std::fs::write(&file, "something else\n").unwrap();
        assert!(read(&file, bin).is_err());
    }

    #[test]
    fn only_programs_of_the_site_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = path(dir.path());
        for name in ["/etc/qrunner", "/a/bin/../../etc/qrunner", "/a/bin/passwd", "/a/bin/qrunner/x"] {
            write(&file, &[Place { path: name.into(), diverted: false }]).unwrap();
            assert_eq!(read(&file, Path::new("/a/bin")).unwrap_err().kind(), ErrorKind::InvalidData, "{name}");
        }
    }

    #[test]
    fn what_another_user_wrote_or_may_write_is_not_believed() {
        let (root, list) = (Uid::from_raw(0), Uid::from_raw(38));
        for (owner, mode, me, believed) in [
            (0, 0o100640, root, true),
            (0, 0o100640, list, true),
            (38, 0o100640, list, true),
            (38, 0o100640, root, false),
            (0, 0o100660, root, false),
            (0, 0o100602, root, false),
        ] {
            assert_eq!(is_ours(owner, mode, me).is_ok(), believed, "{owner} {mode:o} {me}");
        }
        let dir = tempfile::tempdir().unwrap();
        let file = path(dir.path());
        write(&file, &[]).unwrap();
        durable::set_mode(&file, 0o660).unwrap();
        assert_eq!(read(&file, dir.path()).unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}
