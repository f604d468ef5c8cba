//! The header filter rules of a list out of the fields of their page (`_handleForm` of Mailman/Gui/Privacy.py).
//!
//! The rules are made anew from those that were sent: what is missing is gone, and so is a rule whose pattern is none. A
//! form without any changes nothing.

use super::complaints::{Complaint, FILTER_INCOMPLETE, FILTER_PATTERN};
use super::form::Fields;
use super::numbered::Item;
use super::valid::int;
use crate::text::references::xml_to_unicode;
use compat::codecs;
use compat::list::{attributes, MailList};
use compat::pattern::{Flags, Pattern};
use compat::site::Switch;
use compat::value::Value;

const RULES: &str = "header_filter_rules";
/// The action of a rule that says none that is known.
const DEFER: i64 = 0;

pub(super) fn handle(
    list: &mut MailList,
    fields: &dyn Fields,
    charset: Option<&[u8]>,
    complaints: &mut Vec<Complaint>,
) {
    if fields.has(b"hdrfilter_rebox_01") {
        let rules = sent(list, fields, charset, complaints);
        list.set(attributes::HEADER_FILTER_RULES, Value::list(rules));
    }
    // A field of the option's own name, which no page of Mailman's has: empty, it takes the rules away and leaves a text.
    if fields.first(RULES.as_bytes()).is_some_and(<[u8]>::is_empty) {
        list.set(attributes::HEADER_FILTER_RULES, Value::str(""));
    }
}

/// The rules of a form.
fn sent(list: &MailList, fields: &dyn Fields, charset: Option<&[u8]>, complaints: &mut Vec<Complaint>) -> Vec<Value> {
    let (mut rules, mut down) = (Vec::new(), None);
    for item in Item::all(fields, "hdrfilter") {
        if item.has("delete") {
            continue;
        }
        let Some(pattern) = item.get("rebox") else { break };
        if item.has("new") && pattern.is_empty() {
            // The one that stands there while there are no rules is no fault.
            complaints.extend((!item.is_first()).then(|| Complaint::error(RULES, &FILTER_INCOMPLETE)));
            continue;
        }
        match checked(list, pattern, charset) {
            Some(pattern) => put(&item, rule(pattern, action(&item), false), &mut rules, &mut down),
            None => complaints.push(Complaint::error(RULES, &FILTER_PATTERN).with("safepattern", pattern)),
        }
    }
    move_down(&mut rules, down);
    rules
}

fn put(item: &Item<'_>, rule: Value, rules: &mut Vec<Value>, down: &mut Option<usize>) {
    if !item.has("add") && item.has("up") {
        let before_last = rules.len().saturating_sub(1);
        rules.insert(before_last, rule);
        return;
    }
    if !item.has("add") && item.has("down") {
        *down = Some(item.place());
    }
    item.push_with_new(rule, empty, rules);
}

/// The place counts items of the page; where others were left out it may be another rule, or none.
fn move_down(rules: &mut Vec<Value>, down: Option<usize>) {
    if let Some(place) = down.filter(|place| *place < rules.len()) {
        let rule = rules.remove(place);
        let below = (place + 1).min(rules.len());
        rules.insert(below, rule);
    }
}

fn action(item: &Item<'_>) -> i64 {
    item.get("action").and_then(|value| int(&Value::str(value)).ok()?.as_int()).unwrap_or(DEFER)
}

fn rule(pattern: Value, action: i64, is_empty: bool) -> Value {
    Value::tuple(vec![pattern, Value::Int(action), Value::Bool(is_empty)])
}

/// A new rule, which its last member marks as empty.
fn empty() -> Value {
    rule(Value::str(""), DEFER, true)
}

/// The pattern as it is stored: characters in newer versions, bytes in older ones. `None` if it is no pattern.
fn checked(list: &MailList, pattern: &[u8], charset: Option<&[u8]>) -> Option<Value> {
    if !list.site().profile.has(Switch::FilterRulesUnicode) {
        return Pattern::new(pattern, Flags::default()).is_ok().then(|| Value::str(pattern));
    }
    let own = list.charset();
    let named = charset.filter(|charset| codecs::lookup(charset).is_some());
    let text = xml_to_unicode(pattern, named.unwrap_or(&own));
    Pattern::new_text(&text, Flags::default()).is_ok().then(|| Value::Unicode(text.as_str().into()))
}
