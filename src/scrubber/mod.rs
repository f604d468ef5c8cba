//! `Scrubber`: what is not plain text is stored in the archive's folder, and a note with its address stands in its place;
//! what remains of a multipart is joined to one text.
//!
//! Answers to `Mailman.Handlers.Scrubber`, which has three callers: the pipeline of lists with `scrub_nondigest`, plain
//! digests, and the archiver. The latter two have no metadata and always scrub.

mod attachment;
mod folder;
mod harmless;
mod join;
pub mod mimetypes;
mod store;

use crate::error::{Culprit, HandlerError};
use crate::notice::words::Words;
use crate::text::header::one_line_in;
use crate::text::html::websafe;
use crate::text::one_line_unicode;
use compat::email::charset::Charset;
use compat::email::generator;
use compat::email::message::Message;
use compat::email::params::{Param, Text};
use compat::list::MailList;
use compat::queue::Metadata;
use compat::site::profile::Switch;
use compat::site::{settings, Site};
use compat::value::{UniStr, Value};
use compat::ByteStr;
use std::rc::Rc;
use store::Store;

/// How deep parts are followed; deeper ones stay as they are.
const DEPTH_LIMIT: usize = 500;

/// What became of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is plain text now, as far as it had to be.
    Scrubbed,
    /// It was nothing but HTML, and the site wants none.
    Discard,
}

/// What ARCHIVE_HTML_SANITIZER asks for.
#[derive(Clone, Debug, PartialEq)]
enum Sanitizer {
    /// 0: HTML is removed.
    Remove,
    /// 1 and any other number: stored, escaped.
    Escape,
    /// 2: left where it is.
    Leave,
    /// 3: stored as it came.
    Store,
    /// A shell command that makes text of it.
    Command(ByteStr),
}

/// One scrubbing of one message.
pub struct Scrubber<'a> {
    site: &'a Rc<Site>,
    list: &'a MailList,
    words: Words<'a>,
    charset: ByteStr,
    sanitizer: Sanitizer,
    /// Where this message's attachments go, below the list's archive.
    folder: ByteStr,
    first_text: Option<FirstText>,
    /// Open once there is something to store.
    store: Option<Store>,
}

/// What the first text part says of itself; the joined text takes it over.
struct FirstText {
    charset: ByteStr,
    format: Option<Param>,
    delsp: Option<Param>,
}

/// Scrubs a message in place; the notes are in the language of `words`.
///
/// # Errors
/// An attachment cannot be stored, or the message is of a kind on which Python's Scrubber raises.
pub fn scrub<'a>(
    site: &'a Rc<Site>,
    list: &'a MailList,
    words: Words<'a>,
    msg: &mut Message,
    data: Option<&Metadata>,
) -> Result<Outcome, HandlerError> {
    let folder = folder::of_message(list, msg, data)?;
    let charset = site.charset_or_ascii(&list.preferred_language());
    let sanitizer = Sanitizer::of(site)?;
    let mut scrubber = Scrubber { site, list, words, charset, sanitizer, folder, first_text: None, store: None };
    if scrubber.walk(msg, 0)? == Outcome::Discard {
        return Ok(Outcome::Discard);
    }
    if msg.is_multipart() && (scrubber.sanitizer != Sanitizer::Leave || site.profile.has(Switch::ScrubJoinsAlways)) {
        scrubber.join(msg)?;
    }
    scrubber.store.map_or(Ok(()), Store::commit)?;
    Ok(Outcome::Scrubbed)
}

impl Sanitizer {
    fn of(site: &Site) -> Result<Self, HandlerError> {
        Ok(match site.settings.require(settings::ARCHIVE_HTML_SANITIZER)? {
            Value::Str(command) => Sanitizer::Command(command.clone()),
            value => match value.as_int() {
                Some(0) => Sanitizer::Remove,
                Some(2) => Sanitizer::Leave,
                Some(3) => Sanitizer::Store,
                _ => Sanitizer::Escape,
            },
        })
    }
}

impl Scrubber<'_> {
    /// A part first, then the parts that it still has.
    fn walk(&mut self, part: &mut Message, depth: usize) -> Result<Outcome, HandlerError> {
        if self.part(part, depth == 0)? == Outcome::Discard {
            return Ok(Outcome::Discard);
        }
        if depth < DEPTH_LIMIT {
            for child in part.parts_mut() {
                self.walk(child, depth + 1)?;
            }
        }
        Ok(Outcome::Scrubbed)
    }

    fn part(&mut self, part: &mut Message, outer: bool) -> Result<Outcome, HandlerError> {
        let kind = part.content_type();
        match (kind.as_bytes(), &self.sanitizer) {
            (b"text/plain", _) => self.plain(part)?,
            (b"text/html", Sanitizer::Remove) if outer => return Ok(Outcome::Discard),
            (b"text/html", Sanitizer::Remove) => {
                let note = self.words.say("HTML attachment scrubbed and removed");
                self.replace(part, &note)?;
            }
            (b"text/html", Sanitizer::Leave) => {}
            (b"text/html", Sanitizer::Store) => self.html(part)?,
            (b"text/html", Sanitizer::Escape) => self.escaped_html(part)?,
            (b"message/rfc822", _) => self.embedded(part)?,
            _ => self.other(part)?,
        }
        Ok(Outcome::Scrubbed)
    }

    fn plain(&mut self, part: &mut Message) -> Result<(), HandlerError> {
        if self.first_text.is_none() {
            self.first_text = Some(FirstText {
                charset: part.content_charset().unwrap_or_else(|| self.charset.clone()),
                format: part.get_param("format", "content-type"),
                delsp: part.get_param("delsp", "content-type"),
            });
        }
        if !self.is_attached(part) || part.content_charset().is_some_and(|c| !c.is_empty()) {
            return Ok(());
        }
        let url = self.save(part, true)?;
        let filename = self.shown_name(part);
        let note = self.words.fill(
            "An embedded and charset-unspecified text was scrubbed...\nName: %(filename)s\nURL: %(url)s\n",
            &[("filename", filename), ("url", Value::Str(url))],
        );
        self.replace(part, &note)
    }

    /// 2.1.35 and later: only the word `attachment` alone; before, any Content-Disposition.
    fn is_attached(&self, part: &Message) -> bool {
        let disposition = part.get_str("content-disposition").unwrap_or_default();
        match self.site.profile.has(Switch::ScrubAttachedTextOnly) {
            true => disposition.eq_ignore_ascii_case(b"attachment"),
            false => !disposition.is_empty(),
        }
    }

    fn html(&mut self, part: &mut Message) -> Result<(), HandlerError> {
        let url = self.save(part, false)?;
        let note = self.words.fill("An HTML attachment was scrubbed...\nURL: %(url)s\n", &[("url", Value::Str(url))]);
        self.replace(part, &note)
    }

    fn escaped_html(&mut self, part: &mut Message) -> Result<(), HandlerError> {
        let text = part.decoded_payload().ok_or_else(|| no_text("text/html"))?;
        let pretty = pretty_source(&websafe(self.site, &text));
        part.set_payload(ByteStr::new(pretty), None)?;
        part.delete("content-transfer-encoding");
        self.html(part)
    }

    fn embedded(&mut self, part: &mut Message) -> Result<(), HandlerError> {
        let url = self.save(part, true)?;
        let inner = part.parts_mut().first_mut().ok_or_else(|| no_text("message/rfc822"))?;
        let header = |name: &str, or: &str| inner.get_str(name).unwrap_or_else(|| self.words.say(or));
        let subject = one_line_in(&header("subject", "no subject"), &self.charset);
        let (date, who) = (header("date", "no date"), header("from", "unknown sender"));
        let size = generator::as_bytes(inner, true, true)?.len();
        let note = self.words.fill(
            "An embedded message was scrubbed...\nFrom: %(who)s\nSubject: %(subject)s\nDate: %(date)s\n\
             Size: %(size)s\nURL: %(url)s\n",
            &[
                ("who", Value::Str(who)),
                ("subject", Value::Str(subject)),
                ("date", Value::Str(date)),
                ("size", Value::Int(size as i64)),
                ("url", Value::Str(url)),
            ],
        );
        self.replace(part, &note)
    }

    /// Everything else that has a body of its own.
    fn other(&mut self, part: &mut Message) -> Result<(), HandlerError> {
        if part.payload_str().is_none_or(|text| text.is_empty()) {
            return Ok(());
        }
        let size = part.decoded_payload().unwrap_or_default().len();
        let kind = part.content_type();
        let url = self.save(part, true)?;
        let desc = part.get_str("content-description").unwrap_or_else(|| self.words.say("not available"));
        let note = self.words.fill(
            "A non-text attachment was scrubbed...\nName: %(filename)s\nType: %(ctype)s\nSize: %(size)d bytes\n\
             Desc: %(desc)s\nURL: %(url)s\n",
            &[
                ("filename", self.shown_name(part)),
                ("ctype", Value::Str(kind)),
                ("size", Value::Int(size as i64)),
                ("desc", Value::Str(one_line_in(&desc, &self.charset))),
                ("url", Value::Str(url)),
            ],
        );
        self.replace(part, &note)
    }

    fn shown_name(&self, part: &Message) -> Value {
        match part.get_filename() {
            Some(name) => self.one_line(&name),
            None => Value::Str(one_line_in(&self.words.say("not available"), &self.charset)),
        }
    }

    /// `Utils.oneline` of a parameter's value, in the list's charset. What is unicode and not ASCII cannot be decoded
    /// by it and stays unicode: a note then shows it in the charset of its catalogue, which may be another.
    fn one_line(&self, text: &Text) -> Value {
        match text {
            Text::Unicode(text) if !text.0.is_ascii() => {
                Value::Unicode(UniStr(ByteStr::from(one_line_unicode(&text.to_text()))))
            }
            text => Value::Str(one_line_in(text.bytes(), &self.charset)),
        }
    }

    /// Stands a note in the place of a part, as text in the list's charset.
    fn replace(&self, part: &mut Message, note: &ByteStr) -> Result<(), HandlerError> {
        replace_by_text(part, note.clone(), &self.charset)
    }
}

/// Makes a part plain text in this charset.
fn replace_by_text(part: &mut Message, text: ByteStr, charset: &ByteStr) -> Result<(), HandlerError> {
    part.delete("content-type");
    part.delete("content-transfer-encoding");
    Ok(part.set_payload(text, Some(&Charset::new(charset)?))?)
}

/// Python raises a TypeError for a part without text where it needs one.
fn no_text(kind: &str) -> HandlerError {
    Culprit::Message("a part without text").says(format!("a {kind} part has nothing to scrub"))
}

/// HTML source as a page shows it: hard blanks for white space, a break at each line.
fn pretty_source(text: &[u8]) -> Vec<u8> {
    let mut out = b"<tt>\n".to_vec();
    for (at, line) in text.split(|&b| b == b'\n').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"<br>\n");
        }
        hard_blanks(line, &mut out);
    }
    out.extend_from_slice(b"\n</tt>\n");
    out
}

/// `line.expandtabs(8).replace(' ', '&nbsp;')`
fn hard_blanks(line: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    for &byte in line {
        let blanks = match byte {
            b'\t' => 8 - column % 8,
            b' ' => 1,
            _ => 0,
        };
        (0..blanks).for_each(|_| out.extend_from_slice(b"&nbsp;"));
        column = if byte == b'\r' { 0 } else { column + blanks.max(1) };
        if blanks == 0 {
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_is_shown_with_hard_blanks() {
        assert_eq!(
            pretty_source(b"a b\n\tc"),
            b"<tt>\na&nbsp;b<br>\n&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;c\n</tt>\n"
        );
        let mut out = Vec::new();
        hard_blanks(b"ab\tx", &mut out);
        assert_eq!(out, b"ab&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;x");
    }
}
