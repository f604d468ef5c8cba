//! The logs below `LOG_DIR`, in the form that scripts parse: `Mar 02 12:00:00 2026 (1234) text`.
//!
//! Answers to Mailman/Logging. One entry is one write(2) on a file opened for appending, so that entries of several
//! processes (the web pages write too) never mix. Text is bytes and goes out as it is, except for control characters. A
//! log that cannot be written is reported on stderr once, and entries go there until the logs are opened anew.

use super::{Profile, Settings, Switch};
use crate::clock;
use crate::durable;
use crate::format::visible;
use crate::site::settings;
use nix::fcntl::OFlag;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The open logs of a site.
pub(super) struct Logs {
    folder: PathBuf,
    mode: u32,
    utf8: bool,
    open: RefCell<HashMap<String, Option<File>>>,
    complained: Cell<bool>,
}

/// Whether the site's own logger writes utf-8, as Debian's does since jessie: what is not utf-8 becomes U+FFFD. It is the
/// program that says so, and not a setting: a site may make utf-8 the charset of all languages and keep the logs as they are.
/// Where the program was removed, logs go on as upstream writes them.
pub(super) fn is_utf8(home: &Path) -> bool {
    let logger = std::fs::read(home.join("Mailman/Logging/Logger.py")).unwrap_or_default();
    let value = |line: &[u8]| Some(line.strip_prefix(b"LOG_ENCODING")?.trim_ascii_start().strip_prefix(b"=")?.to_vec());
    let encoding = logger.split(|&b| b == b'\n').find_map(value).unwrap_or_default();
    let name = encoding.trim_ascii().to_ascii_lowercase();
    [&b"'utf-8'"[..], b"\"utf-8\"", b"'utf8'", b"\"utf8\""].contains(&&name[..])
}

/// The error log for another thread than the site's.
pub struct ErrorLog(Logs);

impl ErrorLog {
    /// Adds an entry.
    pub fn write(&self, text: &str) {
        self.0.write("error", text.as_bytes());
    }
}

impl Logs {
    /// The error log, opened anew by whoever gets this.
    pub(super) fn error_log(&self) -> ErrorLog {
        let (folder, complained) = (self.folder.clone(), Cell::new(false));
        ErrorLog(Logs { folder, mode: self.mode, utf8: self.utf8, open: RefCell::default(), complained })
    }

    pub(super) fn new(settings: &Settings, profile: &Profile, utf8: bool) -> Logs {
        Logs::in_folder(settings.path(settings::LOG_DIR), profile, utf8)
    }

    /// Logs that stand elsewhere.
    pub(super) fn in_folder(folder: PathBuf, profile: &Profile, utf8: bool) -> Logs {
        Logs {
            folder,
            mode: if profile.has(Switch::LogsNotWorldReadable) { 0o660 } else { 0o664 },
            utf8,
            open: RefCell::default(),
            complained: Cell::new(false),
        }
    }

    pub(super) fn charset(&self) -> &'static str {
        if self.utf8 {
            "utf-8"
        } else {
            "iso-8859-1"
        }
    }

    pub(super) fn write(&self, name: &str, text: &[u8]) {
        let prefix = format!("{} ({}) ", stamp(), std::process::id());
        self.append(name, &[prefix.as_bytes(), &visible(text), b"\n"].concat());
    }

    /// Python's logger stamps what begins a line, and `print` writes its line end by itself, behind the logger's blank.
    pub(super) fn write_labelled(&self, name: &str, label: &str, text: &[u8]) {
        let prefix = format!("{} {label}({}): ", stamp(), std::process::id());
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        self.append(name, &[prefix.as_bytes(), &visible(text), b" \n"].concat());
    }

    pub(super) fn close(&self) {
        self.open.borrow_mut().clear();
        self.complained.set(false);
    }

    fn append(&self, name: &str, entry: &[u8]) {
        let entry = match self.utf8 {
            true => String::from_utf8_lossy(entry).into_owned().into_bytes(),
            false => entry.to_vec(),
        };
        let mut open = self.open.borrow_mut();
        let file = open.entry(name.to_string()).or_insert_with(|| self.open_log(name));
        if let Some(Err(error)) = file.as_mut().map(|file| file.write_all(&entry)) {
            self.complain(name, &error);
            *file = None;
        }
        if file.is_none() {
            // Nothing can be done about a stderr that fails.
            let _ = io::stderr().write_all(&entry);
        }
    }

    fn open_log(&self, name: &str) -> Option<File> {
        let (path, _folder) = match self.trusted_folder() {
            Ok(None) => (self.folder.join(name), None),
            Ok(Some(folder)) => (durable::by_number(&folder).join(name), Some(folder)),
            Err(error) => {
                self.complain(name, &error);
                return None;
            }
        };
        let result = appending().open(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => self.create(&path),
            _ => Err(error),
        });
        result.map_err(|error| self.complain(name, &error)).ok()
    }

    /// Root goes to the folder by no link that the list user may have laid.
    fn trusted_folder(&self) -> io::Result<Option<OwnedFd>> {
        match nix::unistd::geteuid().is_root() {
            true => durable::open_trusted(&self.folder).map(Some),
            false => Ok(None),
        }
    }

    /// The mode is Mailman's whatever the process's umask says.
    fn create(&self, path: &std::path::Path) -> io::Result<File> {
        match appending().create_new(true).mode(self.mode).open(path) {
            Ok(file) => file.set_permissions(Permissions::from_mode(self.mode)).map(|()| file),
            // Another process was quicker.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => appending().open(path),
            Err(error) => Err(error),
        }
    }

    fn complain(&self, name: &str, error: &io::Error) {
        if !self.complained.replace(true) {
            let path = self.folder.join(name);
            let _ = writeln!(io::stderr(), "Logging error: {}: {error}; entries follow here", path.display());
        }
    }
}

/// The list user's log may be a link to elsewhere. Root would add to any file through a link that the list user laid,
/// and therefore follows none.
fn appending() -> OpenOptions {
    let follows = if nix::unistd::geteuid().is_root() { OFlag::O_NOFOLLOW } else { OFlag::empty() };
    let mut options = OpenOptions::new();
    options.append(true).custom_flags((follows | OFlag::O_CLOEXEC).bits());
    options
}

/// Local time with English months, whatever the locale.
fn stamp() -> String {
    clock::local().format("%b %d %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Origin, Version};
    use crate::value::Value;

    fn logs(folder: &std::path::Path, micro: u8) -> Logs {
        let mut settings = Settings::default();
        settings.set(settings::LOG_DIR, Value::str(folder.to_str().unwrap()), Origin::BuiltIn);
        Logs::new(&settings, &Profile::new(Version { micro }), false)
    }

    fn is_stamp(text: &str) -> bool {
        chrono::NaiveDateTime::parse_from_str(text, "%b %d %H:%M:%S %Y").is_ok() && text.len() == 20
    }

    #[test]
    fn an_entry_is_stamped_once_and_bytes_stay() {
        let folder = tempfile::tempdir().unwrap();
        logs(folder.path(), 39).write("vette", b"held\n    \xe4nd more");
        let text = std::fs::read(folder.path().join("vette")).unwrap();
        let pid = format!(" ({}) ", std::process::id());
        assert!(is_stamp(std::str::from_utf8(&text[..20]).unwrap()));
        assert_eq!(&text[20..], [pid.as_bytes(), b"held\n    \xe4nd more\n"].concat());
    }

    #[test]
    fn nobody_forges_an_entry() {
        let folder = tempfile::tempdir().unwrap();
        let logs = logs(folder.path(), 39);
        logs.write("error", b"from a\nNov 30 12:00:00 2026 (1) forged \x1b[2J");
        logs.write("error", b"head\nb");
        let text = std::fs::read_to_string(folder.path().join("error")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with(") from a\\nNov 30 12:00:00 2026 (1) forged \\x1b[2J"), "{}", lines[0]);
        assert!(lines[1].ends_with(") head") && lines[2] == "b" && lines.len() == 3);
    }

    #[test]
    fn what_is_printed_is_stamped_once_and_ends_in_a_blank() {
        let folder = tempfile::tempdir().unwrap();
        let logs = logs(folder.path(), 39);
        logs.write_labelled("error", "qrunner", b"one\ntwo\n");
        logs.write_labelled("error", "qrunner", b"three\n");
        let text = std::fs::read_to_string(folder.path().join("error")).unwrap();
        let pid = std::process::id();
        let lines: Vec<&str> = text.split('\n').collect();
        assert!(is_stamp(&lines[0][..20]) && is_stamp(&lines[2][..20]));
        assert_eq!(&lines[0][20..], format!(" qrunner({pid}): one"));
        assert_eq!(lines[1], "two ");
        assert_eq!(&lines[2][20..], format!(" qrunner({pid}): three "));
    }

    #[test]
    fn mode_by_version_and_reopening() {
        let folder = tempfile::tempdir().unwrap();
        for (micro, mode) in [(13, 0o664), (39, 0o660)] {
            let path = folder.path().join("post");
            let logs = logs(folder.path(), micro);
            logs.write("post", b"x");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
            std::fs::remove_file(&path).unwrap();
            logs.write("post", b"lost with the old file");
            assert!(!path.exists());
            logs.close();
            logs.write("post", b"y");
            assert!(path.exists());
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn root_adds_to_no_file_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join("error")).unwrap();
        std::fs::write(folder.path().join("elsewhere"), "").unwrap();
        logs(folder.path(), 39).write("error", b"x");
        let is_root = nix::unistd::geteuid().is_root();
        assert_eq!(std::fs::read(folder.path().join("elsewhere")).unwrap().is_empty(), is_root);
    }

    #[test]
    fn a_missing_folder_stops_nobody() {
        let logs = logs(std::path::Path::new("/nonexistent/logs"), 39);
        logs.write("post", b"goes to stderr");
        assert!(logs.complained.get());
    }
}
