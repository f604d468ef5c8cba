//! Lists on scratch sites.

mod again;
mod cache;
mod files;
mod golden;
mod look;
mod python;
mod roster;
mod stores;

use super::*;
use crate::list::attributes;
use crate::site::Version;
use std::fs;
use tempfile::TempDir;

const V13: Version = Version { micro: 13 };
const V39: Version = Version { micro: 39 };

/// A site with one list, `test`.
pub(super) struct Scratch {
    dir: TempDir,
    site: Rc<Site>,
}

impl Scratch {
    fn new(version: Version) -> Scratch {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["lists/test", "locks", "logs", "data", "archives/public", "archives/private"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let site = Site::bare(dir.path(), version);
        let scratch = Scratch { dir, site };
        scratch.write("config.pck", golden::CONFIG);
        scratch
    }

    pub(super) fn of_newest() -> Scratch {
        Scratch::new(V39)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join("lists/test").join(file)
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.path(file), bytes).unwrap();
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap()
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join("logs").join(name)).unwrap_or_default()
    }

    pub(super) fn open(&self) -> MailList {
        MailList::load(&self.site, "test").unwrap()
    }

    fn lock(&self) -> LockedList {
        LockedList::open(&self.site, "test", None).unwrap()
    }

    /// What the file holds now.
    fn stored(&self) -> Dict {
        let (value, _) = crate::pickle::load(&ByteStr::new(self.read("config.pck"))).unwrap();
        value.as_dict().unwrap().clone()
    }
}

fn golden() -> Dict {
    crate::pickle::load(&golden::CONFIG.into()).unwrap().0.as_dict().unwrap().clone()
}

#[test]
fn attributes_and_addresses() {
    let scratch = Scratch::new(V13);
    let list = scratch.open();
    assert_eq!(list.name(), &"test");
    assert_eq!(list.real_name(), "Test");
    assert_eq!(list.float(attributes::POST_ID), 7.0);
    assert!(list.require(by_name("no_such")).is_err());
    assert_eq!(list.str(by_name("no_such")), "");
    assert_eq!(list.posting_address(), "test@lists.example.com");
    assert_eq!(list.bounces_address(), "test-bounces@lists.example.com");
    assert_eq!(list.confirm_address(b"c0ffee"), "test-confirm+c0ffee@lists.example.com");
    assert_eq!(list.request_address_for(b"c0ffee"), "test-request@lists.example.com");
    assert_eq!(list.member_admin_address(b"sub@x.example"), "sub@x.example");
    assert_eq!(list.script_url("listinfo", false), "http://www.example.com/mailman/listinfo/test");
    let options = list.options_url(b"A+b@c.example", true, true);
    assert_eq!(options, "http://www.example.com/mailman/options/test/a%2Bb--at--c.example");
    assert_eq!(list.base_archive_url(), "http://www.example.com/mailman/private/test/");
}

#[test]
fn items_go_into_a_table_that_is_made_where_there_is_none() {
    let mut list = Scratch::new(V39).open();
    for (key, value) in [("a", 1), ("b", 2), ("a", 3)] {
        list.set_item(attributes::REQUEST_RESPONSES, &key.into(), Value::Int(value));
        list.set_item(by_name("no_such"), &key.into(), Value::Int(value));
    }
    for table in ["request_responses", "no_such"] {
        let items = list.dict(by_name(table)).unwrap();
        assert_eq!((items.get(b"a"), items.get(b"b")), (Some(&Value::Int(3)), Some(&Value::Int(2))), "{table}");
    }
}

#[test]
fn a_public_archive_has_a_url_of_its_own() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.set(attributes::ARCHIVE_PRIVATE, Value::Int(0));
    assert_eq!(list.base_archive_url(), "http://www.example.com/pipermail/test/");
    list.set(attributes::UMBRELLA_LIST, Value::Bool(true));
    assert_eq!(list.member_admin_address(b"sub@x.example"), "sub-owner@x.example");
    // Mailman raises ValueError.
    assert_eq!(list.member_admin_address(b"sub@@x.example"), "sub-owner@@x.example");
}

#[test]
fn attributes_of_newer_versions_are_looked_up_and_not_stored() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    assert_eq!(list.get(attributes::FROM_IS_LIST), Some(&Value::Int(0)));
    assert_eq!(list.int(attributes::MEMBER_VERBOSITY_INTERVAL), 300);
    list.save().unwrap();
    assert_eq!(scratch.stored(), golden());
    assert!(Scratch::new(V13).open().get(attributes::FROM_IS_LIST).is_none());
}

/// Python fails on such values. What is left out is said.
#[test]
fn what_is_no_text_in_a_list_of_texts_is_said() {
    let site = Scratch::of_newest();
    let mut list = site.lock();
    let latin = Value::Unicode(crate::value::UniStr("\u{fc}@x.example".into()));
    list.set(attributes::BAN_LIST, Value::list(vec![Value::Int(5), Value::str("a@b.example"), latin]));
    list.set(attributes::PREFERRED_LANGUAGE, Value::str("de"));
    assert_eq!(list.strings(attributes::BAN_LIST), ["a@b.example".into(), ByteStr::from(&b"\xfc@x.example"[..])]);
    list.set(attributes::MODERATOR, Value::str("one@x.example"));
    assert!(list.strings(attributes::MODERATOR).is_empty());
    let log = site.log("error");
    assert!(log.contains("ban_list of list test: left out, not understood: 5\n"), "{log}");
    assert!(log.contains("moderator of list test: left out, not understood: 'one@x.example'\n"), "{log}");
}

/// Python compares such a value with each choice, and ends in the last branch: who joins waits for a moderator.
#[test]
fn a_policy_that_is_no_number_is_none_of_the_choices() {
    let site = Scratch::of_newest();
    let mut list = site.lock();
    for (value, choice) in [(Value::Int(3), 3), (Value::Bool(true), 1), (Value::str("0"), -1), (Value::None, -1)] {
        list.set(attributes::SUBSCRIBE_POLICY, value.clone());
        assert_eq!(list.choice(attributes::SUBSCRIBE_POLICY), choice, "{value:?}");
    }
    assert!(site.log("error").contains("subscribe_policy of list test: left out, not understood: '0'\n"));
}
