//! Held posts in short, grouped by their senders, with decisions about all posts of a sender.

use super::frame::{Page, Waiting};
use super::{shown, NBSP};
use crate::moderation::senders::{is_banned, is_filtered};
use crate::moderation::waiting::{by_sender, Group, Order, Post};
use crate::text::header::{header_of, one_line_in};
use crate::web::widgets::{checkbox, hidden, input, link, marked_input, named, radio, safe};
use crate::web::Texts;
use compat::email::date::ctime;
use compat::format::url::quote_plus;
use compat::list::{options, MailList};
use compat::site::{settings, Switch};
use maud::{html, Markup, PreEscaped};

/// Ordinary blanks around a label, as many as Mailman has.
const SPACE: PreEscaped<&str> = PreEscaped("&nbsp;&nbsp;&nbsp;");

/// The posts by sender; `None` where none is held. Those whose files are gone are left out.
pub(super) fn overview(page: &Page<'_>, waiting: &mut Waiting<'_>) -> Option<Markup> {
    let posts = Post::all(&waiting.requests);
    if posts.is_empty() {
        return None;
    }
    let groups = by_sender(posts, page.order, page.visit.has(Switch::HeldPostsByTime));
    let (list, lost) = (waiting.list, &mut waiting.left_out.lost);
    let tables: Vec<Markup> = groups.iter().map(|group| sender_table(page, list, group, lost)).collect();
    let texts = page.texts;
    Some(html! {
        hr;
        center { h2 { (texts.say("Held Messages")) } }
        (order_buttons(page))
        table border="0" { @for table in tables { tr { td { (table) } } } }
    })
}

/// The choice of an order, where the site wants it shown.
fn order_buttons(page: &Page<'_>) -> Markup {
    let texts = page.texts;
    if !page.visit.site.settings.truth(settings::DISPLAY_HELD_SUMMARY_SORT_BUTTONS) {
        return html! {};
    }
    let orders = [
        ("sender/sender", "1", Order::Sender),
        ("sender/time", "2", Order::SenderByTime),
        ("ungrouped/time", "3", Order::Time),
    ];
    let buttons: Vec<Button<'_>> = orders
        .iter()
        .map(|(label, value, order)| Button { label, value, is_on: page.order == *order, key: "" })
        .collect();
    html! {
        center { (texts.say("Show this list grouped/sorted by")) }
        center { (choices(texts, "summary_sort", &buttons)) }
    }
}

/// One of several choices.
pub(super) struct Button<'a> {
    /// What it says.
    pub label: &'a str,
    /// What it sends.
    pub value: &'a str,
    /// Whether it is chosen at first.
    pub is_on: bool,
    /// The key that chooses it together with the browser's own; none where it is empty.
    pub key: &'a str,
}

impl Button<'_> {
    fn radio(&self, name: &str) -> Markup {
        match self.key {
            "" => radio(name, self.value, self.is_on),
            key => marked_input(name, "RADIO", self.value, &[("accesskey", key)], self.is_on),
        }
    }
}

/// Choices beside each other, their labels above them (`hacky_radio_buttons`).
pub(super) fn choices(texts: &Texts<'_>, name: &str, buttons: &[Button<'_>]) -> Markup {
    html! {
        table cellspacing="5" cellpadding="0" {
            tr { @for button in buttons { td { (SPACE) (texts.say(button.label)) (SPACE) } } }
            tr { @for button in buttons {
                td { center { (named(&button.radio(name), &texts.say(button.label))) div.hidden { (texts.say(button.label)) } } }
            } }
        }
    }
}

fn sender_table(page: &Page<'_>, list: &MailList, group: &Group, lost: &mut Vec<i64>) -> Markup {
    let texts = page.texts;
    let name = safe(&shown(texts, &group.sender));
    html! {
        table border="1" {
            tr { td colspan="2" { center { strong { (texts.say("From:")) } } (name) } }
            tr {
                td { (decisions(page, list, group, &name)) }
                td { (posts(page, list, group, &name, lost)) }
            }
        }
    }
}

/// What can be decided about all posts of a sender, and about the sender.
fn decisions(page: &Page<'_>, list: &MailList, group: &Group, name: &Markup) -> Markup {
    let texts = page.texts;
    let quoted = quote_plus(&group.sender).to_string();
    let field = |prefix: &str| format!("{prefix}-{quoted}");
    let tick = |prefix: &str, label: Markup| html! { label { (checkbox(&field(prefix), "1", false)) (NBSP) (label) } };
    let actions = [("Defer", "0"), ("Accept", "1"), ("Reject", "2"), ("Discard", "3")];
    let actions = actions.map(|(label, value)| Button { label, value, is_on: value == "0", key: "" });
    let owner = list.owner_address().to_string();
    let row = |cell: Markup| html! { tr { td colspan="2" { (cell) } } };
    html! {
        table border="0" {
            (row(html! { (texts.say("Action to take on all these held messages:")) }))
            (row(choices(texts, &field("senderaction"), &actions)))
            (row(tick("senderpreserve", html! { (texts.say("Preserve messages for the site administrator")) })))
            (row(tick("senderforward", html! { (texts.say("Forward messages (individually) to:")) })))
            (row(named(&input(&field("senderforwardto"), "TEXT", &owner, &[]), &texts.say("Forward messages (individually) to:"))))
            @if list.is_member(&group.sender) {
                @if list.option(&group.sender, options::MODERATE) {
                    (row(tick("senderclearmodp", texts.html("Clear this member's <em>moderate</em> flag", &[]))))
                } @else {
                    (row(texts.html("<em>The sender is now a member of this list</em>", &[])))
                }
            } @else if !is_filtered(list, &group.sender) {
                (row(tick("senderfilterp", texts.html(
                    "Add <b>%(esender)s</b> to one of these sender filters:",
                    &[("esender", name.clone())],
                ))))
                (row(filters(texts, &field("senderfilter"))))
                @if !is_banned(list, &group.sender) { (row(tick("senderbanp", ban_label(texts, name)))) }
            }
        }
    }
}

fn filters(texts: &Texts<'_>, field: &str) -> Markup {
    let filters = [("Accepts", "6"), ("Holds", "7"), ("Rejects", "2"), ("Discards", "3")];
    choices(texts, field, &filters.map(|(label, value)| Button { label, value, is_on: value == "3", key: "" }))
}

fn ban_label(texts: &Texts<'_>, name: &Markup) -> Markup {
    let ours = "Keep <b>%(esender)s</b> from ever joining this list";
    texts.sentence(0x4435_2065_6d43_a55d, ours, &[("esender", name.clone())])
}

/// The posts of a sender, each with its number as a link. What is found lost is noted, and not shown.
fn posts(page: &Page<'_>, list: &MailList, group: &Group, name: &Markup, lost: &mut Vec<i64>) -> Markup {
    let texts = page.texts;
    let quoted = quote_plus(&group.sender).to_string();
    let all = page.url(list, &format!("?sender={quoted}"));
    let label = texts.html("view all messages from %(esender)s", &[("esender", name.clone())]);
    let ours = "Click on a number to see one post, or ";
    let mut rows = Vec::new();
    for post in &group.posts {
        match std::fs::metadata(list.held_file(&post.file)) {
            Ok(about) => rows.push(post_row(page, list, post, rows.len() + 1, about.len(), &quoted)),
            Err(_) => lost.push(post.id),
        }
    }
    html! {
        table border="0" {
            tr { td colspan="2" { (texts.sentence(0xfb69_ba85_d003_b4ec, ours, &[])) (link(&all, label)) } }
            tr { td { (NBSP) } td { (NBSP) } }
            @for row in &rows { tr { td { (row) } } }
        }
    }
}

fn post_row(page: &Page<'_>, list: &MailList, post: &Post, at: usize, size: u64, quoted: &str) -> Markup {
    let texts = page.texts;
    let subject = one_line_in(&header_of(&post.subject).text(), &texts.charset);
    let line = |label: &str, value: Markup| {
        html! { tr { td { (NBSP) } td { strong { (texts.say(label)) } } td { (value) } } }
    };
    html! {
        table border="0" {
            tr {
                td { (link(&page.url(list, &format!("?msgid={}", post.id)), html! { "[" (at) "]" })) }
                td { strong { (texts.say("Subject:")) } }
                td { (safe(&shown(texts, &subject))) }
            }
            (line("Size:", html! { (size) (texts.say(" bytes")) }))
            (line("Reason:", reason(texts, post)))
            @if let Some(received) = post.received { (line("Received:", html! { (ctime(received as i64)) })) }
            @if page.visit.has(Switch::ShownPostsOnly) { tr { td { (hidden(quoted, &post.id.to_string())) } } }
        }
    }
}

/// Why a post is held: a key of the catalogue, or a text in the list's language.
pub(super) fn reason(texts: &Texts<'_>, post: &Post) -> Markup {
    if post.reason.is_empty() {
        return safe(&texts.say("not available"));
    }
    let text = shown(texts, &post.reason);
    let translated = if text.is_ascii() { texts.say(&text) } else { text };
    PreEscaped(safe(&translated).0)
}
