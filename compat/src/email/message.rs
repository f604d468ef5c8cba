//! The message object: headers in order, a payload, and what the parser noticed.
//!
//! Answers to `email.message.Message` (and to `Mailman.Message.Message`, which only adds a version number and a few
//! methods). A message lives through the queues as a pickle, so it keeps everything that one holds: the label of its
//! class, attributes that nobody here knows, header values that are `Header` instances. Text stays bytes, and a parsed
//! message's values are windows on the text that it was parsed from.

use super::charset::Charset;
use super::header::{Header, HeaderError};
use crate::value::{Dict, Global, UniStr, Value};
use crate::ByteStr;
use std::rc::Rc;

/// How deep messages may nest: parts in parts, messages in messages. Deeper text stays the payload of the last level,
/// and a deeper object is an error when it is written. Python gives up near 250 levels.
pub const MAX_DEPTH: usize = 600;

/// What stands behind the colon of a header.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    /// A `str`, as it was parsed or set.
    Str(ByteStr),
    /// An `email.header.Header`, which is encoded when the message is written.
    Header(Rc<Header>),
    /// Anything else that a handler put there: most often a `unicode`.
    Other(Value),
}

/// The body of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Payload {
    /// `None`
    #[default]
    None,
    /// A `str`: the text of a leaf, or of a container that could not be taken apart.
    Str(ByteStr),
    /// A `unicode`
    Unicode(UniStr),
    /// A list of messages: the parts of a multipart, or the one message of a `message/*`.
    Parts(Vec<Message>),
    /// Anything else, carried through.
    Other(Value),
}

/// A message or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The class that a pickle gives it.
    pub class: Rc<Global>,
    /// Names and values in order; names keep their case and may repeat.
    pub headers: Vec<(ByteStr, HeaderValue)>,
    /// The body.
    pub payload: Payload,
    /// The envelope line `From address date`, without its line end.
    pub unixfrom: Option<ByteStr>,
    /// What stands before the first boundary.
    pub preamble: Option<ByteStr>,
    /// What stands behind the last boundary.
    pub epilogue: Option<ByteStr>,
    /// Instances of `email.errors` classes, one for each thing that the parser worked around.
    pub defects: Vec<Value>,
    /// The charset that `set_charset` was given.
    pub charset: Option<Rc<Charset>>,
    /// The type of a message without Content-Type.
    pub default_type: ByteStr,
    /// Attributes that are not in this list, such as `recips` of a notification.
    pub extra: Dict,
    /// The order of the attributes in the pickle that this was read from.
    pub(super) layout: Option<Rc<Vec<ByteStr>>>,
}

impl Message {
    /// An empty `Mailman.Message.Message`.
    pub fn new() -> Self {
        Message::of_class("Mailman.Message", "Message")
    }

    /// An empty message whose pickle names this class.
    pub fn of_class(module: &str, name: &str) -> Self {
        let class = Rc::new(Global { module: module.into(), name: name.into() });
        Message::with(class, ByteStr::from("text/plain"))
    }

    pub(super) fn with(class: Rc<Global>, default_type: ByteStr) -> Self {
        Message {
            class,
            headers: Vec::new(),
            payload: Payload::None,
            unixfrom: None,
            preamble: None,
            epilogue: None,
            defects: Vec::new(),
            charset: None,
            default_type,
            extra: Dict::new(),
            layout: None,
        }
    }

    /// Whether the payload is a list.
    pub fn is_multipart(&self) -> bool {
        matches!(self.payload, Payload::Parts(_))
    }

    /// The parts; none where the payload is not a list.
    pub fn parts(&self) -> &[Message] {
        match &self.payload {
            Payload::Parts(parts) => parts,
            _ => &[],
        }
    }

    /// The parts, to change.
    pub fn parts_mut(&mut self) -> &mut [Message] {
        match &mut self.payload {
            Payload::Parts(parts) => parts,
            _ => &mut [],
        }
    }

    /// Adds a part. A payload that is not a list gives way (Python would fail there).
    pub fn attach(&mut self, part: Message) {
        match &mut self.payload {
            Payload::Parts(parts) => parts.push(part),
            other => *other = Payload::Parts(vec![part]),
        }
    }

    /// The payload where it is a `str`.
    pub fn payload_str(&self) -> Option<&ByteStr> {
        match &self.payload {
            Payload::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&HeaderValue> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The first value of a header as Python's `str()` gives it.
    pub fn get_str(&self, name: &str) -> Option<ByteStr> {
        self.get(name).map(HeaderValue::text)
    }

    /// All values of a header.
    pub fn get_all(&self, name: &str) -> Vec<&HeaderValue> {
        self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes())).map(|(_, v)| v).collect()
    }

    /// All values of a header as `str()` gives them.
    pub fn get_all_str(&self, name: &str) -> Vec<ByteStr> {
        self.get_all(name).into_iter().map(HeaderValue::text).collect()
    }

    /// Whether there is such a header.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a header behind the others; one of the same name stays (`msg[name] = value`).
    pub fn append(&mut self, name: impl Into<ByteStr>, value: impl Into<HeaderValue>) {
        self.headers.push((name.into(), value.into()));
    }

    /// Takes all headers of a name out (`del msg[name]`).
    pub fn delete(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name.as_bytes()));
    }

    /// Deletes, then appends: what handlers do to set a header once.
    pub fn set(&mut self, name: &str, value: impl Into<HeaderValue>) {
        self.delete(name);
        self.append(name, value);
    }

    /// Gives the first header of a name another value at its place; false where there is none (Python: KeyError).
    pub fn replace_header(&mut self, name: &str, value: impl Into<HeaderValue>) -> bool {
        match self.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes())) {
            Some(header) => {
                header.1 = value.into();
                true
            }
            None => false,
        }
    }

    /// Names and values in order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&ByteStr, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    /// `type/subtype` in lower case; the default type without Content-Type, `text/plain` for one that makes no sense.
    pub fn content_type(&self) -> ByteStr {
        let Some(value) = self.get_str("content-type") else {
            return self.default_type.clone();
        };
        let upto = value.iter().position(|&b| b == b';').unwrap_or(value.len());
        let kind = super::text::trim(&value[..upto]).to_ascii_lowercase();
        match kind.iter().filter(|&&b| b == b'/').count() {
            1 => kind.into(),
            _ => ByteStr::from("text/plain"),
        }
    }

    /// The part of the content type before the slash.
    pub fn main_type(&self) -> ByteStr {
        let kind = self.content_type();
        let slash = kind.iter().position(|&b| b == b'/').unwrap_or(kind.len());
        kind.slice(0..slash)
    }

    /// The part of the content type behind the slash.
    pub fn sub_type(&self) -> ByteStr {
        let kind = self.content_type();
        let slash = kind.iter().position(|&b| b == b'/').unwrap_or(kind.len());
        kind.slice_from(slash + 1)
    }
}

impl Default for Message {
    fn default() -> Self {
        Message::new()
    }
}

impl HeaderValue {
    /// What `str()` gives. Where Python raises, `unicode` gives UTF-8, a `Header` with a suspicious line its text, and
    /// anything else nothing.
    pub fn text(&self) -> ByteStr {
        match self {
            HeaderValue::Str(text) => text.clone(),
            HeaderValue::Header(header) => header.encode().unwrap_or_else(refused_text),
            HeaderValue::Other(Value::Unicode(text)) => text.0.clone(),
            HeaderValue::Other(value) => super::header_block::plain_text(value).unwrap_or_default(),
        }
    }

    /// The bytes where it is a `str`.
    pub fn as_str(&self) -> Option<&ByteStr> {
        match self {
            HeaderValue::Str(text) => Some(text),
            _ => None,
        }
    }
}

/// The text that `Header` refuses because a line in it looks like a header.
fn refused_text(error: HeaderError) -> ByteStr {
    match error {
        HeaderError::Embedded(text) => text,
        _ => ByteStr::default(),
    }
}

impl From<ByteStr> for HeaderValue {
    fn from(text: ByteStr) -> Self {
        HeaderValue::Str(text)
    }
}

impl From<&ByteStr> for HeaderValue {
    fn from(text: &ByteStr) -> Self {
        HeaderValue::Str(text.clone())
    }
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        HeaderValue::Str(text.into())
    }
}

impl From<&[u8]> for HeaderValue {
    fn from(text: &[u8]) -> Self {
        HeaderValue::Str(text.into())
    }
}

impl From<String> for HeaderValue {
    fn from(text: String) -> Self {
        HeaderValue::Str(text.into())
    }
}

impl From<Vec<u8>> for HeaderValue {
    fn from(text: Vec<u8>) -> Self {
        HeaderValue::Str(text.into())
    }
}

impl From<Header> for HeaderValue {
    fn from(header: Header) -> Self {
        HeaderValue::Header(Rc::new(header))
    }
}

impl From<Rc<Header>> for HeaderValue {
    fn from(header: Rc<Header>) -> Self {
        HeaderValue::Header(header)
    }
}

impl From<ByteStr> for Payload {
    fn from(text: ByteStr) -> Self {
        Payload::Str(text)
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Payload::Str(text.into())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(text: Vec<u8>) -> Self {
        Payload::Str(text.into())
    }
}

impl From<UniStr> for Payload {
    fn from(text: UniStr) -> Self {
        Payload::Unicode(text)
    }
}
