//! The maildir runner: a mail server puts messages into a folder, and this one into the queue that they are for.
//!
//! Answers to Mailman's `Queue/MaildirRunner.py`. The folder is no queue: `new/` holds plain messages; one in work stands
//! in `cur/` as `NAME:1,P`, one that nobody could place as `NAME:1,X`. It goes only when its entry is safely on the disk.
//! What a killed runner had in work is taken again (Mailman leaves it forever); at worst a message comes twice.

use super::{Disposition, Job, Pass, Runner};
use crate::error::RunnerError;
use crate::notice::site_email;
use compat::durable;
use compat::email::address::parseaddr;
use compat::email::parser::parse_as;
use compat::email::Message;
use compat::list;
use compat::pattern::{Flags, Pattern};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName, ENTRY_LIMIT};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Where a mail server says to whom it delivers.
const HEADERS: [&str; 3] = ["delivered-to", "envelope-to", "apparently-to"];
/// A list's name is as short as it can be: `a-owner@` is the owner of `a`, even if a list has that name.
const ADDRESS: &[u8] = b"^(?P<listname>[^+@]+?)(?:-(?P<subq>admin|bounces|confirm|join|leave|owner|request|subscribe|\
unsubscribe))?[+@]";
const IN_WORK: &[u8] = b":1,P";
const FAILED: &[u8] = b":1,X";
const FOLDER_MODE: u32 = 0o2770;

/// `MaildirRunner`
pub struct MaildirRunner {
    site: Rc<Site>,
    is_recovered: bool,
}

/// Why a message was not put into a queue.
enum Trouble {
    /// It is the message's fault: it stays in `cur/` for a person.
    Message(String),
    /// It is the machine's: the message goes back and is tried again.
    Machine(String),
}

impl MaildirRunner {
    /// The runner of a site.
    pub fn new(site: &Rc<Site>) -> Self {
        let runner = MaildirRunner { site: Rc::clone(site), is_recovered: false };
        runner.make_folders();
        runner
    }

    /// A maildir that is not there yet is made: without it this runner could only end, and be started again in vain.
    fn make_folders(&self) {
        for name in ["new", "cur", "tmp"] {
            if let Err(error) = durable::mkdir_all(&self.folder(name), FOLDER_MODE) {
                self.log(format!("MaildirRunner: {}: {error}", self.folder(name).display()));
            }
        }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.site.settings.path(settings::MAILDIR_DIR).join(name)
    }

    fn in_cur(&self, name: &OsStr, flag: &[u8]) -> PathBuf {
        self.folder("cur").join(OsString::from_vec([name.as_bytes(), flag].concat()))
    }

    fn log(&self, text: impl AsRef<[u8]>) {
        self.site.log("error", text);
    }

    /// The names in `new/`, in order. A folder that is not there has none.
    fn arrived(&self) -> Vec<OsString> {
        let mut names = match fs::read_dir(self.folder("new")) {
            Ok(entries) => entries.flatten().map(|entry| entry.file_name()).collect::<Vec<_>>(),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    self.log(format!("MaildirRunner: {}: {error}", self.folder("new").display()));
                }
                Vec::new()
            }
        };
        names.sort();
        names
    }

    /// Brings back what was in work when another runner was killed.
    fn recover(&mut self) {
        self.is_recovered = true;
        for entry in fs::read_dir(self.folder("cur")).into_iter().flatten().flatten() {
            let file = entry.file_name();
            if let Some(name) = file.as_bytes().strip_suffix(IN_WORK) {
                let back = self.folder("new").join(OsStr::from_bytes(name));
                match durable::rename(&entry.path(), &back) {
                    Ok(()) => self.log(format!("MaildirRunner: taken again after a crash: {}", back.display())),
                    Err(error) => self.log(format!("MaildirRunner: {}: {error}", entry.path().display())),
                }
            }
        }
    }

    /// Deals with one message; whether it has left `new/`.
    fn deliver(&self, name: &OsStr) -> bool {
        let (source, in_work) = (self.folder("new").join(name), self.in_cur(name, IN_WORK));
        match durable::rename(&source, &in_work) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !source.exists() => return true,
            Err(_) => {
                self.log([&b"Could not rename maildir file: "[..], source.as_os_str().as_bytes()].concat());
                return false;
            }
            Ok(()) => {}
        }
        let failed = self.in_cur(name, FAILED);
        let (moved, is_done) = match self.enqueue(&in_work, &failed) {
            Ok(()) => (durable::unlink(&in_work), true),
            Err(Trouble::Message(text)) => {
                self.log(text);
                (durable::rename(&in_work, &failed), true)
            }
            Err(Trouble::Machine(text)) => {
                self.log(format!("MaildirRunner: {text}; the message stays and is tried again"));
                (durable::rename(&in_work, &source), false)
            }
        };
        if let Err(error) = moved {
            self.log(format!("MaildirRunner: {}: {error}", in_work.display()));
        }
        is_done
    }

    /// Puts the message into its queue, safely.
    fn enqueue(&self, path: &std::path::Path, failed: &std::path::Path) -> Result<(), Trouble> {
        let machine = |error: &dyn std::fmt::Display| Trouble::Machine(format!("{}: {error}", path.display()));
        let text = durable::read_file(path, ENTRY_LIMIT).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => {
                Trouble::Message(format!("{}: {error}", path.display()))
            }
            _ => machine(&error),
        })?;
        let message = parse_as(&ByteStr::new(text), "Mailman.Message", "Message");
        let Some((list, extension)) = self.destination(&message).map_err(|error| machine(&error))? else {
            let text = [&b"Message apparently not for any list: "[..], failed.as_os_str().as_bytes()].concat();
            return Err(Trouble::Message(String::from_utf8_lossy(&text).into_owned()));
        };
        let (queue, data) = self.entry(list, extension.as_deref())?;
        let mut outbox: Outbox = crate::notice::outbox(&self.site).map_err(|error| machine(&error))?;
        outbox.enqueue(queue, &EntryMessage::Object(message.to_value()), &data).map_err(|error| machine(&error))?;
        outbox.commit().map(drop).map_err(|error| machine(&error))
    }

    /// The first address of a list of this site, as its name and what follows.
    fn destination(&self, message: &Message) -> io::Result<Option<(ByteStr, Option<ByteStr>)>> {
        let Ok(pattern) = Pattern::new(ADDRESS, Flags::IGNORE_CASE) else { return Ok(None) };
        let names = list::names(&self.site)?;
        let fields = HEADERS.iter().flat_map(|header| message.get_all(header));
        let addresses = fields.map(|field| parseaddr(&field.text()).1);
        let found = addresses.filter_map(|address| pattern.match_start(&address).ok().flatten());
        let places = found.filter_map(|found| Some((found.named("listname")?, found.named("subq"))));
        let is_list = |(name, _): &(ByteStr, _)| names.contains(name);
        Ok(places.into_iter().find(is_list))
    }

    /// The queue and the metadata that Mailman's scripts would write.
    fn entry(&self, list: ByteStr, extension: Option<&[u8]>) -> Result<(QueueName, Metadata), Trouble> {
        let mut data = Metadata::new();
        data.set_str("listname", list);
        let (queue, flag) = match extension {
            None => (QueueName::In, "tolist"),
            Some(b"bounces" | b"admin") => return Ok((QueueName::Bounces, data)),
            Some(b"confirm") => (QueueName::Commands, "toconfirm"),
            Some(b"join" | b"subscribe") => (QueueName::Commands, "tojoin"),
            Some(b"leave" | b"unsubscribe") => (QueueName::Commands, "toleave"),
            Some(b"request") => (QueueName::Commands, "torequest"),
            Some(b"owner") => (QueueName::In, "toowner"),
            Some(other) => {
                return Err(Trouble::Message(format!("Unknown sub-queue: {}", String::from_utf8_lossy(other))))
            }
        };
        data.set_int(flag, 1);
        if flag == "toowner" {
            let sender = site_email(&self.site, None, Some("bounces")).map_err(|e| Trouble::Machine(e.to_string()))?;
            data.set_str("envsender", sender);
            let pipeline =
                self.site.settings.get(settings::OWNER_PIPELINE).cloned().unwrap_or_else(|| Value::list(Vec::new()));
            data.set("pipeline", pipeline);
        }
        Ok((queue, data))
    }
}

impl Runner for MaildirRunner {
    fn name(&self) -> &'static str {
        "MaildirRunner"
    }

    /// None is read; what arrives is for several.
    fn queue(&self) -> QueueName {
        QueueName::In
    }

    fn dispose(&mut self, _job: Job<'_>) -> Result<Disposition, RunnerError> {
        Ok(Disposition::Later(Duration::from_secs(3600)))
    }

    fn folder(&self) -> Option<PathBuf> {
        Some(self.folder("new"))
    }

    /// The whole folder, also when running once.
    fn own_pass(&mut self, stop: &mut dyn FnMut() -> bool) -> Pass {
        if !self.is_recovered {
            self.recover();
        }
        let mut pass = Pass::default();
        for name in self.arrived() {
            if stop() {
                break;
            }
            match self.deliver(&name) {
                true => pass.done += 1,
                false => pass.kept += 1,
            }
        }
        pass
    }

    /// Mailman's too sleeps after each pass.
    fn rest(&self) -> Option<Duration> {
        let seconds = self.site.settings.float(settings::QRUNNER_SLEEP_TIME).unwrap_or(1.0);
        Some(Duration::from_secs_f64(seconds.clamp(0.1, 3600.0)))
    }
}
