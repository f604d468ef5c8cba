//! The passwords of owners, moderators and posters (`password_inputs` of Mailman/Cgi/admin.py).

use super::frame::{submit_button, Frame};
use super::variables::text;
use crate::notice::Text;
use crate::web::widgets::input;
use compat::site::Switch;
use maud::{html, Markup};

static ROLES: Text = Text {
    english:
        "Owners may change everything on these pages. Moderators only decide about posts and requests that are held; \
              they need a password of their own, and their addresses belong on the <a href='%(adminurl)s/general'>page \
              of general options</a>.",
    keys: &[0x317a_701e_8c79_1741],
};
static POSTERS: Text = Text {
    english: "A post with one of these passwords in its header <code>Approved:</code> is not held. The password of \
              posters is good for nothing else.",
    keys: &[0xf1e2_3f18_3283_16ee],
};

pub(super) fn section(frame: &Frame<'_>) -> Markup {
    let texts = frame.texts;
    html! {
        h2 { (texts.say("Change list ownership passwords")) }
        p { (text(frame, &ROLES)) }
        (pair(frame, ["newpw", "confirmpw"], ["Enter new administrator password:", "Confirm administrator password:"]))
        (pair(frame, ["newmodpw", "confirmmodpw"], ["Enter new moderator password:", "Confirm moderator password:"]))
        @if frame.visit.has(Switch::ApprovePosterPassword) {
            p { (text(frame, &POSTERS)) }
            (pair(frame, ["newpostpw", "confirmpostpw"], ["Enter new poster password:", "Confirm poster password:"]))
        }
        (submit_button(texts, "submit"))
    }
}

fn pair(frame: &Frame<'_>, names: [&str; 2], labels: [&str; 2]) -> Markup {
    html! {
        @for (name, label) in names.into_iter().zip(labels) {
            p.field {
                label for=(name) { (frame.texts.say(label)) }
                (input(name, "PASSWORD", "", &[("size", "20"), ("id", name), ("autocomplete", "new-password")]))
            }
        }
    }
}
