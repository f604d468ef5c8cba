//! Options out of a file, checked and converted before they are set (`config_list -i`).
//!
//! Answers to `_getValidValue` and `_setValue` of Mailman/Gui/. What Mailman explains in HTML is said in our own words.

use super::show::{split_lines, DAYS, LINES, SECONDS_A_DAY};
use super::{find, references, Kind};
use compat::format::{dollar_identifiers, percent_identifiers, text_of, to_dollar, to_percent};
use compat::list::MailList;
use compat::pattern::{Flags, Pattern};
use compat::pickle::Value;
use compat::site::Switch;
use compat::ByteStr;

/// Bits that Mailman's web page knows; older versions of config_list know no others.
const PAGE_BITS: i64 = 2 | 4 | 16 | 256;
/// Texts in which names are filled in.
const FILLED: [&str; 4] = ["msg_header", "msg_footer", "digest_header", "digest_footer"];
const AUTOREPLIES: [&str; 3] = ["autoresponse_postings_text", "autoresponse_admin_text", "autoresponse_request_text"];
const LIST_NAMES: [&str; 8] =
    ["real_name", "list_name", "host_name", "web_page_url", "description", "info", "cgiext", "_internal_name"];
const MEMBER_NAMES: [&str; 5] = ["user_address", "user_delivered_to", "user_password", "user_name", "user_optionsurl"];
const REPLY_NAMES: [&str; 5] = ["listname", "listurl", "requestemail", "adminemail", "owneremail"];

/// What became of a value, for the person who called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is set, and these doubts remain.
    Set(Vec<String>),
    /// No attribute of the list.
    Unknown,
    /// An attribute, but no option: set as it is.
    NonStandard,
    /// Not of the kind that it must be.
    Invalid,
    /// An address in it is bad.
    BadAddress,
    /// It must not be, for this reason.
    Refused(String),
}

/// Why a value is no value.
enum Bad {
    Value,
    Address,
}

/// Sets one option.
pub fn set(list: &mut MailList, name: &str, value: &Value) -> Outcome {
    if !list.has(name) {
        return Outcome::Unknown;
    }
    let Some((category, row)) = find(list.site(), name.as_bytes()) else {
        list.set(name, value.clone());
        return Outcome::NonStandard;
    };
    match valid(list, name, row.kind, value) {
        Ok(value) => convert_and_set(list, category, name, value),
        Err(Bad::Value) => Outcome::Invalid,
        Err(Bad::Address) => Outcome::BadAddress,
    }
}

/// `_getValidValue`
fn valid(list: &MailList, name: &str, kind: Kind, value: &Value) -> Result<Value, Bad> {
    match kind {
        Kind::Choice(_) => whole(value).map(Value::Int).ok_or(Bad::Value),
        Kind::Email if value.is_true() => match list.is_valid_email(&text_of(value)) {
            true => Ok(value.clone()),
            false => Err(Bad::Address),
        },
        Kind::EmailList | Kind::EmailListEx => addresses(list, name, kind == Kind::EmailListEx, value),
        Kind::Number => number(list, name, value),
        _ => Ok(value.clone()),
    }
}

/// `int(value)`
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Str(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        Value::Float(x) if x.is_finite() => Some(*x as i64),
        other => other.as_int(),
    }
}

fn number(list: &MailList, name: &str, value: &Value) -> Result<Value, Bad> {
    let number = match (value, whole(value)) {
        (Value::Float(_), _) => return Ok(value.clone()),
        (_, Some(n)) => Value::Int(n),
        (Value::Str(text), None) => {
            let float = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
            Value::Float(float.ok_or(Bad::Value)?)
        }
        _ => return Err(Bad::Value),
    };
    // What is below nothing leaves everything as it was.
    match number.as_float().is_some_and(|n| n < 0.0) {
        true => Ok(list.get(name).cloned().unwrap_or(Value::None)),
        false => Ok(number),
    }
}

/// A list is taken as it is; a text has an address a line.
fn addresses(list: &MailList, name: &str, patterns: bool, value: &Value) -> Result<Value, Bad> {
    if matches!(value, Value::List(_)) {
        return Ok(value.clone());
    }
    let text = value.as_text().ok_or(Bad::Value)?;
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    // Older versions tell a bad pattern, and a list that names itself, from a bad address.
    let pattern_fault = match list.site().profile.has(Switch::ConfigListBadAddresses) {
        true => Bad::Address,
        false => Bad::Value,
    };
    let by_name = name.ends_with("_these_nonmembers")
        || (name == "subscribe_auto_approval" && list.site().profile.has(Switch::SubscribeAutoApproval));
    for line in &lines {
        let is_own = ["regular_exclude_lists", "regular_include_lists"].contains(&name)
            && line.eq_ignore_ascii_case(&list.posting_address());
        let fault = match list.is_valid_email(line) {
            true => false,
            false if patterns && line.starts_with(b"^") && Pattern::new(line, Flags::default()).is_err() => {
                return Err(pattern_fault);
            }
            false if patterns && line.starts_with(b"^") => false,
            false if patterns && by_name && line.starts_with(b"@") => {
                if line[1..] == list.name()[..] {
                    return Err(pattern_fault);
                }
                false
            }
            false => true,
        };
        if fault || is_own {
            return Err(Bad::Address);
        }
    }
    Ok(Value::list(lines.into_iter().map(Value::str).collect()))
}

/// `_setValue` of the category.
fn convert_and_set(list: &mut MailList, category: &str, name: &str, value: Value) -> Outcome {
    match category {
        "privacy" => set_privacy(list, name, value),
        "bounce" => set_bounce(list, name, value),
        "general" => set_general(list, name, value),
        "contentfilter" if LINES.contains(&name) => set_lines(list, name, &value),
        "autoreply" | "digest" | "nondigest" if FILLED.contains(&name) || AUTOREPLIES.contains(&name) => {
            set_filled(list, name, &value)
        }
        _ => set_if_other(list, name, value),
    }
}

/// Python's `!=`: what is equal stays as it is, though it may be of another kind.
fn set_if_other(list: &mut MailList, name: &str, value: Value) -> Outcome {
    let is_equal = list.get(name).is_some_and(|old| match (old.as_float(), value.as_float()) {
        (Some(old), Some(new)) => old == new,
        _ => *old == value,
    });
    if !is_equal {
        list.set(name, value);
    }
    Outcome::Set(Vec::new())
}

fn set_privacy(list: &mut MailList, name: &str, value: Value) -> Outcome {
    let least = list.site().settings.int("DEFAULT_DMARC_MODERATION_ACTION").unwrap_or(0);
    if name == "dmarc_moderation_action" && value.as_int().is_some_and(|action| action < least) {
        list.set(name, Value::Int(least));
        return Outcome::Set(vec![format!("dmarc_moderation_action: less than the site's default; set to {least}")]);
    }
    list.set(name, value);
    Outcome::Set(Vec::new())
}

fn set_bounce(list: &mut MailList, name: &str, value: Value) -> Outcome {
    let converted = match name {
        "bounce_score_threshold" => value.as_float().map(Value::Float),
        name if DAYS.contains(&name) => whole(&value).map(|days| Value::Int(days.saturating_mul(SECONDS_A_DAY))),
        "bounce_processing"
        | "bounce_you_are_disabled_warnings"
        | "bounce_notify_owner_on_disable"
        | "bounce_notify_owner_on_removal" => whole(&value).map(Value::Int),
        _ => Some(value),
    };
    match converted {
        Some(value) => set_if_other(list, name, value),
        None => Outcome::Refused(format!("{name}: no number")),
    }
}

fn set_general(list: &mut MailList, name: &str, value: Value) -> Outcome {
    let text = text_of(&value);
    match name {
        "real_name" if !text.eq_ignore_ascii_case(list.name()) => {
            Outcome::Refused("real_name: may differ from the list's name by capitals only; not changed".to_string())
        }
        "new_member_options" => match value.as_int() {
            Some(bits) => set_bits(list, bits),
            None => Outcome::Invalid,
        },
        "subject_prefix" => {
            let charset = list.charset();
            list.set(name, Value::Unicode(references::resolved(&value, &charset)));
            Outcome::Set(Vec::new())
        }
        "info" if value != list.get(name).cloned().unwrap_or(Value::None) && is_suspicious(&text) => {
            Outcome::Refused("info: holds HTML that may run in a reader's browser; not changed".to_string())
        }
        "admin_member_chunksize" if !matches!(value, Value::Int(n) if n >= 1) => {
            Outcome::Refused("admin_member_chunksize: must be a whole number above 0; not changed".to_string())
        }
        "host_name" if is_bad_host(list, &text) => {
            Outcome::Refused("host_name: no valid domain; not changed".to_string())
        }
        _ => set_if_other(list, name, value),
    }
}

fn is_bad_host(list: &MailList, host: &[u8]) -> bool {
    let address = [b"user@", host].concat();
    list.site().profile.has(Switch::ConfigListHostChecked) && !list.is_valid_email(&address)
}

/// `Utils.suspiciousHTML`: scripts, and what runs them.
fn is_suspicious(text: &[u8]) -> bool {
    const SIGNS: &[u8] = br"(<script|</script|<link|<meta|<object|javascript:|vbscript:|<[^>]*\son[a-z]+\s*=)";
    Pattern::new(SIGNS, Flags::IGNORE_CASE).is_ok_and(|signs| signs.is_match(text).unwrap_or(true))
}

fn set_bits(list: &mut MailList, bits: i64) -> Outcome {
    let known = list.site().settings.get("OPTINFO").and_then(Value::as_dict);
    let known = known.into_iter().flat_map(|dict| dict.iter()).filter_map(|(_, bit)| bit.as_int());
    let mask = known.fold(0, |mask, bit| mask | bit);
    let new = match list.site().profile.has(Switch::ConfigListOptionBits) {
        true => (list.int("new_member_options") & !mask) | (bits & mask),
        false => bits & PAGE_BITS,
    };
    list.set("new_member_options", Value::Int(new));
    Outcome::Set(Vec::new())
}

/// Types in lower case, those that are none left out; endings in lower case.
fn set_lines(list: &mut MailList, name: &str, value: &Value) -> Outcome {
    let text = text_of(value);
    let (mut items, mut doubts) = (Vec::new(), Vec::new());
    for line in split_lines(&text) {
        let line = line.trim_ascii().to_ascii_lowercase();
        match name.ends_with("mime_types") && !is_type(&line) {
            true => doubts.push(format!("Bad MIME type ignored: {}", String::from_utf8_lossy(&line))),
            false => items.push(Value::str(line)),
        }
    }
    list.set(name, Value::list(items));
    Outcome::Set(doubts)
}

fn is_type(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|&byte| byte == b'/').map(<[u8]>::trim_ascii).collect();
    matches!(parts.len(), 1 | 2) && parts.iter().all(|part| !part.is_empty())
}

/// `_convertString`: names that nothing is known for are told; a format that lacks its last letter gets it.
fn set_filled(list: &mut MailList, name: &str, value: &Value) -> Outcome {
    let text = text_of(value);
    let is_dollar = list.truth("use_dollar_strings");
    let used = if is_dollar { dollar_identifiers(&text) } else { percent_identifiers(&text) };
    let personal = FILLED[..2].contains(&name) && list.truth("personalize");
    let known = |used: &Vec<u8>| {
        let own: &[&str] = if AUTOREPLIES.contains(&name) { &REPLY_NAMES } else { &LIST_NAMES };
        let more: &[&str] = if personal { &MEMBER_NAMES } else { &[] };
        own.iter().chain(more).any(|known| known.as_bytes() == &used[..])
    };
    let mut unknown: Vec<String> =
        used.iter().filter(|used| !known(used)).map(|used| String::from_utf8_lossy(used).into_owned()).collect();
    unknown.sort();
    let (mut value, mut doubts) = (value.clone(), Vec::new());
    if !unknown.is_empty() {
        doubts.push(format!("Warning: {name}: nothing is filled in for {}", unknown.join(", ")));
    } else if !is_dollar {
        let fixed = ByteStr::new(to_percent(&to_dollar(&text)));
        if fixed != text {
            doubts.push(format!("{name}: a broken %(name)s was put right"));
            value = Value::Str(fixed);
        }
    }
    set_if_other(list, name, value);
    Outcome::Set(doubts)
}
