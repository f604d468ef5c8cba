//! The bridge with a child that says what a test wants, and with a real Python where there is one.

use super::request::{Answer, Outcome};
use super::*;
use crate::demo::new_list::{self, NewList};
use crate::pipeline::site_handler::handler;
use crate::pipeline::{walk, Verdict, Walk};
use crate::testing::pipeline::{Fixture, NEW};
use compat::list::{attributes, LockedList};
use compat::names::by_name;
use compat::pickle::{dumps, Protocol};
use compat::site::{settings, Origin};
use compat::value::Dict;
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;

const POST: &[u8] = b"From: anna@example.com\nSubject: hello\n\nx\n";

/// A site whose Python is this shell script; it is asked for its version first.
fn with_python(script: &str) -> Fixture {
    let mut fixture = Fixture::new(NEW, &[("topics_enabled", Value::Int(0))], POST);
    let program = fixture.site.home.join("python");
    let text = format!("#!/bin/sh\ncase \"$2\" in *'and 42 or 1'*) exit 42;; esac\n{script}\n");
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = [("PYTHON", Value::str(program.to_str().unwrap())), ("MAILMAN2_RS_PYTHON_TIMEOUT", Value::Int(5))];
    set(&mut fixture, &settings);
    fixture
}

fn set(fixture: &mut Fixture, settings: &[(&str, Value)]) {
    let mut site = Site::bare(&fixture.site.home, NEW);
    for (name, value) in settings {
        Rc::get_mut(&mut site).unwrap().settings.set(by_name(name), value.clone(), Origin::BuiltIn);
    }
    fixture.site = site;
}

/// An answer as the helper writes it, put where the script finds it.
fn answer(fixture: &Fixture, kind: &str, text: &str, changed: Dict) {
    let mut msg = compat::email::parser::parse(&ByteStr::from(POST));
    msg.append("X-Seen", "yes");
    let verdict = Value::tuple(vec![Value::str(kind), Value::str(text)]);
    let data = Metadata::new().with("seen", Value::Int(1));
    let parts = [verdict, msg.to_value(), data.to_value(), Value::dict(changed), Value::list(vec![])];
    let bytes: Vec<u8> = parts.iter().flat_map(|part| dumps(part, Protocol::P1).unwrap()).collect();
    std::fs::write(fixture.site.home.join("answer"), bytes).unwrap();
}

const SAY: &str = "cat > /dev/null; cat \"$(dirname \"$0\")/answer\"";

#[test]
fn what_a_handler_changed_is_taken_over() {
    let mut fixture = with_python(SAY);
    let mut changed = Dict::new();
    changed.set("topics_enabled", Value::Int(1));
    answer(&fixture, "continue", "", changed);
    let verdict = fixture.run(|ctx| handler(ctx, &"Local".into()).unwrap());
    assert_eq!(verdict, Verdict::Continue);
    assert_eq!(fixture.msg.get_str("x-seen"), Some("yes".into()));
    assert_eq!(fixture.data.int("seen"), Some(1));
    assert_eq!(fixture.list.int(attributes::TOPICS_ENABLED), 1);
}

#[test]
fn verdicts_are_those_of_its_exceptions() {
    let mut fixture = with_python(SAY);
    for (kind, expected) in [
        ("discard", Verdict::Discard),
        ("hold", Verdict::Hold),
        ("reject", Verdict::Reject("no\n\n".into())),
        ("continue", Verdict::Continue),
    ] {
        answer(&fixture, kind, if kind == "reject" { "no\n\n" } else { "" }, Dict::new());
        assert_eq!(fixture.run(|ctx| handler(ctx, &"Local".into()).unwrap()), expected);
    }
}

#[test]
fn an_exception_is_an_error_with_its_last_line_and_the_list_stays() {
    let mut fixture = with_python(SAY);
    let mut changed = Dict::new();
    changed.set("topics_enabled", Value::Int(1));
    answer(&fixture, "error", "Traceback (most recent call last):\n  File\nValueError: 7\n", changed);
    let error = fixture.run(|ctx| handler(ctx, &"Local".into()).unwrap_err());
    assert_eq!(error.to_string(), "ValueError: 7");
    assert_eq!(fixture.list.int(attributes::TOPICS_ENABLED), 0);
    assert_eq!(fixture.msg.get_str("x-seen"), Some("yes".into()));
}

#[test]
fn a_child_that_dies_or_babbles_or_sleeps_is_an_error() {
    let failure = |script: &str| {
        let mut fixture = with_python(script);
        if script.contains("sleep") {
            let python = fixture.site.settings.get(settings::PYTHON).unwrap().clone();
            set(&mut fixture, &[("PYTHON", python), ("MAILMAN2_RS_PYTHON_TIMEOUT", Value::Int(1))]);
        }
        fixture.run(|ctx| handler(ctx, &"Local".into()).unwrap_err()).to_string()
    };
    assert_eq!(failure("echo one >&2; echo two >&2; exit 3"), "the site's Python failed: exit status: 3: two");
    assert!(failure("kill -9 $$").starts_with("the site's Python failed: signal: 9"));
    assert!(failure("echo hello").starts_with("the site's Python sent back what cannot be read: "));
    assert_eq!(failure("exec sleep 60"), "the site's Python was ended after 1 seconds");
    assert_eq!(failure("exec 1>&-; exec sleep 60"), "the site's Python was ended after 1 seconds");
}

#[test]
fn without_a_python_2_there_is_none() {
    let mut fixture = with_python("exit 0");
    assert!(python(&fixture.site).is_some());
    for other in ["/no/such/python", "/bin/true", ""] {
        set(&mut fixture, &[("PYTHON", Value::str(other))]);
        assert_eq!(python(&fixture.site), None, "{other}");
    }
}

#[test]
fn an_answer_must_be_whole() {
    let good = dumps(&Value::tuple(vec![Value::str("maybe"), Value::str("")]), Protocol::P1).unwrap();
    assert_eq!(
        Answer::read(ByteStr::new(good)).unwrap_err().to_string(),
        "the site's Python sent back what cannot be read: no verdict"
    );
    assert!(Answer::read(ByteStr::default()).is_err());
    assert_ne!(Outcome::Continue, Outcome::Hold);
}

/// A copy of an installed Mailman of our own to write into, with the list of the fixture in it.
fn real_site() -> Fixture {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
    let prefix = prefixes.split(':').next().unwrap_or_default().to_owned();
    let mut fixture = Fixture::new(NEW, &[], POST);
    let home = fixture.site.home.clone();
    for part in ["Mailman", "pythonlib", "templates", "messages"] {
        let copied = std::process::Command::new("cp").args(["-a", &format!("{prefix}/{part}")]).arg(&home).status();
        assert!(copied.unwrap().success());
    }
    let settings = format!(
        "from Defaults import *\nVAR_PREFIX = PREFIX = '{0}'\nLIST_DATA_DIR, LOCK_DIR, LOG_DIR, DATA_DIR = \
         ['{0}/' + x for x in 'lists', 'locks', 'logs', 'data']\nQUEUE_DIR = '{0}/qfiles'\nVIRGINQUEUE_DIR = \
         '{0}/qfiles/virgin'\nOUTQUEUE_DIR = '{0}/qfiles/out'\nSHUNTQUEUE_DIR = '{0}/qfiles/shunt'\nTEMPLATE_DIR = \
         '{0}/templates'\nMESSAGES_DIR = '{0}/messages'\n",
        home.display()
    );
    std::fs::write(home.join("Mailman/mm_cfg.py"), settings).unwrap();
    set(&mut fixture, &[("PYTHON", Value::str(python))]);
    std::fs::create_dir_all(home.join("archives/public")).unwrap();
    let list = NewList { name: "garden", owners: &["rose@example.com"], members: &[] };
    new_list::create(&fixture.site, &list).unwrap();
    fixture.list = LockedList::open(&fixture.site, "garden", None).unwrap();
    fixture.list.set(attributes::POST_ID, Value::Float(7.0));
    fixture
}

fn write_handler(fixture: &Fixture, text: &str) {
    std::fs::write(fixture.site.home.join("Mailman/Handlers/Local.py"), text).unwrap();
}

fn names(names: &[&str]) -> Vec<ByteStr> {
    names.iter().map(|name| ByteStr::from(*name)).collect()
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_real_handler_changes_message_metadata_list_and_pipeline() {
    let mut fixture = real_site();
    write_handler(
        &fixture,
        "import sys\n\
         def process(mlist, msg, msgdata):\n\
         \x20   print 'heard by nobody'\n\
         \x20   assert sys.stdin.read() == ''\n\
         \x20   assert mlist.Locked() and mlist.post_id == 8.0, mlist.post_id\n\
         \x20   msg['X-Local'] = mlist.internal_name()\n\
         \x20   msgdata['score'] = (1.5, u'x')\n\
         \x20   msgdata['pipeline'].remove('Nonsense')\n\
         \x20   mlist.local_count = getattr(mlist, 'local_count', 0) + 1\n\
         \x20   del mlist.description\n",
    );
    let walked = fixture.run(|ctx| walk(ctx, names(&["AfterDelivery", "Local", "Nonsense"])).unwrap());
    assert_eq!(walked, Walk::Done);
    assert_eq!(fixture.msg.get_str("x-local"), Some("garden".into()));
    assert_eq!(fixture.data.get("score").and_then(Value::as_items).map(<[Value]>::len), Some(2));
    assert_eq!(fixture.list.int(by_name("local_count")), 1);
    assert!(!fixture.list.attribute_names().any(|name| *name == "description"));
    fixture.list.save().unwrap();
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_real_handler_holds_rejects_discards_and_raises() {
    let mut fixture = real_site();
    let mut ends = |body: &str| {
        let text = format!(
            "from Mailman import Errors\nfrom Mailman.Handlers import Hold\ndef process(mlist, msg, msgdata):\n    {body}\n"
        );
        write_handler(&fixture, &text);
        fixture.run(|ctx| handler(ctx, &"Local".into())).map_err(|error| error.to_string())
    };
    assert_eq!(ends("raise Errors.DiscardMessage"), Ok(Verdict::Discard));
    assert_eq!(ends("raise Errors.RejectMessage, 'go away'"), Ok(Verdict::Reject("go away\n\n".into())));
    assert_eq!(ends("raise ValueError, 'seven'"), Err("ValueError: seven".to_owned()));
    assert_eq!(ends("import os; os._exit(4)"), Err("the site's Python failed: exit status: 4: ".to_owned()));
    assert_eq!(ends("Hold.hold_for_approval(mlist, msg, msgdata, Hold.NonMemberPost)"), Ok(Verdict::Hold));
    assert_eq!(fixture.list.requests().unwrap().len(), 1);
    assert_eq!(fixture.list.int(attributes::NEXT_REQUEST_ID), 2);
    fixture.list.save().unwrap();
    fixture.list.refresh().unwrap();
}
