//! Topics and header filter rules: the fields of each, numbered from 01, with the buttons that add, move and delete.
//!
//! `lists::options` reads them. Where there is none yet, one stands there that is empty and cannot be deleted.

use super::frame::Frame;
use super::variables::plain;
use super::widget::area;
use crate::web::widgets::{hidden, named, radio, select, submit, text_box};
use compat::value::Value;
use maud::{html, Markup};

const ROWS: u16 = 4;
const COLUMNS: u16 = 30;

/// The actions of a rule, in the order of the page: number and label.
const ACTIONS: [(i64, &str); 5] = [(0, "Defer"), (7, "Hold"), (2, "Reject"), (3, "Discard"), (6, "Accept")];

/// The fields of one item.
struct Item {
    prefix: &'static str,
    number: usize,
    is_empty: bool,
}

impl Item {
    fn name(&self, field: &str) -> String {
        format!("{}_{field}_{:02}", self.prefix, self.number)
    }
}

/// The items of a value, or one that is empty.
fn each(value: &Value, prefix: &'static str) -> Vec<(Item, Vec<Value>)> {
    let stored = value.as_items().unwrap_or_default();
    if stored.is_empty() {
        return vec![(Item { prefix, number: 1, is_empty: true }, Vec::new())];
    }
    let item = |(at, item): (usize, &Value)| {
        let members = item.as_items().unwrap_or_default().to_vec();
        let is_empty = members.last().is_some_and(Value::is_true);
        (Item { prefix, number: at + 1, is_empty }, members)
    };
    stored.iter().enumerate().map(item).collect()
}

fn member(frame: &Frame<'_>, members: &[Value], at: usize) -> String {
    members.get(at).filter(|value| **value != Value::None).map(|value| plain(frame, value)).unwrap_or_default()
}

/// The topics of a list.
pub(super) fn topics(frame: &Frame<'_>, value: &Value) -> Markup {
    let field = |item: &Item, label: &str, name: &str, text: &str| {
        let name = item.name(name);
        html! { tr { td { label for=(name) { (frame.texts.say(label)) } } td { (area(frame, &name, text, ROWS, COLUMNS)) } } }
    };
    html! {
        table border="0" {
            @for (item, members) in each(value, "topic") {
                (head(frame, &item, "Topic %(i)d"))
                tr {
                    td { label { (frame.texts.say("Topic name:")) } }
                    td { (named(&text_box(&item.name("box"), &member(frame, &members, 0), 30), &frame.texts.say("Topic name:"))) }
                }
                (field(&item, "Regexp:", "rebox", &member(frame, &members, 1)))
                (field(&item, "Description:", "desc", &member(frame, &members, 2)))
                @if !item.is_empty { (adding(frame, &item)) }
                tr { td colspan="2" { hr; } }
            }
        }
    }
}

/// The header filter rules of a list.
pub(super) fn filter_rules(frame: &Frame<'_>, value: &Value) -> Markup {
    let texts = frame.texts;
    html! {
        table border="0" {
            @for (item, members) in each(value, "hdrfilter") {
                @let pattern = item.name("rebox");
                (head(frame, &item, "Spam Filter Rule %(i)d"))
                tr {
                    td { label for=(pattern) { (texts.say("Spam Filter Regexp:")) } }
                    td { (area(frame, &pattern, &member(frame, &members, 0), ROWS, COLUMNS)) }
                }
                tr { td { (texts.say("Action:")) } td { (actions(frame, &item, members.get(1))) } }
                @if !item.is_empty {
                    (adding(frame, &item))
                    tr {
                        td { (submit(&item.name("up"), &texts.say("Move rule up"))) }
                        td { (submit(&item.name("down"), &texts.say("Move rule down"))) }
                    }
                }
                tr { td colspan="2" { hr; } }
            }
        }
    }
}

fn head(frame: &Frame<'_>, item: &Item, title: &str) -> Markup {
    let title = frame.texts.say(title).replace("%(i)d", &item.number.to_string());
    html! {
        tr {
            td { strong { (title) } }
            td {
                @if item.is_empty { (hidden(&item.name("new"), "")) }
                @else { (submit(&item.name("delete"), &frame.texts.say("Delete"))) }
            }
        }
    }
}

/// An action that is none of these is shown as the first, which is what the form then sends.
fn actions(frame: &Frame<'_>, item: &Item, stored: Option<&Value>) -> Markup {
    let stored = stored.and_then(Value::as_int);
    let chosen = ACTIONS.iter().position(|(number, _)| Some(*number) == stored).unwrap_or(0);
    html! {
        @for (at, (number, label)) in ACTIONS.iter().enumerate() {
            label { (radio(&item.name("action"), &number.to_string(), at == chosen)) " " (frame.texts.say(label)) } " "
        }
    }
}

fn adding(frame: &Frame<'_>, item: &Item) -> Markup {
    let places = [("before", "...before this one."), ("after", "...after this one.")];
    let places: Vec<(String, String)> =
        places.iter().map(|(place, label)| (place.to_string(), frame.texts.say(label))).collect();
    html! {
        tr {
            td { (submit(&item.name("add"), &frame.texts.say("Add new item..."))) }
            td { (named(&select(&item.name("where"), &places, "after"), &frame.texts.say("Add new item..."))) }
        }
    }
}
