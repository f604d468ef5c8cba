//! A site that Mailman 2.1.13's own programs made, moved: collected beside Python's runners, restored under other paths and hosts,
//! killed on the way, rehearsed, and gone on with. Needs MAILMAN2_TEST_REFERENCE (prefixes, separated by colons) and
//! MAILMAN2_TEST_PYTHON; ignored unless they are asked for.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use mailman2::testing::smtp_sink::{Answers, Received, Sink};
use migration::verify;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use support::{names, stderr, stdout, wait, MAILMAN2_RS, QRUNNER};

const QUEUES: [&str; 8] = ["in", "commands", "bounces", "virgin", "archive", "out", "retry", "shunt"];

/// A site, and where it goes.
struct Move {
    folder: tempfile::TempDir,
    python: String,
    sink: Sink,
}

impl Move {
    /// Of each reference.
    fn all() -> Vec<Move> {
        let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
        prefixes.split(':').map(Move::of).collect()
    }

    fn of(prefix: &str) -> Move {
        let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
        let sink = Sink::start(Answers::friendly()).expect("a mail server");
        let moved = Move { folder: tempfile::tempdir().expect("a folder"), python, sink };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/whole_site");
        let mut command = Command::new(script);
        command.args([&moved.python, prefix]).arg(moved.old()).arg(moved.sink.port().to_string());
        let made = command.output().expect("bash");
        assert!(made.status.success(), "{}", said(&made));
        moved
    }

    fn old(&self) -> PathBuf {
        self.folder.path().join("old")
    }

    fn put_into_retry(&self) {
        let letter = self.folder.path().join("letter");
        fs::write(&letter, "From: ann@example.org\nSubject: later\nMessage-ID: <later@example.org>\n\nx\n")
            .expect("written");
        let inject = self.old().join("bin/inject");
        let args = [&text(&inject), "-l", "garden", "-q", "retry", &text(&letter)];
        assert!(call(&self.old(), &self.python, &args).status.success());
    }

    fn new_home(&self) -> PathBuf {
        self.folder.path().join("new/home")
    }

    fn archive(&self) -> String {
        text(&self.folder.path().join("site.tar"))
    }

    fn collect(&self, more: &[&str]) -> Output {
        let (home, to, machine) = (text(&self.old()), self.archive(), text(&self.folder.path().join("machine")));
        call(Path::new("/"), MAILMAN2_RS, &[&["collect", &home, "--to", &to, "--machine", &machine], more].concat())
    }

    /// Queues go elsewhere than the rest.
    fn restoring(&self) -> Vec<String> {
        let path =
            |old: PathBuf, new: &str| format!("{}={}", text(&old), text(&self.folder.path().join("new").join(new)));
        let mut args = vec!["restore".to_string(), self.archive(), "--pages".to_string()];
        for (option, value) in [
            ("--path", path(self.old(), "home")),
            ("--path", path(self.old().join("qfiles"), "spool")),
            ("--email-host", "lists.example.com=mail.new.example".to_string()),
            ("--url-host", "www.example.com=web.new.example".to_string()),
        ] {
            args.extend([option.to_string(), value]);
        }
        args
    }

    fn restore(&self) -> Output {
        let args = self.restoring();
        call(Path::new("/"), MAILMAN2_RS, &args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn queue(&self, name: &str) -> Vec<String> {
        names(&self.folder.path().join("new/spool").join(name))
    }

    fn on_new(&self, program: &str, args: &[&str]) -> Output {
        call(&self.new_home(), program, args)
    }

    /// A mail to garden, as an alias hands it in.
    fn mail(&self, kind: &str, letter: &str) {
        let mut command = Command::new(MAILMAN2_RS);
        command.args(["mailman", kind, "garden"]).env("MAILMAN_PREFIX", self.new_home()).stdin(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().expect("its input").write_all(letter.as_bytes()).expect("written");
        assert!(child.wait().expect("it ends").success());
    }

    /// Works the queues off.
    fn work(&self) {
        for _ in 0..40 {
            let is_idle =
                QUEUES.iter().all(|queue| matches!(*queue, "retry" | "shunt") || self.queue(queue).is_empty());
            if is_idle {
                return;
            }
            let runners = ["Incoming", "Command", "Bounce", "Virgin", "Arch", "Outgoing"];
            let args: Vec<&str> = runners.iter().flat_map(|runner| ["-r", runner]).chain(["-o"]).collect();
            self.on_new(QRUNNER, &args);
        }
        panic!(
            "the queues are not worked off: {}",
            fs::read_to_string(self.new_home().join("logs/error")).unwrap_or_default()
        );
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn said(output: &Output) -> String {
    stdout(output) + &stderr(output)
}

fn call(home: &Path, program: &str, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(args).env("TZ", "UTC").env("MAILMAN_PREFIX", home).env("LC_ALL", "C").stdin(Stdio::null());
    command.output().expect("it runs")
}

/// A process that ends with the test.
struct Running(Child);

impl Running {
    fn stop(mut self) {
        kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM).expect("signalled");
        self.0.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What went out with this Message-ID or these words.
fn sent<'a>(all: &'a [Received], words: &str) -> Option<&'a Received> {
    all.iter().find(|one| one.data.as_ref().is_some_and(|data| String::from_utf8_lossy(data).contains(words)))
}

/// Files with their contents.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).expect("a folder").flatten() {
            match item.file_type().expect("a kind").is_dir() {
                true => folders.push(item.path()),
                false => drop(found.insert(item.path(), contents(&item.path()))),
            }
        }
    }
    found
}

/// A manifest notes the inodes of files that grow.
fn contents(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap_or_default();
    if !path.ends_with("mailman2-rs.manifest") {
        return bytes;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().filter(|line| !line.starts_with("grows")).collect::<Vec<_>>().join("\n").into_bytes()
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn it_moves_and_goes_on() {
    for moved in Move::all() {
        // Beside a runner of Python's; its --last would be of a moving site.
        let mut runner = Command::new(&moved.python);
        runner
            .arg(moved.old().join("bin/qrunner"))
            .args(["-r", "Retry:0:1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let runner = Running(runner.spawn().expect("it starts"));
        wait("the runner", || {
            fs::read_to_string(moved.old().join("logs/qrunner"))
                .unwrap_or_default()
                .contains("RetryRunner qrunner started.")
        });
        let live = moved.collect(&[]);
        assert_eq!(live.status.code(), Some(0), "{}", said(&live));
        let refused = moved.collect(&["--last"]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        runner.stop();
        // Mailman's own RetryRunner has sent it.
        moved.put_into_retry();
        let last = moved.collect(&["--last"]);
        assert_eq!(last.status.code(), Some(0), "{}", said(&last));
        let held = names(&moved.old().join("data")).into_iter().filter(|name| name.starts_with("heldmsg-")).count();
        let waiting: Vec<usize> =
            QUEUES.iter().map(|queue| names(&moved.old().join("qfiles").join(queue)).len()).collect();
        assert!(held == 3 && waiting.iter().all(|count| *count > 0), "{held} {waiting:?}");

        // Nothing may be looked up in the old place.
        fs::rename(moved.old(), moved.folder.path().join("away")).expect("moved away");
        let restored = moved.restore();
        assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
        assert!(said(&restored).contains("nothing was lost"), "{}", said(&restored));
        assert_eq!(QUEUES.iter().map(|queue| moved.queue(queue).len()).collect::<Vec<_>>(), waiting);
        let verified = moved.on_new(MAILMAN2_RS, &["verify"]);
        assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
        let old_names: Vec<PathBuf> = tree(&moved.new_home().join("archives/private"))
            .into_iter()
            .filter(|(path, bytes)| path.extension().is_some_and(|end| end == "html") && names_old_host(bytes))
            .map(|(path, _)| path)
            .collect();
        assert!(old_names.is_empty(), "{old_names:?}");
        goes_on(&moved);
    }
}

fn names_old_host(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains("lists.example.com") || text.contains("www.example.com")
}

/// What waited is worked off, new mail comes, moderators decide, the digest goes out, and whoever was asked answers.
fn goes_on(moved: &Move) {
    moved.work();
    let letter = moved.folder.path().join("letter");
    fs::write(
        &letter,
        "From: ann@example.org\nTo: garden@mail.new.example\nSubject: new\nMessage-ID: <new@example.org>\n\nNew.\n",
    )
    .expect("written");
    let injected = moved.on_new(MAILMAN2_RS, &["inject", "-l", "garden", &text(&letter)]);
    assert!(injected.status.success(), "{}", said(&injected));
    for args in [&["unshunt"][..], &["held", "approve", "garden", "1"], &["senddigests"]] {
        let done = moved.on_new(MAILMAN2_RS, args);
        assert_eq!(done.status.code(), Some(0), "{args:?}: {}", said(&done));
    }
    moved.work();
    let received = moved.sink.received();
    let log = fs::read_to_string(moved.new_home().join("logs/error")).unwrap_or_default();
    for id in ["m1", "m20", "m21", "m4", "owner", "new", "shunt"] {
        assert!(sent(&received, &format!("<{id}@example.org>")).is_some(), "{id} did not go out: {log}");
    }
    for words in ["confirm ", "Garden Digest, Vol", "<mailto:garden@mail.new.example>", "http://web.new.example/"] {
        assert!(sent(&received, words).is_some(), "nothing with {words} went out: {log}");
    }
    let token = received.iter().filter(|one| one.recipients == ["eve@example.org"]).find_map(|one| {
        let data = String::from_utf8_lossy(one.data.as_deref().unwrap_or_default()).into_owned();
        data.split("confirm ").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>())
    });
    let token = token.expect("eve was asked");
    let answer = format!("From: eve@example.org\nTo: garden-request@mail.new.example\nSubject: confirm {token}\n\n");
    moved.mail("request", &answer);
    moved.work();
    let members = stdout(&moved.on_new(MAILMAN2_RS, &["list_members", "garden"]));
    assert!(members.contains("eve@example.org"), "{members}");
    let mbox = fs::read(moved.new_home().join("archives/private/garden.mbox/garden.mbox")).expect("read");
    assert!(String::from_utf8_lossy(&mbox).contains("<new@example.org>"));
    let site = compat::site::Site::open(&moved.new_home()).expect("a site");
    let mut account = verify::compare(&site, &moved.new_home().join("data/mailman2-rs.manifest")).expect("an account");
    // What was laid into `retry` has no recipients: it goes to nobody, and no log tells of it.
    account.missing.retain(|(record, _)| record.message_id != "<retry@example.org>");
    let silent = mailman2::rehearse::silent();
    assert!(account.is_complete(&silent), "{:?}", account.missing);
}

/// The calls at which it is killed; the first is followed by many of its kind.
const CALLS: [&str; 6] = ["rename", "mkdir", "fsync", "openat", "write", "unlink"];

/// Killed at one call after the other, and called again: what comes of it is what comes of one that was left alone.
#[test]
#[ignore = "needs a Python 2, an installed Mailman, and strace"]
fn killed_and_called_again_it_makes_the_same() {
    let moved = Move::all().remove(0);
    let collect = [
        "collect".to_string(),
        text(&moved.old()),
        "--to".to_string(),
        moved.archive(),
        "--machine".to_string(),
        "/nonexistent".to_string(),
        "--last".to_string(),
    ];
    let mut killed = 0;
    for (call, nth) in points(&collect, || drop(fs::remove_file(moved.archive()))) {
        let _ = fs::remove_file(moved.archive());
        killed += usize::from(traced(&collect, call, nth));
        let again = moved.collect(&["--last"]);
        assert_eq!(again.status.code(), Some(0), "{call} {nth}: {}", said(&again));
    }
    let restore = moved.restoring();
    let clear = || drop(fs::remove_dir_all(moved.folder.path().join("new")));
    let whole = moved.restore();
    assert_eq!(whole.status.code(), Some(0), "{}", said(&whole));
    let wanted = tree(&moved.folder.path().join("new"));
    for (call, nth) in points(&restore, clear) {
        clear();
        killed += usize::from(traced(&restore, call, nth));
        let again = moved.restore();
        assert_eq!(again.status.code(), Some(0), "{call} {nth}: {}", said(&again));
        let found = tree(&moved.folder.path().join("new"));
        let other: Vec<&PathBuf> =
            wanted.keys().chain(found.keys()).filter(|path| wanted.get(*path) != found.get(*path)).collect();
        assert!(other.is_empty(), "{call} {nth}: {other:?}");
    }
    println!("killed {killed} times");
}

/// Some calls of each kind, from the first to the last.
fn points(args: &[String], prepare: impl Fn()) -> Vec<(&'static str, usize)> {
    let mut points = Vec::new();
    for call in CALLS {
        prepare();
        let output = Command::new("strace")
            .args(["-f", "-qq", "-c", "-S", "name", "-e", &format!("trace={call}"), MAILMAN2_RS])
            .args(args)
            .output();
        let summary = stderr(&output.expect("strace"));
        let count = summary
            .lines()
            .filter(|line| line.ends_with(call))
            .find_map(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
        let count = count.unwrap_or(0);
        points.extend((1..=count).step_by((count / 5).max(1)).map(|nth| (call, nth)));
    }
    points
}

/// Whether it was killed.
fn traced(args: &[String], call: &str, nth: usize) -> bool {
    let inject = format!("inject={call}:signal=KILL:when={nth}");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject, MAILMAN2_RS])
        .args(args);
    !command.output().expect("strace").status.success()
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_rehearsal_tells_what_would_happen() {
    for moved in Move::all() {
        let before = tree(&moved.old());
        let page = moved.folder.path().join("page.html");
        let folder = text(moved.folder.path());
        let rehearsed =
            call(&moved.old(), MAILMAN2_RS, &["rehearse", "--in", &folder, "--html", &text(&page), "--archives"]);
        let text = said(&rehearsed);
        assert!(text.contains("copies from garden-bounces@lists.example.com"), "{text}");
        assert!(fs::read_to_string(page).expect("a page").contains("What would be sent"));
        assert!(before == tree(&moved.old()), "the site is only read");
        assert!(moved.sink.received().is_empty(), "nothing is sent");
        println!("{text}");
    }
}

/// Each byte of each pickle is changed: it is reported as damaged, or two readers still agree on what it says, and no program
/// falls over it.
#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn each_byte_of_each_pickle_is_found_or_harmless() {
    let every = std::env::var("MAILMAN2_RS_EVERY_POINT").map_or(29, |_| 1);
    let moved = Move::all().remove(0);
    let small = moved.folder.path().join("small");
    for folder in ["Mailman", "lists", "data", "qfiles", "archives/private"] {
        fs::create_dir_all(small.join(folder)).expect("made");
    }
    fs::write(small.join("Mailman/mm_cfg.py"), "from Defaults import *\n").expect("written");
    fs::write(small.join("Mailman/Version.py"), "VERSION = '2.1.13'\n").expect("written");
    let site = compat::site::Site::open(&small).expect("a site");
    let is_pickle = |path: &PathBuf| path.extension().is_some_and(|end| end == "pck" || end == "bak");
    let (mut flips, mut found) = (0, 0);
    for (path, bytes) in tree(&moved.old()).into_iter().filter(|(path, _)| is_pickle(path)) {
        let target = small.join(path.strip_prefix(moved.old()).expect("below"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("made");
        for at in (0..bytes.len()).step_by(every) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(&target, &flipped).expect("written");
            let outcome = verify::check(&site, &mut migration::progress::Silent).expect("checked");
            flips += 1;
            found += usize::from(!outcome.is_good());
        }
        fs::remove_file(&target).expect("removed");
    }
    println!("{flips} bytes changed, {found} told as damaged; of the others two readers agree");
    assert!(found * 4 > flips, "{found} of {flips}");
}
