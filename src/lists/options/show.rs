//! A list's options as Python assignments (`config_list -o`).

use super::apply::SECONDS_A_DAY;
use super::{Category, Row, Rule, Widget, CATEGORIES};
use crate::notice::{Text, Words};
use crate::text::html::without_tags;
use crate::text::lines;
use crate::text::references::numeric_references;
use compat::codecs::{self, Errors};
use compat::email::date::ctime;
use compat::format::{repr, text_of};
use compat::list::MailList;
use compat::names::by_name;
use compat::site::{settings, wrap};
use compat::value::{UniStr, Value};
use compat::ByteStr;

const COLUMN: usize = 70;

/// Says a text with its values.
pub type Say<'a> = &'a dyn Fn(&str, &[(&str, Value)]) -> ByteStr;

/// The words that the file needs, in the list's language.
pub struct Language<'a> {
    /// For choices.
    pub words: &'a Words<'a>,
    /// For the rest, as it goes to a terminal.
    pub shown: Say<'a>,
}

/// The whole file.
pub fn file(list: &MailList, now: i64, current_language: &Language<'_>) -> Vec<u8> {
    let values = [
        ("charset", Value::Str(list.charset())),
        ("listname", Value::Str(list.name().clone())),
        ("when", Value::str(ctime(now))),
    ];
    let head =
        "# -*- python -*-\n# -*- coding: %(charset)s -*-\n## \"%(listname)s\" mailing list configuration settings\n\
                ## captured on %(when)s\n";
    let mut out = [&(current_language.shown)(head, &values)[..], b"\n"].concat();
    for key in list.site().settings.strings(settings::ADMIN_CATEGORIES).unwrap_or_default() {
        for category in CATEGORIES.iter().filter(|category| category.key.as_bytes() == &key[..]) {
            write_category(list, category, current_language, &mut out);
        }
    }
    out
}

fn write_category(list: &MailList, category: &Category, current_language: &Language<'_>, out: &mut Vec<u8>) {
    let mut key = category.key.to_string();
    key[..1].make_ascii_uppercase();
    let title = [key.as_bytes(), b" ", &(current_language.shown)("options", &[])].concat();
    out.extend_from_slice(&[&b"## "[..], &title, b"\n#\n"].concat());
    comment(&category.about, out);
    out.push(b'\n');
    for row in category.rows().filter(|row| row.is_stored() && row.is_on(list.site())) {
        comment(&row.label, out);
        write_row(list, row, current_language, out);
        out.push(b'\n');
    }
}

fn comment(text: &Text, out: &mut Vec<u8>) {
    for line in wrap(&without_tags(&text.english(&[])), COLUMN).split(|&byte| byte == b'\n') {
        out.extend_from_slice(&[&b"# "[..], line, b"\n"].concat());
    }
}

fn write_row(list: &MailList, row: &Row, current_language: &Language<'_>, out: &mut Vec<u8>) {
    let value = shown_value(list, row);
    match row.widget {
        Widget::Line(_) | Widget::Text(..) | Widget::Upload(..) => {
            let text = as_text(&value, &list.charset());
            out.extend_from_slice(&[row.name.as_bytes(), b" = ", &text, b"\n"].concat());
            return;
        }
        Widget::Choice(choices) => write_choices(list, row, choices, current_language, out),
        _ => {}
    }
    out.extend_from_slice(&[row.name.as_bytes(), b" = ", &repr(&value), b"\n"].concat());
}

/// The legal values, each with its word.
fn write_choices(list: &MailList, row: &Row, choices: &[&str], current_language: &Language<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&[&b"#\n# "[..], &(current_language.shown)("legal values are:", &[]), b"\n"].concat());
    for (number, choice) in row.allowed_choices(list.site(), choices) {
        let line = [format!("#    {number} = \"").as_bytes(), &current_language.words.say(choice), b"\"\n"].concat();
        out.extend_from_slice(&line);
    }
}

/// `getValue`: the attribute, in the form of the web pages.
pub fn shown_value(list: &MailList, row: &Row) -> Value {
    let value = list.get(by_name(row.name)).cloned().unwrap_or(Value::None);
    match row.rule {
        Rule::Days => {
            let seconds = value.as_float().unwrap_or(0.0);
            Value::Int((seconds / SECONDS_A_DAY as f64).floor() as i64)
        }
        Rule::MimeTypes | Rule::Extensions => Value::str(list.strings(by_name(row.name)).join(&b"\n"[..])),
        Rule::SubjectPrefix => Value::Str(uncanonstr(&value, &list.charset())),
        _ => value,
    }
}

/// `Utils.uncanonstr`: what the charset lacks becomes a numeric reference.
pub fn uncanonstr(value: &Value, charset: &[u8]) -> ByteStr {
    let fits = match value {
        Value::Unicode(text) => codecs::encode(text, charset, Errors::Strict).map(ByteStr::new).ok(),
        other => {
            let text = text_of(other);
            codecs::decode(&text, charset, Errors::Strict).is_ok().then_some(text)
        }
    };
    let units: Vec<u32> = match value {
        Value::Unicode(text) => text.to_text().chars().map(u32::from).collect(),
        other => text_of(other).iter().map(|&byte| u32::from(byte)).collect(),
    };
    fits.unwrap_or_else(|| numeric_references(units.into_iter()))
}

/// A string, in as many lines as it has. Letters of the list's charset stay readable. A `unicode` stays one where Python
/// shows its `repr`; where Python fails, trying to print it, it is written in the list's charset.
fn as_text(value: &Value, charset: &[u8]) -> Vec<u8> {
    let text = text_of(value);
    let lines = lines(&text);
    let is_readable = charset != b"us-ascii";
    let shown = |text: &[u8]| match value {
        Value::Unicode(_) => repr(&Value::Unicode(UniStr(text.into()))).to_vec(),
        _ => repr(&Value::str(text)).to_vec(),
    };
    let escaped = |text: &[u8]| {
        let text = match value {
            Value::Unicode(_) => codecs::encode(&UniStr(text.into()), charset, Errors::Replace).unwrap_or_default(),
            _ => text.to_vec(),
        };
        text.iter().flat_map(|&byte| if byte == b'"' { vec![b'\\', byte] } else { vec![byte] }).collect::<Vec<u8>>()
    };
    match lines.as_slice() {
        [] => b"''".to_vec(),
        [line] if is_readable && !line.is_ascii() => [&b"\""[..], &escaped(line), b"\""].concat(),
        [line] => shown(line),
        _ if !is_readable && !text.is_ascii() => shown(&lines.join(&b"\n"[..])),
        _ => [&b"\"\"\""[..], &escaped(&lines.join(&b"\n"[..])), b"\"\"\""].concat(),
    }
}
