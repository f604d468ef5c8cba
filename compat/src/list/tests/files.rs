//! Reading with fall-back, saving in Mailman's order, refusing.

use super::*;
use crate::durable::fault::{self, Fault, Op};
use crate::list::requests::RequestKind;
use crate::names::by_name;
use std::os::unix::fs::MetadataExt;

#[test]
fn a_save_without_changes_loses_nothing() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.save().unwrap();
    drop(list);
    assert_eq!(scratch.stored(), golden());
    assert_eq!(scratch.read("config.pck.last"), golden::CONFIG);
    assert_eq!(fs::metadata(scratch.path("config.pck")).unwrap().mode() & 0o777, 0o660);
    assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 2);
    assert_eq!(fs::read_dir(scratch.dir.path().join("locks")).unwrap().count(), 0);
}

#[test]
fn what_changed_is_written_and_the_rest_is_copied() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.set(attributes::POST_ID, Value::Float(8.0));
    list.set(attributes::LAST_POST_TIME, Value::Float(1262304000.25));
    list.set(by_name("added"), Value::str("new"));
    list.save().unwrap();
    let mut expected = golden();
    expected.set("post_id", Value::Float(8.0));
    expected.set("last_post_time", Value::Float(1262304000.25));
    expected.set("added", Value::str("new"));
    assert_eq!(scratch.stored(), expected);
    // The old bytes, class and shared address included, are still there.
    let kept = b"(cMailman.Bouncer\n_BounceInfo\nq\x07o}q\x08(";
    assert!(memchr::memmem::find(&scratch.read("config.pck"), kept).is_some());
}

#[test]
fn every_attribute_can_change() {
    for name in golden().iter().filter_map(|(name, _)| name.as_text()) {
        let scratch = Scratch::new(V39);
        let mut list = scratch.lock();
        let name = name.to_latin1();
        list.set(by_name(&name), Value::tuple(vec![Value::str("changed"), Value::None]));
        list.save().unwrap();
        let mut expected = golden();
        expected.set(name.as_str(), Value::tuple(vec![Value::str("changed"), Value::None]));
        assert_eq!(scratch.stored(), expected, "{name}");
    }
}

#[test]
fn a_unicode_text_comes_in_the_charset_of_the_list() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.set(attributes::INFO, Value::Unicode("ä\u{20ac}".into()));
    list.set(attributes::PREFERRED_LANGUAGE, Value::Unicode("de".into()));
    assert_eq!(list.str(attributes::INFO), b"\xe4?");
    list.set(attributes::PREFERRED_LANGUAGE, Value::Unicode("ä".into()));
    assert_eq!(list.str(attributes::INFO), "??", "a language that nobody knows is ASCII");
}

#[test]
fn numbers_stay_of_their_kind_when_one_is_added() {
    assert_eq!(Value::Long("7".into()).plus_one(), Value::Long("8".into()));
    assert_eq!(Value::Bool(true).plus_one(), Value::Int(2));
    assert_eq!(Value::Float(7.0).plus_one(), Value::Float(8.0));
    assert_eq!(Value::Int(7).plus_one(), Value::Int(8));
}

#[test]
fn changes_in_place_count() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.dict_mut(attributes::PASSWORDS).unwrap().set("anne@example.com", Value::str("new"));
    list.get_mut(attributes::TOPICS).unwrap().as_list_mut().unwrap().clear();
    assert!(list.dict_mut(by_name("topics")).is_err());
    list.save().unwrap();
    let stored = scratch.stored();
    assert_eq!(stored.get(b"passwords").unwrap().as_dict().unwrap().get(b"anne@example.com"), Some(&Value::str("new")));
    assert_eq!(stored.get(b"topics"), Some(&Value::list(vec![])));
}

#[test]
fn saving_again_and_again_does_not_grow_the_file() {
    let scratch = Scratch::new(V39);
    let mut sizes = Vec::new();
    for round in 0..5 {
        let mut list = scratch.lock();
        list.set(attributes::POST_ID, Value::Float(f64::from(round) + 0.5));
        list.dict_mut(attributes::HOLD_AND_CMD_AUTORESPONSES).unwrap().set("a@b.example", Value::Int(round.into()));
        list.save().unwrap();
        list.unlock().unwrap();
        sizes.push(scratch.read("config.pck").len());
    }
    assert_eq!(sizes[1], sizes[4]);
}

/// The steps of a save whose requests only grew, or lost one.
fn steps_of_a_save(has_decided: bool) -> Vec<(Op, String)> {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.add_request(RequestKind::Unsubscription, Value::str("a@b")).unwrap();
    list.save().unwrap();
    list.requests().unwrap();
    if has_decided {
        assert!(list.requests().unwrap().remove(1));
    }
    let armed = fault::record();
    list.save().unwrap();
    armed.steps().iter().map(|step| (step.op, file_name(&step.path))).collect()
}

#[test]
fn the_order_of_a_save() {
    for has_decided in [false, true] {
        let steps = steps_of_a_save(has_decided);
        let find = |op: Op, name: &str| steps.iter().position(|(o, n)| *o == op && n.starts_with(name)).unwrap();
        let order = [
            find(Op::Sync, "config.pck.tmp."),
            find(Op::Unlink, "config.pck.last"),
            find(Op::Link, "config.pck"),
            find(Op::Rename, "config.pck.tmp."),
            find(Op::Unlink, "test"),
        ];
        assert!(order.is_sorted(), "{order:?} {steps:?}");
        // What was decided is in the list before its request goes; a new request is there before its number is used up.
        let requests = find(Op::Rename, "request.pck.tmp");
        assert_eq!(requests > find(Op::Rename, "config.pck.tmp."), has_decided, "{steps:?}");
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_save_that_fails_leaves_the_old_list_or_the_new_one() {
    for nth in 1.. {
        let scratch = Scratch::new(V39);
        let mut list = scratch.lock();
        list.set(attributes::POST_ID, Value::Float(8.0));
        let armed = fault::arm(nth, Fault::Fail(nix::errno::Errno::ENOSPC as i32));
        let outcome = list.save();
        let met = armed.was_met();
        drop(armed);
        let post_id = MailList::load(&scratch.site, "test").unwrap().float(attributes::POST_ID);
        assert!(post_id == 7.0 || post_id == 8.0);
        if outcome.is_ok() {
            assert_eq!(post_id, 8.0);
        }
        if !met {
            return;
        }
    }
}

#[test]
fn a_failed_write_is_logged() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    fs::create_dir(list.temporary()).unwrap();
    assert!(list.save().is_err());
    let log = scratch.log("error");
    assert!(log.contains("Failed config.pck write, retaining old state.\n[Errno "), "{log}");
}

#[test]
fn a_damaged_file_is_put_right_from_the_state_before() {
    for locked in [false, true] {
        let scratch = Scratch::new(V39);
        scratch.write("config.pck.last", golden::CONFIG);
        scratch.write("config.pck", &golden::CONFIG[..golden::CONFIG.len() / 2]);
        scratch.write("config.pck.safety", b"old");
        if locked {
            assert_eq!(scratch.lock().float(attributes::POST_ID), 7.0);
        } else {
            assert_eq!(scratch.open().float(attributes::POST_ID), 7.0);
        }
        assert_eq!(scratch.read("config.pck"), golden::CONFIG);
        assert_eq!(scratch.read("config.pck.safety"), golden::CONFIG);
        assert_eq!(scratch.read("config.pck.corrupt"), &golden::CONFIG[..golden::CONFIG.len() / 2]);
        let log = scratch.log("error");
        let (main, last) = (scratch.path("config.pck"), scratch.path("config.pck.last"));
        assert!(log.contains(&format!("couldn't load config file {}\n", main.display())), "{log}");
        assert!(log.contains(&format!("fixing corrupt config file, using: {}\n", last.display())), "{log}");
        assert_eq!(fs::read_dir(scratch.dir.path().join("locks")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 4);
    }
}

#[test]
fn a_missing_file_is_made_from_the_state_before() {
    let scratch = Scratch::new(V13);
    fs::rename(scratch.path("config.pck"), scratch.path("config.pck.last")).unwrap();
    assert_eq!(scratch.open().float(attributes::POST_ID), 7.0);
    assert_eq!(scratch.read("config.pck"), golden::CONFIG);
    assert!(scratch.log("error").contains("\n[Errno 2] No such file or directory: '"));
}

#[test]
fn nothing_that_can_be_read() {
    let scratch = Scratch::new(V39);
    scratch.write("config.pck", b"");
    scratch.write("config.pck.last", b"](K\x01.");
    let error = MailList::load(&scratch.site, "test").err().expect("no list");
    assert!(matches!(error, ListError::Corrupt { .. }));
    let text = error.to_string();
    assert!(text.contains("can be read; config.pck: ") && text.contains("config.db.last'"), "{text}");
    assert!(scratch.log("error").contains("All test fallbacks were corrupt, giving up\n"));
    scratch.write("config.pck", b"]q\x01h\x01a.");
    assert!(matches!(MailList::load(&scratch.site, "test"), Err(ListError::Refused { .. })));
    assert_eq!(scratch.read("config.pck.last"), b"](K\x01.");
}

#[test]
fn lists_that_do_not_exist() {
    let scratch = Scratch::new(V39);
    for name in ["nolist", "Test", "../lists/test", "", ".", "test/"] {
        assert!(matches!(MailList::load(&scratch.site, name), Err(ListError::Unknown(_))), "{name}");
        assert!(matches!(LockedList::open(&scratch.site, name, None), Err(ListError::Unknown(_))), "{name}");
    }
    let log = scratch.log("mischief");
    assert!(log.contains("Hostile listname: listname=../lists/test: remote=unidentified origin\n"), "{log}");
    fs::create_dir(scratch.dir.path().join("lists/empty")).unwrap();
    assert_eq!(names(&scratch.site).unwrap(), ["test"]);
}

#[test]
fn a_list_with_python_code_is_refused() {
    let scratch = Scratch::new(V39);
    scratch.write("extend.py", b"# nothing\n\n   # here\n");
    scratch.open();
    scratch.write("extend.py", b"def extend(mlist):\n    mlist.pipeline = []\n");
    assert!(matches!(MailList::load(&scratch.site, "test"), Err(ListError::NeedsPython { .. })));
    assert!(matches!(LockedList::open(&scratch.site, "test", None), Err(ListError::NeedsPython { .. })));
    assert_eq!(fs::read_dir(scratch.dir.path().join("locks")).unwrap().count(), 0);
}

#[test]
fn the_lock_is_waited_for_and_lost_locks_are_noticed() {
    let scratch = Scratch::new(V39);
    fs::write(scratch.dir.path().join("locks/test.lock"), "elsewhere").unwrap();
    let soon = Some(std::time::Duration::from_millis(50));
    assert!(matches!(LockedList::open(&scratch.site, "test", soon), Err(ListError::LockTimeout { .. })));
    fs::remove_file(scratch.dir.path().join("locks/test.lock")).unwrap();
    let mut list = scratch.lock();
    fs::remove_file(scratch.dir.path().join("locks/test.lock")).unwrap();
    assert!(matches!(list.save(), Err(ListError::Lock { .. })));
    assert_eq!(scratch.read("config.pck"), golden::CONFIG);
}

#[test]
fn the_public_archive_is_linked_or_not() {
    let scratch = Scratch::new(V39);
    let public = scratch.dir.path().join("archives/public/test");
    let mut list = scratch.lock();
    list.set(attributes::ARCHIVE_PRIVATE, Value::Int(0));
    list.save().unwrap();
    assert_eq!(fs::read_link(&public).unwrap(), scratch.dir.path().join("archives/private/test"));
    list.save().unwrap();
    list.set(attributes::ARCHIVE_PRIVATE, Value::Int(1));
    list.save().unwrap();
    assert!(!public.is_symlink());
}

#[test]
fn values_are_put_right_in_memory() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    list.set(attributes::WEB_PAGE_URL, Value::str("http://x.example/m"));
    list.set(attributes::REPLY_GOES_TO_LIST, Value::Int(2));
    list.set(attributes::REPLY_TO_ADDRESS, Value::str("not an address"));
    let topic =
        |pattern: &str| Value::tuple(["n", pattern, "d"].map(Value::str).into_iter().chain([Value::Int(0)]).collect());
    list.set(attributes::TOPICS, Value::list(vec![topic("cat|dog"), Value::tuple(vec![Value::None])]));
    list.save().unwrap();
    list.unlock().unwrap();
    let list = scratch.open();
    assert_eq!(list.str(attributes::WEB_PAGE_URL), "http://x.example/m/");
    assert_eq!((list.str(attributes::REPLY_TO_ADDRESS), list.int(attributes::REPLY_GOES_TO_LIST)), ("".into(), 0));
    assert_eq!(list.get(attributes::TOPICS).unwrap().as_items().unwrap().len(), 1);
    let log = scratch.log("error");
    assert!(log.contains("Bad reply_to_address \"not an address\" cleared for list: test\n"), "{log}");
    assert!(log.contains("Bad topic \"(None,)\" for list: test\n"), "{log}");
    let stored = scratch.stored();
    assert_eq!(stored.get(b"topics").unwrap().as_items().unwrap().len(), 2);
}

#[test]
fn who_asks_for_a_language_makes_the_servers_one_of_the_lists() {
    let scratch = Scratch::of_newest();
    let mut list = scratch.lock();
    list.set(attributes::AVAILABLE_LANGUAGES, Value::list(vec![Value::str("de")]));
    list.save().unwrap();
    let known = || scratch.stored().get(b"available_languages").cloned();
    assert_eq!(known(), Some(Value::list(vec![Value::str("de")])));
    list.language_of(b"anne@example.com");
    list.save().unwrap();
    assert_eq!(known(), Some(Value::list(["de", "en"].map(Value::str).to_vec())));
}
