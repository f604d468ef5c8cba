//! `_register_bounces`: the events of a runner are counted, list by list.
//!
//! Only one lock is held at a time: bounces for the lists that an umbrella includes are counted when the umbrella's own
//! lock has been given back. Events of a list that cannot be opened or saved now stay in the file.

use super::events::{BounceEvent, BounceEvents, EventsError, Messages};
use super::work::{Language, Work};
use crate::error::{HandlerError, RunnerError};
use crate::notice::{outbox, save_with_mail};
use compat::list::{attributes, ListCache, ListError, MailList};
use compat::pydict;
use compat::site::{Site, Switch};
use compat::ByteStr;
use std::rc::Rc;

/// What counts bounces. The events stay in their file until somebody does.
pub trait Bounces {
    /// `_register_bounces`: counts all events and takes the file away.
    fn register(&mut self, runner: &str, events: &mut BounceEvents);

    /// `_probe_bounce`: a probe was refused. False where this is not known here; then it counts as an event. Notices are
    /// in this language.
    ///
    /// # Errors
    /// A list that cannot be opened, or the machine.
    fn probe_refused(&mut self, list: &MailList, language: &ByteStr, token: &ByteStr) -> Result<bool, RunnerError>;
}

/// Counts the bounces of one runner.
pub struct Counting {
    site: Rc<Site>,
    lists: ListCache,
    current_language: Language,
}

/// The events of one list.
struct Batch {
    list: ByteStr,
    events: Vec<BounceEvent>,
    /// Whether they come from a list that includes this one; then they go no further.
    sibling: bool,
}

impl Counting {
    /// For a site, on the lists of this process.
    pub fn new(site: &Rc<Site>, lists: &ListCache) -> Self {
        Counting { site: Rc::clone(site), lists: lists.clone(), current_language: Language::default() }
    }

    /// Counts events and returns those that could not be counted.
    fn count(&mut self, events: Vec<BounceEvent>, messages: &mut Messages<'_>) -> Vec<BounceEvent> {
        let mut kept = Vec::new();
        let mut siblings = Vec::new();
        for batch in by_list(events, false) {
            self.count_or_keep(batch, messages, &mut siblings, &mut kept);
        }
        for batch in by_list(siblings, true) {
            self.count_or_keep(batch, messages, &mut Vec::new(), &mut kept);
        }
        kept
    }

    fn count_or_keep(
        &mut self,
        batch: Batch,
        messages: &mut Messages<'_>,
        siblings: &mut Vec<BounceEvent>,
        kept: &mut Vec<BounceEvent>,
    ) {
        match self.count_batch(&batch, messages) {
            Ok(others) => siblings.extend(others),
            Err(HandlerError::Cause(error)) if is_gone(error.as_ref()) => {
                let number = batch.events.len();
                self.site.log("error", format!("{number} bounce events dropped: {error}"));
            }
            Err(error) => {
                self.site.log("error", format!("bounce events kept for later: {error}"));
                kept.extend(batch.events);
            }
        }
    }

    /// Counts the events of a list; returns those that belong to the lists that it includes. Notices are safe before
    /// the list is saved.
    fn count_batch(&mut self, batch: &Batch, messages: &mut Messages<'_>) -> Result<Vec<BounceEvent>, HandlerError> {
        let mut list = self.lists.lock(&self.site, &batch.list, None)?;
        let mut outbox = outbox(&self.site)?;
        let mut strangers = Vec::new();
        for event in &batch.events {
            if !list.is_member(&event.address) {
                strangers.push(event);
                continue;
            }
            let message = messages.of(event).map_err(HandlerError::cause)?;
            let mut work = Work {
                site: &self.site,
                list: &mut list,
                outbox: &mut outbox,
                current_language: &mut self.current_language,
            };
            if let Err(error) = work.register(&event.address, event.day, &message) {
                self.complain(event, error)?;
            }
        }
        let others = match batch.sibling {
            true => Vec::new(),
            false => strangers.into_iter().flat_map(|event| self.for_siblings(&list, event)).collect(),
        };
        save_with_mail(&mut list, &mut outbox)?;
        list.unlock_when_done();
        Ok(others)
    }

    /// An event that fails by itself must not keep the others; where the machine fails, all of them wait.
    fn complain(&self, event: &BounceEvent, error: HandlerError) -> Result<(), HandlerError> {
        if error.is_of_machine() {
            return Err(error);
        }
        self.site.log("error", format!("{}: bounce of {}: {}", event.list, event.address, error.chain()));
        Ok(())
    }

    /// A bounce of somebody who is no member may concern a member of a list that this one includes.
    fn for_siblings(&self, list: &MailList, event: &BounceEvent) -> Vec<BounceEvent> {
        if !self.site.profile.has(Switch::BounceSiblingLists) {
            return Vec::new();
        }
        let names = list
            .strings(attributes::REGULAR_INCLUDE_LISTS)
            .into_iter()
            .filter_map(|address| self.sibling(list, &address));
        names.map(|list| event.for_list(list)).collect()
    }

    /// The name of an included list by its address.
    fn sibling(&self, list: &MailList, address: &ByteStr) -> Option<ByteStr> {
        let name = ByteStr::new(address.split(|&b| b == b'@').next()?.to_ascii_lowercase());
        if name == *list.name() {
            self.site.log("error", format!("Bouncer: {name}: Include list self reference"));
            return None;
        }
        if !compat::list::exists(&self.site, &name) {
            self.site.log("error", format!("Bouncer: {}: Include list \"{name}\" not found.", list.real_name()));
            return None;
        }
        Some(name)
    }
}

fn is_gone(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref::<ListError>(), Some(ListError::Unknown(_)))
}

/// The events in batches, the lists in the order of Python's dict of their names.
fn by_list(events: Vec<BounceEvent>, sibling: bool) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for event in events {
        match batches.iter_mut().find(|batch| batch.list == event.list) {
            Some(batch) => batch.events.push(event),
            None => batches.push(Batch { list: event.list.clone(), events: vec![event], sibling }),
        }
    }
    let names: Vec<ByteStr> = batches.iter().map(|batch| batch.list.clone()).collect();
    let order = pydict::order(&names.iter().map(|name| &name[..]).collect::<Vec<_>>());
    let place = |name: &ByteStr| order.iter().position(|&at| names.get(at) == Some(name));
    batches.sort_by_key(|batch| place(&batch.list));
    batches
}

impl Bounces for Counting {
    fn register(&mut self, runner: &str, events: &mut BounceEvents) {
        // Python prints an object: its class and where it is.
        let id = std::ptr::from_ref(self).addr();
        self.site.log("bounce", format!("<{runner} at {id}> processing {} queued bounces", events.count()));
        let (found, trouble) = events.read();
        if let Some(error) = &trouble {
            self.site.log("bounce", format!("Error reading bounce events: {error}"));
        }
        // What cannot be read now is read another time.
        if matches!(trouble, Some(EventsError::Io { .. })) {
            return;
        }
        let kept = match events.messages() {
            Ok(mut messages) => self.count(found, &mut messages),
            Err(error) => return self.site.log("error", error.to_string()),
        };
        let settled = match trouble {
            Some(_) => events.set_aside(&kept),
            None => events.keep(&kept),
        };
        if let Err(error) = settled {
            self.site.log("error", format!("{}: {error}", events.path().display()));
        }
    }

    fn probe_refused(&mut self, list: &MailList, language: &ByteStr, token: &ByteStr) -> Result<bool, RunnerError> {
        let current_language = Language::Of(language.clone());
        super::probe_bounced(&self.site, list.name(), token, current_language)
            .map_err(|e| RunnerError::Cause(Box::new(e)))
    }
}
