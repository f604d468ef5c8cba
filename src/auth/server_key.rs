//! The server's own key: random bytes in `DATA_DIR/web/form-key`, with which only this program signs.
//!
//! Mailman has none: it signs with passwords. The file is made when it is first needed and may be removed at any time;
//! forms that were shown before are then refused like old ones.

use compat::durable::{self, NewFile};
use compat::hex::{hexlify, unhexlify};
use compat::random;
use compat::site::{settings, Site};
use ring::hmac;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const LENGTH: usize = 32;
/// The site's group reads it: web server and `serve` may be different users.
const MODE: u32 = 0o640;
const LONGEST_FILE: u64 = 256;

/// The key, ready for use.
pub(super) struct ServerKey {
    key: hmac::Key,
    /// When it was made, in seconds since the epoch.
    pub made: i64,
}

impl ServerKey {
    /// Reads the site's key, and makes it where there is none.
    ///
    /// # Errors
    /// The file can be neither read nor made, or holds no key; the error names it.
    pub fn of(site: &Site) -> io::Result<ServerKey> {
        let path = site.settings.path(settings::DATA_DIR).join("web/form-key");
        match ServerKey::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(&path).and_then(|()| ServerKey::read(&path)).map_err(|error| about(&path, &error))
            }
            other => other.map_err(|error| about(&path, &error)),
        }
    }

    fn read(path: &Path) -> io::Result<ServerKey> {
        let text = durable::read_file(path, LONGEST_FILE)?;
        let bytes = unhexlify(text.trim_ascii()).filter(|bytes| bytes.len() == LENGTH);
        let bytes = bytes.ok_or_else(|| io::Error::other("is not a key; remove it and a new one is made"))?;
        let made = path.metadata()?.mtime();
        Ok(ServerKey { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), made })
    }

    /// The signature of a text, in hexadecimal.
    pub fn sign(&self, text: &[u8]) -> String {
        hexlify(hmac::sign(&self.key, text).as_ref())
    }

    /// Whether a signature is that of the text. How long it takes tells nothing of either.
    pub fn is_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        unhexlify(signature).is_some_and(|bytes| hmac::verify(&self.key, text, &bytes).is_ok())
    }
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Of several processes that make the key at once, one wins; it is on the disk before anybody sees it.
fn make(path: &Path) -> io::Result<()> {
    let folder = durable::folder_of(path);
    durable::mkdir_all(folder, durable::DIR_MODE)?;
    let mut file = NewFile::create(temporary(path), MODE)?;
    file.write_all(hexlify(&random::bytes::<LENGTH>()).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync()?;
    match durable::link(file.path(), path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.and_then(|()| durable::sync_dir(folder)),
    }
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.tmp", hexlify(&random::bytes::<8>())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};
    use std::fs;

    fn file(fixture: &Fixture) -> PathBuf {
        fixture.site.settings.path(settings::DATA_DIR).join("web/form-key")
    }

    #[test]
    fn it_is_made_once_and_is_the_groups() {
        let fixture = Fixture::new(NEW, &[], b"\n\n");
        let signature = ServerKey::of(&fixture.site).unwrap().sign(b"text");
        assert_eq!(file(&fixture).metadata().unwrap().mode() & 0o7777, 0o640);
        let again = ServerKey::of(&fixture.site).unwrap();
        assert!(again.is_signed(b"text", signature.as_bytes()) && !again.is_signed(b"texts", signature.as_bytes()));
        assert_eq!(fs::read_dir(file(&fixture).parent().unwrap()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn signatures_are_hmac_sha_256() {
        let fixture = Fixture::new(NEW, &[], b"\n\n");
        fs::create_dir_all(file(&fixture).parent().unwrap()).unwrap();
        fs::write(file(&fixture), "0b".repeat(32)).unwrap();
        // Written by Python: hmac.new('\x0b' * 32, 'Hi There', hashlib.sha256).hexdigest().
        let written = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7";
        assert_eq!(ServerKey::of(&fixture.site).unwrap().sign(b"Hi There"), written);
    }

    #[test]
    fn what_is_no_key_is_said() {
        let fixture = Fixture::new(NEW, &[], b"\n\n");
        fs::create_dir_all(file(&fixture).parent().unwrap()).unwrap();
        for text in ["", "00", "zz"] {
            fs::write(file(&fixture), text).unwrap();
            let error = ServerKey::of(&fixture.site).err().unwrap().to_string();
            assert!(error.ends_with("web/form-key: is not a key; remove it and a new one is made"), "{error}");
        }
    }
}
