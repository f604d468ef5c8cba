//! The field of an option, by its widget (`get_item_gui_value` of Mailman/Cgi/admin.py).
//!
//! Each has the option's name, and shows the value that is stored.

use super::frame::Frame;
use super::items;
use super::variables::plain;
use crate::lists::options::apply::MEMBER_OPTIONS;
use crate::lists::options::show::shown_value;
use crate::lists::options::{Row, Rule, Widget};
use crate::web::widgets::{checkbox, exact, hidden, input, named, radio, safe, select, upload};
use crate::web::Texts;
use compat::codecs;
use compat::format::text_of;
use compat::list::attributes;
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

pub(super) fn of(frame: &Frame<'_>, row: &Row) -> Markup {
    let value = shown_value(frame.list, row);
    match row.widget {
        Widget::Choice(choices) => buttons(frame, row, choices, &value),
        Widget::Line(size) | Widget::Email(size) | Widget::Host(size) | Widget::Number(size) => {
            line(row.name, &plain(frame, &value), size)
        }
        Widget::Text(rows, columns) => area(frame, row.name, &or_nothing(frame, &value), rows, columns),
        Widget::Addresses(rows, columns) | Widget::Patterns(rows, columns) => {
            let lines: Vec<String> =
                value.as_items().unwrap_or_default().iter().map(|line| plain(frame, line)).collect();
            area(frame, row.name, &lines.join("\n"), rows, columns)
        }
        Widget::Upload(rows, columns) => html! {
            em { (frame.texts.say("<em>Enter the text below, or...</em><br>").replace("<em>", "").replace("</em><br>", "")) }
            br;
            (area(frame, row.name, &or_nothing(frame, &value), rows, columns))
            (frame.texts.html("<br><em>...specify a file to upload</em><br>", &[]))
            (named(&upload(&format!("{}_upload", row.name)), row.name))
        },
        Widget::Language => language(frame, row),
        Widget::Languages => languages(frame, row),
        Widget::MemberOptions => member_options(frame, row),
        Widget::Topics => items::topics(frame, &value),
        Widget::FilterRules => items::filter_rules(frame, &value),
    }
}

/// Python shows nothing for what is false.
fn or_nothing(frame: &Frame<'_>, value: &Value) -> String {
    if value.is_true() {
        plain(frame, value)
    } else {
        String::new()
    }
}

fn line(name: &str, value: &str, size: u16) -> Markup {
    input(name, "TEXT", value, &[("size", &size.to_string()), ("id", name)])
}

/// Lines to type in. Older versions take entities in the text for characters. A line end that the text begins with is lost
/// when the form comes back, as with Mailman's own pages.
pub(super) fn area(frame: &Frame<'_>, name: &str, text: &str, rows: u16, columns: u16) -> Markup {
    let text = if frame.visit.has(Switch::TextAreaExact) { exact(text) } else { safe(text) };
    let text = text.0;
    PreEscaped(format!("<TEXTAREA NAME=\"{name}\" ROWS={rows} COLS={columns} id=\"{name}\">{text}</TEXTAREA>"))
}

/// A button for each choice, with the number that the form sends for it.
fn buttons(frame: &Frame<'_>, row: &Row, choices: &[&str], value: &Value) -> Markup {
    let stored = if row.is_stored() { value.as_float() } else { Some(0.0) };
    let allowed: Vec<(usize, &str)> = row.allowed_choices(frame.visit.site, choices).collect();
    // A page counts policies from the first that it offers.
    let first = if row.rule == Rule::SubscribePolicy { allowed.first().map_or(0, |(number, _)| *number) } else { 0 };
    let on = |number: usize| stored == Some(number as f64);
    html! {
        div role="radiogroup" aria-labelledby={ "about-" (row.name) } {
            @for (number, label) in allowed {
                label { (radio(row.name, &(number - first).to_string(), on(number))) " " (frame.texts.say(label)) } " "
            }
        }
    }
}

fn language(frame: &Frame<'_>, row: &Row) -> Markup {
    let languages = frame.list.offered_languages();
    let options: Vec<(String, String)> =
        languages.iter().map(|language| (language.to_string(), frame.texts.language_name(language))).collect();
    let own = frame.list.preferred_language();
    let chosen = languages.iter().find(|language| **language == own).or(languages.first());
    named(&select(row.name, &options, &chosen.map(ToString::to_string).unwrap_or_default()), row.name)
}

/// The site's languages whose charset is known, those of the list ticked.
fn languages(frame: &Frame<'_>, row: &Row) -> Markup {
    let on = frame.list.offered_languages();
    let site = frame.visit.site;
    let known = site.settings.get(settings::LC_DESCRIPTIONS).and_then(Value::as_dict);
    let mut all: Vec<ByteStr> = known.into_iter().flat_map(|known| known.iter()).map(|(key, _)| text_of(key)).collect();
    all.retain(|language| codecs::lookup(site.charset_or_ascii(language)).is_some());
    all.sort();
    boxes(
        row.name,
        all.iter().map(|language| (language.to_string(), frame.texts.language_name(language), on.contains(language))),
    )
}

/// The hidden value is there so that the field is sent even where no box is ticked.
fn member_options(frame: &Frame<'_>, row: &Row) -> Markup {
    let bits = frame.list.int(attributes::NEW_MEMBER_OPTIONS);
    html! {
        (hidden(row.name, "ignore"))
        (boxes(row.name, MEMBER_OPTIONS.iter().map(|(name, bit)| {
            (name.to_string(), option_label(frame.texts, name), bits & bit != 0)
        })))
    }
}

fn option_label(texts: &Texts<'_>, name: &str) -> String {
    texts.say(match name {
        "hide" => "Conceal the member's address",
        "ack" => "Acknowledge the member's posting",
        "notmetoo" => "Do not send a copy of a member's own post",
        _ => "Filter out duplicate messages to list members (if possible)",
    })
}

fn boxes(name: &str, all: impl Iterator<Item = (String, String, bool)>) -> Markup {
    html! {
        div role="group" aria-labelledby={ "about-" (name) } {
            @for (value, label, is_on) in all { label { (checkbox(name, &value, is_on)) " " (label) } br; }
        }
    }
}
