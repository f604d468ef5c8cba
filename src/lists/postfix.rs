//! Aliases in files of Mailman's own, which Postfix reads as maps (Mailman/MTA/Postfix.py): `data/aliases`, and
//! `data/virtual-mailman` for lists in POSTFIX_STYLE_VIRTUAL_DOMAINS.
//!
//! Each list has a stanza between two marks, by which it is found again. The marks and the lines are Mailman's, the
//! comments around them our own. Both files change under the lock `creator`, then Postfix's commands make the maps.

use super::aliases;
use compat::durable::{self, Append};
use compat::list::{ListError, MailList};
use compat::lock::{Lock, LockError};
use compat::site::{SettingError, Site, Switch};
use compat::ByteStr;
use nix::unistd::{chown, Group, User};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// `LockFile`'s own lifetime where none is said.
const LOCK_LIFETIME: Duration = Duration::from_secs(15);
const NEW_MODE: u32 = 0o660;
/// Postfix reads maps as somebody else.
const MAP_MODE: u32 = 0o664;

const LOOP_START: &str = "# LOOP ADDRESSES START";
const LOOP_END: &str = "# LOOP ADDRESSES END";
const SITE_START: &str = "# SITE ADDRESSES START";
const SITE_END: &str = "# SITE ADDRESSES END";
const STANZA_START: &str = "# STANZA START: ";
const STANZA_END: &str = "# STANZA END: ";

const ALIASES_HEAD: &str = "\
# Mailman writes this file, and makes aliases.db of it.  What you change here
# by hand, Postfix does not know until the map is made again.

# Where mail ends that would go round and round
";
const VIRTUAL_HEAD: &str = "\
# Mailman writes this file, and makes virtual-mailman.db of it.  What you
# change here by hand, Postfix does not know until the map is made again.
# Postfix must know each of these domains as a virtual alias domain.

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
        append(&aliases, &alias_stanza(list, is_empty(&aliases))?)?;
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

fn with_lock(site: &Site, work: impl FnOnce() -> Result<(), PostfixError>) -> Result<(), PostfixError> {
    let mut lock = Lock::new(site.settings.path("LOCK_DIR").join("creator"), LOCK_LIFETIME);
    lock.acquire(None)?;
    let outcome = work();
    // A command that took long may have cost us the lock; the work is done all the same.
    let _ = lock.release();
    outcome
}

fn aliases_file(site: &Site) -> PathBuf {
    site.settings.path("DATA_DIR").join("aliases")
}

fn virtual_file(site: &Site) -> PathBuf {
    site.settings.path("DATA_DIR").join("virtual-mailman")
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
    let domains = site.settings.strings("POSTFIX_STYLE_VIRTUAL_DOMAINS").unwrap_or_default();
    let host = list.host_name();
    match site.profile.has(Switch::PostfixHostFolded) {
        true => domains.iter().any(|domain| domain.eq_ignore_ascii_case(&host)),
        false => domains.contains(&host),
    }
}

/// An alias line of the loop address, then the stanza.
fn alias_stanza(list: &MailList, with_head: bool) -> Result<Vec<u8>, PostfixError> {
    let site = list.site();
    let mut text = Vec::new();
    if with_head {
        let name = site.settings.str("MAILMAN_SITE_LIST")?;
        let mbox = site.settings.path("DATA_DIR").join("owner-bounces.mbox");
        text.extend_from_slice(ALIASES_HEAD.as_bytes());
        text.extend_from_slice(&[&name[..], b"-loop: ", mbox.as_os_str().as_bytes(), b"\n\n"].concat());
    }
    text.extend_from_slice(&stanza(list, &aliases::lines(site, list.name(), "")));
    Ok(text)
}

fn stanza(list: &MailList, lines: &[u8]) -> Vec<u8> {
    let created = compat::email::date::ctime(crate::clock::now() as i64);
    let head = format!("{STANZA_START}{}\n# CREATED: {created}\n", list.name());
    let tail = format!("{STANZA_END}{}\n\n", list.name());
    [head.as_bytes(), lines, tail.as_bytes()].concat()
}

fn add_virtual(list: &MailList) -> Result<(), PostfixError> {
    let file = virtual_file(list.site());
    let shared = SharedAddresses::of(list)?;
    let head = if is_empty(&file) { shared.head() } else { Vec::new() };
    append(&file, &[head, stanza(list, &virtual_lines(list))].concat())?;
    let text = fs::read(&file).map_err(at(&file))?;
    rewrite(&file, &shared.completed(&text))
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
    let domain = site.settings.optional_str("VIRTUAL_MAILMAN_LOCAL_DOMAIN").filter(|_| site.profile.has(since));
    domain.map(|domain| [b"@", &domain[..]].concat()).unwrap_or_default()
}

/// Addresses that each virtual domain has once: those of the site list.
struct SharedAddresses {
    looping: (Vec<u8>, Vec<u8>),
    site: Vec<(Vec<u8>, Vec<u8>)>,
}

impl SharedAddresses {
    fn of(list: &MailList) -> Result<Self, PostfixError> {
        let site = list.site();
        let name = site.settings.str("MAILMAN_SITE_LIST")?;
        let host = list.host_name();
        let local = local_domain(site, Switch::PostfixSiteCommented);
        // In its own domain the site list has these in its own stanza, and Postfix wants nothing twice.
        let commented = site.profile.has(Switch::PostfixSiteCommented)
            && MailList::load(site, name.clone())?.host_name().eq_ignore_ascii_case(&host);
        let pair = |extra: &str, mark: &str| {
            let own = [&name[..], extra.as_bytes()].concat();
            ([mark.as_bytes(), &own, b"@", &host].concat(), [&own[..], &local].concat())
        };
        let extras = [
            ("", Switch::PostfixSiteAddress),
            ("-owner", Switch::PostfixSiteOwner),
            ("-bounces", Switch::PostfixSiteBounces),
            ("-request", Switch::PostfixSiteBounces),
        ];
        let known = extras.iter().filter(|(_, since)| site.profile.has(*since));
        Ok(SharedAddresses {
            looping: pair("-loop", ""),
            site: known.map(|(extra, _)| pair(extra, if commented { "#" } else { "" })).collect(),
        })
    }

    fn head(&self) -> Vec<u8> {
        let mut text = VIRTUAL_HEAD.as_bytes().to_vec();
        let mut block = |start: &str, pairs: &[(Vec<u8>, Vec<u8>)], end: &str| {
            text.extend_from_slice(format!("{start}\n").as_bytes());
            pairs.iter().for_each(|pair| text.extend_from_slice(&tabbed(pair)));
            text.extend_from_slice(format!("{end}\n\n").as_bytes());
        };
        block(LOOP_START, std::slice::from_ref(&self.looping), LOOP_END);
        if !self.site.is_empty() {
            block(SITE_START, &self.site, SITE_END);
        }
        text
    }

    /// The file with the addresses of this domain in both blocks.
    fn completed(&self, text: &[u8]) -> Vec<u8> {
        let text = in_block(text, LOOP_START, LOOP_END, std::slice::from_ref(&self.looping));
        match self.site.is_empty() {
            true => text,
            false => in_block(&text, SITE_START, SITE_END, &self.site),
        }
    }
}

fn tabbed((address, target): &(Vec<u8>, Vec<u8>)) -> Vec<u8> {
    [&address[..], b"\t", target, b"\n"].concat()
}

/// Puts lines at the end of a block unless the first of them is in it, with or without a comment's mark.
fn in_block(text: &[u8], start: &str, end: &str, pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 256);
    let (mut is_inside, mut is_done) = (false, false);
    let first = pairs.first().map(|(address, _)| &address[..]).unwrap_or_default();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if is_inside && !is_done {
            let is_there =
                line.starts_with(first) || line.strip_prefix(b"#").is_some_and(|line| line.starts_with(first));
            if line.starts_with(end.as_bytes()) {
                pairs.iter().for_each(|pair| out.extend_from_slice(&tabbed(pair)));
            }
            is_done = is_there || line.starts_with(end.as_bytes());
        }
        is_inside |= line.starts_with(start.as_bytes());
        out.extend_from_slice(line);
    }
    out
}

/// The file without a list's stanza. One whose end is missing ends where the next begins.
fn remove_stanza(path: &Path, list: &[u8]) -> Result<(), PostfixError> {
    let text = match fs::read(path) {
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

fn rewrite(path: &Path, text: &[u8]) -> Result<(), PostfixError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), NEW_MODE, |file| file.write_all(text)).map_err(at(path))
}

/// `_update_maps`
fn update_maps(site: &Site) -> Result<(), PostfixError> {
    let maps = [("POSTFIX_ALIAS_CMD", aliases_file(site)), ("POSTFIX_MAP_CMD", virtual_file(site))];
    for (setting, file) in maps {
        if setting == "POSTFIX_MAP_CMD" && !file.exists() {
            continue;
        }
        let command = [&site.settings.str(setting)?[..], b" ", file.as_os_str().as_bytes()].concat();
        run(site, &command)?;
        if site.profile.has(Switch::PostfixMapsReadable) {
            make_readable(site, &file)?;
        }
    }
    Ok(())
}

fn run(site: &Site, command: &[u8]) -> Result<(), PostfixError> {
    let shell = Path::new("/bin/sh");
    let status = Command::new(shell).arg("-c").arg(OsStr::from_bytes(command)).status().map_err(at(shell))?;
    // One that a signal ended counts as a success in Python.
    let status = status.code().unwrap_or(0);
    if status == 0 {
        return Ok(());
    }
    let reason = nix::errno::Errno::from_raw(status).desc();
    let error = PostfixError::Command { command: String::from_utf8_lossy(command).into_owned(), status, reason };
    site.log("error", error.to_string());
    Err(error)
}

/// Both the file and the map made of it; the map belongs to Mailman's user.
fn make_readable(site: &Site, file: &Path) -> Result<(), PostfixError> {
    let mut map = file.as_os_str().to_owned();
    map.push(".db");
    let map = Path::new(&map);
    add_mode(file).map_err(at(file))?;
    if !map.exists() {
        return Ok(());
    }
    add_mode(map).map_err(at(map))?;
    let user = User::from_name(&site.settings.str("MAILMAN_USER")?.to_latin1()).ok().flatten();
    let group = Group::from_name(&site.settings.str("MAILMAN_GROUP")?.to_latin1()).ok().flatten();
    let owner = fs::metadata(map).map_err(at(map))?.uid();
    if let (Some(user), Some(group)) = (user, group) {
        if user.uid.as_raw() != owner {
            chown(map, Some(user.uid), Some(group.gid)).map_err(|error| at(map)(error.into()))?;
        }
    }
    Ok(())
}

fn add_mode(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    match mode & MAP_MODE == MAP_MODE {
        true => Ok(()),
        false => durable::set_mode(path, mode | MAP_MODE),
    }
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

    #[test]
    fn a_block_gets_what_it_lacks() {
        let file = b"# LOOP ADDRESSES START\nm-loop@a\tm-loop\n# LOOP ADDRESSES END\nm-loop@b\n";
        let pair = |host: &str| [(format!("m-loop@{host}").into_bytes(), b"m-loop".to_vec())];
        assert_eq!(in_block(file, LOOP_START, LOOP_END, &pair("a")), file);
        let wanted = b"# LOOP ADDRESSES START\nm-loop@a\tm-loop\nm-loop@b\tm-loop\n# LOOP ADDRESSES END\nm-loop@b\n";
        assert_eq!(in_block(file, LOOP_START, LOOP_END, &pair("b")), wanted);
    }
}
