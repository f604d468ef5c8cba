//! Queue entries between the engines: what one writes the other reads, in every direction and state.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod python;

use compat::queue::{EntryMessage, Metadata, Outbox, QueueEvent, QueueFolders, QueueName, Slice, Switchboard};
use compat::value::{Dict, Object, Value};
use compat::ByteStr;
use python::{references, Reference};
use std::path::Path;
use std::rc::Rc;

const WRITE: &str = r#"
import email
from Mailman import Message
from Mailman.Queue.Switchboard import Switchboard
text = 'From: a@example.com\nSubject: caf\xe9\n\nbody\n'
board = Switchboard(os.path.join(site, 'in'))
msg = email.message_from_string(text, Message.Message)
print board.enqueue(text, {'listname': 'test', '_plaintext': True}, tolist=1)
print board.enqueue(msg, {'listname': 'test', 'recips': ['a@example.com'], 'received_time': 1795475402.73, '_x': 1})
print board.enqueue(msg, lang=u'de', pipeline=[], t=(1, 2L, None, 1.5, False))
"#;

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn ours_reads_what_python_writes() {
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let printed = reference.run(WRITE, site.path(), &[]);
        let folders = QueueFolders::below(site.path());
        let mut board = Switchboard::open(folders.of(QueueName::In), folders.of(QueueName::Bad), Slice::WHOLE).unwrap();
        let mut written: Vec<&str> = printed.lines().collect();
        let (plain, object, nolist) = (written[0], written[1], written[2]);
        written.sort_by(|a, b| number(a).total_cmp(&number(b)));
        let names = board.files().unwrap();
        assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), written);
        for name in &names {
            let entry = board.dequeue(name).unwrap();
            assert_eq!(entry.metadata.int("version"), Some(3));
            if name.as_str() == plain {
                let text = b"From: a@example.com\nSubject: caf\xe9\n\nbody\n";
                assert_eq!(entry.message, EntryMessage::Raw(ByteStr::from(text)));
                assert!(entry.metadata.truth("_parsemsg") && entry.metadata.truth("tolist"));
            } else {
                assert!(matches!(&entry.message, EntryMessage::Object(Value::Object(_))));
                assert_eq!(entry.metadata.get("_parsemsg"), Some(&Value::Bool(false)));
            }
            if name.as_str() == object {
                assert_eq!(entry.metadata.strings("recips").unwrap(), [ByteStr::from("a@example.com")]);
                assert!(!entry.metadata.contains("_x") && name.as_str().starts_with("1795475402.73+"));
            }
            if name.as_str() == nolist {
                assert!(matches!(entry.metadata.get("t"), Some(Value::Tuple(items)) if items.len() == 5));
            }
            board.finish(name, false).unwrap();
        }
    }
}

fn number(name: &str) -> f64 {
    name.split('+').next().unwrap().parse().unwrap()
}

const READ: &str = r#"
from Mailman.Queue.Switchboard import Switchboard
board = Switchboard(os.path.join(site, 'in'), recover=True)
for filebase in board.files():
    msg, data = board.dequeue(filebase)
    keys = data.keys()
    keys.sort()
    print filebase, msg.__class__, repr(msg.get_payload()), repr(msg['subject']), [(k, data[k]) for k in keys]
    board.finish(filebase, preserve=len(sys.argv) > 3)
"#;

fn message_object() -> EntryMessage {
    let headers = Value::list(vec![Value::tuple(vec![Value::str("Subject"), Value::str("object")])]);
    let attributes: Dict = [
        ("_headers", headers),
        ("_payload", Value::str("text\n")),
        ("_charset", Value::None),
        ("_unixfrom", Value::None),
        ("preamble", Value::None),
        ("epilogue", Value::None),
        ("defects", Value::list(Vec::new())),
        ("_default_type", Value::str("text/plain")),
    ]
    .into_iter()
    .map(|(key, value)| (ByteStr::from(key), value))
    .collect();
    EntryMessage::Object(Value::Object(Rc::new(Object::old_style("Mailman.Message", "Message", attributes))))
}

fn put(site: &Path, message: &EntryMessage, time: f64) -> String {
    let metadata = Metadata::new()
        .with("listname", Value::str("test"))
        .with("received_time", Value::Float(time))
        .with("_gone", Value::Int(1))
        .with("truth", Value::Bool(true));
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(site)));
    let name = outbox.enqueue(QueueName::In, message, &metadata).unwrap();
    outbox.commit().unwrap();
    name.to_string()
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn python_reads_what_ours_writes() {
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let raw = EntryMessage::Raw(ByteStr::from(b"Subject: raw\xe9\n\ntext\n"));
        let first = put(site.path(), &raw, 1795475402.733003);
        let second = put(site.path(), &message_object(), 1795475403.0);
        let rest = "('listname', 'test'), ('received_time', ";
        let printed = reference.run(READ, site.path(), &[]);
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(
            lines,
            [
                format!(
                    r"{first} Mailman.Message.Message 'text\n' 'raw\xe9' [('_parsemsg', True), {rest}1795475402.733003), ('truth', True), ('version', 3)]"
                ),
                format!(
                    r"{second} Mailman.Message.Message 'text\n' 'object' [('_parsemsg', False), {rest}1795475403.0), ('truth', True), ('version', 3)]"
                ),
            ],
            "{:?}",
            reference.prefix
        );
        assert_eq!(std::fs::read_dir(site.path().join("in")).unwrap().count(), 0);
    }
}

/// Each engine recovers what the other had in work, and both agree on the count that sets an entry aside.
#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn entries_in_work_change_hands() {
    for reference in references() {
        for message in [EntryMessage::Raw(ByteStr::from("Subject: raw\n\ntext\n")), message_object()] {
            let site = tempfile::tempdir().unwrap();
            let name = put(site.path(), &message, 1795475402.5);
            assert_eq!(recover_ours(site.path(), true), [] as [String; 0]);
            assert!(recover_python(&reference, site.path()).contains("('_bak_count', 1)"));
            assert_eq!(recover_ours(site.path(), true), [format!("Recovered from .bak (time 2): {name}")]);
            assert_eq!(recover_python(&reference, site.path()), "");
            assert!(site.path().join(format!("bad/{name}.psv")).exists());
            let log = std::fs::read_to_string(site.path().join("error")).unwrap();
            let line = QueueEvent::TooOften { name: compat::queue::EntryName::parse(&name).unwrap() };
            assert!(log.trim_end().ends_with(&line.to_string()), "{log}");
        }
    }
}

/// Recovers, and then leaves all entries in work.
fn recover_ours(site: &Path, take: bool) -> Vec<String> {
    let folders = QueueFolders::below(site);
    let mut board = Switchboard::open(folders.of(QueueName::In), folders.of(QueueName::Bad), Slice::WHOLE).unwrap();
    board.recover_backups().unwrap();
    for name in board.files().unwrap().iter().filter(|_| take) {
        board.dequeue(name).unwrap();
    }
    board.take_events().iter().map(ToString::to_string).collect()
}

fn recover_python(reference: &Reference, site: &Path) -> String {
    const SCRIPT: &str = r#"
from Mailman.Queue.Switchboard import Switchboard
board = Switchboard(os.path.join(site, 'in'), recover=True)
for filebase in board.files():
    msg, data = board.dequeue(filebase)
    items = data.items()
    items.sort()
    print items
"#;
    reference.run(SCRIPT, site, &[])
}

/// The slices of both engines are the same sets.
#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn slices_are_the_same_sets() {
    const SCRIPT: &str = r#"
from Mailman.Queue.Switchboard import Switchboard
for index in range(7):
    print ' '.join(Switchboard(os.path.join(site, 'in'), index, 7).files())
"#;
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        (0..80).for_each(|i| drop(put(site.path(), &message_object(), 1795475402.0 + f64::from(i))));
        let printed = reference.run(SCRIPT, site.path(), &[]);
        for (index, line) in printed.lines().enumerate() {
            let dir = site.path().join("in");
            let mut board = Switchboard::open(&dir, "/nowhere", Slice::new(index as i64, 7)).unwrap();
            let names: Vec<String> = board.files().unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(names.join(" "), line);
        }
    }
}
