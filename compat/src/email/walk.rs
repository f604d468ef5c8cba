//! Going through the parts of a message. Answers to `email.iterators` and `Message.walk`.

use super::message::{Message, Payload};
use crate::value::UniStr;
use crate::ByteStr;

/// The message, then its parts, each before its own parts.
pub struct Walk<'a> {
    stack: Vec<&'a Message>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a Message;

    fn next(&mut self) -> Option<&'a Message> {
        let msg = self.stack.pop()?;
        self.stack.extend(msg.parts().iter().rev());
        Some(msg)
    }
}

/// The lines of a text, each with its LF.
pub struct Lines {
    text: ByteStr,
}

impl Lines {
    /// Of any text.
    pub fn of(text: ByteStr) -> Self {
        Lines { text }
    }
}

impl Iterator for Lines {
    type Item = ByteStr;

    fn next(&mut self) -> Option<ByteStr> {
        if self.text.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', &self.text).map_or(self.text.len(), |at| at + 1);
        let line = self.text.slice(0..end);
        self.text = self.text.slice_from(end);
        Some(line)
    }
}

impl Message {
    /// The message and all its parts.
    pub fn walk(&self) -> Walk<'_> {
        Walk { stack: vec![self] }
    }

    /// Does something with the message and each of its parts, in the order of [`Message::walk`]. A part is visited
    /// after its container, so a change to the container's parts counts.
    pub fn for_each_part_mut(&mut self, work: &mut dyn FnMut(&mut Message)) {
        work(self);
        for part in self.parts_mut() {
            part.for_each_part_mut(work);
        }
    }

    /// The parts of a type: `("text", None)` gives all texts.
    pub fn typed_parts<'a>(&'a self, main: &'a str, sub: Option<&'a str>) -> impl Iterator<Item = &'a Message> + 'a {
        self.walk().filter(move |part| {
            part.main_type() == main.as_bytes() && sub.is_none_or(|sub| part.sub_type() == sub.as_bytes())
        })
    }

    /// `body_line_iterator`: the lines of all payloads that are text, as they stand or decoded. Lines end at LF only.
    pub fn body_lines(&self, decode: bool) -> impl Iterator<Item = ByteStr> + '_ {
        self.walk()
            .filter_map(move |part| if decode { part.decoded_payload() } else { part.plain_payload() })
            .flat_map(Lines::of)
    }

    fn plain_payload(&self) -> Option<ByteStr> {
        match &self.payload {
            Payload::Str(text) | Payload::Unicode(UniStr(text)) => Some(text.clone()),
            _ => None,
        }
    }
}
