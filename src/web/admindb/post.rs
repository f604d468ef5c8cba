//! Held posts one by one: their headers, the beginning of their text, and what is to become of each.

use super::excerpt::{excerpt, headers};
use super::frame::{Page, Waiting};
use super::senders::{choices, reason, Button};
use super::{shown, NBSP};
use crate::moderation::read_held;
use crate::moderation::waiting::{by_sender, Order, Post};
use crate::text::header::{header_of, one_line_in};
use crate::web::widgets::{checkbox, input, named, safe, shown_area, text_area};
use compat::email::date::ctime;
use compat::email::Message;
use compat::list::requests::RequestKind;
use compat::list::MailList;
use compat::site::wrap;
use compat::site::Switch;
use maud::{html, Markup};

/// Lines and columns of the areas.
const HEIGHT: u32 = 10;
const COMMENT_HEIGHT: u32 = 4;
const WIDTH: u32 = 76;

/// All held posts.
pub(super) fn all(page: &Page<'_>, waiting: &mut Waiting<'_>) -> Markup {
    let posts = Post::all(&waiting.requests);
    several(page, waiting, &posts)
}

/// The held posts of a sender.
pub(super) fn of_sender(page: &Page<'_>, waiting: &mut Waiting<'_>, sender: &[u8]) -> Markup {
    let mut posts = Post::all(&waiting.requests);
    posts.retain(|post| post.sender == *sender);
    let groups = by_sender(posts, Order::Sender, page.visit.has(Switch::HeldPostsByTime));
    let posts: Vec<Post> = groups.into_iter().flat_map(|group| group.posts).collect();
    several(page, waiting, &posts)
}

/// One held post by its number; nothing where there is none.
pub(super) fn single(page: &Page<'_>, waiting: &mut Waiting<'_>, number: &[u8]) -> Markup {
    let id = std::str::from_utf8(number).ok().and_then(|number| number.trim().parse().ok());
    let post = id.and_then(|id| Post::of(&waiting.requests, id));
    let neighbours = id.map(|id| neighbours(page, waiting, id));
    html! { (several(page, waiting, post.as_slice())) @if let Some(neighbours) = neighbours { (neighbours) } }
}

/// Ways to the posts before and behind this one in the queue, and the keys that work on this page.
fn neighbours(page: &Page<'_>, waiting: &Waiting<'_>, id: i64) -> Markup {
    let ids = waiting.requests.ids(RequestKind::HeldMessage);
    let before = ids.iter().rev().find(|other| **other < id);
    let behind = ids.iter().find(|other| **other > id);
    let url = |id: &i64| page.url(waiting.list, &format!("?msgid={id}"));
    html! {
        p {
            @if let Some(id) = before { a href=(url(id)) accesskey="p" rel="prev" { "Previous held post" } " " }
            @if let Some(id) = behind { a href=(url(id)) accesskey="n" rel="next" { "Next held post" } " " }
            small { "Keys, with your browser's own for them: a approve, r reject, d discard, f defer, s send, n next, p previous" }
        }
    }
}

fn several(page: &Page<'_>, waiting: &mut Waiting<'_>, posts: &[Post]) -> Markup {
    let total = posts.len();
    let mut sections = Vec::new();
    for (at, post) in posts.iter().enumerate() {
        let title = title(page, at + 1, total);
        let id = post.id.to_string();
        let body = match read_held(waiting.list, &post.file) {
            Ok(Some(message)) => one(page, waiting.list, post, &message),
            Ok(None) => {
                waiting.left_out.lost.push(post.id);
                page.texts.html("<em>Message with id #%(id)d was lost.", &[("id", safe(&id))])
            }
            Err(error) => {
                page.visit
                    .log("error", &[b"admindb: held message ", id.as_bytes(), b": ", error.to_string().as_bytes()]);
                page.texts.html("<em>Message with id #%(id)d is corrupted.", &[("id", safe(&id))])
            }
        };
        sections.push(html! { hr; center { h2 { (title) } } (body) p {} });
    }
    html! { @for section in sections { (section) } }
}

fn title(page: &Page<'_>, at: usize, total: usize) -> String {
    let texts = page.texts;
    let title = texts.say("Posting Held for Approval");
    if total == 1 {
        return title;
    }
    title + &texts.fill(" (%(count)s of %(total)s)", &[("count", &at.to_string()), ("total", &total.to_string())])
}

/// The table of a post. Programs count its rows.
fn one(page: &Page<'_>, list: &MailList, post: &Post, message: &Message) -> Markup {
    let texts = page.texts;
    let subject = one_line_in(&header_of(&post.subject).text(), &texts.charset);
    let row =
        |label: &str, value: Markup| html! { tr { td align="right" { strong { (texts.say(label)) } } td { (value) } } };
    html! {
        table cellspacing="0" cellpadding="0" width="100%" {
            (row("From:", safe(&shown(texts, &post.sender))))
            (row("Subject:", safe(&shown(texts, &subject))))
            (row("Reason:", reason(texts, post)))
            @if let Some(received) = post.received { (row("Received:", html! { (ctime(received as i64)) })) }
            (row("Action:", action(page, post)))
            (also(page, list, post))
            (comment(page, post))
            (row("Message Headers:", area(page, "headers", post, &headers(message))))
            (row("Message Excerpt:", area(page, "fulltext", post, &excerpt(page, message))))
        }
    }
}

fn area(page: &Page<'_>, prefix: &str, post: &Post, text: &[u8]) -> Markup {
    named(&shown_area(&format!("{prefix}-{}", post.id), &shown(page.texts, text), HEIGHT, WIDTH), prefix)
}

fn action(page: &Page<'_>, post: &Post) -> Markup {
    let actions = [("Defer", "0", "f"), ("Approve", "1", "a"), ("Reject", "2", "r"), ("Discard", "3", "d")];
    // Of several posts on one page a key would not say which is meant.
    let is_alone = page.view.post.is_some();
    let actions = actions.map(|(label, value, key)| Button {
        label,
        value,
        is_on: value == "0",
        key: if is_alone { key } else { "" },
    });
    choices(page.texts, &post.id.to_string(), &actions)
}

/// What can be done with a post besides.
fn also(page: &Page<'_>, list: &MailList, post: &Post) -> Markup {
    let (texts, id) = (page.texts, post.id);
    let tick = |prefix: &str, label: &str| {
        html! { label { (checkbox(&format!("{prefix}-{id}"), "on", false)) (NBSP) (texts.say(label)) } }
    };
    let address = list.owner_address().to_string();
    html! {
        tr { td { (NBSP) } td { (tick("preserve", "Preserve message for site administrator")) } }
        tr { td { (NBSP) } td {
            (tick("forward", "Additionally, forward this message to: "))
            (named(&input(&format!("forward-addr-{id}"), "TEXT", &address, &[("size", "47")]), "Forward to"))
        } }
    }
}

fn comment(page: &Page<'_>, post: &Post) -> Markup {
    let texts = page.texts;
    let notice = match &post.rejection_notice {
        Some(notice) => shown(texts, notice),
        None => texts.say("[No explanation given]"),
    };
    // The notice is looked up in the catalogue, which has no empty key.
    let notice = if notice.is_ascii() && !notice.is_empty() { texts.say(&notice) } else { notice };
    let text = String::from_utf8_lossy(&wrap(notice.as_bytes(), 80)).into_owned();
    let name = format!("comment-{}", post.id);
    let label = "If you reject this post,<br>please explain (optional):";
    let area = named(&text_area(&name, &text, COMMENT_HEIGHT, WIDTH), &texts.say(label).replace("<br>", " "));
    html! { tr { td align="right" { strong { (texts.html(label, &[])) } } td { (area) } } }
}
