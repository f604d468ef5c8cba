//! Mailman's mail/mailman and the scripts that it starts: `mailman COMMAND LIST`, a mail on standard input.
//!
//! Everything that can be repaired ends in [`exit::TEMPORARY`], and the mail server tries again: Mailman ends with 1
//! there, for which servers send the mail back for good. A mail counts as taken when it and its name are on the disk.

use super::script::Script;
use super::{caller, exit, syslog};
use crate::{notice, sys};
use compat::list;
use compat::queue::TextEntry;
use compat::site::{settings, Site};
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// A mail is read in pieces of this size, in bytes.
const PIECE: usize = 64 * 1024;

/// Why a mail was not taken.
#[derive(Debug)]
enum Refusal {
    /// A wrong command: for the mail server's log and the sender.
    Usage(String),
    /// Something for an operator to repair, before there is a log of Mailman's to say it in.
    Unready(String),
    /// The same, with a log.
    Failed(String),
    /// The mail is larger than any runner would read.
    TooLarge(String),
    /// No list, or none of this name.
    NoList(Vec<u8>),
}

/// Takes a mail in for a mail server; the exit code. A list that there is not has a code of its own there, so that the
/// sender reads of an unknown address, where Mailman's scripts end with 1 and mail servers say "command died".
pub fn answer_mail_server(args: &[OsString]) -> u8 {
    // What starting up has touched of libraries is not needed again.
    sys::let_go_of_program_text();
    match run(args) {
        exit::NO_LIST if args.len() < 2 => exit::USAGE,
        exit::NO_LIST => exit::NO_USER,
        code => code,
    }
}

/// Takes a mail in; the exit code, as that of Mailman's scripts. What is wrong is said on standard error, which mail
/// servers show, and in a log.
pub fn run(args: &[OsString]) -> u8 {
    if caller::is_trusted_with_more() {
        forget_environment();
    }
    let script = match script(args) {
        Ok(script) => script,
        Err(refusal) => return refuse(None, "", &refusal),
    };
    let site = match site() {
        Ok(site) => site,
        Err(refusal) => return refuse(None, script.label, &refusal),
    };
    // Nor is what has read the settings.
    sys::let_go_of_program_text();
    match take(&site, script, args.get(1)) {
        Ok(()) => exit::OK,
        Err(refusal) => refuse(Some(&site), script.label, &refusal),
    }
}

/// Nothing of the caller's reaches what is read or written: no time zone, no folder, no library's setting.
fn forget_environment() {
    sys::forget_environment();
    // Where even this is not possible, nothing is read by a relative name all the same.
    let _ = std::env::set_current_dir("/");
}

fn script(args: &[OsString]) -> Result<&'static Script, Refusal> {
    let Some(name) = args.first() else {
        return Err(Refusal::Usage("Usage: mailman COMMAND LIST".to_string()));
    };
    let unknown =
        || Refusal::Usage(format!("Illegal command: {}", String::from_utf8_lossy(&readable(name.as_bytes()))));
    Script::named(name.as_bytes()).ok_or_else(unknown)
}

fn site() -> Result<Rc<Site>, Refusal> {
    let unready = |error: &dyn std::fmt::Display| Refusal::Unready(error.to_string());
    if !caller::is_trusted_with_more() {
        return Site::find().map_err(|error| unready(&error));
    }
    let site = Site::around_program().map_err(|error| unready(&error))?;
    caller::check_home(&site.home).and_then(|()| caller::check(&site)).map_err(|error| unready(&error))?;
    Ok(site)
}

fn take(site: &Site, script: &Script, list: Option<&OsString>) -> Result<(), Refusal> {
    let Some(list) = list else { return Err(Refusal::NoList(script.nameless.into())) };
    look_up(site, script, list.as_bytes())?;
    let metadata = script.metadata(site, list.as_bytes()).map_err(failed)?;
    let mut outbox = notice::outbox(site).map_err(failed)?;
    let folder = outbox.folders().of(script.queue).to_owned();
    let queue = |error: io::Error| match error.kind() {
        ErrorKind::FileTooLarge => Refusal::TooLarge(error.to_string()),
        _ => Refusal::Failed(format!("{}: {error}", folder.display())),
    };
    let mut entry = TextEntry::create(&folder, &metadata).map_err(queue)?;
    copy(&mut io::stdin().lock(), &mut entry).map_err(queue)?;
    outbox.place(entry).map_err(failed)?;
    outbox.commit().map(drop).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(error.to_string())
}

/// A list that is not there is refused for good, but not where no list is: then a disk is not mounted.
fn look_up(site: &Site, script: &Script, list: &[u8]) -> Result<(), Refusal> {
    if list::look_up(site, list).map_err(|error| Refusal::Failed(format!("{}: {error}", lists(site))))? {
        return Ok(());
    }
    let own = site.settings.str(settings::MAILMAN_SITE_LIST).map_err(failed)?;
    match list::look_up(site, &own) {
        Ok(false) => Err(Refusal::Failed(format!("{}: the site list {own} is not there", lists(site)))),
        _ => Err(Refusal::NoList([script.unknown.as_bytes(), &readable(list)[..]].concat())),
    }
}

/// Bytes as they are, except for control characters, which could forge lines of a log.
fn readable(name: &[u8]) -> Vec<u8> {
    let shown = |byte: &u8| match byte.is_ascii_control() {
        true => format!("\\x{byte:02x}").into_bytes(),
        false => vec![*byte],
    };
    name.iter().flat_map(shown).collect()
}

fn lists(site: &Site) -> String {
    site.settings.path(settings::LIST_DATA_DIR).display().to_string()
}

fn copy(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => to.write_all(piece.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Says why, and decides the exit code. What can be repaired goes into the mail server's log too.
fn refuse(site: Option<&Site>, label: &str, refusal: &Refusal) -> u8 {
    let (code, text) = match refusal {
        Refusal::Usage(text) => (exit::USAGE, text.as_bytes()),
        Refusal::Unready(text) | Refusal::Failed(text) => (exit::TEMPORARY, text.as_bytes()),
        Refusal::TooLarge(text) => (exit::TOO_LARGE, text.as_bytes()),
        Refusal::NoList(text) => (exit::NO_LIST, &text[..]),
    };
    let _ = io::stderr().lock().write_all(&[text, b"\n"].concat());
    if let Some(site) = site {
        site.log_stderr(label, text);
    }
    if code != exit::NO_LIST {
        syslog::error(&String::from_utf8_lossy(text));
    }
    code
}
