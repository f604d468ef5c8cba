//! People who want to join or to leave.

use super::frame::{Page, Waiting};
use super::{shown, NBSP};
use crate::moderation::senders::is_banned;
use crate::moderation::waiting::{Joining, Leaving};
use crate::web::widgets::{checkbox, radio, safe, text_box};
use crate::web::Texts;
use compat::email::date::ctime;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup};

/// The values of the buttons: to join is approved by 4, to leave by 5.
const SUBSCRIBE: &str = "4";
const UNSUBSCRIBE: &str = "5";

/// The table of those who want to join, by address; `None` where nobody does.
pub(super) fn joining(page: &Page<'_>, waiting: &Waiting<'_>) -> Option<Markup> {
    let mut requests = Joining::all(&waiting.requests);
    if requests.is_empty() {
        return None;
    }
    requests.sort_by(|one, other| one.address.cmp(&other.address));
    let texts = page.texts;
    let with_time = page.visit.has(Switch::RequestTimeShown);
    let first = if with_time { "Address/name/time" } else { "Address/name" };
    let rows = requests.iter().map(|request| {
        let time = with_time.then(|| ctime(request.since as i64));
        let can_ban = !is_banned(waiting.list, &request.address);
        html! {
            tr {
                td { (safe(&ascii(&request.address))) br; em { (name(texts, &request.name)) }
                    @if let Some(time) = &time { br; (time) } }
                td { (choice(texts, request.id, SUBSCRIBE))
                    @if can_ban {
                        br; label { (checkbox(&format!("ban-{}", request.id), "1", false)) (NBSP)
                            (texts.say("Permanently ban from this list")) }
                    } }
                td { (text_box(&format!("comment-{}", request.id), "", 40)) }
            }
        }
    });
    Some(section(texts, "Subscription Requests", first, rows.collect()))
}

/// The table of those who want to leave, by address; `None` where nobody does.
pub(super) fn leaving(page: &Page<'_>, waiting: &Waiting<'_>) -> Option<Markup> {
    let mut requests = Leaving::all(&waiting.requests);
    requests.retain(|request| waiting.list.is_member(&request.address));
    if requests.is_empty() {
        return None;
    }
    requests.sort_by(|one, other| one.address.cmp(&other.address));
    let texts = page.texts;
    let rows = requests.iter().map(|request| {
        let member = waiting.list.name_of(&request.address).unwrap_or(Value::None);
        html! {
            tr {
                td { (safe(&shown(texts, &request.address))) br; em { (name(texts, &member)) } }
                td { (choice(texts, request.id, UNSUBSCRIBE)) }
                td { (text_box(&format!("comment-{}", request.id), "", 45)) }
            }
        }
    });
    Some(section(texts, "Unsubscription Requests", "User address/name", rows.collect()))
}

fn section(texts: &Texts<'_>, title: &str, first: &str, rows: Vec<Markup>) -> Markup {
    html! {
        hr;
        center { h2 { (texts.say(title)) } }
        table border="2" {
            tr {
                @for label in [first, "Your decision", "Reason for refusal"] {
                    td { center { strong { (texts.say(label)) } } }
                }
            }
            @for row in rows { (row) }
        }
    }
}

/// The buttons of one request, in a table of their own, by whose end programs find the next cell.
fn choice(texts: &Texts<'_>, id: i64, approve: &str) -> Markup {
    let name = id.to_string();
    let buttons = [("Defer", "0"), ("Approve", approve), ("Reject", "2"), ("Discard", "3")];
    html! {
        table cellspacing="5" {
            tr { @for (label, value) in buttons {
                td { label { (radio(&name, value, value == "0")) (texts.say(label)) } }
            } }
        }
    }
}

/// A member's name (`Utils.uncanonstr`).
fn name(texts: &Texts<'_>, name: &Value) -> Markup {
    safe(&texts.name(name))
}

/// An address must be ASCII; what is not becomes question marks.
fn ascii(address: &ByteStr) -> String {
    address.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect()
}
