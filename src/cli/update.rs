//! `update`, as Mailman's bin/update: what a new version asks for. Packages run it after each installation.
//!
//! Each list is brought into shape as Mailman's does it. Files of versions before 2.1.5 are left for Mailman's own
//! script, and named; queue entries are never rewritten, and a `.bak` file, which is a message in work, never goes.

use super::console::Console;
use super::describe::flag;
use super::tool::{options, End, Message, Tool};
use super::{print, Call};
use crate::lists::upkeep;
use crate::stderr::Stderr;
use clap::Command;
use compat::durable;
use compat::list::{self, ListError, LockedList, MailList};
use compat::names::Place;
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// How long a list's lock is waited for.
const PATIENCE: Duration = Duration::from_millis(500);
/// Sources of old versions, below the site's folder.
const OLD_SOURCES: [&str; 13] = [
    "Mailman/Archiver.py",
    "Mailman/HyperArch.py",
    "Mailman/HyperDatabase.py",
    "Mailman/pipermail.py",
    "Mailman/smtplib.py",
    "Mailman/Cookie.py",
    "bin/update_to_10b6",
    "scripts/mailcmd",
    "scripts/mailowner",
    "mail/wrapper",
    "Mailman/pythonlib",
    "cgi-bin/archives",
    "Mailman/MailCommandHandler",
];
const VERSION_MODE: u32 = 0o664;

/// The options of `update`.
pub fn command() -> Command {
    Command::new("update")
        .about("Do what a new version of Mailman asks for")
        .long_about("Do what a new version of Mailman asks for. Packages run this after each installation. Each list is updated and the version noted in data/last_mailman_version. What only Mailman's own script converts, files of versions before 2.1.5, is named and left as it is. Queues are not touched.")
        .args([
            flag("force", 'f', "Even if the version has not changed, or is older than before"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a version that is older than the one before.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, update)
}

/// Whether it is forced.
fn parse(args: &[String]) -> Result<bool, End> {
    let parsed = options(args, &command())?;
    if !parsed.words.is_empty() {
        let message = Message::Plain(format!("Unexpected arguments: {}", parsed.words.join(" ")));
        return Err(End::Usage { code: 1, message });
    }
    match parsed.options.iter().any(|(option, _)| option == "-h" || option == "--help") {
        true => Err(End::help()),
        false => Ok(!parsed.options.is_empty()),
    }
}

fn update(site: &Rc<Site>, force: bool) -> Result<(), End> {
    let console = Console::new(site);
    let (last, this) = (Last::of(site), i64::from(site.profile.version().hex()));
    let values = [("hexlversion", last.hex()), ("hextversion", format!("0x{this:x}"))];
    let values = [(values[0].0, values[0].1.as_bytes()), (values[1].0, values[1].1.as_bytes())];
    if last.number() == this && !force {
        console.print("No updates are necessary.", &[]);
        return Ok(());
    }
    if last.number() > this && !force {
        let english = "Downgrade detected, from version %(hexlversion)s to version %(hextversion)s\n\
            This is probably not safe.\nExiting.";
        console.print(english, &values);
        return Err(End::Code(1));
    }
    console.print("Upgrading from version %(hexlversion)s to %(hextversion)s", &values);
    if bring_up(site, &console, &last)? {
        return write_version(site, this);
    }
    print(&format!(
        "\nSome lists were locked: is Mailman running, or is there an old lock in {}?\nRun update again.\n",
        site.settings.path(settings::LOCK_DIR).display()
    ));
    Ok(())
}

/// The version that was here before, from `data/last_mailman_version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Known(i64),
    /// None, and nothing was ever logged.
    Fresh,
    Unknown,
}

impl Last {
    fn of(site: &Site) -> Last {
        let text = fs::read_to_string(version_file(site)).unwrap_or_default();
        let digits = text.trim().trim_start_matches("0x");
        match i64::from_str_radix(digits, 16) {
            Ok(number) => Last::Known(number),
            Err(_) => match fs::read_dir(site.settings.path(settings::LOG_DIR)).map(|mut logs| logs.next().is_some()) {
                Ok(true) => Last::Unknown,
                _ => Last::Fresh,
            },
        }
    }

    fn number(self) -> i64 {
        match self {
            Last::Known(number) => number,
            Last::Fresh => 0,
            Last::Unknown => -1,
        }
    }

    /// Python's `hex`.
    fn hex(self) -> String {
        match self {
            Last::Unknown => "-0x1".to_string(),
            other => format!("0x{:x}", other.number()),
        }
    }
}

fn version_file(site: &Site) -> PathBuf {
    site.settings.path(settings::DATA_DIR).join("last_mailman_version")
}

fn write_version(site: &Site, this: i64) -> Result<(), End> {
    let path = version_file(site);
    let text = format!("0x{this:x}\n");
    durable::put_page(&path, VERSION_MODE, text.as_bytes())
        .map_err(|error| End::Failed(format!("{}: {error}", path.display())))
}

/// Whether every list could be locked.
fn bring_up(site: &Rc<Site>, console: &Console<'_>, last: &Last) -> Result<bool, End> {
    console.print("getting rid of old source files", &[]);
    for source in OLD_SOURCES.iter().map(|name| site.home.join(name)).filter(|source| source.exists()) {
        print(&format!("{} is of an old version; it is left there\n", source.display()));
    }
    let names = list::names(site).map_err(End::failed)?;
    if names.is_empty() {
        console.print("no lists == nothing to do, exiting", &[]);
        return Ok(true);
    }
    let mut all = true;
    for name in &names {
        console.print("Updating mailing list: %(listname)s", &[("listname", name)]);
        all &= bring_up_list(site, console, name)?;
        print("\n");
    }
    console.print("Updating Usenet watermarks", &[]);
    if !tell_of_old(site, settings::DATA_DIR, "gate_watermarks") {
        console.print("- nothing to update here", &[]);
    }
    if !(tell_of_old(site, settings::DATA_DIR, "pending_subscriptions.db")
        | tell_of_old(site, settings::DATA_DIR, "pending.pck"))
    {
        console.print("Nothing to do.", &[]);
    }
    console.print("updating old qfiles", &[]);
    tell_of_old_entries(site);
    if *last == Last::Unknown {
        print("\nNobody knows which version was here before. If it was one before 2.0, see Mailman's UPGRADING.\n");
    }
    Ok(all)
}

fn bring_up_list(site: &Rc<Site>, console: &Console<'_>, name: &ByteStr) -> Result<bool, End> {
    let mut list = match LockedList::open(site, name.clone(), Some(PATIENCE)) {
        Err(ListError::LockTimeout { .. }) => {
            let text =
                console.fill_with("WARNING: could not acquire lock for list: %(listname)s", &[("listname", name)]);
            Stderr::Real.write_bytes(&[&text[..], b"\n"].concat());
            return Ok(false);
        }
        list => list?,
    };
    let enabled = upkeep::enable_without_bounce_info(&mut list)?;
    if enabled > 0 {
        let count = enabled.to_string();
        console.print("Resetting %(n)s BYBOUNCEs disabled addrs with no bounce info", &[("n", count.as_bytes())]);
    }
    console.print("Updating the held requests database.", &[]);
    list.requests()?;
    make_mbox_folder(&list)?;
    for (english, setting) in [
        ("- updating old private mbox file", settings::PRIVATE_ARCHIVE_FILE_DIR),
        ("- updating old public mbox file", settings::PUBLIC_ARCHIVE_FILE_DIR),
    ] {
        console.print(english, &[]);
        let place = site.settings.path(setting).join(OsStr::from_bytes(name));
        if place.is_dir() {
            console.print("Nothing to do.", &[]);
        } else if place.exists() {
            print(&format!("{} is an mbox of an old version; it is left there\n", place.display()));
        }
    }
    list.save()?;
    console.print("Fixing language templates: %(listname)s", &[("listname", name)]);
    list.unlock()?;
    Ok(true)
}

fn make_mbox_folder(list: &MailList) -> Result<(), End> {
    let folder = [&list.name()[..], b".mbox"].concat();
    let path = list.site().settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(OsStr::from_bytes(&folder));
    durable::mkdir(&path, 0o2775).map(drop).map_err(|error| End::Failed(format!("{}: {error}", path.display())))
}

/// Names a file that only Mailman's own script converts; whether it is there.
fn tell_of_old(site: &Site, setting: Setting<Place>, name: &str) -> bool {
    let path = site.settings.path(setting).join(name);
    if path.exists() {
        print(&format!("{} is of an old version: Mailman's own bin/update converts it\n", path.display()));
    }
    path.exists()
}

/// Entries in two files, as versions before 2.1.5 made them.
fn tell_of_old_entries(site: &Site) {
    let root = site.settings.path(settings::QUEUE_DIR);
    let folders = fs::read_dir(&root).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut old: Vec<PathBuf> = Vec::new();
    for folder in folders.chain([root.clone()]) {
        let files = fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        old.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "msg" || ending == "db")));
    }
    for path in old {
        print(&format!("{} is of an old version: Mailman's own bin/update converts it\n", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_as_python_writes_them() {
        let site = Site::bare(tempfile::tempdir().unwrap().path(), compat::site::Version { micro: 39 });
        assert_eq!((Last::of(&site), Last::Known(0x20_127f0).hex()), (Last::Fresh, "0x20127f0".to_string()));
        assert_eq!(Last::Unknown.hex(), "-0x1");
        assert_eq!(parse(&["-f".to_string()]), Ok(true));
    }
}
