//! The page on which a member sees and sets the options of the membership.
//!
//! Answers to `options_page` and `topic_details` of Mailman/Cgi/options.py and to `FormatOptionButton`,
//! `FormatDisabledNotice` and `FormatUmbrellaNotice` of Mailman/HTMLFormatter.py.

use super::choices::FIELDS;
use super::Member;
use crate::auth::csrf::FormOf;
use crate::bounce::info::{day_text, BounceInfo};
use crate::web::texts::decode_value;
use crate::web::widgets::{checkbox, hidden, link, password_box, radio, safe, submit, text_box};
use crate::web::{Answer, Problem, Tags, Texts};
use compat::format::url::quote_plus;
use compat::list::{attributes, options, DeliveryStatus, MailList};
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

const SECONDS_A_DAY: f64 = 86_400.0;

/// What stands between these is of no use where there are no digests.
const DIGEST_PART: (&str, &str) = ("<!--Start-Digests-Delete-->", "<!--End-Digests-Delete-->");

/// The tags of the radio buttons, each with its field and value.
const BUTTONS: [(&str, &str, i64); 18] = [
    ("mm-digest-radio-button", "digest", 1),
    ("mm-undigest-radio-button", "digest", 0),
    ("mm-plain-digests-button", "mime", 1),
    ("mm-mime-digests-button", "mime", 0),
    ("mm-delivery-enable-button", "disablemail", 0),
    ("mm-delivery-disable-button", "disablemail", 1),
    ("mm-dont-ack-posts-button", "ackposts", 0),
    ("mm-ack-posts-button", "ackposts", 1),
    ("mm-receive-own-mail-button", "dontreceive", 0),
    ("mm-dont-receive-own-mail-button", "dontreceive", 1),
    ("mm-dont-get-password-reminder-button", "remind", 1),
    ("mm-get-password-reminder-button", "remind", 0),
    ("mm-public-subscription-button", "conceal", 0),
    ("mm-hide-subscription-button", "conceal", 1),
    ("mm-dont-receive-duplicates-button", "nodupes", 1),
    ("mm-receive-duplicates-button", "nodupes", 0),
    ("mm-suppress-nonmatching-topics", "rcvtopic", 0),
    ("mm-receive-nonmatching-topics", "rcvtopic", 1),
];

/// The boxes "on all lists".
const GLOBAL_BOXES: [(&str, &str); 6] = [
    ("mm-global-mime-button", "mime-globally"),
    ("mm-global-pw-changes-button", "pw-globally"),
    ("mm-global-deliver-button", "deliver-globally"),
    ("mm-global-remind-button", "remind-globally"),
    ("mm-global-nodupes-button", "nodupes-globally"),
    ("mm-global-change-of-address", "changeaddr-globally"),
];

/// The page, with a message about what was done.
pub(super) fn options_page(member: &Member<'_, '_>, list: &MailList, message: Markup) -> Answer {
    let (visit, texts) = (member.visit, &member.texts);
    let mut tags = visit.standard_tags(texts, list);
    tags.set("mm-form-start", form_start(member, list)?);
    tags.set("mm-results", html! { strong { font size="+1" { (message) } } });
    set_option_tags(member, list, &mut tags);
    set_identity_tags(member, list, &mut tags);
    tags.set("mm-topics", topics(member, list));
    tags.set("mm-disabled-notice", delivery_notice(texts, list, &member.user));
    let notes = html! { @for note in &member.notes { (note) } };
    let Some(template) = visit.template(texts, list, "options.html", None)? else {
        let title = format!("{} membership options", list.real_name());
        return Ok(visit.page(texts, &title, html! { (notes) (own_page(member, list, &tags)) }));
    };
    let mut page = tags.replace(&template.0);
    let has_digests = list.truth(attributes::DIGESTABLE) || list.option(&member.user, options::DIGESTS);
    if visit.has(Switch::OptionsWithoutDigests) && !has_digests {
        page = without_digests(&page.0);
    }
    Ok(visit.html(texts, &html! { (notes) (page) }))
}

fn without_digests(page: &str) -> Markup {
    let (start, end) = DIGEST_PART;
    match (page.find(start), page.rfind(end)) {
        (Some(from), Some(to)) if from < to => PreEscaped([&page[..from], &page[to + end.len()..]].concat()),
        _ => PreEscaped(page.to_string()),
    }
}

fn set_option_tags(member: &Member<'_, '_>, list: &MailList, tags: &mut Tags) {
    for (tag, field, value) in BUTTONS {
        let bit = FIELDS.iter().find(|(name, _)| *name == field).map_or(0, |(_, bit)| *bit);
        let is_on = match bit {
            options::DISABLE_DELIVERY => list.delivery_status(&member.user) != DeliveryStatus::Enabled,
            bit => list.option(&member.user, bit),
        };
        tags.set(tag, radio(field, &value.to_string(), is_on == (value == 1)));
    }
    for (tag, field) in GLOBAL_BOXES {
        tags.set(tag, checkbox(field, "1", false));
    }
    let texts = &member.texts;
    tags.set("mm-options-submit-button", submit("options-submit", &texts.say("Submit My Changes")));
    tags.set("mm-logout-button", submit("logout", &texts.say("Log out")));
}

/// The form goes to this member's page; newer versions sign it, whoever looks at it, as the member's.
fn form_start(member: &Member<'_, '_>, list: &MailList) -> Result<Markup, Problem> {
    let base = member.visit.list_url(list, "options");
    let url = safe(&member.texts.decode(&[&base[..], b"/", &member.user].concat())).0;
    if !member.visit.has(Switch::CsrfTokenOnAllForms) {
        return Ok(PreEscaped(format!("<FORM Method=POST ACTION=\"{url}\">")));
    }
    let token = member.visit.form_token(list, FormOf::Options(&member.user), member.actor)?;
    let start = PreEscaped(format!("<form method=\"POST\" action=\"{url}\">\n"));
    Ok(html! { (start) (hidden("csrf_token", &token.unwrap_or_default())) })
}

fn set_identity_tags(member: &Member<'_, '_>, list: &MailList, tags: &mut Tags) {
    let (texts, user) = (&member.texts, &member.user);
    let is_obscured = list.truth(attributes::OBSCURE_ADDRESSES);
    let shown = |address: &[u8]| match is_obscured {
        true => texts.decode(&crate::web::urls::obscured_text(address)),
        false => texts.decode(address),
    };
    let name = list.name_of(user).map(|name| texts.name(&name)).unwrap_or_default();
    let with_name = if name.is_empty() { shown(user) } else { format!("{}, {name}", shown(user)) };
    tags.set("mm-user", safe(&texts.decode(user)));
    tags.set("mm-presentable-user", safe(&with_name));
    tags.set("mm-fullname-box", text_box("fullname", &name, 30));
    let lower = user.to_ascii_lowercase();
    let written = list.case_preserved(user).filter(|written| **written != *lower);
    let written = written.map(|written| {
        let values = [("cpuser", safe(&shown(&written)))];
        texts.sentence(
            0xde5d_7609_47cc_3353,
            "\nYou joined this list with the address <em>%(cpuser)s</em>, in this spelling.",
            &values,
        )
    });
    tags.set("mm-case-preserved-user", written.unwrap_or_default());
    tags.set("mm-umbrella-notice", umbrella_notice(texts, list, user));
    tags.set("mm-pending-days", pending_days(member));
    set_identity_fields(texts, tags);
}

fn set_identity_fields(texts: &Texts<'_>, tags: &mut Tags) {
    let unsubscribe = html! {
        (submit("unsub", &texts.say("Unsubscribe"))) br;
        label { (checkbox("unsubconfirm", "1", false)) (texts.html("<em>Yes, I really want to unsubscribe</em>", &[])) }
    };
    tags.set("mm-unsubscribe-button", unsubscribe);
    tags.set("mm-new-pass-box", password_box("newpw", 15));
    tags.set("mm-confirm-pass-box", password_box("confpw", 15));
    tags.set("mm-change-pass-button", submit("changepw", &texts.say("Change My Password")));
    tags.set("mm-other-subscriptions-submit", submit("othersubs", &texts.say("List my other subscriptions")));
    tags.set("mm-email-my-pw", submit("emailpw", &texts.say("Email My Password To Me")));
    tags.set("mm-new-address-box", text_box("new-address", "", 30));
    tags.set("mm-confirm-address-box", text_box("confirm-address", "", 30));
    tags.set("mm-change-address-button", submit("change-of-address", &texts.say("Change My Address and Name")));
}

fn umbrella_notice(texts: &Texts<'_>, list: &MailList, user: &[u8]) -> Markup {
    if !list.truth(attributes::UMBRELLA_LIST) {
        return Markup::default();
    }
    let values =
        [("type", safe(&texts.say("password"))), ("addr", safe(&texts.decode(&list.member_admin_address(user))))];
    texts.sentence(
        0xe888_76bc_b479_3452,
        "(The members of this list are lists, so the %(type)s notice goes to the people who run yours: %(addr)s.)<p>",
        &values,
    )
}

/// For how long a question by mail is good.
fn pending_days(member: &Member<'_, '_>) -> Markup {
    let life = member.visit.site.settings.float(settings::PENDING_REQUEST_LIFE).unwrap_or(0.0);
    let days = (life / SECONDS_A_DAY) as i64;
    let units = member.texts.say(if days > 1 { "days" } else { "day" });
    let text = member.texts.say("%(days)d %(units)s");
    safe(&text.replace("%(days)d", &days.to_string()).replace("%(units)s", &units))
}

/// A topic as the list has it: name, pattern, description.
struct Topic {
    name: String,
    /// The name as it is stored.
    key: ByteStr,
    pattern: String,
    description: String,
}

fn topics_of(list: &MailList, texts: &Texts<'_>) -> Vec<Topic> {
    let items = list.get(attributes::TOPICS).and_then(Value::as_items).unwrap_or_default();
    let topic = |item: &Value| {
        let [name, pattern, description, is_empty] = item.as_items()? else { return None };
        let text = |value: &Value| decode_value(value, &texts.charset);
        let key = match name {
            Value::Unicode(name) => ByteStr::new(texts.encode(&name.to_text())),
            name => name.as_text().cloned()?,
        };
        (!is_empty.is_true()).then(|| Topic {
            name: text(name),
            key,
            pattern: text(pattern),
            description: text(description),
        })
    };
    items.iter().filter_map(topic).collect()
}

/// The topics with their boxes.
fn topics(member: &Member<'_, '_>, list: &MailList) -> Markup {
    let texts = &member.texts;
    if !list.truth(attributes::TOPICS) {
        return texts.html("<em>No topics defined</em>", &[]);
    }
    let chosen = list.topics_of(&member.user);
    let base = texts.decode(&[&member.visit.list_url(list, "options")[..], b"/", &member.user].concat());
    html! {
        table border="0" {
            @for topic in topics_of(list, texts) {
                @let quoted = quote_plus(&topic.key).to_string();
                tr {
                    td { (checkbox("usertopic", &quoted, chosen.contains(&topic.key))) }
                    td { (topic.name) (link(&format!("{base}/?VARHELP={quoted}"), html! { " (Details)" })) }
                }
            }
        }
    }
}

/// What a topic is about, or that there is none of this name.
pub(super) fn topic(texts: &Texts<'_>, list: &MailList, name: &ByteStr) -> Markup {
    let found = topics_of(list, texts).into_iter().find(|topic| topic.key == *name);
    let Some(topic) = found.filter(|_| !name.contains(&b'/')) else {
        let shown = if name.contains(&b'/') { texts.say("<missing>") } else { texts.decode(name) };
        return safe(&texts.fill("Requested topic is not valid: %(topicname)s", &[("topicname", &shown)]));
    };
    let pattern = topic.pattern.lines().collect::<Vec<_>>().join("|");
    html! {
        table.details {
            caption { (texts.say("Topic filter details")) }
            tr { th scope="row" { (texts.say("Name:")) } td { (topic.name) } }
            tr { th scope="row" { (texts.say("Pattern (as regexp):")) } td { pre { (pattern) } } }
            tr { th scope="row" { (texts.say("Description:")) } td { (topic.description) } }
        }
    }
}

/// Says that nothing is delivered and why, or that mail bounced recently.
fn delivery_notice(texts: &Texts<'_>, list: &MailList, user: &[u8]) -> Markup {
    let info = list.bounce_info(user).and_then(BounceInfo::from_value);
    let reason = match list.delivery_status(user) {
        DeliveryStatus::Enabled => {
            return info
                .filter(|info| info.score() > 0.0)
                .map(|info| bounce_notice(texts, list, &info))
                .unwrap_or_default()
        }
        DeliveryStatus::ByUser => safe(&texts.say("; it was disabled by you")),
        DeliveryStatus::ByAdmin => safe(&texts.say("; it was disabled by the list administrator")),
        DeliveryStatus::Unknown => safe(&texts.say("; it was disabled for unknown reasons")),
        DeliveryStatus::ByBounce => {
            let date = info.and_then(|info| info.day()).map(day_text).unwrap_or_default();
            texts.sentence(
                0x85e5_4080_37a4_7d62,
                "; it was disabled because too much mail to you came back, the last on %(date)s",
                &[("date", safe(&date))],
            )
        }
    };
    let note = texts.html("Note: your list delivery is currently disabled%(reason)s.", &[("reason", reason)]);
    let note = html! { font size="+1" { (note) } };
    let option = html! { a href="#disable" { (texts.say("Mail delivery")) } };
    let owner = format!("mailto:{}", list.owner_address());
    let administrator = link(&owner, safe(&texts.say("the list administrator")));
    texts.sentence(
        0xbcae_4fc8_6d6a_86de,
        "<p>%(note)s<p>Perhaps you wanted that, or mail to you came back. To receive mail again, set the option %(link)s \
         below. If you have questions, write to %(mailto)s.",
        &[("note", note), ("link", option), ("mailto", administrator)],
    )
}

fn bounce_notice(texts: &Texts<'_>, list: &MailList, info: &BounceInfo) -> Markup {
    let number =
        |value: &Value| compat::format::percent_bytes(b"%(x)s", &vec![("x", value.clone())]).unwrap_or_default();
    let limit = list.get(attributes::BOUNCE_SCORE_THRESHOLD).map(number).unwrap_or_default();
    let values = [("score", safe(&number(&info.get("score")).to_string())), ("total", safe(&limit.to_string()))];
    texts.sentence(
        0x3456_247f_5731_2450,
        "<p>Some mail to you came back lately. Your <em>bounce score</em> is %(score)s; %(total)s is the most there may be. \
         Please look whether your address is right and your mailbox works. Once mail reaches you again, the score is \
         forgotten.",
        &values,
    )
}

/// The page of a site that has no template of its own.
fn own_page(member: &Member<'_, '_>, list: &MailList, tags: &Tags) -> Markup {
    let texts = &member.texts;
    html! {
        h1 { (list.real_name().to_string()) ": " (tags.get("mm-presentable-user")) }
        p role="status" { (tags.get("mm-results")) }
        (tags.get("mm-case-preserved-user"))
        (tags.get("mm-disabled-notice"))
        (tags.get("mm-form-start"))
        p { (tags.get("mm-logout-button")) }
        (identity_part(tags))
        (delivery_part(member, list, tags))
        h2 { "Language" }
        p { (tags.get("mm-list-langs")) }
        h2 { (texts.say("Topics")) }
        (tags.get("mm-topics"))
        fieldset {
            legend { "Receive posts that match no topic" }
            label { (tags.get("mm-suppress-nonmatching-topics")) " " (texts.say("No")) } " "
            label { (tags.get("mm-receive-nonmatching-topics")) " " (texts.say("Yes")) }
        }
        p { (tags.get("mm-options-submit-button")) }
        (PreEscaped("</FORM>"))
        (tags.get("mm-mailman-footer"))
    }
}

fn identity_part(tags: &Tags) -> Markup {
    let field = |label: &str, tag: &str| html! { label.field { span { (label) } (tags.get(tag)) } };
    let everywhere = |tag: &str| html! { p { label { (tags.get(tag)) " on all my lists on this site" } } };
    html! {
        h2 { "Name and address" }
        p.note { "A new address is asked by email, which is good for " (tags.get("mm-pending-days")) "." }
        (field("New address:", "mm-new-address-box"))
        (field("Again to confirm:", "mm-confirm-address-box"))
        (field("Your name:", "mm-fullname-box"))
        (everywhere("mm-global-change-of-address"))
        p { (tags.get("mm-change-address-button")) }
        h2 { "Password" }
        (tags.get("mm-umbrella-notice"))
        p { (tags.get("mm-email-my-pw")) }
        (field("New password:", "mm-new-pass-box"))
        (field("Again to confirm:", "mm-confirm-pass-box"))
        (everywhere("mm-global-pw-changes-button"))
        p { (tags.get("mm-change-pass-button")) }
        h2 { "Other lists, and leaving" }
        p { (tags.get("mm-other-subscriptions-submit")) }
        p { (tags.get("mm-unsubscribe-button")) }
    }
}

fn delivery_part(member: &Member<'_, '_>, list: &MailList, tags: &Tags) -> Markup {
    let texts = &member.texts;
    let (yes, no) = (texts.say("Yes"), texts.say("No"));
    let (on, off) = (texts.say("Enabled"), texts.say("Disabled"));
    let choice = |title: &str, choices: [(&str, &str); 2], global: &str| {
        html! { fieldset {
            legend { (title) }
            @for (label, tag) in choices { label { (tags.get(tag)) " " (label) } " " }
            @if !global.is_empty() { br; label { (tags.get(global)) " " (texts.say("Set globally")) } }
        } }
    };
    let has_digests = list.truth(attributes::DIGESTABLE) || list.option(&member.user, options::DIGESTS);
    html! {
        h2 id="disable" { "Delivery" }
        (choice("Mail delivery", [(&on, "mm-delivery-enable-button"), (&off, "mm-delivery-disable-button")],
            "mm-global-deliver-button"))
        @if has_digests {
            (choice("Digests", [(&off, "mm-undigest-radio-button"), (&on, "mm-digest-radio-button")], ""))
            (choice("Form of digests", [("MIME", "mm-mime-digests-button"), ("Plain text", "mm-plain-digests-button")],
                "mm-global-mime-button"))
        }
        (choice("Receive your own posts", [(&no, "mm-dont-receive-own-mail-button"), (&yes, "mm-receive-own-mail-button")], ""))
        (choice("An acknowledgement of each of your posts", [(&no, "mm-dont-ack-posts-button"), (&yes, "mm-ack-posts-button")], ""))
        (choice("A password reminder now and then",
            [(&no, "mm-dont-get-password-reminder-button"), (&yes, "mm-get-password-reminder-button")],
            "mm-global-remind-button"))
        (choice("Hide yourself from the list of members",
            [(&no, "mm-public-subscription-button"), (&yes, "mm-hide-subscription-button")], ""))
        (choice("Receive posts from the list that reach you anyway",
            [(&yes, "mm-receive-duplicates-button"), (&no, "mm-dont-receive-duplicates-button")],
            "mm-global-nodupes-button"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_about_digests_can_go() {
        let page = "a<!--Start-Digests-Delete-->b<!--End-Digests-Delete-->c<!--End-Digests-Delete-->d";
        assert_eq!(without_digests(page).0, "ad");
        assert_eq!(without_digests("<!--End-Digests-Delete--><!--Start-Digests-Delete-->").0.len(), 52);
    }
}
