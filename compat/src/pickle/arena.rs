//! The containers of a pickle while it is being loaded, and their conversion into values at the end.
//!
//! A container may be noted and fetched before it is filled, so it lives under a number until the pickle stops. Then
//! each one becomes a reference-counted value exactly once, innermost first, without recursion: shared objects stay
//! one object, an object inside itself is found, and depth and size are bounded before anybody walks the result.

use super::Reason;
use crate::value::{Construction, Dict, Global, Object, UniStr, Value};
use crate::ByteStr;
use std::rc::Rc;

/// How deep containers may be nested: `cPickle` itself gives up writing at Python's recursion limit of 1000.
pub const MAX_DEPTH: usize = 1000;

/// How many containers one pickle may make.
const MAX_CONTAINERS: usize = 1 << 24;

/// A value that is complete in itself, or a container by number. As large as a [`Value`], so that the vectors of a
/// container are converted in place.
#[derive(Clone)]
pub(super) enum Node {
    Done(Value),
    Ref(u32),
}

/// A container that may still grow.
pub(super) enum Container {
    List(Vec<Node>),
    Tuple(Vec<Node>),
    Dict(Vec<(Node, Node)>),
    Object(Box<OpenObject>),
}

/// An instance that may still be built.
pub(super) struct OpenObject {
    pub(super) construction: OpenConstruction,
    pub(super) state: Option<Node>,
    pub(super) items: Vec<Node>,
    pub(super) entries: Vec<(Node, Node)>,
}

/// As [`Construction`], of nodes.
pub(super) enum OpenConstruction {
    OldStyle { class: Rc<Global>, args: Vec<Node> },
    Reduce { callable: Node, args: Node },
    NewObject { class: Node, args: Node },
}

enum Cell {
    Open(Container),
    /// Its parts are being built.
    Waiting(Container),
    Built(Built),
}

/// A finished container: how many levels it has, how many values it would be if nothing in it were shared.
struct Built {
    value: Value,
    height: u16,
    weight: u32,
}

/// All containers of one pickle.
pub(super) struct Arena<'a> {
    cells: Vec<Cell>,
    shared: SharedStrings<'a>,
}

impl<'a> Arena<'a> {
    pub(super) fn new(data: &'a ByteStr) -> Self {
        Arena { cells: Vec::new(), shared: SharedStrings::new(data) }
    }

    pub(super) fn add(&mut self, container: Container) -> Result<Node, Reason> {
        if self.cells.len() >= MAX_CONTAINERS {
            return Err(Reason::TooMany(MAX_CONTAINERS));
        }
        self.cells.push(Cell::Open(container));
        Ok(Node::Ref((self.cells.len() - 1) as u32))
    }

    /// The container that a node stands for, to fill it.
    pub(super) fn open(&mut self, node: &Node) -> Option<&mut Container> {
        match node {
            Node::Ref(id) => match self.cells.get_mut(*id as usize) {
                Some(Cell::Open(container)) => Some(container),
                _ => None,
            },
            Node::Done(_) => None,
        }
    }

    pub(super) fn is_tuple(&self, node: &Node) -> bool {
        match node {
            Node::Done(value) => matches!(value, Value::Tuple(_)),
            Node::Ref(id) => matches!(self.cells.get(*id as usize), Some(Cell::Open(Container::Tuple(_)))),
        }
    }

    /// Remembers that a string is in more than one place.
    pub(super) fn fetched(&mut self, node: &Node) {
        if let Node::Done(Value::Str(s) | Value::Unicode(UniStr(s))) = node {
            self.shared.note(s);
        }
    }

    /// Turns everything that the root holds into values. `limit` bounds the size with all sharing undone.
    pub(super) fn finish(mut self, root: Node, limit: usize) -> Result<Value, Reason> {
        let Node::Ref(root_id) = root else { return Ok(self.settle(root)) };
        let mut path = vec![root_id];
        while let Some(&id) = path.last() {
            match std::mem::replace(&mut self.cells[id as usize], Cell::Built(Built::placeholder())) {
                Cell::Built(built) => {
                    self.cells[id as usize] = Cell::Built(built);
                    path.pop();
                }
                Cell::Waiting(container) => {
                    let built = self.build(container, limit)?;
                    self.cells[id as usize] = Cell::Built(built);
                    path.pop();
                }
                Cell::Open(container) => {
                    // Marked before its parts are looked at: a part that is marked already contains us.
                    let fits = container.each_ref(&mut |part| self.enter(part, id, &mut path));
                    self.cells[id as usize] = Cell::Waiting(container);
                    fits?;
                }
            }
        }
        Ok(self.settle(root))
    }

    fn enter(&self, part: u32, parent: u32, path: &mut Vec<u32>) -> Result<(), Reason> {
        match self.cells.get(part as usize) {
            _ if part == parent => Err(Reason::ContainsItself),
            Some(Cell::Waiting(_)) | None => Err(Reason::ContainsItself),
            Some(Cell::Open(_)) => {
                path.push(part);
                Ok(())
            }
            Some(Cell::Built(_)) => Ok(()),
        }
    }

    fn build(&mut self, container: Container, limit: usize) -> Result<Built, Reason> {
        let (height, weight) = self.measure(&container)?;
        if height as usize > MAX_DEPTH {
            return Err(Reason::TooDeep(MAX_DEPTH));
        }
        if weight as usize > limit {
            return Err(Reason::TooMany(limit));
        }
        let value = match container {
            Container::List(items) => Value::List(Rc::new(self.settle_all(items))),
            Container::Tuple(items) => Value::tuple(self.settle_all(items)),
            Container::Dict(entries) => Value::Dict(Rc::new(Dict::from_entries(self.settle_entries(entries)?))),
            Container::Object(object) => Value::Object(Rc::new(self.settle_object(*object)?)),
        };
        Ok(Built { value, height, weight })
    }

    fn measure(&self, container: &Container) -> Result<(u16, u32), Reason> {
        let (mut height, mut weight) = (0, container.len() as u32 + 1);
        container.each_ref(&mut |part| {
            if let Some(Cell::Built(built)) = self.cells.get(part as usize) {
                height = height.max(built.height);
                weight = weight.saturating_add(built.weight);
            }
            Ok(())
        })?;
        Ok((height + 1, weight))
    }

    fn settle(&mut self, node: Node) -> Value {
        match node {
            Node::Done(Value::Str(s)) => Value::Str(self.shared.settle(s)),
            Node::Done(Value::Unicode(UniStr(s))) => Value::Unicode(UniStr(self.shared.settle(s))),
            Node::Done(value) => value,
            Node::Ref(id) => match self.cells.get(id as usize) {
                Some(Cell::Built(built)) => built.value.clone(),
                _ => Value::None,
            },
        }
    }

    fn settle_all(&mut self, mut nodes: Vec<Node>) -> Vec<Value> {
        nodes.shrink_to_fit();
        nodes.into_iter().map(|node| self.settle(node)).collect()
    }

    fn settle_entries(&mut self, mut entries: Vec<(Node, Node)>) -> Result<Vec<(Value, Value)>, Reason> {
        entries.shrink_to_fit();
        let mut hashable = true;
        let settled = entries
            .into_iter()
            .map(|(key, value)| {
                let key = self.settle(key);
                hashable &= !matches!(key, Value::List(_) | Value::Dict(_));
                (key, self.settle(value))
            })
            .collect();
        if hashable {
            Ok(settled)
        } else {
            Err(Reason::Unhashable)
        }
    }

    fn settle_object(&mut self, object: OpenObject) -> Result<Object, Reason> {
        let construction = match object.construction {
            OpenConstruction::OldStyle { class, args } => Construction::OldStyle { class, args: self.settle_all(args) },
            OpenConstruction::Reduce { callable, args } => {
                Construction::Reduce { callable: self.settle(callable), args: self.settle(args) }
            }
            OpenConstruction::NewObject { class, args } => {
                Construction::NewObject { class: self.settle(class), args: self.settle(args) }
            }
        };
        Ok(Object {
            construction,
            state: object.state.map(|state| self.settle(state)),
            items: self.settle_all(object.items),
            entries: self.settle_entries(object.entries)?,
        })
    }
}

impl Built {
    fn placeholder() -> Self {
        Built { value: Value::None, height: 0, weight: 0 }
    }
}

impl Container {
    fn len(&self) -> usize {
        match self {
            Container::List(items) | Container::Tuple(items) => items.len(),
            Container::Dict(entries) => 2 * entries.len(),
            Container::Object(object) => object.items.len() + 2 * object.entries.len() + object.construction.len() + 1,
        }
    }

    /// Calls `visit` with the number of every container directly inside.
    fn each_ref(&self, visit: &mut dyn FnMut(u32) -> Result<(), Reason>) -> Result<(), Reason> {
        match self {
            Container::List(items) | Container::Tuple(items) => each_in(items, visit),
            Container::Dict(entries) => each_in_entries(entries, visit),
            Container::Object(object) => {
                match &object.construction {
                    OpenConstruction::OldStyle { args, .. } => each_in(args, visit)?,
                    OpenConstruction::Reduce { callable: first, args }
                    | OpenConstruction::NewObject { class: first, args } => each_in([first, args], visit)?,
                }
                each_in(&object.state, visit)?;
                each_in(&object.items, visit)?;
                each_in_entries(&object.entries, visit)
            }
        }
    }
}

impl OpenConstruction {
    fn len(&self) -> usize {
        match self {
            OpenConstruction::OldStyle { args, .. } => 1 + args.len(),
            OpenConstruction::Reduce { .. } | OpenConstruction::NewObject { .. } => 2,
        }
    }
}

fn each_in<'n>(
    nodes: impl IntoIterator<Item = &'n Node>,
    visit: &mut dyn FnMut(u32) -> Result<(), Reason>,
) -> Result<(), Reason> {
    for node in nodes {
        if let Node::Ref(id) = node {
            visit(*id)?;
        }
    }
    Ok(())
}

fn each_in_entries(entries: &[(Node, Node)], visit: &mut dyn FnMut(u32) -> Result<(), Reason>) -> Result<(), Reason> {
    entries.iter().try_for_each(|(key, value)| each_in([key, value], visit))
}

/// Strings that the pickle fetches again. Those that were are distinguished when their container is built, by a remark in
/// the string itself, so that the writer need not look up each of the many that occur once.
struct SharedStrings<'a> {
    data: &'a ByteStr,
    /// A bit for each byte of the data: whether a string that begins there was fetched.
    fetched: Vec<u64>,
}

impl<'a> SharedStrings<'a> {
    fn new(data: &'a ByteStr) -> Self {
        SharedStrings { data, fetched: Vec::new() }
    }

    /// Where in the data a string begins, if it is a window on them.
    fn offset(&self, s: &ByteStr) -> Option<usize> {
        let ((buffer, start, len), (data, first, _)) = (s.identity(), self.data.identity());
        (buffer == data && len > 0).then(|| start.wrapping_sub(first) as usize)
    }

    fn note(&mut self, s: &ByteStr) {
        let Some(at) = self.offset(s) else { return };
        if self.fetched.is_empty() {
            self.fetched = vec![0; self.data.len() / 64 + 1];
        }
        if let Some(word) = self.fetched.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn settle(&self, s: ByteStr) -> ByteStr {
        if self.fetched.is_empty() {
            return s;
        }
        match self.offset(&s) {
            Some(at) if self.fetched.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1) => s.marked_shared(),
            _ => s,
        }
    }
}
