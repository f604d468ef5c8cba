//! Aliases in files of Mailman's own, which Postfix reads as maps (Mailman/MTA/Postfix.py): `data/aliases`, and
//! `data/virtual-mailman` for lists in POSTFIX_STYLE_VIRTUAL_DOMAINS.
//!
//! Each list has a stanza between two marks, by which it is found again. The marks and the lines are Mailman's, the
//! comments around them our own. Both files change under the lock `creator`, then Postfix's commands make the maps.

mod maps;
mod shared;

use super::aliases;
use crate::clock;
use compat::durable::{self, Append};
use compat::list::{ListError, MailList};
use compat::lock::{Lock, LockError};
use compat::site::{settings, SettingError, Site, Switch};
use compat::ByteStr;
use maps::update_maps;
use shared::SharedAddresses;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `LockFile`'s own lifetime where none is said.
const LOCK_LIFETIME: Duration = Duration::from_secs(15);
/// Bytes of a file of aliases: some hundred thousand lists.
const MAX_SIZE: u64 = 1 << 30;
const NEW_MODE: u32 = 0o660;

const STANZA_START: &str = "# STANZA START: ";
const STANZA_END: &str = "# STANZA END: ";

const ALIASES_HEAD: &str = "\
# Mailman writes this file, and makes aliases.db of it.  What you change here
# by hand, Postfix does not know until the map is made again.

# Where mail ends that would go round and round
";
/// What went wrong. The list itself is made, or not removed yet.
#[derive(Debug, thiserror::Error)]
pub enum PostfixError {
    /// One of the files.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The lock `creator`.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A setting.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The site list, whose domain has to be known.
    #[error(transparent)]
    SiteList(#[from] ListError),
    /// A command of Postfix.
    #[error("command failed: {command} (status: {status}, {reason})")]
    Command { command: String, status: i32, reason: &'static str },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PostfixError + '_ {
    move |source| PostfixError::Io { path: path.to_path_buf(), source }
}

/// Adds a list's aliases.
///
/// # Errors
/// See [`PostfixError`].
pub fn add(list: &MailList) -> Result<(), PostfixError> {
    with_lock(list.site(), || {
        let aliases = aliases_file(list.site());
        let head = if is_empty(&aliases) { aliases_head(list.site())? } else { Vec::new() };
        append(&aliases, &[head, alias_stanza(list)].concat())?;
        if is_virtual(list) {
            add_virtual(list)?;
        }
        update_maps(list.site())
    })
}

/// Takes a list's aliases out.
///
/// # Errors
/// See [`PostfixError`].
pub fn remove(list: &MailList) -> Result<(), PostfixError> {
    with_lock(list.site(), || {
        remove_stanza(&aliases_file(list.site()), list.name())?;
        if is_virtual(list) {
            remove_stanza(&virtual_file(list.site()), list.name())?;
        }
        update_maps(list.site())
    })
}

/// Makes both files anew from all lists of the site, in this order.
///
/// # Errors
/// See [`PostfixError`]. The old files are there until the new ones are complete.
pub fn regenerate(site: &Site, lists: &[MailList]) -> Result<(), PostfixError> {
    with_lock(site, || {
        let mut local = aliases_head(site)?;
        lists.iter().for_each(|list| local.extend_from_slice(&alias_stanza(list)));
        let mut by_domain = Vec::new();
        for list in lists.iter().filter(|list| is_virtual(list)) {
            by_domain = with_virtual(by_domain, list)?;
        }
        rewrite(&aliases_file(site), &local)?;
        if !by_domain.is_empty() || virtual_file(site).exists() {
            rewrite(&virtual_file(site), &by_domain)?;
        }
        update_maps(site)
    })
}

fn with_lock(site: &Site, work: impl FnOnce() -> Result<(), PostfixError>) -> Result<(), PostfixError> {
    let mut lock = Lock::new(site.settings.path(settings::LOCK_DIR).join("creator"), LOCK_LIFETIME);
    lock.acquire(None)?;
    let outcome = work();
    // A command that took long may have cost us the lock; the work is done all the same.
    let _ = lock.release();
    outcome
}

fn aliases_file(site: &Site) -> PathBuf {
    site.settings.path(settings::DATA_DIR).join("aliases")
}

fn virtual_file(site: &Site) -> PathBuf {
    site.settings.path(settings::DATA_DIR).join("virtual-mailman")
}

fn is_empty(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |about| about.len() == 0)
}

fn append(path: &Path, text: &[u8]) -> Result<(), PostfixError> {
    let write = || {
        let mut file = Append::open(path, NEW_MODE)?;
        file.write_all(text)?;
        file.commit()
    };
    write().map_err(at(path))
}

fn is_virtual(list: &MailList) -> bool {
    let site = list.site();
    let domains = site.settings.strings(settings::POSTFIX_STYLE_VIRTUAL_DOMAINS).unwrap_or_default();
    let host = list.host_name();
    match site.profile.has(Switch::PostfixHostFolded) {
        true => domains.iter().any(|domain| domain.eq_ignore_ascii_case(&host)),
        false => domains.contains(&host),
    }
}

/// What stands above the stanzas: the address that ends loops.
fn aliases_head(site: &Site) -> Result<Vec<u8>, PostfixError> {
    let name = site.settings.str(settings::MAILMAN_SITE_LIST)?;
    let mbox = site.settings.path(settings::DATA_DIR).join("owner-bounces.mbox");
    Ok([ALIASES_HEAD.as_bytes(), &name, b"-loop: ", mbox.as_os_str().as_bytes(), b"\n\n"].concat())
}

fn alias_stanza(list: &MailList) -> Vec<u8> {
    stanza(list, &aliases::lines(list.site(), list.name(), ""))
}

fn stanza(list: &MailList, lines: &[u8]) -> Vec<u8> {
    let created = compat::email::date::ctime(clock::seconds());
    let head = format!("{STANZA_START}{}\n# CREATED: {created}\n", list.name());
    let tail = format!("{STANZA_END}{}\n\n", list.name());
    [head.as_bytes(), lines, tail.as_bytes()].concat()
}

fn add_virtual(list: &MailList) -> Result<(), PostfixError> {
    let file = virtual_file(list.site());
    let text = match durable::read_file(&file, MAX_SIZE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        text => text.map_err(at(&file))?,
    };
    rewrite(&file, &with_virtual(text, list)?)
}

/// The text of the file of virtual domains with one more list.
fn with_virtual(text: Vec<u8>, list: &MailList) -> Result<Vec<u8>, PostfixError> {
    let shared = SharedAddresses::of(list)?;
    let text = if text.is_empty() { shared.head() } else { text };
    Ok(shared.completed(&[text, stanza(list, &virtual_lines(list))].concat()))
}

/// Each address of the list in its domain, and the local alias that it stands for.
fn virtual_lines(list: &MailList) -> Vec<u8> {
    let site = list.site();
    let (host, local) = (list.host_name(), local_domain(site, Switch::PostfixLocalDomain));
    let width = list.name().len() + "-unsubscribe".len();
    let line = |(alias, _): (ByteStr, ByteStr)| {
        let blanks = b" ".repeat(width.saturating_sub(alias.len()));
        [&alias[..], b"@", &host, b" ", &blanks, b" ", &alias, &local, b"\n"].concat()
    };
    aliases::of_list(site, list.name()).into_iter().flat_map(line).collect()
}

/// `@VIRTUAL_MAILMAN_LOCAL_DOMAIN`, or nothing.
fn local_domain(site: &Site, since: Switch) -> Vec<u8> {
    let domain = site.settings.optional_str(settings::VIRTUAL_MAILMAN_LOCAL_DOMAIN).filter(|_| site.profile.has(since));
    domain.map(|domain| [b"@", &domain[..]].concat()).unwrap_or_default()
}

/// The file without a list's stanza. One whose end is missing ends where the next begins.
fn remove_stanza(path: &Path, list: &[u8]) -> Result<(), PostfixError> {
    let text = match durable::read_file(path, MAX_SIZE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        text => text.map_err(at(path))?,
    };
    rewrite(path, &without_stanza(&text, list))
}

fn without_stanza(text: &[u8], list: &[u8]) -> Vec<u8> {
    let (start, end) = ([STANZA_START.as_bytes(), list].concat(), [STANZA_END.as_bytes(), list].concat());
    let mut out = Vec::with_capacity(text.len());
    let mut is_inside = false;
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    while let Some(line) = lines.next() {
        if is_inside && line.trim_ascii() == end {
            is_inside = false;
            // The empty line below it.
            lines.next();
            continue;
        }
        is_inside = match is_inside {
            true => !line.starts_with(STANZA_START.as_bytes()),
            false => line.trim_ascii() == start,
        };
        if !is_inside {
            out.extend_from_slice(line);
        }
    }
    out
}

/// In place whole, with the mode that the old one had.
fn rewrite(path: &Path, text: &[u8]) -> Result<(), PostfixError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let old = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file);
    let mode = old.map_or(NEW_MODE, |about| about.mode() & 0o777);
    durable::replace(path, Path::new(&temporary), mode, |file| file.write_all(text)).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] =
        b"head\n# STANZA START: a\na: x\n# STANZA END: a\n\n# STANZA START: ab\nab: y\n# STANZA END: ab\n\n";

    #[test]
    fn a_stanza_goes_with_the_empty_line_below_it() {
        assert_eq!(without_stanza(FILE, b"a"), b"head\n# STANZA START: ab\nab: y\n# STANZA END: ab\n\n");
        assert_eq!(without_stanza(FILE, b"b"), FILE);
    }

    #[test]
    fn a_stanza_without_an_end_ends_at_the_next() {
        let broken = b"# STANZA START: a\na: x\n# STANZA START: b\nb: y\n";
        assert_eq!(without_stanza(broken, b"a"), b"# STANZA START: b\nb: y\n");
    }
}
