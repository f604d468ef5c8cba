//! The memo: what a pickle noted, by number.
//!
//! `cPickle` numbers from 1 upward, `pickle.py` from 0, other writers as they like. Numbers that keep close to the count
//! of notes live in a vector, stray ones in a map, so that one instruction can't ask for a huge table.

use super::arena::Node;
use std::collections::HashMap;

/// Where a note was made and last fetched, as offsets in the pickle.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    pub(super) put_at: u32,
    pub(super) got_at: u32,
}

/// What was noted so far.
#[derive(Default)]
pub(super) struct Memo {
    dense: Vec<Option<Node>>,
    sparse: HashMap<u32, Node>,
    notes: usize,
}

impl Memo {
    pub(super) fn put(&mut self, id: u32, node: Node) {
        let at = id as usize;
        self.notes += 1;
        if at >= 2 * self.notes + 64 {
            self.sparse.insert(id, node);
            return;
        }
        if at >= self.dense.len() {
            self.dense.resize_with(at + 1, || None);
        }
        self.dense[at] = Some(node);
        self.sparse.remove(&id);
    }

    pub(super) fn get(&self, id: u32) -> Option<&Node> {
        self.sparse.get(&id).or_else(|| self.dense.get(id as usize)?.as_ref())
    }
}

/// The uses of each number, kept only while the layout of a dictionary is recorded.
#[derive(Default)]
pub(super) struct Uses {
    by_id: Vec<Use>,
    /// A number was too far off to be recorded: the layout can't be trusted.
    pub(super) lost: bool,
}

impl Uses {
    /// Numbers above this make a layout useless; a file with that many notes is better written anew.
    const LIMIT: usize = 1 << 24;

    pub(super) fn put(&mut self, id: u32, at: usize) {
        let index = id as usize;
        if index > 2 * self.by_id.len() + (1 << 16) || index >= Self::LIMIT {
            self.lost = true;
            return;
        }
        if index >= self.by_id.len() {
            self.by_id.resize(index + 1, Use::default());
        }
        let got_at = self.by_id[index].got_at;
        self.lost |= self.by_id[index].put_at != 0;
        self.by_id[index] = Use { put_at: at as u32, got_at };
    }

    pub(super) fn got(&mut self, id: u32, at: usize) {
        if let Some(used) = self.by_id.get_mut(id as usize) {
            used.got_at = at as u32;
        }
    }

    /// Of every note that was fetched: where it was made and last fetched.
    pub(super) fn fetched(&self) -> impl Iterator<Item = Use> + '_ {
        self.by_id.iter().copied().filter(|used| used.got_at != 0)
    }

    /// The first number that was never used.
    pub(super) fn next_id(&self) -> u32 {
        self.by_id.len() as u32
    }
}
