//! Values checked, converted and set, from a page or from a file (`config_list -i`).
//!
//! Answers to `_setValue` of the classes in Mailman/Gui/.

use super::complaints::{
    Complaint, CHUNK_SIZE, DMARC_ACTION, HOST_NAME, HTML, LANGUAGE, MIME_TYPE, NO_NUMBER, REAL_NAME,
};
use super::history::Before;
use super::valid::{int, text, valid, Bad};
use super::{filled, find, references, Row, Rule};
use crate::text::{lines, suspicious};
use compat::format::text_of;
use compat::list::{attributes, MailList};
use compat::names::by_name;
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;

/// The options of [`super::Widget::MemberOptions`], with their bits, in the order of the page.
pub const MEMBER_OPTIONS: [(&str, i64); 4] = [("hide", 16), ("ack", 4), ("notmetoo", 2), ("nodupes", 256)];
const PAGE_BITS: i64 = 16 | 4 | 2 | 256;
pub(super) const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// What became of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is set, and these doubts remain.
    Set(Vec<Complaint>),
    /// No attribute of the list.
    Unknown,
    /// An attribute, but no option: set as it is.
    NonStandard,
    /// Not of the kind that it must be.
    Invalid,
    /// Addresses in it are bad.
    BadAddress(ByteStr),
    /// It must not be, for this reason.
    Refused(Complaint),
    /// Of a kind on which Python fails: it looks at nothing that follows.
    Failed,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    File,
    Page,
}

/// Sets an attribute as a file names it.
pub fn set(list: &mut MailList, name: &str, value: &Value) -> Outcome {
    if !list.has(by_name(name)) {
        return Outcome::Unknown;
    }
    let Some(row) = find(list.site(), name.as_bytes()) else {
        list.set(by_name(name), value.clone());
        return Outcome::NonStandard;
    };
    let before = Before::of(list, std::iter::once(row));
    let outcome = set_row(list, row, value, Source::File);
    before.record(list);
    outcome
}

/// Sets an option.
pub(super) fn set_row(list: &mut MailList, row: &Row, value: &Value, source: Source) -> Outcome {
    let outcome = valid(list, row, value).and_then(|value| store(list, row, value, source));
    outcome.unwrap_or_else(|bad| match bad {
        Bad::Value => Outcome::Invalid,
        Bad::Address(bad) => Outcome::BadAddress(bad),
        Bad::Kind => Outcome::Failed,
    })
}

const FINE: Outcome = Outcome::Set(Vec::new());

/// `_setValue` of the category.
fn store(list: &mut MailList, row: &Row, value: Value, source: Source) -> Result<Outcome, Bad> {
    let refused = |text| Ok(Outcome::Refused(Complaint::error(row.name, text)));
    match row.rule {
        Rule::RealName if !text(&value)?.eq_ignore_ascii_case(list.name()) => refused(&REAL_NAME),
        Rule::ChunkSize if !matches!(value, Value::Int(n) if n >= 1) => refused(&CHUNK_SIZE),
        Rule::HostName if is_bad_host(list, &value)? => refused(&HOST_NAME),
        Rule::PreferredLanguage if is_unknown_language(list, &value, source)? => refused(&LANGUAGE),
        Rule::Html if is_suspicious(list, row, &value)? => refused(&HTML),
        Rule::Filled(names) => {
            let (value, remark) = filled::checked(list, row.name, names, &value)?;
            set_if_other(list, row.name, value);
            Ok(Outcome::Set(remark.into_iter().collect()))
        }
        Rule::DmarcAction => Ok(set_dmarc_action(list, row, value)),
        Rule::MemberOptions => set_bits(list, &value, source),
        Rule::MimeTypes | Rule::Extensions => set_lines(list, row, text(&value)?, &value),
        Rule::Act(_) => Ok(FINE),
        Rule::Always | Rule::FilterRules => Ok(assign(list, row.name, value)),
        Rule::SubscribePolicy => Ok(assign(list, row.name, shifted_policy(list, value, source))),
        Rule::SubjectPrefix => {
            text(&value)?;
            let charset = list.charset();
            Ok(assign(list, row.name, Value::Unicode(references::resolved(&value, &charset))))
        }
        Rule::Score | Rule::Days | Rule::Whole => set_number(list, row, &value),
        _ => Ok(set_if_other(list, row.name, value)),
    }
}

fn assign(list: &mut MailList, name: &str, value: Value) -> Outcome {
    list.set(by_name(name), value);
    FINE
}

/// Python's `!=`: what is equal stays as it is, though it may be of another kind.
fn set_if_other(list: &mut MailList, name: &str, value: Value) -> Outcome {
    if !list.get(by_name(name)).is_some_and(|old| are_equal(old, &value)) {
        list.set(by_name(name), value);
    }
    FINE
}

/// Python's `==`: numbers of all kinds compare, and so do `str` and `unicode` as long as they are ASCII.
fn are_equal(one: &Value, other: &Value) -> bool {
    let all = |one: &[Value], other: &[Value]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_equal(one, other))
    };
    match (one, other) {
        (Value::List(one), Value::List(other)) => all(one, other),
        (Value::Tuple(one), Value::Tuple(other)) => all(one, other),
        _ => match (one.as_float(), other.as_float(), one.as_text(), other.as_text()) {
            (Some(one), Some(other), ..) => one == other,
            (.., Some(text), Some(same)) if text.is_ascii() => text == same,
            _ => one == other,
        },
    }
}

/// Where nobody may join without any step, a page has no button for that, and its buttons count from the next policy.
fn shifted_policy(list: &MailList, value: Value, source: Source) -> Value {
    let shift = source == Source::Page && !list.site().settings.truth(settings::ALLOW_OPEN_SUBSCRIBE);
    match value.as_int() {
        Some(policy) if shift => Value::Int(policy.saturating_add(1)),
        _ => value,
    }
}

fn set_dmarc_action(list: &mut MailList, row: &Row, value: Value) -> Outcome {
    let least = list.site().settings.int(settings::DEFAULT_DMARC_MODERATION_ACTION).unwrap_or(0);
    if value.as_int().is_none_or(|action| action >= least) {
        return assign(list, row.name, value);
    }
    list.set(by_name(row.name), Value::Int(least));
    Outcome::Set(vec![Complaint::error(row.name, &DMARC_ACTION).with("least", least.to_string())])
}

/// Mailman/Gui/Bounce.py: what is no number by now is refused with a complaint.
fn set_number(list: &mut MailList, row: &Row, value: &Value) -> Result<Outcome, Bad> {
    let number = match row.rule {
        Rule::Score => value.as_float().map(Value::Float).ok_or(Bad::Value),
        Rule::Days => {
            int(value).map(|days| Value::Int(days.as_int().unwrap_or(i64::MAX).saturating_mul(SECONDS_A_DAY)))
        }
        _ => int(value),
    };
    match number {
        Ok(number) => Ok(set_if_other(list, row.name, number)),
        Err(Bad::Value) => Ok(Outcome::Refused(Complaint::error(row.name, &NO_NUMBER))),
        Err(bad) => Err(bad),
    }
}

fn is_bad_host(list: &MailList, host: &Value) -> Result<bool, Bad> {
    if !list.site().profile.has(Switch::ConfigListHostChecked) {
        return Ok(false);
    }
    Ok(!list.is_valid_email(&[b"user@", &text(host)?[..]].concat()))
}

/// Whether a page asks for a language that nobody knows: Python looks it up, fails, and nothing of the form is kept. A
/// file may name one, as long as a folder can be called so.
fn is_unknown_language(list: &MailList, value: &Value, source: Source) -> Result<bool, Bad> {
    let language = text(value)?;
    match value {
        Value::Unicode(_) if !language.is_ascii() => Err(Bad::Kind),
        _ => Ok(source == Source::Page && !list.site().is_language(language)),
    }
}

fn is_suspicious(list: &MailList, row: &Row, value: &Value) -> Result<bool, Bad> {
    if list.get(by_name(row.name)).is_some_and(|old| are_equal(old, value)) {
        return Ok(false);
    }
    Ok(suspicious::is_suspicious(&list.site().profile, text(value)?))
}

/// A file has the sum of bits, a page the names of those that are on. Older versions know the bits of the page alone.
fn set_bits(list: &mut MailList, value: &Value, source: Source) -> Result<Outcome, Bad> {
    let (bits, mask) = match (source, value) {
        (Source::Page, value) => (named_bits(value), PAGE_BITS),
        // Of a list the first item counts.
        (Source::File, Value::List(items)) => {
            (items.first().and_then(Value::as_int).ok_or(Bad::Kind)?, known_bits(list))
        }
        (Source::File, value) => (value.as_int().ok_or(Bad::Kind)?, known_bits(list)),
    };
    let new = match list.site().profile.has(Switch::ConfigListOptionBits) {
        true => (list.int(attributes::NEW_MEMBER_OPTIONS) & !mask) | (bits & mask),
        false => bits & PAGE_BITS,
    };
    Ok(assign(list, "new_member_options", Value::Int(new)))
}

fn named_bits(value: &Value) -> i64 {
    let named: Vec<ByteStr> = value.as_items().unwrap_or_default().iter().map(text_of).collect();
    let on = MEMBER_OPTIONS.iter().filter(|(name, _)| named.iter().any(|named| named[..] == *name.as_bytes()));
    on.fold(0, |bits, (_, bit)| bits | bit)
}

fn known_bits(list: &MailList) -> i64 {
    let known = list.site().settings.get(settings::OPTINFO).and_then(Value::as_dict);
    let known = known.into_iter().flat_map(|dict| dict.iter()).filter_map(|(_, bit)| bit.as_int());
    known.fold(0, |mask, bit| mask | bit)
}

/// Types in lower case, those that are none left out; endings in lower case.
fn set_lines(list: &mut MailList, row: &Row, text: &[u8], value: &Value) -> Result<Outcome, Bad> {
    let (mut items, mut doubts) = (Vec::new(), Vec::new());
    for line in lines(text).into_iter().map(crate::text::strip) {
        match row.rule == Rule::MimeTypes && !is_type(line) {
            true => doubts.push(Complaint::error(row.name, &MIME_TYPE).with("spectype", line)),
            false => items.push(value.with_text(crate::text::lower(line))),
        }
    }
    list.set(by_name(row.name), Value::list(items));
    Ok(Outcome::Set(doubts))
}

fn is_type(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|&byte| byte == b'/').map(crate::text::strip).collect();
    matches!(parts.len(), 1 | 2) && parts.iter().all(|part| !part.is_empty())
}
