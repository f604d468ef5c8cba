//! Whether a value is of the kind that its widget has, and what it is then (`_getValidValue` of Mailman/Gui/GUIBase.py).

use super::{Row, Widget};
use compat::format::text_of;
use compat::list::MailList;
use compat::names::by_name;
use compat::pattern::{Flags, Pattern};
use compat::site::Switch;
use compat::value::{UniStr, Value};
use compat::ByteStr;
use std::num::IntErrorKind;

/// Why a value is none.
#[derive(Debug, PartialEq)]
pub(super) enum Bad {
    /// `ValueError`
    Value,
    /// `EmailAddressError`, with the addresses that are bad.
    Address(ByteStr),
    /// Of a kind on which Python fails: `TypeError`, `AttributeError`, `IndexError`, `OverflowError`.
    Kind,
}

/// The value as it is set. Texts come from a form or from a file, other kinds of values from a file alone.
pub(super) fn valid(list: &MailList, row: &Row, value: &Value) -> Result<Value, Bad> {
    match row.widget {
        Widget::Choice(_) => int(value),
        Widget::Email(_) if value.is_true() => match list.is_valid_email(text(value)?) {
            true => Ok(value.clone()),
            false => Err(Bad::Address(text_of(value))),
        },
        Widget::Addresses(..) | Widget::Patterns(..) => addresses(list, row, value),
        Widget::Number(_) => number(list, row.name, value),
        Widget::Languages if !matches!(value, Value::List(_)) => Ok(Value::list(vec![value.clone()])),
        _ => Ok(value.clone()),
    }
}

/// A text, which Python takes methods or parts of.
pub(super) fn text(value: &Value) -> Result<&ByteStr, Bad> {
    value.as_text().ok_or(Bad::Kind)
}

/// `int(value)`
pub(super) fn int(value: &Value) -> Result<Value, Bad> {
    match value {
        Value::Str(text) | Value::Unicode(UniStr(text)) => {
            let digits = std::str::from_utf8(text).map_err(|_| Bad::Value)?.trim();
            let is_long = || digits.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
            match digits.parse() {
                Ok(number) => Ok(Value::Int(number)),
                Err(error) if *error.kind() == IntErrorKind::PosOverflow && is_long() => {
                    Ok(Value::Long(digits.trim_start_matches(['+', '0']).into()))
                }
                Err(_) => Err(Bad::Value),
            }
        }
        Value::Float(x) if x.is_nan() => Err(Bad::Value),
        Value::Float(x) if x.is_finite() => Ok(Value::Int(*x as i64)),
        Value::Long(_) => Ok(value.as_int().map_or_else(|| value.clone(), Value::Int)),
        other => other.as_int().map(Value::Int).ok_or(Bad::Kind),
    }
}

fn number(list: &MailList, name: &str, value: &Value) -> Result<Value, Bad> {
    let number = match (value, int(value)) {
        (Value::Float(_), _) => return Ok(value.clone()),
        (Value::Str(text) | Value::Unicode(UniStr(text)), Err(Bad::Value)) => {
            let float = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
            Value::Float(float.ok_or(Bad::Value)?)
        }
        (_, number) => number?,
    };
    // What is below nothing leaves everything as it was.
    match number.as_float().is_some_and(|n| n < 0.0) {
        true => Ok(list.get(by_name(name)).cloned().unwrap_or(Value::None)),
        false => Ok(number),
    }
}

/// A list is taken as it is; a text has an address a line.
fn addresses(list: &MailList, row: &Row, value: &Value) -> Result<Value, Bad> {
    if matches!(value, Value::List(_)) {
        return Ok(value.clone());
    }
    let text = text(value)?;
    let lines = text.split(|&byte| byte == b'\n').map(crate::text::strip).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.collect();
    let bad: Vec<(&[u8], Fault)> = lines.iter().filter_map(|line| Some((*line, fault(list, row, line)?))).collect();
    match bad.first() {
        None => Ok(Value::list(lines.into_iter().map(|line| value.with_text(line)).collect())),
        // Older versions stop at the first, and tell a bad pattern, or a list that names itself, from a bad address.
        Some((_, first)) if !list.site().profile.has(Switch::ConfigListBadAddresses) => Err(match first {
            Fault::Address => Bad::Address(text.clone()),
            Fault::Other => Bad::Value,
        }),
        Some(_) => {
            let bad: Vec<&[u8]> = bad.into_iter().map(|(line, _)| line).collect();
            Err(Bad::Address(ByteStr::new(bad.join(&b", "[..]))))
        }
    }
}

/// What is wrong with a line.
enum Fault {
    Address,
    Other,
}

fn fault(list: &MailList, row: &Row, line: &[u8]) -> Option<Fault> {
    let takes_patterns = matches!(row.widget, Widget::Patterns(..));
    let found = match line {
        line if list.is_valid_email(line) => None,
        [b'^', ..] if takes_patterns => Pattern::new(line, Flags::default()).is_err().then_some(Fault::Other),
        [b'@', name @ ..] if takes_patterns && takes_lists(list, row.name) => {
            (*name == list.name()[..]).then_some(Fault::Other)
        }
        _ => Some(Fault::Address),
    };
    let is_sibling = ["regular_exclude_lists", "regular_include_lists"].contains(&row.name);
    let is_own = || is_sibling && line.eq_ignore_ascii_case(&list.posting_address());
    found.or_else(|| is_own().then_some(Fault::Address))
}

fn takes_lists(list: &MailList, name: &str) -> bool {
    name.ends_with("_these_nonmembers")
        || (name == "subscribe_auto_approval" && list.site().profile.has(Switch::SubscribeAutoApproval))
}
