//! What a machine needs to run the site: unit, timers, and the folders that are gone after each start of it. They are those of
//! the package, with the site's places in them.

use compat::durable;
use compat::names::by_name;
use compat::site::{settings, Site};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

macro_rules! files {
    ($($name:literal),*) => { &[$(($name, include_str!(concat!("../../../contrib/systemd/", $name)))),*] };
}

/// The units by their names.
const UNITS: &[(&str, &str)] = files!(
    "mailman2-rs.service",
    "mailman2-rs-cron@.service",
    "mailman2-rs-checkdbs.timer",
    "mailman2-rs-cull_bad_shunt.timer",
    "mailman2-rs-disabled.timer",
    "mailman2-rs-gate_news.timer",
    "mailman2-rs-mailpasswds.timer",
    "mailman2-rs-nightly_gzip.timer",
    "mailman2-rs-senddigests.timer"
);
const UNIT_FOLDER: &str = "etc/systemd/system";
const TMPFILES: &str = "etc/tmpfiles.d/mailman2-rs.conf";
/// Where folders do not outlive the machine.
const FLEETING: [&str; 4] = ["/run/", "/var/run/", "/var/lock/", "/tmp/"];

/// Writes them below the root of a machine; returns what was written. What is there already and the same stays; what is there
/// and is another's is left alone and not answered.
///
/// # Errors
/// A file can't be written.
pub fn write(site: &Site, program: &Path, root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (name, text) in UNITS {
        let path = root.join(UNIT_FOLDER).join(name);
        put(&path, &with_places(text, site, program), &mut written)?;
    }
    put(&root.join(TMPFILES), &tmpfiles(site), &mut written)?;
    Ok(written)
}

fn put(path: &Path, text: &str, written: &mut Vec<PathBuf>) -> io::Result<()> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    durable::mkdir_all(durable::folder_of(path), 0o755)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), 0o644, |file| file.write_all(text.as_bytes()))?;
    written.push(path.to_path_buf());
    Ok(())
}

/// A unit of the package with the places of this site.
fn with_places(text: &str, site: &Site, program: &Path) -> String {
    let of = |name| site.settings.path(name).display().to_string();
    let pid_file = site.settings.path(settings::PIDFILE);
    let pid_folder = pid_file.parent().unwrap_or(Path::new("/")).display().to_string();
    let home = site.home.display().to_string();
    let who = |name: &str| site.settings.optional_str(by_name(name)).unwrap_or_default().to_latin1();
    let writable: Vec<String> = {
        let mut folders = vec![of(settings::VAR_PREFIX), of(settings::LOG_DIR), of(settings::LOCK_DIR), pid_folder];
        folders.extend([of(settings::QUEUE_DIR), of(settings::DATA_DIR), of(settings::LIST_DATA_DIR)]);
        folders.extend([of(settings::PRIVATE_ARCHIVE_FILE_DIR), of(settings::PUBLIC_ARCHIVE_FILE_DIR)]);
        let mut kept: Vec<String> = Vec::new();
        for folder in folders {
            if !kept.iter().any(|above| Path::new(&folder).starts_with(above)) {
                kept.push(folder);
            }
        }
        kept
    };
    let line = |line: &str| match line.split_once('=') {
        Some(("ConditionPathExists", _)) => format!("ConditionPathExists={home}/Mailman/mm_cfg.py"),
        Some(("PIDFile", _)) => format!("PIDFile={}", pid_file.display()),
        Some(("User", _)) => format!("User={}", who("MAILMAN_USER")),
        Some(("Group", _)) => format!("Group={}", who("MAILMAN_GROUP")),
        Some(("Environment", _)) => format!("Environment={}", quoted(&format!("MAILMAN_PREFIX={home}"))),
        Some(("ReadWritePaths", _)) => {
            format!("ReadWritePaths={}", writable.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" "))
        }
        Some((name, value)) if name.starts_with("Exec") => {
            format!("{name}={}", value.replace("/usr/sbin/mailman2-rs", &quoted(&program.display().to_string())))
        }
        _ => line.to_string(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// A word for systemd.
fn quoted(word: &str) -> String {
    match word.contains([' ', '"', '\\']) {
        true => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
        false => word.to_string(),
    }
}

/// The folders of locks and of the pid file, as systemd-tmpfiles makes them at each start.
fn tmpfiles(site: &Site) -> String {
    let who = |name: &str| site.settings.optional_str(by_name(name)).unwrap_or_default().to_latin1();
    let (user, group) = (who("MAILMAN_USER"), who("MAILMAN_GROUP"));
    let mut text = "# Folders of a Mailman site that do not outlive the machine.\n".to_string();
    let pid_folder = site.settings.path(settings::PIDFILE).parent().map(Path::to_path_buf).unwrap_or_default();
    for (folder, mode) in [(pid_folder, "0755"), (site.settings.path(settings::LOCK_DIR), "2775")] {
        let real = std::fs::canonicalize(&folder).unwrap_or(folder);
        if FLEETING.iter().any(|root| real.starts_with(root)) {
            text.push_str(&format!("d {} {mode} {user} {group} -\n", real.display()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn units_name_this_site() {
        let root = tempfile::tempdir().unwrap();
        let site = Site::bare(Path::new("/srv/lists"), Version { micro: 13 });
        let written = write(&site, Path::new("/opt/mailman2-rs"), root.path()).unwrap();
        assert_eq!(written.len(), UNITS.len() + 1);
        let unit = std::fs::read_to_string(root.path().join("etc/systemd/system/mailman2-rs.service")).unwrap();
        for line in [
            "Environment=MAILMAN_PREFIX=/srv/lists",
            "ExecStart=/opt/mailman2-rs mailmanctl -s -q start",
            "PIDFile=/srv/lists/data/master-qrunner.pid",
            "User=mailman",
            "ReadWritePaths=/srv/lists",
            "ConditionPathExists=/srv/lists/Mailman/mm_cfg.py",
        ] {
            assert!(unit.lines().any(|found| found == line), "{line}\n{unit}");
        }
        assert!(write(&site, Path::new("/opt/x"), root.path()).unwrap().is_empty(), "what is there stays");
    }
}
