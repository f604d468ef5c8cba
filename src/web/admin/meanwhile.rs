//! Two owners who save at once.
//!
//! Mailman keeps the whole form of whoever saves last, and with it the old values of what that form did not change. A form
//! of ours says from what it was made: a hidden field has a short mark for each option. What somebody else changed since
//! then stays; the later owner is told, and where both changed the same option the later value waits in its field to be
//! sent again. Programs that send no such field get Mailman's behaviour.

use super::notes::Notes;
use crate::auth::hex_digest;
use crate::lists::options::show::shown_value;
use crate::lists::options::{Category, Row};
use crate::web::widgets::exact;
use crate::web::{Form, Texts};
use compat::codecs::{self, Errors};
use compat::format::text_of;
use compat::list::MailList;
use compat::names::by_name;
use compat::value::Value;
use maud::html;

/// The hidden field.
pub const FIELD: &str = "made_from";
/// Digits of a mark.
const LENGTH: usize = 8;

/// The marks of a category's options, as they go into a form.
pub(super) fn marks(list: &MailList, category: &Category) -> String {
    let rows = rows(list, category);
    rows.map(|row| format!("{}={}", row.name, mark(list, row))).collect::<Vec<_>>().join(" ")
}

fn rows<'a>(list: &'a MailList, category: &'a Category) -> impl Iterator<Item = &'static Row> + 'a {
    category.rows().filter(|row| row.is_stored() && row.is_on(list.site()))
}

fn mark(list: &MailList, row: &Row) -> String {
    let value = list.get(by_name(row.name)).unwrap_or(&Value::None);
    text_mark(plain(value, &list.charset()).as_bytes())
}

/// The mark of a text.
pub fn text_mark(text: &[u8]) -> String {
    let mut mark = hex_digest(text).to_string();
    mark.truncate(LENGTH);
    mark
}

/// A value without the kind of its strings and line ends, which a form that changes nothing may change all the same.
fn plain(value: &Value, charset: &[u8]) -> String {
    let without_ends = |text: String| text.replace('\r', "").trim_end().to_string();
    match value {
        Value::Unicode(text) => without_ends(text.to_text()),
        Value::Str(bytes) => without_ends(codecs::decode_string(bytes, charset, Errors::Replace).unwrap_or_default()),
        other => match (other.as_items(), other.as_float()) {
            (Some(items), _) => items.iter().map(|item| plain(item, charset) + "\0").collect(),
            (None, Some(number)) => number.to_string(),
            (None, None) => text_of(other).to_string(),
        },
    }
}

/// An option that was changed after the form was made.
struct Changed {
    row: &'static Row,
    /// The mark that the form has.
    seen: String,
    /// The value that somebody else has set.
    theirs: Value,
}

/// What was changed after a form was made.
pub(super) struct Meanwhile(Vec<Changed>);

impl Meanwhile {
    /// Compares the marks of a form with the list as it is.
    pub(super) fn of(list: &MailList, category: &Category, form: &Form) -> Meanwhile {
        let marks = form.get(FIELD).map(|marks| String::from_utf8_lossy(marks).into_owned()).unwrap_or_default();
        let seen = |row: &Row| {
            let known = marks.split(' ').find_map(|mark| mark.strip_prefix(row.name)?.strip_prefix('='));
            known.filter(|known| *known != mark(list, row)).map(str::to_string)
        };
        let changed = |row: &'static Row| {
            let seen = seen(row)?;
            Some(Changed { row, seen, theirs: list.get(by_name(row.name)).cloned().unwrap_or(Value::None) })
        };
        Meanwhile(rows(list, category).filter_map(changed).collect())
    }

    /// Puts back what somebody else has set, after the form's values were. What the form wants instead is noted.
    pub(super) fn keep(self, list: &mut MailList, texts: &Texts<'_>, notes: &mut Notes) {
        for Changed { row, seen, theirs } in self.0 {
            let ours = list.get(by_name(row.name)).cloned().unwrap_or(Value::None);
            let is_wish = mark(list, row) != seen;
            if plain(&ours, &list.charset()) == plain(&theirs, &list.charset()) {
                continue;
            }
            list.set(by_name(row.name), theirs);
            let now = shown(list, row);
            let said = html! {
                "Somebody else has changed " strong { (row.name) } " since this page was made. It is now: " pre { (exact(&now)) }
                @if is_wish { "Your value was not stored. It is in the field below; send it again to store it." }
            };
            notes.warning(texts, said.clone());
            if is_wish {
                notes.wanted(row.name, ours, said);
            }
        }
    }
}

fn shown(list: &MailList, row: &Row) -> String {
    plain(&shown_value(list, row), &list.charset()).replace('\0', "\n")
}

/// Exchanges values of a list for those that were wanted, so that the page shows these; called again, it puts them back.
pub(super) fn exchange(list: &mut MailList, wanted: &mut [(&'static str, Value)]) {
    for (name, value) in wanted {
        let now = list.get(by_name(name)).cloned().unwrap_or(Value::None);
        list.set(by_name(name), std::mem::replace(value, now));
    }
}
