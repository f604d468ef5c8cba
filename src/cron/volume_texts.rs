//! The nightly compression of the archives' plain texts, for sites that do not compress at each post.
//!
//! Answers to cron/nightly_gzip. No lock is needed: a text that grows meanwhile is newer than its compressed form, and so
//! has its turn the next night.

use compat::durable;
use compat::list::MailList;
use compat::site::{settings, Site};
use flate2::write::DeflateEncoder;
use flate2::{Compression, CrcReader};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Mode of the compressed text: what Python's umask of 002 leaves.
const FILE_MODE: u32 = 0o664;
/// A member with a name, as Python's `gzip` begins each file.
const MAGIC: &[u8] = b"\x1f\x8b\x08\x08";
/// "Compressed at the highest level, on any system": Python says so whatever the level is.
const FLAGS: &[u8] = b"\x02\xff";

/// Whether a site wants this at all. One that archives pages alone (`ARCHIVE_TO_MBOX` 0) is left out, as in Mailman.
pub fn is_wanted(site: &Site) -> bool {
    let kind = site.settings.int(settings::ARCHIVE_TO_MBOX).unwrap_or(0);
    matches!(kind, 1 | 2) && !site.settings.truth(settings::GZIP_ARCHIVE_TXT_FILES)
}

/// The folder of a list's archive.
pub fn folder(list: &MailList) -> PathBuf {
    list.site().settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(OsStr::from_bytes(list.name()))
}

/// The texts in a folder that are newer than their compressed form, by the second.
///
/// # Errors
/// The folder cannot be read.
pub fn outdated(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.as_os_str().as_bytes().ends_with(b".txt") {
            continue;
        }
        let modified = fs::metadata(&path)?.mtime();
        if modified > fs::metadata(packed_name(&path)).map_or(-1, |about| about.mtime()) {
            texts.push(path);
        }
    }
    Ok(texts)
}

fn packed_name(text: &Path) -> PathBuf {
    let mut name = text.as_os_str().to_owned();
    name.push(".gz");
    name.into()
}

/// Compresses a text. A reader sees the old compressed form or the new one, never a part.
///
/// # Errors
/// A file cannot be read or written; the old compressed form is there then.
pub fn compress(text: &Path, now: u32) -> io::Result<()> {
    let target = packed_name(text);
    let mut temporary = target.as_os_str().to_owned();
    temporary.push(".tmp");
    let source = fs::File::open(text)?;
    let name = text.file_name().unwrap_or_default().as_bytes();
    durable::replace(&target, Path::new(&temporary), FILE_MODE, |out| pack(source, name, now, out))
}

/// The bytes of Python's `gzip.open(NAME, 'wb', 6)`.
fn pack(source: impl Read, name: &[u8], now: u32, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[MAGIC, &now.to_le_bytes(), FLAGS, name, b"\0"].concat())?;
    let mut source = CrcReader::new(BufReader::new(source));
    let mut packed = DeflateEncoder::new(&mut *out, Compression::new(6));
    io::copy(&mut source, &mut packed)?;
    packed.finish()?;
    let crc = source.crc();
    out.write_all(&[crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `gzip.open('2026-March.txt.gz', 'wb', 6)` of Python 2.7, "From a\nbody\n" at the time 1772452800.
    const PYTHONS: &[u8] = b"\x1f\x8b\x08\x08\xc0\x7b\xa5\x69\x02\xff\x32\x30\x32\x36\x2d\x4d\x61\x72\x63\x68\x2e\x74\x78\x74\x00\x73\x2b\xca\xcf\x55\x48\xe4\x4a\xca\x4f\xa9\xe4\x02\x00\x07\x8b\x68\x2b\x0c\x00\x00\x00";

    #[test]
    fn compressed_as_python_does() {
        let mut packed = Vec::new();
        pack(&b"From a\nbody\n"[..], b"2026-March.txt", 1_772_452_800, &mut packed).unwrap();
        assert_eq!(packed, PYTHONS);
    }

    #[test]
    fn only_what_is_newer_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("2026-March.txt");
        fs::write(&text, "x").unwrap();
        fs::write(folder.path().join("index.html"), "x").unwrap();
        assert_eq!(outdated(folder.path()).unwrap(), std::slice::from_ref(&text));
        compress(&text, 0).unwrap();
        assert!(outdated(folder.path()).unwrap().is_empty());
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        fs::File::options().append(true).open(&text).unwrap().set_modified(later).unwrap();
        assert_eq!(outdated(folder.path()).unwrap().len(), 1);
    }
}
