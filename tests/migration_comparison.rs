//! The queue tools and the switch on a copy of an installed Mailman, with its own tools, its mailmanctl and its Python. Needs
//! MAILMAN2_TEST_REFERENCE (prefixes, separated by colons) and MAILMAN2_TEST_PYTHON; ignored unless they are asked for.
#![allow(clippy::expect_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::{names, stderr, stdout, wait, MAILMAN2_RS};

/// A copy of an installed Mailman that works where it is.
struct Copy {
    folder: tempfile::TempDir,
    python: String,
}

const POST: &str = "From: Ann <ann@example.org>\nTo: test@example.com\nSubject: moss =?iso-8859-1?q?=E4?=\n\
                    Message-ID: <m1@example.org>\nContent-Type: text/plain; charset=iso-8859-1\n\nIt's \"green\".\nFrom here on.\n";

/// A copy of each reference.
fn copies() -> Vec<Copy> {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
    prefixes.split(':').map(|prefix| Copy::of(Path::new(prefix), &python)).collect()
}

impl Copy {
    fn of(prefix: &Path, python: &str) -> Copy {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let copied = Command::new("cp").arg("-a").arg(prefix.join(".")).arg(folder.path()).status().expect("cp");
        assert!(copied.success());
        let copy = Copy { folder, python: python.to_string() };
        copy.move_paths(prefix);
        let user = copy.output("id", &["-un"]).trim().to_string();
        let group = copy.output("id", &["-gn"]).trim().to_string();
        let settings = format!(
            "from Defaults import *\nPYTHON = '{python}'\nMAILMAN_USER = '{user}'\nMAILMAN_GROUP = '{group}'\nMTA = None\n\
             DEFAULT_EMAIL_HOST = DEFAULT_URL_HOST = 'example.com'\nadd_virtualhost('example.com', 'example.com')\n"
        );
        fs::write(copy.path("Mailman/mm_cfg.py"), settings).expect("written");
        fs::write(copy.path("post.txt"), POST).expect("written");
        copy.theirs("newlist", &["-q", "mailman", "root@example.com", "pw"]);
        copy.theirs("newlist", &["-q", "test", "root@example.com", "pw"]);
        copy
    }

    /// Its own paths, in every file that Python reads.
    fn move_paths(&self, prefix: &Path) {
        let old = prefix.to_string_lossy().into_owned();
        let new = self.folder.path().to_string_lossy().into_owned();
        let script = format!(
            "grep -rlI '{old}' --include='*.py' . bin cron scripts | sort -u | xargs sed -i 's#{old}#{new}#g'; find . -name '*.pyc' -delete"
        );
        let done = Command::new("sh").args(["-c", &script]).current_dir(self.folder.path()).status().expect("sh");
        assert!(done.success());
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn output(&self, program: &str, args: &[&str]) -> String {
        stdout(&Command::new(program).args(args).output().expect("it runs"))
    }

    fn call(&self, mut command: Command, args: &[&str]) -> Output {
        let command = command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("MAILMAN_PREFIX", self.folder.path()).env("TZ", "UTC").env("LC_ALL", "C").output().expect("it runs")
    }

    fn theirs(&self, tool: &str, args: &[&str]) -> Output {
        let mut command = Command::new(&self.python);
        command.arg(self.path("bin").join(tool));
        self.call(command, args)
    }

    /// The master of 2.1.13 keeps the standard output of whoever started it; one would wait for its end.
    fn start_master(&self) {
        let mut command = Command::new(&self.python);
        command.arg(self.path("bin/mailmanctl")).args(["-u", "-q", "start"]).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().expect("it runs").success());
    }

    fn ours(&self, tool: &str, args: &[&str]) -> Output {
        let mut command = Command::new(MAILMAN2_RS);
        command.arg(tool);
        self.call(command, args)
    }

    /// Both tools say the same, and end the same way.
    fn assert_same(&self, tool: &str, args: &[&str]) {
        let (theirs, ours) = (self.theirs(tool, args), self.ours(tool, args));
        assert_eq!(without_boundaries(&stdout(&theirs)), without_boundaries(&stdout(&ours)), "{tool} {args:?}");
        assert_eq!(theirs.status.code(), ours.status.code(), "{tool} {args:?}: {}{}", stderr(&theirs), stderr(&ours));
    }

    fn entries(&self, queue: &str) -> Vec<String> {
        let folder = self.path("qfiles").join(queue);
        names(&folder).iter().map(|name| folder.join(name).to_string_lossy().into_owned()).collect()
    }

    fn queues(&self) {
        for queue in ["in", "out", "shunt", "archive", "virgin", "bounces", "commands", "news", "retry", "bad"] {
            fs::create_dir_all(self.path("qfiles").join(queue)).expect("made");
        }
    }
}

/// A multipart that has no boundary yet gets a random one when it is written.
fn without_boundaries(text: &str) -> String {
    let mut parts = text.split("===============");
    let head = parts.next().unwrap_or_default().to_string();
    parts.fold(head, |all, part| all + "=" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn show_qfiles_and_dumpdb_print_what_pythons_print() {
    for copy in copies() {
        copy.queues();
        copy.theirs("inject", &["-l", "test", "post.txt"]);
        copy.theirs("inject", &["-l", "test", "-q", "shunt", "post.txt"]);
        // Held: the poster is no member. With it come pending.pck, request.pck, and notices in `virgin`.
        copy.theirs("qrunner", &["-r", "Incoming", "-o"]);
        let files = [copy.entries("shunt"), copy.entries("virgin")].concat();
        assert!(files.len() >= 3, "{files:?}");
        for file in &files {
            copy.assert_same("show_qfiles", &[file]);
            copy.assert_same("show_qfiles", &["-q", file]);
        }
        copy.assert_same("show_qfiles", &["post.txt"]);
        for file in ["lists/test/config.pck", "lists/test/request.pck"] {
            copy.assert_same("dumpdb", &[file]);
        }
        copy.assert_same("dumpdb", &[&copy.entries("shunt")[0]]);
        copy.assert_same("dumpdb", &["-n", "lists/test/pending.pck"]);
        for args in [&["post.txt"][..], &[], &["a", "b"], &["-z"]] {
            assert_eq!(copy.theirs("dumpdb", args).status.code(), copy.ours("dumpdb", args).status.code(), "{args:?}");
        }
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn entries_go_back_and_held_posts_go_as_with_python() {
    for copy in copies() {
        copy.queues();
        let inject = |ours: bool| {
            let args = ["-l", "Test", "-q", "shunt", "post.txt"];
            if ours {
                copy.ours("inject", &args)
            } else {
                copy.theirs("inject", &args)
            }
        };
        assert_eq!(inject(true).status.code(), inject(false).status.code());
        let shown: Vec<String> =
            copy.entries("shunt").iter().map(|file| stdout(&copy.theirs("dumpdb", &[file]))).collect();
        let without_time = |text: &str| text.lines().filter(|line| !line.contains("received_time")).collect::<String>();
        assert_eq!(without_time(&shown[0]), without_time(&shown[1]));
        copy.ours("unshunt", &[]);
        assert!(copy.entries("shunt").is_empty());
        let unshunted = copy.entries("in");
        assert_eq!(unshunted.len(), 2);
        copy.theirs("qrunner", &["-r", "Incoming", "-o"]);
        copy.theirs("qrunner", &["-r", "Incoming", "-o"]);
        copy.assert_same("discard", &[]);
        let theirs = stdout(&copy.theirs("discard", &["data/heldmsg-test-1.pck", "x.txt"]));
        let ours = copy.ours("discard", &["data/heldmsg-test-2.pck", "x.txt"]);
        assert_eq!(theirs.replace("#1", "#2"), stdout(&ours), "{}", stderr(&ours));
        assert!(!copy.path("data/heldmsg-test-2.pck").exists());
    }
}

fn runners_of(copy: &Copy) -> Vec<(String, bool)> {
    let survey = stdout(&copy.ours("survey", &["--json"]));
    let (_, processes) = survey.split_once("\"processes\": ").expect("processes");
    let (processes, _) = processes.split_once("\"disk\"").expect("their end");
    let each = processes.split("{\"pid\"").filter(|part| part.contains("\"program\": \"qrunner\""));
    let name =
        |part: &str| part.split("\"serves\": [\"").nth(1).and_then(|rest| rest.split(':').next()).map(String::from);
    let mut all: Vec<_> = each.filter_map(|part| Some((name(part)?, part.contains("\"python\": true")))).collect();
    all.sort();
    all
}

/// Stops the master when a test ends in whatever way.
struct Stopped<'a>(&'a Copy);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.theirs("mailmanctl", &["-u", "-q", "stop"]);
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn the_old_mailmanctl_starts_what_was_switched() {
    for copy in copies() {
        copy.queues();
        let before = [
            fs::read(copy.path("bin/qrunner")).expect("read"),
            fs::read(copy.path("Mailman/mm_cfg.py")).expect("read"),
        ];
        let inode = |name: &str| {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(copy.path(name)).expect("there").ino()
        };
        let original = inode("bin/qrunner");
        copy.start_master();
        let _stopped = Stopped(&copy);
        let ours = |copy: &Copy| {
            runners_of(copy).iter().filter(|(_, python)| !python).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        // A master that is told to restart before it has set its signal handlers dies of it.
        let started = |count: usize| {
            let log = fs::read_to_string(copy.path("logs/qrunner")).unwrap_or_default();
            log.matches("qrunner started.").count() >= count
        };
        wait("eight runners of Python", || started(8) && runners_of(&copy).len() == 8 && ours(&copy).is_empty());
        let switched = copy.ours("switch", &["Retry", "Archive", "--accept", "none"]);
        assert_eq!(switched.status.code(), Some(1), "there is no ArchiveRunner");
        let switched = copy.ours("switch", &["Retry", "Arch"]);
        assert_eq!(switched.status.code(), Some(0), "{}{}", stdout(&switched), stderr(&switched));
        copy.theirs("mailmanctl", &["-u", "-q", "restart"]);
        wait("two of ours among eight", || {
            started(16) && runners_of(&copy).len() == 8 && ours(&copy) == ["ArchRunner", "RetryRunner"]
        });
        copy.ours("back", &[]);
        copy.theirs("mailmanctl", &["-u", "-q", "restart"]);
        wait("Python's again", || started(24) && runners_of(&copy).len() == 8 && ours(&copy).is_empty());
        let after = [
            fs::read(copy.path("bin/qrunner")).expect("read"),
            fs::read(copy.path("Mailman/mm_cfg.py")).expect("read"),
        ];
        assert!(before == after && inode("bin/qrunner") == original);
        copy.theirs("mailmanctl", &["-u", "-q", "stop"]);
        wait("the end of all", || runners_of(&copy).is_empty());
    }
}
