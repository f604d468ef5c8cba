//! Where the attributes of a pickled dictionary lie in its file.
//!
//! A `config.pck` of 100,000 members holds 16 MB, and a post changes three numbers in it. With the place of each item
//! known, the file is written again by copying the bytes of what did not change. The memo ties items together: an
//! item that notes an object which a later item fetches can't be replaced alone, and then the file is pickled anew.

use super::memo::Uses;
use super::writer::Writer;
use super::{opcode, Protocol};
use crate::value::Dict;
use crate::ByteStr;
use std::io::{self, Write};
use std::ops::Range;

/// The places of the items of a dictionary in the file that it was loaded from.
pub struct Layout {
    source: ByteStr,
    items: Vec<Item>,
    next_id: u32,
}

struct Item {
    name: ByteStr,
    key: Range<usize>,
    value: Range<usize>,
    /// A later item fetches something that was noted in this one's key, or in its value.
    key_is_fetched: bool,
    value_is_fetched: bool,
}

impl Layout {
    /// Whether the dictionary can be written by [`Layout::write`] when the named items have changed.
    pub fn allows(&self, dict: &Dict, changed: &dyn Fn(&[u8]) -> bool) -> bool {
        self.items.iter().all(|item| match dict.get(&item.name) {
            None => !item.key_is_fetched && !item.value_is_fetched,
            Some(_) => !item.value_is_fetched || !changed(&item.name),
        })
    }

    /// Writes the dictionary: unchanged items as their old bytes, changed ones pickled anew (protocol 1), removed ones
    /// left out, new ones last.
    ///
    /// # Errors
    /// What the output reports, or a value nested too deep.
    pub fn write(&self, dict: &Dict, changed: &dyn Fn(&[u8]) -> bool, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = Writer::new(out, Protocol::P1, self.next_id);
        let kept = self.items.iter().filter_map(|item| Some((item, dict.get(&item.name)?)));
        writer.raw(&[opcode::EMPTY_DICT])?;
        let mut batch = Batch::default();
        for (item, value) in kept {
            batch.item(&mut writer)?;
            writer.raw(self.bytes(&item.key))?;
            if changed(&item.name) {
                writer.value(value, 1)?;
            } else {
                writer.raw(self.bytes(&item.value))?;
            }
        }
        for (key, value) in dict.iter().filter(|(key, _)| !key.as_str().is_some_and(|name| self.knows(name))) {
            batch.item(&mut writer)?;
            writer.value(key, 1)?;
            writer.value(value, 1)?;
        }
        batch.end(&mut writer)?;
        writer.raw(&[opcode::STOP])?;
        writer.finish()
    }

    fn knows(&self, name: &[u8]) -> bool {
        self.items.iter().any(|item| item.name == *name)
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.source.get(range.clone()).unwrap_or(&[])
    }
}

/// Items in groups of a thousand, as `cPickle` sets them.
#[derive(Default)]
struct Batch {
    items: usize,
}

impl Batch {
    fn item(&mut self, writer: &mut Writer) -> io::Result<()> {
        if self.items % opcode::BATCH == 0 {
            self.end(writer)?;
            writer.raw(&[opcode::MARK])?;
        }
        self.items += 1;
        Ok(())
    }

    fn end(&self, writer: &mut Writer) -> io::Result<()> {
        if self.items > 0 {
            writer.raw(&[opcode::SETITEMS])?;
        }
        Ok(())
    }
}

/// Watches a pickle being loaded and finds where the items of the outermost dictionary begin.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) uses: Uses,
    /// The last instruction seen at each height above the outermost mark: what made the stack grow from there.
    begins: Vec<usize>,
    items: Vec<(Range<usize>, Range<usize>)>,
    odd: bool,
}

impl Recorder {
    /// An instruction with no mark set. Only the frame of a protocol 1 dictionary is understood.
    pub(super) fn outside(&mut self, op: u8) {
        let frame = [opcode::EMPTY_DICT, opcode::PUT, opcode::BINPUT, opcode::LONG_BINPUT, opcode::MARK, opcode::STOP];
        self.odd |= !frame.contains(&op);
    }

    /// An instruction under the outermost mark, with `height` values above it.
    pub(super) fn instruction(&mut self, height: usize, offset: usize) {
        if height >= self.begins.len() {
            self.begins.resize(height + 1, offset);
        }
        self.begins[height] = offset;
    }

    /// The instruction that sets `count` values, keys and values in turn, as items of the dictionary.
    pub(super) fn batch(&mut self, count: usize, offset: usize) {
        self.instruction(count, offset);
        let begins = &self.begins[..=count];
        for item in begins.windows(3).step_by(2) {
            self.items.push((item[0]..item[1], item[1]..item[2]));
        }
    }

    /// The layout, if every item was found and has a `str` for its key.
    pub(super) fn finish(self, source: &ByteStr, dict: &Dict) -> Option<Layout> {
        if self.odd || self.uses.lost || self.items.len() != dict.len() {
            return None;
        }
        let mut items = Vec::with_capacity(dict.len());
        for ((name, _), (key, value)) in dict.iter().zip(self.items) {
            let name = name.as_str()?.clone();
            items.push(Item { name, key, value, key_is_fetched: false, value_is_fetched: false });
        }
        note_fetches(&mut items, &self.uses);
        Some(Layout { source: source.clone(), items, next_id: self.uses.next_id().max(1) })
    }
}

fn note_fetches(items: &mut [Item], uses: &Uses) {
    for used in uses.fetched() {
        let (put_at, got_at) = (used.put_at as usize, used.got_at as usize);
        let at = items.partition_point(|item| item.value.end <= put_at);
        let Some(item) = items.get_mut(at) else { continue };
        if item.key.contains(&put_at) {
            item.key_is_fetched |= got_at >= item.key.end;
        } else {
            item.value_is_fetched |= got_at >= item.value.end;
        }
    }
}
