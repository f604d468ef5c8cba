//! What an archive holds so far: each file with its stamp and sum. Kept in the archive itself, a piece every few thousand
//! files, so that a collection that was killed goes on behind the last piece, and the next pass brings only what changed.
//!
//! A piece is lines, with names as [`crate::spelling`] writes them:
//!
//! ```text
//! file SUM SIZE INODE MODIFIED CHANGED NAME      times in nanoseconds
//! folder MODE UID GID NAME
//! link SUM NAME                                  of where it leads
//! gone NAME                                      was in an earlier pass, and is no more
//! ```

use crate::spelling::{plain, spelled};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// By what a file is known to be as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub size: u64,
    pub inode: u64,
    pub modified: i64,
    pub changed: i64,
}

impl Stamp {
    /// Of a file.
    pub fn of(about: &Metadata) -> Stamp {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Stamp {
            size: about.len(),
            inode: about.ino(),
            modified: nanoseconds(about.mtime(), about.mtime_nsec()),
            changed: nanoseconds(about.ctime(), about.ctime_nsec()),
        }
    }
}

/// What is known of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    File { sum: String, stamp: Stamp },
    Folder { mode: u32, uid: u32, gid: u32 },
    Link { sum: String },
}

/// Everything in an archive by its name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    known: BTreeMap<Vec<u8>, (Known, u32)>,
    pass: u32,
}

impl Index {
    /// Another walk over the site begins.
    pub fn begin_pass(&mut self) {
        self.pass += 1;
    }

    /// Whether this is in the archive just so. It has been seen in this pass then.
    pub fn has(&mut self, name: &[u8], as_is: impl Fn(&Known) -> bool) -> bool {
        let pass = self.pass;
        match self.known.get_mut(name) {
            Some((known, seen)) if as_is(known) => {
                *seen = pass;
                true
            }
            _ => false,
        }
    }

    /// This is in the archive now.
    pub fn put(&mut self, name: Vec<u8>, known: Known) {
        self.known.insert(name, (known, self.pass));
    }

    /// Forgets what was not seen in this pass; its names.
    pub fn forget_unseen(&mut self) -> Vec<Vec<u8>> {
        let pass = self.pass;
        let gone: Vec<Vec<u8>> =
            self.known.iter().filter(|(_, (_, seen))| *seen != pass).map(|(name, _)| name.clone()).collect();
        gone.iter().for_each(|name| drop(self.known.remove(name)));
        gone
    }

    /// The files with their sums, by name.
    pub fn files(&self) -> impl Iterator<Item = (&[u8], &str)> {
        self.known.iter().filter_map(|(name, (known, _))| match known {
            Known::File { sum, .. } => Some((&name[..], &sum[..])),
            _ => None,
        })
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Takes in the lines of a piece.
    pub fn read(&mut self, piece: &[u8]) {
        for line in piece.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            match parse(line) {
                Some((name, Some(known))) => self.put(name, known),
                Some((name, None)) => drop(self.known.remove(&name)),
                // The next pass brings again what was not understood.
                None => {}
            }
        }
    }
}

/// A line of a piece; without a state for one that says that a name is gone.
pub fn line(name: &[u8], known: Option<&Known>) -> Vec<u8> {
    let (mark, name) = spelled(name);
    let state = match known {
        Some(Known::File { sum, stamp: Stamp { size, inode, modified, changed } }) => {
            format!("file {sum} {size} {inode} {modified} {changed} ")
        }
        Some(Known::Folder { mode, uid, gid }) => format!("folder {mode} {uid} {gid} "),
        Some(Known::Link { sum }) => format!("link {sum} "),
        None => "gone ".to_string(),
    };
    [mark.as_bytes(), state.as_bytes(), &name, b"\n"].concat()
}

/// The name of a line, and what is known of it.
pub fn parse(line: &[u8]) -> Option<(Vec<u8>, Option<Known>)> {
    let (line, is_marked) = line.strip_prefix(b"\\").map_or((line, false), |rest| (rest, true));
    let kind = line.split(|&b| b == b' ').next()?;
    let count = match kind {
        b"file" => 6,
        b"folder" => 4,
        b"link" => 2,
        b"gone" => 1,
        _ => return None,
    };
    let fields: Vec<&[u8]> = line.splitn(count + 1, |&b| b == b' ').collect();
    let name = fields.get(count)?;
    let name = if is_marked { plain(name) } else { name.to_vec() };
    let text = |at: usize| fields.get(at).and_then(|field| std::str::from_utf8(field).ok());
    let known = match kind {
        b"file" => Some(Known::File {
            sum: text(1)?.to_string(),
            stamp: Stamp {
                size: text(2)?.parse().ok()?,
                inode: text(3)?.parse().ok()?,
                modified: text(4)?.parse().ok()?,
                changed: text(5)?.parse().ok()?,
            },
        }),
        b"folder" => Some(Known::Folder {
            mode: text(1)?.parse().ok()?,
            uid: text(2)?.parse().ok()?,
            gid: text(3)?.parse().ok()?,
        }),
        b"link" => Some(Known::Link { sum: text(1)?.to_string() }),
        _ => None,
    };
    Some((name, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_back() {
        let stamp = Stamp { size: 5, inode: 6, modified: -7, changed: 8 };
        let states = [
            Some(Known::File { sum: "ab".to_string(), stamp }),
            Some(Known::Folder { mode: 0o2775, uid: 38, gid: 0 }),
            Some(Known::Link { sum: "cd".to_string() }),
            None,
        ];
        for name in [&b"var/lib/a b"[..], b"odd\n\xff\\name"] {
            for state in &states {
                let text = line(name, state.as_ref());
                let text = text.strip_suffix(b"\n").unwrap();
                assert!(!text.contains(&b'\n'));
                assert_eq!(parse(text), Some((name.to_vec(), state.clone())));
            }
        }
        assert!(parse(b"file ab 5 6 x 8 name").is_none() && parse(b"other").is_none());
    }

    #[test]
    fn what_a_pass_does_not_see_is_forgotten() {
        let mut index = Index::default();
        let link = |sum: &str| Known::Link { sum: sum.to_string() };
        index.begin_pass();
        index.put(b"a".to_vec(), link("1"));
        index.put(b"b".to_vec(), link("2"));
        index.begin_pass();
        assert!(index.has(b"a", |known| *known == link("1")));
        assert!(!index.has(b"b", |known| *known == link("3")));
        assert_eq!(index.forget_unseen(), [b"b".to_vec()]);
        assert_eq!(index.len(), 1);
    }
}
