//! A second thread that puts the pages of an archive in place while the first makes the next ones.
//!
//! Only for an archive that is made anew: nobody reads a page back, and nothing is promised before all of them are there.

use super::layout::PAGE_MODE;
use compat::durable;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{sync_channel, SyncSender};
use std::thread::{Builder, JoinHandle};

/// Maximum number of pages that wait.
const WAITING: usize = 64;

type Page = (PathBuf, Vec<u8>);

/// The thread, or its place where none is to be had.
pub struct PageWriter {
    thread: Option<(SyncSender<Page>, JoinHandle<io::Result<()>>)>,
}

impl PageWriter {
    /// Starts it.
    pub fn start() -> PageWriter {
        let (sender, pages) = sync_channel::<Page>(WAITING);
        let work = move || pages.iter().try_for_each(|(path, page)| durable::put_new_page(&path, PAGE_MODE, &page));
        PageWriter { thread: Builder::new().spawn(work).ok().map(|thread| (sender, thread)) }
    }

    /// A page that is to be in place when this is finished.
    ///
    /// # Errors
    /// The disk is full, or fails, on this page or an earlier one.
    pub fn put(&mut self, path: PathBuf, page: Vec<u8>) -> io::Result<()> {
        let Some((sender, _)) = &self.thread else { return durable::put_new_page(&path, PAGE_MODE, &page) };
        match sender.send((path, page)) {
            Ok(()) => Ok(()),
            // It has ended before its time.
            Err(_) => self.finish(),
        }
    }

    /// Waits for the last page.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some((sender, thread)) = self.thread.take() else { return Ok(()) };
        drop(sender);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes pages has ended")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_pages_are_in_place_in_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = PageWriter::start();
        for number in 0..3 * WAITING {
            writer.put(dir.path().join(number.to_string()), vec![b'x'; number]).unwrap();
        }
        writer.finish().unwrap();
        let lengths = (0..3 * WAITING).map(|n| std::fs::metadata(dir.path().join(n.to_string())).unwrap().len());
        assert!(lengths.eq(0..3 * WAITING as u64));
    }

    #[test]
    fn a_page_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = PageWriter::start();
        let outcome = (0..3 * WAITING).try_for_each(|_| writer.put(dir.path().join("none/x"), Vec::new()));
        assert!(outcome.and_then(|()| writer.finish()).is_err());
    }
}
