//! Messages as pickled instances.
//!
//! A queue entry holds `Mailman.Message.Message`, the virgin queue `UserNotification` and `OwnerNotification`, and parts
//! may be of `email`'s own classes under their old or new names. The label of the class, the order of the attributes
//! and attributes that nobody here knows are kept; an attribute of a kind that does not fit is kept as an unknown one.

use super::charset::Charset;
use super::header::Header;
use super::message::{HeaderValue, Message, Payload, MAX_DEPTH};
use crate::value::{Construction, Dict, Object, Value};
use crate::ByteStr;
use std::rc::Rc;

/// The attributes of a new message in the order of Python's dictionary; those of `Mailman.Message.Message`, ...
const MAILMAN_ORDER: [&str; 9] = [
    "_headers",
    "_payload",
    "_charset",
    "epilogue",
    "_default_type",
    "_unixfrom",
    "defects",
    "__version__",
    "preamble",
];
/// ... and those of the classes of `email`.
const EMAIL_ORDER: [&str; 8] =
    ["_headers", "_payload", "_charset", "_default_type", "preamble", "defects", "_unixfrom", "epilogue"];

/// The version of Python 2.7's email package, which Mailman writes into each of its messages.
const EMAIL_VERSION: [i64; 3] = [4, 0, 3];

/// Why a pickled value is not a message.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum NotAMessage {
    /// Another kind of value.
    #[error("a message was expected, a Python {0} was found")]
    Kind(&'static str),
    /// An instance without the attributes of a message.
    #[error("the instance of {0} has no list of headers")]
    NoHeaders(ByteStr),
    /// An entry of `_headers` that is not a name with a value.
    #[error("a header of the message is not a pair of name and value")]
    Header,
    /// More messages in messages than can be followed.
    #[error("the message is nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

impl Message {
    /// From a pickled instance of any class that looks like a message.
    ///
    /// # Errors
    /// A value that has no headers or no payload of a message.
    pub fn from_value(value: &Value) -> Result<Message, NotAMessage> {
        let mut msg = Message::new();
        msg.fill(value, 0)?;
        Ok(msg)
    }

    /// As an instance to pickle.
    pub fn to_value(&self) -> Value {
        let mut state = Dict::new();
        for name in self.attribute_order() {
            if let Some(value) = self.attribute(&name) {
                state.set(name, value);
            }
        }
        let construction = Construction::OldStyle { class: Rc::clone(&self.class), args: Vec::new() };
        let state = Some(Value::dict(state));
        Value::Object(Rc::new(Object { construction, state, items: Vec::new(), entries: Vec::new() }))
    }

    /// Takes an instance over. In place, so that a level of nesting needs little of the stack.
    fn fill(&mut self, value: &Value, depth: usize) -> Result<(), NotAMessage> {
        if depth >= MAX_DEPTH {
            return Err(NotAMessage::TooDeep);
        }
        let object = value.as_object().ok_or(NotAMessage::Kind(value.type_name()))?;
        let Construction::OldStyle { class, .. } = &object.construction else {
            return Err(NotAMessage::Kind(value.type_name()));
        };
        let state = object.attributes().filter(|state| state.contains(b"_headers"));
        let state = state.ok_or_else(|| NotAMessage::NoHeaders(class.name.clone()))?;
        self.class = Rc::clone(class);
        let mut layout = Vec::with_capacity(state.len());
        for (name, value) in state.iter() {
            if let Some(name) = name.as_text() {
                self.take(name, value, depth)?;
                layout.push(name.clone());
            }
        }
        self.layout = Some(Rc::new(layout));
        Ok(())
    }

    fn fill_payload(&mut self, value: &Value, depth: usize) -> Result<(), NotAMessage> {
        self.payload = match value {
            Value::None => Payload::None,
            Value::Str(text) => Payload::Str(text.clone()),
            Value::Unicode(text) => Payload::Unicode(text.clone()),
            Value::List(items) => return self.fill_parts(items, depth),
            other => Payload::Other(other.clone()),
        };
        Ok(())
    }

    /// A list of anything but messages is carried through as it is.
    fn fill_parts(&mut self, items: &Rc<Vec<Value>>, depth: usize) -> Result<(), NotAMessage> {
        let mut parts = Vec::with_capacity(items.len());
        for item in items.iter() {
            parts.push(Message::with(Rc::clone(&self.class), ByteStr::from("text/plain")));
            match parts.last_mut().map_or(Ok(()), |part| part.fill(item, depth + 1)) {
                Ok(()) => {}
                Err(NotAMessage::TooDeep) => return Err(NotAMessage::TooDeep),
                Err(_) => {
                    self.payload = Payload::Other(Value::List(Rc::clone(items)));
                    return Ok(());
                }
            }
        }
        self.payload = Payload::Parts(parts);
        Ok(())
    }

    fn is_mailmans(&self) -> bool {
        self.class.module == "Mailman.Message"
    }

    fn attribute_order(&self) -> Vec<ByteStr> {
        let standard: &[&str] = if self.is_mailmans() { &MAILMAN_ORDER } else { &EMAIL_ORDER };
        let mut order: Vec<ByteStr> = match &self.layout {
            Some(layout) => layout.to_vec(),
            None => standard.iter().map(|name| ByteStr::from(*name)).collect(),
        };
        let known = order.len();
        for (name, _) in self.extra.iter() {
            if let Some(name) = name.as_text().filter(|name| !order[..known].contains(name)) {
                order.push(name.clone());
            }
        }
        // What an old pickle did not have is added only where it says something.
        let missing = standard.iter().map(|name| ByteStr::from(*name)).filter(|name| !order.contains(name));
        let missing: Vec<ByteStr> = missing.filter(|name| self.says_something(name)).collect();
        order.extend(missing);
        order
    }

    fn says_something(&self, name: &ByteStr) -> bool {
        match &name[..] {
            b"defects" => !self.defects.is_empty(),
            b"preamble" => self.preamble.is_some(),
            b"epilogue" => self.epilogue.is_some(),
            _ => true,
        }
    }

    fn attribute(&self, name: &ByteStr) -> Option<Value> {
        if let Some(value) = self.extra.get(name) {
            return Some(value.clone());
        }
        let text = |text: &Option<ByteStr>| Some(text.clone().map_or(Value::None, Value::Str));
        match &name[..] {
            b"_headers" => Some(Value::list(self.headers.iter().map(header_to_value).collect())),
            b"_payload" => Some(payload_to_value(&self.payload)),
            b"_charset" => Some(self.charset.as_ref().map_or(Value::None, |charset| charset.to_value())),
            b"_unixfrom" => text(&self.unixfrom),
            b"preamble" => text(&self.preamble),
            b"epilogue" => text(&self.epilogue),
            b"defects" => Some(Value::list(self.defects.clone())),
            b"_default_type" => Some(Value::Str(self.default_type.clone())),
            b"__version__" if self.is_mailmans() => Some(Value::tuple(EMAIL_VERSION.map(Value::Int).to_vec())),
            _ => None,
        }
    }

    /// Takes an attribute of the pickle; what does not fit its place goes to the others.
    fn take(&mut self, name: &ByteStr, value: &Value, depth: usize) -> Result<(), NotAMessage> {
        let fitted = match &name[..] {
            b"_headers" => {
                self.headers = headers_from_value(value)?;
                true
            }
            b"_payload" => {
                self.fill_payload(value, depth)?;
                true
            }
            b"_charset" => fit(&mut self.charset, value, |value| Charset::from_value(value).ok().map(Rc::new)),
            b"_unixfrom" => fit(&mut self.unixfrom, value, |value| value.as_str().cloned()),
            b"preamble" => fit(&mut self.preamble, value, |value| value.as_str().cloned()),
            b"epilogue" => fit(&mut self.epilogue, value, |value| value.as_str().cloned()),
            b"defects" => value.as_items().map(|items| self.defects = items.to_vec()).is_some(),
            b"_default_type" => value.as_str().map(|kind| self.default_type = kind.clone()).is_some(),
            // Mailman's reader puts its own version in the place of the stored one.
            b"__version__" => self.is_mailmans(),
            _ => false,
        };
        if !fitted {
            self.extra.set(name.clone(), value.clone());
        }
        Ok(())
    }
}

fn fit<T>(place: &mut Option<T>, value: &Value, convert: impl Fn(&Value) -> Option<T>) -> bool {
    if *value == Value::None {
        *place = None;
        return true;
    }
    *place = convert(value);
    place.is_some()
}

fn headers_from_value(value: &Value) -> Result<Vec<(ByteStr, HeaderValue)>, NotAMessage> {
    let items = value.as_items().ok_or(NotAMessage::Header)?;
    let pair = |item: &Value| match item.as_items() {
        Some([name, value]) => Some((name.as_text()?.clone(), header_from_value(value))),
        _ => None,
    };
    items.iter().map(|item| pair(item).ok_or(NotAMessage::Header)).collect()
}

fn header_from_value(value: &Value) -> HeaderValue {
    match value {
        Value::Str(text) => HeaderValue::Str(text.clone()),
        Value::Object(object) if object.class().is_some_and(|class| class.name == "Header") => {
            Header::from_value(value).map_or_else(|_| HeaderValue::Other(value.clone()), HeaderValue::from)
        }
        other => HeaderValue::Other(other.clone()),
    }
}

fn header_to_value((name, value): &(ByteStr, HeaderValue)) -> Value {
    let value = match value {
        HeaderValue::Str(text) => Value::Str(text.clone()),
        HeaderValue::Header(header) => header.to_value(),
        HeaderValue::Other(value) => value.clone(),
    };
    Value::tuple(vec![Value::Str(name.clone()), value])
}

fn payload_to_value(payload: &Payload) -> Value {
    match payload {
        Payload::None => Value::None,
        Payload::Str(text) => Value::Str(text.clone()),
        Payload::Unicode(text) => Value::Unicode(text.clone()),
        Payload::Parts(parts) => Value::list(parts.iter().map(Message::to_value).collect()),
        Payload::Other(value) => value.clone(),
    }
}
