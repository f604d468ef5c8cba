//! Organisational domains by the public suffix list (Utils.get_org_dom).
//!
//! Mailman fetches the list over HTTP from within the runner, once a process. This program reads a file: the one that
//! MAILMAN2_RS_PUBLIC_SUFFIX_FILE names, or a `file:` URL in DMARC_ORGANIZATIONAL_DOMAIN_DATA_URL, or else Debian's copy.
//! Without any the last two labels are the organisational domain, as in Mailman when the list cannot be had.

use compat::site::{settings, Site};
use compat::ByteStr;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where Debian's package `publicsuffix` keeps the list.
const DEBIANS: &str = "/usr/share/publicsuffix/public_suffix_list.dat";
/// The list has some 300 KiB; a larger file is another one.
const FILE_LIMIT: u64 = 16 << 20;

/// The rules, one per line, in lower case and without comments. Some 10,000 of them are searched from end to end in a
/// fraction of a millisecond; a table would only hold more memory.
#[derive(Default)]
pub struct Suffixes(Vec<u8>);

impl Suffixes {
    /// The site's rules; `None` where they cannot be read, which is logged.
    pub fn of_site(site: &Site) -> Option<Suffixes> {
        let Some(path) = file_of(site) else { return Some(Suffixes::default()) };
        match read(&path) {
            Ok(text) => Some(Suffixes::parse(&text)),
            Err(error) => {
                site.log("error", format!("Unable to retrieve data from {}: {error}", path.display()));
                None
            }
        }
    }

    fn parse(text: &[u8]) -> Suffixes {
        let mut rules = Vec::new();
        for line in text.split(|&b| b == b'\n').filter(|line| !line.starts_with(b" ") && !line.starts_with(b"//")) {
            let rule = line.trim_ascii().split(|&b| b == b' ').next().unwrap_or_default();
            if !rule.is_empty() {
                rules.extend(rule.to_ascii_lowercase());
                rules.push(b'\n');
            }
        }
        Suffixes(rules)
    }

    /// One label more than the longest suffix that fits, or all that an exception names.
    pub fn organisational_domain(&self, domain: &[u8]) -> ByteStr {
        let domain = domain.to_ascii_lowercase();
        let labels: Vec<&[u8]> = domain.rsplit(|&b| b == b'.').collect();
        let mut longest = 0;
        for rule in self.0.split(|&b| b == b'\n').filter(|rule| !rule.is_empty()) {
            let exception = rule.strip_prefix(b"!");
            let Some(length) = fits(exception.unwrap_or(rule), &labels) else { continue };
            if exception.is_some() {
                return last_labels(&labels, length);
            }
            longest = longest.max(length);
        }
        last_labels(&labels, longest.max(1) + 1)
    }
}

/// How many labels the rule has, if the domain ends in it.
fn fits(rule: &[u8], labels: &[&[u8]]) -> Option<usize> {
    let mut length = 0;
    for part in rule.rsplit(|&b| b == b'.') {
        let label = labels.get(length)?;
        if part != b"*" && part != *label {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// That many labels from the end of a domain whose labels stand in reverse.
fn last_labels(reversed: &[&[u8]], count: usize) -> ByteStr {
    let labels: Vec<&[u8]> = reversed.iter().take(count).rev().copied().collect();
    ByteStr::new(labels.join(&b'.'))
}

/// The file with the rules; `None` where the site wants none.
fn file_of(site: &Site) -> Option<PathBuf> {
    let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
    if let Some(own) = site.settings.optional_str(settings::MAILMAN2_RS_PUBLIC_SUFFIX_FILE) {
        return Some(path(&own));
    }
    let url = site.settings.optional_str(settings::DMARC_ORGANIZATIONAL_DOMAIN_DATA_URL)?;
    match url.strip_prefix(b"file:") {
        Some(local) => Some(path(local.strip_prefix(b"//").unwrap_or(local))),
        None => Some(PathBuf::from(DEBIANS)),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_LIMIT).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &[u8] = b"// comment\n\ncom\n uk\nco.uk  // more\nUK\n*.ck\n!www.ck\njp\n*.kobe.jp\n!city.kobe.jp\n";

    #[test]
    fn organisational_domains_as_mailman_finds_them() {
        let suffixes = Suffixes::parse(RULES);
        for (domain, expected) in [
            ("a.b.example.com", "example.com"),
            ("Example.COM", "example.com"),
            ("com", "com"),
            ("a.b.co.uk", "b.co.uk"),
            ("co.uk", "co.uk"),
            ("b.uk", "b.uk"),
            ("a.b.c.ck", "b.c.ck"),
            ("x.www.ck", "www.ck"),
            ("a.b.city.kobe.jp", "city.kobe.jp"),
            ("a.b.other.kobe.jp", "b.other.kobe.jp"),
            ("a.b.unknown", "b.unknown"),
            ("a..com", ".com"),
            ("", ""),
        ] {
            assert_eq!(suffixes.organisational_domain(domain.as_bytes()), expected, "{domain}");
        }
    }

    #[test]
    fn without_rules_two_labels_count() {
        assert_eq!(Suffixes::default().organisational_domain(b"a.b.co.uk"), "co.uk");
    }
}
