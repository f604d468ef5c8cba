//! Settings of a list: the options that the owner's pages and config_list have, by their names and with their checks.

use super::answer::{fault, value, Fault};
use super::given::Given;
use super::input::{path_text, Fields, Page};
use super::members::changed;
use super::{Call, Outcome};
use crate::lists::described;
use crate::lists::options::apply::{set as apply, Outcome as Applied};
use crate::lists::options::show::shown_value;
use crate::lists::options::{self, Row, Widget};
use compat::codecs::{self, Errors};
use compat::list::MailList;
use compat::pattern::{Flags, Pattern};
use compat::value::Value;
use compat::ByteStr;
use migration::json::Json;

/// All settings by name.
pub(super) fn all(call: &Call<'_>, name: &[u8]) -> Outcome {
    Page::of(call, &[])?;
    let list = call.list(name)?;
    let site = call.visit.site;
    let rows = options::all().map(|(_, row)| row).filter(|row| row.is_stored() && row.is_on(site));
    let settings = rows.map(|row| (row.name, shown(&list, row))).collect();
    Ok(value(200, &Json::Object(vec![("settings", Json::Object(settings))])))
}

/// One setting.
pub(super) fn one(call: &Call<'_>, list: &[u8], name: &[u8]) -> Outcome {
    let list = call.list(list)?;
    let row = row(call, name)?;
    Ok(value(200, &named(&list, row)))
}

fn shown(list: &MailList, row: &Row) -> Json {
    described::value(&shown_value(list, row), &list.charset())
}

fn named(list: &MailList, row: &Row) -> Json {
    Json::Object(vec![("name", Json::text(row.name)), ("value", shown(list, row))])
}

fn row(call: &Call<'_>, name: &[u8]) -> Result<&'static Row, Fault> {
    options::find(call.visit.site, name).ok_or_else(|| fault(404, "There is no such setting."))
}

/// Sets one, checked as config_list checks it.
pub(super) fn set(call: &Call<'_>, list: &[u8], name: &[u8]) -> Outcome {
    let list = call.list(list)?;
    let row = row(call, path_text(name)?.as_bytes())?;
    let fields = Fields::of(call, &["value"])?;
    let given = fields.get("value").ok_or_else(|| fault(400, "A value is needed."))?;
    let new = python(row, given, &list.charset())?;
    let text = changed(call, list, |ctx| {
        match apply(ctx.list, row.name, &new) {
            Applied::Set(doubts) => match doubts.first() {
                Some(doubt) if doubt.weight == options::complaints::Weight::Error => {
                    return Err(fault(400, &doubt.english().to_string()))
                }
                _ => {}
            },
            Applied::BadAddress(bad) => return Err(fault(400, &format!("not a valid address: {bad}"))),
            Applied::Refused(why) => return Err(fault(400, &why.english().to_string())),
            Applied::Unknown | Applied::NonStandard | Applied::Invalid | Applied::Failed => {
                return Err(fault(400, &format!("not a value for {}", row.name)))
            }
        }
        Ok(named(ctx.list, row))
    })?;
    Ok(value(200, &text))
}

/// A value as a file of settings would have it, if it is of the option's kind: strings in the charset of the list, rules as
/// tuples. Addresses become lines, which are checked one by one; a list in a file is not.
fn python(row: &Row, given: &Given, charset: &[u8]) -> Result<Value, Fault> {
    let wrong = |kind: &str| fault(400, &format!("The value of {} must be {kind}.", row.name));
    match (row.widget, given) {
        (Widget::Choice(choices), given) => match number(given) {
            Some(number) if usize::try_from(number).is_ok_and(|number| number < choices.len()) => {
                Ok(Value::Int(number))
            }
            _ => Err(wrong(&format!("a number from 0 to {}", choices.len() - 1))),
        },
        (Widget::MemberOptions, Given::Int(number)) | (Widget::Number(_), Given::Int(number)) => {
            Ok(Value::Int(*number))
        }
        (Widget::Number(_), Given::Float(number)) => Ok(Value::Float(*number)),
        (Widget::MemberOptions | Widget::Number(_), _) => Err(wrong("a number")),
        (Widget::Addresses(..) | Widget::Patterns(..), given) => {
            let lines = texts(given, charset).ok_or_else(|| wrong("an array of strings"))?;
            Ok(Value::Str(ByteStr::new(lines.join(&b"\n"[..]))))
        }
        (Widget::Languages, given) => {
            let all = texts(given, charset).ok_or_else(|| wrong("an array of strings"))?;
            Ok(Value::list(all.into_iter().map(Value::Str).collect()))
        }
        (Widget::Topics, given) => {
            rules(given, charset, "tttn").ok_or_else(|| wrong("an array of [name, pattern, text, 0]"))
        }
        (Widget::FilterRules, given) => {
            rules(given, charset, "tnn").ok_or_else(|| wrong("an array of [pattern, action, 0]"))
        }
        (_, Given::Text(given)) => Ok(Value::Str(text(given, charset))),
        _ => Err(wrong("a string")),
    }
}

fn number(given: &Given) -> Option<i64> {
    match given {
        Given::Int(number) => Some(*number),
        Given::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

fn text(text: &str, charset: &[u8]) -> ByteStr {
    codecs::encode_str(text, charset, Errors::XmlCharRef).map_or_else(|_| text.into(), ByteStr::new)
}

fn texts(given: &Given, charset: &[u8]) -> Option<Vec<ByteStr>> {
    let Given::Array(items) = given else { return None };
    let one = |item: &Given| match item {
        Given::Text(item) => Some(text(item, charset)),
        _ => None,
    };
    items.iter().map(one).collect()
}

/// Rules, each of the parts that `shape` says: `t` a text, `n` a number. The first text that is a pattern must be one.
fn rules(given: &Given, charset: &[u8], shape: &str) -> Option<Value> {
    let Given::Array(items) = given else { return None };
    let one = |item: &Given| {
        let Given::Array(parts) = item else { return None };
        let fits = parts.len() == shape.len();
        let part = |(part, kind): (&Given, char)| match (part, kind) {
            (Given::Text(part), 't') => Some(Value::Str(text(part, charset))),
            (part, 'n') => number(part).map(Value::Int),
            _ => None,
        };
        let parts: Option<Vec<Value>> = parts.iter().zip(shape.chars()).map(part).collect();
        let parts = parts.filter(|_| fits)?;
        let pattern = parts.get(usize::from(shape.starts_with("tt")))?.as_text()?;
        Pattern::new(pattern, Flags::IGNORE_CASE).is_ok().then(|| Value::tuple(parts.clone()))
    };
    items.iter().map(one).collect::<Option<Vec<Value>>>().map(Value::list)
}
