//! Both programs on one generated site each, and what they leave: queue entries with message and metadata, lists,
//! requests, held messages, digests, attachments, logs.
//!
//! Runs where `MAILMAN2_TEST_PYTHON` names a python2.7, `MAILMAN2_TEST_REFERENCE` prefixes of installed Mailmans
//! (separated by `:`), and libfaketime is installed (Debian: faketime): both programs see a clock that stands still.
//! Ignored unless they are asked for. `MAILMAN2_TEST_SEEDS` names other seeds, such as `7` or `100-120`; each is one
//! site. With `MAILMAN2_TEST_KEEP` naming a folder, sites that differ are copied there.

use mailman2::testing::smtp_sink::{Answers, Sink};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Maximum number of differing blocks that are shown.
const SHOWN: usize = 8;
/// Maximum number of lines of each.
const LINES: usize = 12;

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

/// What is generated, and what is done with it.
pub struct Plan {
    /// The order that makes the site (tests/reference/main.py).
    pub make: &'static str,
    /// Seeds that once showed a difference.
    pub seeds: &'static [u64],
    pub lists: usize,
    pub messages: usize,
    /// Runner after runner; the site is shown after each.
    pub steps: &'static [Step],
    /// Each is a site of its own that is compared with the original's.
    pub turns: &'static [Turns],
}

/// Whose runners work on a site, step by step.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "not every test lets both work on one site")]
pub enum Turns {
    Ours,
    /// Ours and the original's in turn.
    OursFirst,
    TheirsFirst,
}

impl Turns {
    fn is_ours(self, step: usize) -> bool {
        match self {
            Turns::Ours => true,
            Turns::OursFirst => step % 2 == 0,
            Turns::TheirsFirst => step % 2 == 1,
        }
    }
}

/// A runner empties its queue; then the original's own code does something to the site, the same on both.
pub struct Step {
    pub runner: &'static str,
    pub queue: &'static str,
    pub then: &'static str,
}

/// Compares on all seeds and versions, and fails with the first differences.
pub fn compare(plan: &Plan) {
    let original = Original::find();
    let mut different = Vec::new();
    for prefix in &original.prefixes {
        for seed in seeds(plan.seeds) {
            let told = original.compare(plan, prefix, seed);
            println!("{} seed {seed}: {} messages, {} differences", prefix.display(), plan.messages, told.len());
            different.extend(told.into_iter().map(|text| format!("seed {seed}, {}: {text}", prefix.display())));
        }
    }
    let shown = different.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
}

fn seeds(default: &[u64]) -> Vec<u64> {
    let Ok(given) = std::env::var("MAILMAN2_TEST_SEEDS") else { return default.to_vec() };
    let (first, last) = given.split_once('-').unwrap_or((&given, &given));
    (first.parse().unwrap()..=last.parse().unwrap()).collect()
}

/// What is needed beside our own program.
struct Original {
    python: PathBuf,
    prefixes: Vec<PathBuf>,
    clock: PathBuf,
}

impl Original {
    fn find() -> Original {
        let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
        let python = std::env::var_os("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set").into();
        let clock = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists());
        let clock = clock.expect("libfaketime is installed");
        Original { python, prefixes: prefixes.split(':').map(PathBuf::from).collect(), clock }
    }

    /// A command for whom it is always the same moment.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("LD_PRELOAD", &self.clock)
            .env("FAKETIME", "2026-03-10 12:00:00")
            .envs([("NO_FAKE_STAT", "1"), ("DONT_FAKE_MONOTONIC", "1"), ("TZ", "UTC"), ("LC_ALL", "C"), ("LANG", "C")])
            .stdin(Stdio::null());
        command
    }

    /// An order to the script that speaks for the original.
    fn ask(&self, order: &str, arguments: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/main.py");
        let output = self.command(&self.python).arg(script).arg(order).args(arguments).output().unwrap();
        assert!(output.status.success(), "{order}: {}", String::from_utf8_lossy(&output.stderr));
        // Every byte is a character: what is shown is ASCII except for the headings.
        output.stdout.iter().map(|&byte| char::from(byte)).collect()
    }

    /// Both programs on one generated site. Returns what differs.
    fn compare(&self, plan: &Plan, prefix: &Path, seed: u64) -> Vec<String> {
        let sink = Sink::start(picky()).unwrap();
        let round = Round { original: self, plan, sink, folder: tempfile::tempdir().unwrap() };
        let numbers = [seed.to_string(), plan.lists.to_string(), plan.messages.to_string()];
        self.ask(plan.make, &[&round.site(), prefix.to_str().unwrap(), &numbers[0], &numbers[1], &numbers[2]]);
        round.name_mail_server();
        round.change_sites("fresh");
        let theirs = round.work(|_| false);
        round.change_sites("theirs");
        let mut told = Vec::new();
        for turns in plan.turns {
            let found = round.work(|step| turns.is_ours(step));
            told.extend(theirs.iter().zip(&found).flat_map(|(theirs, ours)| differences(theirs, ours)));
            round.change_sites(&format!("{turns:?}"));
        }
        if let (false, Some(keep)) = (told.is_empty(), std::env::var_os("MAILMAN2_TEST_KEEP")) {
            let version = prefix.file_name().unwrap().to_str().unwrap();
            let place = PathBuf::from(keep).join(format!("{version}-seed-{seed}"));
            Command::new("cp").arg("-a").arg(round.folder.path()).arg(place).status().unwrap();
        }
        told
    }
}

/// A site that both programs get in turn, at one path.
struct Round<'a> {
    original: &'a Original,
    plan: &'a Plan,
    /// Where mail goes out to.
    sink: Sink,
    folder: tempfile::TempDir,
}

/// A mail server that refuses some addresses of the generated members.
fn picky() -> Answers {
    let replies = [("m3+tag@example.com", "550 5.1.1 Nobody here"), ("m4.x@example.org", "450 4.2.1 Later")];
    let refuse_recipient = replies.map(|(address, reply)| (address.to_string(), reply.to_string())).into();
    Answers { refuse_recipient, ..Answers::friendly() }
}

impl Round<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn site(&self) -> String {
        self.path("site").to_str().unwrap().to_string()
    }

    /// Puts the site away and takes a fresh one.
    fn change_sites(&self, away: &str) {
        fs::rename(self.path("site"), self.path(away)).unwrap();
        let copied = Command::new("cp").arg("-a").args([self.path("fresh"), self.path("site")]).status().unwrap();
        assert!(copied.success());
    }

    /// What the site holds after each step.
    fn work(&self, is_ours: impl Fn(usize) -> bool) -> Vec<String> {
        let work = |(at, step): (usize, &Step)| {
            match is_ours(at) {
                true => self.run_ours(step),
                false => drop(self.original.ask("run", &[&self.site(), step.runner])),
            }
            self.keep_sent();
            let shown = self.original.ask("show", &[&self.site()]);
            self.original.ask(step.then, &[&self.site(), "1"]);
            shown
        };
        self.plan.steps.iter().enumerate().map(work).collect()
    }

    fn name_mail_server(&self) {
        let path = self.path("site/Mailman/mm_cfg.py");
        let settings = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{settings}SMTPHOST = '127.0.0.1'\nSMTPPORT = {}\n", self.sink.port())).unwrap();
    }

    /// What was sent lies in the site's folder `sent`, one file per mail: sender, recipients, text. The division into
    /// transactions is free.
    fn keep_sent(&self) {
        let mut sent: BTreeMap<(String, Vec<u8>), BTreeSet<String>> = BTreeMap::new();
        for mail in self.sink.wait_for(0) {
            let Some(text) = mail.data else { continue };
            sent.entry((mail.sender, text)).or_default().extend(mail.recipients);
        }
        let folder = self.path("site/sent");
        let _ = fs::remove_dir_all(&folder); // there is none before the first step
        fs::create_dir(&folder).unwrap();
        for (number, ((sender, text), recipients)) in sent.into_iter().enumerate() {
            let recipients = recipients.into_iter().collect::<Vec<_>>().join(" ");
            let lines = [format!("{sender}\n{recipients}\n").as_bytes(), &text].concat();
            fs::write(folder.join(number.to_string()), lines).unwrap();
        }
    }

    fn run_ours(&self, step: &Step) {
        let entries = fs::read_dir(self.path("site/qfiles").join(step.queue)).map_or(0, Iterator::count);
        let mut command = self.original.command(Path::new(env!("CARGO_BIN_EXE_qrunner")));
        command.env("MAILMAN_PREFIX", self.site()).arg("-o");
        (0..entries).for_each(|_| {
            command.args(["-r", step.runner]);
        });
        assert!(entries == 0 || command.status().unwrap().success());
    }
}

/// The blocks of a shown site, each with how often it is there.
fn blocks(shown: &str) -> BTreeMap<&str, usize> {
    let mut counted = BTreeMap::new();
    for block in shown.split("\n\n").map(str::trim_end).filter(|block| !block.is_empty()) {
        *counted.entry(block).or_default() += 1;
    }
    counted
}

fn only_in<'t>(one: &BTreeMap<&'t str, usize>, other: &BTreeMap<&'t str, usize>) -> Vec<&'t str> {
    one.iter().filter(|(block, count)| other.get(*block) != Some(count)).map(|(block, _)| *block).collect()
}

fn heading(block: &str) -> &str {
    block.lines().next().unwrap_or_default()
}

/// What is different, told by the first lines that are: a block beside the most alike of the same heading.
pub fn differences(theirs: &str, ours: &str) -> Vec<String> {
    let (theirs, ours) = (blocks(theirs), blocks(ours));
    let mut extra = only_in(&ours, &theirs);
    let mut told = Vec::new();
    for block in only_in(&theirs, &ours) {
        let alike = |other: &str| other.lines().filter(|line| block.lines().any(|own| own == *line)).count();
        let candidates = extra.iter().enumerate().filter(|(_, other)| heading(other) == heading(block));
        let nearest = candidates.max_by_key(|(_, other)| alike(other)).map(|(at, _)| at);
        told.push(side_by_side(block, nearest.map_or("", |at| extra.remove(at))));
    }
    told.extend(extra.into_iter().map(|block| side_by_side("", block)));
    told
}

fn side_by_side(theirs: &str, ours: &str) -> String {
    let only = |one: &str, other: &str, mark: &str| -> String {
        let lines = one.lines().skip(1).filter(|line| other.is_empty() || !other.lines().any(|l| l == *line));
        lines.take(LINES).map(|line| format!("  {mark} {line}\n")).collect()
    };
    let name = heading(if theirs.is_empty() { ours } else { theirs });
    format!("{name}\n{}{}", only(theirs, ours, "-"), only(ours, theirs, "+"))
}
