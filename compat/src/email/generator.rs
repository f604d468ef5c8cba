//! From [`Message`] to text, as Python 2.7.18's generator writes it for Mailman.
//!
//! Answers to `email.generator.Generator` and to Mailman's subclass of it, which folds the headers of the outermost
//! message only. Everything goes straight to the output in windows on the payloads; Python writes parts into strings
//! first, which shows in one place: the error that it raises is the innermost, last part's before the headers'.

use super::boundary;
use super::header::HeaderError;
use super::header_block::{ascii, header_block};
use super::message::{HeaderValue, Message, Payload, MAX_DEPTH};
use super::params::{repr_of, ParamError, Text};
use crate::clock;
use crate::value::{UniStr, Value};
use crate::ByteStr;
use std::io::{self, Write};

/// Header lines of the outermost message are folded at this width.
const FOLD_AT: usize = 78;

/// How a message is written.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Begin with the envelope line; one is made up where the message has none.
    pub unixfrom: bool,
    /// Put `>` before `From ` at the beginning of a line, as mbox files need it.
    pub mangle_from: bool,
    /// Where header lines of the outermost message are folded; 0 leaves them alone.
    pub fold_at: usize,
    /// The same for all other headers. Mailman leaves them alone, `email.generator.Generator` itself does not.
    pub fold_parts_at: usize,
}

impl Options {
    /// Mailman's `as_string(unixfrom, mangle_from_)`.
    pub fn mailman(unixfrom: bool, mangle_from: bool) -> Self {
        Options { unixfrom, mangle_from, fold_at: FOLD_AT, fold_parts_at: 0 }
    }

    /// `email.message.Message.as_string`, for messages that are not Mailman's.
    pub fn plain_email(unixfrom: bool) -> Self {
        Options { unixfrom, mangle_from: true, fold_at: FOLD_AT, fold_parts_at: FOLD_AT }
    }

    fn generator(self) -> Generator {
        Generator { mangle_from: self.mangle_from, fold_parts_at: self.fold_parts_at }
    }
}

/// Why a message can't be written. The texts are those of Python's exceptions.
#[derive(Debug, thiserror::Error)]
pub enum FlattenError {
    /// `email.errors.HeaderParseError`
    #[error("{0}")]
    HeaderParse(String),
    /// `TypeError`, `AttributeError`, `IndexError` and the like: the object is not what a message should be.
    #[error("{text}")]
    Shape { exception: &'static str, text: String },
    /// `UnicodeEncodeError`: a `unicode` that is not ASCII.
    #[error("{0}")]
    Unicode(String),
    /// Nested too deeply; Python's recursion limit.
    #[error("maximum recursion depth exceeded")]
    TooDeep,
    /// The output can't be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl FlattenError {
    /// Python's name of the exception, for log entries.
    pub fn exception(&self) -> &'static str {
        match self {
            FlattenError::HeaderParse(_) => "HeaderParseError",
            FlattenError::Shape { exception, .. } => exception,
            FlattenError::Unicode(_) => "UnicodeEncodeError",
            FlattenError::TooDeep => "RuntimeError",
            FlattenError::Io(_) => "IOError",
        }
    }
}

impl From<ParamError> for FlattenError {
    fn from(error: ParamError) -> Self {
        FlattenError::HeaderParse(error.to_string())
    }
}

impl From<HeaderError> for FlattenError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Embedded(value) => {
                let value = repr_of(&value);
                FlattenError::HeaderParse(format!("header value appears to contain an embedded header: {value}"))
            }
            error => FlattenError::HeaderParse(error.to_string()),
        }
    }
}

/// Mailman's `msg.as_string(unixfrom, mangle_from_)`. A multipart without a boundary gets one, for good.
///
/// # Errors
/// A message that Python's generator fails on: [`FlattenError`] says on what.
pub fn as_bytes(msg: &mut Message, unixfrom: bool, mangle_from: bool) -> Result<Vec<u8>, FlattenError> {
    let mut out = Vec::with_capacity(size_hint(msg));
    flatten_to(msg, Options::mailman(unixfrom, mangle_from), &mut out)?;
    Ok(out)
}

/// `str(msg).split('\n\n', 1)[1]`: a body as it would be written. `None` where nothing stands behind the headers.
///
/// # Errors
/// A message that Python's generator fails on: [`FlattenError`] says on what.
pub fn written_body(msg: &mut Message) -> Result<Option<ByteStr>, FlattenError> {
    let text = ByteStr::new(as_bytes(msg, false, true)?);
    Ok(memchr::memmem::find(&text, b"\n\n").map(|at| text.slice_from(at + 2)))
}

/// Writes a message. After an error the output holds a part of it.
///
/// # Errors
/// As [`as_bytes`], or the writer's.
pub fn flatten_to(msg: &mut Message, options: Options, out: &mut dyn Write) -> Result<(), FlattenError> {
    let before = lacks_boundary_somewhere(msg).then(|| msg.clone());
    let written = make_boundaries(msg, 0).and_then(|()| flatten_bounded(msg, options, out));
    if let (Err(error), Some(before)) = (&written, before) {
        if !matches!(error, FlattenError::Io(_)) {
            *msg = before;
            // It stops where the writing did.
            let _ = options.generator().bound_until_failure(msg, options.fold_at, 0);
        }
    }
    written
}

fn lacks_boundary_somewhere(msg: &Message) -> bool {
    msg.walk().any(|part| lacks_boundary(part, &shape(part)))
}

/// Writes a message in which every multipart has its boundary.
fn flatten_bounded(msg: &Message, options: Options, out: &mut dyn Write) -> Result<(), FlattenError> {
    if options.unixfrom {
        match msg.unixfrom.as_deref().filter(|line| !line.is_empty()) {
            Some(line) => out.write_all(line)?,
            None => write!(out, "From nobody {}", clock::local().format("%a %b %e %H:%M:%S %Y"))?,
        }
        out.write_all(b"\n")?;
    }
    options.generator().message(msg, options.fold_at, 0, out)
}

/// About how long the text will be, so that a large one is not moved while it grows.
fn size_hint(msg: &Message) -> usize {
    let part = |part: &Message| {
        let headers: usize = part.headers.iter().map(|(name, value)| name.len() + 4 + value_len(value)).sum();
        let around = part.preamble.as_ref().map_or(0, |t| t.len()) + part.epilogue.as_ref().map_or(0, |t| t.len());
        headers + around + part.payload_str().map_or(0, |text| text.len()) + 80
    };
    msg.walk().map(part).sum()
}

fn value_len(value: &HeaderValue) -> usize {
    value.as_str().map_or(80, |text| text.len() + text.len() / 60)
}

/// How Python's generator picks its method: by the whole type, then by the main type.
#[derive(PartialEq)]
enum Shape {
    Multipart,
    Signed,
    DeliveryStatus,
    Message,
    Leaf,
}

/// The type is turned into the name of a method, `-` into `_`, so that `multipart_signed/x` is a multipart too.
fn shape(msg: &Message) -> Shape {
    let name = |text: &[u8]| text.iter().map(|&b| if matches!(b, b'-' | b'/') { b'_' } else { b }).collect::<Vec<u8>>();
    let specific = name(&msg.content_type());
    let of = |name: &[u8]| match name {
        b"multipart" => Some(Shape::Multipart),
        b"multipart_signed" => Some(Shape::Signed),
        b"message_delivery_status" => Some(Shape::DeliveryStatus),
        b"message" => Some(Shape::Message),
        b"text" => Some(Shape::Leaf),
        _ => None,
    };
    of(&specific).or_else(|| of(&name(&msg.main_type()))).unwrap_or(Shape::Leaf)
}

/// Gives every multipart that is about to be written a boundary where it has none.
fn make_boundaries(msg: &mut Message, depth: usize) -> Result<(), FlattenError> {
    if depth > MAX_DEPTH {
        return Err(FlattenError::TooDeep);
    }
    let shape = shape(msg);
    if shape == Shape::Leaf {
        return Ok(());
    }
    for part in msg.parts_mut() {
        make_boundaries(part, depth + 1)?;
    }
    if lacks_boundary(msg, &shape) {
        msg.set_boundary(new_boundary(msg).as_bytes())?;
    }
    Ok(())
}

/// Whether this is a multipart that is yet to get its boundary.
fn lacks_boundary(msg: &Message, shape: &Shape) -> bool {
    // A list that is not all messages fails before Python comes to the boundary.
    let has_none = matches!(msg.payload, Payload::Str(_) | Payload::Unicode(_) | Payload::Other(Value::List(_)));
    matches!(shape, Shape::Multipart | Shape::Signed)
        && !has_none
        && msg.get_boundary().is_none_or(|text| text.is_empty())
}

/// A boundary that is in no text of the message.
fn new_boundary(msg: &Message) -> String {
    let mut boundary = boundary::make();
    while occurs(msg, boundary.as_bytes()) {
        boundary = boundary::make();
    }
    boundary
}

/// Whether a part has this in its text, where it could end the part before its time.
fn occurs(msg: &Message, boundary: &[u8]) -> bool {
    let text_of = |part: &Message| match &part.payload {
        Payload::Str(text) | Payload::Unicode(UniStr(text)) => Some(text.clone()),
        _ => None,
    };
    let texts = |part: &Message| [text_of(part), part.preamble.clone(), part.epilogue.clone()];
    msg.walk().flat_map(texts).flatten().any(|text| memchr::memmem::find(&text, boundary).is_some())
}

struct Generator {
    mangle_from: bool,
    fold_parts_at: usize,
}

type Written = Result<(), FlattenError>;

impl Generator {
    fn message(&self, msg: &Message, fold_at: usize, depth: usize, out: &mut dyn Write) -> Written {
        if depth > MAX_DEPTH {
            return Err(FlattenError::TooDeep);
        }
        match header_block(msg, fold_at) {
            Ok(block) => out.write_all(&block)?,
            Err(error) => {
                // Python writes the body first; an error there is the one that is seen.
                self.body(msg, depth, &mut io::sink())?;
                return Err(error);
            }
        }
        self.body(msg, depth, out)
    }

    /// Gives boundaries as far as Python gets with a message that cannot be written: a multipart has its own only when
    /// all its parts are written, and its headers come last.
    fn bound_until_failure(&self, msg: &mut Message, fold_at: usize, depth: usize) -> Written {
        let shape = shape(msg);
        if shape == Shape::Leaf || msg.parts().is_empty() {
            return self.message(msg, fold_at, depth, &mut io::sink());
        }
        let inner = match shape {
            Shape::Signed => Generator { fold_parts_at: 0, ..*self },
            _ => Generator { ..*self },
        };
        let mut parts = msg.parts_mut().iter_mut();
        parts.try_for_each(|part| inner.bound_until_failure(part, inner.fold_parts_at, depth + 1))?;
        if lacks_boundary(msg, &shape) {
            msg.set_boundary(new_boundary(msg).as_bytes())?;
        }
        header_block(msg, fold_at).map(drop)
    }

    fn part(&self, part: &Message, depth: usize, out: &mut dyn Write) -> Written {
        self.message(part, self.fold_parts_at, depth + 1, out)
    }

    fn body(&self, msg: &Message, depth: usize, out: &mut dyn Write) -> Written {
        match shape(msg) {
            Shape::Leaf => self.leaf(msg, out),
            Shape::Multipart => self.multipart(msg, depth, out),
            // The headers of signed parts stay as they are, all the way down.
            Shape::Signed => Generator { fold_parts_at: 0, ..*self }.multipart(msg, depth, out),
            Shape::DeliveryStatus => self.delivery_status(msg, depth, out),
            Shape::Message => self.enclosed(msg, depth, out),
        }
    }

    fn leaf(&self, msg: &Message, out: &mut dyn Write) -> Written {
        match &msg.payload {
            Payload::None => Ok(()),
            Payload::Str(text) => self.text(text, out),
            Payload::Unicode(text) => self.text(&ascii(text)?, out),
            Payload::Parts(_) => Err(shape_error("TypeError", "string payload expected: <type 'list'>".into())),
            Payload::Other(value) => {
                Err(shape_error("TypeError", format!("string payload expected: <type '{}'>", value.type_name())))
            }
        }
    }

    /// A text, its `From ` lines marked where that is asked for.
    fn text(&self, text: &[u8], out: &mut dyn Write) -> Written {
        let mut rest = text;
        if self.mangle_from {
            let mut done = 0;
            for at in memchr::memmem::find_iter(text, b"From ") {
                if at == 0 || text[at - 1] == b'\n' {
                    out.write_all(&text[done..at])?;
                    out.write_all(b">")?;
                    done = at;
                }
            }
            rest = &text[done..];
        }
        Ok(out.write_all(rest)?)
    }

    fn multipart(&self, msg: &Message, depth: usize, out: &mut dyn Write) -> Written {
        match &msg.payload {
            Payload::Str(text) => return Ok(out.write_all(text)?),
            Payload::Unicode(text) => return Ok(out.write_all(&ascii(text)?)?),
            Payload::Other(value) => return Err(not_a_message(value)),
            Payload::None | Payload::Parts(_) => {}
        }
        let boundary = match boundary_line(msg) {
            Ok(boundary) => boundary,
            Err(error) => {
                // Python has written the parts by now; see above.
                msg.parts().iter().try_for_each(|part| self.part(part, depth, &mut io::sink()))?;
                return Err(error);
            }
        };
        if let Some(preamble) = &msg.preamble {
            self.text(preamble, out)?;
            out.write_all(b"\n")?;
        }
        out.write_all(&boundary)?;
        out.write_all(b"\n")?;
        for (number, part) in msg.parts().iter().enumerate() {
            if number > 0 {
                write_all(out, &[b"\n", &boundary, b"\n"])?;
            }
            self.part(part, depth, out)?;
        }
        write_all(out, &[b"\n", &boundary, b"--\n"])?;
        msg.epilogue.as_ref().map_or(Ok(()), |epilogue| self.text(epilogue, out))
    }

    /// Blocks of headers: each one's empty body brings the blank line that separates it from the next.
    fn delivery_status(&self, msg: &Message, depth: usize, out: &mut dyn Write) -> Written {
        let parts = match &msg.payload {
            Payload::Parts(parts) => parts,
            Payload::Str(text) if text.is_empty() => return Ok(()),
            Payload::Str(_) => return Err(not_a_message(&Value::str(""))),
            Payload::Unicode(_) => return Err(not_a_message(&Value::Unicode(UniStr::default()))),
            Payload::None => return Err(not_iterable(&Value::None)),
            Payload::Other(value) => return Err(not_iterable(value)),
        };
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                out.write_all(b"\n")?;
            }
            let mut held = HeldNewline { out, held: false };
            self.part(part, depth, &mut held)?;
        }
        Ok(())
    }

    /// `message/*`: the first message of the list, or a text, which is never marked.
    fn enclosed(&self, msg: &Message, depth: usize, out: &mut dyn Write) -> Written {
        match &msg.payload {
            Payload::Parts(parts) => match parts.first() {
                Some(part) => self.part(part, depth, out),
                None => Err(shape_error("IndexError", "list index out of range".into())),
            },
            Payload::Str(text) => Ok(out.write_all(text)?),
            Payload::Unicode(text) => Ok(out.write_all(&ascii(text)?)?),
            Payload::None => Err(not_a_string("None")),
            Payload::Other(value) => Err(not_a_string(value.type_name())),
        }
    }
}

/// `--` and the boundary.
fn boundary_line(msg: &Message) -> Result<Vec<u8>, FlattenError> {
    Ok(match msg.get_boundary() {
        Some(Text::Bytes(text)) => [b"--", &text[..]].concat(),
        Some(Text::Unicode(text)) => ascii(&UniStr([b"--", &text.0[..]].concat().into()))?.to_vec(),
        None => b"--".to_vec(),
    })
}

fn write_all(out: &mut dyn Write, pieces: &[&[u8]]) -> Written {
    pieces.iter().try_for_each(|piece| out.write_all(piece))?;
    Ok(())
}

pub(super) fn shape_error(exception: &'static str, text: String) -> FlattenError {
    FlattenError::Shape { exception, text }
}

fn not_a_message(value: &Value) -> FlattenError {
    let text = format!("'{}' object has no attribute 'get_content_maintype'", value.type_name());
    shape_error("AttributeError", text)
}

fn not_iterable(value: &Value) -> FlattenError {
    shape_error("TypeError", format!("'{}' object is not iterable", value.type_name()))
}

fn not_a_string(what: &str) -> FlattenError {
    shape_error("TypeError", format!("write() argument 1 must be string or buffer, not {what}"))
}

/// Holds a final newline back, which is lost when nothing follows it.
struct HeldNewline<'a> {
    out: &'a mut dyn Write,
    held: bool,
}

impl Write for HeldNewline<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.held {
            self.out.write_all(b"\n")?;
        }
        let now = bytes.strip_suffix(b"\n");
        self.held = now.is_some();
        self.out.write_all(now.unwrap_or(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
