//! Pipermail: the archive as web pages, continued where Python left off and left so that Python can go on.
//!
//! A post becomes an article with a number of its own, a page in its volume, an entry in the volume's four index pages and
//! text file, and a line in the databases below `database/`. Answers to `pipermail.py`, `HyperArch.py` and
//! `HyperDatabase.py`; each file here names its part.

mod article;
mod article_page;
mod body;
mod dates;
mod index;
mod index_page;
mod setting;
mod state;
mod subject;
mod templates;
mod text;
mod threads;
mod volume;

use crate::notice::words::Words;
use crate::pipeline::scrubber::{self, Outcome};
use crate::pipeline::HandlerError;
use article::Article;
use article_page::Neighbour;
use compat::durable::{self, Append};
use compat::email::parser;
use compat::list::MailList;
use compat::pickle::Value;
use compat::site::Site;
use compat::ByteStr;
use index::Indices;
use index_page::{Kind, VolumeFacts};
use setting::Setting;
use state::State;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use volume::Period;

/// What the archiver calls itself at the bottom of index pages.
const VERSION: &str = "0.09 (Mailman edition)";
const FOLDER_MODE: u32 = 0o2775;
const DATABASE_MODE: u32 = 0o2770;
const PAGE_MODE: u32 = 0o664;
/// The largest page whose body is read back.
const PAGE_LIMIT: u64 = 256 << 20;

/// An archive in work. The list is locked all the while.
pub struct Archive<'a> {
    setting: Setting<'a>,
    state: State,
    period: Period,
    indices: Option<Indices>,
    /// Articles that were read from the open volume.
    read: HashMap<ByteStr, Article>,
    /// Articles of the open volume whose pages must be written again.
    changed: HashSet<ByteStr>,
    /// Volumes whose index pages are out of date.
    dirty: Vec<ByteStr>,
}

/// Archives the messages of a text in mbox form: one post, as its runner hands it over. `language` is that of the moment.
///
/// # Errors
/// A page or database cannot be read or written. What was written until then stays.
pub fn archive_text(site: &Rc<Site>, list: &MailList, language: &[u8], mailbox: &ByteStr) -> Result<(), HandlerError> {
    let mut archive = Archive::open(site, list, language)?;
    for raw in super::mbox::split(mailbox) {
        archive.add(&raw, language)?;
    }
    archive.close()
}

impl<'a> Archive<'a> {
    /// Opens the archive of a list, or begins it.
    pub fn open(site: &'a Rc<Site>, list: &'a MailList, language: &[u8]) -> Result<Self, HandlerError> {
        let setting = Setting::new(site, list, language);
        durable::mkdir_all(&setting.folder, FOLDER_MODE)?;
        Ok(Archive {
            state: State::load(&setting.folder)?,
            period: Period::of(list.int("archive_volume_frequency")),
            setting,
            indices: None,
            read: HashMap::new(),
            changed: HashSet::new(),
            dirty: Vec::new(),
        })
    }

    /// Adds one message. One that the site's rules discard leaves nothing.
    pub fn add(&mut self, raw: &ByteStr, language: &[u8]) -> Result<(), HandlerError> {
        let mut msg = parser::parse(raw);
        if self.setting.site.settings.truth("ARCHIVE_SCRUBBER") {
            let words = Words::new(self.setting.site, language);
            if scrubber::scrub(self.setting.site, self.setting.list, words, &mut msg, None)? == Outcome::Discard {
                return Ok(());
            }
        }
        let article = Article::new(&self.setting, &mut msg, self.state.sequence)?;
        self.state.sequence += 1;
        self.file(article)
    }

    /// Writes the index pages, the contents, the databases and the state.
    pub fn close(mut self) -> Result<(), HandlerError> {
        for volume in std::mem::take(&mut self.dirty) {
            self.update_volume(&volume)?;
        }
        self.period.sort(&mut self.state.volumes);
        let contents = index_page::contents(&self.setting, &self.state)?;
        write_page(&self.setting.folder.join("index.html"), &contents)?;
        if let Some(indices) = self.indices.take() {
            indices.close()?;
        }
        self.state.save(&self.setting)
    }

    /// Puts an article into its volume.
    fn file(&mut self, mut article: Article) -> Result<(), HandlerError> {
        let seconds = String::from_utf8_lossy(&article.date).parse().unwrap_or_default();
        let volume = ByteStr::from(self.period.volume_of(seconds));
        article.html = Some(body::to_html(&self.setting, &article.body));
        if !self.state.volumes.contains(&volume) {
            self.begin_volume(&volume)?;
        }
        self.write_article(&volume, &article)?;
        self.open_indices(&volume)?;
        let parent = threads::parent_of(self, &article)?;
        article.thread_key = Some(article.key_below(parent.as_ref()));
        article.parent = parent.map(|parent| parent.msgid);
        self.enter(&article)?;
        self.changed.insert(article.msgid.clone());
        if !self.dirty.contains(&volume) {
            self.dirty.push(volume);
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

    fn write_article(&self, volume: &ByteStr, article: &Article) -> Result<(), HandlerError> {
        let body = article.html.iter().flatten().map(|line| &line[..]).collect::<Vec<_>>().concat();
        let page = article_page::html(&self.setting, article, &body, None, None)?;
        write_page(&self.folder_of(volume).join(file_name(&article.filename)), &page)?;
        let text = self.setting.folder.join(format!("{volume}.txt"));
        let mut file = Append::open(text, PAGE_MODE)?;
        file.write_all(&article_page::text(&self.setting, article))?;
        Ok(file.commit()?)
    }

    fn open_indices(&mut self, volume: &ByteStr) -> Result<(), HandlerError> {
        if self.indices.as_ref().is_some_and(|open| open.volume == *volume) {
            return Ok(());
        }
        if let Some(open) = self.indices.take() {
            open.close()?;
        }
        self.read.clear();
        let folder = self.setting.folder.join("database");
        durable::mkdir(&folder, DATABASE_MODE)?;
        self.indices = Some(Indices::open(&folder, volume)?);
        Ok(())
    }

    fn indices(&mut self) -> Result<&mut Indices, HandlerError> {
        self.indices.as_mut().ok_or_else(|| HandlerError::Other("no volume is open".into()))
    }

    /// Enters an article into the five indices.
    fn enter(&mut self, article: &Article) -> Result<(), HandlerError> {
        let author = threads::sort_name(article.decoded.author.as_ref().unwrap_or(&article.author));
        let pickle = ByteStr::new(article.to_pickle(self.setting.list.name())?);
        let (date, id) = (Value::Str(article.date.clone()), article.msgid.clone());
        let key = |first: Value| Value::tuple(vec![first, date.clone(), Value::Str(id.clone())]);
        let thread = article.thread_key.clone().unwrap_or_default();
        let indices = self.indices()?;
        indices.thread.set(Value::tuple(vec![Value::Str(thread), Value::Str(id.clone())]), id.clone());
        indices.date.set(Value::tuple(vec![date.clone(), Value::Str(id.clone())]), id.clone());
        indices.author.set(key(author.to_value()), id.clone());
        indices.subject.set(key(article.index_subject().to_value()), id.clone());
        indices.article.set(id, pickle);
        Ok(())
    }

    /// An article of the open volume.
    fn article(&mut self, id: &ByteStr) -> Result<Option<&mut Article>, HandlerError> {
        if !self.read.contains_key(id) {
            let pickle = self.indices.as_ref().and_then(|indices| indices.article.get(id)).cloned();
            let Some(pickle) = pickle else {
                return Ok(None);
            };
            let article = Article::from_pickle(&self.setting, &pickle)?;
            self.read.insert(id.clone(), article);
        }
        Ok(self.read.get_mut(id))
    }

    /// Writes the index pages of a volume, and the pages of articles that have new neighbours.
    fn update_volume(&mut self, volume: &ByteStr) -> Result<(), HandlerError> {
        self.open_indices(volume)?;
        let facts = self.facts(volume)?;
        for kind in [Kind::Date, Kind::Subject, Kind::Author] {
            let ids = match kind {
                Kind::Subject => self.indices()?.subject.ids()?,
                Kind::Author => self.indices()?.author.ids()?,
                _ => self.indices()?.date.ids()?,
            };
            self.write_simple_index(&facts, kind, &ids)?;
        }
        let depth = self.write_thread_index(&facts)?;
        self.state.note_volume(&facts, depth);
        Ok(())
    }

    fn facts(&mut self, volume: &ByteStr) -> Result<VolumeFacts, HandlerError> {
        let items = self.indices()?.date.items()?;
        let seconds = |item: Option<&(Value, Value)>| {
            let date = item.and_then(|(key, _)| key.as_items()?.first()?.as_text().cloned());
            date.and_then(|date| String::from_utf8_lossy(&date).parse().ok()).unwrap_or(0)
        };
        let (first, last, size) = (seconds(items.first()), seconds(items.last()), items.len());
        Ok(VolumeFacts { volume: volume.clone(), first, last, size, now: chrono::Utc::now().timestamp() })
    }

    fn write_simple_index(&mut self, facts: &VolumeFacts, kind: Kind, ids: &[ByteStr]) -> Result<(), HandlerError> {
        let mut page = index_page::head(&self.setting, facts, kind)?;
        for id in ids {
            self.article(id)?;
            if let Some(article) = self.read.get(id) {
                page.extend_from_slice(&index_page::entry(&self.setting, article)?);
            }
        }
        page.extend_from_slice(&index_page::foot(&self.setting, facts, kind)?);
        self.write_index(facts, kind, &page)
    }

    fn write_index(&self, facts: &VolumeFacts, kind: Kind, page: &[u8]) -> Result<(), HandlerError> {
        let name = format!("{}.html", kind.name().to_lowercase());
        write_page(&self.folder_of(&facts.volume).join(name), page)
    }

    /// The thread index. On the way the pages of changed articles and of those around them are written; a change goes
    /// on to every article behind it, as in Python. Gives the depth at which the page ended.
    fn write_thread_index(&mut self, facts: &VolumeFacts) -> Result<usize, HandlerError> {
        let mut page = index_page::head(&self.setting, facts, Kind::Thread)?;
        threads::rebuild(self)?;
        let ids = self.indices()?.thread.ids()?;
        let mut depth = 0;
        for (at, id) in ids.iter().enumerate() {
            if self.article(id)?.is_none() {
                return Err(HandlerError::Other(format!("{}: no article {id}", facts.volume)));
            }
            if let Some(article) = self.read.get(id) {
                page.extend_from_slice(&index_page::thread_step(article, &mut depth));
                page.extend_from_slice(&index_page::entry(&self.setting, article)?);
            }
            if self.changed.contains(id) {
                self.update_around(&facts.volume, &ids, at)?;
            }
        }
        (0..depth).for_each(|_| page.extend_from_slice(b"</UL>\n"));
        page.extend_from_slice(&index_page::foot(&self.setting, facts, Kind::Thread)?);
        self.write_index(facts, Kind::Thread, &page)?;
        Ok(depth)
    }

    fn update_around(&mut self, volume: &ByteStr, ids: &[ByteStr], at: usize) -> Result<(), HandlerError> {
        self.update_page(volume, ids, at)?;
        if let Some(next) = ids.get(at + 1) {
            self.changed.insert(next.clone());
        }
        if let Some(before) = at.checked_sub(1) {
            if !self.changed.remove(&ids[before]) {
                self.update_page(volume, ids, before)?;
            }
        }
        Ok(())
    }

    /// Writes the page of the article at this place of the thread order again, with its neighbours.
    fn update_page(&mut self, volume: &ByteStr, ids: &[ByteStr], at: usize) -> Result<(), HandlerError> {
        let previous = at.checked_sub(1).and_then(|before| ids.get(before));
        let previous = self.neighbour(previous)?;
        let next = self.neighbour(ids.get(at + 1))?;
        let Some(article) = ids.get(at).and_then(|id| self.read.get(id)) else {
            return Ok(());
        };
        let path = self.folder_of(volume).join(file_name(&article.filename));
        let body = match durable::read_file(&path, PAGE_LIMIT) {
            Ok(page) => article_page::body_of_page(&page),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e.into()),
        };
        write_page(&path, &article_page::html(&self.setting, article, &body, previous.as_ref(), next.as_ref())?)
    }

    fn neighbour(&mut self, id: Option<&ByteStr>) -> Result<Option<Neighbour>, HandlerError> {
        let Some(id) = id else {
            return Ok(None);
        };
        Ok(self.article(id)?.map(|article| Neighbour::of(article)))
    }

    fn folder_of(&self, volume: &ByteStr) -> PathBuf {
        self.setting.folder.join(file_name(volume))
    }
}

/// A name from the databases as the name of a file of this folder: what could lead elsewhere is cut off.
fn file_name(name: &ByteStr) -> PathBuf {
    let last = name.rsplit(|&b| b == b'/').next().unwrap_or_default();
    match last {
        b"" | b"." | b".." => PathBuf::from("_"),
        last => PathBuf::from(std::ffi::OsStr::from_bytes(last)),
    }
}

/// Pages are made again from the databases when they are lost; they are put in place whole, but not waited for.
fn write_page(path: &Path, page: &[u8]) -> Result<(), HandlerError> {
    Ok(durable::put_page(path, PAGE_MODE, page)?)
}
