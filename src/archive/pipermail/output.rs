//! Pages and texts on their way to the disk.
//!
//! The page of a new article is written, and then written again with its neighbours; so pages wait in memory, up to a
//! bound, until the archive is closed. A post's pages are then brought to the disk together with its database, before
//! either gets its name: the body of an article stands in its page alone. An archive that is made anew from its mbox is
//! not waited for, since it can be made again; it is brought to the disk as a whole in the end.

use super::pages::body_of_file;
use super::{article_page, PAGE_MODE};
use crate::error::HandlerError;
use compat::durable::{self, Append, NewFile, Together};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How much may wait.
const LIMIT: usize = 32 << 20;

/// Pages and texts that wait.
#[derive(Default)]
pub struct Output {
    pages: BTreeMap<PathBuf, Vec<u8>>,
    texts: BTreeMap<PathBuf, Vec<u8>>,
    size: usize,
    /// The archive is made anew: nothing is waited for.
    pub is_made_anew: bool,
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

    /// Puts everything in place.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn write_out(&mut self) -> Result<(), HandlerError> {
        if !self.is_made_anew {
            let mut together = Together::new();
            self.stage(&mut together)?;
            together.commit()?;
            self.add_texts(&mut together)?;
            return Ok(together.commit()?);
        }
        self.size = 0;
        for (path, page) in std::mem::take(&mut self.pages) {
            durable::put_new_page(&path, PAGE_MODE, &page)?;
        }
        for (path, text) in std::mem::take(&mut self.texts) {
            stage_text(path, &text)?.finish()?;
        }
        Ok(())
    }

    /// Writes the pages, which get their names with `together`.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn stage(&mut self, together: &mut Together) -> Result<(), HandlerError> {
        for (path, page) in std::mem::take(&mut self.pages) {
            self.size -= page.len();
            together.place_for_good(stage_page(&path, &page)?, path)?;
        }
        Ok(())
    }

    /// Adds to the texts. After the pages have got their names: a page that is there tells the next run, should this one
    /// be cut off, to look whether its text is.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn add_texts(&mut self, together: &mut Together) -> Result<(), HandlerError> {
        for (path, text) in std::mem::take(&mut self.texts) {
            self.size -= text.len();
            together.append(stage_text(path, &text)?)?;
        }
        Ok(())
    }
}

fn stage_page(path: &Path, page: &[u8]) -> io::Result<NewFile> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let mut file = NewFile::create_over(PathBuf::from(name), PAGE_MODE)?;
    file.write_all(page)?;
    file.flush()?;
    Ok(file)
}

fn stage_text(path: PathBuf, text: &[u8]) -> io::Result<Append> {
    let mut file = Append::open(path, PAGE_MODE)?;
    file.write_all(text)?;
    Ok(file)
}
