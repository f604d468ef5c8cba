//! The parts of a scrubbed message joined to one text, since neither archive nor plain digest can show a multipart.
//!
//! All of it must be in one charset: that of the first text part, or of the list where there was none or only ASCII.

use super::{replace_by_text, Sanitizer, Scrubber};
use crate::error::HandlerError;
use compat::email::charset::Charset;
use compat::email::codecs::{self, Errors};
use compat::email::message::{Message, Payload};
use compat::email::params::Param;
use compat::pickle::Value;
use compat::ByteStr;

/// The text that the parts are joined to. A large post is in memory once while it grows.
struct Joined {
    text: Vec<u8>,
    separator: Vec<u8>,
    charset: ByteStr,
    is_first: bool,
}

impl Joined {
    fn add(&mut self, text: &[u8]) {
        if !std::mem::take(&mut self.is_first) {
            self.text.extend_from_slice(&self.separator);
        }
        self.text.extend_from_slice(text);
    }
}

impl Scrubber<'_> {
    /// Makes the message one text of all that its parts still say.
    pub(super) fn join(&mut self, msg: &mut Message) -> Result<(), HandlerError> {
        let first = self.first_text.take();
        let charset = self.joined_charset(first.as_ref().map(|f| &f.charset));
        let room = msg.walk().filter_map(Message::payload_str).map(|text| text.len()).sum();
        let mut joined =
            Joined { text: Vec::with_capacity(room), separator: self.separator(&charset), charset, is_first: true };
        self.collect(msg, &mut joined, 0);
        let Joined { text, charset, .. } = joined;
        replace_by_text(msg, ByteStr::new(text), &charset)?;
        if let Some(first) = first {
            for (name, value) in [("Format", first.format), ("DelSp", first.delsp)] {
                if let Some(value) = value.filter(|v| *v != Param::plain("")) {
                    msg.set_param(name, &value, "Content-Type");
                }
            }
        }
        Ok(())
    }

    fn joined_charset(&self, found: Option<&ByteStr>) -> ByteStr {
        let chosen = found.filter(|charset| !charset.is_empty() && **charset != "us-ascii").unwrap_or(&self.charset);
        match Charset::new(chosen) {
            Ok(charset) if !charset.get_output_charset().is_empty() => charset.get_output_charset().clone(),
            _ => chosen.clone(),
        }
    }

    fn collect(&self, part: &Message, joined: &mut Joined, depth: usize) {
        if let Payload::Parts(parts) = &part.payload {
            if depth < super::DEPTH_LIMIT {
                parts.iter().for_each(|child| self.collect(child, joined, depth + 1));
            }
            return;
        }
        if part.payload_str().is_none_or(|text| text.is_empty()) {
            return;
        }
        let kind = part.content_type();
        let kept_html = kind == "text/html" && self.sanitizer == Sanitizer::Leave;
        if kind != "text/plain" && !kept_html {
            let skipped = "Skipped content of type %(partctype)s\n";
            return joined.add(&self.words.fill(skipped, &[("partctype", Value::Str(kind))]));
        }
        let text = self.part_text(part, &joined.charset);
        joined.add(&text);
        if !text.ends_with(b"\n") {
            joined.text.push(b'\n');
        }
    }

    /// A part's text in the joined charset.
    fn part_text(&self, part: &Message, charset: &ByteStr) -> ByteStr {
        let text = part.decoded_payload().unwrap_or_default();
        let own = part.charset.as_ref().map(|charset| charset.name()).or_else(|| part.content_charset());
        match own.filter(|own| !own.is_empty() && own != charset) {
            Some(own) if !codecs::is_same_in_both(&text, &own, charset) => self.recoded(text, &own, charset),
            _ => text,
        }
    }

    fn recoded(&self, text: ByteStr, from: &ByteStr, to: &ByteStr) -> ByteStr {
        // A made-up charset: the bytes are read as ASCII, everything else replaced.
        let unicode = codecs::decode(&text, from, Errors::Replace)
            .or_else(|_| codecs::decode(&text, "us-ascii", Errors::Replace))
            .unwrap_or_default();
        drop(text); // it may be large
        codecs::encode(&unicode, to, Errors::Replace)
            .or_else(|_| codecs::encode(&unicode, &self.charset, Errors::Replace))
            .map_or_else(|_| ByteStr::default(), ByteStr::new)
    }

    /// The line between parts, which is in the list's charset, in the joined one.
    fn separator(&self, charset: &ByteStr) -> Vec<u8> {
        let line = self.words.say("-------------- next part --------------\n");
        codecs::decode(&line, &self.charset, Errors::Replace)
            .and_then(|text| codecs::encode(&text, charset, Errors::Replace))
            .unwrap_or_else(|_| line.to_vec())
    }
}
