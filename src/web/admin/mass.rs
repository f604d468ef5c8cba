//! The forms for many members at once: subscribe or invite, remove, change an address, make the same as a text.

use super::frame::{submit_button, Frame};
use super::variables::text;
use crate::notice::Text;
use crate::web::widgets::{checkbox, input, radio, upload};
use compat::list::attributes;
use compat::site::settings;
use maud::{html, Markup, PreEscaped};

static INVITATION: Text = Text {
    english: "What stands above the invitation or the welcome may be typed here. End it with an empty line.",
    keys: &[0x302f_85f6_8a10_8083],
};
static CHANGE: Text = Text {
    english: "The member's address of now and the new one. Either may be told of the change.",
    keys: &[0xc53f_54e3_7223_2dbe],
};

pub(super) fn subscribe(frame: &Frame<'_>) -> Markup {
    let list = frame.list;
    let invite = frame.visit.site.settings.int(settings::DEFAULT_SUBSCRIBE_OR_INVITE).unwrap_or(0) != 0;
    html! {
        h2 { (frame.texts.say("Mass Subscriptions")) }
        (choice(frame, "Subscribe these users now or invite them?", "subscribe_or_invite", ["Subscribe", "Invite"], invite))
        (no_yes(frame, "Send welcome messages to new subscribers?", "send_welcome_msg_to_this_batch", list.truth(attributes::SEND_WELCOME_MSG)))
        (no_yes(
            frame,
            "Send notifications of new subscriptions to the list owner?",
            "send_notifications_to_list_owner",
            list.truth(attributes::ADMIN_NOTIFY_MCHANGES),
        ))
        (addresses(frame, "subscribees"))
        p { label for="invitation" { (text(frame, &INVITATION)) } }
        (area("invitation"))
        (dry_run())
        (submit_button(frame.texts, "setmemberopts_btn"))
    }
}

pub(super) fn remove(frame: &Frame<'_>) -> Markup {
    let notify = frame.list.truth(attributes::ADMIN_NOTIFY_MCHANGES);
    html! {
        h2 { (frame.texts.say("Mass Removals")) }
        (no_yes(frame, "Send unsubscription acknowledgement to the user?", "send_unsub_ack_to_this_batch", false))
        (no_yes(frame, "Send notifications to the list owner?", "send_unsub_notifications_to_list_owner", notify))
        (addresses(frame, "unsubscribees"))
        (dry_run())
        (submit_button(frame.texts, "setmemberopts_btn"))
    }
}

pub(super) fn change(frame: &Frame<'_>) -> Markup {
    let texts = frame.texts;
    let row = |label: &str, name: &str, notice: &str| {
        html! {
            p.field {
                label for=(name) { (texts.say(label)) }
                span {
                    (input(name, "TEXT", "", &[("size", "40"), ("id", name)])) " "
                    label { (checkbox(notice, "yes", false)) " " (texts.say("Send notice")) }
                }
            }
        }
    };
    html! {
        h2 { (texts.say("Address Change")) }
        p { (text(frame, &CHANGE)) }
        (row("Member's current address", "change_from", "notice_old"))
        (row("Address to change to", "change_to", "notice_new"))
        (submit_button(texts, "setmemberopts_btn"))
    }
}

pub(super) fn synchronise(frame: &Frame<'_>) -> Markup {
    html! {
        h2 { (frame.texts.say("Sync Membership List")) }
        p.problem { "Whoever is not in this text is removed from the list." }
        (addresses(frame, "memberlist"))
        (dry_run())
        (submit_button(frame.texts, "setmemberopts_btn"))
    }
}

/// The field that asks only what would happen.
pub(super) const DRY_RUN: &str = "dry_run";

fn dry_run() -> Markup {
    html! { p { label { (checkbox(DRY_RUN, "1", false)) " Only show what would happen; change nothing" } } }
}

/// Addresses, typed or uploaded.
fn addresses(frame: &Frame<'_>, name: &str) -> Markup {
    let texts = frame.texts;
    html! {
        p { label for=(name) { em { (texts.say("Enter one address per line below...")) } } }
        (area(name))
        p { label { em { (texts.say("...or specify a file to upload:")) } " " (upload(&format!("{name}_upload"))) } }
    }
}

fn area(name: &str) -> Markup {
    PreEscaped(format!("<TEXTAREA NAME=\"{name}\" ROWS=10 COLS=70 id=\"{name}\"></TEXTAREA>"))
}

fn no_yes(frame: &Frame<'_>, label: &str, name: &str, is_on: bool) -> Markup {
    choice(frame, label, name, ["No", "Yes"], is_on)
}

fn choice(frame: &Frame<'_>, label: &str, name: &str, choices: [&str; 2], second: bool) -> Markup {
    let texts = frame.texts;
    html! {
        fieldset {
            legend { (texts.say(label)) }
            label { (radio(name, "0", !second)) " " (texts.say(choices[0])) } " "
            label { (radio(name, "1", second)) " " (texts.say(choices[1])) }
        }
    }
}
