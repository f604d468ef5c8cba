//! The pipeline beside the original: generated lists with generated options, generated messages, one site for each of
//! both programs. All that they leave is compared: queue entries with message and metadata, lists, requests, held
//! messages, digests, attachments, logs. Held posts are decided about by mail and by a moderator, and in one test by the
//! program that does not hold them.
//!
//! Runs where `MAILMAN2_TEST_PYTHON` names a python2.7, `MAILMAN2_TEST_REFERENCE` prefixes of installed Mailmans
//! (separated by `:`), and libfaketime is installed (Debian: faketime): both programs see a clock that stands still. It
//! says that it skips otherwise. `MAILMAN2_TEST_SEEDS` names other seeds, such as `7` or `100-120`; each is one site. With
//! `MAILMAN2_TEST_KEEP` naming a folder, sites that differ are moved there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seeds that once showed a difference, and one with hostile bodies. Each takes some 15 seconds a version.
const SEEDS: [u64; 7] = [3, 5, 7, 8, 51, 216, 500];
/// A site with many held posts.
const MIXED_SEED: u64 = 7;
const SKIPPED: &str =
    "skipped: MAILMAN2_TEST_PYTHON and MAILMAN2_TEST_REFERENCE are not set, or libfaketime is not installed";
/// Enough messages for a digest to come about, enough lists for every option to be met.
const LISTS: usize = 40;
const MESSAGES: usize = 300;
/// So many differing blocks are shown.
const SHOWN: usize = 8;
/// So many lines of each.
const LINES: usize = 12;

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

/// What is needed beside our own program.
struct Original {
    python: PathBuf,
    prefixes: Vec<PathBuf>,
    clock: PathBuf,
}

impl Original {
    fn find() -> Option<Original> {
        let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").ok()?;
        let python = std::env::var_os("MAILMAN2_TEST_PYTHON")?.into();
        let clock = LIBRARIES.iter().map(PathBuf::from).find(|library| library.exists())?;
        Some(Original { python, prefixes: prefixes.split(':').map(PathBuf::from).collect(), clock })
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
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/pipeline/main.py");
        let output = self.command(&self.python).arg(script).arg(order).args(arguments).output().unwrap();
        assert!(output.status.success(), "{order}: {}", String::from_utf8_lossy(&output.stderr));
        // Every byte is a character: what is shown is ASCII but for the headings.
        output.stdout.iter().map(|&byte| char::from(byte)).collect()
    }
}

/// Which of both programs runs.
#[derive(Clone, Copy)]
enum Engine {
    Ours,
    Theirs,
}

/// A site that both programs get in turn, at one path.
struct Round<'a> {
    original: &'a Original,
    folder: tempfile::TempDir,
}

impl Round<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn site(&self) -> String {
        self.path("site").to_str().unwrap().to_string()
    }

    /// Posts come in; answers to the notices of held ones are read; the original's code decides about the others; what was
    /// let through comes in again; notices go out. The site is shown after each runner.
    fn work(&self, engines: [Engine; 4]) -> [String; 4] {
        let stages = [
            ("IncomingRunner", "in", "answer"),
            ("CommandRunner", "commands", "decide"),
            ("IncomingRunner", "in", "decide"),
            ("VirginRunner", "virgin", "decide"),
        ];
        let mut engines = engines.into_iter();
        stages.map(|(runner, queue, order)| {
            match engines.next() {
                Some(Engine::Theirs) => drop(self.original.ask("run", &[&self.site(), runner])),
                _ => self.run_ours(runner, queue),
            }
            let shown = self.original.ask("show", &[&self.site()]);
            self.original.ask(order, &[&self.site(), "1"]);
            shown
        })
    }

    fn run_ours(&self, runner: &str, queue: &str) {
        let entries = fs::read_dir(self.path("site/qfiles").join(queue)).map_or(0, Iterator::count);
        let mut command = self.original.command(Path::new(env!("CARGO_BIN_EXE_qrunner")));
        command.env("MAILMAN_PREFIX", self.site()).arg("-o");
        (0..entries).for_each(|_| {
            command.args(["-r", runner]);
        });
        assert!(entries == 0 || command.status().unwrap().success());
    }

    /// Puts the site away and takes a fresh one.
    fn change_sites(&self, away: &str) {
        fs::rename(self.path("site"), self.path(away)).unwrap();
        let copied = Command::new("cp").arg("-a").args([self.path("fresh"), self.path("site")]).status().unwrap();
        assert!(copied.success());
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
fn differences(theirs: &str, ours: &str) -> Vec<String> {
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

fn seeds() -> Vec<u64> {
    let Ok(given) = std::env::var("MAILMAN2_TEST_SEEDS") else { return SEEDS.to_vec() };
    let (first, last) = given.split_once('-').unwrap_or((&given, &given));
    (first.parse().unwrap()..=last.parse().unwrap()).collect()
}

/// How many lists a generated site has, and how many messages.
struct Size {
    lists: usize,
    messages: usize,
}

/// The original on one generated site, and a plan on the same. Returns what differs.
fn compare(original: &Original, prefix: &Path, seed: u64, size: &Size, plan: [Engine; 4]) -> Vec<String> {
    let round = Round { original, folder: tempfile::tempdir().unwrap() };
    let numbers = [seed.to_string(), size.lists.to_string(), size.messages.to_string()];
    original.ask("make", &[&round.site(), prefix.to_str().unwrap(), &numbers[0], &numbers[1], &numbers[2]]);
    round.change_sites("fresh");
    let theirs = round.work([Engine::Theirs; 4]);
    round.change_sites("theirs");
    let ours = round.work(plan);
    let told: Vec<String> = theirs.iter().zip(&ours).flat_map(|(theirs, ours)| differences(theirs, ours)).collect();
    if let (false, Some(keep)) = (told.is_empty(), std::env::var_os("MAILMAN2_TEST_KEEP")) {
        let place = PathBuf::from(keep).join(format!("seed-{seed}"));
        Command::new("cp").arg("-a").arg(round.folder.path()).arg(place).status().unwrap();
    }
    told
}

#[test]
fn generated_posts_leave_what_the_original_leaves() {
    let Some(original) = Original::find() else { return eprintln!("{SKIPPED}") };
    let mut different = Vec::new();
    for prefix in &original.prefixes {
        for seed in seeds() {
            let size = Size { lists: LISTS, messages: MESSAGES };
            let told = compare(&original, prefix, seed, &size, [Engine::Ours; 4]);
            println!("{} seed {seed}: {MESSAGES} messages, {} differences", prefix.display(), told.len());
            different.extend(told.into_iter().map(|text| format!("seed {seed}, {}: {text}", prefix.display())));
        }
    }
    assert_none(&different);
}

fn assert_none(different: &[String]) {
    let shown = different.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
}

/// What one program holds, the other one's command runner lets through, throws away or gives back, and either goes on
/// with what was let through.
#[test]
fn either_program_decides_about_what_the_other_holds() {
    let Some(original) = Original::find() else { return eprintln!("{SKIPPED}") };
    let size = Size { lists: 15, messages: 120 };
    let mut different = Vec::new();
    for prefix in &original.prefixes {
        for plan in [Engine::Ours, Engine::Theirs].map(alternating) {
            different.extend(compare(&original, prefix, MIXED_SEED, &size, plan));
        }
    }
    assert_none(&different);
}

fn alternating(first: Engine) -> [Engine; 4] {
    match first {
        Engine::Ours => [Engine::Ours, Engine::Theirs, Engine::Ours, Engine::Theirs],
        Engine::Theirs => [Engine::Theirs, Engine::Ours, Engine::Theirs, Engine::Ours],
    }
}

#[test]
fn a_difference_is_told_by_the_lines_that_differ() {
    let told = differences("a 1\nx\ny\n\nb\nz\n\nsame\n", "a 1\nx\nq\n\nsame\n\nc\nnew\n");
    assert_eq!(told, ["a 1\n  - y\n  + q\n", "b\n  - z\n", "c\n  + new\n"]);
    assert!(differences("a\nx\n\nb\n", "b\n\na\nx\n").is_empty());
    assert_eq!(differences("a\n\na\n", "a\n").len(), 1);
}
