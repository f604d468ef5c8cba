//! The pages of a volume, written anew: the four indices, and articles that have new neighbours.
//!
//! Answers to `update_archive` and `_update_thread_index` of `pipermail.py`. Index pages are put together from lines that
//! are kept; the page of an article is its own only copy of the body and is read and written whenever its neighbours
//! change. A change goes on to every article behind it in the thread order, as in Python.

use super::article::Article;
use super::article_page::{self, Neighbour};
use super::index_page::{self, Kind};
use super::layout::file_name;
use super::output::Output;
use super::setting::Setting;
use super::summaries::Slot;
use super::volume::VolumeFacts;
use super::volume_data::VolumeData;
use crate::clock;
use crate::error::{Culprit, HandlerError};
use compat::value::Value;
use compat::ByteStr;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

/// Articles of a volume that are new.
pub enum Changed {
    These(HashSet<ByteStr>),
    /// As in an archive that is made anew.
    All,
    /// None any more: the pages were written when the volume made room for another one.
    None(VolumeFacts, usize),
}

/// How many articles are at hand.
const RECENT: usize = 4;

/// A volume whose pages are written.
pub struct Pages<'a, 's> {
    setting: &'a Setting<'s>,
    output: &'a mut Output,
    volume: &'a mut VolumeData,
    /// Articles that are new, or have new neighbours.
    changed: BTreeSet<Slot>,
    /// The articles that were read last: each is asked for as the one before, the one itself and the one behind.
    recent: Vec<(Slot, Rc<Article>)>,
}

impl<'a, 's> Pages<'a, 's> {
    /// Begins.
    pub fn new(
        setting: &'a Setting<'s>,
        output: &'a mut Output,
        volume: &'a mut VolumeData,
        changed: &Changed,
    ) -> Self {
        let changed = match changed {
            Changed::These(ids) => ids.iter().filter_map(|id| volume.summaries.find(id)).collect(),
            Changed::None(..) => BTreeSet::new(),
            Changed::All => volume.summaries.iter().map(|(slot, _)| slot).collect(),
        };
        Pages { setting, output, volume, changed, recent: Vec::new() }
    }

    /// Writes all that is out of date. Gives what the index pages say of the volume, and the depth of threads at which
    /// the thread index ended.
    ///
    /// # Errors
    /// A page or article cannot be read or written, or Python could not sort an index.
    pub fn update(&mut self) -> Result<(VolumeFacts, usize), HandlerError> {
        self.volume.set_look(self.setting.look()?);
        let facts = self.facts()?;
        for kind in [Kind::Date, Kind::Subject, Kind::Author] {
            self.write_simple_index(&facts, kind)?;
        }
        let depth = self.write_thread_index(&facts)?;
        Ok((facts, depth))
    }

    fn facts(&self) -> Result<VolumeFacts, HandlerError> {
        self.volume.date.check()?;
        let (first, last) = self.volume.date.ends();
        let seconds = |date: &[u8]| String::from_utf8_lossy(date).parse().unwrap_or(0);
        Ok(VolumeFacts {
            volume: self.volume.name.clone(),
            first: first.map_or(0, |part| seconds(part.bytes)),
            last: last.map_or(0, |part| seconds(part.bytes)),
            size: self.volume.date.len(),
            now: clock::seconds(),
        })
    }

    fn write_simple_index(&mut self, facts: &VolumeFacts, kind: Kind) -> Result<(), HandlerError> {
        self.setting.tell(&format!("  {}", kind.name()), &[]);
        let slots = match kind {
            Kind::Subject => self.volume.subject.slots()?,
            Kind::Author => self.volume.author.slots()?,
            _ => self.volume.date.slots()?,
        };
        let mut page = index_page::head(self.setting, facts, kind)?;
        for slot in slots {
            self.append_entry(slot, &mut page)?;
        }
        page.extend_from_slice(&index_page::foot(self.setting, facts, kind)?);
        self.write_index(kind, &page)
    }

    fn append_entry(&mut self, slot: Slot, page: &mut Vec<u8>) -> Result<(), HandlerError> {
        let setting = self.setting;
        let make = |article: &Article| index_page::entry(setting, article);
        self.volume.append_entry(setting, slot, &make, page)
    }

    fn write_index(&self, kind: Kind, page: &[u8]) -> Result<(), HandlerError> {
        let name = format!("{}.html", kind.name().to_lowercase());
        self.output.index(&self.folder().join(name), page)
    }

    fn folder(&self) -> PathBuf {
        self.setting.folder.join(file_name(&self.volume.name))
    }

    fn write_thread_index(&mut self, facts: &VolumeFacts) -> Result<usize, HandlerError> {
        let mut page = index_page::head(self.setting, facts, Kind::Thread)?;
        self.setting.tell("  Thread", &[]);
        self.setting.tell("Computing threaded index\n", &[]);
        self.volume.update_threads()?;
        let slots = self.volume.thread.slots()?;
        let mut depth = 0;
        for (at, slot) in slots.iter().enumerate() {
            let Some(summary) = self.volume.summaries.at(*slot) else {
                let id = self.volume.summaries.id(*slot);
                return Err(Culprit::Record(format!("the thread index of {}", facts.volume))
                    .says(format!("{}: no article {id}", facts.volume)));
            };
            index_page::thread_step(&summary.key, &mut depth, &mut page);
            self.append_entry(*slot, &mut page)?;
            if self.changed.contains(slot) {
                self.update_around(&slots, at)?;
            }
        }
        (0..depth).for_each(|_| page.extend_from_slice(b"</UL>\n"));
        page.extend_from_slice(&index_page::foot(self.setting, facts, Kind::Thread)?);
        self.write_index(Kind::Thread, &page)?;
        Ok(depth)
    }

    fn update_around(&mut self, slots: &[Slot], at: usize) -> Result<(), HandlerError> {
        self.update_page(slots, at)?;
        if let Some(next) = slots.get(at + 1) {
            self.changed.insert(*next);
        }
        if let Some(before) = at.checked_sub(1) {
            if !self.changed.remove(&slots[before]) {
                self.update_page(slots, before)?;
            }
        }
        Ok(())
    }

    /// Writes the page of the article at this place of the thread order again, with its neighbours.
    fn update_page(&mut self, slots: &[Slot], at: usize) -> Result<(), HandlerError> {
        let previous = self.neighbour(at.checked_sub(1).and_then(|before| slots.get(before)))?;
        let next = self.neighbour(slots.get(at + 1))?;
        let Some(article) = slots.get(at).map(|slot| self.article(*slot)).transpose()?.flatten() else {
            return Ok(());
        };
        self.setting.tell("Updating HTML for article %(seq)s", &[("seq", Value::Int(article.sequence))]);
        let path = self.folder().join(file_name(&article.filename));
        let body = self.output.body_of(article.sequence, &path)?;
        let page = article_page::html(self.setting, &article, body, previous.as_ref(), next.as_ref())?;
        self.output.last_page(path, page)
    }

    /// Writes the pages of an archive that is made anew without their neighbours: they are not known, since an index
    /// cannot be sorted.
    ///
    /// # Errors
    /// A page or article cannot be read or written.
    pub fn write_alone(&mut self) -> Result<(), HandlerError> {
        std::mem::take(&mut self.changed).into_iter().try_for_each(|slot| self.update_page(&[slot], 0))
    }

    fn neighbour(&mut self, slot: Option<&Slot>) -> Result<Option<Neighbour>, HandlerError> {
        let Some(slot) = slot else { return Ok(None) };
        Ok(self.article(*slot)?.map(|article| Neighbour::of(&article)))
    }

    fn article(&mut self, slot: Slot) -> Result<Option<Rc<Article>>, HandlerError> {
        if let Some((_, article)) = self.recent.iter().find(|(known, _)| *known == slot) {
            return Ok(Some(Rc::clone(article)));
        }
        let Some(article) = self.volume.article(self.setting, slot)?.map(Rc::new) else { return Ok(None) };
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        self.recent.push((slot, Rc::clone(&article)));
        Ok(Some(article))
    }
}
