//! Values as pickles that `cPickle` of Python 2.3 to 2.7 loads, with the instructions that 2.7 chooses.
//!
//! What is shared is written once and fetched from then on. Containers that are held once need no note, and neither do
//! strings: one is looked up only if its file fetched it too or if it has a buffer of its own that somebody else holds
//! ([`ByteStr::may_be_shared`]), which leaves most strings of a roster out of it.

use super::arena::MAX_DEPTH;
use super::{opcode, render};
use crate::value::Seed;
use crate::value::{Construction, Dict, Global, Object, UniStr, Value};
use crate::ByteStr;
use std::collections::HashMap;
use std::io::{self, Write};
use std::rc::Rc;

/// The pickle protocols that Python 2 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Text: `pending.pck`.
    P0,
    /// Binary: everything else that Mailman writes.
    P1,
    /// Binary, from Python 2.3; Mailman never writes it.
    P2,
}

/// Bytes that are gathered before they go to the output; larger strings go there directly.
const BUFFER: usize = 1 << 16;
/// What most pickles need.
const FIRST_ROOM: usize = 2048;

/// Writes a value as one pickle.
///
/// # Errors
/// What the output reports; `InvalidData` for a value that is nested deeper than [`MAX_DEPTH`] or a text that is no
/// decimal number in a `long`.
pub fn dump(value: &Value, protocol: Protocol, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(out, protocol, 1);
    if protocol == Protocol::P2 {
        writer.raw(&[opcode::PROTO, 2])?;
    }
    writer.value(value, 0)?;
    writer.raw(&[opcode::STOP])?;
    writer.finish()
}

/// Writes a dictionary that nobody shares as one pickle.
///
/// # Errors
/// As [`dump`].
pub fn dump_dict(dict: &Dict, protocol: Protocol, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(out, protocol, 1);
    if protocol == Protocol::P2 {
        writer.raw(&[opcode::PROTO, 2])?;
    }
    writer.empty_dict()?;
    writer.set_items(dict.entries(), 0)?;
    writer.raw(&[opcode::STOP])?;
    writer.finish()
}

/// A value as the bytes of one pickle.
///
/// # Errors
/// As [`dump`], for a value that Python could not load again.
pub fn dumps(value: &Value, protocol: Protocol) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    dump(value, protocol, &mut out)?;
    Ok(out)
}

/// What makes two values the same object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    Bytes(usize, u32, u32),
    Text(usize, u32, u32),
    Container(usize),
}

pub(super) struct Writer<'w> {
    out: &'w mut dyn Write,
    buffer: Vec<u8>,
    protocol: Protocol,
    notes: HashMap<Identity, u32, Seed>,
    globals: HashMap<Rc<Global>, u32>,
    next_id: u32,
}

impl<'w> Writer<'w> {
    /// A writer whose notes are numbered from `next_id` upward.
    pub(super) fn new(out: &'w mut dyn Write, protocol: Protocol, next_id: u32) -> Self {
        let buffer = Vec::with_capacity(FIRST_ROOM);
        Writer { out, buffer, protocol, notes: HashMap::default(), globals: HashMap::new(), next_id }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
            if bytes.len() > BUFFER / 2 {
                return self.out.write_all(bytes);
            }
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn is_text(&self) -> bool {
        self.protocol == Protocol::P0
    }

    pub(super) fn value(&mut self, value: &Value, depth: usize) -> io::Result<()> {
        if depth > MAX_DEPTH + 1 {
            return Err(invalid("a value is nested too deep to be pickled"));
        }
        match value {
            Value::None => self.raw(&[opcode::NONE]),
            Value::Bool(b) => self.boolean(*b),
            Value::Int(n) => self.int(*n),
            Value::Long(digits) => self.long(digits),
            Value::Float(x) => self.float(*x),
            Value::Str(s) => self.str(s),
            Value::Unicode(s) => self.unicode(s),
            Value::Tuple(items) => self.tuple(items, depth),
            Value::List(items) => self.list(items, depth),
            Value::Dict(dict) => self.dict(dict, depth),
            Value::Global(class) => self.global(class),
            Value::Object(object) => self.object(object, depth),
        }
    }

    fn values(&mut self, values: &[Value], depth: usize) -> io::Result<()> {
        values.iter().try_for_each(|value| self.value(value, depth))
    }

    fn boolean(&mut self, b: bool) -> io::Result<()> {
        match (self.protocol, b) {
            (Protocol::P2, true) => self.raw(&[opcode::NEWTRUE]),
            (Protocol::P2, false) => self.raw(&[opcode::NEWFALSE]),
            (_, true) => self.raw(b"I01\n"),
            (_, false) => self.raw(b"I00\n"),
        }
    }

    fn int(&mut self, n: i64) -> io::Result<()> {
        let Some(short) = i32::try_from(n).ok().filter(|_| !self.is_text()) else {
            return self.raw(format!("I{n}\n").as_bytes());
        };
        match short.to_le_bytes() {
            [a, 0, 0, 0] => self.raw(&[opcode::BININT1, a]),
            [a, b, 0, 0] => self.raw(&[opcode::BININT2, a, b]),
            [a, b, c, d] => self.raw(&[opcode::BININT, a, b, c, d]),
        }
    }

    fn long(&mut self, digits: &ByteStr) -> io::Result<()> {
        let plain = digits.strip_prefix(b"-").unwrap_or(digits);
        if plain.is_empty() || !plain.iter().all(u8::is_ascii_digit) {
            return Err(invalid("a long that is no decimal number"));
        }
        if let Some(bytes) = render::short_long(digits).filter(|_| self.protocol == Protocol::P2) {
            self.raw(&[opcode::LONG1, bytes.len() as u8])?;
            return self.raw(&bytes);
        }
        self.raw(&[opcode::LONG])?;
        self.raw(digits)?;
        self.raw(b"L\n")
    }

    fn float(&mut self, x: f64) -> io::Result<()> {
        if self.is_text() {
            return self.raw(format!("F{}\n", render::float(x)).as_bytes());
        }
        self.raw(&[opcode::BINFLOAT])?;
        self.raw(&x.to_bits().to_be_bytes())
    }

    fn str(&mut self, s: &ByteStr) -> io::Result<()> {
        let (buffer, start, len) = s.identity();
        let identity = is_worth_a_note(s).then_some(Identity::Bytes(buffer, start, len));
        if self.fetch(identity)? {
            return Ok(());
        }
        if self.is_text() {
            let mut line = vec![opcode::STRING];
            render::repr(s, &mut line);
            line.push(b'\n');
            self.raw(&line)?;
        } else {
            self.sized(Some(opcode::SHORT_BINSTRING), opcode::BINSTRING, s)?;
        }
        self.note(identity)
    }

    fn unicode(&mut self, s: &UniStr) -> io::Result<()> {
        let (buffer, start, len) = s.0.identity();
        let identity = is_worth_a_note(&s.0).then_some(Identity::Text(buffer, start, len));
        if self.fetch(identity)? {
            return Ok(());
        }
        if self.is_text() {
            let mut line = vec![opcode::UNICODE];
            render::raw_unicode(&s.0, &mut line);
            line.push(b'\n');
            self.raw(&line)?;
        } else {
            self.sized(None, opcode::BINUNICODE, &s.0)?;
        }
        self.note(identity)
    }

    /// A string behind its length in one byte, where there is an instruction for that and it fits, or in four.
    fn sized(&mut self, short: Option<u8>, long: u8, s: &[u8]) -> io::Result<()> {
        match (short, u8::try_from(s.len()), i32::try_from(s.len())) {
            (Some(short), Ok(len), _) => self.raw(&[short, len])?,
            (_, _, Ok(len)) => {
                self.raw(&[long])?;
                self.raw(&len.to_le_bytes())?;
            }
            _ => return Err(invalid("a string of more than 2 GiB")),
        }
        self.raw(s)
    }

    fn tuple(&mut self, items: &Rc<[Value]>, depth: usize) -> io::Result<()> {
        if items.is_empty() {
            return if self.is_text() { self.raw(b"(t") } else { self.raw(&[opcode::EMPTY_TUPLE]) };
        }
        let identity = shared(items);
        if self.fetch(identity)? {
            return Ok(());
        }
        match (self.protocol, items.len()) {
            (Protocol::P2, count @ 1..=3) => {
                self.values(items, depth + 1)?;
                self.raw(&[opcode::TUPLE1 + (count - 1) as u8])?;
            }
            _ => {
                self.raw(&[opcode::MARK])?;
                self.values(items, depth + 1)?;
                self.raw(&[opcode::TUPLE])?;
            }
        }
        self.note(identity)
    }

    fn list(&mut self, items: &Rc<Vec<Value>>, depth: usize) -> io::Result<()> {
        let identity = shared(items);
        if self.fetch(identity)? {
            return Ok(());
        }
        self.raw(if self.is_text() { b"(l" } else { b"]" })?;
        self.note(identity)?;
        self.appends(items, depth)
    }

    fn dict(&mut self, dict: &Rc<Dict>, depth: usize) -> io::Result<()> {
        let identity = shared(dict);
        if self.fetch(identity)? {
            return Ok(());
        }
        self.empty_dict()?;
        self.note(identity)?;
        self.set_items(dict.entries(), depth)
    }

    fn empty_dict(&mut self) -> io::Result<()> {
        self.raw(if self.is_text() { b"(d" } else { b"}" })
    }

    fn appends(&mut self, items: &[Value], depth: usize) -> io::Result<()> {
        let batch = if self.is_text() { 1 } else { opcode::BATCH };
        for group in items.chunks(batch) {
            if let [item] = group {
                self.value(item, depth + 1)?;
                self.raw(&[opcode::APPEND])?;
                continue;
            }
            self.raw(&[opcode::MARK])?;
            self.values(group, depth + 1)?;
            self.raw(&[opcode::APPENDS])?;
        }
        Ok(())
    }

    fn set_items(&mut self, entries: &[(Value, Value)], depth: usize) -> io::Result<()> {
        let batch = if self.is_text() { 1 } else { opcode::BATCH };
        for group in entries.chunks(batch) {
            let single = group.len() == 1;
            if !single {
                self.raw(&[opcode::MARK])?;
            }
            for (key, value) in group {
                self.value(key, depth + 1)?;
                self.value(value, depth + 1)?;
            }
            self.raw(&[if single { opcode::SETITEM } else { opcode::SETITEMS }])?;
        }
        Ok(())
    }

    /// A class. It is one object however often it was read, so the name decides.
    fn global(&mut self, class: &Rc<Global>) -> io::Result<()> {
        if let Some(&id) = self.globals.get(class) {
            return self.number(opcode::GET, opcode::BINGET, opcode::LONG_BINGET, id);
        }
        self.raw(&[opcode::GLOBAL])?;
        self.names(class)?;
        let id = self.new_id()?;
        self.globals.insert(Rc::clone(class), id);
        Ok(())
    }

    fn names(&mut self, class: &Global) -> io::Result<()> {
        for name in [&class.module, &class.name] {
            if name.contains(&b'\n') {
                return Err(invalid("a class name with a newline"));
            }
            self.raw(name)?;
            self.raw(b"\n")?;
        }
        Ok(())
    }

    fn object(&mut self, object: &Rc<Object>, depth: usize) -> io::Result<()> {
        let identity = shared(object);
        if self.fetch(identity)? {
            return Ok(());
        }
        self.construction(&object.construction, depth + 1)?;
        self.note(identity)?;
        self.appends(&object.items, depth)?;
        self.set_items(&object.entries, depth)?;
        if let Some(state) = &object.state {
            self.value(state, depth + 1)?;
            self.raw(&[opcode::BUILD])?;
        }
        Ok(())
    }

    fn construction(&mut self, construction: &Construction, depth: usize) -> io::Result<()> {
        match construction {
            Construction::OldStyle { class, args } => self.old_style(class, args, depth),
            Construction::Reduce { callable, args } => {
                self.value(callable, depth)?;
                self.value(args, depth)?;
                self.raw(&[opcode::REDUCE])
            }
            Construction::NewObject { class, args } if self.protocol == Protocol::P2 => {
                self.value(class, depth)?;
                self.value(args, depth)?;
                self.raw(&[opcode::NEWOBJ])
            }
            Construction::NewObject { class, args } => self.new_object_by_call(class, args, depth),
        }
    }

    fn old_style(&mut self, class: &Rc<Global>, args: &[Value], depth: usize) -> io::Result<()> {
        self.raw(&[opcode::MARK])?;
        if self.is_text() {
            self.values(args, depth)?;
            self.raw(&[opcode::INST])?;
            return self.names(class);
        }
        self.global(class)?;
        self.values(args, depth)?;
        self.raw(&[opcode::OBJ])
    }

    /// Below protocol 2 there is no NEWOBJ; `copy_reg.__newobj__(cls, *args)` does the same.
    fn new_object_by_call(&mut self, class: &Value, args: &Value, depth: usize) -> io::Result<()> {
        let maker = Rc::new(Global { module: "copy_reg".into(), name: "__newobj__".into() });
        self.global(&maker)?;
        self.raw(&[opcode::MARK])?;
        self.value(class, depth)?;
        self.values(args.as_items().unwrap_or(&[]), depth)?;
        self.raw(&[opcode::TUPLE, opcode::REDUCE])
    }

    /// Fetches what was noted before; whether it did.
    fn fetch(&mut self, identity: Option<Identity>) -> io::Result<bool> {
        let Some(&id) = identity.and_then(|identity| self.notes.get(&identity)) else { return Ok(false) };
        self.number(opcode::GET, opcode::BINGET, opcode::LONG_BINGET, id)?;
        Ok(true)
    }

    fn note(&mut self, identity: Option<Identity>) -> io::Result<()> {
        if let Some(identity) = identity {
            let id = self.new_id()?;
            self.notes.insert(identity, id);
        }
        Ok(())
    }

    fn new_id(&mut self) -> io::Result<u32> {
        let id = self.next_id;
        self.next_id += 1;
        self.number(opcode::PUT, opcode::BINPUT, opcode::LONG_BINPUT, id)?;
        Ok(id)
    }

    fn number(&mut self, text: u8, short: u8, long: u8, id: u32) -> io::Result<()> {
        if self.is_text() {
            let op = char::from(text);
            return self.raw(format!("{op}{id}\n").as_bytes());
        }
        if let Ok(id) = u8::try_from(id) {
            return self.raw(&[short, id]);
        }
        self.raw(&[long])?;
        self.raw(&id.to_le_bytes())
    }
}

fn shared<T: ?Sized>(object: &Rc<T>) -> Option<Identity> {
    (Rc::strong_count(object) > 1).then_some(Identity::Container(Rc::as_ptr(object).cast::<()>() as usize))
}

/// Whether a string is looked up. One byte is shorter than the fetch of a note.
fn is_worth_a_note(s: &ByteStr) -> bool {
    s.may_be_shared() && s.len() > 1
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
