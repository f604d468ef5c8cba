//! The topics of a list out of the fields of their page (`handleForm` of Mailman/Gui/Topics.py).
//!
//! The topics are made anew from those that were sent: what is missing is gone. A form without any changes nothing.

use super::complaints::{Complaint, TOPIC_INCOMPLETE, TOPIC_PATTERN};
use super::form::Fields;
use super::numbered::Item;
use super::valid::int;
use crate::text::{html, lines};
use compat::list::{attributes, MailList};
use compat::pattern::{Flags, Pattern};
use compat::site::Switch;
use compat::value::Value;

const TOPICS: &str = "topics";

pub(super) fn handle(list: &mut MailList, fields: &dyn Fields, complaints: &mut Vec<Complaint>) {
    if !fields.has(b"topic_box_01") {
        return;
    }
    let mut topics = Vec::new();
    for item in Item::all(fields, "topic") {
        if item.has("delete") {
            continue;
        }
        let Some(name) = item.get("box") else { break };
        match topic(list, &item, name) {
            Ok(topic) => item.push_with_new(topic, empty, &mut topics),
            Err(complaint) => complaints.push(complaint),
        }
    }
    list.set(attributes::TOPICS, Value::list(topics));
    for name in [attributes::TOPICS_ENABLED, attributes::TOPICS_BODYLINES_LIMIT] {
        if let Some(number) =
            fields.first(name.as_str().as_bytes()).and_then(|value| int(&Value::str(value)).ok()?.as_int())
        {
            list.set(name, Value::Int(number));
        }
    }
}

fn topic(list: &MailList, item: &Item<'_>, name: &[u8]) -> Result<Value, Complaint> {
    let (pattern, description) = (item.get("rebox"), item.get("desc"));
    if item.has("new") && (name.is_empty() || pattern.is_none_or(<[u8]>::is_empty)) {
        return Err(Complaint::error(TOPICS, &TOPIC_INCOMPLETE));
    }
    // Without a field for its pattern a topic cannot be told from a broken one; Python raises.
    let pattern = pattern.ok_or_else(|| Complaint::error(TOPICS, &TOPIC_INCOMPLETE))?;
    if !is_pattern(list, pattern) {
        return Err(Complaint::error(TOPICS, &TOPIC_PATTERN).with("safepattern", pattern));
    }
    let name = html::websafe(list.site(), name);
    Ok(Value::tuple(vec![
        Value::str(name),
        Value::str(pattern),
        description.map_or(Value::None, Value::str),
        Value::Bool(false),
    ]))
}

/// A new topic, which its last member marks as empty.
fn empty() -> Value {
    Value::tuple(vec![Value::str(""), Value::str(""), Value::str(""), Value::Bool(true)])
}

/// Newer versions take each line as a pattern, older ones the whole as one that may be commented.
fn is_pattern(list: &MailList, pattern: &[u8]) -> bool {
    match list.site().profile.has(Switch::TopicsByLine) {
        true => Pattern::new(&lines(pattern).join(&b"|"[..]), Flags::default()).is_ok(),
        false => Pattern::new(pattern, Flags { verbose: true, ..Flags::default() }).is_ok(),
    }
}
