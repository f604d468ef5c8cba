//! The order of a list's members, which is that of Python's dictionaries.
//!
//! It is the order of the recipients of posts and digests, of the answer to `who` and of the warnings that `cron/disabled` sends. Python
//! saves it too: where keys collide, each saving may turn them round. So a roster is put into the order of a table
//! filled from the file, and a roster that changes is changed in such a table, with the traces that deleted keys leave.

use super::{attributes, Attribute, ListError, MailList};
use crate::names::Table;
use crate::pydict::{self, KeyTable};
use crate::value::{Dict, Value};
use crate::ByteStr;

/// Up to this many members their order is kept as Python has it. Of larger lists nobody sees the order, and hashing
/// would cost time with each post.
pub(super) const ORDERED_MEMBERS: usize = 2000;

/// A dictionary of members whose order is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roster {
    Regular,
    Digest,
    Bouncing,
    /// Who left digest mode since the last digest.
    Leaving,
}

impl Roster {
    pub(super) fn of(digest: bool) -> Self {
        if digest {
            Roster::Digest
        } else {
            Roster::Regular
        }
    }

    pub(super) fn attribute(self) -> Attribute<Table> {
        match self {
            Roster::Regular => attributes::MEMBERS,
            Roster::Digest => attributes::DIGEST_MEMBERS,
            Roster::Bouncing => attributes::BOUNCE_INFO,
            Roster::Leaving => attributes::ONE_LAST_DIGEST,
        }
    }
}

/// Python's tables of the rosters, as far as they were needed.
#[derive(Clone, Default)]
pub(super) struct Tables([Option<KeyTable<ByteStr>>; 4]);

impl Tables {
    fn get_mut(&mut self, roster: Roster) -> &mut Option<KeyTable<ByteStr>> {
        &mut self.0[roster as usize]
    }
}

impl MailList {
    /// Puts members that were just read into Python's order.
    pub(super) fn put_in_order(&mut self) {
        self.tables = Tables::default();
        for roster in [Roster::Regular, Roster::Digest, Roster::Bouncing, Roster::Leaving] {
            if self.is_left(roster.attribute().as_str()) {
                continue;
            }
            if self.dict(roster.attribute()).is_some_and(|dict| is_small(dict) && !is_in_order(dict)) {
                self.have_table(roster);
                self.follow_table(roster);
                self.changed.insert(ByteStr::from(roster.attribute().as_str()));
            }
        }
    }

    /// Puts a member into a roster, or changes what is said of him there.
    pub(super) fn enter(&mut self, roster: Roster, key: &ByteStr, value: Value) -> Result<(), ListError> {
        self.have_table(roster);
        self.dict_mut(roster.attribute())?.set(key.clone(), value);
        if self.tables.get_mut(roster).as_mut().is_some_and(|table| table.insert(key.clone())) {
            self.follow_table(roster);
        }
        Ok(())
    }

    /// Takes somebody out of a roster who may not be in it.
    pub(super) fn strike(&mut self, roster: Roster, key: &ByteStr) -> Result<Option<Value>, ListError> {
        self.require(roster.attribute())?;
        if self.member_item(roster.attribute(), key).is_none() {
            return Ok(None);
        }
        self.have_table(roster);
        if let Some(table) = self.tables.get_mut(roster) {
            table.remove(key);
        }
        Ok(self.dict_mut(roster.attribute())?.remove(key))
    }

    /// Makes the table from the order of the file, or forgets it where the roster has grown beyond what is ordered.
    fn have_table(&mut self, roster: Roster) {
        let made = self.tables.get_mut(roster).take();
        let dict = self.dict(roster.attribute()).filter(|dict| is_small(dict));
        let table = dict.and_then(|dict| made.or_else(|| table_of(dict)));
        *self.tables.get_mut(roster) = table;
    }

    /// Puts the roster into the order of its table.
    fn follow_table(&mut self, roster: Roster) {
        let attribute = roster.attribute();
        let Some(table) = self.tables.get_mut(roster).take() else { return };
        if let Some(dict) = self.dict(attribute) {
            let entry = |key: &ByteStr| Some((Value::Str(key.clone()), dict.get(key)?.clone()));
            let ordered = Dict::from_entries(table.keys().filter_map(entry).collect());
            self.attributes.set(attribute.as_str(), Value::dict(ordered));
        }
        *self.tables.get_mut(roster) = Some(table);
    }
}

fn is_small(dict: &Dict) -> bool {
    dict.len() <= ORDERED_MEMBERS
}

/// `None` where there are keys that are not bytes.
fn table_of(dict: &Dict) -> Option<KeyTable<ByteStr>> {
    let mut table = KeyTable::new();
    for (key, _) in dict.iter() {
        table.insert(key.as_str()?.clone());
    }
    Some(table)
}

/// Whether the dictionary has the order of a table that was filled in this order. Keys that are not bytes stay.
fn is_in_order(dict: &Dict) -> bool {
    let keys: Option<Vec<&[u8]>> = dict.iter().map(|(key, _)| key.as_str().map(|key| &key[..])).collect();
    keys.is_none_or(|keys| pydict::order(&keys).into_iter().enumerate().all(|(place, at)| place == at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::tests::Scratch;
    use crate::list::LockedList;

    fn key(name: &str) -> ByteStr {
        format!("{name}@example.com").into()
    }

    fn names(list: &MailList) -> Vec<String> {
        list.regular_members().iter().map(|key| key.to_string().replace("@example.com", "")).collect()
    }

    /// A list whose file holds these regular members, read.
    fn list_of(scratch: &Scratch, order: &[&str]) -> MailList {
        let mut list = scratch.open();
        let members = order.iter().map(|name| (key(name), Value::Int(0))).collect();
        list.attributes.set("members", Value::dict(members));
        list.put_in_order();
        list
    }

    #[test]
    fn members_come_and_go_as_in_pythons_table() {
        let scratch = Scratch::of_newest();
        let mut list = list_of(&scratch, &["fred", "hal", "dora"]);
        assert_eq!(names(&list), ["dora", "fred", "hal"]);
        let steps: [(&str, &[&str]); 4] = [
            ("bart", &["dora", "fred", "bart", "hal"]),
            ("ed", &["ed", "dora", "fred", "bart", "hal"]),
            ("anne", &["anne", "ed", "fred", "hal", "bart", "dora"]),
            ("bart", &["anne", "ed", "fred", "hal", "dora"]),
        ];
        for (name, expected) in steps {
            match list.is_member(&key(name)) {
                true => drop(list.strike(Roster::Regular, &key(name)).unwrap()),
                false => list.enter(Roster::Regular, &key(name), Value::Int(0)).unwrap(),
            }
            assert_eq!(names(&list), expected, "after {name}");
        }
        // Read again from what was saved, colliding keys have changed places.
        let again = list_of(&scratch, &["anne", "ed", "fred", "hal", "dora"]);
        assert_eq!(names(&again), ["anne", "ed", "dora", "fred", "hal"]);
    }

    #[test]
    fn colliding_members_turn_round_when_a_list_is_taken_up_and_not_when_it_is_saved() {
        let scratch = Scratch::of_newest();
        let mut list = LockedList::of(scratch.open(), None).unwrap();
        let mut keys = ["m2+tag@sub.example.net", "m1@sub.example.net", "m3.x@example.net"];
        let members = keys.iter().map(|&key| (ByteStr::from(key), Value::Int(0))).collect();
        list.attributes.set("members", Value::dict(members));
        let order = |list: &MailList| list.regular_members().iter().map(ToString::to_string).collect::<Vec<_>>();
        list.set_aside();
        assert_eq!(order(&list), keys);
        keys.reverse();
        list.take_up();
        assert_eq!(order(&list), keys);
    }

    #[test]
    fn who_left_digest_mode_has_a_place_too() {
        let scratch = Scratch::of_newest();
        let mut list = scratch.open();
        let mut keys = ["m2+tag@sub.example.net", "m1@sub.example.net", "m3.x@example.net"];
        let leaving = keys.iter().map(|&key| (ByteStr::from(key), Value::Int(0))).collect();
        list.attributes.set("one_last_digest", Value::dict(leaving));
        list.put_in_order();
        keys.reverse();
        let found = list.dict(attributes::ONE_LAST_DIGEST).unwrap().iter().filter_map(|(key, _)| key.as_str());
        assert_eq!(found.map(ToString::to_string).collect::<Vec<_>>(), keys);
    }
}
