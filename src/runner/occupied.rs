//! One engine a slice: finds a living process, ours or Python's, that already serves a queue and slice.
//!
//! Whoever starts a runner takes over the `.bak` files of its queue and slice as left behind by a crash. While another
//! process still works there that would send its entries a second time, so ours looks before it starts. Python does not
//! look, hence the process list is asked and not a lock of our own. Processes of other hosts and containers are out of
//! sight; so are those that began later, for which *we* are the one in the way.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A part of a queue: slice `slice` of `count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The class, such as `IncomingRunner`.
    pub runner: String,
    pub slice: i64,
    pub count: i64,
}

impl Share {
    /// Reads `NAME` or `NAME:SLICE:COUNT`, as on a command line. Without a part the whole queue is meant.
    pub fn parse(spec: &str) -> Option<Share> {
        let parts: Vec<&str> = spec.split(':').collect();
        let (name, slice, count) = match parts.as_slice() {
            [name] => (*name, 1, 1),
            [name, slice, count] => (*name, python_int(slice)?, python_int(count)?),
            _ => return None,
        };
        let runner = if name.ends_with("Runner") || name == "All" { name.to_string() } else { format!("{name}Runner") };
        Some(Share { runner, slice, count })
    }

    /// Whether some entry can belong to both.
    pub fn overlaps(&self, other: &Share) -> bool {
        let same_queue = self.runner == other.runner || self.runner == "All" || other.runner == "All";
        if !same_queue {
            return false;
        }
        // Fractions of the hash space; a count of one or less means the whole of it, whatever the slice is called.
        let bounds = |share: &Share| match share.count > 1 {
            true => (i128::from(share.slice), i128::from(share.slice) + 1, i128::from(share.count)),
            false => (0, 1, 1),
        };
        let ((a_from, a_to, a_of), (b_from, b_to, b_of)) = (bounds(self), bounds(other));
        a_from * b_of < b_to * a_of && b_from * a_of < a_to * b_of
    }
}

/// Python's `int()` of a text: spaces around it are fine.
fn python_int(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// The process that serves part of `share` of the site whose folder is `prefix`, if one does that is older than we are.
/// Those above us (`timeout`, `strace`, `sudo` with our own command line in theirs) are not meant.
pub fn by_whom(share: &Share, prefix: &Path) -> Option<i32> {
    let own = Process::read(i32::try_from(std::process::id()).ok()?)?;
    let prefix = fs::canonicalize(prefix).unwrap_or_else(|_| prefix.to_path_buf());
    let above: Vec<i32> =
        std::iter::successors(Process::read(own.parent), |p| Process::read(p.parent)).map(|p| p.pid).collect();
    let others = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    others
        .filter(|pid: &i32| *pid != own.pid && !above.contains(pid))
        .filter_map(Process::read)
        .filter(|other| (other.started, other.pid) < (own.started, own.pid))
        .find(|other| other.shares().iter().any(|s| s.overlaps(share)) && other.is_of_site(&prefix))
        .map(|other| other.pid)
}

/// What /proc tells of a process.
struct Process {
    pid: i32,
    parent: i32,
    /// Ticks after boot; untouched by changes of the clock.
    started: u64,
    args: Vec<Vec<u8>>,
}

impl Process {
    fn read(pid: i32) -> Option<Process> {
        let cmdline = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let args = cmdline.split(|&b| b == 0).map(<[u8]>::to_vec).collect();
        // The name in the second field may hold blanks and brackets; what follows the last bracket does not.
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let after_name = stat.rsplit(|&b| b == b')').next()?;
        let fields: Vec<&str> = std::str::from_utf8(after_name).ok()?.split_whitespace().collect();
        let (parent, started) = (fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?);
        Some(Process { pid, parent, started, args })
    }

    /// What this process serves, judged by its command line; nothing when it is no `qrunner`.
    fn shares(&self) -> Vec<Share> {
        let Some(at) = self.args.iter().position(|arg| is_qrunner(arg)) else {
            return Vec::new();
        };
        let mut specs = Vec::new();
        let mut words = self.args.iter().skip(at + 1).map(|arg| String::from_utf8_lossy(arg).into_owned());
        while let Some(word) = words.next() {
            match word.strip_prefix("--runner=").or_else(|| word.strip_prefix("-r")) {
                Some("") => specs.extend(words.next()),
                Some(spec) => specs.push(spec.to_string()),
                None if word == "--runner" => specs.extend(words.next()),
                None => {}
            }
        }
        specs.iter().filter_map(|spec| Share::parse(spec)).collect()
    }

    /// Whether this process works for the site in `prefix`: it was told so, works there, or its program lies there. Of
    /// another user's process only the last can be seen; that user's site is hardly ours.
    fn is_of_site(&self, prefix: &Path) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();
        let named = environment.split(|&b| b == 0).find_map(|entry| entry.strip_prefix(b"MAILMAN_PREFIX="));
        if let Some(named) = named {
            return is_same(Path::new(OsStr::from_bytes(named)), prefix);
        }
        let working = fs::read_link(format!("/proc/{}/cwd", self.pid));
        working.is_ok_and(|dir| dir == prefix) || self.program_folders().any(|folder| is_same(&folder, prefix))
    }

    /// The folder above `bin` for each word that names a program by its path.
    fn program_folders(&self) -> impl Iterator<Item = PathBuf> + '_ {
        let paths = self.args.iter().filter(|arg| is_qrunner(arg)).map(|arg| Path::new(OsStr::from_bytes(arg)));
        paths.filter_map(|path| Some(path.parent()?.parent()?.to_path_buf()))
    }
}

/// `qrunner`, or the original that our stub keeps beside itself (`qrunner.distrib`).
fn is_qrunner(arg: &[u8]) -> bool {
    let name = arg.rsplit(|&b| b == b'/').next().unwrap_or(arg);
    name == b"qrunner" || name.starts_with(b"qrunner.")
}

fn is_same(path: &Path, prefix: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|path| path == prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(spec: &str) -> Share {
        Share::parse(spec).expect("a good spec")
    }

    #[test]
    fn specs_are_read_as_on_the_command_line() {
        assert_eq!(share("Incoming"), share("IncomingRunner:1:1"));
        assert_eq!(share("News: 2 :4"), Share { runner: "NewsRunner".to_string(), slice: 2, count: 4 });
        assert_eq!(share("All").runner, "All");
        for bad in ["a:b", "a:1", "a:x:2", "a:1:2:3"] {
            assert_eq!(Share::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn shares_overlap_when_an_entry_can_belong_to_both() {
        for (a, b, expected) in [
            ("Incoming", "Incoming:0:1", true),
            ("Incoming", "Outgoing", false),
            ("All", "Outgoing:1:3", true),
            ("Incoming:0:2", "Incoming:1:2", false),
            ("Incoming:0:2", "Incoming:1:3", true),
            ("Incoming:0:2", "Incoming:2:3", false),
            ("Incoming:1:4", "Incoming:0:1", true),
        ] {
            assert_eq!(share(a).overlaps(&share(b)), expected, "{a} {b}");
            assert_eq!(share(b).overlaps(&share(a)), expected, "{b} {a}");
        }
    }

    fn process(args: &[&str]) -> Process {
        let args = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        Process { pid: 1, parent: 0, started: 0, args }
    }

    #[test]
    fn command_lines_of_both_engines_are_understood() {
        let python = process(&["/usr/bin/python", "/usr/lib/mailman/bin/qrunner", "--runner=ArchRunner:0:1", "-s"]);
        assert_eq!(python.shares(), [share("ArchRunner:0:1")]);
        let by_hand = process(&["bin/qrunner", "-r", "News", "-rVirgin:1:2", "--runner", "Retry", "-o"]);
        assert_eq!(by_hand.shares(), [share("News"), share("Virgin:1:2"), share("Retry")]);
        let editor = process(&["vi", "qrunner.txt.orig"]);
        assert!(editor.shares().is_empty());
        assert!(process(&["grep", "--runner=News", "log"]).shares().is_empty());
    }

    #[test]
    fn nobody_else_serves_a_site_that_is_made_up() {
        assert_eq!(by_whom(&share("Incoming"), Path::new("/nonexistent-site")), None);
    }
}
