//! The commands of a site that is not where the package has its layout: links to this program in `bin` and `cron`, the
//! wrapper in `mail`, the page programs in `cgi-bin`. What stands there already stays.

use compat::durable;
use compat::site::{settings, Site};
use migration::switch::pages;
use nix::unistd::{geteuid, Group};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Mailman's commands in `bin`.
const TOOLS: [&str; 33] = [
    "add_members",
    "arch",
    "b4b5-archfix",
    "change_pw",
    "check_db",
    "check_perms",
    "cleanarch",
    "clone_member",
    "config_list",
    "discard",
    "dumpdb",
    "export.py",
    "find_member",
    "genaliases",
    "inject",
    "list_admins",
    "list_lists",
    "list_members",
    "list_owners",
    "mailmanctl",
    "mmsitepass",
    "newlist",
    "qrunner",
    "rb-archfix",
    "remove_members",
    "rmlist",
    "show_qfiles",
    "sync_members",
    "transcheck",
    "unshunt",
    "update",
    "version",
    "withlist",
];
const JOBS: [&str; 8] = [
    "bumpdigests",
    "checkdbs",
    "cull_bad_shunt",
    "disabled",
    "gate_news",
    "mailpasswds",
    "nightly_gzip",
    "senddigests",
];
/// They act for the list group.
const WRAPPER_MODE: u32 = 0o2755;
const WRAPPER: &str = "mailman";
const PAGES: &str = "mailman2-cgi";
/// Where the package has them; else they are beside the program.
const PACKAGE: &str = "/usr/lib/mailman2-rs";
const LARGEST: u64 = 1 << 30;

/// Puts them in place; returns how many there were.
///
/// # Errors
/// A folder can't be written, or the wrapper or page program is not where it should be.
pub fn put(site: &Site, program: &Path) -> io::Result<usize> {
    let bin = site.settings.path(settings::BIN_DIR);
    let mut count = 0;
    for name in TOOLS {
        count += usize::from(link(program, &bin.join(name))?);
    }
    for name in JOBS {
        count += usize::from(link(program, &site.home.join("cron").join(name))?);
    }
    let wrapper = site.settings.path(settings::WRAPPER_DIR).join(WRAPPER);
    count += usize::from(copy(site, &beside(program, WRAPPER)?, &wrapper)?);
    let folder = site.home.join("cgi-bin");
    let extension = site.settings.optional_str(settings::CGIEXT).unwrap_or_default().to_latin1();
    for name in pages::NAMES {
        count += usize::from(copy(site, &beside(program, PAGES)?, &folder.join(format!("{name}{extension}")))?);
    }
    Ok(count)
}

fn beside(program: &Path, name: &str) -> io::Result<PathBuf> {
    let places = [program.with_file_name(name), Path::new(PACKAGE).join(name)];
    let found = places.iter().find(|path| path.is_file()).cloned();
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("{name} is not beside {}", program.display())))
}

fn link(program: &Path, path: &Path) -> io::Result<bool> {
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    durable::mkdir_all(durable::folder_of(path), 0o2775)?;
    durable::symlink(program, path).map(|()| true)
}

/// Not a link: these find their site by where their own file is.
fn copy(site: &Site, from: &Path, path: &Path) -> io::Result<bool> {
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    durable::mkdir_all(durable::folder_of(path), 0o2775)?;
    let bytes = durable::read_file(from, LARGEST)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), 0o755, |file| file.write_all(&bytes))?;
    if geteuid().is_root() {
        let name = site.settings.optional_str(settings::MAILMAN_GROUP).unwrap_or_default().to_latin1();
        if let Some(group) = Group::from_name(&name)? {
            durable::set_owner(path, 0, group.gid.as_raw())?;
            durable::set_mode(path, WRAPPER_MODE)?;
        }
    }
    Ok(true)
}
