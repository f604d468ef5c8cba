//! A queue's life, with and without accidents.

use super::*;
use crate::durable::fault::{self, Fault, Op, Step};
use crate::pickle::{self, Protocol};
use crate::value::{Dict, Object, Value};
use crate::ByteStr;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

struct Site {
    dir: tempfile::TempDir,
    folders: Rc<QueueFolders>,
}

impl Site {
    fn new() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let folders = Rc::new(QueueFolders::below(dir.path()));
        Site { dir, folders }
    }

    fn open(&self, queue: QueueName) -> Switchboard {
        self.try_open(queue).unwrap()
    }

    fn try_open(&self, queue: QueueName) -> Result<Switchboard, QueueError> {
        Switchboard::open(self.folders.of(queue), self.folders.of(QueueName::Bad), Slice::WHOLE)
    }

    fn put(&self, queue: QueueName, message: &EntryMessage, metadata: &Metadata) -> EntryName {
        let mut outbox = Outbox::new(Rc::clone(&self.folders));
        let name = outbox.enqueue(queue, message, metadata).unwrap();
        assert_eq!(outbox.commit().unwrap(), std::slice::from_ref(&name));
        name
    }

    /// Every file below the site, by its path from there.
    fn listing(&self) -> Vec<String> {
        let mut found = Vec::new();
        for queue in QueueName::ALL {
            for item in fs::read_dir(self.folders.of(queue)).into_iter().flatten().flatten() {
                found.push(item.path().strip_prefix(self.dir.path()).unwrap().to_str().unwrap().to_owned());
            }
        }
        found.sort();
        found
    }

    /// Whether a complete copy of the message is somewhere that a runner or a person looks.
    fn has_complete(&self, text: &str) -> bool {
        self.listing().iter().any(|file| {
            [".pck", ".bak", ".psv"].iter().any(|ext| file.ends_with(ext))
                && fs::read(self.dir.path().join(file)).is_ok_and(|bytes| holds(&ByteStr::new(bytes), text))
        })
    }
}

fn holds(bytes: &ByteStr, text: &str) -> bool {
    Entry::parse(bytes).is_ok_and(|entry| entry.message == raw(text))
}

fn raw(text: &str) -> EntryMessage {
    EntryMessage::Raw(ByteStr::from(text))
}

fn object() -> EntryMessage {
    let attributes: Dict = [(ByteStr::from("_payload"), Value::str("body\n"))].into_iter().collect();
    EntryMessage::Object(Value::Object(Rc::new(Object::old_style("Mailman.Message", "Message", attributes))))
}

fn data() -> Metadata {
    Metadata::new().with("listname", Value::str("test")).with("_plaintext", Value::Bool(true))
}

#[test]
fn an_entry_comes_back_as_it_went_in() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    for (message, parsed_later) in [(raw("From: a\n\nb\n"), true), (object(), false)] {
        let name = site.put(QueueName::In, &message, &data());
        assert_eq!(board.files().unwrap(), std::slice::from_ref(&name));
        let entry = board.dequeue(&name).unwrap();
        assert_eq!(entry.message, message);
        assert_eq!(entry.metadata.get("_parsemsg"), Some(&Value::Bool(parsed_later)));
        assert_eq!(entry.metadata.int("version"), Some(3));
        assert_eq!(entry.metadata.float("received_time"), Some(name.when()));
        assert!(!entry.metadata.contains("_plaintext"));
        assert_eq!(site.listing(), [format!("in/{name}.bak")]);
        board.finish(&name, false).unwrap();
        assert!(site.listing().is_empty());
    }
}

#[test]
fn modes_are_pythons_whatever_the_umask_is() {
    let site = Site::new();
    let name = site.put(QueueName::Out, &raw("x"), &data());
    let dir = site.folders.of(QueueName::Out);
    assert_eq!(fs::metadata(dir).unwrap().mode() & 0o777, 0o770);
    assert_eq!(fs::metadata(name.file(dir, "pck")).unwrap().mode() & 0o777, 0o660);
}

#[test]
fn the_first_time_stays_in_the_name() {
    let site = Site::new();
    for (time, start) in [
        (Value::Float(1795475402.73), "1795475402.73+"),
        (Value::Int(1795475402), "1795475402+"),
        (Value::Long(ByteStr::from("1795475402")), "1795475402.0+"),
    ] {
        let name = site.put(QueueName::Out, &raw("x"), &data().with("received_time", time.clone()));
        assert!(name.as_str().starts_with(start), "{name}");
        let entry = site.open(QueueName::Out).dequeue(&name).unwrap();
        assert_eq!(entry.metadata.get("received_time"), Some(&time));
    }
    let odd = site.put(QueueName::Out, &raw("x"), &data().with("received_time", Value::Float(1e300)));
    assert!(odd.when() > 1e9 && odd.when() < 1e10, "an exponent would break the name: {odd}");
}

#[test]
fn two_entries_of_one_message_differ() {
    let site = Site::new();
    let metadata = data().with("received_time", Value::Float(5.5));
    let mut outbox = Outbox::new(Rc::clone(&site.folders));
    let names: BTreeSet<_> =
        (0..200).map(|_| outbox.enqueue(QueueName::Out, &raw("x"), &metadata).unwrap().to_string()).collect();
    outbox.commit().unwrap();
    assert_eq!(names.len(), 200);
    assert_eq!(site.open(QueueName::Out).files().unwrap().len(), 200);
}

#[test]
fn an_outbox_that_is_dropped_leaves_nothing() {
    let site = Site::new();
    let mut outbox = Outbox::new(Rc::clone(&site.folders));
    outbox.enqueue(QueueName::Out, &raw("x"), &data()).unwrap();
    outbox.enqueue(QueueName::Archive, &raw("x"), &data()).unwrap();
    assert_eq!(site.listing().len(), 2);
    assert!(site.open(QueueName::Out).files().unwrap().is_empty());
    drop(outbox);
    assert!(site.listing().is_empty());
}

#[test]
fn foreign_names_are_reported_once_and_left_alone() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    let dir = board.dir().to_owned();
    fs::write(dir.join("foo.pck"), "x").unwrap();
    fs::write(dir.join("1.5+a+b.pck"), "x").unwrap();
    fs::write(dir.join("core"), "x").unwrap();
    fs::create_dir(dir.join("7.5+ab.pck")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.join("8.5+ab.pck")).unwrap();
    let name = site.put(QueueName::In, &raw("x"), &data());
    for reports in [4, 0] {
        assert_eq!(board.files().unwrap(), std::slice::from_ref(&name));
        assert_eq!(board.take_events().len(), reports);
    }
    board.recover_backups().unwrap();
    assert_eq!(site.listing().len(), 6);
}

#[test]
fn slices_share_a_queue() {
    let site = Site::new();
    let mut outbox = Outbox::new(Rc::clone(&site.folders));
    let all: BTreeSet<_> =
        (0..60).map(|i| outbox.enqueue(QueueName::Out, &raw(&i.to_string()), &data()).unwrap().to_string()).collect();
    outbox.commit().unwrap();
    let dir = site.folders.of(QueueName::Out);
    let mut seen = BTreeSet::new();
    for index in 0..4 {
        let mut board = Switchboard::open(dir, "/nowhere", Slice::new(index, 4)).unwrap();
        for name in board.files().unwrap() {
            assert!(seen.insert(name.to_string()));
        }
    }
    assert_eq!(seen, all);
}

#[test]
fn an_unreadable_entry_is_set_aside_with_a_reason() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    let whole = site.put(QueueName::In, &raw("text"), &data());
    let bytes = fs::read(whole.file(board.dir(), "pck")).unwrap();
    let broken = EntryName::parse("1.5+ab").unwrap();
    fs::write(broken.file(board.dir(), "pck"), &bytes[..bytes.len() - 9]).unwrap();
    let error = board.dequeue(&broken).unwrap_err();
    assert_eq!(error.stage, Stage::InWork);
    assert!(error.to_string().contains("metadata pickle at byte"), "{error}");
    board.finish(&broken, true).unwrap();
    assert_eq!(site.listing(), ["bad/1.5+ab.psv".to_owned(), format!("in/{whole}.pck")]);
}

#[test]
fn what_cannot_be_taken_is_left_in_peace() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    let name = site.put(QueueName::In, &raw("text"), &data());
    fs::copy(name.file(board.dir(), "pck"), name.file(board.dir(), "bak")).unwrap();
    assert_eq!(board.dequeue(&name).unwrap_err().stage, Stage::Queued);
    assert!(board.files().unwrap().is_empty(), "not tried again at once");
    let gone = EntryName::parse("1.5+ab").unwrap();
    assert_eq!(board.dequeue(&gone).unwrap_err().stage, Stage::Gone);
    board.recover_backups().unwrap();
    assert_eq!(board.take_events(), [QueueEvent::Doubled { name: name.clone() }]);
    assert_eq!(site.listing(), [format!("bad/{name}.psv"), format!("in/{name}.pck")]);
}

#[test]
fn a_text_with_the_flag_off_is_still_a_text() {
    let mut bytes = pickle::dumps(&Value::str("Subject: x\n\n"), Protocol::P1).unwrap();
    let metadata = Metadata::new().with("_parsemsg", Value::Bool(false));
    bytes.extend(pickle::dumps(&metadata.to_value(), Protocol::P1).unwrap());
    bytes.extend(b"left over");
    assert_eq!(Entry::parse(&ByteStr::new(bytes)).unwrap().message, raw("Subject: x\n\n"));
}

#[test]
fn what_was_in_work_comes_back_twice_and_then_is_set_aside() {
    for message in [raw("text"), object()] {
        let site = Site::new();
        let name = site.put(QueueName::In, &message, &data());
        for count in 1..=2 {
            let mut board = site.open(QueueName::In);
            board.dequeue(&name).unwrap();
            board.recover_backups().unwrap();
            assert_eq!(board.take_events(), [QueueEvent::Recovered { name: name.clone(), count }]);
        }
        let mut board = site.open(QueueName::In);
        let entry = board.dequeue(&name).unwrap();
        assert_eq!((entry.message, entry.metadata.int("_bak_count")), (message, Some(2)));
        board.recover_backups().unwrap();
        assert_eq!(board.take_events()[0].to_string(), format!(".bak file max count, preserving file: {name}"));
        assert_eq!(site.listing(), [format!("bad/{name}.psv")]);
        let bytes = fs::read(name.file(site.folders.of(QueueName::Bad), "psv")).unwrap();
        assert_eq!(Entry::parse(&bytes.into()).unwrap().metadata.int("_bak_count"), Some(3));
    }
}

#[test]
fn a_damaged_backup_is_set_aside() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    fs::write(board.dir().join("1.5+ab.bak"), "S'text'\np1\n.(dp1\nS'li").unwrap();
    board.recover_backups().unwrap();
    let text = board.take_events()[0].to_string();
    assert!(text.starts_with("Unpickling .bak exception: ") && text.ends_with("\npreserving file: 1.5+ab"), "{text}");
    assert_eq!(site.listing(), ["bad/1.5+ab.psv"]);
}

#[test]
fn only_old_temporaries_are_swept() {
    let site = Site::new();
    let mut board = site.open(QueueName::In);
    let hash = "ab".repeat(20);
    for (file, age) in
        [(format!("1.5+{hash}.pck.tmp"), 200_000), (format!("2.5+{hash}.pck.tmp"), 3), ("x.tmp".into(), 900_000)]
    {
        fs::write(board.dir().join(&file), "half").unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        crate::durable::set_times(&board.dir().join(&file), then).unwrap();
    }
    board.sweep_temporaries();
    assert_eq!(site.listing(), [format!("in/2.5+{hash}.pck.tmp"), "in/x.tmp".to_owned()]);
}

/// What a runner does with one entry: take it, put two others on the disk, and only then be done with it.
fn pass_on(site: &Site) -> Result<(), String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let mut board = site.try_open(QueueName::In).map_err(|e| text(&e))?;
    let name = board.files().map_err(|e| text(&e))?.first().cloned().ok_or("nothing there")?;
    let entry = board.dequeue(&name).map_err(|e| text(&e))?;
    let mut outbox = Outbox::new(Rc::clone(&site.folders));
    for queue in [QueueName::Archive, QueueName::Out] {
        outbox.enqueue(queue, &entry.message, &entry.metadata).map_err(|e| text(&e))?;
    }
    outbox.commit().map_err(|e| text(&e))?;
    board.finish(&name, false).map_err(|e| text(&e))
}

fn site_with_one_entry() -> Site {
    let site = Site::new();
    site.put(QueueName::In, &raw("the message"), &data());
    for queue in QueueName::ALL {
        crate::durable::mkdir(site.folders.of(queue), 0o770).unwrap();
    }
    site
}

#[test]
fn no_failing_step_loses_a_message() {
    let (enospc, eio) = (nix::errno::Errno::ENOSPC as i32, nix::errno::Errno::EIO as i32);
    for fault in [Fault::Fail(enospc), Fault::Fail(eio), Fault::FailOnward(enospc), Fault::CutOff] {
        for nth in 1.. {
            let site = site_with_one_entry();
            let armed = fault::arm(nth, fault);
            let outcome = pass_on(&site);
            let met = armed.was_met();
            drop(armed);
            assert!(site.has_complete("the message"), "step {nth} {fault:?}: {:?}", site.listing());
            if !met {
                assert_eq!(outcome, Ok(()));
                break;
            }
            recovers(&site, nth, fault);
        }
    }
}

/// After the accident a new runner starts: what was in work is done, and both results are there.
fn recovers(site: &Site, nth: u64, fault: Fault) {
    let mut board = site.open(QueueName::In);
    board.recover_backups().unwrap();
    if !board.files().unwrap().is_empty() {
        pass_on(site).unwrap();
    }
    for queue in [QueueName::Archive, QueueName::Out] {
        assert!(!site.open(queue).files().unwrap().is_empty(), "step {nth} {fault:?}: {:?}", site.listing());
    }
}

#[test]
fn no_failing_step_of_a_recovery_loses_a_message() {
    for fault in [Fault::Fail(nix::errno::Errno::ENOSPC as i32), Fault::CutOff] {
        for nth in 1.. {
            let site = site_with_one_entry();
            let mut board = site.open(QueueName::In);
            let name = board.files().unwrap().remove(0);
            board.dequeue(&name).unwrap();
            let armed = fault::arm(nth, fault);
            let _ = board.recover_backups();
            let met = armed.was_met();
            drop(armed);
            assert!(site.has_complete("the message"), "step {nth} {fault:?}: {:?}", site.listing());
            if !met {
                break;
            }
        }
    }
}

#[test]
fn an_entry_is_in_work_before_it_is_read_and_gone_in_one_step() {
    let site = site_with_one_entry();
    let mut board = site.open(QueueName::In);
    let name = board.files().unwrap().remove(0);
    let armed = fault::record();
    board.dequeue(&name).unwrap();
    board.finish(&name, false).unwrap();
    let ops: Vec<Op> = armed.steps().iter().map(|step| step.op).collect();
    assert_eq!(ops, [Op::Rename, Op::Unlink]);
}

#[test]
fn a_shared_commit_syncs_each_folder_once() {
    let site = site_with_one_entry();
    let mut outbox = Outbox::new(Rc::clone(&site.folders));
    let armed = fault::record();
    for _ in 0..3 {
        outbox.enqueue(QueueName::Out, &raw("x"), &data()).unwrap();
    }
    outbox.commit().unwrap();
    let ops: Vec<Op> = armed.steps().iter().map(|step| step.op).skip_while(|op| *op != Op::Sync).collect();
    use Op::*;
    assert_eq!(ops, [Sync, Sync, Sync, Close, Close, Close, Rename, Rename, Rename, SyncDir]);
}

/// A disk that keeps what was synced and, of the rest, whatever it likes.
struct Disk {
    /// What each name stood for when its folder was last synced, by file number.
    names: BTreeMap<PathBuf, usize>,
    /// Changes to names that are not synced yet.
    pending: Vec<Change>,
    /// The same names as the running system sees them.
    seen: BTreeMap<PathBuf, usize>,
    /// Whether the contents of each file are on the disk.
    safe: Vec<bool>,
}

#[derive(Clone)]
enum Change {
    Add(PathBuf, usize),
    Remove(PathBuf),
    Move(PathBuf, PathBuf),
}

impl Disk {
    fn with(file: &Path) -> Disk {
        let names = BTreeMap::from([(file.to_owned(), 0)]);
        Disk { seen: names.clone(), names, pending: Vec::new(), safe: vec![true] }
    }

    fn apply(&mut self, step: &Step) {
        let change = match (step.op, &step.to) {
            (Op::Create, _) => {
                self.safe.push(false);
                Change::Add(step.path.clone(), self.safe.len() - 1)
            }
            (Op::Sync, _) => return self.safe[self.seen[&step.path]] = true,
            (Op::SyncDir, _) => return self.sync_dir(&step.path),
            (Op::Rename, Some(to)) => Change::Move(step.path.clone(), to.clone()),
            (Op::Unlink, _) => Change::Remove(step.path.clone()),
            _ => return,
        };
        carry_out(&mut self.seen, &change);
        self.pending.push(change);
    }

    fn sync_dir(&mut self, dir: &Path) {
        let (now, later) = self.pending.drain(..).partition(|change| change.folder() == dir);
        self.pending = later;
        let now: Vec<Change> = now;
        now.iter().for_each(|change| carry_out(&mut self.names, change));
    }

    /// Every state that the disk may be in after a power cut at this moment.
    fn after_power_cut(&self) -> Vec<BTreeMap<PathBuf, usize>> {
        (0..1u32 << self.pending.len())
            .map(|kept| {
                let mut names = self.names.clone();
                let chosen = self.pending.iter().enumerate().filter(|(i, _)| kept & (1 << i) != 0);
                chosen.for_each(|(_, change)| carry_out(&mut names, change));
                names
            })
            .collect()
    }
}

impl Change {
    fn folder(&self) -> &Path {
        match self {
            Change::Add(path, _) | Change::Remove(path) | Change::Move(path, _) => path.parent().unwrap(),
        }
    }
}

fn carry_out(names: &mut BTreeMap<PathBuf, usize>, change: &Change) {
    match change {
        Change::Add(path, file) => drop(names.insert(path.clone(), *file)),
        Change::Remove(path) => drop(names.remove(path)),
        Change::Move(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
    }
}

#[test]
fn no_power_cut_loses_a_message() {
    let site = site_with_one_entry();
    let name = site.open(QueueName::In).files().unwrap().remove(0);
    let armed = fault::record();
    pass_on(&site).unwrap();
    let steps = armed.steps();
    drop(armed);
    let mut disk = Disk::with(&name.file(site.folders.of(QueueName::In), "pck"));
    let mut states = 0;
    for step in &steps {
        disk.apply(step);
        for names in disk.after_power_cut() {
            states += 1;
            let source =
                names.iter().any(|(path, file)| path.starts_with(site.folders.of(QueueName::In)) && disk.safe[*file]);
            let safe_in = |queue| {
                let dir = site.folders.of(queue);
                names
                    .iter()
                    .any(|(path, file)| path.starts_with(dir) && path.extension().unwrap() == "pck" && disk.safe[*file])
            };
            assert!(source || (safe_in(QueueName::Archive) && safe_in(QueueName::Out)), "after {step:?}: {names:?}");
            let readable = names.iter().filter(|(path, _)| path.extension().unwrap() != "tmp");
            readable.for_each(|(path, file)| assert!(disk.safe[*file], "{path:?} may be incomplete after {step:?}"));
        }
    }
    assert!(states > 100, "{states}");
}
