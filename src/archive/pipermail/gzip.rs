//! The volume's text compressed at each post, where GZIP_ARCHIVE_TXT_FILES asks for it.
//!
//! Answers to the end of HyperArch's `update_archive`: what is new joins what was compressed before, in one stream, and
//! the plain text goes. The bytes are those of zlib at its highest level, as Python's `gzip` writes them.

use super::layout::PAGE_MODE;
use super::setting::Setting;
use crate::clock;
use crate::error::HandlerError;
use compat::durable;
use compat::site::settings;
use compat::ByteStr;
use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// What Python's `gzip` calls the system that it runs on: any.
const ANY_SYSTEM: u8 = 255;
/// The largest plain text; it holds what came since the last post.
const TEXT_LIMIT: u64 = 1 << 30;
/// So much is unpacked at once.
const PIECE: usize = 64 << 10;

/// Compresses the text of a volume, if the site wants that and there is any.
///
/// # Errors
/// The disk is full, or fails, or what was compressed before cannot be read. The plain text is there then.
pub fn compress(setting: &Setting<'_>, volume: &ByteStr) -> Result<(), HandlerError> {
    if !setting.site.settings.truth(settings::GZIP_ARCHIVE_TXT_FILES) {
        return Ok(());
    }
    let text_path = setting.folder.join(format!("{volume}.txt"));
    let text = match durable::read_file(&text_path, TEXT_LIMIT) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    let path = setting.folder.join(format!("{volume}.txt.gz"));
    join(&path, &format!("{volume}.txt"), &text, clock::seconds())?;
    Ok(durable::unlink(&text_path)?)
}

/// Writes the file anew, with `text` at the end.
fn join(path: &Path, name: &str, text: &[u8], now: i64) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let old = match durable::open_regular(path) {
        Ok(file) => Some(file),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    durable::replace(path, Path::new(&temporary), PAGE_MODE, |out| {
        let builder = GzBuilder::new().filename(name).mtime(now as u32).operating_system(ANY_SYSTEM);
        let mut packed = builder.write(out, Compression::best());
        if let Some(old) = old {
            io::copy(&mut MultiGzDecoder::new(BufReader::new(old)), &mut packed)?;
        }
        packed.write_all(text)?;
        packed.finish().map(drop)
    })
}

/// Whether what a compressed file holds ends with these bytes.
///
/// # Errors
/// The file is there and cannot be read.
pub fn ends_with(path: &Path, text: &[u8]) -> io::Result<bool> {
    let file = match durable::open_regular(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let mut unpacked = MultiGzDecoder::new(BufReader::new(file));
    let (mut end, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        let length = unpacked.read(&mut piece)?;
        if length == 0 {
            return Ok(end.ends_with(text));
        }
        end.extend_from_slice(&piece[..length]);
        end.drain(..end.len().saturating_sub(text.len().max(PIECE)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    /// What `gzip.open(..., 'w')` of Python 2.7 writes for "From a\nbody\n" at the time 1772452800.
    const PYTHONS: &[u8] = b"\x1f\x8b\x08\x08\xc0\x7b\xa5\x69\x02\xff\x32\x30\x32\x36\x2d\x4d\x61\x72\x63\x68\x2e\x74\x78\x74\x00\x73\x2b\xca\xcf\x55\x48\xe4\x4a\xca\x4f\xa9\xe4\x02\x00\x07\x8b\x68\x2b\x0c\x00\x00\x00";

    #[test]
    fn the_bytes_are_pythons() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("2026-March.txt.gz");
        join(&path, "2026-March.txt", b"From a\nbody\n", 1_772_452_800).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), PYTHONS);
    }

    #[test]
    fn what_is_new_joins_the_old() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.txt.gz");
        for text in ["one\n", "two\n"] {
            join(&path, "x.txt", text.as_bytes(), 0).unwrap();
        }
        let mut text = String::new();
        MultiGzDecoder::new(File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
        let ends = |text: &[u8]| ends_with(&path, text).unwrap();
        assert!(ends(b"two\n") && ends(b"one\ntwo\n") && !ends(b"one\n") && !ends(b"x\none\ntwo\n"));
        assert!(!ends_with(&dir.path().join("none.gz"), b"two\n").unwrap());
    }
}
