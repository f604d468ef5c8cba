//! The page of an article, and the text of it that the volume's text file gets.
//!
//! Answers to `as_html`, `as_text` and `loadbody_fromHTML` of HyperArch's Article. A page's body is kept in the page alone
//! and read back from between two comments whenever its neighbours change; each time it gains a line end.

use super::article::{replace_at, Article};
use super::layout::PAGE_LIMIT;
use super::setting::Setting;
use super::text::{is_plain, obscure_addresses};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::words::Words;
use crate::text::either::Text;
use compat::codecs::{self, Errors};
use compat::durable;
use compat::email::date::ctime;
use compat::format::url;
use compat::format::Func;
use compat::site::profile::Switch;
use compat::value::Value;
use compat::ByteStr;
use std::io;
use std::ops::Range;
use std::path::Path;

/// A neighbour in the thread order: its file and its subject.
pub struct Neighbour {
    pub filename: ByteStr,
    pub subject: Text,
}

impl Neighbour {
    pub fn of(article: &Article) -> Self {
        Neighbour { filename: article.filename.clone(), subject: article.shown_subject().clone() }
    }
}

/// The page.
pub fn html(
    setting: &Setting<'_>,
    article: &Article,
    mut body: Vec<u8>,
    previous: Option<&Neighbour>,
    next: Option<&Neighbour>,
) -> Result<ByteStr, HandlerError> {
    let words = Words::new(setting.site, article.lang.bytes());
    let charset = setting.site.charset_or_ascii(article.lang.bytes());
    let labels = Labels::of(setting);
    let (prev, prev_wsubj) = labels.previous(&words, &charset, previous);
    let (next, next_wsubj) = labels.next(&words, &charset, next);
    let page = Page { setting, article, words, charset };
    body.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    let body = Value::str(body);
    let values = Func(|name: &[u8]| match name {
        b"prev" => Some(prev.clone()),
        b"prev_wsubj" => Some(prev_wsubj.clone()),
        b"next" => Some(next.clone()),
        b"next_wsubj" => Some(next_wsubj.clone()),
        b"body" => Some(body.clone()),
        _ => page.value(name).or_else(|| page.attribute(name)),
    });
    setting.page_in(&article.lang.bytes().into(), "article.html", &values)
}

/// What a page says of its article, made when the template asks for it.
struct Page<'a> {
    setting: &'a Setting<'a>,
    article: &'a Article,
    words: Words<'a>,
    charset: ByteStr,
}

impl Page<'_> {
    fn value(&self, name: &[u8]) -> Option<Value> {
        let (setting, article) = (self.setting, self.article);
        let quoted = |text: &Text| Value::Str(text.quoted(&self.charset));
        let id = || article.raw_message_id.clone().unwrap_or_default();
        Some(match name {
            b"email_html" => quoted(article.decoded.email.as_ref().unwrap_or(&article.email)),
            b"title" | b"subject_html" => quoted(article.shown_subject()),
            b"subject_url" => Value::Str(url::quote(&[b"Re: ", article.subject.bytes()].concat())),
            b"in_reply_to_url" => Value::Str(url::quote(&id())),
            b"author_html" => match &article.decoded.author {
                Some(author) => quoted(author),
                None if setting.obscures => quoted(&replace_at(&article.author, &self.words.say(" at "))),
                None => quoted(&article.author),
            },
            b"email_url" if setting.obscures => Value::Str(url::quote(&setting.list.posting_address())),
            b"email_url" => Value::Str(url::quote(article.email.bytes())),
            b"datestr_html" => {
                let seconds = String::from_utf8_lossy(&article.date).parse().unwrap_or_default();
                quoted(&Text::Bytes(setting.time(&self.words, seconds)))
            }
            b"listurl" => Value::Str(setting.listinfo.clone()),
            b"listname" => Value::Str(setting.list.real_name()),
            b"encoding" => setting.encoding(&self.charset),
            b"message_id" if setting.site.profile.has(Switch::ArchiveMessageIdInTemplate) => quoted(&Text::Bytes(id())),
            _ => return None,
        })
    }

    /// A site's own template may name any attribute of the article.
    fn attribute(&self, name: &[u8]) -> Option<Value> {
        let article = self.article;
        let option = |text: &Option<ByteStr>| text.clone().map_or(Value::None, Value::Str);
        Some(match name {
            b"sequence" => Value::Int(article.sequence),
            b"msgid" => Value::Str(article.msgid.clone()),
            b"subject" => article.subject.to_value(),
            b"author" => article.author.to_value(),
            b"email" => article.email.to_value(),
            b"date" => Value::Str(article.date.clone()),
            b"datestr" => article.datestr.to_value(),
            b"filename" => Value::Str(article.filename.clone()),
            b"fromdate" => Value::Str(article.fromdate.clone()),
            b"ctype" => article.ctype.to_value(),
            b"cenc" => article.cenc.as_ref().map_or(Value::None, Text::to_value),
            b"in_reply_to" => Value::Str(article.in_reply_to.clone()),
            b"parentID" => option(&article.parent),
            b"threadKey" => option(&article.thread_key),
            b"_lang" => article.lang.to_value(),
            b"_in_reply_to" => option(&article.raw_in_reply_to),
            b"_references" => option(&article.raw_references),
            b"_message_id" => option(&article.raw_message_id),
            _ => return None,
        })
    }
}

/// Whether a body is read back from a page as it was written there, except for the line end that it gains: it is, with
/// the usual template, if nothing in it depends on a charset.
pub fn leaves_as_it_is(setting: &Setting<'_>, body: &[u8]) -> Result<bool, HandlerError> {
    const FRAME: &[u8] = b"\n<!--beginarticle-->\n%(body)s\n<!--endarticle-->\n";
    let template = setting.raw_template("article.html")?;
    let begins = memchr::memmem::find(&template, b"<!--beginarticle-->");
    let is_usual = begins.is_some_and(|at| at > 0 && template[at - 1..].starts_with(FRAME));
    Ok(is_usual && setting.broken_templates() == 0 && is_plain(body, &setting.charset))
}

/// How the links to neighbours are called.
struct Labels {
    previous: &'static str,
    next: &'static str,
}

impl Labels {
    fn of(setting: &Setting<'_>) -> Self {
        match setting.site.profile.has(Switch::ArchiveThreadBySubject) {
            true => Labels { previous: "Previous message (by thread):", next: "Next message (by thread):" },
            false => Labels { previous: "Previous message:", next: "Next message:" },
        }
    }

    fn previous(&self, words: &Words<'_>, charset: &[u8], to: Option<&Neighbour>) -> (Value, Value) {
        links(words, charset, to, "Previous", self.previous)
    }

    fn next(&self, words: &Words<'_>, charset: &[u8], to: Option<&Neighbour>) -> (Value, Value) {
        links(words, charset, to, "Next", self.next)
    }
}

/// The LINK element and the list item of a neighbour; both are empty without one.
fn links(words: &Words<'_>, charset: &[u8], to: Option<&Neighbour>, rel: &str, label: &str) -> (Value, Value) {
    let Some(to) = to else {
        return (Value::str(""), Value::str(""));
    };
    let file = url::quote(&to.filename);
    let head = [b"<LINK REL=\"", rel.as_bytes(), b"\"  HREF=\"", &file, b"\">"].concat();
    let label = words.say(label);
    let subject = to.subject.quoted(charset);
    let item = [b"<LI>", &label[..], b" <A HREF=\"", &file, b"\">", &subject, b"\n</A></li>"].concat();
    (Value::str(head), Value::str(item))
}

/// Where the body stands in a page that was written before.
pub fn body_of_page(page: &[u8]) -> Range<usize> {
    let mut begin = None;
    let mut at = 0;
    for line in page.split_inclusive(|&b| b == b'\n') {
        match (begin, line.trim_ascii()) {
            (None, b"<!--beginarticle-->") => begin = Some(at + line.len()),
            (Some(begin), b"<!--endarticle-->") => return begin..at,
            _ => {}
        }
        at += line.len();
    }
    begin.unwrap_or(at)..at
}

/// What the headers in a volume's text take, about.
const HEADERS: usize = 512;

/// The article in the volume's text file.
pub fn text(setting: &Setting<'_>, article: &Article) -> Vec<u8> {
    let or =
        |text: &[u8], default: String| if text.trim_ascii().is_empty() { default.into_bytes() } else { text.to_vec() };
    let now = || ctime(clock::seconds());
    let email = or(article.email.bytes(), "bogus@does.not.exist.com".into());
    let length = article.body.iter().map(|line| line.bytes().len()).sum::<usize>();
    let mut out = Vec::with_capacity(length + HEADERS);
    out.extend_from_slice(&[b"From ", &email[..], b"  ", &or(&article.fromdate, now())].concat());
    out.extend_from_slice(&[b"\nFrom: ", &email[..], b" (", article.author.bytes(), b")"].concat());
    out.extend_from_slice(&[b"\nDate: ", &or(article.datestr.bytes(), now())[..]].concat());
    out.extend_from_slice(&[b"\nSubject: ", article.subject.bytes()].concat());
    let more = [
        ("In-Reply-To", &article.raw_in_reply_to),
        ("References", &article.raw_references),
        ("Message-ID", &article.raw_message_id),
    ];
    for (name, value) in more {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            out.extend_from_slice(&[b"\n", name.as_bytes(), b": ", &value[..]].concat());
        }
    }
    out.extend_from_slice(b"\n\n");
    match is_body_plain(setting, article) {
        true => article.body.iter().for_each(|line| out.extend_from_slice(line.bytes())),
        false => out.extend_from_slice(&body_text(setting, article)),
    }
    out.push(b'\n');
    out
}

/// Whether nothing is to be done to the body: no address in it is to be obscured, no character converted.
fn is_body_plain(setting: &Setting<'_>, article: &Article) -> bool {
    let charset = setting.site.charset_or_ascii(article.lang.bytes());
    let has_sign = |line: &[u8]| setting.obscures && memchr::memchr(b'@', line).is_some();
    article.body.iter().map(Text::bytes).all(|line| is_plain(line, &charset) && !has_sign(line))
}

/// The body in the charset of the article's language, addresses obscured.
fn body_text(setting: &Setting<'_>, article: &Article) -> Vec<u8> {
    let charset = setting.site.charset_or_ascii(article.lang.bytes());
    let mut text = String::with_capacity(article.body.iter().map(|line| line.bytes().len()).sum());
    for line in &article.body {
        match line {
            Text::Unicode(line) => text.push_str(line),
            Text::Bytes(line) if is_plain(line, &charset) => text.push_str(&String::from_utf8_lossy(line)),
            Text::Bytes(line) => {
                text.push_str(&codecs::decode_string(line, &charset, Errors::Replace).unwrap_or_default())
            }
        }
    }
    if setting.obscures {
        text = obscure_addresses(&text, &setting.at_text);
    }
    if is_plain(text.as_bytes(), &charset) {
        return text.into_bytes();
    }
    codecs::encode_str(&text, &charset, Errors::Replace).unwrap_or_default()
}

/// The body of a page that is there; of one that is not, nothing.
pub fn body_of_file(path: &Path) -> Result<Vec<u8>, HandlerError> {
    match durable::read_file(path, PAGE_LIMIT) {
        Ok(mut page) => {
            let body = body_of_page(&page);
            page.truncate(body.end);
            page.drain(..body.start);
            Ok(page)
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_found_between_its_comments() {
        let page = b"<html>\n<!--beginarticle-->\n<PRE>a\n</PRE>\n <!--endarticle--> \n<hr>";
        assert_eq!(page[body_of_page(page)], *b"<PRE>a\n</PRE>\n");
        let cut_off = b"<!--beginarticle-->\n<PRE>a\n";
        assert_eq!(cut_off[body_of_page(cut_off)], *b"<PRE>a\n");
        assert!(body_of_page(b"nothing").is_empty());
    }
}
