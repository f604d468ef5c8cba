//! Two sites side by side: on one Mailman's own tools run, on the other ours. What they say and leave must be equal.
//!
//! Needs MAILMAN2_TEST_PYTHON (a python2.7) and MAILMAN2_TEST_REFERENCE (prefixes of installed Mailmans, separated by
//! colons); such tests are ignored unless they are asked for. The installed trees are only read: each site is a tree of links
//! to them, with copies of the files that name the prefix.
#![allow(dead_code)]

mod tree;

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const MAILMAN2_RS: &str = env!("CARGO_BIN_EXE_mailman2-rs");
const PARTS: [&str; 7] = ["Mailman", "bin", "cron", "pythonlib", "scripts", "messages", "templates"];
const FOLDERS: [&str; 14] = [
    "lists",
    "data",
    "logs",
    "locks",
    "spam",
    "archives/private",
    "archives/public",
    "mail",
    "qfiles/in",
    "qfiles/virgin",
    "qfiles/out",
    "qfiles/maildir",
    "qfiles/bounces",
    "qfiles/commands",
];

/// Two sites of one version.
pub struct SitePair {
    python: PathBuf,
    pub version: String,
    /// Where Python's tools work.
    pub theirs: PathBuf,
    /// Where ours work.
    pub ours: PathBuf,
    /// Passwords and cookies that each site has had.
    secrets: RefCell<[Vec<String>; 2]>,
    _folder: tempfile::TempDir,
}

/// What a call said.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    /// The last line of standard error: above it stand usage texts and tracebacks.
    pub complaint: String,
}

/// A pair for every reference there is, with lines for mm_cfg.py.
pub fn site_pairs(settings: &[&str]) -> Vec<SitePair> {
    let python = std::env::var_os("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
    prefixes.split(':').map(|prefix| SitePair::new(Path::new(&python), Path::new(prefix), settings)).collect()
}

impl SitePair {
    fn new(python: &Path, prefix: &Path, settings: &[&str]) -> SitePair {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let site = |name: &str| {
            let path = folder.path().join(name).join("site");
            install(prefix, &path, settings);
            path
        };
        let text = fs::read_to_string(prefix.join("Mailman/Version.py")).expect("a version");
        let line = text.lines().find(|line| line.starts_with("VERSION")).expect("a version");
        SitePair {
            python: python.to_path_buf(),
            version: line.split(['\'', '"']).nth(1).expect("a version").to_string(),
            theirs: site("a"),
            ours: site("b"),
            secrets: RefCell::default(),
            _folder: folder,
        }
    }

    /// Whether this is Mailman 2.1.39.
    pub fn is_newest(&self) -> bool {
        self.version.starts_with("2.1.39")
    }

    /// Runs a tool of bin/ (or cron/, named so) on both; what was said must be equal, and is given back.
    pub fn run(&self, tool: &str, args: &[&str]) -> Said {
        self.feed(tool, args, "")
    }

    /// The same with something on standard input.
    pub fn feed(&self, tool: &str, args: &[&str], input: &str) -> Said {
        let (theirs, ours) = self.both(tool, args, input);
        assert_eq!(ours, theirs, "{} {tool} {args:?}", self.version);
        ours
    }

    /// A call that gets a usage text: their words are not ours, so only the rest is compared.
    pub fn misuse(&self, tool: &str, args: &[&str]) {
        let (mut theirs, mut ours) = self.both(tool, args, "");
        for said in [&mut theirs, &mut ours] {
            let text = if said.stdout.is_empty() { "nothing" } else { "something" };
            said.stdout = text.to_string();
            let is_usage =
                !said.complaint.contains(' ') || said.complaint.starts_with("    ") || !is_message(&said.complaint);
            if is_usage {
                said.complaint = String::new();
            }
        }
        assert_eq!(ours, theirs, "{} {tool} {args:?}", self.version);
    }

    fn both(&self, tool: &str, args: &[&str], input: &str) -> (Said, Said) {
        let path = if tool.contains('/') { self.theirs.join(tool) } else { self.theirs.join("bin").join(tool) };
        let name = tool.rsplit('/').next().expect("a name");
        let theirs = call(Command::new(&self.python).arg("-B").arg(path), &self.theirs, args, input);
        let ours = call(Command::new(MAILMAN2_RS).arg(name), &self.ours, args, input);
        // Shown where the test fails.
        eprintln!(
            "{tool} {args:?}\n{}{}",
            String::from_utf8_lossy(&theirs.stderr),
            String::from_utf8_lossy(&ours.stderr)
        );
        self.remember_secrets();
        (said(&theirs, &self.theirs), said(&ours, &self.ours))
    }

    fn remember_secrets(&self) {
        for (secrets, site) in self.secrets.borrow_mut().iter_mut().zip([&self.theirs, &self.ours]) {
            secrets.extend(tree::secrets_of(site));
            secrets.sort();
            secrets.dedup();
        }
    }

    /// Runs something on each site: a program, then the same file of that site.
    pub fn with_each(&self, work: impl Fn(&Path)) {
        work(&self.theirs);
        work(&self.ours);
    }

    /// Runs a script of the reference on both sites, so that both are in the same state; `site` is sys.argv[1].
    pub fn prepare(&self, script: &str) {
        self.with_each(|site| {
            let output = self.ask(site, script);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        });
    }

    /// What the reference says about a site.
    pub fn ask(&self, site: &Path, script: &str) -> Output {
        let preamble =
            "import sys\nsys.path.insert(0, sys.argv[1] + '/bin')\nimport paths\nfrom Mailman import mm_cfg\n";
        let mut command = Command::new(&self.python);
        call(command.args(["-B", "-"]), site, &[&site.to_string_lossy()], &format!("{preamble}{script}"))
    }

    /// Everything below both sites is equal except for what no two runs have in common: times, cookies, passwords.
    pub fn assert_equal_files(&self, when: &str) {
        let [theirs, ours] = &*self.secrets.borrow();
        let (theirs, ours) = (tree::Tree::read(&self.theirs, theirs), tree::Tree::read(&self.ours, ours));
        theirs.compare(&ours, &format!("{} after {when}", self.version));
    }
}

/// Mailman's complaints end the usage text; without one the last line is part of it.
fn is_message(line: &str) -> bool {
    let starts = [
        "option ", "No such", "Bad ", "List ", "Illegal", "Unknown", "Cannot", "Only one", "One of", "Setting",
        "The list", "Search", "Empty",
    ];
    starts.iter().any(|start| line.starts_with(start))
}

fn said(output: &Output, site: &Path) -> Said {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*site.to_string_lossy(), "<SITE>");
    let stderr = text(&output.stderr);
    let complaint = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // A traceback is one line of ours.
    let is_crash = stderr.contains("Traceback (most recent call last)") || stderr.starts_with("mailman2-rs ");
    if is_crash {
        // Shown where the test fails.
        eprintln!("{stderr}");
    }
    let complaint = if is_crash { "a crash" } else { complaint };
    Said { code: output.status.code(), stdout: text(&output.stdout), complaint: complaint.to_string() }
}

fn call(command: &mut Command, site: &Path, args: &[&str], input: &str) -> Output {
    let mut child = command
        .args(args)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("TZ", "UTC"), ("LC_ALL", "C"), ("PYTHONHASHSEED", "0")])
        .env("MAILMAN_PREFIX", site)
        .current_dir(site)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A tool that does not read its input may have ended.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("its output")
}

fn install(prefix: &Path, site: &Path, settings: &[&str]) {
    for folder in FOLDERS {
        fs::create_dir_all(site.join(folder)).expect("made");
    }
    for part in PARTS {
        match part {
            "messages" | "templates" => symlink(prefix.join(part), site.join(part)).expect("linked"),
            _ => link_tree(&prefix.join(part), &site.join(part), prefix, site),
        }
    }
    let usual = [
        "from Defaults import *",
        "DEFAULT_EMAIL_HOST = 'lists.example.com'",
        "DEFAULT_URL_HOST = 'www.example.com'",
        "VIRTUAL_HOSTS.clear()",
        "add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)",
    ];
    let lines = [&usual[..], settings].concat().join("\n") + "\n";
    let mm_cfg = site.join("Mailman/mm_cfg.py");
    ["mm_cfg.py", "mm_cfg.pyc"].iter().for_each(|name| drop(fs::remove_file(site.join("Mailman").join(name))));
    fs::write(mm_cfg, lines).expect("written");
}

/// Links to all files below; those that name the prefix are copied with the site's name in its place.
fn link_tree(from: &Path, to: &Path, prefix: &Path, site: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("read").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            link_tree(&source, &target, prefix, site);
        } else if !is_stale(&source, prefix) {
            let bytes = fs::read(&source).expect("read");
            match renamed(&bytes, prefix, site).filter(|_| !is_byte_code(&source)) {
                Some(bytes) => fs::write(&target, bytes).expect("written"),
                None if is_module(&source) => symlink(&source, &target).expect("linked"),
                None => fs::write(&target, bytes).expect("written"),
            }
        }
    }
}

/// Python finds the modules beside a program where the program's link points to: only modules of packages are linked.
fn is_module(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "Mailman" || part.as_os_str() == "pythonlib")
}

/// The byte code of a file that is changed.
fn is_stale(path: &Path, prefix: &Path) -> bool {
    let source = fs::read(path.with_extension("py"));
    is_byte_code(path) && source.is_ok_and(|source| renamed(&source, prefix, prefix).is_some())
}

fn is_byte_code(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pyc" || extension == "pyo")
}

fn renamed(bytes: &[u8], prefix: &Path, site: &Path) -> Option<Vec<u8>> {
    let text = bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
    let prefix = prefix.to_string_lossy();
    text.contains(&*prefix).then(|| text.replace(&*prefix, &site.to_string_lossy()).chars().map(|c| c as u8).collect())
}
