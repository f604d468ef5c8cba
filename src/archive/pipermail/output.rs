//! Pages and texts on their way to the disk.
//!
//! The page of a new article is written, and then written again with its neighbours; so pages wait in memory, up to a
//! bound, until the archive is closed. A post's pages are then brought to the disk together with its database, before
//! either gets its name: the body of an article stands in its page alone.
//!
//! An archive that is made anew from its mbox is not waited for, since it can be made again; it is brought to the disk as a
//! whole in the end. Bodies wait in a file without a name there, and a page is made once, when its neighbours are known.

use super::article_page::{self, body_of_file};
use super::layout::PAGE_MODE;
use super::page_writer::PageWriter;
use crate::error::HandlerError;
use compat::durable::{self, Append, Commit, NewFile, Scratch};
use compat::ByteStr;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How much may wait.
const LIMIT: usize = 32 << 20;
/// How much of one text may wait, where it need not.
const TEXT_LIMIT: usize = 1 << 20;

/// Pages and texts that wait.
#[derive(Default)]
pub struct Output {
    pages: BTreeMap<PathBuf, ByteStr>,
    texts: BTreeMap<PathBuf, Vec<u8>>,
    size: usize,
    /// The archive is made anew: nothing is waited for.
    pub is_made_anew: bool,
    bodies: Bodies,
    writer: Option<PageWriter>,
}

/// Bodies whose pages are still to be made.
#[derive(Default)]
struct Bodies {
    scratch: Option<Scratch>,
    /// Where they are, by the number of the article.
    places: HashMap<i64, (u64, usize)>,
}

impl Output {
    /// An article's page.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn page(&mut self, path: PathBuf, page: ByteStr) -> Result<(), HandlerError> {
        self.size += page.len();
        if let Some(old) = self.pages.insert(path, page) {
            self.size -= old.len();
        }
        self.bound()
    }

    /// What is added to a volume's text.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn text(&mut self, path: PathBuf, mut text: Vec<u8>) -> Result<(), HandlerError> {
        self.size += text.len();
        let waiting = self.texts.entry(path.clone()).or_default();
        match waiting.is_empty() {
            true => *waiting = text,
            false => waiting.append(&mut text),
        }
        if self.is_made_anew && waiting.len() > TEXT_LIMIT {
            self.size -= waiting.len();
            let text = self.texts.remove(&path).unwrap_or_default();
            return Ok(stage_text(path, &text)?.finish()?);
        }
        self.bound()
    }

    /// An index page or the contents: made anew at each post, so put in place whole, but not waited for.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn index(&self, path: &Path, page: &[u8]) -> Result<(), HandlerError> {
        Ok(durable::put_page(path, PAGE_MODE, page)?)
    }

    /// Keeps the body of an article, as it would be read from its page.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn keep_body(&mut self, folder: &Path, number: i64, body: &[u8]) -> Result<(), HandlerError> {
        let scratch = match &mut self.bodies.scratch {
            Some(scratch) => scratch,
            none => none.insert(Scratch::new(&folder.join("bodies.tmp"))?),
        };
        let at = scratch.push(body)?;
        self.bodies.places.insert(number, (at, body.len()));
        Ok(())
    }

    /// A body that was kept.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn kept_body(&self, number: i64) -> Result<Option<Vec<u8>>, HandlerError> {
        match (&self.bodies.scratch, self.bodies.places.get(&number)) {
            (Some(scratch), Some((at, length))) => Ok(Some(scratch.read(*at, *length)?)),
            _ => Ok(None),
        }
    }

    /// The page of an article whose neighbours are known.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn last_page(&mut self, path: PathBuf, page: ByteStr) -> Result<(), HandlerError> {
        if !self.is_made_anew {
            return self.page(path, page);
        }
        if let Some(old) = self.pages.remove(&path) {
            self.size -= old.len();
        }
        Ok(self.writer.get_or_insert_with(PageWriter::start).put(path, page.to_vec())?)
    }

    /// The body that was kept, or is in a page that waits, or in its file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn body_of(&self, number: i64, path: &Path) -> Result<Vec<u8>, HandlerError> {
        if let Some(body) = self.kept_body(number)? {
            return Ok(body);
        }
        match self.pages.get(path) {
            Some(page) => Ok(page[article_page::body_of_page(page)].to_vec()),
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
            let mut commit = Commit::new();
            self.stage(&mut commit)?;
            commit.commit()?;
            self.add_texts(&mut commit)?;
            return Ok(commit.commit()?);
        }
        self.writer.take().map_or(Ok(()), |mut writer| writer.finish())?;
        self.size = 0;
        for (path, page) in std::mem::take(&mut self.pages) {
            durable::put_new_page(&path, PAGE_MODE, &page)?;
        }
        for (path, text) in std::mem::take(&mut self.texts) {
            stage_text(path, &text)?.finish()?;
        }
        Ok(())
    }

    /// Writes the pages, which get their names with the commit.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn stage(&mut self, commit: &mut Commit) -> Result<(), HandlerError> {
        for (path, page) in std::mem::take(&mut self.pages) {
            self.size -= page.len();
            commit.place_for_good(stage_page(&path, &page)?, path)?;
        }
        Ok(())
    }

    /// Adds to the texts. After the pages have got their names: a page that is there tells the next run, should this one
    /// be cut off, to look whether its text is.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn add_texts(&mut self, commit: &mut Commit) -> Result<(), HandlerError> {
        for (path, text) in std::mem::take(&mut self.texts) {
            self.size -= text.len();
            commit.append(stage_text(path, &text)?)?;
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
