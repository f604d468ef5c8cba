//! What is inside of files and names a path or a host of the old machine: where shunted entries came from, the hosts of lists,
//! links in the pages of archives.

use super::settings::Change;
use compat::pickle::{self, Protocol};
use compat::queue::Entry;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::path::Path;

/// Larger pages are left as they are.
pub const LARGEST_PAGE: u64 = 16 << 20;

/// What a file may hold that has to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    Entry,
    List,
    Page,
}

/// What a file of this folder is, by its name.
pub fn matter(root: &str, path: &Path) -> Option<Matter> {
    let name = path.file_name()?.to_str()?;
    let is_entry = [".pck", ".bak", ".psv", ".hold"].iter().any(|end| name.ends_with(end));
    match root {
        "QUEUE_DIR" | "SHUNTQUEUE_DIR" | "BADQUEUE_DIR" | "BAD_SHUNT_ARCHIVE_DIRECTORY" if is_entry => {
            Some(Matter::Entry)
        }
        "LIST_DATA_DIR" if name == "config.pck" || name == "config.pck.last" => Some(Matter::List),
        "PRIVATE_ARCHIVE_FILE_DIR" if name.ends_with(".html") => Some(Matter::Page),
        _ => None,
    }
}

/// The new contents; `None` where they stay. What can't be understood stays.
pub fn rewritten(matter: Matter, bytes: &[u8], change: &Change) -> Option<Vec<u8>> {
    let new = match matter {
        Matter::Entry => entry(bytes, change)?,
        Matter::List => list(bytes, change)?,
        Matter::Page => change.url_hosts.text(&change.email_hosts.text(bytes)),
    };
    (new != bytes).then_some(new)
}

/// `whichq` in the metadata is the folder that the entry came from. The message is not touched.
fn entry(bytes: &[u8], change: &Change) -> Option<Vec<u8>> {
    let all = ByteStr::from(bytes);
    let (entry, boundary) = Entry::parse_with_boundary(&all).ok()?;
    let folder = entry.metadata.str("whichq")?;
    let moved = change.paths.text(&folder);
    if moved == folder[..] {
        return None;
    }
    let (value, used) = pickle::load(&all.slice_from(boundary)).ok()?;
    let Value::Dict(dict) = value else { return None };
    let metadata = with(&dict, "whichq", moved);
    let rest = bytes.get(boundary + used..).unwrap_or_default();
    let protocol = protocol_of(bytes.get(boundary..).unwrap_or_default());
    let written = pickle::dumps(&Value::dict(metadata), protocol).ok()?;
    Some([bytes.get(..boundary).unwrap_or_default(), &written, rest].concat())
}

/// Text pickles begin with a mark.
fn protocol_of(pickle: &[u8]) -> Protocol {
    match pickle.first() {
        Some(b'(') => Protocol::P0,
        _ => Protocol::P1,
    }
}

fn with(dict: &Dict, key: &str, text: Vec<u8>) -> Dict {
    let mut dict = dict.clone();
    dict.set(key, Value::Str(ByteStr::new(text)));
    dict
}

/// `host_name` and `web_page_url`.
fn list(bytes: &[u8], change: &Change) -> Option<Vec<u8>> {
    let (value, _) = pickle::load(&ByteStr::from(bytes)).ok()?;
    let Value::Dict(dict) = value else { return None };
    let text = |key: &[u8]| dict.get(key).and_then(Value::as_text).cloned().unwrap_or_default();
    let (host, url) = (text(b"host_name"), text(b"web_page_url"));
    let (new_host, new_url) = (change.email_hosts.text(&host), change.url_hosts.text(&url));
    if new_host == host[..] && new_url == url[..] {
        return None;
    }
    let changed = with(&with(&dict, "host_name", new_host), "web_page_url", new_url);
    pickle::dumps(&Value::dict(changed), Protocol::P1).ok()
}

#[cfg(test)]
mod tests {
    use super::super::path_map::{HostMap, PathMap};
    use super::*;
    use compat::queue::Metadata;
    use std::path::PathBuf;

    fn change() -> Change {
        Change {
            paths: PathMap::new([(PathBuf::from("/old"), PathBuf::from("/srv/new"))]),
            email_hosts: HostMap(vec![("old.org".to_string(), "new.net".to_string())]),
            url_hosts: HostMap(vec![("www.old.org".to_string(), "web.new.net".to_string())]),
            fixed: Vec::new(),
        }
    }

    #[test]
    fn an_entry_is_told_where_its_queue_is_now() {
        let message = pickle::dumps(&Value::str("Subject: x\n\ny\n"), Protocol::P0).unwrap();
        let metadata = Metadata::new().with("whichq", Value::str("/old/qfiles/in")).with("listname", Value::str("a"));
        let whole = [&message[..], &pickle::dumps(&metadata.to_value(), Protocol::P1).unwrap()].concat();
        let new = rewritten(Matter::Entry, &whole, &change()).unwrap();
        assert!(new.starts_with(&message));
        let entry = Entry::parse(&new.into()).unwrap();
        assert_eq!(entry.metadata.str("whichq").unwrap(), "/srv/new/qfiles/in");
        assert_eq!(entry.metadata.str("listname").unwrap(), "a");
        for left in [&message[..], b"garbage", &whole[..whole.len() - 3]] {
            assert_eq!(rewritten(Matter::Entry, left, &change()), None);
        }
    }

    #[test]
    fn a_list_and_its_pages_get_their_hosts() {
        let dict: Dict = [
            (ByteStr::from("host_name"), Value::str("old.org")),
            (ByteStr::from("web_page_url"), Value::str("http://www.old.org/mailman/")),
            (ByteStr::from("description"), Value::str("of old.org")),
        ]
        .into_iter()
        .collect();
        let bytes = pickle::dumps(&Value::dict(dict), Protocol::P1).unwrap();
        let new = rewritten(Matter::List, &bytes, &change()).unwrap();
        let (value, _) = pickle::load(&new.into()).unwrap();
        let dict = value.as_dict().unwrap();
        let text = |key: &[u8]| dict.get(key).and_then(Value::as_text).unwrap().to_latin1();
        assert_eq!([text(b"host_name"), text(b"web_page_url")], ["new.net", "http://web.new.net/mailman/"]);
        assert_eq!(text(b"description"), "of old.org");
        let page = rewritten(Matter::Page, b"<a href=\"http://www.old.org/x\">", &change()).unwrap();
        assert_eq!(page, b"<a href=\"http://web.new.net/x\">");
    }
}
