//! Who may call the wrapper. It runs with the site's group, whoever starts it, so it asks as which group it was started.
//!
//! Mailman's wrapper knows one group, chosen when it was compiled. Debian's also believes any system group (below 100)
//! and nogroup. Here both hold, and the group is a setting. A wrapper that has no more rights than its caller, because
//! its file is not set-group-id or the caller is of the site's group, has nothing to guard.

use compat::names::Any;
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use compat::ByteStr;
use nix::unistd::{getegid, getgid, Gid, Group};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Debian's bound: groups below it are the system's.
const FIRST_ORDINARY: u32 = 100;
const NOGROUP: u32 = 65534;

/// Why a wrapper with more rights than its caller does nothing. The words are for whoever has to change the mail server
/// or the setting.
#[derive(Debug, thiserror::Error)]
pub enum NotTrusted {
    #[error(
        "Group mismatch error: the mail server called the wrapper as group {name} ({gid}), not as {allowed}. \
         Set MAILMAN2_RS_MAIL_GROUP in mm_cfg.py, or the group in the mail server."
    )]
    Group { name: String, gid: Gid, allowed: String },
    #[error("{}: {source}", folder.display())]
    Settings { folder: PathBuf, source: io::Error },
    #[error("{} belongs neither to root nor to the site's group", folder.display())]
    Owner { folder: PathBuf },
}

/// Whether this process has rights that its caller lacks.
pub fn is_trusted_with_more() -> bool {
    getegid() != getgid()
}

/// Whether the caller's group may hand in mail.
///
/// # Errors
/// It may not.
pub fn check(site: &Site) -> Result<(), NotTrusted> {
    let gid = getgid();
    if !is_trusted_with_more() || is_systems(gid) {
        return Ok(());
    }
    let allowed = allowed(site);
    let name = Group::from_gid(gid).ok().flatten().map(|group| group.name);
    match &name {
        Some(name) if allowed.iter().any(|group| group == name.as_bytes()) => Ok(()),
        _ => Err(mismatch(gid, name.as_deref(), &allowed)),
    }
}

fn is_systems(gid: Gid) -> bool {
    gid.as_raw() < FIRST_ORDINARY || gid.as_raw() == NOGROUP
}

fn allowed(site: &Site) -> Vec<ByteStr> {
    let one = |name: Setting<Any>| {
        site.settings.optional_str(name).filter(|group| !group.is_empty()).map(|group| vec![group])
    };
    let several = || site.settings.strings(settings::MAILMAN2_RS_MAIL_GROUP).ok();
    one(settings::MAILMAN2_RS_MAIL_GROUP.any())
        .or_else(several)
        .or_else(|| one(settings::MAILMAN_GROUP.any()))
        .unwrap_or_default()
}

fn mismatch(gid: Gid, name: Option<&str>, allowed: &[ByteStr]) -> NotTrusted {
    let allowed: Vec<String> = allowed.iter().map(ByteStr::to_latin1).collect();
    NotTrusted::Group { name: name.unwrap_or("without a name").to_owned(), gid, allowed: allowed.join(" or ") }
}

/// Whether the settings in a folder may be believed by a process with more rights than its caller: root's, or the
/// site's. A second name for the wrapper in somebody's own folder has neither.
///
/// # Errors
/// They may not, or the folder cannot be looked at.
pub fn check_home(home: &Path) -> Result<(), NotTrusted> {
    let folder = home.join("Mailman");
    match fs::metadata(&folder) {
        Ok(about) if about.uid() == 0 || about.gid() == getegid().as_raw() => Ok(()),
        Ok(_) => Err(NotTrusted::Owner { folder }),
        Err(source) => Err(NotTrusted::Settings { folder, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn groups_of_the_system_may_always() {
        for (gid, may) in [(0, true), (99, true), (100, false), (1000, false), (65533, false), (65534, true)] {
            assert_eq!(is_systems(Gid::from_raw(gid)), may, "{gid}");
        }
    }

    #[test]
    fn the_refusal_names_the_setting() {
        let site = Site::bare(Path::new("/nowhere"), Version::parse("2.1.13").unwrap());
        let text = mismatch(Gid::from_raw(1000), None, &allowed(&site)).to_string();
        assert!(text.contains("(1000)") && text.contains("MAILMAN2_RS_MAIL_GROUP"), "{text}");
    }
}
