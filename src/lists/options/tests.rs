//! The table against the attributes of a new list, and the forms of values. Literals are what Mailman's config_list wrote.

use super::apply::{set, Outcome};
use super::show::{self, Tongue};
use super::table::CATEGORIES;
use crate::demo::new_list::{self, NewList};
use crate::demo::site;
use crate::notice::Words;
use compat::list::MailList;
use compat::pickle::Value;

fn list() -> (tempfile::TempDir, MailList) {
    let folder = tempfile::tempdir().unwrap();
    let site = site::create(folder.path(), &[]).unwrap();
    new_list::create(&site, &NewList { name: "garden", owners: &["rose@example.com"], members: &[] }).unwrap();
    let list = MailList::load(&site, "garden").unwrap();
    (folder, list)
}

fn file(list: &MailList) -> String {
    let words = Words::new(list.site(), b"en");
    let shown = |english: &str, values: &[(&str, Value)]| words.fill(english, values);
    String::from_utf8(show::file(list, 0, &Tongue { words: &words, shown: &shown })).unwrap()
}

#[test]
fn every_option_is_an_attribute_of_a_new_list() {
    let (_folder, list) = list();
    for row in CATEGORIES.iter().flat_map(|category| category.rows) {
        assert!(list.has(row.name), "{}", row.name);
    }
}

#[test]
fn values_are_written_as_mailman_does() {
    let (_folder, mut list) = list();
    list.set("description", Value::str("It's \"new\""));
    list.set("info", Value::str("one\ntwo \"2\"\n"));
    let text = file(&list);
    for line in [
        "real_name = 'Garden'",
        "owner = ['rose@example.com']",
        "description = 'It\\'s \"new\"'",
        "info = \"\"\"one\ntwo \\\"2\\\"\"\"\"",
        "moderator = []",
        "bounce_info_stale_after = 7",
        "goodbye_msg = ''",
        "advertised = True",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line}\n{text}");
    }
    assert!(text.contains("#\n# legal values are:\n#    0 = \"No\"\n#    1 = \"Yes\"\nanonymous_list = False\n"));
    assert!(text.contains("#    1 = \"Confirm\"\n") && !text.contains("#    0 = \"None\"\n#    1 = \"Confirm\""));
}

#[test]
fn values_are_checked_and_converted() {
    let (_folder, mut list) = list();
    let fine = Outcome::Set(Vec::new());
    assert_eq!(set(&mut list, "no_such", &Value::Int(1)), Outcome::Unknown);
    assert_eq!(set(&mut list, "volume", &Value::Int(7)), Outcome::NonStandard);
    assert_eq!(set(&mut list, "advertised", &Value::str("x")), Outcome::Invalid);
    assert_eq!(set(&mut list, "owner", &Value::str("a@b.example\nbad")), Outcome::BadAddress);
    assert_eq!(set(&mut list, "owner", &Value::str("a@b.example\n\n c@d.example ")), fine);
    assert_eq!(list.strings("owner"), ["a@b.example", "c@d.example"]);
    assert_eq!(set(&mut list, "bounce_info_stale_after", &Value::Int(2)), fine);
    assert_eq!(list.get("bounce_info_stale_after"), Some(&Value::Int(172_800)));
    assert_eq!(
        set(&mut list, "filter_mime_types", &Value::str("Image/GIF\na/b/c")),
        Outcome::Set(vec!["Bad MIME type ignored: a/b/c".into()])
    );
    assert_eq!(list.strings("filter_mime_types"), ["image/gif"]);
    assert!(matches!(set(&mut list, "real_name", &Value::str("Other")), Outcome::Refused(_)));
    assert_eq!(set(&mut list, "real_name", &Value::str("GARDEN")), fine);
    // Equal values stay as they are; options of privacy are set in any case.
    assert_eq!(set(&mut list, "archive", &Value::Int(1)), fine);
    assert_eq!(list.get("archive"), Some(&Value::Bool(true)));
    assert_eq!(set(&mut list, "advertised", &Value::Int(1)), fine);
    assert_eq!(list.get("advertised"), Some(&Value::Int(1)));
}
