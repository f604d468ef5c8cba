//! What became of every message of a manifest: it is still there, it moved, or its going is proved.
//!
//! A message is known again by its entry's name and sum; one that an engine wrote anew (put off, shunted, held, sent on)
//! by its list and Message-ID. A message without an id can only be followed as long as its pickle is the same. What was in its
//! place before proves nothing about another message: only what is new there does, and only in a queue to which the
//! message's own runner sends it. A post that waits for the archive is not accounted for by its copies in `out`.

use super::manifest::{each, read_each, ManifestError, Record};
use super::proof::{Source, Wanted};
use super::SiteError;
use compat::site::Site;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// As it was.
    There,
    /// In another queue now, or held.
    Moved { to: String },
    /// Out of the queues; this proves that it was dealt with.
    Proved { by: String },
    /// Under the same name there is another message.
    Altered,
    /// Out of the queues, and nothing proves what became of it.
    Lost,
}

/// The account of a manifest.
#[derive(Debug, Default)]
pub struct Account {
    pub messages: usize,
    pub there: usize,
    /// How many moved from which queue to which.
    pub moved: BTreeMap<(String, String), usize>,
    /// How many of which queue were proved.
    pub proved: BTreeMap<String, usize>,
    /// One proof, to be looked at.
    pub example: Option<String>,
    /// Those that are not accounted for.
    pub missing: Vec<(Record, Fate)>,
}

impl Account {
    /// Whether nothing was lost. Queues whose runners log no Message-ID may be excused by name.
    pub fn is_complete(&self, excused: &[String]) -> bool {
        self.missing.iter().all(|(record, fate)| *fate == Fate::Lost && excused.contains(&record.queue))
    }

    fn add(&mut self, record: Record, fate: Fate) {
        self.messages += 1;
        match fate {
            Fate::There => self.there += 1,
            Fate::Moved { to } => *self.moved.entry((record.queue, to)).or_default() += 1,
            Fate::Proved { by } => {
                *self.proved.entry(record.queue).or_default() += 1;
                self.example.get_or_insert(by);
            }
            Fate::Altered | Fate::Lost => self.missing.push((record, fate)),
        }
    }
}

/// Where the entries of a queue may go without being done with.
fn next_queues(queue: &str) -> Option<&'static [&'static str]> {
    Some(match queue {
        "out" | "retry" => &["out", "retry", "shunt", "bad"],
        "virgin" => &["virgin", "out", "retry", "shunt", "bad"],
        "archive" => &["archive", "shunt", "bad"],
        "news" => &["news", "shunt", "bad"],
        "bounces" => &["bounces", "shunt", "bad"],
        "commands" => &["commands", "shunt", "bad"],
        // A post may become anything, and so may what a person lets go on.
        _ => return None,
    })
}

/// What proves that a message of a queue was dealt with.
fn sources(queue: &str) -> &'static [Source] {
    match queue {
        "archive" => &[Source::Mbox],
        "out" | "retry" | "virgin" | "bounces" | "commands" => &[Source::Log],
        // No log tells of an article that was posted; what it is named in tells of its copies.
        "news" => &[],
        _ => &[Source::Log, Source::Mbox],
    }
}

/// Where messages are now, by queue and entry.
#[derive(Default)]
struct Now(HashMap<(String, String), Record>);

impl Now {
    fn of(site: &Site) -> Result<Now, SiteError> {
        let mut now = Now::default();
        each(site, |record| now.add(record))?;
        Ok(now)
    }

    fn add(&mut self, record: Record) {
        self.0.insert((record.queue.clone(), record.base().to_string()), record);
    }

    /// Takes out what is in its old place.
    fn take(&mut self, record: &Record) -> Option<Fate> {
        let found = self.0.remove(&(record.queue.clone(), record.base().to_string()))?;
        Some(if found.message == record.message { Fate::There } else { Fate::Altered })
    }

    /// What is left is new.
    fn new_ones(self) -> New {
        let mut new = New::default();
        for (_, record) in self.0 {
            if !record.message_id.is_empty() {
                let queues = new.by_id.entry((record.list, record.message_id)).or_default();
                queues.insert(record.queue.clone());
            }
            new.by_sum.entry(record.message).or_default().push(record.queue);
        }
        new
    }
}

/// New entries, by what a message is known again.
#[derive(Default)]
struct New {
    /// The queues in which this very pickle is; each is the place of one message.
    by_sum: HashMap<String, Vec<String>>,
    by_id: HashMap<(String, String), BTreeSet<String>>,
}

impl New {
    /// Where a message went.
    fn fate(&mut self, record: &Record) -> Option<Fate> {
        let may_go = |queue: &String| next_queues(&record.queue).is_none_or(|next| next.contains(&queue.as_str()));
        let places = self.by_sum.get_mut(&record.message);
        let place = places.and_then(|queues| Some(queues.remove(queues.iter().position(may_go)?)));
        if let Some(to) = place {
            return Some(Fate::Moved { to });
        }
        let queues = self.by_id.get(&(record.list.clone(), record.message_id.clone()))?;
        let to: Vec<String> = queues.iter().filter(|queue| may_go(queue)).cloned().collect();
        (!to.is_empty()).then(|| Fate::Moved { to: to.join("+") })
    }
}

/// Compares a manifest with the site as it is.
///
/// # Errors
/// The manifest or the site can't be read.
pub fn compare(site: &Site, manifest: &Path) -> Result<Account, ManifestError> {
    let mut now = Now::of(site)?;
    let (mut account, mut left) = (Account::default(), Vec::new());
    let grown = read_each(manifest, |record| match now.take(&record) {
        Some(fate) => account.add(record, fate),
        None => left.push(record),
    })?;
    let (mut new, mut gone) = (now.new_ones(), Vec::new());
    for record in left {
        match new.fate(&record) {
            Some(fate) => account.add(record, fate),
            None => gone.push(record),
        }
    }
    if gone.is_empty() {
        return Ok(account);
    }
    let mut wanted = Wanted::new(gone.iter().map(|record| record.message_id.as_str()));
    let searched = search(site, &gone, &mut wanted, &grown);
    searched.map_err(SiteError::Proofs)?;
    for record in gone {
        let proof = wanted.proof(&record.message_id, sources(&record.queue)).cloned();
        account.add(record, proof.map_or(Fate::Lost, |by| Fate::Proved { by }));
    }
    Ok(account)
}

/// Logs first; then the mail boxes of those lists of which a message is still not found.
fn search(site: &Site, gone: &[Record], wanted: &mut Wanted, grown: &super::manifest::Grown) -> io::Result<()> {
    wanted.search_logs(site, grown)?;
    let is_open = |record: &&Record| {
        let sources = sources(&record.queue);
        sources.contains(&Source::Mbox) && wanted.proof(&record.message_id, sources).is_none()
    };
    let names = gone.iter().filter(is_open).map(|record| record.list.clone());
    let lists: BTreeSet<String> = names.filter(|list| is_plain(list)).collect();
    lists.iter().try_for_each(|list| wanted.search_mbox(site, list, grown))
}

/// A name from an entry must not lead out of the archives.
fn is_plain(list: &str) -> bool {
    !list.is_empty() && !list.contains(['/', '\0']) && !list.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(queue: &str, file: &str, message: &str, id: &str) -> Record {
        Record {
            queue: queue.to_string(),
            file: file.to_string(),
            message: message.to_string(),
            list: "garden".to_string(),
            message_id: id.to_string(),
            ..Record::default()
        }
    }

    fn fate(now: Vec<Record>, before: &Record) -> Option<Fate> {
        let mut all = Now::default();
        now.into_iter().for_each(|record| all.add(record));
        all.take(before).or_else(|| all.new_ones().fate(before))
    }

    #[test]
    fn a_message_is_known_again() {
        let now = || {
            vec![
                record("in", "1.5+aa.bak", "s1", "<1@x>"),
                record("out", "2.5+cc.pck", "s9", "<2@x>"),
                record("archive", "2.5+dd.pck", "s8", "<2@x>"),
                record("bad", "3.5+ee.psv", "s3", ""),
            ]
        };
        let moved = |to: &str| Some(Fate::Moved { to: to.to_string() });
        assert_eq!(fate(now(), &record("in", "1.5+aa.pck", "s1", "<1@x>")), Some(Fate::There));
        assert_eq!(fate(now(), &record("in", "1.5+aa.pck", "s7", "<1@x>")), Some(Fate::Altered));
        assert_eq!(fate(now(), &record("in", "2.5+bb.pck", "s2", "<2@x>")), moved("archive+out"));
        assert_eq!(fate(now(), &record("in", "3.5+ee.pck", "s3", "")), moved("bad"));
        assert_eq!(fate(now(), &record("in", "4.5+ff.pck", "s4", "<4@x>")), None);
        assert_eq!(fate(now(), &record("in", "5.5+ff.pck", "s5", "")), None, "two without an id are not one message");
        assert_eq!(fate(now(), &record("retry", "6.5+gg.pck", "s6", "<2@x>")), moved("out"), "not the archive's copy");
        assert_eq!(fate(now(), &record("news", "7.5+hh.pck", "s7", "<2@x>")), None);
    }

    #[test]
    fn what_was_there_before_proves_nothing_about_another() {
        let (shunted, bounce) =
            (record("shunt", "1.5+aa.pck", "s1", "<1@x>"), record("bounces", "2.5+bb.pck", "s1", "<1@x>"));
        let mut now = Now::default();
        now.add(shunted.clone());
        assert_eq!(now.take(&shunted), Some(Fate::There));
        assert_eq!(now.take(&bounce), None);
        assert_eq!(now.new_ones().fate(&bounce), None);
        // One new entry is the place of one message.
        let mut now = Now::default();
        now.add(record("shunt", "3.5+cc.pck", "s1", ""));
        let (mut new, nameless) = (now.new_ones(), record("in", "4.5+dd.pck", "s1", ""));
        assert!(new.fate(&nameless).is_some() && new.fate(&nameless).is_none());
    }

    #[test]
    fn only_named_queues_are_excused() {
        let mut account = Account::default();
        account.add(record("bounces", "1.5+aa.pck", "s1", "<1@x>"), Fate::Lost);
        assert!(!account.is_complete(&[]) && account.is_complete(&["bounces".to_string()]));
        account.add(record("bounces", "2.5+aa.pck", "s1", "<1@x>"), Fate::Altered);
        assert!(!account.is_complete(&["bounces".to_string()]));
    }
}
