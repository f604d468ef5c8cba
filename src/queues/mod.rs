//! The queues as an operator asks about them: how many entries of which age, for which lists and hosts, what is stuck and
//! why, and what one entry holds. All of it looks and touches nothing, except for [`hand`], which moves entries when it
//! is asked to. Answers to no module of Mailman but to Postfix's `qshape` and `postsuper`.

mod causes;
pub mod hand;
pub mod retry;
pub mod show;
pub mod stuck;
pub mod table;

use compat::queue::QueueFolders;
use compat::site::{SettingError, Site};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Where a site's queues are.
///
/// # Errors
/// The settings do not say it.
pub fn folders(site: &Site) -> Result<QueueFolders, SettingError> {
    QueueFolders::from_settings(&site.settings)
}

/// The end of a log; nothing where it cannot be read.
fn tail(path: &Path) -> Vec<u8> {
    const LENGTH: u64 = 4 << 20;
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(LENGTH)))?;
        let mut text = Vec::new();
        file.take(LENGTH).read_to_end(&mut text)?;
        Ok(text)
    };
    read().unwrap_or_default()
}

/// Text for a terminal: control characters, which could be orders to it, are shown as escapes.
pub fn safe(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gives_no_orders_to_a_terminal() {
        assert_eq!(safe(b"a\x1b[2Jb\tc\n\xff\x07"), "a\\u{1b}[2Jb\tc\n\u{fffd}\\u{7}");
    }
}
