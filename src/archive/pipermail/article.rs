//! An article: what the archive keeps of a message.
//!
//! Made from a message that was scrubbed to plain text, kept as a pickle (protocol 0) of an instance in the article
//! index, its body in the HTML page alone. Answers to `Article` of `pipermail.py` and `HyperArch.py`. Attributes that
//! other versions gave it are kept.

use super::body_lines;
use super::dates;
use super::setting::Setting;
use super::subject;
use super::text::obscure_addresses;
use crate::error::{Culprit, HandlerError};
use crate::text::either::Text;
use crate::text::one_line_unicode;
use compat::codecs::{self, Errors};
use compat::email::address::parseaddr;
use compat::email::header::{decode_header, make_header, Layout};
use compat::email::message::Message;
use compat::pickle::{self, PickleError, Protocol};
use compat::site::profile::Switch;
use compat::value::{Dict, Object, Value};
use compat::ByteStr;
use std::io;
use std::rc::Rc;

/// What `decoded` holds: headers as characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    pub author: Option<Text>,
    pub email: Option<Text>,
    pub subject: Option<Text>,
    /// The subject without list prefix and `Re:`, for threading.
    pub stripped: Option<Text>,
}

/// An article of a volume.
#[derive(Clone, Debug)]
pub struct Article {
    pub sequence: i64,
    pub parent: Option<ByteStr>,
    pub thread_key: Option<ByteStr>,
    pub msgid: ByteStr,
    pub subject: Text,
    /// Seconds of the epoch, as eleven digits.
    pub date: ByteStr,
    pub datestr: Text,
    pub author: Text,
    pub email: Text,
    pub raw_in_reply_to: Option<ByteStr>,
    pub raw_references: Option<ByteStr>,
    pub raw_message_id: Option<ByteStr>,
    pub in_reply_to: ByteStr,
    pub references: Vec<ByteStr>,
    pub fromdate: ByteStr,
    pub lang: Text,
    pub ctype: Text,
    pub cenc: Option<Text>,
    pub decoded: Decoded,
    pub filename: ByteStr,
    /// The body's lines, as text.
    pub body: Vec<Text>,
    last_article_time: Value,
    /// Attributes that are not looked into.
    other: Dict,
}

impl Article {
    /// Makes the article of a message. `sequence` is its number in the whole archive.
    ///
    /// # Errors
    /// The message has no text at all (Python raises an IndexError).
    pub fn new(setting: &Setting<'_>, msg: &mut Message, sequence: i64) -> Result<Self, HandlerError> {
        let date = dates::of_message(setting.site, msg);
        let (author, email) = sender(msg);
        let subject = header(msg, "subject").filter(|s| !s.is_empty());
        let id = header(msg, "message-id");
        let msgid = strip_separators(&id.clone().unwrap_or_default());
        let text = |name: &str, or: &str| {
            Text::Bytes(header(msg, name).unwrap_or_else(|| or.into()).to_ascii_lowercase().into())
        };
        let mut article = Article {
            sequence,
            parent: None,
            thread_key: None,
            msgid: if msgid.is_empty() { sequence.to_string().into() } else { msgid },
            subject: Text::from(subject.unwrap_or_else(|| setting.context.say("No subject"))),
            date: format!("{:011}", date.seconds).into(),
            datestr: Text::from(ByteStr::from(&date.shown(msg)[..])),
            author: Text::from(author),
            email: Text::from(email),
            raw_in_reply_to: header(msg, "in-reply-to"),
            raw_references: header(msg, "references"),
            in_reply_to: header(msg, "in-reply-to").map(|text| bracketed(&text)).unwrap_or_default(),
            references: header(msg, "references").map(|text| references(&text)).unwrap_or_default(),
            raw_message_id: id,
            fromdate: compat::email::date::ctime(date.seconds).into(),
            lang: Text::from_value(&setting.lang_value).unwrap_or_default(),
            ctype: text("content-type", "text/plain"),
            cenc: Some(text("content-transfer-encoding", "")),
            decoded: Decoded::default(),
            filename: format!("{sequence:06}.html").into(),
            body: Vec::new(),
            last_article_time: date.value,
            other: Dict::new(),
        };
        article.drop_reply_prefixes(setting);
        article.obscure(setting);
        article.body = body_lines::of_message(setting, msg)?;
        article.decode_headers(setting);
        Ok(article)
    }

    fn drop_reply_prefixes(&mut self, setting: &Setting<'_>) {
        while let Some(end) = subject::reply_prefix(self.subject.bytes()) {
            self.subject = self.subject.map(|text| text[end..].to_vec());
            if self.subject.is_empty() && setting.site.profile.has(Switch::ArchiveEmptySubjectNamed) {
                self.subject = Text::from(setting.context.say("No subject"));
            }
        }
    }

    /// `@` in addresses becomes the language's ` at `.
    fn obscure(&mut self, setting: &Setting<'_>) {
        if !setting.obscures {
            return;
        }
        let same = self.author == self.email;
        self.email = replace_at(&self.email, &setting.at);
        if same {
            self.author = self.email.clone();
        }
    }

    fn decode_headers(&mut self, setting: &Setting<'_>) {
        let author = decode(setting, &self.author);
        if !author.is_empty() {
            let email = decode(setting, &self.email);
            self.decoded.author = Some(Text::Unicode(author));
            self.decoded.email = (!email.is_empty()).then_some(Text::Unicode(email));
        }
        let mut shown = decode(setting, &self.subject);
        if !shown.is_empty() && setting.obscures {
            shown = obscure_addresses(&shown, &setting.at_text);
        }
        let subject = if shown.is_empty() { self.subject.clone() } else { Text::Unicode(shown) };
        self.decoded.stripped = Some(subject::stripped(setting.site, &setting.prefix, &subject));
        self.decoded.subject = matches!(subject, Text::Unicode(_)).then_some(subject);
    }

    /// The subject that pages show.
    pub fn shown_subject(&self) -> &Text {
        self.decoded.subject.as_ref().unwrap_or(&self.subject)
    }

    /// The author that pages show.
    pub fn shown_author(&self) -> &Text {
        self.decoded.author.as_ref().unwrap_or(&self.author)
    }

    /// The subject that threads are found by.
    pub fn thread_subject(&self) -> Text {
        self.decoded.stripped.as_ref().unwrap_or(&self.subject).lower()
    }

    /// The subject that the index is sorted by. Of one that is nothing but prefixes it is the whole, in its own case.
    pub fn index_subject(&self) -> Text {
        let subject = self.thread_subject();
        if subject.is_empty() {
            return self.subject.clone();
        }
        subject
    }

    /// As it will be read back from its index.
    pub fn without_body(self) -> Article {
        Article { body: Vec::new(), ..self }
    }

    /// Gives the article another number; one without an id of its own has its number as id.
    pub fn renumber(&mut self, sequence: i64) {
        if self.msgid[..] == *self.sequence.to_string().as_bytes() {
            self.msgid = sequence.to_string().into();
        }
        self.sequence = sequence;
        self.filename = format!("{sequence:06}.html").into();
    }

    /// As the article index holds it.
    pub fn to_pickle(&self, list: &[u8]) -> io::Result<Vec<u8>> {
        let mut dict = Dict::new();
        let option = |text: &Option<ByteStr>| text.clone().map_or(Value::None, Value::Str);
        let strings = self.references.iter().cloned().map(Value::Str).collect();
        let attributes = [
            ("sequence", Value::Int(self.sequence)),
            ("parentID", option(&self.parent)),
            ("threadKey", option(&self.thread_key)),
            ("msgid", Value::Str(self.msgid.clone())),
            ("subject", self.subject.to_value()),
            ("_last_article_time", self.last_article_time.clone()),
            ("date", Value::Str(self.date.clone())),
            ("datestr", self.datestr.to_value()),
            ("fromdate", Value::Str(self.fromdate.clone())),
            ("author", self.author.to_value()),
            ("email", self.email.to_value()),
            ("_in_reply_to", option(&self.raw_in_reply_to)),
            ("_references", option(&self.raw_references)),
            ("_message_id", option(&self.raw_message_id)),
            ("in_reply_to", Value::Str(self.in_reply_to.clone())),
            ("references", Value::list(strings)),
            ("headers", Value::dict(Dict::new())),
            ("body", Value::list(Vec::new())),
            ("_lang", self.lang.to_value()),
            ("ctype", self.ctype.to_value()),
            ("cenc", self.cenc.as_ref().map_or(Value::None, Text::to_value)),
            ("decoded", Value::dict(self.decoded.to_dict())),
            ("filename", Value::Str(self.filename.clone())),
            ("__listname", Value::str(list)),
        ];
        attributes.into_iter().for_each(|(name, value)| dict.set(name, value));
        self.other.iter().for_each(|(name, value)| dict.set_value(name.clone(), value.clone()));
        let object = Object::old_style("Mailman.Archiver.HyperArch", "Article", dict);
        pickle::dumps(&Value::Object(Rc::new(object)), Protocol::P0)
    }

    /// From the article index. What an old version did not store has the value that Python's `__setstate__` gives it.
    ///
    /// # Errors
    /// It is no pickle of an article.
    pub fn from_pickle(setting: &Setting<'_>, data: &ByteStr) -> Result<Self, HandlerError> {
        let (value, _) = pickle::load(data).map_err(unreadable)?;
        let state = value.as_object().and_then(Object::attributes);
        let state = state.ok_or_else(|| {
            Culprit::Record("a volume's index of articles".to_owned()).says("an archived article is not an instance")
        })?;
        let text = |name: &str| state.get(name.as_bytes()).and_then(Text::from_value).unwrap_or_default();
        let bytes = |name: &str| state.get(name.as_bytes()).and_then(Value::as_text).cloned();
        let references = state.get(b"references").and_then(Value::as_items).unwrap_or_default();
        let mut other = Dict::new();
        let is_known = |name: &Value| name.as_text().is_some_and(|name| KNOWN.iter().any(|known| name == known));
        for (name, value) in state.iter().filter(|(name, _)| !is_known(name)) {
            other.set_value(name.clone(), value.clone());
        }
        Ok(Article {
            sequence: state.get(b"sequence").and_then(Value::as_int).unwrap_or_default(),
            parent: bytes("parentID"),
            thread_key: bytes("threadKey"),
            msgid: bytes("msgid").unwrap_or_default(),
            subject: text("subject"),
            date: bytes("date").unwrap_or_default(),
            datestr: text("datestr"),
            author: text("author"),
            email: text("email"),
            raw_in_reply_to: bytes("_in_reply_to"),
            raw_references: bytes("_references"),
            raw_message_id: bytes("_message_id"),
            in_reply_to: bytes("in_reply_to").unwrap_or_default(),
            references: references.iter().filter_map(|value| value.as_text().cloned()).collect(),
            fromdate: bytes("fromdate").unwrap_or_default(),
            lang: state.get(b"_lang").or(Some(&setting.lang_value)).and_then(Text::from_value).unwrap_or_default(),
            ctype: text("ctype"),
            cenc: state.get(b"cenc").and_then(Text::from_value),
            decoded: state.get(b"decoded").and_then(Value::as_dict).map(Decoded::from_dict).unwrap_or_default(),
            filename: bytes("filename").unwrap_or_default(),
            body: Vec::new(),
            last_article_time: state.get(b"_last_article_time").cloned().unwrap_or(Value::None),
            other,
        })
    }
}

/// The attributes that have a field of their own.
const KNOWN: &[&str] = &[
    "sequence",
    "parentID",
    "threadKey",
    "msgid",
    "subject",
    "date",
    "datestr",
    "fromdate",
    "author",
    "email",
    "_in_reply_to",
    "_references",
    "_message_id",
    "in_reply_to",
    "references",
    "headers",
    "body",
    "_lang",
    "ctype",
    "cenc",
    "decoded",
    "filename",
    "__listname",
    "_last_article_time",
];

impl Decoded {
    fn to_dict(&self) -> Dict {
        let mut dict = Dict::new();
        let fields = [
            ("author", &self.author),
            ("email", &self.email),
            ("subject", &self.subject),
            ("stripped", &self.stripped),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                dict.set(name, value.to_value());
            }
        }
        dict
    }

    fn from_dict(dict: &Dict) -> Self {
        let text = |name: &str| dict.get(name.as_bytes()).and_then(Text::from_value);
        Decoded { author: text("author"), email: text("email"), subject: text("subject"), stripped: text("stripped") }
    }
}

fn unreadable(error: PickleError) -> HandlerError {
    HandlerError::at("an archived article cannot be read")(error)
}

/// Takes a pair of quotes or brackets around an id away.
pub fn strip_separators(text: &ByteStr) -> ByteStr {
    match (text.first(), text.last()) {
        (Some(b'"' | b'<' | b'(' | b'['), Some(b'"' | b'>' | b')' | b']')) => text.slice(1..text.len().max(2) - 1),
        _ => text.clone(),
    }
}

/// The first `<...>` of a line, up to the last `>` on it.
fn bracketed(text: &ByteStr) -> ByteStr {
    let mut start = 0;
    for line in text.split(|&b| b == b'\n') {
        let open = line.iter().position(|&b| b == b'<');
        let close = line.iter().rposition(|&b| b == b'>');
        if let (Some(open), Some(close)) = (open, close) {
            if open < close {
                return strip_separators(&text.slice(start + open..start + close + 1));
            }
        }
        start += line.len() + 1;
    }
    ByteStr::default()
}

fn references(text: &ByteStr) -> Vec<ByteStr> {
    crate::text::words(text).map(|word| strip_separators(&word.into())).collect()
}

/// Name and address of From; the address of Reply-To where From has none.
fn sender(msg: &Message) -> (ByteStr, ByteStr) {
    let (name, mut email) = parseaddr(&header(msg, "from").unwrap_or_default());
    if email.is_empty() {
        email = header(msg, "reply-to").map(|text| parseaddr(&text).1).unwrap_or_default();
    }
    let (name, email) = (strip_separators(&name), strip_separators(&email));
    if name.is_empty() {
        return (email.clone(), email);
    }
    (name, email)
}

/// `re.sub('@', at, text)`
pub fn replace_at(text: &Text, at: &[u8]) -> Text {
    text.map(|bytes| bytes.split(|&b| b == b'@').collect::<Vec<_>>().join(at))
}

/// A header as characters on one line; what cannot be decoded is read in the list's charset.
fn decode(setting: &Setting<'_>, field: &Text) -> String {
    if let Some(text) = plain_header(field.bytes()) {
        return one_line_unicode(text);
    }
    let decoded = decode_header(field.bytes())
        .and_then(|words| make_header(&words, &Layout::default()))
        .and_then(|header| header.to_unicode());
    match decoded {
        Ok(text) => one_line_unicode(&text.to_text()),
        Err(_) => {
            // An English list is taken to mean Latin-1.
            let charset = if setting.charset == "us-ascii" { "iso-8859-1".into() } else { setting.charset.clone() };
            let text = codecs::decode_string(field.bytes(), &charset, Errors::Replace).unwrap_or_default();
            one_line_unicode(&text)
        }
    }
}

/// A header in which nothing is to be decoded: most of them.
fn plain_header(field: &[u8]) -> Option<&str> {
    let is_plain = field.is_ascii() && memchr::memmem::find(field, b"=?").is_none();
    std::str::from_utf8(field).ok().filter(|_| is_plain)
}

/// Bytes of a header that pages and databases take; they hold it many times over.
const MAX_HEADER: usize = 64 << 10;

/// A header's value, cut off where it is no header any more that somebody wrote. The mbox has all of it. It is a copy: a
/// window on the message would keep all of its text in memory as long as the article.
fn header(msg: &Message, name: &str) -> Option<ByteStr> {
    let value = msg.get_str(name)?;
    if value.len() <= MAX_HEADER {
        return Some(value[..].into());
    }
    let blank = memchr::memrchr(b' ', &value[..MAX_HEADER]);
    Some(value[..blank.unwrap_or(MAX_HEADER)].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};

    /// What the reference stores: the subject, and the one that its index is sorted by.
    #[test]
    fn subjects_of_nothing_but_prefixes() {
        let article = |version, subject: &str| {
            let post = format!("From: anna@example.org\nSubject: {subject}\nMessage-ID: <1@x>\n\nx\n");
            let mut fixture = Fixture::new(version, &[("subject_prefix", Value::str(""))], post.as_bytes());
            let setting = Setting::new(&fixture.site, &fixture.list, b"en");
            let article = Article::new(&setting, &mut fixture.msg, 0).unwrap();
            (article.subject.to_value(), article.index_subject().to_value())
        };
        let index = |text: &str| Value::Unicode(text.into());
        assert_eq!(article(OLD, "Re:"), (Value::str(""), Value::str("")));
        assert_eq!(article(NEW, "Re:"), (Value::str("No subject"), index("nosubject")));
        for version in [OLD, NEW] {
            assert_eq!(article(version, "AW:"), (Value::str("AW:"), Value::str("AW:")));
            assert_eq!(article(version, "Hello"), (Value::str("Hello"), index("hello")));
        }
    }

    #[test]
    fn separators_go_in_pairs() {
        for (text, expected) in [("<a@b>", "a@b"), ("\"x]", "x"), ("<a", "<a"), ("<", "<"), ("\"", ""), ("", "")] {
            assert_eq!(strip_separators(&text.into()), expected, "{text}");
        }
    }

    #[test]
    fn the_reply_is_what_stands_in_brackets() {
        assert_eq!(bracketed(&"Message of Monday <a@b> and <c@d> x".into()), "a@b> and <c@d");
        assert_eq!(bracketed(&"no\n <a@b>".into()), "a@b");
        assert_eq!(bracketed(&"> none <".into()), "");
    }

    #[test]
    fn a_plain_header_is_what_decoding_it_would_give() {
        for field in ["Hello  world", " Hi\n\tthere ", "a = ?b?", "\tx", "", "a\r\n b", "\x1b$B$"] {
            let decoded = make_header(&decode_header(field.as_bytes()).unwrap(), &Layout::default()).unwrap();
            let text = one_line_unicode(&decoded.to_unicode().unwrap().to_text());
            assert_eq!(plain_header(field.as_bytes()).map(one_line_unicode), Some(text), "{field:?}");
        }
        assert!(plain_header(b"=?utf-8?q?x?=").is_none() && plain_header(b"\xe4").is_none());
    }
}
