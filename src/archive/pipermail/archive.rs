//! An archive in work: articles get their places, and pages, databases and state follow in the end.
//!
//! Answers to `HyperArch.HyperArchive` and to `T` of `pipermail.py`.

use super::article::Article;
use super::article_page;
use super::body;
use super::gzip;
use super::index_page;
use super::layout::{file_name, DATABASE_MODE, FOLDER_MODE};
use super::output::Output;
use super::pages::{Changed, Pages};
use super::setting::{Progress, Setting};
use super::state::State;
use super::summary::ArticleSummary;
use super::threads;
use super::volume::Period;
use super::volume_cache::VolumeCache;
use super::volume_data::VolumeData;
use crate::archive::mbox;
use crate::error::{Culprit, HandlerError};
use crate::notice::words::Words;
use crate::scrubber::{self, Outcome};
use compat::durable::{self, Commit};
use compat::email::{parser, Message};
use compat::list::{attributes, MailList};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How many volumes are open at once: an mbox goes back and forth between a few.
const OPEN_LIMIT: usize = 4;

/// An archive in work. The list is locked all the while.
pub struct Archive<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) state: State,
    pub(super) period: Period,
    cache: &'a mut VolumeCache,
    /// Volumes in use; the last is that of the last article.
    open: Vec<VolumeData>,
    output: Output,
    /// Volumes whose pages are out of date, in the order in which they became so, with the articles that are new.
    pub(super) dirty: Vec<(ByteStr, Changed)>,
    /// Volumes whose pages were written before the end.
    early: HashSet<ByteStr>,
    /// The first message may be the one that was archived last.
    pub(super) is_repeated: bool,
    /// It gets the posts of a runner, and is not made anew or completed.
    pub(super) takes_posts: bool,
    /// The number of the next message, and where it stands in its file, for progress reports.
    pub counter: i64,
    pub position: u64,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in the archive.
    Archived,
    /// The site's rules keep it out.
    Discarded,
}

impl<'a> Archive<'a> {
    /// Opens the archive of a list, or begins it.
    ///
    /// # Errors
    /// Its state cannot be read.
    pub fn open(
        site: &'a Rc<Site>,
        list: &'a MailList,
        language: &[u8],
        cache: &'a mut VolumeCache,
    ) -> Result<Self, HandlerError> {
        let setting = Setting::new(site, list, language);
        durable::mkdir_all(&setting.folder, FOLDER_MODE)?;
        Ok(Archive {
            state: State::load(&setting)?,
            period: Period::of(list.int(attributes::ARCHIVE_VOLUME_FREQUENCY)),
            setting,
            cache,
            open: Vec::new(),
            output: Output::default(),
            dirty: Vec::new(),
            early: HashSet::new(),
            is_repeated: false,
            takes_posts: false,
            counter: 0,
            position: 0,
        })
    }

    /// From now on nothing is waited for until the end: there is no archive yet, and it can be made again.
    pub fn make_anew(&mut self) {
        self.output.is_made_anew = true;
    }

    /// Tells somebody what is being done from now on.
    pub fn tell(&mut self, progress: Progress) {
        self.setting.progress = Some(progress);
    }

    /// Says in the log how a state that is lost was made again: from the volumes.
    pub fn tell_loss(&self) {
        let (count, sequence) = (self.state.volumes.len(), self.state.sequence);
        self.state.tell_loss(&self.setting, &format!("made again from {count} volumes, next number {sequence}"));
    }

    /// Adds one message. One that the site's rules discard leaves nothing.
    ///
    /// # Errors
    /// The message cannot be made an article, or the disk fails.
    pub fn add(&mut self, raw: ByteStr, language: &[u8]) -> Result<Added, HandlerError> {
        let mut msg = parser::parse(&raw);
        // The message holds what it needs of a text that may be large.
        drop(raw);
        if self.scrub(&mut msg, language)? == Outcome::Discard {
            return Ok(Added::Discarded);
        }
        if self.setting.progress.is_some() {
            let id = msg.get_str("message-id").unwrap_or_else(|| "n/a".into());
            self.setting
                .tell("#%(counter)05d %(msgid)s", &[("counter", Value::Int(self.counter)), ("msgid", Value::Str(id))]);
        }
        self.counter += 1;
        let article = Article::new(&self.setting, &mut msg, self.state.sequence)?;
        drop(msg);
        self.file(article).map(|()| Added::Archived)
    }

    pub(super) fn scrub(&self, msg: &mut Message, language: &[u8]) -> Result<Outcome, HandlerError> {
        let site = self.setting.site;
        if !site.settings.truth(settings::ARCHIVE_SCRUBBER) {
            return Ok(Outcome::Scrubbed);
        }
        let outcome = scrubber::scrub(site, self.setting.list, Words::new(site, language), msg, None);
        if outcome.is_err() {
            site.log("error", format!("uncaught archiver exception at filepos: {}", self.position));
        }
        outcome
    }

    /// Writes the index pages, the contents, the databases and, with the commit, the state.
    ///
    /// # Errors
    /// The disk fails, or an index cannot be sorted.
    pub fn close(mut self, commit: &mut Commit) -> Result<(), HandlerError> {
        let dirty = std::mem::take(&mut self.dirty);
        for (at, (volume, changed)) in dirty.iter().enumerate() {
            if let Err(error) = self.update_volume(volume, changed) {
                return self.give_up(&dirty[at..]).and(Err(error));
            }
        }
        self.settle(commit)?;
        for (volume, _) in &dirty {
            gzip::compress(&self.setting, volume)?;
        }
        self.period.sort(&mut self.state.volumes);
        let contents = index_page::contents(&self.setting, &self.state)?;
        self.output.index(&self.setting.folder.join("index.html"), &contents)?;
        for volume in std::mem::take(&mut self.open) {
            self.cache.put(&self.setting.folder, volume);
        }
        let state = self.setting.folder.join("pipermail.pck").display().to_string();
        self.setting.tell("Pickling archive state into %(state)s", &[("state", Value::str(state))]);
        self.state.save(&self.setting, commit)
    }

    /// Puts an article into its volume.
    fn file(&mut self, mut article: Article) -> Result<(), HandlerError> {
        let volume = self.find_volume(&article)?;
        let is_repeated = self.is_repeated;
        let data = self.volume(&volume)?;
        if is_repeated && data.is_again(&article) {
            article.renumber(article.sequence - 1);
        }
        if let Some(free) = data.number_instead(&article) {
            article.renumber(free);
        }
        // A page of this number is there: an earlier attempt was cut off, and may have come as far as the text.
        let page = self.folder_of(&volume).join(file_name(&article.filename));
        let has_text = !self.output.is_made_anew
            && page.exists()
            && is_in_text(&self.text_of(&volume), &article_page::text(&self.setting, &article))?;
        self.place(&volume, article, has_text)
    }

    /// Puts an article that was lost into its volume, under the number that it has.
    pub(super) fn restore(&mut self, article: Article, has_text: bool) -> Result<(), HandlerError> {
        let volume = self.find_volume(&article)?;
        self.place(&volume, article, has_text)
    }

    /// The volume of an article, which begins with it if need be.
    fn find_volume(&mut self, article: &Article) -> Result<ByteStr, HandlerError> {
        let seconds = String::from_utf8_lossy(&article.date).parse().unwrap_or_default();
        // Before 2.1.22 any date is taken, and strftime raises on one so early: the post is shunted.
        if let Some(year) = self.period.year_before_1900(seconds).filter(|_| self.takes_posts) {
            return Err(Culprit::Message("its Date").says(format!("year={year} is before 1900")));
        }
        let volume = ByteStr::from(self.period.volume_of(seconds));
        self.setting.tell("figuring article archives\n", &[]);
        self.setting.tell("%(volume)s", &[("volume", Value::Str(volume.clone()))]);
        if !self.state.volumes.contains(&volume) {
            self.begin_volume(&volume)?;
        }
        Ok(volume)
    }

    fn place(&mut self, volume: &ByteStr, mut article: Article, has_text: bool) -> Result<(), HandlerError> {
        let site = self.setting.site;
        let data = self.volume(volume)?;
        let parent = threads::parent_of(data, &article, site)?;
        article.thread_key = Some(ArticleSummary::key_below(
            &article.date,
            article.sequence,
            parent.as_ref().map(|parent| &parent.stored_key[..]),
        ));
        article.parent = parent.map(|parent| parent.msgid);
        if !has_text {
            self.output.text(self.text_of(volume), article_page::text(&self.setting, &article))?;
        }
        self.write_page(volume, &mut article)?;
        self.enter(volume, article)
    }

    fn enter(&mut self, volume: &ByteStr, article: Article) -> Result<(), HandlerError> {
        self.state.sequence = self.state.sequence.max(article.sequence + 1);
        let Some(data) = self.open.last_mut() else { return Ok(()) };
        let id = article.msgid.clone();
        data.enter(&self.setting, article)?;
        match self.dirty.iter_mut().find(|(name, _)| name == volume) {
            Some((_, Changed::These(changed))) => drop(changed.insert(id)),
            Some((_, Changed::All)) => {}
            Some((_, changed)) => *changed = Changed::All,
            None if self.output.is_made_anew => self.dirty.push((volume.clone(), Changed::All)),
            None => self.dirty.push((volume.clone(), Changed::These(HashSet::from([id])))),
        }
        Ok(())
    }

    fn begin_volume(&mut self, volume: &ByteStr) -> Result<(), HandlerError> {
        self.state.volumes.push(volume.clone());
        let folder = self.folder_of(volume);
        durable::mkdir(&folder, FOLDER_MODE)?;
        let index = folder.join("index.html");
        durable::unlink_if_there(&index)?;
        durable::symlink(Path::new("thread.html"), &index)?;
        Ok(())
    }

    /// The page of a new article. In an archive that is made anew it waits for its neighbours, unless another of its id
    /// will have them. The article's lines are not needed any more.
    fn write_page(&mut self, volume: &ByteStr, article: &mut Article) -> Result<(), HandlerError> {
        let mut body = body::to_html(&self.setting, &std::mem::take(&mut article.body));
        if self.output.is_made_anew {
            let has_namesake = self.write_page_of_namesake(volume, &article.msgid)?;
            if !has_namesake && article_page::leaves_as_it_is(&self.setting, &body)? {
                body.push(b'\n');
                return self.output.keep_body(&self.setting.folder, article.sequence, &body);
            }
        }
        let page = article_page::html(&self.setting, article, body, None, None)?;
        self.output.page(self.folder_of(volume).join(file_name(&article.filename)), page)
    }

    /// An earlier article of this id, if there is one, is in no index any more, but its page stays.
    fn write_page_of_namesake(&mut self, volume: &ByteStr, id: &ByteStr) -> Result<bool, HandlerError> {
        let folder = self.folder_of(volume);
        let Some(data) = self.open.last() else { return Ok(false) };
        let Some(slot) = data.summaries.find(id) else { return Ok(false) };
        let Some(old) = data.article_unread(&self.setting, slot)? else { return Ok(true) };
        if let Some(mut body) = self.output.kept_body(old.sequence)? {
            if body.ends_with(b"\n") {
                body.pop();
            }
            let page = article_page::html(&self.setting, &old, body, None, None)?;
            self.output.page(folder.join(file_name(&old.filename)), page)?;
        }
        Ok(true)
    }

    fn text_of(&self, volume: &ByteStr) -> PathBuf {
        self.setting.folder.join(format!("{volume}.txt"))
    }

    /// The data of a volume, which becomes the last of those that are open.
    pub(super) fn volume(&mut self, name: &ByteStr) -> Result<&mut VolumeData, HandlerError> {
        match self.open.iter().position(|open| open.name == *name) {
            Some(at) if at + 1 == self.open.len() => {}
            Some(at) => {
                let volume = self.open.remove(at);
                self.open.push(volume);
            }
            None => {
                let volume = self.open_volume(name)?;
                self.open.push(volume);
                self.close_some()?;
            }
        }
        self.open.last_mut().ok_or_else(|| Culprit::Program.says("no volume is open"))
    }

    fn open_volume(&mut self, name: &ByteStr) -> Result<VolumeData, HandlerError> {
        let folder = self.setting.folder.join("database");
        durable::mkdir(&folder, DATABASE_MODE)?;
        if let Some(mut volume) = self.cache.take(&self.setting.folder, name) {
            if volume.reopen()? {
                return Ok(volume);
            }
        }
        let (volume, forgotten) = VolumeData::open(&self.setting, &folder, name)?;
        if !forgotten.is_empty() {
            self.dirty.push((name.clone(), Changed::These(forgotten.into_iter().collect())));
        }
        Ok(volume)
    }

    fn close_some(&mut self) -> Result<(), HandlerError> {
        while self.open.len() > OPEN_LIMIT {
            let mut volume = self.open.remove(0);
            if self.output.is_made_anew {
                self.update_early(&mut volume);
                volume.seal(None)?;
                volume.close(None)?;
                continue;
            }
            let mut commit = Commit::new();
            volume.seal(Some(&mut commit))?;
            commit.commit()?;
            volume.close(Some(&mut commit))?;
            commit.commit()?;
        }
        Ok(())
    }

    /// Writes the pages of a volume that makes room for another one while its articles are at hand. Once: should more come
    /// for it, the rest is done in the end, as it is if this fails.
    fn update_early(&mut self, volume: &mut VolumeData) {
        if !self.early.insert(volume.name.clone()) {
            return;
        }
        let updated = Pages::new(&self.setting, &mut self.output, volume, &Changed::All).update();
        let entry = self.dirty.iter_mut().find(|(name, _)| *name == volume.name);
        if let (Ok((facts, depth)), Some((_, changed))) = (updated, entry) {
            *changed = Changed::None(facts, depth);
        }
    }

    /// Writes the index pages of a volume, and the pages of articles that have new neighbours.
    fn update_volume(&mut self, name: &ByteStr, changed: &Changed) -> Result<(), HandlerError> {
        if let Changed::None(facts, depth) = changed {
            self.state.note_volume(facts, *depth);
            return Ok(());
        }
        self.volume(name)?;
        let Some(volume) = self.open.last_mut() else { return Ok(()) };
        let archive = Value::Str(name.clone());
        self.setting.tell("Updating index files for archive [%(archive)s]", &[("archive", archive)]);
        let mut pages = Pages::new(&self.setting, &mut self.output, volume, changed);
        let (facts, depth) = pages.update()?;
        self.state.note_volume(&facts, depth);
        Ok(())
    }

    /// Writes what there is of volumes whose indices could not be written: in an archive that is made anew, pages that still
    /// wait for their neighbours.
    fn give_up(&mut self, volumes: &[(ByteStr, Changed)]) -> Result<(), HandlerError> {
        if !self.output.is_made_anew {
            return Ok(());
        }
        for (name, changed) in volumes {
            self.volume(name)?;
            if let Some(volume) = self.open.last_mut() {
                Pages::new(&self.setting, &mut self.output, volume, changed).write_alone()?;
            }
        }
        self.output.write_out()
    }

    /// Brings pages and databases to the disk; the texts, and the ends of the databases, wait for it in the commit.
    fn settle(&mut self, commit: &mut Commit) -> Result<(), HandlerError> {
        if self.output.is_made_anew {
            return self.settle_anew();
        }
        let mut first = Commit::new();
        self.output.stage(&mut first)?;
        self.open.iter_mut().try_for_each(|volume| volume.seal(Some(&mut first)))?;
        first.commit_before(commit)?;
        self.open.iter_mut().try_for_each(|volume| volume.close(Some(commit)))?;
        self.output.add_texts(commit)
    }

    fn settle_anew(&mut self) -> Result<(), HandlerError> {
        self.output.write_out()?;
        for volume in &mut self.open {
            volume.seal(None)?;
            volume.close(None)?;
        }
        Ok(durable::sync_file_system(&self.setting.folder)?)
    }

    pub(super) fn folder_of(&self, volume: &ByteStr) -> PathBuf {
        self.setting.folder.join(file_name(volume))
    }
}

/// Whether an article stands at the end of its volume's text, compressed or not.
fn is_in_text(path: &Path, text: &[u8]) -> Result<bool, HandlerError> {
    Ok(mbox::ends_with(path, text)? || gzip::ends_with(&path.with_extension("txt.gz"), text)?)
}
