//! What a switch changes, noted before it changes anything: after a crash in the middle either way can be finished.
//!
//! A file in DATA_DIR, which is there as long as anything of ours is in place:
//!
//! ```text
//! mailman2-rs switch 1
//! place  renamed   /usr/local/mailman/bin/qrunner
//! place  diverted  /usr/lib/mailman/bin/mailmanctl
//! ```

use super::place::Place;
use compat::durable;
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const TITLE: &str = "mailman2-rs switch 1";
/// It names a handful of files.
const LIMIT: u64 = 64 * 1024;

/// Where the journal of a site is.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("mailman2-rs.switch")
}

/// Under this name it is written.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

/// The places noted; none where there is no journal.
///
/// # Errors
/// It can't be read, or is not one.
pub fn read(path: &Path) -> io::Result<Vec<Place>> {
    let text = match durable::read_file(path, LIMIT) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut lines = text.split(|&b| b == b'\n');
    let odd = || io::Error::new(ErrorKind::InvalidData, format!("{} is no journal of a switch", path.display()));
    if lines.next() != Some(TITLE.as_bytes()) {
        return Err(odd());
    }
    lines.filter(|line| !line.is_empty()).map(|line| place(line).ok_or_else(odd)).collect()
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
        assert!(read(&file).unwrap().is_empty());
        let places = [
            Place { path: "/a b/qrunner".into(), diverted: false },
            Place { path: "/c/mailmanctl".into(), diverted: true },
        ];
        write(&file, &places).unwrap();
        assert_eq!(read(&file).unwrap(), places);
        std::fs::write(&file, "something else\n").unwrap();
        assert!(read(&file).is_err());
    }
}
