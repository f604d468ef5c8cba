//! The stack machine that a pickle is a program for.
//!
//! Answers to `cPickle.load`. Class names are labels; instances become [`Object`](super::Object)s that remember how they
//! were made. Every instruction checks what it takes from the stack, and never reaches below the last mark.

use super::arena::{Arena, Container, Node, OpenConstruction, OpenObject};
use super::input::Input;
use super::layout::{Layout, Recorder};
use super::memo::Memo;
use super::skim::Skimmer;
use super::{opcode, text, PickleError, Reason};
use crate::value::{Global, Value};
use crate::ByteStr;
use std::rc::Rc;

/// How many values may lie on the stack.
const MAX_STACK: usize = 1 << 25;

/// Values that any pickle may unfold to when sharing is undone, however small it is.
const MIN_UNFOLDED: usize = 1_000_000;

/// Reads one pickle from the start of the data; also returns how many bytes it took. Strings share the buffer.
///
/// # Errors
/// What is damaged, truncated, hostile or not of Python 2 is refused with its place.
pub fn load(data: &ByteStr) -> Result<(Value, usize), PickleError> {
    Loader::new(data).run().map(|(value, consumed, _)| (value, consumed))
}

/// Reads a pickled dictionary with `str` keys, as a list's `config.pck` is, and notes where each value lies, so that
/// the file can be written again without pickling what did not change.
///
/// # Errors
/// As [`load`]. A pickle of something else is no error here: there is no layout then.
pub fn load_laid_out(data: &ByteStr) -> Result<(Value, Option<Layout>), PickleError> {
    let mut loader = Loader::new(data);
    loader.recorder = Some(Recorder::default());
    let (value, _, recorder) = loader.run()?;
    let layout = recorder.and_then(|recorder| recorder.finish(data, value.as_dict()?));
    Ok((value, layout))
}

/// Reads one pickle, but leaves what the skimmer passes over. `None` where anything is wrong or in doubt.
pub(super) fn run_skimming(data: &ByteStr, skimmer: Skimmer) -> Option<(Value, Skimmer)> {
    let mut loader = Loader::new(data);
    loader.skimmer = Some(Box::new(skimmer));
    let root = loader.interpret().ok().and_then(|_| loader.pop().ok())?;
    let skimmer = loader.skimmer.take().filter(|skimmer| !skimmer.is_odd)?;
    let limit = loader.limit().saturating_sub(skimmer.weight);
    drop(loader.memo);
    let value = loader.arena.finish(root, limit).ok()?;
    Some((value, *skimmer))
}

struct Loader<'a> {
    input: Input<'a>,
    stack: Vec<Node>,
    marks: Vec<usize>,
    memo: Memo,
    arena: Arena<'a>,
    recorder: Option<Recorder>,
    skimmer: Option<Box<Skimmer>>,
    size: usize,
}

impl<'a> Loader<'a> {
    fn new(data: &'a ByteStr) -> Self {
        Loader {
            input: Input::new(data),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Memo::default(),
            arena: Arena::new(data),
            recorder: None,
            skimmer: None,
            size: data.len(),
        }
    }

    fn run(mut self) -> Result<(Value, usize, Option<Recorder>), PickleError> {
        let offset = self.interpret()?;
        let fail = |reason| PickleError { offset, reason };
        let root = self.pop().map_err(fail)?;
        let (consumed, limit) = (self.input.position(), self.limit());
        drop(self.memo);
        let value = self.arena.finish(root, limit).map_err(fail)?;
        Ok((value, consumed, self.recorder))
    }

    /// How many values the pickle may unfold to.
    fn limit(&self) -> usize {
        self.size.saturating_mul(16).max(MIN_UNFOLDED)
    }

    /// Runs up to STOP; returns where that is.
    fn interpret(&mut self) -> Result<usize, PickleError> {
        loop {
            let offset = self.input.position();
            let fail = |reason| PickleError { offset, reason };
            let op = self.input.byte().map_err(fail)?;
            if self.marks.len() <= 1 {
                self.record(op, offset);
            }
            if op == opcode::STOP {
                return Ok(offset);
            }
            if op == opcode::EMPTY_DICT && self.skimmer.is_some() && self.skim(offset).map_err(fail)? {
                continue;
            }
            self.step(op, offset).map_err(fail)?;
        }
    }

    /// Leaves a dictionary that is the value of an item of the outermost one, if it may be left.
    fn skim(&mut self, offset: usize) -> Result<bool, Reason> {
        let is_value = self.marks.len() == 1 && (self.stack.len() - self.floor()) % 2 == 1;
        let skimmed = self.skimmer.as_mut().filter(|_| is_value).and_then(|skimmer| skimmer.skim(offset, &self.memo));
        let Some((end, stand_in)) = skimmed else { return Ok(false) };
        self.input.go_to(end);
        // Counts as the dictionary that it stands for.
        self.arena.add(Container::Tuple(Vec::new()))?;
        self.push_value(stand_in)?;
        Ok(true)
    }

    /// One instruction. A table: each line says what an instruction takes and leaves.
    fn step(&mut self, op: u8, offset: usize) -> Result<(), Reason> {
        match op {
            opcode::SHORT_BINSTRING => {
                let len = self.input.byte()? as usize;
                self.string(len)
            }
            opcode::BINSTRING => {
                let len = self.input.length()?;
                self.string(len)
            }
            opcode::BININT1 => self.input.byte().and_then(|n| self.push_value(Value::Int(i64::from(n)))),
            opcode::BININT2 => self.input.u16().and_then(|n| self.push_value(Value::Int(i64::from(n)))),
            opcode::BININT => self.input.u32().and_then(|n| self.push_value(Value::Int(i64::from(n as i32)))),
            opcode::NONE => self.push_value(Value::None),
            opcode::INT => self.input.line().and_then(text::int).and_then(|v| self.push_value(v)),
            opcode::LONG => self.input.shared_line().and_then(|line| self.push_value(text::long(&line)?)),
            opcode::FLOAT => self.input.line().and_then(text::float).and_then(|v| self.push_value(v)),
            opcode::BINFLOAT => {
                let bits = self.input.array()?;
                self.push_value(Value::Float(f64::from_be_bytes(bits)))
            }
            opcode::STRING => self.input.shared_line().and_then(|s| self.push_value(Value::Str(text::quoted(&s)?))),
            opcode::UNICODE => {
                let line = self.input.shared_line()?;
                self.push_value(Value::Unicode(text::raw_unicode(&line)?))
            }
            opcode::BINUNICODE => {
                let len = self.input.length()?;
                let text = text::utf8(self.input.take(len)?)?;
                self.push_value(Value::Unicode(text))
            }
            opcode::GLOBAL => {
                let class = self.global()?;
                self.push_value(Value::Global(class))
            }
            opcode::MARK => self.mark(),
            opcode::POP => self.discard(),
            opcode::POP_MARK => self.take_to_mark().map(drop),
            opcode::DUP => self.top().cloned().and_then(|node| self.push(node)),
            opcode::PUT => self.input.line().and_then(text::note).and_then(|id| self.put(id, offset)),
            opcode::BINPUT => self.input.byte().and_then(|id| self.put(u32::from(id), offset)),
            opcode::LONG_BINPUT => self.input.u32().and_then(|id| self.put(id, offset)),
            opcode::GET => self.input.line().and_then(text::note).and_then(|id| self.get(id, offset)),
            opcode::BINGET => self.input.byte().and_then(|id| self.get(u32::from(id), offset)),
            opcode::LONG_BINGET => self.input.u32().and_then(|id| self.get(id, offset)),
            opcode::EMPTY_DICT => self.push_container(Container::Dict(Vec::new())),
            opcode::EMPTY_LIST => self.push_container(Container::List(Vec::new())),
            opcode::EMPTY_TUPLE => self.push_tuple(Vec::new()),
            opcode::DICT => self.dict_from_mark(),
            opcode::LIST => self.take_to_mark().and_then(|items| self.push_container(Container::List(items))),
            opcode::TUPLE => self.take_to_mark().and_then(|items| self.push_tuple(items)),
            opcode::TUPLE1 => self.last(1).and_then(|items| self.push_tuple(items)),
            opcode::TUPLE2 => self.last(2).and_then(|items| self.push_tuple(items)),
            opcode::TUPLE3 => self.last(3).and_then(|items| self.push_tuple(items)),
            opcode::APPEND => self.base(1).and_then(|from| self.append_from(from)),
            opcode::APPENDS => self.pop_mark().and_then(|from| self.append_from(from)),
            opcode::SETITEM => self.base(2).and_then(|from| self.set_items_from(from)),
            opcode::SETITEMS => self.pop_mark().and_then(|from| self.set_items_from(from)),
            opcode::OBJ => self.instance_of_pushed_class(),
            opcode::INST => self.instance_of_named_class(),
            opcode::REDUCE => self.reduce(),
            opcode::NEWOBJ => self.new_object(),
            opcode::BUILD => self.build(),
            opcode::NEWTRUE => self.push_value(Value::Bool(true)),
            opcode::NEWFALSE => self.push_value(Value::Bool(false)),
            opcode::LONG1 => {
                let len = self.input.byte()? as usize;
                self.long(len)
            }
            opcode::LONG4 => {
                let len = self.input.length()?;
                self.long(len)
            }
            opcode::PROTO => self.input.byte().and_then(check_protocol),
            opcode::PERSID | opcode::BINPERSID => Err(Reason::Outside("a persistent id")),
            opcode::EXT1 | opcode::EXT2 | opcode::EXT4 => Err(Reason::Outside("an extension code")),
            unknown => Err(Reason::UnknownOpcode(unknown)),
        }
    }

    fn push(&mut self, node: Node) -> Result<(), Reason> {
        if self.stack.len() >= MAX_STACK {
            return Err(Reason::TooMany(MAX_STACK));
        }
        self.stack.push(node);
        Ok(())
    }

    fn push_value(&mut self, value: Value) -> Result<(), Reason> {
        self.push(Node::Done(value))
    }

    fn push_container(&mut self, container: Container) -> Result<(), Reason> {
        let node = self.arena.add(container)?;
        self.push(node)
    }

    fn push_tuple(&mut self, items: Vec<Node>) -> Result<(), Reason> {
        self.push_container(Container::Tuple(items))
    }

    fn push_object(&mut self, construction: OpenConstruction) -> Result<(), Reason> {
        let object = OpenObject { construction, state: None, items: Vec::new(), entries: Vec::new() };
        self.push_container(Container::Object(Box::new(object)))
    }

    fn string(&mut self, len: usize) -> Result<(), Reason> {
        let bytes = self.input.take(len)?;
        self.push_value(Value::Str(bytes))
    }

    fn long(&mut self, len: usize) -> Result<(), Reason> {
        let bytes = self.input.take(len)?;
        self.push_value(text::binary_long(&bytes)?)
    }

    fn global(&mut self) -> Result<Rc<Global>, Reason> {
        let module = self.input.shared_line()?;
        let name = self.input.shared_line()?;
        Ok(Rc::new(Global { module, name }))
    }

    /// Where the values above the last mark begin.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn mark(&mut self) -> Result<(), Reason> {
        if self.marks.len() >= MAX_STACK {
            return Err(Reason::TooMany(MAX_STACK));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn top(&self) -> Result<&Node, Reason> {
        self.stack.get(self.floor()..).and_then(<[Node]>::last).ok_or(Reason::StackEmpty)
    }

    fn pop(&mut self) -> Result<Node, Reason> {
        if self.stack.len() <= self.floor() {
            return Err(Reason::StackEmpty);
        }
        self.stack.pop().ok_or(Reason::StackEmpty)
    }

    /// POP takes a value, or a mark where that is the last thing.
    fn discard(&mut self) -> Result<(), Reason> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    fn last(&mut self, count: usize) -> Result<Vec<Node>, Reason> {
        let from = self.base(count)?;
        Ok(self.stack.split_off(from))
    }

    fn take_to_mark(&mut self) -> Result<Vec<Node>, Reason> {
        let from = self.pop_mark()?;
        Ok(self.stack.split_off(from))
    }

    fn dict_from_mark(&mut self) -> Result<(), Reason> {
        let from = self.pop_mark()?;
        let mut entries = Vec::new();
        add_pairs(self.stack.drain(from..), &mut entries)?;
        self.push_container(Container::Dict(entries))
    }

    fn put(&mut self, id: u32, offset: usize) -> Result<(), Reason> {
        let node = self.top()?.clone();
        self.memo.put(id, node);
        if let Some(skimmer) = &mut self.skimmer {
            skimmer.noted(id);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.uses.put(id, offset);
        }
        Ok(())
    }

    fn get(&mut self, id: u32, offset: usize) -> Result<(), Reason> {
        let noted = self.memo.get(id).cloned().or_else(|| self.skimmer.as_ref()?.string_of(id).map(Node::Done));
        let node = noted.ok_or(Reason::NotNoted(id))?;
        self.arena.fetched(&node);
        if let Some(recorder) = &mut self.recorder {
            recorder.uses.got(id, offset);
        }
        self.push(node)
    }

    /// Where the last `count` values begin.
    fn base(&self, count: usize) -> Result<usize, Reason> {
        self.stack.len().checked_sub(count).filter(|&from| from >= self.floor()).ok_or(Reason::StackEmpty)
    }

    fn pop_mark(&mut self) -> Result<usize, Reason> {
        self.marks.pop().ok_or(Reason::NoMark)
    }

    /// The value below a place on the stack.
    fn below(&self, from: usize) -> Result<Node, Reason> {
        let below = from.checked_sub(1).filter(|&at| at >= self.floor());
        below.and_then(|at| self.stack.get(at)).cloned().ok_or(Reason::StackEmpty)
    }

    fn append_from(&mut self, from: usize) -> Result<(), Reason> {
        let target = self.below(from)?;
        let nodes = self.stack.drain(from..);
        match self.arena.open(&target) {
            Some(Container::List(items)) => items.extend(nodes),
            Some(Container::Object(object)) if object.state.is_none() => object.items.extend(nodes),
            _ => return Err(Reason::WrongKind("APPEND")),
        }
        Ok(())
    }

    fn set_items_from(&mut self, from: usize) -> Result<(), Reason> {
        let target = self.below(from)?;
        let nodes = self.stack.drain(from..);
        match self.arena.open(&target) {
            Some(Container::Dict(entries)) => add_pairs(nodes, entries),
            Some(Container::Object(object)) if object.state.is_none() => add_pairs(nodes, &mut object.entries),
            _ => Err(Reason::WrongKind("SETITEM")),
        }
    }

    fn instance_of_pushed_class(&mut self) -> Result<(), Reason> {
        let mut args = self.take_to_mark()?.into_iter();
        match args.next() {
            Some(Node::Done(Value::Global(class))) => {
                self.push_object(OpenConstruction::OldStyle { class, args: args.collect() })
            }
            Some(_) => Err(Reason::WrongKind("OBJ")),
            None => Err(Reason::StackEmpty),
        }
    }

    fn instance_of_named_class(&mut self) -> Result<(), Reason> {
        let class = self.global()?;
        let args = self.take_to_mark()?;
        self.push_object(OpenConstruction::OldStyle { class, args })
    }

    fn reduce(&mut self) -> Result<(), Reason> {
        let (args, callable) = (self.pop()?, self.pop()?);
        if !self.arena.is_tuple(&args) {
            return Err(Reason::WrongKind("REDUCE"));
        }
        self.push_object(OpenConstruction::Reduce { callable, args })
    }

    fn new_object(&mut self) -> Result<(), Reason> {
        let (args, class) = (self.pop()?, self.pop()?);
        if !self.arena.is_tuple(&args) {
            return Err(Reason::WrongKind("NEWOBJ"));
        }
        self.push_object(OpenConstruction::NewObject { class, args })
    }

    fn build(&mut self) -> Result<(), Reason> {
        let state = self.pop()?;
        let target = self.top()?.clone();
        match self.arena.open(&target) {
            Some(Container::Object(object)) if object.state.is_none() => object.state = Some(state),
            _ => return Err(Reason::WrongKind("BUILD")),
        }
        Ok(())
    }

    fn record(&mut self, op: u8, offset: usize) {
        let Some(recorder) = &mut self.recorder else { return };
        match (self.marks.last(), op) {
            (None, _) => recorder.outside(op),
            (Some(1), opcode::SETITEMS) => recorder.batch(self.stack.len() - 1, offset),
            (Some(&floor), _) => recorder.instruction(self.stack.len().saturating_sub(floor), offset),
        }
    }
}

fn check_protocol(protocol: u8) -> Result<(), Reason> {
    if protocol <= 2 {
        Ok(())
    } else {
        Err(Reason::Protocol(protocol))
    }
}

/// Keys and values, which lie on the stack in turn, become entries.
fn add_pairs(nodes: impl ExactSizeIterator<Item = Node>, entries: &mut Vec<(Node, Node)>) -> Result<(), Reason> {
    if nodes.len() % 2 != 0 {
        return Err(Reason::StackEmpty);
    }
    entries.reserve(nodes.len() / 2);
    let mut nodes = nodes;
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        entries.push((key, value));
    }
    Ok(())
}
