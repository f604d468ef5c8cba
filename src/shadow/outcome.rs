//! What came of an entry, in words that can be compared: entries for other queues, held posts, the list as it was saved, log
//! lines.

use super::normal::normal;
use super::snapshot::Snapshot;
use compat::email::transfer::base64_decode_unpadded;
use compat::email::{generator, Message};
use compat::format::repr;
use compat::pickle;
use compat::queue::{Entry, EntryMessage};
use compat::value::Value;
use compat::ByteStr;
use std::collections::{BTreeMap, BTreeSet};

/// Keys of metadata that say when and how, not what.
const PASSING: [&str; 3] = ["received_time", "version", "bak_count"];
/// More of a message is not kept for the report.
const SHOWN: usize = 64 * 1024;

/// Here quoted-printable breaks a line, which depends on what stands there.
const BROKEN: std::ops::RangeInclusive<usize> = FULL - 4..=FULL - 1;
/// Shorter words are not looked for in texts.
const PASSWORD: usize = 6;
/// Mailman and everybody else fill lines of base64 up to here.
const FULL: usize = 76;

/// One side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Queue and words of each entry, sorted.
    pub entries: Vec<(String, String)>,
    pub held: Vec<String>,
    /// Attributes of the list.
    pub list: BTreeMap<String, String>,
    /// What is pending, and what waits for moderators: without their keys, which are random.
    pub pending: Vec<String>,
    pub requests: Vec<String>,
    pub digest: String,
    /// The end of the archive's mbox.
    pub mbox: String,
    pub log: Vec<String>,
}

impl Outcome {
    /// Takes in an entry for a queue; `root` is what stands before each path of a copy.
    pub fn add_entry(&mut self, queue: &str, bytes: &[u8], root: Option<&str>) {
        let text = entry(bytes);
        let text = root.map_or_else(|| text.clone(), |root| text.replace(root, ""));
        self.entries.push((queue.to_string(), text));
        self.entries.sort();
    }

    /// Takes in a held post.
    pub fn add_held(&mut self, bytes: &[u8]) {
        let value = pickle::load(&ByteStr::from(bytes)).map(|(value, _)| value);
        self.held.push(value.map_or_else(|_| normal(bytes), |value| message(&EntryMessage::Object(value))));
        self.held.sort();
    }

    /// Takes in the state of the list.
    pub fn set_list(&mut self, list: &Snapshot) {
        for (key, value) in dictionary(list.file("config.pck")) {
            self.list.insert(key, value);
        }
        let values = |name: &str| {
            let mut values: Vec<String> = dictionary(list.file(name)).into_iter().map(|(_, value)| value).collect();
            values.sort();
            values
        };
        self.pending = values("pending.pck");
        self.requests = values("request.pck");
        self.digest = normal(list.file("digest.mbox").unwrap_or_default());
    }

    /// Puts one word in the place of each password that was made up on the way.
    pub fn hide_passwords(&mut self, before: &Snapshot, after: &Snapshot) {
        let known = passwords(before);
        for password in passwords(after).difference(&known).filter(|password| password.len() >= PASSWORD) {
            let hide = |text: &mut String| *text = text.replace(&password[..], "*password*");
            self.entries.iter_mut().for_each(|(_, text)| hide(text));
            self.list.values_mut().chain(&mut self.requests).for_each(hide);
        }
        self.entries.sort();
        self.requests.sort();
    }

    /// Takes in what the archive got.
    pub fn set_mbox(&mut self, text: &[u8]) {
        self.mbox = normal(text);
    }

    /// Takes in a log line.
    pub fn add_log(&mut self, line: &[u8]) {
        self.log.push(log_line(line));
        self.log.sort();
    }
}

/// `Nov 30 16:30:12 2026 (PID) text`, without what no two have in common.
pub fn log_line(line: &[u8]) -> String {
    let text = normal(line);
    let told = text.split_once(") ").map_or(&text[..], |(_, told)| told);
    // How long it took is the machine's.
    told.split_once(", completed in ").map_or(told, |(told, _)| told).to_string()
}

/// Those of members, and of requests to become one: `(2, (when, address, name, password, digest, language))`.
fn passwords(list: &Snapshot) -> BTreeSet<String> {
    let values = |name: &str| -> Vec<Value> {
        let loaded = list.file(name).and_then(|bytes| pickle::load(&ByteStr::from(bytes)).ok());
        match loaded {
            Some((Value::Dict(dict), _)) => dict.iter().map(|(_, value)| value.clone()).collect(),
            _ => Vec::new(),
        }
    };
    let loaded = list.file("config.pck").and_then(|bytes| pickle::load(&ByteStr::from(bytes)).ok());
    let of_members = match loaded.as_ref().and_then(|(value, _)| value.as_dict()?.get(b"passwords")?.as_dict()) {
        Some(passwords) => passwords.iter().map(|(_, password)| password.clone()).collect(),
        None => Vec::new(),
    };
    let of_request = |request: &Value| request.as_items()?.get(1)?.as_items()?.get(3).cloned();
    let of_requests = values("request.pck").iter().filter_map(of_request).collect::<Vec<Value>>();
    of_members.iter().chain(&of_requests).filter_map(|value| value.as_text().map(ByteStr::to_latin1)).collect()
}

fn dictionary(bytes: Option<&[u8]>) -> Vec<(String, String)> {
    let Some((Value::Dict(dict), _)) = bytes.and_then(|bytes| pickle::load(&ByteStr::from(bytes)).ok()) else {
        return Vec::new();
    };
    let key = |key: &Value| key.as_text().map_or_else(|| normal(&repr(key)), ByteStr::to_latin1);
    dict.iter().map(|(name, value)| (key(name), words(value))).collect()
}

/// A value; the order of a dictionary says nothing.
fn words(value: &Value) -> String {
    match value {
        Value::Dict(dict) => {
            let mut items: Vec<String> =
                dict.iter().map(|(key, value)| format!("{}: {}", words(key), words(value))).collect();
            items.sort();
            format!("{{{}}}", items.join(", "))
        }
        // What a held post's record says of it stands in a tuple.
        Value::Tuple(items) => format!("({})", items.iter().map(words).collect::<Vec<String>>().join(", ")),
        other => normal(&repr(other)),
    }
}

/// Metadata line by line, then the message.
fn entry(bytes: &[u8]) -> String {
    let Ok(entry) = Entry::parse(&ByteStr::from(bytes)) else { return "not to be read".to_string() };
    let value = entry.metadata.to_value();
    let mut lines: Vec<String> = Vec::new();
    for (key, value) in value.as_dict().into_iter().flat_map(|dict| dict.iter()) {
        let key = key.as_text().map(ByteStr::to_latin1).unwrap_or_default();
        if !key.starts_with('_') && !PASSING.contains(&&key[..]) {
            lines.push(format!("{key} = {}", recipients(&key, value)));
        }
    }
    lines.sort();
    format!("{}\n\n{}", lines.join("\n"), message(&entry.message))
}

/// Whom a post goes to stands in no order that means anything.
fn recipients(key: &str, value: &Value) -> String {
    let Some(items) = value.as_items().filter(|_| key == "recips") else { return words(value) };
    let mut items: Vec<String> = items.iter().map(words).collect();
    items.sort();
    items.join(", ")
}

fn message(message: &EntryMessage) -> String {
    let text = match message {
        EntryMessage::Raw(text) => text.to_vec(),
        EntryMessage::Object(value) => {
            let parsed = Message::from_value(value).ok();
            parsed.and_then(|mut parsed| generator::as_bytes(&mut parsed, false, false).ok()).unwrap_or_default()
        }
    };
    normal(&readable(text.get(..SHOWN).unwrap_or(&text)))
}

/// A text with what is in base64 decoded, and lines that quoted-printable broke whole: tokens and times are in there too.
fn readable(text: &[u8]) -> Vec<u8> {
    let (mut out, mut block) = (Vec::with_capacity(text.len()), Vec::new());
    let mut whole = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        whole.extend_from_slice(line.strip_suffix(b"=\n").filter(|line| BROKEN.contains(&line.len())).unwrap_or(line));
    }
    for line in whole.split_inclusive(|&b| b == b'\n') {
        if is_base64(line, !block.is_empty()) {
            block.extend_from_slice(line);
        } else {
            out.extend(decoded(&std::mem::take(&mut block)));
            out.extend_from_slice(line);
        }
    }
    out.extend(decoded(&block));
    out
}

/// A full line of base64, or what ends a block of them.
fn is_base64(line: &[u8], goes_on: bool) -> bool {
    let line = line.trim_ascii_end();
    let is_known = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    line.iter().all(is_known) && (line.len() == FULL || (goes_on && !line.is_empty() && line.len() % 4 == 0))
}

fn decoded(block: &[u8]) -> Vec<u8> {
    if block.is_empty() {
        return Vec::new();
    }
    let digits: Vec<u8> = block.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    base64_decode_unpadded(&digits).map(|bytes| [&bytes[..], b"\n"].concat()).unwrap_or_else(|_| block.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_quoted_printable_broke_are_whole() {
        let start = "x".repeat(FULL - 1 - 17);
        let text = format!("{start}/0123456789abcdef=\n0123456789abcdef01234567\n=\nx=\n");
        assert_eq!(normal(&readable(text.as_bytes())), format!("{start}/#\n=\nx=\n"));
    }

    #[test]
    fn tokens_in_base64_are_tokens() {
        let text = |token: &str| {
            let inside = format!("Here is what you must answer with, or visit: confirm {token}\n");
            let digits = String::from_utf8(compat::base64::encode(inside.as_bytes())).unwrap();
            let lines: Vec<&str> = [digits.get(..FULL), digits.get(FULL..)].into_iter().flatten().collect();
            format!("Content-Transfer-Encoding: base64\n\n{}\n\n--\nabcd\n", lines.join("\n"))
        };
        let [one, two] =
            ["0123456789abcdef0123456789abcdef01234567", "f123456789abcdef0123456789abcdef01234567"].map(text);
        assert_ne!(one, two);
        let [one, two] = [one, two].map(|text| normal(&readable(text.as_bytes())));
        assert_eq!(one, two);
        assert!(one.contains("confirm #") && one.ends_with("\n--\nabcd\n"), "{one}");
    }
}
