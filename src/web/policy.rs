//! Sentences that say how a list is run: who may join, who sees its members and its archive.
//!
//! Answers to `FormatSubscriptionMsg`, `RestrictedListMessage` and `FormatReminder` in Mailman/HTMLFormatter.py.

use super::texts::Texts;
use super::widgets::safe;
use compat::list::{attributes, MailList};
use maud::{html, Markup};

/// How one joins, and who sees the members.
pub fn subscription_message(texts: &Texts<'_>, list: &MailList) -> Markup {
    let policy = list.choice(attributes::SUBSCRIBE_POLICY);
    let also = if policy == 2 || policy == 3 { texts.say("also ") } else { String::new() };
    html! {
        (joining(texts, policy)) " " (roster(texts, list, &also))
        @if list.truth(attributes::UMBRELLA_LIST) { (umbrella(texts, list)) }
    }
}

fn joining(texts: &Texts<'_>, policy: i64) -> Markup {
    match policy {
        1 => texts.sentence(
            0xb706_ba73_615d_8e1d,
            "We will send you an email that asks you to confirm, so that nobody else can put you on the list.",
            &[],
        ),
        2 => texts.sentence(
            0xa7cf_294b_0fd9_5939,
            "This is a closed list: your request to join waits for the list moderator, and an email will tell you what \
             was decided.",
            &[],
        ),
        3 => texts.sentence(
            0x9baa_8863_23fc_55d3,
            "We will send you an email that asks you to confirm, so that nobody else can put you on the list. Your \
             request then waits for the list moderator, and an email will tell you what was decided.",
            &[],
        ),
        _ => html! {},
    }
}

fn roster(texts: &Texts<'_>, list: &MailList, also: &str) -> Markup {
    let also = [("also", safe(also))];
    match list.choice(attributes::PRIVATE_ROSTER) {
        0 => html! {
            (texts.sentence(0x8fb3_2af4_36b6_82ed, "This is %(also)sa public list: everybody may see who is on it.", &also))
            @if list.truth(attributes::OBSCURE_ADDRESSES) {
                (texts.sentence(
                    0x55da_f034_8b69_a333,
                    " (Addresses are shown in a form that programs which collect addresses do not recognise.)",
                    &[],
                ))
            }
        },
        1 => texts.sentence(
            0xb87c_b3db_d410_116a,
            "This is %(also)sa private list: only its members may see who is on it.",
            &also,
        ),
        _ => texts.sentence(
            0x7df2_b918_0dfd_655b,
            "This is %(also)sa hidden list: only the list administrator may see who is on it.",
            &also,
        ),
    }
}

fn umbrella(texts: &Texts<'_>, list: &MailList) -> Markup {
    let suffix = safe(&list.str(attributes::UMBRELLA_MEMBER_SUFFIX).to_string());
    texts.sentence(
        0xda7f_8bff_819c_0853,
        "<p>(The members of this list should be other mailing lists. Among other things, the request to confirm goes to \
         your address with `%(sfx)s' added to it.)",
        &[("sfx", suffix)],
    )
}

/// That not everybody may read the archive; nothing where everybody may.
pub fn archive_message(texts: &Texts<'_>, list: &MailList) -> Markup {
    restriction(texts, &texts.say("The current archive"), list.choice(attributes::ARCHIVE_PRIVATE))
}

/// That only some may see a thing: 1 the members, above that the administrator.
pub fn restriction(texts: &Texts<'_>, what: &str, who: i64) -> Markup {
    let which = [("which", safe(what))];
    match who {
        0 => html! {},
        1 => texts.html("(<i>%(which)s is only available to the list members.</i>)", &which),
        _ => texts.html("(<i>%(which)s is only available to the list administrator.</i>)", &which),
    }
}

/// That passwords are mailed once a month.
pub fn reminder_message(texts: &Texts<'_>, list: &MailList) -> Markup {
    match list.truth(attributes::SEND_REMINDERS) {
        true => texts.sentence(0xc81b_4398_af5c_5392, "You will get your password by email once a month.", &[]),
        false => html! {},
    }
}
