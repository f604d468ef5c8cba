//! What came of an entry, in words that can be compared: entries for other queues, held posts, the list as it was saved, log
//! lines.

use super::normal::normal;
use super::snapshot::Snapshot;
use compat::email::{generator, Message};
use compat::format::repr;
use compat::pickle;
use compat::queue::{Entry, EntryMessage};
use compat::value::Value;
use compat::ByteStr;
use std::collections::BTreeMap;

/// Keys of metadata that say when and how, not what.
const PASSING: [&str; 3] = ["received_time", "version", "bak_count"];
/// More of a message is not kept for the report.
const SHOWN: usize = 64 * 1024;

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
    pub log: Vec<String>,
}

impl Outcome {
    /// Takes in an entry for a queue.
    pub fn add_entry(&mut self, queue: &str, bytes: &[u8], own_paths: &str) {
        self.entries.push((queue.to_string(), entry(bytes).replace(own_paths, "")));
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

    /// Takes in log lines: `Nov 30 16:30:12 2026 (PID) text`.
    pub fn add_log(&mut self, line: &[u8]) {
        let text = normal(line);
        let told = text.split_once(") ").map_or(text.clone(), |(_, told)| told.to_string());
        self.log.push(told);
        self.log.sort();
    }
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
    normal(text.get(..SHOWN).unwrap_or(&text))
}
