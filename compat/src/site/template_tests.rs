//! The search for templates, and what is made of them.

use super::*;
use crate::site::Version;
use std::rc::Rc;

struct Place {
    folder: tempfile::TempDir,
    site: Rc<Site>,
}

fn place(files: &[(&str, &[u8])]) -> Place {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let site = Site::bare(folder.path(), Version { micro: 39 });
    Place { folder, site }
}

impl Place {
    fn made(&self, lang: Option<&[u8]>, raw: bool) -> Value {
        let folder = self.folder.path().join("lists/test");
        let list = ForList { folder: &folder, host_name: b"example.com", language: b"fr" };
        let values = [("a", Value::str("A")), ("u", Value::Unicode("ü".into())), ("b", Value::str(b"\xe4"))];
        let request = Request { values: Some(&values), raw, lang, list: Some(list) };
        self.site.maketext("t.txt", request).unwrap()
    }
}

#[test]
fn the_first_place_counts() {
    let order = [
        "lists/test/de/t.txt",
        "templates/example.com/de/t.txt",
        "templates/site/de/t.txt",
        "templates/de/t.txt",
        "lists/test/fr/t.txt",
        "templates/site/fr/t.txt",
        "templates/fr/t.txt",
        "templates/example.com/en/t.txt",
        "templates/en/t.txt",
    ];
    for first in 0..order.len() {
        let files: Vec<(&str, &[u8])> = order[first..].iter().map(|name| (*name, name.as_bytes())).collect();
        assert_eq!(place(&files).made(Some(b"de"), true), Value::str(order[first]));
    }
}

#[test]
fn filled_in_and_wrapped() {
    let text = b"%(a)s %(gone)s\n%(a)s\n\n  as it is\n";
    let made = place(&[("templates/en/t.txt", text)]);
    assert_eq!(made.made(None, false), Value::str("A %(gone)s A\n\n  as it is\n"));
    assert_eq!(made.made(None, true), Value::str("A %(gone)s\nA\n\n  as it is\n"));
    let plain = made.site.maketext("t.txt", Request { raw: true, ..Request::default() }).unwrap();
    assert_eq!(plain, Value::str(text));
}

#[test]
fn unicode_values_decode_the_template_by_its_language() {
    let made = place(&[("templates/de/t.txt", b"\xf6 %(u)s"), ("templates/site/fr/t.txt", b"\xf6 %(u)s %(b)s")]);
    assert_eq!(made.made(Some(b"de"), true), Value::Unicode("ö ü".into()));
    // Bytes that are not ASCII beside unicode: Python gives up and sends the template as it stands.
    assert_eq!(made.made(Some(b"fr"), true), Value::str(b"\xf6 %(u)s %(b)s"));
    let log = std::fs::read(made.folder.path().join("logs/error")).unwrap();
    assert!(String::from_utf8_lossy(&log).contains(" broken template: "));
}

#[test]
fn a_broken_template_is_sent_as_it_stands() {
    let made = place(&[("templates/en/t.txt", b"%(a)s 100%")]);
    assert_eq!(made.made(None, true), Value::str("%(a)s 100%"));
    let log = std::fs::read_to_string(made.folder.path().join("logs/error")).unwrap();
    let path = made.folder.path().join("templates/en/t.txt");
    assert!(log.ends_with(&format!(" broken template: {}\nincomplete format\n", path.display())), "{log}");
    // Python takes "% %" for a blank flag and a percent sign.
    let odd = place(&[("templates/en/t.txt", b"100% %(a)s")]);
    assert_eq!(odd.made(None, true), Value::str("100%(a)s"));
}

#[test]
fn missing_and_unreadable() {
    let made = place(&[("templates/de/t.txt/x", b"a folder in its place")]);
    let request = Request { lang: Some(b"de"), ..Request::default() };
    assert!(matches!(made.site.maketext("t.txt", request), Err(TemplateError::Io { .. })));
    assert!(matches!(made.site.maketext("nothing.txt", Request::default()), Err(TemplateError::NotFound(_))));
    let own = made.site.maketext("postheld.txt", Request::default()).unwrap();
    assert!(own.as_str().unwrap().starts_with(b"Your message to %(listname)s"));
    let outside = Request { lang: Some(b"../../lists"), ..Request::default() };
    assert!(matches!(made.site.maketext("x", outside), Err(TemplateError::NotFound(_))));
}

#[test]
fn a_name_is_one_step_of_a_path() {
    for name in [&b""[..], b".", b"..", b"a/b", b"a\0b", &[b'a'; 256]] {
        assert!(super::file_name(name).is_none(), "{name:?}");
    }
    assert!(super::file_name(&[b'a'; 255]).is_some());
}
