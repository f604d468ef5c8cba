//! Where everything of the old machine goes on the new one: paths by the longest beginning that is known, names of hosts
//! where they stand alone.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Old paths with their new ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathMap(Vec<(PathBuf, PathBuf)>);

impl PathMap {
    /// Of pairs; of two for the same old path the first counts.
    pub fn new(pairs: impl IntoIterator<Item = (PathBuf, PathBuf)>) -> PathMap {
        let mut map: Vec<(PathBuf, PathBuf)> = Vec::new();
        for (old, new) in pairs {
            if old.is_absolute() && !map.iter().any(|(known, _)| *known == old) {
                map.push((old, new));
            }
        }
        map.sort_by_key(|(old, _)| std::cmp::Reverse(old.components().count()));
        PathMap(map)
    }

    /// The new path; nothing for one that no pair speaks of.
    pub fn known(&self, path: &Path) -> Option<PathBuf> {
        let find = |(old, new): &(PathBuf, PathBuf)| Some(join(new, path.strip_prefix(old).ok()?));
        self.0.iter().find_map(find)
    }

    /// The new path, or the same.
    pub fn of(&self, path: &Path) -> PathBuf {
        self.known(path).unwrap_or_else(|| path.to_path_buf())
    }

    /// The text of a setting with the path in its beginning, or behind a blank or an equals sign, changed: commands name
    /// files in their words.
    pub fn text(&self, text: &[u8]) -> Vec<u8> {
        let is_end = |b: u8| b.is_ascii_whitespace() || b"='\":;,".contains(&b);
        let mut out = Vec::with_capacity(text.len());
        for word in text.split_inclusive(|&b| is_end(b)) {
            let (path, end) = match word.split_last() {
                Some((last, path)) if is_end(*last) => (path, std::slice::from_ref(last)),
                _ => (word, &[][..]),
            };
            let has_slash = path.len() > 1 && path.ends_with(b"/");
            let mut new = match path.starts_with(b"/") {
                true => self.of(Path::new(OsStr::from_bytes(path))).into_os_string().as_bytes().to_vec(),
                false => path.to_vec(),
            };
            if has_slash && !new.ends_with(b"/") {
                new.push(b'/');
            }
            out.extend([&new[..], end].concat());
        }
        out
    }
}

fn join(folder: &Path, rest: &Path) -> PathBuf {
    match rest.as_os_str().is_empty() {
        true => folder.to_path_buf(),
        false => folder.join(rest),
    }
}

/// Old names of hosts with their new ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostMap(pub Vec<(String, String)>);

impl HostMap {
    /// The text with each host in it changed, where it is not a part of another's name.
    pub fn text(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for (old, new) in self.0.iter().filter(|(old, new)| !old.is_empty() && old != new) {
            text = replaced(&text, old.as_bytes(), new.as_bytes());
        }
        text
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(old, new)| old == new)
    }
}

/// Whether what stands last is an escaped sign of an address, as in `mailto:list%40host`, and none of a host's name.
fn is_escaped(before: &[u8]) -> bool {
    let last = before.len().checked_sub(3).and_then(|at| before.get(at..)).unwrap_or_default();
    [&b"%40"[..], b"%3A", b"%3a", b"%2F", b"%2f", b"%3D", b"%3d"].contains(&last)
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let is_of_host = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b"-.".contains(b));
    let (mut out, mut from) = (Vec::with_capacity(text.len()), 0);
    let lower = text.to_ascii_lowercase();
    for at in memchr::memmem::find_iter(&lower, &old.to_ascii_lowercase()[..]) {
        let before =
            at.checked_sub(1).and_then(|at| text.get(at)).filter(|_| !is_escaped(text.get(..at).unwrap_or_default()));
        let after = text.get(at + old.len());
        // A dot behind it may end a sentence.
        let ends_sentence = after == Some(&b'.') && !is_of_host(text.get(at + old.len() + 1));
        let goes_on = is_of_host(after) && !ends_sentence;
        if is_of_host(before) || goes_on || at < from {
            continue;
        }
        out.extend_from_slice(text.get(from..at).unwrap_or_default());
        out.extend_from_slice(new);
        from = at + old.len();
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_counts() {
        let pair = |old: &str, new: &str| (PathBuf::from(old), PathBuf::from(new));
        let map = PathMap::new([pair("/var/lib/mailman", "/srv/m"), pair("/var/lib/mailman/qfiles", "/q")]);
        assert_eq!(map.of(Path::new("/var/lib/mailman/qfiles/in")), Path::new("/q/in"));
        assert_eq!(map.of(Path::new("/var/lib/mailman")), Path::new("/srv/m"));
        assert_eq!(map.known(Path::new("/var/lib/mailman2")), None);
        assert_eq!(map.text(b"/usr/sbin/postmap -o=/var/lib/mailman/data/ x"), b"/usr/sbin/postmap -o=/srv/m/data/ x");
        assert_eq!(map.text(b"http://h/var/lib/mailman"), b"http://h/var/lib/mailman");
    }

    #[test]
    fn a_host_is_changed_where_it_stands_alone() {
        let map = HostMap(vec![("lists.old.org".to_string(), "new.net".to_string())]);
        for (old, new) in [
            ("http://Lists.Old.org/x", "http://new.net/x"),
            ("a@lists.old.org.", "a@new.net."),
            ("www.lists.old.org lists.old.org.uk", "www.lists.old.org lists.old.org.uk"),
            ("lists.old.org,lists.old.org", "new.net,new.net"),
            (
                "mailto:a%40lists.old.org?x %2flists.old.org 40lists.old.org",
                "mailto:a%40new.net?x %2fnew.net 40lists.old.org",
            ),
        ] {
            assert_eq!(map.text(old.as_bytes()), new.as_bytes());
        }
    }
}
