//! A volume with its five database files, and what is known of its articles.
//!
//! Answers to `HyperDatabase`. Reading all of it takes as long as the volume is large, so a runner keeps it between
//! posts ([`super::volume_cache`]) as long as the files stay as they were left.

use super::article::Article;
use super::author;
use super::database::Database;
use super::index::{marshalled, Index};
use super::key::Key;
use super::setting::Setting;
use super::summaries::{Slot, Summaries};
use super::summary::ArticleSummary;
use super::thread_order::ThreadOrder;
use crate::error::HandlerError;
use compat::durable::Commit;
use compat::marshal::parts;
use compat::value::Value;
use compat::ByteStr;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Maximum number of recent articles that are kept at hand.
const FRESH: usize = 4096;

/// A volume of an archive.
pub struct VolumeData {
    pub name: ByteStr,
    pub date: Index,
    pub author: Index,
    pub subject: Index,
    pub thread: Index,
    articles: Database,
    pub(super) summaries: Summaries,
    order: ThreadOrder,
    /// Articles whose id was read before they came; they count once the archive is closed.
    later: Vec<ArticleSummary>,
    /// Articles that came recently, at hand for their pages.
    fresh: HashMap<Slot, Article>,
    /// What the lines of the summaries were made with.
    look: ByteStr,
    /// The highest number of an article that was there when the volume was opened.
    last: Option<i64>,
}

impl VolumeData {
    /// Opens, locks and reads the five files; missing ones are empty. Also gives the articles whose pages may be missing,
    /// since a crash came between.
    ///
    /// # Errors
    /// A file is damaged beyond what can be mended, or cannot be read.
    pub fn open(setting: &Setting<'_>, folder: &Path, name: &ByteStr) -> Result<(Self, Vec<ByteStr>), HandlerError> {
        let path = |kind: &str| folder.join(format!("{name}-{kind}"));
        let mut summaries = Summaries::default();
        let (date, date_damaged) = Index::open(path("date"), &mut summaries)?;
        let (author, author_damaged) = Index::open(path("author"), &mut summaries)?;
        let (subject, subject_damaged) = Index::open(path("subject"), &mut summaries)?;
        let (articles, loaded) = Database::open(path("article"))?;
        let (thread, _) = Index::open(path("thread"), &mut summaries)?;
        let mut volume = VolumeData {
            name: name.clone(),
            date,
            author,
            subject,
            thread,
            articles,
            summaries,
            order: ThreadOrder::default(),
            later: Vec::new(),
            fresh: HashMap::new(),
            look: ByteStr::default(),
            last: None,
        };
        let start = loaded.data.as_ptr() as usize;
        for (id, pickle) in &loaded.items {
            let Some(text) = parts(pickle).next().map(|part| part.bytes) else { continue };
            let at = (text.as_ptr() as usize).wrapping_sub(start);
            volume.read_article(setting, id, &loaded.data.slice(at..at + text.len()), at as u64)?;
        }
        if loaded.is_damaged {
            volume.save_what_is_left(setting, loaded.items)?;
        }
        let damaged = date_damaged || author_damaged || subject_damaged || loaded.is_damaged;
        let forgotten = volume.complete(setting, damaged)?;
        volume.note_last();
        Ok((volume, forgotten))
    }

    fn read_article(
        &mut self,
        setting: &Setting<'_>,
        id: &[u8],
        pickle: &ByteStr,
        at: u64,
    ) -> Result<(), HandlerError> {
        let id = parts(id).next().map(|part| ByteStr::from(part.bytes)).unwrap_or_default();
        let article = Article::from_pickle(setting, pickle)?;
        let slot = self.summaries.slot(&id);
        self.summaries.set(slot, ArticleSummary::of(&article, at, pickle.len()));
        Ok(())
    }

    fn note_last(&mut self) {
        self.last = self.summaries.iter().map(|(_, summary)| summary.sequence).max();
    }

    /// An article index that was cut off by a crash (Python takes it for an empty one): written again with what can be
    /// read.
    fn save_what_is_left(&mut self, setting: &Setting<'_>, items: Vec<(ByteStr, ByteStr)>) -> Result<(), HandlerError> {
        let path = self.articles.path().display().to_string();
        setting.site.log("error", format!("{path} is cut off; {} articles are left in it", items.len()));
        self.articles.replace(&mut |out| {
            items.iter().try_for_each(|(id, pickle)| out.write_all(id).and_then(|()| out.write_all(pickle)))
        })
    }

    /// Enters articles that are in no index: a crash came between, or an index was cut off.
    fn complete(&mut self, setting: &Setting<'_>, is_damaged: bool) -> Result<Vec<ByteStr>, HandlerError> {
        let count = self.summaries.count();
        let is_damaged = is_damaged || self.author.len() < count || self.subject.len() < count;
        if !is_damaged && self.date.len() >= count {
            return Ok(Vec::new());
        }
        let dated: BTreeSet<Slot> = if is_damaged { BTreeSet::new() } else { self.date.slots()?.into_iter().collect() };
        let missing: Vec<Slot> =
            self.summaries.iter().map(|(slot, _)| slot).filter(|slot| !dated.contains(slot)).collect();
        for slot in &missing {
            if let Some(article) = self.article(setting, *slot)? {
                self.enter_keys(&article)?;
            }
        }
        let list = setting.list.name();
        setting.site.log("error", format!("archive of {list}: the indices of {} were completed", self.name));
        Ok(missing.into_iter().map(|slot| self.summaries.id(slot)).collect())
    }

    /// Whether this is the very article that was archived last, under the number before its own.
    pub fn is_again(&self, article: &Article) -> bool {
        let mut last = article.clone();
        last.renumber(article.sequence - 1);
        self.summaries
            .get(&last.msgid)
            .is_some_and(|summary| summary.sequence == last.sequence && summary.date == last.date)
    }

    /// Another number for a new article whose own is taken: an earlier run was cut off between the databases and the
    /// state. The message on which it was cut off keeps its number.
    pub fn number_instead(&self, article: &Article) -> Option<i64> {
        let last = self.last.filter(|last| article.sequence <= *last)?;
        let known = self.summaries.get(&article.msgid);
        known.is_none_or(|summary| summary.sequence != article.sequence).then_some(last + 1)
    }

    /// Locks the files again; whether they are as they were left. If not, this must be read anew.
    ///
    /// # Errors
    /// They cannot be locked.
    pub fn reopen(&mut self) -> Result<bool, HandlerError> {
        let mut same = true;
        for file in self.files() {
            same &= file.reopen()?;
        }
        if !same {
            self.files().into_iter().try_for_each(|file| file.close(None))?;
        }
        Ok(same)
    }

    fn files(&mut self) -> [&mut Database; 5] {
        [self.date.file(), self.author.file(), self.subject.file(), self.thread.file(), &mut self.articles]
    }

    /// What is known of an article; this counts as having read it.
    pub fn summary(&mut self, slot: Slot) -> Option<&ArticleSummary> {
        let summary = self.summaries.at_mut(slot)?;
        summary.was_read = true;
        Some(summary)
    }

    /// The article of an id, as it is stored, with its thread key of now.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn article(&mut self, setting: &Setting<'_>, slot: Slot) -> Result<Option<Article>, HandlerError> {
        self.summary(slot);
        self.article_unread(setting, slot)
    }

    /// The same, without counting as having read it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn article_unread(&self, setting: &Setting<'_>, slot: Slot) -> Result<Option<Article>, HandlerError> {
        let Some(summary) = self.summaries.at(slot) else { return Ok(None) };
        let (at, length, key) = (summary.at, summary.length, summary.key.clone());
        if let Some(fresh) = self.fresh.get(&slot) {
            let mut article = fresh.clone();
            article.thread_key = Some(key);
            return Ok(Some(article));
        }
        let pickle = self.articles.piece(at, length)?;
        let mut article = Article::from_pickle(setting, &ByteStr::new(pickle))?;
        article.thread_key = Some(key);
        Ok(Some(article))
    }

    /// Writes the line of an article on index pages, made by `make` if it is not known. A broken template is complained of
    /// in each line, so none of them is kept.
    ///
    /// # Errors
    /// The article cannot be read, or `make` fails.
    pub fn append_entry(
        &mut self,
        setting: &Setting<'_>,
        slot: Slot,
        make: &dyn Fn(&Article) -> Result<Vec<u8>, HandlerError>,
        page: &mut Vec<u8>,
    ) -> Result<(), HandlerError> {
        if let Some(entry) = self.summary(slot).and_then(|summary| summary.entry.as_deref()) {
            page.extend_from_slice(entry);
            return Ok(());
        }
        let Some(article) = self.article(setting, slot)? else { return Ok(()) };
        let broken = setting.broken_templates();
        let line = make(&article)?;
        page.extend_from_slice(&line);
        if let Some(summary) = self.summaries.at_mut(slot).filter(|_| setting.broken_templates() == broken) {
            summary.entry = Some(line.into());
        }
        Ok(())
    }

    /// Brings the thread index up to date; this counts as having read all articles.
    ///
    /// # Errors
    /// Keys that Python cannot compare.
    pub fn update_threads(&mut self) -> Result<(), HandlerError> {
        self.order.update(&mut self.thread, &mut self.date, &mut self.summaries)?;
        self.summaries.iter_mut().for_each(|summary| summary.was_read = true);
        Ok(())
    }

    /// Lines that were made with another template or language are forgotten.
    pub fn set_look(&mut self, look: ByteStr) {
        if self.look != look {
            self.summaries.iter_mut().for_each(|summary| summary.entry = None);
            self.look = look;
        }
    }

    /// Enters an article into the five indices.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn enter(&mut self, setting: &Setting<'_>, article: Article) -> Result<(), HandlerError> {
        let pickle = ByteStr::new(article.to_pickle(setting.list.name())?);
        let at = self.articles.add(&marshalled(&article.msgid)?, &marshalled(&pickle)?, pickle.len())?;
        let summary = ArticleSummary::of(&article, at, pickle.len());
        let slot = self.summaries.slot(&summary.msgid);
        self.order.note(slot, &summary, self.summaries.at(slot).is_some());
        self.enter_keys(&article)?;
        self.fresh.remove(&slot);
        if self.summaries.at(slot).is_none() && self.fresh.len() < FRESH {
            self.fresh.insert(slot, article.without_body());
        }
        match self.summaries.at(slot) {
            Some(known) if known.was_read => self.later.push(summary),
            _ => self.summaries.set(slot, summary),
        }
        Ok(())
    }

    fn enter_keys(&mut self, article: &Article) -> Result<(), HandlerError> {
        let slot = self.summaries.slot(&article.msgid);
        let (date, id) = (Value::str(&article.date[..]), Value::str(&article.msgid[..]));
        let author = author::sort_name(article.decoded.author.as_ref().unwrap_or(&article.author));
        let key = |first: Value| Key::of(vec![first, date.clone(), id.clone()]);
        self.author.set(key(author.to_value()), slot, &self.summaries)?;
        self.subject.set(key(article.index_subject().to_value()), slot, &self.summaries)?;
        self.date.set(Key::of(vec![date.clone(), id.clone()]), slot, &self.summaries)
    }

    /// Writes what is new behind the ends of the files, to be brought to the disk with the commit. The articles come first:
    /// what is in an index has an article, and an article that is in none is found again by [`VolumeData::open`].
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn seal(&mut self, commit: Option<&mut Commit>) -> Result<(), HandlerError> {
        self.articles.seal()?;
        for index in [&mut self.date, &mut self.author, &mut self.subject, &mut self.thread] {
            index.seal(&self.summaries)?;
        }
        if let Some(commit) = commit {
            for (file, path) in self.files().into_iter().filter_map(|file| file.unsynced()) {
                commit.sync_also(file.try_clone()?, path.to_owned());
            }
        }
        Ok(())
    }

    /// Makes what was sealed, and is on the disk, part of the files, and gives their locks back. The files are to be synced
    /// once more, with the commit.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn close(&mut self, mut commit: Option<&mut Commit>) -> Result<(), HandlerError> {
        self.articles.commit()?;
        for file in self.files() {
            file.commit()?;
            file.close(commit.as_deref_mut())?;
        }
        self.fresh = HashMap::new();
        for summary in std::mem::take(&mut self.later) {
            let slot = self.summaries.slot(&summary.msgid);
            self.summaries.set(slot, summary);
        }
        self.summaries.iter_mut().for_each(|summary| summary.was_read = false);
        self.note_last();
        Ok(())
    }

    /// What this takes in memory, about.
    pub fn size(&self) -> usize {
        let indices = self.date.size() + self.author.size() + self.subject.size() + self.thread.size();
        indices + self.summaries.iter().map(|(_, summary)| summary.size()).sum::<usize>()
    }
}
