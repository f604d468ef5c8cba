//! What differs between the releases of Mailman 2.1, a named switch a row.
//!
//! A site keeps the behaviour of the version that it runs: what members and operators see must not change with the
//! engine. The code never compares version numbers; it asks `profile.has(Switch::X)`. A switch is on when the site's
//! version is the one that brought it, or later. `MAILMAN2_RS_BEHAVIOUR = 'newest'` in mm_cfg.py turns all of them on.
//!
//! Not here: crashes, losses, endless loops and security holes of an old version, which nobody gets back, and defaults
//! of settings, which are in `site::defaults`.

pub use super::switches::Switch;
use super::switches::SWITCHES;
use std::fmt;

/// A release of the 2.1 line: `2.1.13`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The third number.
    pub micro: u8,
}

/// The first version whose tables this program has.
pub const OLDEST: Version = Version { micro: 13 };
/// The last version of the 2.1 line.
pub const NEWEST: Version = Version { micro: 39 };

impl Version {
    /// From `2.1.13`, `2.1.39rc1`, `2.1.18-1`; other lines than 2.1 are none of ours.
    pub fn parse(text: &str) -> Option<Version> {
        let rest = text.trim().strip_prefix("2.1.")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().map(|micro| Version { micro })
    }

    /// From the form of `data/last_mailman_version`: `0x20127f0`.
    pub fn from_hex(text: &str) -> Option<Version> {
        let number = u32::from_str_radix(text.trim().trim_end_matches('L').strip_prefix("0x")?, 16).ok()?;
        let [major, minor, micro, _] = number.to_be_bytes();
        ((major, minor) == (2, 1)).then_some(Version { micro })
    }

    /// `mm_cfg.HEX_VERSION` of the final release.
    pub fn hex(self) -> u32 {
        u32::from_be_bytes([2, 1, self.micro, 0xf0])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "2.1.{}", self.micro)
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The switch.
    pub switch: Switch,
    /// The micro version that brought it.
    pub since: u8,
    /// What is so where it is on, and what was before.
    pub what: &'static str,
}

/// The behaviour of one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    version: Version,
    newest: bool,
}

impl Profile {
    /// The behaviour of a version.
    pub fn new(version: Version) -> Self {
        Profile { version, newest: false }
    }

    /// The data of a version with all the behaviour of the newest one.
    pub fn newest(version: Version) -> Self {
        Profile { version, newest: true }
    }

    /// Whether the site's mail is to be treated so.
    pub fn has(&self, switch: Switch) -> bool {
        self.newest || SWITCHES.get(switch as usize).is_some_and(|row| self.version.micro >= row.since)
    }

    /// The version of Mailman that the site runs.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Every switch, for listings.
    pub fn rows() -> &'static [Row] {
        SWITCHES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_both_forms() {
        assert_eq!(Version::parse("2.1.13"), Some(OLDEST));
        assert_eq!(Version::parse("2.1.39rc1\n"), Some(NEWEST));
        assert_eq!(Version::parse("2.1.x"), None);
        assert_eq!(Version::parse("3.0.1"), None);
        assert_eq!(Version::from_hex("0x20127f0\n"), Some(NEWEST));
        assert_eq!(Version::from_hex("0x2010df0"), Some(OLDEST));
        assert_eq!(Version::from_hex("0x3000000"), None);
        assert_eq!(format!("{:#x}", OLDEST.hex()), "0x2010df0");
        assert_eq!(NEWEST.to_string(), "2.1.39");
    }

    #[test]
    fn each_switch_finds_its_own_row() {
        for (at, row) in Profile::rows().iter().enumerate() {
            assert_eq!(row.switch as usize, at, "{:?}", row.switch);
            assert!((14..=39).contains(&row.since), "{:?}", row.switch);
        }
    }

    #[test]
    fn old_has_none_and_new_has_all() {
        let (old, new) = (Profile::new(OLDEST), Profile::new(NEWEST));
        assert!(Profile::rows().iter().all(|row| !old.has(row.switch) && new.has(row.switch)));
        assert!(Profile::newest(OLDEST).has(Switch::FromIsList));
        assert!(Profile::new(Version { micro: 16 }).has(Switch::FromIsList));
        assert!(!Profile::new(Version { micro: 15 }).has(Switch::FromIsList));
    }
}
