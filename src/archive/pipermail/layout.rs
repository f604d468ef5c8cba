//! Names, modes and bounds of the files of an archive.

use compat::ByteStr;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// What the archiver calls itself at the bottom of index pages.
pub const VERSION: &str = "0.09 (Mailman edition)";
/// The mode of folders of pages, of the folder of databases, and of pages.
pub const FOLDER_MODE: u32 = 0o2775;
pub const DATABASE_MODE: u32 = 0o2770;
pub const PAGE_MODE: u32 = 0o664;
/// The largest page whose body is read back.
pub const PAGE_LIMIT: u64 = 256 << 20;

/// A name from the databases as the name of a file of this folder: what could lead elsewhere is cut off.
pub fn file_name(name: &ByteStr) -> PathBuf {
    let last = name.rsplit(|&b| b == b'/').next().unwrap_or_default();
    match last {
        b"" | b"." | b".." => PathBuf::from("_"),
        last => PathBuf::from(OsStr::from_bytes(last)),
    }
}
