//! The messages of a digest and their table of contents.

use super::Digest;
use crate::archive::mbox;
use crate::text::header::one_line_in;
use compat::email::address::getaddresses;
use compat::email::message::{HeaderValue, Message};
use compat::email::parser;
use compat::list::attributes;
use compat::pydict;
use compat::site::settings;
use compat::site::wrap::wrap;
use compat::value::Value;
use compat::ByteStr;

/// What a digest consists of.
pub struct Contents {
    /// The messages with the headers that digests keep, numbered by a `Message` header.
    pub messages: Vec<Message>,
    /// The table of contents in the charset of the wire.
    pub table: ByteStr,
}

/// Reads the mailbox. `None` when there is no message in it.
pub fn read(digest: &Digest<'_>, mailbox: &ByteStr) -> Option<Contents> {
    let keep = kept_headers(digest);
    let mut table = digest.words.say("Today's Topics:\n").to_vec();
    table.push(b'\n');
    let mut messages = Vec::new();
    for raw in mbox::split(mailbox) {
        let mut msg = parser::parse(&raw);
        list_topic(digest, &msg, messages.len() + 1, &mut table);
        reduce_headers(&mut msg, &keep);
        msg.append("Message", (messages.len() + 1).to_string().as_str());
        messages.push(msg);
    }
    (!messages.is_empty()).then(|| Contents { messages, table: digest.on_the_wire(table) })
}

/// The headers of both settings, in the order of the Python dictionary that unites them.
fn kept_headers(digest: &Digest<'_>) -> Vec<ByteStr> {
    let mut names: Vec<ByteStr> = Vec::new();
    for setting in [settings::MIME_DIGEST_KEEP_HEADERS, settings::PLAIN_DIGEST_KEEP_HEADERS] {
        names.extend(digest.site.settings.strings(setting).unwrap_or_default());
    }
    let keys: Vec<&[u8]> = names.iter().map(|name| &name[..]).collect();
    pydict::order(&keys).into_iter().filter_map(|at| names.get(at).cloned()).collect()
}

fn reduce_headers(msg: &mut Message, keep: &[ByteStr]) {
    let old = std::mem::take(&mut msg.headers);
    for name in keep {
        let fields = old.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        msg.headers.extend(fields.map(|(_, value)| (name.clone(), value.clone())));
    }
}

/// One entry of the table: number, subject without the list's prefix, author.
fn list_topic(digest: &Digest<'_>, msg: &Message, number: usize, table: &mut Vec<u8>) {
    let raw = msg.get("subject").map_or_else(|| digest.words.say("(no subject)"), HeaderValue::text);
    let subject = without_prefix(&one_line_in(&raw, &digest.charset), &prefix(digest));
    let author = author(digest, msg);
    let entry = [format!("{number:2}. ").as_bytes(), &subject].concat();
    let wrapped = wrap(&entry, 65);
    let mut lines: Vec<Vec<u8>> = wrapped.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    match lines.last_mut() {
        Some(last) if last.len() + author.len() <= 70 => last.extend_from_slice(&author),
        _ => lines.push(author),
    }
    for (at, line) in lines.iter().enumerate() {
        match at {
            0 => table.extend_from_slice(&[b"  ", &line[..], b"\n"].concat()),
            _ => table.extend_from_slice(&[b"      ", line.trim_ascii_start(), b"\n"].concat()),
        }
    }
}

/// The list's prefix as it may stand in a subject. One of characters that are no bytes stands in none.
fn prefix(digest: &Digest<'_>) -> ByteStr {
    match digest.list.get(attributes::SUBJECT_PREFIX) {
        Some(Value::Unicode(text)) => {
            let bytes: Option<Vec<u8>> = text.to_text().chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            bytes.map_or_else(|| "\n".into(), ByteStr::new)
        }
        other => other.and_then(Value::as_str).cloned().unwrap_or_default(),
    }
}

/// ` (NAME)` of the first author, or the address where there is no name.
fn author(digest: &Digest<'_>, msg: &Message) -> Vec<u8> {
    let from = one_line_in(&msg.get_str("from").unwrap_or_default(), &digest.charset);
    let first = getaddresses(&[from]).into_iter().next();
    let shown = first.map(|(name, address)| if name.is_empty() { address } else { name }).unwrap_or_default();
    match shown.is_empty() {
        true => Vec::new(),
        false => [b" (", &shown[..], b")"].concat(),
    }
}

/// Takes the list's prefix out where it begins the subject, or follows its `Re:`.
fn without_prefix(subject: &[u8], prefix: &[u8]) -> Vec<u8> {
    let begins = |at: usize| {
        let end = at + prefix.len();
        subject.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(prefix)).then_some(end)
    };
    match reply_ends(subject).into_iter().chain([0]).find_map(|at| begins(at).map(|end| (at, end))) {
        Some((at, end)) => [&subject[..at], &subject[end..]].concat(),
        None => subject.to_vec(),
    }
}

/// Where the prefix may begin behind `re`, an optional colon and blanks; the longest first, as a regular expression
/// tries them.
fn reply_ends(subject: &[u8]) -> Vec<usize> {
    let blanks = |at: usize| subject[at..].iter().take_while(|&&b| b == b' ').count();
    let mut ends = Vec::new();
    if subject.get(..2).is_some_and(|re| re.eq_ignore_ascii_case(b"re")) {
        if subject.get(2) == Some(&b':') {
            ends.extend((3..=3 + blanks(3)).rev());
        }
        ends.extend((2..=2 + blanks(2)).rev());
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};

    #[test]
    fn kept_headers_come_in_the_order_of_a_dictionary() {
        let shared =
            "Content-Transfer-Encoding From Precedence MIME-Version Cc To Keywords References In-Reply-To Date \
            Reply-To Message-ID Content-Type Message Subject";
        for (version, kept) in [(OLD, shared.to_string()), (NEW, format!("List-Post {shared}"))] {
            let fixture = Fixture::new(version, &[], b"\n");
            let digest = Digest::new(&fixture.site, &fixture.list).unwrap();
            let names: Vec<String> = kept_headers(&digest).iter().map(ToString::to_string).collect();
            assert_eq!(names.join(" "), kept);
        }
    }

    #[test]
    fn the_prefix_goes_once_from_the_start() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"[Garden] Roses", b"Roses"),
            (b"Re: [garden] Roses", b"Re: Roses"),
            (b"RE [Garden] [Garden] x", b"RE [Garden] x"),
            (b"Fwd: [Garden] x", b"Fwd: [Garden] x"),
            (b"re", b"re"),
            (b"", b""),
        ];
        for (subject, expected) in cases {
            assert_eq!(without_prefix(subject, b"[Garden] "), expected, "{}", subject.escape_ascii());
        }
        assert_eq!(without_prefix(b"Re: x", b""), b"Re: x");
        assert_eq!(without_prefix(b"re:  x", b" x"), b"re: ");
    }
}
