//! Values checked, converted and set, from a page or from a file (`config_list -i`).
//!
//! Answers to `_setValue` of the classes in Mailman/Gui/.

use super::complaints::{
    Complaint, CHUNK_SIZE, DMARC_ACTION, HOST_NAME, HTML, LANGUAGE, MIME_TYPE, NO_NUMBER, REAL_NAME,
};
use super::valid::{valid, whole, Bad};
use super::{filled, find, references, Row, Rule};
use crate::text::{lines, suspicious};
use compat::format::text_of;
use compat::list::{attributes, MailList};
use compat::names::by_name;
use compat::pickle::Value;
use compat::site::{settings, Switch};
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
    set_row(list, row, value, Source::File)
}

/// Sets an option.
pub(super) fn set_row(list: &mut MailList, row: &Row, value: &Value, source: Source) -> Outcome {
    match valid(list, row, value) {
        Ok(value) => store(list, row, value, source),
        Err(Bad::Value) => Outcome::Invalid,
        Err(Bad::Address(bad)) => Outcome::BadAddress(bad),
    }
}

const FINE: Outcome = Outcome::Set(Vec::new());

/// `_setValue` of the category.
fn store(list: &mut MailList, row: &Row, value: Value, source: Source) -> Outcome {
    let refused = |text| Outcome::Refused(Complaint::error(row.name, text));
    match row.rule {
        Rule::RealName if !text_of(&value).eq_ignore_ascii_case(list.name()) => refused(&REAL_NAME),
        Rule::ChunkSize if !matches!(value, Value::Int(n) if n >= 1) => refused(&CHUNK_SIZE),
        Rule::HostName if is_bad_host(list, &text_of(&value)) => refused(&HOST_NAME),
        Rule::PreferredLanguage if source == Source::Page && !list.site().is_language(&text_of(&value)) => {
            // Python looks an unknown one up, fails, and nothing of the form is kept.
            refused(&LANGUAGE)
        }
        Rule::Html if list.get(by_name(row.name)) != Some(&value) && is_suspicious(list, &value) => refused(&HTML),
        Rule::Always | Rule::FilterRules => assign(list, row.name, value),
        Rule::MemberOptions => set_bits(list, &value, source),
        Rule::SubjectPrefix => {
            let charset = list.charset();
            assign(list, row.name, Value::Unicode(references::resolved(&value, &charset)))
        }
        Rule::SubscribePolicy => assign(list, row.name, shifted_policy(list, value, source)),
        Rule::DmarcAction => set_dmarc_action(list, row, value),
        Rule::Score => set_number(list, row, value.as_float().map(Value::Float)),
        Rule::Days => {
            let seconds = whole(&value).map(|days| Value::Int(days.saturating_mul(SECONDS_A_DAY)));
            set_number(list, row, seconds)
        }
        Rule::Whole => set_number(list, row, whole(&value).map(Value::Int)),
        Rule::MimeTypes | Rule::Extensions => set_lines(list, row, &value),
        Rule::Filled(names) => {
            let (value, remark) = filled::checked(list, row.name, names, &value);
            set_if_other(list, row.name, value);
            Outcome::Set(remark.into_iter().collect())
        }
        Rule::Act(_) => FINE,
        _ => set_if_other(list, row.name, value),
    }
}

fn assign(list: &mut MailList, name: &str, value: Value) -> Outcome {
    list.set(by_name(name), value);
    FINE
}

/// Python's `!=`: what is equal stays as it is, though it may be of another kind.
fn set_if_other(list: &mut MailList, name: &str, value: Value) -> Outcome {
    let is_equal = list.get(by_name(name)).is_some_and(|old| match (old.as_float(), value.as_float()) {
        (Some(old), Some(new)) => old == new,
        _ => *old == value,
    });
    if !is_equal {
        list.set(by_name(name), value);
    }
    FINE
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

fn set_number(list: &mut MailList, row: &Row, value: Option<Value>) -> Outcome {
    match value {
        Some(value) => set_if_other(list, row.name, value),
        None => Outcome::Refused(Complaint::error(row.name, &NO_NUMBER)),
    }
}

fn is_bad_host(list: &MailList, host: &[u8]) -> bool {
    let address = [b"user@", host].concat();
    list.site().profile.has(Switch::ConfigListHostChecked) && !list.is_valid_email(&address)
}

fn is_suspicious(list: &MailList, value: &Value) -> bool {
    suspicious::is_suspicious(&list.site().profile, &text_of(value))
}

/// A file has the sum of bits, a page the names of those that are on. Older versions know the bits of the page alone.
fn set_bits(list: &mut MailList, value: &Value, source: Source) -> Outcome {
    let (bits, mask) = match (source, value) {
        (Source::Page, value) => (named_bits(value), PAGE_BITS),
        (Source::File, value) => match value.as_int() {
            Some(bits) => (bits, known_bits(list)),
            None => return Outcome::Invalid,
        },
    };
    let new = match list.site().profile.has(Switch::ConfigListOptionBits) {
        true => (list.int(attributes::NEW_MEMBER_OPTIONS) & !mask) | (bits & mask),
        false => bits & PAGE_BITS,
    };
    assign(list, "new_member_options", Value::Int(new))
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
fn set_lines(list: &mut MailList, row: &Row, value: &Value) -> Outcome {
    let text = text_of(value);
    let (mut items, mut doubts) = (Vec::new(), Vec::new());
    for line in lines(&text).into_iter().map(crate::text::strip) {
        match row.rule == Rule::MimeTypes && !is_type(line) {
            true => doubts.push(Complaint::error(row.name, &MIME_TYPE).with("spectype", line)),
            false => items.push(Value::Str(crate::text::lower(line))),
        }
    }
    list.set(by_name(row.name), Value::list(items));
    Outcome::Set(doubts)
}

fn is_type(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|&byte| byte == b'/').map(crate::text::strip).collect();
    matches!(parts.len(), 1 | 2) && parts.iter().all(|part| !part.is_empty())
}
