//! Files of the machine that say how it served the site: crontabs, aliases, settings of mail and web servers. They come
//! along to be read; nothing puts them in place.

use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Taken where they are there.
const FILES: [&str; 9] = [
    "etc/aliases",
    "etc/mailname",
    "etc/cron.d/mailman",
    "etc/init.d/mailman",
    "etc/logrotate.d/mailman",
    "etc/postfix/main.cf",
    "etc/postfix/master.cf",
    "var/spool/cron/crontabs/list",
    "var/spool/cron/mailman",
];
/// Taken where a file in them speaks of Mailman.
const FOLDERS: [&str; 8] =
    ["etc/apache2", "etc/httpd", "etc/nginx", "etc/lighttpd", "etc/exim4", "etc/postfix", "etc/mail", "etc/cron.d"];
/// Settings are not larger.
const LIMIT: u64 = 1 << 20;
const DEPTH: usize = 4;
/// What is for nobody else's eyes, whatever it says.
const SECRET: [&str; 3] = ["passwd", "private", ".key"];

/// The paths below the machine's root, or another.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = FILES.iter().map(|name| root.join(name)).filter(|path| is_plain(path)).collect();
    for folder in FOLDERS {
        let items = WalkDir::new(root.join(folder)).max_depth(DEPTH).sort_by_file_name().into_iter().flatten();
        let paths = items.filter(|item| item.file_type().is_file()).map(|item| item.into_path());
        found.extend(paths.filter(|path| speaks_of_mailman(path)));
    }
    found.sort();
    found.dedup();
    found
}

fn is_plain(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_file() && about.len() <= LIMIT)
}

fn speaks_of_mailman(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let is_secret = SECRET.iter().any(|part| name.contains(part));
    let text = || compat::durable::read_file(path, LIMIT).unwrap_or_default().to_ascii_lowercase();
    !is_secret && is_plain(path) && memchr::memmem::find(&text(), b"mailman").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_speaks_of_mailman() {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("etc/aliases", "a: b"),
            ("etc/apache2/sites-enabled/lists", "ScriptAlias /Mailman/ /x"),
            ("etc/apache2/sites-enabled/other", "nothing"),
            ("etc/postfix/sasl_passwd", "mailman:secret"),
        ] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names: Vec<PathBuf> =
            files(root.path()).iter().map(|path| path.strip_prefix(root.path()).unwrap().to_path_buf()).collect();
        assert_eq!(names, [Path::new("etc/aliases"), Path::new("etc/apache2/sites-enabled/lists")]);
    }
}
