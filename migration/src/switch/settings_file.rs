//! The lines of ours in `mm_cfg.py`: put at its end, and taken out so that every other byte is as it was.

use compat::durable;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const BEGIN: &str = "# mailman2-rs switch: begin. `mailman2-rs back` takes these lines out again.\n";
const END: &str = "# mailman2-rs switch: end\n";
/// Said where the file had no newline at its end: one had to be added, and goes with the lines.
const NO_NEWLINE: &str = "# (the line above had no end)\n";

/// What the lines say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The runners that are ours; `None`: all.
    pub runners: Option<Vec<String>>,
    /// Where the program is, if the shim does not look there anyway.
    pub program: Option<PathBuf>,
}

impl Lines {
    fn text(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        let mut text = String::new();
        if let Some(runners) = &self.runners {
            let names: Vec<String> = runners.iter().map(|name| quoted(name)).collect();
            text.push_str(&format!("MAILMAN2_RS_RUNNERS = [{}]\n", names.join(", ")));
        }
        if let Some(program) = &self.program {
            text.push_str(&format!("MAILMAN2_RS_PROGRAM = {}\n", quoted(&program.to_string_lossy())));
        }
        text
    }
}

/// The contents with these lines in place of the old ones, if any; nothing to say leaves none.
pub fn with(old: &[u8], lines: &Lines) -> Vec<u8> {
    let mut new = without(old);
    let text = lines.text();
    if text.is_empty() {
        return new;
    }
    let is_open = new.last().is_some_and(|&last| last != b'\n');
    if is_open {
        new.push(b'\n');
    }
    new.extend_from_slice(BEGIN.as_bytes());
    if is_open {
        new.extend_from_slice(NO_NEWLINE.as_bytes());
    }
    new.extend_from_slice(text.as_bytes());
    new.extend_from_slice(END.as_bytes());
    new
}

/// The contents without our lines.
pub fn without(old: &[u8]) -> Vec<u8> {
    let begin = memchr::memmem::find(old, BEGIN.as_bytes());
    let Some(begin) = begin else { return old.to_vec() };
    let after = old.get(begin..).unwrap_or_default();
    let Some(end) = memchr::memmem::find(after, END.as_bytes()) else { return old.to_vec() };
    let block = after.get(..end).unwrap_or_default();
    let had_no_newline = memchr::memmem::find(block, NO_NEWLINE.as_bytes()).is_some();
    let mut head = old.get(..begin).unwrap_or_default();
    if had_no_newline {
        head = head.strip_suffix(b"\n").unwrap_or(head);
    }
    [head, after.get(end + END.len()..).unwrap_or_default()].concat()
}

/// The file itself: Debian's is a link to `/etc/mailman`.
pub fn path(home: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(home.join("Mailman/mm_cfg.py"))
}

/// Under this name it is written.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".mailman2-rs.tmp");
    PathBuf::from(name)
}

/// Puts new contents in place, with the owner and the permissions of the old. Python keeps a compiled copy that it tells
/// by the file's time in whole seconds, so the time must be a later one.
pub fn put(path: &Path, contents: &[u8]) -> io::Result<()> {
    let old = fs::metadata(path)?;
    let temporary = temporary(path);
    durable::replace(path, &temporary, old.mode() & 0o7777, |file| {
        durable::set_owner(&temporary, old.uid(), old.gid())?;
        file.write_all(contents)
    })?;
    let new = fs::metadata(path)?;
    if new.mtime() <= old.mtime() {
        let later = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(old.mtime() + 1).unwrap_or(0));
        durable::set_times(path, later)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Lines {
        Lines { runners: Some(vec!["OutgoingRunner".to_string()]), program: Some("/opt/it's".into()) }
    }

    #[test]
    fn lines_go_in_and_come_out_without_a_trace() {
        for old in [&b"from Defaults import *\n"[..], b"X = 1", b"", b"\n\n", b"# \xe4\r\n"] {
            let new = with(old, &lines());
            assert!(new.windows(16).any(|w| w == b"OutgoingRunner']"), "{}", new.escape_ascii());
            assert_eq!(without(&new), old);
            assert_eq!(with(&new, &lines()), new, "twice is once");
            assert_eq!(with(&new, &Lines::default()), old);
        }
        assert!(with(b"X = 1", &lines()).starts_with(b"X = 1\n# mailman2-rs"));
    }

    #[test]
    fn what_the_operator_wrote_meanwhile_stays() {
        let edited = [&with(b"A = 1\n", &lines())[..], b"B = 2\n"].concat();
        assert_eq!(without(&edited), b"A = 1\nB = 2\n");
    }

    #[test]
    fn owner_mode_and_a_later_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mm_cfg.py");
        fs::write(&path, "X = 1\n").unwrap();
        durable::set_mode(&path, 0o640).unwrap();
        let before = fs::metadata(&path).unwrap();
        put(&path, b"X = 2\n").unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.mode(), after.uid()), (before.mode(), before.uid()));
        assert!(after.mtime() > before.mtime());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
