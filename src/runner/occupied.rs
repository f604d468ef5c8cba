//! One engine per slice: finds a living process, ours or Python's, that already serves a queue and slice.
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
        .filter_map(Process::read_of_mailman)
        .filter(|other| (other.started, other.pid) < (own.started, own.pid))
        .find(|other| other.shares().iter().any(|s| s.overlaps(share)) && other.is_of_site(&prefix))
        .map(|other| other.pid)
}

/// A runner or master that runs.
pub struct Running {
    pub pid: i32,
    pub uid: u32,
    pub is_master: bool,
    pub is_python: bool,
    pub command: String,
    pub serves: Vec<Share>,
}

/// Every runner and master, of either engine, of the site whose folder is `prefix`. Not this process itself.
pub fn all(prefix: &Path) -> Vec<Running> {
    let prefix = fs::canonicalize(prefix).unwrap_or_else(|_| prefix.to_path_buf());
    let Ok(listing) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = listing.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid: &i32| u32::try_from(*pid) != Ok(std::process::id()));
    let ours = others.filter_map(Process::read_of_mailman);
    ours.filter(|process| process.is_of_mailman() && process.is_of_site(&prefix)).map(|p| p.running()).collect()
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
    /// Most processes have nothing to do with mail, and one file tells that.
    fn read_of_mailman(pid: i32) -> Option<Process> {
        let cmdline = command_line(pid)?;
        let names = |program: &[u8]| cmdline.windows(program.len()).any(|word| word == program);
        (names(b"qrunner") || names(b"mailmanctl")).then(|| Process::read(pid)).flatten()
    }

    fn read(pid: i32) -> Option<Process> {
        let cmdline = command_line(pid)?;
        let args = cmdline.split(|&b| b == 0).map(<[u8]>::to_vec).collect();
        // The name in the second field may hold blanks and brackets; what follows the last bracket does not.
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let after_name = stat.rsplit(|&b| b == b')').next()?;
        let fields: Vec<&str> = std::str::from_utf8(after_name).ok()?.split_whitespace().collect();
        let (parent, started) = (fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?);
        Some(Process { pid, parent, started, args })
    }

    /// Whether it is a runner or a master.
    fn is_of_mailman(&self) -> bool {
        !self.shares().is_empty() || self.is_master()
    }

    /// A `mailmanctl` that was told to start, and stayed. `sudo` and shells have its name in their words too, not first.
    fn is_master(&self) -> bool {
        let mut first_two = self.args.iter().take(2);
        first_two.any(|arg| base_name(arg).starts_with(b"mailmanctl"))
            && self.args.iter().any(|arg| arg.eq_ignore_ascii_case(b"start"))
    }

    fn running(&self) -> Running {
        use std::os::unix::fs::MetadataExt;
        let folder = format!("/proc/{}", self.pid);
        let program = fs::read_link(format!("{folder}/exe")).unwrap_or_default();
        let words: Vec<_> = self.args.iter().map(|arg| String::from_utf8_lossy(arg)).collect();
        Running {
            pid: self.pid,
            uid: fs::metadata(&folder).map_or(u32::MAX, |about| about.uid()),
            is_master: self.is_master(),
            is_python: base_name(program.as_os_str().as_bytes()).starts_with(b"python"),
            command: words.join(" ").trim_end().to_string(),
            serves: self.shares(),
        }
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
        let is_program = |arg: &&Vec<u8>| is_qrunner(arg) || base_name(arg).starts_with(b"mailmanctl");
        let paths = self.args.iter().filter(is_program).map(|arg| Path::new(OsStr::from_bytes(arg)));
        paths.filter_map(|path| Some(path.parent()?.parent()?.to_path_buf()))
    }
}

fn command_line(pid: i32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{pid}/cmdline")).ok()
}

/// `qrunner`, or the original that our stub keeps beside itself (`qrunner.distrib`).
fn is_qrunner(arg: &[u8]) -> bool {
    let name = base_name(arg);
    name == b"qrunner" || name.starts_with(b"qrunner.")
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
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
