//! Pages and texts on their way to the disk.
//!
//! The page of a new article is written, and then written again with its neighbours; so pages wait in memory, up to a
//! bound, until the archive is closed. A post's pages are then brought to the disk together with its database, before
//! either gets its name: the body of an article stands in its page alone. A whole archive that is made from its mbox is
//! not waited for, since it can be made again.

use super::pages::body_of_file;
use super::{article_page, PAGE_MODE};
use crate::error::HandlerError;
use compat::durable::{self, Append, NewFile};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How much may wait.
const LIMIT: usize = 32 << 20;

/// Pages and texts that wait.
#[derive(Default)]
pub struct Output {
    pages: BTreeMap<PathBuf, Vec<u8>>,
    texts: BTreeMap<PathBuf, Vec<u8>>,
    size: usize,
}

/// Pages and texts that are written, but have not got their names.
pub struct Staged {
    pages: Vec<(NewFile, PathBuf)>,
    texts: Vec<Append>,
}

impl Output {
    /// An article's page.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn page(&mut self, path: PathBuf, page: &[u8]) -> Result<(), HandlerError> {
        self.size += page.len();
        if let Some(old) = self.pages.insert(path, page.to_vec()) {
            self.size -= old.len();
        }
        self.bound()
    }

    /// What is added to a volume's text.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn text(&mut self, path: PathBuf, text: &[u8]) -> Result<(), HandlerError> {
        self.size += text.len();
        self.texts.entry(path).or_default().extend_from_slice(text);
        self.bound()
    }

    /// An index page or the contents: made anew at each post, so put in place whole, but not waited for.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn index(&self, path: &Path, page: &[u8]) -> Result<(), HandlerError> {
        Ok(durable::put_page(path, PAGE_MODE, page)?)
    }

    /// The body in a page that waits, or in its file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn body_of(&self, path: &Path) -> Result<Vec<u8>, HandlerError> {
        match self.pages.get(path) {
            Some(page) => Ok(article_page::body_of_page(page)),
            None => body_of_file(path),
        }
    }

    fn bound(&mut self) -> Result<(), HandlerError> {
        match self.size > LIMIT {
            true => self.write_out(),
            false => Ok(()),
        }
    }

    /// Puts everything in place and does not wait for the disk.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn write_out(&mut self) -> Result<(), HandlerError> {
        self.stage()?.publish()
    }

    /// Writes everything, under temporary names where there is a file already.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn stage(&mut self) -> Result<Staged, HandlerError> {
        self.size = 0;
        let pages = std::mem::take(&mut self.pages).into_iter();
        let texts = std::mem::take(&mut self.texts).into_iter();
        Ok(Staged {
            pages: pages.map(|(path, page)| stage_page(path, &page)).collect::<io::Result<_>>()?,
            texts: texts.map(|(path, text)| stage_text(path, &text)).collect::<io::Result<_>>()?,
        })
    }
}

impl Staged {
    /// The pages' files, to be synced.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn page_files(&mut self) -> io::Result<Vec<(&File, &Path)>> {
        self.pages.iter_mut().filter_map(|(page, _)| page.unsynced().transpose()).collect()
    }

    /// Gives the pages their names. Before the texts grow: a page that is there tells the next run, should this one be
    /// cut off, to look whether its text is.
    ///
    /// # Errors
    /// The disk fails.
    pub fn publish_pages(&mut self) -> Result<(), HandlerError> {
        for (page, path) in &mut self.pages {
            page.publish_unsynced(path)?;
        }
        self.pages.clear();
        Ok(())
    }

    /// The texts' files, with what was added, to be synced.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn text_files(&mut self) -> io::Result<Vec<(&File, &Path)>> {
        self.texts.iter_mut().filter_map(|text| text.unsynced().transpose()).collect()
    }

    /// What was added to the texts stays.
    ///
    /// # Errors
    /// The disk fails.
    pub fn finish_texts(self) -> Result<(), HandlerError> {
        Ok(self.texts.into_iter().try_for_each(Append::finish)?)
    }

    /// All of it, without waiting for the disk.
    fn publish(mut self) -> Result<(), HandlerError> {
        self.page_files()?;
        self.publish_pages()?;
        self.text_files()?;
        self.finish_texts()
    }
}

fn stage_page(path: PathBuf, page: &[u8]) -> io::Result<(NewFile, PathBuf)> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    durable::unlink_if_there(&temporary)?;
    let mut file = NewFile::create(temporary, PAGE_MODE)?;
    file.write_all(page)?;
    file.flush()?;
    Ok((file, path))
}

fn stage_text(path: PathBuf, text: &[u8]) -> io::Result<Append> {
    let mut file = Append::open(path, PAGE_MODE)?;
    file.write_all(text)?;
    Ok(file)
}

/// Whether a file ends with these bytes.
///
/// # Errors
/// The file is there and cannot be read.
pub fn ends_with(path: &Path, text: &[u8]) -> io::Result<bool> {
    let mut file = match durable::open_regular(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let Some(start) = file.metadata()?.len().checked_sub(text.len() as u64) else { return Ok(false) };
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::with_capacity(text.len());
    file.take(text.len() as u64).read_to_end(&mut end)?;
    Ok(end == text)
}
