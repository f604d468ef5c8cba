//! A member whose mail came back wants to get it again.

use super::{name_of, Confirmation, Wish};
use crate::bounce::info::BounceInfo;
use crate::web::widgets::safe;
use crate::web::{Answer, Response, Texts};
use chrono::NaiveDate;
use compat::list::pending::Pended;
use compat::list::{attributes, MailList};
use compat::value::Value;
use compat::ByteStr;
use maud::html;

const SECONDS_A_DAY: f64 = 86_400.0;

pub(super) fn answer(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, pended: &Pended) -> Answer {
    let Some(member) = pended.content.get(1).and_then(Value::as_text) else { return Ok(ask.senseless(texts, &list)) };
    match ask.wish() {
        Wish::Look => Ok(prompt(ask, &list, member)),
        // The cookie stays good: the next warning brings it again.
        Wish::Cancel => {
            let text = texts.sentence(
                0x9244_791e_6c7d_b893,
                "Your membership stays disabled. If mail to your address goes on coming back, it may be taken off this \
                 mailing list.",
                &[],
            );
            Ok(ask.dropped(texts, &list, text))
        }
        Wish::Confirm => ask.carry_out(list, member, |texts, list| enabled(ask, texts, list, member)),
    }
}

fn prompt(ask: &Confirmation<'_>, list: &MailList, member: &ByteStr) -> Response {
    let texts = ask.visit.texts(&list.language_of(member));
    let title = texts.say("Re-enable mailing list membership");
    let info = list.bounce_info(member).filter(|_| list.is_member(member)).and_then(BounceInfo::from_value);
    // Mailman fails on who has left, and shows nothing to who has no bounces any more.
    let Some(info) = info else {
        let url = ask.visit.absolute_list_url(list, "listinfo").to_string();
        let text = texts.sentence(
            0x4757_3c92_9edd_283d,
            "Sorry: you are not on this mailing list any more. To join again, visit <a href=\"%(listinfourl)s\">its page\
             </a>.",
            &[("listinfourl", safe(&url))],
        );
        return ask.done(&texts, list, &title, text);
    };
    let text = texts.sentence(
        0xbe56_d2f2_d698_fbaa,
        "Your membership in the mailing list %(realname)s is disabled, because too much mail to you came back. Please \
         confirm that you want to get mail again. This is known: <ul><li><b>Member address:</b> %(member)s <li><b>Member \
         name:</b> %(username)s <li><b>Last mail came back on:</b> %(date)s <li><b>Days until you are taken off this list, \
         about:</b> %(daysleft)s </ul>",
        &[
            ("realname", safe(&list.real_name().to_string())),
            ("member", safe(&texts.decode(member))),
            ("username", name_of(&texts, list, member, "<em>not available</em>")),
            ("date", safe(&day_of(&info))),
            ("daysleft", safe(&days_left(list, &info).to_string())),
        ],
    );
    let buttons = [texts.say("Re-enable membership"), texts.say("Cancel")];
    ask.prompt(&texts, list, &title, text, html! {}, [&buttons[0], &buttons[1]])
}

/// English, whatever the language.
fn day_of(info: &BounceInfo) -> String {
    let day = info.day().and_then(|(year, month, day)| {
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
    });
    day.map(|day| day.format("%A, %B %d, %Y").to_string()).unwrap_or_default()
}

fn days_left(list: &MailList, info: &BounceInfo) -> i64 {
    let notices = info.get("noticesleft").as_float().unwrap_or(0.0);
    (notices * list.float(attributes::BOUNCE_YOU_ARE_DISABLED_WARNINGS_INTERVAL) / SECONDS_A_DAY).floor() as i64
}

fn enabled(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList, member: &ByteStr) -> Response {
    let url = list.options_url(member, false, true).to_string();
    let values = [("listname", safe(&list.real_name().to_string())), ("optionsurl", safe(&url))];
    let text = texts.sentence(
        0xcc4a_cb80_ea60_fb7b,
        "You get the mail of the mailing list %(listname)s again. You can now <a href=\"%(optionsurl)s\">visit your \
         options</a>.",
        &values,
    );
    ask.done(texts, list, &texts.say("Membership re-enabled."), text)
}
