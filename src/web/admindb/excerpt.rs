//! The headers of a held post and the beginning of its text, as bytes of the page's charset.

use super::frame::Page;
use compat::codecs::{self, Errors};
use compat::email::params::Param;
use compat::email::Message;
use compat::site::{settings, Switch};
use compat::ByteStr;

/// The most that one line adds, where Mailman shows the whole line: a binary attachment may be one.
const LONGEST_LINE: usize = 1 << 18;

/// All headers as they stand in the message, a line each.
pub(super) fn headers(message: &Message) -> Vec<u8> {
    let lines: Vec<Vec<u8>> =
        message.headers().map(|(name, value)| [&name[..], b": ", &value.text()].concat()).collect();
    lines.join(&b'\n')
}

/// The lines of all parts until ADMINDB_PAGE_TEXT_LIMIT bytes are reached, in the charset of the page. With a limit of
/// 0 or less it is all of them.
pub(super) fn excerpt(page: &Page<'_>, message: &Message) -> Vec<u8> {
    let limit = page.visit.site.settings.int(settings::ADMINDB_PAGE_TEXT_LIMIT).unwrap_or(0);
    let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    let charset = &page.texts.charset;
    match page.visit.has(Switch::ExcerptDecoded) {
        true => recoded(&beginning(message, true, limit), &text_charset(message), charset, Errors::Replace),
        false => {
            let mut text = beginning(message, false, limit.map(|limit| limit.saturating_add(1)));
            text.truncate(limit.unwrap_or(text.len()));
            recoded(&text, &parameter_charset(message), charset, Errors::Strict)
        }
    }
}

/// Whole lines until the limit is reached (`email.Iterators.body_line_iterator`).
fn beginning(message: &Message, is_decoded: bool, limit: Option<usize>) -> Vec<u8> {
    let mut text = Vec::new();
    for part in message.walk() {
        let payload = if is_decoded { part.decoded_payload() } else { part.payload_str().cloned() };
        for line in payload.iter().flat_map(|payload| payload.split_inclusive(|&byte| byte == b'\n')) {
            text.extend_from_slice(&line[..line.len().min(LONGEST_LINE)]);
            if limit.is_some_and(|limit| text.len() >= limit) {
                return text;
            }
        }
    }
    text
}

/// The charset of the first part that is text.
fn text_charset(message: &Message) -> ByteStr {
    let part = message.walk().find(|part| part.main_type() == "text");
    let charset = part.and_then(Message::content_charset).filter(|charset| !charset.is_empty());
    charset.unwrap_or_else(|| "us-ascii".into())
}

/// What older versions take for the charset: that of the message itself.
fn parameter_charset(message: &Message) -> ByteStr {
    let charset = match message.get_param("charset", "content-type") {
        Some(Param::Plain(charset) | Param::Extended { value: charset, .. }) => charset,
        None => "us-ascii".into(),
    };
    ByteStr::new(charset.to_ascii_lowercase())
}

/// The text in another charset; as it is where that cannot be.
fn recoded(text: &[u8], from: &[u8], to: &[u8], errors: Errors) -> Vec<u8> {
    if *from == *to {
        return text.to_vec();
    }
    let recoded = codecs::decode(text, from, errors).and_then(|text| codecs::encode(&text, to, errors));
    recoded.unwrap_or_else(|_| text.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::email::parser::parse;

    const TWO_PARTS: &str =
        "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\
                             Content-Transfer-Encoding: base64\n\nw7wKdHdvCg==\n--x\n\nthree\n--x--\n";

    #[test]
    fn whole_lines_until_the_limit() {
        let message = parse(&TWO_PARTS.into());
        assert_eq!(beginning(&message, true, None), "ü\ntwo\nthree".as_bytes());
        assert_eq!(beginning(&message, true, Some(3)), "ü\n".as_bytes());
        assert_eq!(beginning(&message, true, Some(4)), "ü\ntwo\n".as_bytes());
        assert_eq!(beginning(&message, false, Some(5)), b"w7wKdHdvCg==");
        assert_eq!(text_charset(&message), "utf-8");
        assert_eq!(parameter_charset(&message), "us-ascii");
    }

    #[test]
    fn what_the_page_cannot_hold() {
        assert_eq!(recoded("ü".as_bytes(), b"utf-8", b"us-ascii", Errors::Replace), b"?");
        assert_eq!(recoded("ü".as_bytes(), b"utf-8", b"us-ascii", Errors::Strict), "ü".as_bytes());
        assert_eq!(recoded(b"\xfc", b"no-such-charset", b"us-ascii", Errors::Replace), b"\xfc");
    }
}
