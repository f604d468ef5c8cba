//! The default settings of every version, for sites whose Defaults.py is gone with their Python.
//!
//! The tables hold facts: names and values of Mailman 2.1.13 to 2.1.39. A row carries the micro version that brought
//! its value (0: it was there in 2.1.13), so one set of tables serves all versions. What configure puts into
//! Defaults.py cannot be known afterwards: hosts are `localhost` until mm_cfg.py says otherwise, as in Debian's
//! package.

mod archive;
mod constants;
mod data;
mod delivery;
mod general;
mod languages;
mod lists;
mod places;
mod web;

use super::profile::NEWEST;
use super::settings::{self as of_site, Setting};
use super::{find, Origin, Settings, Version};
use crate::names::{by_name, Items};
use crate::value::{Dict, Value};
use crate::ByteStr;
use data::Data;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

static TABLES: &[&[(u8, &str, Data)]] =
    &[general::ROWS, web::ROWS, archive::ROWS, delivery::ROWS, lists::ROWS, constants::ROWS];

/// (version, data_version of a list)
static DATA_VERSIONS: &[(u8, i64)] = &[
    (0, 97),
    (14, 98),
    (15, 100),
    (16, 102),
    (17, 103),
    (18, 104),
    (19, 107),
    (20, 108),
    (21, 109),
    (22, 110),
    (30, 112),
];

/// What Debian's packages change in Defaults.py.
static DEBIAN: &[(&str, Data)] = &[
    ("IMAGE_LOGOS", Data::Str("/images/mailman/")),
    ("DEFAULT_URL_PATTERN", Data::Str("http://%s/cgi-bin/mailman/")),
    ("PUBLIC_ARCHIVE_URL", Data::Str("http://%(hostname)s/pipermail/%(listname)s/")),
    ("PIDFILE", Data::Str("/var/run/mailman/mailman.pid")),
    ("MAILMAN_USER", Data::Str("list")),
    ("MAILMAN_GROUP", Data::Str("list")),
];

/// The defaults of a version for a site in `home`.
pub fn settings(version: Version, home: &Path) -> Settings {
    let mut defaults = Builder { settings: Settings::default(), version };
    for (since, name, data) in TABLES.iter().copied().flatten() {
        if *since <= version.micro {
            defaults.set(name, data.value());
        }
    }
    let debian = is_debian(home);
    defaults.configured(if debian { Path::new(find::DEBIAN_DATA) } else { home });
    defaults.places();
    defaults.numbers();
    defaults.languages();
    if debian {
        DEBIAN.iter().for_each(|(name, data)| defaults.set(name, data.value()));
    }
    defaults.settings
}

/// Adds what the newest version reads and the site's own does not know: its default settings, and in the pipeline the handler
/// without which headers that it puts off would never be put in. What the site says itself stays.
pub(super) fn complete(settings: &mut Settings, home: &Path) {
    let newest = self::settings(NEWEST, home);
    for name in newest.names() {
        if let (None, Some(value)) = (settings.get(by_name(name)), newest.get(by_name(name))) {
            settings.set(by_name(name), value.clone(), Origin::BuiltIn);
        }
    }
    complete_pipeline(settings);
}

/// WrapMessage stands right before ToOutgoing.
fn complete_pipeline(settings: &mut Settings) {
    const NAME: Setting<Items> = of_site::GLOBAL_PIPELINE;
    let (Ok(mut handlers), Some(origin)) = (settings.strings(NAME), settings.origin(NAME).cloned()) else { return };
    let place = handlers.iter().position(|handler| *handler == "ToOutgoing");
    if let Some(at) = place.filter(|_| !handlers.iter().any(|handler| *handler == "WrapMessage")) {
        handlers.insert(at, "WrapMessage".into());
        settings.set(NAME, Value::list(handlers.into_iter().map(Value::Str).collect()), origin);
    }
}

/// Debian's program files or data, whose places are fixed.
fn is_debian(home: &Path) -> bool {
    home == Path::new(find::DEBIAN_CODE) || home == Path::new(find::DEBIAN_DATA)
}

struct Builder {
    settings: Settings,
    version: Version,
}

impl Builder {
    fn set(&mut self, name: &str, value: Value) {
        self.settings.set(by_name(name), value, Origin::BuiltIn);
    }

    /// What configure decides.
    fn configured(&mut self, prefix: &Path) {
        for name in ["PREFIX", "EXEC_PREFIX", "VAR_PREFIX"] {
            self.set(name, Value::str(prefix.as_os_str().as_bytes()));
        }
        let texts = [
            ("PYTHON", "/usr/bin/python"),
            ("MAILMAN_USER", "mailman"),
            ("MAILMAN_GROUP", "mailman"),
            ("DEFAULT_EMAIL_HOST", "localhost"),
            ("DEFAULT_URL_HOST", "localhost"),
        ];
        texts.into_iter().for_each(|(name, text)| self.set(name, Value::str(text)));
        if self.version.micro >= 23 {
            self.set("SMTP_HELO_HOST", Value::str("localhost"));
        }
        let hosts = Dict::from_iter([(ByteStr::from("localhost"), Value::str("localhost"))]);
        self.set("VIRTUAL_HOSTS", Value::dict(hosts));
    }

    fn places(&mut self) {
        for (name, base, rest) in places::PLACES {
            let path = self.settings.path(by_name(base)).join(rest);
            self.set(name, Value::str(path.as_os_str().as_bytes()));
        }
    }

    /// What Version.py holds.
    fn numbers(&mut self) {
        let micro = self.version.micro;
        self.set("VERSION", Value::str(self.version.to_string()));
        self.set("MICRO_REV", Value::Int(i64::from(micro)));
        self.set("HEX_VERSION", Value::Int(i64::from(self.version.hex())));
        let known = DATA_VERSIONS.iter().rev().find(|(since, _)| *since <= micro);
        self.set("DATA_FILE_VERSION", Value::Int(known.map_or(0, |(_, number)| *number)));
    }

    fn languages(&mut self) {
        let mut languages = Dict::new();
        for (since, code, name, charset, from_left) in languages::LANGUAGES {
            if *since <= self.version.micro {
                let direction = if *from_left { "ltr" } else { "rtl" };
                languages.set(*code, Value::tuple([name, charset, direction].map(Value::str).to_vec()));
            }
        }
        self.set("LC_DESCRIPTIONS", Value::dict(languages));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(micro: u8) -> Settings {
        settings(Version { micro }, Path::new("/srv/x"))
    }

    #[test]
    fn values_follow_the_version() {
        let (old, new) = (table(13), table(39));
        assert_eq!(old.get(of_site::MASTER_LOCK_FILE), None);
        assert_eq!(new.str(of_site::MASTER_LOCK_FILE).unwrap(), "master-qrunner");
        assert!(!old.strings(of_site::GLOBAL_PIPELINE).unwrap().contains(&"WrapMessage".into()));
        assert!(new.strings(of_site::GLOBAL_PIPELINE).unwrap().contains(&"WrapMessage".into()));
        assert_eq!(table(16).int(of_site::DATA_FILE_VERSION), Ok(102));
        assert_eq!((old.int(of_site::DATA_FILE_VERSION), new.int(of_site::DATA_FILE_VERSION)), (Ok(97), Ok(112)));
        assert_eq!(new.path(of_site::RETRYQUEUE_DIR), Path::new("/srv/x/qfiles/retry"));
        assert!(old.str(of_site::DEFAULT_MSG_FOOTER).unwrap().starts_with(b"____"));
        assert!(new.str(of_site::DEFAULT_MSG_FOOTER).unwrap().starts_with(b"-- \n"));
    }

    #[test]
    fn debian_has_its_own_places() {
        let debian = settings(Version { micro: 13 }, Path::new(find::DEBIAN_CODE));
        assert_eq!(debian.path(of_site::LIST_DATA_DIR), Path::new("/var/lib/mailman/lists"));
        assert_eq!(debian.path(of_site::PIDFILE), Path::new("/var/run/mailman/mailman.pid"));
    }

    #[test]
    fn no_row_repeats_a_version() {
        let mut seen = std::collections::HashSet::new();
        for (since, name, _) in TABLES.iter().copied().flatten() {
            assert!(seen.insert((since, name)), "{name}");
        }
    }
}
