//! The archive that a site moves in: a tar file, which any tar opens.
//!
//! Files stand under their paths on the old machine. What is ours stands under `mailman2-rs/`:
//!
//! | member | what |
//! |---|---|
//! | `site` | where the site was, which version it had, its hosts |
//! | `pass/N` | pieces of the [`Index`]; after the last of them a collection that was killed goes on |
//! | `messages` | the manifest of `verify`: every message that waits |
//! | `SHA1SUMS` | the sum of each file, in the form of `sha1sum` |
//! | `end` | how many files there are, and the sum of `SHA1SUMS`: nothing comes behind it |
//!
//! A file that changed between two passes is there twice, and the later counts; one that is gone stands in no line of
//! `SHA1SUMS`. `contrib/collect.sh` writes the same without pieces and messages. The sums are SHA-1, which is what there is
//! on the oldest machines: they find what was damaged, not what somebody forged. Against that the archive needs a way that
//! can be trusted, as what is in it does: it has the passwords of all members.

mod contents;
mod index;

pub use contents::{ArchiveError, Contents, Stored};
pub use index::{line, Index, Known, Stamp};

use sha1::{Digest, Sha1};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Names of ours begin so.
pub const OURS: &str = "mailman2-rs/";
pub const SITE: &str = "mailman2-rs/site";
pub const PIECES: &str = "mailman2-rs/pass/";
pub const MESSAGES: &str = "mailman2-rs/messages";
pub const SUMS: &str = "mailman2-rs/SHA1SUMS";
pub const END: &str = "mailman2-rs/end";

const SITE_TITLE: &str = "mailman2-rs site 1";
const END_TITLE: &str = "mailman2-rs end 1";

/// A SHA-1 in hexadecimal digits.
pub fn sum(bytes: &[u8]) -> String {
    digits(Sha1::digest(bytes).as_slice())
}

/// Bytes as hexadecimal digits.
pub fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a path in an archive.
pub fn name_of(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().strip_prefix(b"/").unwrap_or(path.as_os_str().as_bytes()).to_vec()
}

/// What an archive says about its site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Tells this collection from every other.
    pub id: String,
    /// The folder with `Mailman/` in it.
    pub home: PathBuf,
    /// Mailman's version, for people.
    pub version: String,
    /// DEFAULT_EMAIL_HOST and DEFAULT_URL_HOST as they were: some settings make them of the machine's name.
    pub email_host: String,
    pub url_host: String,
}

impl About {
    /// As it stands in the archive.
    pub fn text(&self) -> Vec<u8> {
        let About { id, home, version, email_host, url_host } = self;
        let head = format!("{SITE_TITLE}\nid {id}\nhome ");
        let tail = format!("\nversion {version}\nemail_host {email_host}\nurl_host {url_host}\n");
        [head.as_bytes(), home.as_os_str().as_bytes(), tail.as_bytes()].concat()
    }

    /// The reverse; `None` where it is no such text.
    pub fn parse(text: &[u8]) -> Option<About> {
        let fields = fields(text, SITE_TITLE)?;
        let text =
            |name: &str| fields(name).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default();
        let home = PathBuf::from(std::ffi::OsStr::from_bytes(fields("home")?));
        let about = About {
            id: text("id"),
            home,
            version: text("version"),
            email_host: text("email_host"),
            url_host: text("url_host"),
        };
        (about.home.is_absolute() && !about.id.is_empty()).then_some(about)
    }
}

/// How an archive ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Made with the runners stopped. Another one lacks what was done meanwhile, and may have a message that was delivered.
    pub is_last: bool,
    pub files: usize,
    /// Of the member `SHA1SUMS`.
    pub sums: String,
}

impl End {
    /// As it stands in the archive.
    pub fn text(&self) -> Vec<u8> {
        let state = if self.is_last { "last" } else { "live" };
        format!("{END_TITLE}\nstate {state}\nfiles {}\nsums {}\n", self.files, self.sums).into_bytes()
    }

    /// The reverse; `None` where it is no such text.
    pub fn parse(text: &[u8]) -> Option<End> {
        let fields = fields(text, END_TITLE)?;
        let text = |name: &str| fields(name).and_then(|value| std::str::from_utf8(value).ok());
        let is_last = match text("state")? {
            "last" => true,
            "live" => false,
            _ => return None,
        };
        // `wc` puts blanks before its numbers.
        Some(End { is_last, files: text("files")?.trim().parse().ok()?, sums: text("sums")?.trim().to_string() })
    }
}

/// The values of lines `NAME VALUE` below a title.
fn fields<'a>(text: &'a [u8], title: &str) -> Option<impl Fn(&str) -> Option<&'a [u8]>> {
    let rest = text.strip_prefix(title.as_bytes())?.strip_prefix(b"\n")?;
    Some(move |name: &str| {
        let mut lines = rest.split(|&b| b == b'\n');
        lines.find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_back() {
        let about = About {
            id: "0123".to_string(),
            home: PathBuf::from("/srv/my lists"),
            version: "2.1.13".to_string(),
            email_host: "lists.example.com".to_string(),
            url_host: "www.example.com".to_string(),
        };
        assert_eq!(About::parse(&about.text()), Some(about));
        let end = End { is_last: true, files: 12, sums: "ab".to_string() };
        assert_eq!(End::parse(&end.text()), Some(end.clone()));
        assert_eq!(End::parse(b"mailman2-rs end 1\nstate last\nfiles      12\nsums ab\n"), Some(end));
        for text in
            [&b""[..], b"mailman2-rs site 1\nhome relative\nid 1\n", b"mailman2-rs end 1\nstate other\nfiles 1\n"]
        {
            assert!(About::parse(text).is_none() && End::parse(text).is_none());
        }
    }
}
