//! What became of every message of a manifest: it is still there, it moved, or its going is proved.
//!
//! A message is known again by its entry's name and sum; one that an engine wrote anew (put off, shunted, held, sent on)
//! by its list and Message-ID. A message without an id can only be followed as long as its pickle is the same.

use super::manifest::{each, read_each, ManifestError, Record};
use super::proof::Wanted;
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

/// Where messages are now.
#[derive(Default)]
struct Now {
    by_base: HashMap<(String, String), String>,
    by_sum: HashMap<String, String>,
    by_id: HashMap<(String, String), BTreeSet<String>>,
}

impl Now {
    fn of(site: &Site) -> Result<Now, String> {
        let mut now = Now::default();
        each(site, |record| now.add(record))?;
        Ok(now)
    }

    fn add(&mut self, record: Record) {
        self.by_base.insert((record.queue.clone(), record.base().to_string()), record.message.clone());
        self.by_sum.insert(record.message, record.queue.clone());
        if !record.message_id.is_empty() {
            self.by_id.entry((record.list, record.message_id)).or_default().insert(record.queue);
        }
    }

    /// The fate of a message that is still somewhere.
    fn fate(&self, record: &Record) -> Option<Fate> {
        match self.by_base.get(&(record.queue.clone(), record.base().to_string())) {
            Some(sum) if *sum == record.message => return Some(Fate::There),
            Some(_) => return Some(Fate::Altered),
            None => {}
        }
        if let Some(queue) = self.by_sum.get(&record.message) {
            return Some(Fate::Moved { to: queue.clone() });
        }
        let id = (record.list.clone(), record.message_id.clone());
        let queues = self.by_id.get(&id)?;
        Some(Fate::Moved { to: queues.iter().cloned().collect::<Vec<_>>().join("+") })
    }
}

/// Compares a manifest with the site as it is.
///
/// # Errors
/// The manifest or the site can't be read.
pub fn compare(site: &Site, manifest: &Path) -> Result<Account, ManifestError> {
    let now = Now::of(site).map_err(ManifestError::Site)?;
    let (mut account, mut gone) = (Account::default(), Vec::new());
    let grown = read_each(manifest, |record| match now.fate(&record) {
        Some(fate) => account.add(record, fate),
        None => gone.push(record),
    })?;
    drop(now);
    if gone.is_empty() {
        return Ok(account);
    }
    let mut wanted = Wanted::new(gone.iter().map(|record| record.message_id.as_str()));
    let searched = search(site, &gone, &mut wanted, &grown);
    searched.map_err(|error| ManifestError::Site(format!("looking for proofs: {error}")))?;
    for record in gone {
        let proof = wanted.proof(&record.message_id).cloned();
        account.add(record, proof.map_or(Fate::Lost, |by| Fate::Proved { by }));
    }
    Ok(account)
}

/// Logs first; then the mail boxes of those lists of which a message is still not found.
fn search(site: &Site, gone: &[Record], wanted: &mut Wanted, grown: &super::manifest::Grown) -> io::Result<()> {
    wanted.search_logs(site, grown)?;
    let open = gone.iter().filter(|record| wanted.proof(&record.message_id).is_none());
    let lists: BTreeSet<String> = open.map(|record| record.list.clone()).filter(|list| is_plain(list)).collect();
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

    #[test]
    fn a_message_is_known_again() {
        let mut now = Now::default();
        now.add(record("in", "1.5+aa.bak", "s1", "<1@x>"));
        now.add(record("out", "2.5+cc.pck", "s9", "<2@x>"));
        now.add(record("archive", "2.5+dd.pck", "s8", "<2@x>"));
        now.add(record("bad", "3.5+ee.psv", "s3", ""));
        let moved = |to: &str| Some(Fate::Moved { to: to.to_string() });
        assert_eq!(now.fate(&record("in", "1.5+aa.pck", "s1", "<1@x>")), Some(Fate::There));
        assert_eq!(now.fate(&record("in", "1.5+aa.pck", "s7", "<1@x>")), Some(Fate::Altered));
        assert_eq!(now.fate(&record("in", "2.5+bb.pck", "s2", "<2@x>")), moved("archive+out"));
        assert_eq!(now.fate(&record("in", "3.5+ee.pck", "s3", "")), moved("bad"));
        assert_eq!(now.fate(&record("in", "4.5+ff.pck", "s4", "<4@x>")), None);
        assert_eq!(now.fate(&record("in", "5.5+ff.pck", "s5", "")), None, "two without an id are not one message");
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
