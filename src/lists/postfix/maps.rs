//! Postfix's own commands, which make maps of the files.
//!
//! Root may call this for a folder that the site's users can write to. So a link in the place of a map is not followed,
//! owner and mode are changed on the open file, and the commands run as the list user.

use super::{aliases_file, at, virtual_file, PostfixError};
use crate::{privileges, process};
use compat::durable;
use compat::site::{settings, Site, Switch};
use nix::fcntl::AtFlags;
use nix::unistd::{fchownat, Group, User};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Postfix reads maps as somebody else.
const MAP_MODE: u32 = 0o664;
/// What Postfix's commands add to a file's name: hash maps, and lmdb where there is no Berkeley DB.
const MAPS: [&str; 2] = [".db", ".lmdb"];

/// `_update_maps`
pub(super) fn update_maps(site: &Site) -> Result<(), PostfixError> {
    let maps = [(settings::POSTFIX_ALIAS_CMD, aliases_file(site)), (settings::POSTFIX_MAP_CMD, virtual_file(site))];
    for (setting, file) in maps {
        if setting == settings::POSTFIX_MAP_CMD && !file.exists() {
            continue;
        }
        refuse_links(&file)?;
        hand_over(site, &file)?;
        let command = [&site.settings.str(setting)?[..], b" ", file.as_os_str().as_bytes()].concat();
        run(site, &command)?;
        if site.profile.has(Switch::PostfixMapsReadable) {
            make_readable(site, &file)?;
        }
    }
    Ok(())
}

/// Postfix's command would write through a link.
fn refuse_links(file: &Path) -> Result<(), PostfixError> {
    match maps_of(file).find(|map| map.is_symlink()) {
        Some(map) => Err(at(&map)(io::Error::new(io::ErrorKind::InvalidInput, "a link, which is not followed"))),
        None => Ok(()),
    }
}

/// Where root called us, its command of Postfix runs as the list user, to whom maps that root made before are given. What
/// cannot be given, or is no map of one name in its place, the command complains about.
fn hand_over(site: &Site, file: &Path) -> Result<(), PostfixError> {
    let (Some(user), Some(group)) = owners(site)? else { return Ok(()) };
    for map in maps_of(file) {
        let _ = privileges::as_caller(|| -> io::Result<()> {
            let open = durable::open_trusted(&map)?;
            let about = std::fs::metadata(durable::by_number(&open))?;
            if about.is_file() && about.nlink() == 1 && about.uid() != user.uid.as_raw() {
                fchownat(&open, "", Some(user.uid), Some(group.gid), AtFlags::AT_EMPTY_PATH)?;
            }
            Ok(())
        });
    }
    Ok(())
}

/// The site's user and group, where this machine knows them.
fn owners(site: &Site) -> Result<(Option<User>, Option<Group>), PostfixError> {
    let user = User::from_name(&site.settings.str(settings::MAILMAN_USER)?.to_latin1()).ok().flatten();
    let group = Group::from_name(&site.settings.str(settings::MAILMAN_GROUP)?.to_latin1()).ok().flatten();
    Ok((user, group))
}

fn maps_of(file: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    MAPS.iter().map(|extension| {
        let mut map = file.as_os_str().to_owned();
        map.push(extension);
        PathBuf::from(map)
    })
}

fn run(site: &Site, command: &[u8]) -> Result<(), PostfixError> {
    let shell = Path::new("/bin/sh");
    let mut call = Command::new(shell);
    let status = process::status(call.arg("-c").arg(OsStr::from_bytes(command))).map_err(at(shell))?;
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

/// Both the file and the maps made of it; maps belong to Mailman's user.
fn make_readable(site: &Site, file: &Path) -> Result<(), PostfixError> {
    let open = durable::open_regular(file).map_err(at(file))?;
    add_mode(&open, file).map_err(at(file))?;
    for map in maps_of(file) {
        match durable::open_regular(&map) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&map)(error)),
            Ok(open) => {
                add_mode(&open, &map).map_err(at(&map))?;
                give(site, &open, &map)?;
            }
        }
    }
    Ok(())
}

fn add_mode(open: &File, path: &Path) -> io::Result<()> {
    let mode = open.metadata()?.mode() & 0o7777;
    match mode & MAP_MODE == MAP_MODE {
        true => Ok(()),
        false => durable::set_open_mode(open, path, mode | MAP_MODE),
    }
}

fn give(site: &Site, open: &File, map: &Path) -> Result<(), PostfixError> {
    let owner = open.metadata().map_err(at(map))?.uid();
    match owners(site)? {
        (Some(user), Some(group)) if user.uid.as_raw() != owner => {
            durable::set_open_owner(open, map, user.uid.as_raw(), group.gid.as_raw()).map_err(at(map))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::fs;

    #[test]
    fn a_link_in_the_place_of_a_map_is_not_followed() {
        let site = Site::bare(Path::new("/nowhere"), Version::parse("2.1.39").unwrap());
        let folder = tempfile::tempdir().unwrap();
        let (file, victim) = (folder.path().join("aliases"), folder.path().join("victim"));
        fs::write(&file, "").unwrap();
        fs::write(&victim, "").unwrap();
        durable::set_mode(&victim, 0o600).unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join("aliases.lmdb")).unwrap();
        assert!(make_readable(&site, &file).is_err());
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o664);
        assert_eq!(fs::metadata(&victim).unwrap().mode() & 0o777, 0o600);
    }
}
