//! The history of changes: who changed what, and when. A log of ours with one line per change, beside the data and not among
//! Mailman's logs, which other programs read and count.
//!
//! `Mar 02 12:00:00 2026 (1234) LIST: WHAT -- WHO`. WHO is a page, a tool, a mail or the interface for programs, with the
//! person as far as that is known. Passwords are never written.

use super::log::Logs;
use super::{Profile, Settings};
use crate::durable;
use crate::site::settings;
use crate::ByteStr;
use nix::unistd::{getuid, Uid, User};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The file in the history's folder.
const FILE: &str = "changes";
/// The longest text of one entry.
const LIMIT: usize = 2000;

/// What this process is and who started it, for changes that nobody in particular asks for.
static PROGRAM: OnceLock<(String, Uid)> = OnceLock::new();

/// Says once what this process is, such as `tool newlist`; before it gives up the user who started it.
pub fn name_program(name: String) {
    let _ = PROGRAM.set((name, getuid()));
}

/// The history of a site.
pub(super) struct History {
    /// `None`: the site wants none.
    logs: Option<Logs>,
    folder: PathBuf,
    has_folder: Cell<bool>,
    actor: RefCell<Option<ByteStr>>,
}

impl History {
    pub(super) fn new(settings: &Settings, profile: &Profile, utf8: bool) -> History {
        let folder = match settings.str(settings::MAILMAN2_RS_HISTORY) {
            Ok(folder) => PathBuf::from(std::ffi::OsString::from(folder.to_string())),
            Err(_) => settings.path(settings::DATA_DIR).join("history"),
        };
        let is_wanted = !folder.as_os_str().is_empty();
        History {
            logs: is_wanted.then(|| Logs::in_folder(folder.clone(), profile, utf8)),
            folder,
            has_folder: Cell::new(false),
            actor: RefCell::default(),
        }
    }

    pub(super) fn set_actor(&self, who: Option<ByteStr>) {
        *self.actor.borrow_mut() = who;
    }

    fn actor(&self) -> ByteStr {
        let known = self.actor.borrow().clone();
        known.unwrap_or_else(|| {
            let (program, uid) = PROGRAM.get().map_or(("a program", getuid()), |(name, uid)| (name.as_str(), *uid));
            format!("{program}, user {}", user_name(uid)).into()
        })
    }

    pub(super) fn record(&self, list: &[u8], what: &[u8]) {
        let Some(logs) = &self.logs else { return };
        if !self.has_folder.replace(true) && !self.folder.is_dir() {
            // Where this fails, the log says so.
            let _ = durable::mkdir_all(&self.folder, durable::DIR_MODE);
        }
        let what = &what[..what.len().min(LIMIT)];
        let entry = [list, b": ", what, b" -- ", &self.actor()].concat();
        let entry: Vec<u8> =
            entry.iter().flat_map(|&byte| if byte == b'\n' { vec![b'\\', b'n'] } else { vec![byte] }).collect();
        logs.write(FILE, &entry);
    }

    /// The file, where there is one.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.logs.as_ref().map(|_| self.folder.join(FILE))
    }

    pub(super) fn close(&self) {
        if let Some(logs) = &self.logs {
            logs.close();
        }
    }
}

fn user_name(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

#[cfg(test)]
mod tests {
    use crate::site::{Site, Version};
    use std::path::Path;

    #[test]
    fn an_entry_is_one_line_with_what_and_who() {
        let home = tempfile::tempdir().unwrap();
        let mut settings = crate::site::Settings::default();
        let folder = home.path().join("a/b");
        let value = crate::value::Value::str(folder.to_str().unwrap());
        settings.set(crate::site::settings::MAILMAN2_RS_HISTORY, value, crate::site::Origin::BuiltIn);
        let profile = Site::bare(Path::new("/nonexistent"), Version { micro: 39 }).profile;
        let history = super::History::new(&settings, &profile, false);
        history.set_actor(Some("page admin, \x1b[2Jowner".into()));
        history.record(b"club", b"option info: a\nNov 30 12:00:00 2026 (1) forged");
        let text = std::fs::read_to_string(folder.join("changes")).unwrap();
        let expected = ") club: option info: a\\nNov 30 12:00:00 2026 (1) forged -- page admin, \\x1b[2Jowner\n";
        assert!(text.ends_with(expected) && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn a_site_may_want_none() {
        let mut settings = crate::site::Settings::default();
        let origin = crate::site::Origin::BuiltIn;
        settings.set(crate::site::settings::MAILMAN2_RS_HISTORY, crate::value::Value::str(""), origin);
        let profile = Site::bare(Path::new("/nonexistent"), Version { micro: 39 }).profile;
        assert!(super::History::new(&settings, &profile, false).file().is_none());
    }
}
