//! The parts of a scrubbed message joined to one text, since neither archive nor plain digest can show a multipart.
//!
//! All of it must be in one charset: that of the first text part, or of the list where there was none or only ASCII.

use super::{replace_by_text, Sanitizer, Scrubber};
use crate::error::HandlerError;
use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::message::{Message, Payload};
use compat::email::params::Param;
use compat::value::Value;
use compat::ByteStr;

/// The text that the parts are joined to. A large post is in memory once while it grows.
struct Joined {
    text: Vec<u8>,
    separator: Vec<u8>,
    charset: ByteStr,
    is_first: bool,
}

impl Joined {
    fn begin_part(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.text.extend_from_slice(&self.separator);
        }
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
        joined.begin_part();
        let kind = part.content_type();
        let kept_html = kind == "text/html" && self.sanitizer == Sanitizer::Leave;
        if kind != "text/plain" && !kept_html {
            let skipped = "Skipped content of type %(partctype)s\n";
            let note = self.words.fill(skipped, &[("partctype", Value::Str(kind))]);
            return joined.text.extend_from_slice(&note);
        }
        let before = joined.text.len();
        self.add_text(part, joined);
        let ends_line = joined.text.len() > before && joined.text.ends_with(b"\n");
        if !ends_line {
            joined.text.push(b'\n');
        }
    }

    /// Adds a part's text in the joined charset.
    fn add_text(&self, part: &Message, joined: &mut Joined) {
        let text = part.decoded_payload().unwrap_or_default();
        let own = part.charset.as_ref().map(|charset| charset.name()).or_else(|| part.content_charset());
        let Some(own) = own.filter(|own| !own.is_empty() && *own != joined.charset) else {
            return joined.text.extend_from_slice(&text);
        };
        // A made-up charset: the bytes are read as ASCII, everything else replaced.
        let ascii = ByteStr::from("us-ascii");
        for (from, to) in
            [(&own, &joined.charset), (&own, &self.charset), (&ascii, &joined.charset), (&ascii, &self.charset)]
        {
            if codecs::recode_to(&mut joined.text, &text, (from, to), Errors::Replace).is_ok() {
                return;
            }
        }
    }

    /// The line between parts, which is in the list's charset, in the joined one.
    fn separator(&self, charset: &ByteStr) -> Vec<u8> {
        let line = self.words.say("-------------- next part --------------\n");
        codecs::decode(&line, &self.charset, Errors::Replace)
            .and_then(|text| codecs::encode(&text, charset, Errors::Replace))
            .unwrap_or_else(|_| line.to_vec())
    }
}
