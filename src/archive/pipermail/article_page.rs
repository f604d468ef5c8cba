//! The page of an article, and the text of it that the volume's text file gets.
//!
//! Answers to `as_html`, `as_text` and `loadbody_fromHTML` of HyperArch's Article. A page's body is kept in the page alone
//! and read back from between two comments whenever its neighbours change; each time it gains a line end.

use super::article::{replace_at, Article};
use super::text::{is_plain, obscure_addresses, url_quote, Text};
use super::Setting;
use crate::error::HandlerError;
use crate::notice::words::Words;
use compat::email::codecs::{self, Errors};
use compat::email::date::ctime;
use compat::pickle::Value;
use compat::site::profile::Switch;
use compat::ByteStr;

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
    body: &[u8],
    previous: Option<&Neighbour>,
    next: Option<&Neighbour>,
) -> Result<ByteStr, HandlerError> {
    let words = Words::new(setting.site, &article.lang);
    let charset = setting.site.charset_or_ascii(&article.lang);
    let quoted = |text: &Text| Value::Str(text.quoted(&charset));
    let id = article.raw_message_id.clone().unwrap_or_default();
    let (author, email_url) = match setting.obscures {
        true => (replace_at(&article.author, &words.say(" at ")), setting.list.posting_address()),
        false => (article.author.clone(), ByteStr::from(article.email.bytes())),
    };
    let subject_url = url_quote(&[b"Re: ", article.subject.bytes()].concat());
    let subject = quoted(article.shown_subject());
    let labels = Labels::of(setting);
    let (prev, prev_wsubj) = labels.previous(&words, &charset, previous);
    let (next, next_wsubj) = labels.next(&words, &charset, next);
    let seconds = String::from_utf8_lossy(&article.date).parse().unwrap_or_default();
    let option = |text: &Option<ByteStr>| text.clone().map_or(Value::None, Value::Str);
    // A site's own template may name any attribute of the article.
    let mut values = vec![
        ("prev", prev),
        ("prev_wsubj", prev_wsubj),
        ("next", next),
        ("next_wsubj", next_wsubj),
        ("email_html", quoted(article.decoded.email.as_ref().unwrap_or(&article.email))),
        ("title", subject.clone()),
        ("subject_html", subject),
        ("subject_url", Value::Str(subject_url)),
        ("in_reply_to_url", Value::Str(url_quote(&id))),
        ("author_html", quoted(article.decoded.author.as_ref().unwrap_or(&author))),
        ("email_url", Value::Str(url_quote(&email_url))),
        ("datestr_html", quoted(&Text::Bytes(setting.time(&words, seconds)))),
        ("body", Value::str(body.iter().map(|&b| if b == 0 { b' ' } else { b }).collect::<Vec<u8>>())),
        ("listurl", Value::Str(setting.listinfo.clone())),
        ("listname", Value::Str(setting.list.real_name())),
        ("encoding", setting.encoding(&charset)),
        ("sequence", Value::Int(article.sequence)),
        ("msgid", Value::Str(article.msgid.clone())),
        ("subject", article.subject.to_value()),
        ("author", article.author.to_value()),
        ("email", article.email.to_value()),
        ("date", Value::Str(article.date.clone())),
        ("datestr", article.datestr.to_value()),
        ("filename", Value::Str(article.filename.clone())),
        ("fromdate", Value::Str(article.fromdate.clone())),
        ("ctype", article.ctype.to_value()),
        ("cenc", article.cenc.as_ref().map_or(Value::None, Text::to_value)),
        ("in_reply_to", Value::Str(article.in_reply_to.clone())),
        ("parentID", option(&article.parent)),
        ("threadKey", option(&article.thread_key)),
        ("_lang", Value::Str(article.lang.clone())),
        ("_in_reply_to", option(&article.raw_in_reply_to)),
        ("_references", option(&article.raw_references)),
        ("_message_id", option(&article.raw_message_id)),
    ];
    if setting.site.profile.has(Switch::ArchiveMessageIdInTemplate) {
        values.push(("message_id", quoted(&Text::Bytes(id))));
    }
    setting.page_in(&article.lang, "article.html", &values)
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
    let file = url_quote(&to.filename);
    let head = [b"<LINK REL=\"", rel.as_bytes(), b"\"  HREF=\"", &file, b"\">"].concat();
    let label = words.say(label);
    let subject = to.subject.quoted(charset);
    let item = [b"<LI>", &label[..], b" <A HREF=\"", &file, b"\">", &subject, b"\n</A></li>"].concat();
    (Value::str(head), Value::str(item))
}

/// The body of a page that was written before.
pub fn body_of_page(page: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut inside = false;
    for line in page.split_inclusive(|&b| b == b'\n') {
        match (inside, line.trim_ascii()) {
            (false, b"<!--beginarticle-->") => inside = true,
            (true, b"<!--endarticle-->") => break,
            (true, _) => body.extend_from_slice(line),
            (false, _) => {}
        }
    }
    body
}

/// The article in the volume's text file.
pub fn text(setting: &Setting<'_>, article: &Article) -> Vec<u8> {
    let or =
        |text: &[u8], default: String| if text.trim_ascii().is_empty() { default.into_bytes() } else { text.to_vec() };
    let now = || ctime(chrono::Utc::now().timestamp());
    let email = or(article.email.bytes(), "bogus@does.not.exist.com".into());
    let mut out = [b"From ", &email[..], b"  ", &or(&article.fromdate, now())].concat();
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
    out.extend_from_slice(&body_text(setting, article));
    out.push(b'\n');
    out
}

/// The body in the charset of the article's language, addresses obscured.
fn body_text(setting: &Setting<'_>, article: &Article) -> Vec<u8> {
    let charset = setting.site.charset_or_ascii(&article.lang);
    let mut text = String::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_found_between_its_comments() {
        let page = b"<html>\n<!--beginarticle-->\n<PRE>a\n</PRE>\n <!--endarticle--> \n<hr>";
        assert_eq!(body_of_page(page), b"<PRE>a\n</PRE>\n");
        assert_eq!(body_of_page(b"nothing"), b"");
    }
}
