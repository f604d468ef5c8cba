//! Large dictionaries of a pickle, left as they lie.
//!
//! A `config.pck` of 100,000 members is ten megabytes of dictionaries by address, and most pages ask for none of them, or
//! for one member. [`outline`] looks at every instruction of such a file, but makes no values of what is large and plain
//! (`str` keys, values without parts): a [`Later`] counts, lists its keys, finds one, or becomes the dictionary.
//!
//! It accepts nothing that [`load`](super::load) refuses. Whatever lies there in another way than `cPickle` writes it is
//! loaded; where that leaves a doubt (a number of a note out of turn, a dictionary that is in two places), the answer is
//! `None`, and the file has to be loaded whole.

use super::arena::Node;
use super::memo::Memo;
use super::plain::{is_str, Atom, Cursor, Noted, Pair};
use crate::value::{Dict, Global, Seed, Value};
use crate::ByteStr;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// In place of the string of a note: it is the dictionary itself.
const NO_STRING: u32 = u32::MAX;

/// A pickled dictionary, some of whose values were left where they are.
pub struct Outline {
    /// All items. `None` stands for a value that was left.
    pub items: Dict,
    /// What was left, by the name of its item.
    pub later: Vec<(ByteStr, Later)>,
}

/// Reads a pickled dictionary; its values that are plain dictionaries of more than `most` items are left as they lie.
/// `None` where only [`load`](super::load) can tell what the pickle holds, or what is wrong with it.
pub fn outline(data: &ByteStr, most: usize) -> Option<Outline> {
    let (root, skimmer) = super::loader::run_skimming(data, Skimmer::new(data, most))?;
    let Value::Dict(items) = root else { return None };
    // Whoever else holds it could hold what was left.
    let mut items = Rc::try_unwrap(items).ok()?;
    let places: Option<Vec<_>> = skimmer.regions.iter().map(|region| region.place(&items)).collect();
    let places = places?;
    let notes = Rc::new(skimmer.into_notes());
    let mut later = Vec::with_capacity(places.len());
    for (region, name) in places.into_iter().enumerate() {
        items.set(name.clone(), Value::None);
        later.push((name, Later { notes: Rc::clone(&notes), region }));
    }
    Some(Outline { items, later })
}

/// A dictionary that was left.
struct Region {
    range: Range<usize>,
    items: usize,
    notes: Run,
    /// Stands for it while the rest is loaded.
    mark: Rc<Global>,
}

impl Region {
    /// The name of the item whose value this is: of one item, directly, and of nothing else.
    fn place(&self, items: &Dict) -> Option<ByteStr> {
        let is_here = |value: &Value| matches!(value, Value::Global(mark) if Rc::ptr_eq(mark, &self.mark));
        let (name, _) = items.iter().find(|(_, value)| is_here(value))?;
        let name = name.as_str()?;
        let has_name = |key: &Value| key.as_text().is_some_and(|key| key == name);
        let is_alone = items.iter().filter(|(key, _)| has_name(key)).count() == 1;
        (is_alone && Rc::strong_count(&self.mark) == 2).then(|| name.clone())
    }
}

/// The notes that are made in a dictionary. A writer counts on by one while it is in there, whatever the number was before:
/// where only some items of a file were written anew, they have higher numbers than what follows.
#[derive(Default)]
struct Run {
    first: u32,
    /// Where the string of each begins.
    strings: Vec<u32>,
}

impl Run {
    /// Adds a note; `None` where its number is not the next one.
    #[inline(always)]
    fn note(&mut self, id: u32, at: u32) -> Option<()> {
        if self.strings.is_empty() {
            self.first = id;
        }
        let is_next = id.checked_sub(self.first) == Some(self.strings.len() as u32);
        self.strings.push(at);
        is_next.then_some(())
    }

    fn holds(&self, id: u32) -> bool {
        id.checked_sub(self.first).is_some_and(|place| (place as usize) < self.strings.len())
    }

    fn overlaps(&self, other: &Run) -> bool {
        let starts_in = |one: &Run, other: &Run| !one.strings.is_empty() && other.holds(one.first);
        starts_in(self, other) || starts_in(other, self)
    }

    /// Where the string of a note begins.
    fn string_of(&self, id: u32) -> Option<usize> {
        let at = *self.strings.get(id.checked_sub(self.first)? as usize)?;
        (at != NO_STRING).then_some(at as usize)
    }
}

/// What a loader knows that leaves large dictionaries.
pub(super) struct Skimmer {
    data: ByteStr,
    most: usize,
    regions: Vec<Region>,
    /// Notes from elsewhere that are fetched in a dictionary that was left.
    outside: HashMap<u32, Value>,
    /// The numbers of the notes elsewhere.
    elsewhere: BTreeSet<u32>,
    /// Whether a number was used twice.
    pub(super) is_odd: bool,
    /// How many values the loader would count in what was left.
    pub(super) weight: usize,
}

impl Skimmer {
    fn new(data: &ByteStr, most: usize) -> Self {
        let data = data.clone();
        let (regions, elsewhere) = (Vec::new(), BTreeSet::new());
        Skimmer { data, most, regions, outside: HashMap::new(), elsewhere, is_odd: false, weight: 0 }
    }

    /// Sees a note being made.
    pub(super) fn noted(&mut self, id: u32) {
        self.is_odd |= !self.elsewhere.insert(id) || self.regions.iter().any(|region| region.notes.holds(id));
    }

    /// The string of a note that was made in a dictionary that was left.
    pub(super) fn string_of(&self, id: u32) -> Option<Value> {
        let at = self.regions.iter().find_map(|region| region.notes.string_of(id))?;
        Cursor::new(&self.data, at).atom().map(|atom| atom.value(&self.data))?
    }

    /// Passes over the dictionary that begins here, if it is large and plain. Where it ends, and what stands for it.
    pub(super) fn skim(&mut self, at: usize, memo: &Memo) -> Option<(usize, Value)> {
        let mut pass = Pass { skimmer: self, memo, notes: Run::default(), known: None, outside: HashMap::new() };
        let mut cursor = Cursor::new(&pass.skimmer.data, at + 1);
        if let Some(id) = cursor.note() {
            pass.notes.note(id, NO_STRING)?;
        }
        let mut items = 0;
        while let Some(pair) = cursor.pair() {
            pass.key(&pair.key)?;
            pass.atom(&pair.value)?;
            items += 1;
        }
        let (end, is_whole) = (cursor.at, cursor.is_between_batches());
        let Pass { mut notes, outside, .. } = pass;
        if !is_whole || items <= self.most || self.has_any(&notes) {
            return None;
        }
        notes.strings.shrink_to_fit();
        self.outside.extend(outside);
        self.weight = self.weight.saturating_add(2 * items + 1);
        let mark = Rc::new(Global { module: ByteStr::default(), name: ByteStr::default() });
        self.regions.push(Region { range: at..end, items, notes, mark: Rc::clone(&mark) });
        Some((end, Value::Global(mark)))
    }

    /// Whether one of the numbers was used before.
    fn has_any(&self, notes: &Run) -> bool {
        let Some(more) = notes.strings.len().checked_sub(1) else { return false };
        self.elsewhere.range(notes.first..=notes.first.saturating_add(more as u32)).next().is_some()
            || self.regions.iter().any(|region| region.notes.overlaps(notes))
    }

    fn into_notes(self) -> Notes {
        Notes { data: self.data, regions: self.regions, outside: self.outside }
    }
}

/// One pass over a dictionary that may be left.
struct Pass<'a> {
    skimmer: &'a Skimmer,
    memo: &'a Memo,
    notes: Run,
    /// A note that was looked up already: values are often one and the same.
    known: Option<u32>,
    outside: HashMap<u32, Value>,
}

impl Pass<'_> {
    #[inline(always)]
    fn key(&mut self, atom: &Noted) -> Option<()> {
        match atom.atom {
            Atom::Fetched(id) => {
                let is_str = match self.string_of(id) {
                    Some(at) => is_str(&self.skimmer.data, at),
                    None => self.memoized_outside(id)?.as_str().is_some(),
                };
                (is_str && atom.note.is_none()).then_some(())
            }
            Atom::Str(..) => self.atom(atom),
            Atom::Other(_) => None,
        }
    }

    #[inline(always)]
    fn atom(&mut self, noted: &Noted) -> Option<()> {
        match (&noted.atom, noted.note) {
            (Atom::Fetched(id), None) if self.known == Some(*id) => Some(()),
            (Atom::Fetched(id), None) => {
                if self.string_of(*id).is_none() {
                    self.memoized_outside(*id)?;
                }
                self.known = Some(*id);
                Some(())
            }
            (Atom::Fetched(_), Some(_)) => None,
            (Atom::Str(at, ..) | Atom::Other(at), Some(id)) => self.notes.note(id, u32::try_from(*at).ok()?),
            (_, None) => Some(()),
        }
    }

    fn string_of(&self, id: u32) -> Option<usize> {
        let before = || self.skimmer.regions.iter().find_map(|region| region.notes.string_of(id));
        self.notes.string_of(id).or_else(before)
    }

    /// A note from elsewhere, if it is complete in itself.
    fn memoized_outside(&mut self, id: u32) -> Option<&Value> {
        if !self.outside.contains_key(&id) {
            let Node::Done(value) = self.memo.get(id)? else { return None };
            self.outside.insert(id, value.clone());
        }
        self.outside.get(&id)
    }
}

/// What is needed to read what was left.
struct Notes {
    data: ByteStr,
    regions: Vec<Region>,
    outside: HashMap<u32, Value>,
}

impl Notes {
    fn fetched(&self, id: u32) -> Option<Value> {
        match self.regions.iter().find_map(|region| region.notes.string_of(id)) {
            Some(at) => Cursor::new(&self.data, at).atom()?.value(&self.data),
            None => self.outside.get(&id).cloned(),
        }
    }

    fn value(&self, atom: &Atom) -> Option<Value> {
        match atom {
            Atom::Fetched(id) => self.fetched(*id),
            atom => atom.value(&self.data),
        }
    }

    fn key(&self, atom: &Atom) -> Option<ByteStr> {
        match self.value(atom)? {
            Value::Str(key) => Some(key),
            _ => None,
        }
    }

    fn is_key(&self, atom: &Atom, key: &[u8]) -> bool {
        match atom {
            Atom::Str(_, start, end) => end - start == key.len() && self.data.get(*start..*end) == Some(key),
            atom => self.key(atom).is_some_and(|found| found == *key),
        }
    }
}

/// A dictionary with `str` keys that was left as it lies in its file.
#[derive(Clone)]
pub struct Later {
    notes: Rc<Notes>,
    region: usize,
}

impl Later {
    /// How many items it has.
    pub fn len(&self) -> usize {
        self.notes.regions.get(self.region).map_or(0, |region| region.items)
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its keys in order.
    pub fn keys(&self) -> Vec<ByteStr> {
        let mut keys = Vec::with_capacity(self.len());
        keys.extend(self.pairs().filter_map(|pair| self.notes.key(&pair.key.atom)));
        keys
    }

    /// The value of a key; of equal keys the last one counts.
    pub fn find(&self, key: &[u8]) -> Option<Value> {
        let found = self.pairs().filter(|pair| self.notes.is_key(&pair.key.atom, key)).last()?;
        self.notes.value(&found.value.atom)
    }

    /// The values of several keys, found in one pass.
    pub fn find_all(&self, wanted: &[ByteStr]) -> HashMap<ByteStr, Value> {
        let sieve = Sieve::new(wanted);
        let wanted: HashMap<&[u8], &ByteStr> = wanted.iter().map(|key| (&key[..], key)).collect();
        let mut found = HashMap::new();
        for pair in self.pairs() {
            let fetched;
            let key: &[u8] = match &pair.key.atom {
                Atom::Str(_, start, end) => self.notes.data.get(*start..*end).unwrap_or_default(),
                atom => {
                    fetched = self.notes.key(atom).unwrap_or_default();
                    &fetched
                }
            };
            if let Some(key) = Some(key).filter(|key| sieve.may_hold(key)).and_then(|key| wanted.get(key)) {
                found.extend(self.notes.value(&pair.value.atom).map(|value| ((*key).clone(), value)));
            }
        }
        found
    }

    /// The dictionary.
    pub fn load(&self) -> Dict {
        let mut items = Vec::with_capacity(self.len());
        items.extend(self.pairs().filter_map(|pair| {
            Some((Value::Str(self.notes.key(&pair.key.atom)?), self.notes.value(&pair.value.atom)?))
        }));
        Dict::from_entries(items)
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> + '_ {
        let region = self.notes.regions.get(self.region);
        let mut cursor = Cursor::new(&self.notes.data, region.map_or(usize::MAX, |region| region.range.start + 1));
        cursor.note();
        std::iter::from_fn(move || cursor.pair())
    }
}

/// Tells most keys that are not wanted from those that are, by one look at a bit.
struct Sieve {
    seed: Seed,
    bits: [u64; 64],
}

impl Sieve {
    fn new(keys: &[ByteStr]) -> Self {
        let mut sieve = Sieve { seed: Seed::default(), bits: [0; 64] };
        for key in keys {
            let (word, bit) = sieve.place(key);
            sieve.bits[word] |= bit;
        }
        sieve
    }

    fn place(&self, key: &[u8]) -> (usize, u64) {
        let hash = self.seed.of_bytes(key);
        ((hash >> 6) as usize % 64, 1 << (hash % 64))
    }

    fn may_hold(&self, key: &[u8]) -> bool {
        let (word, bit) = self.place(key);
        self.bits[word] & bit != 0
    }
}
