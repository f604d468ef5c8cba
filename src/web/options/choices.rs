//! The options of a membership: digests, delivery, topics, language; here and on the member's other lists.

use super::identity::may_change_all;
use super::Member;
use crate::membership::elsewhere;
use crate::membership::watched::Watched;
use crate::web::widgets::safe;
use crate::web::Problem;
use compat::format::url::unquote_plus;
use compat::list::{options, DeliveryStatus, ListError, LockedList, MailList};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup};

/// The fields and the bits that they stand for, in the order in which they take effect.
pub(super) const FIELDS: [(&str, i64); 9] = [
    ("digest", options::DIGESTS),
    ("mime", options::DISABLE_MIME),
    ("dontreceive", options::DONT_RECEIVE_OWN_POSTS),
    ("ackposts", options::ACKNOWLEDGE_POSTS),
    ("disablemail", options::DISABLE_DELIVERY),
    ("conceal", options::CONCEAL_SUBSCRIPTION),
    ("remind", options::SUPPRESS_PASSWORD_REMINDER),
    ("rcvtopic", options::RECEIVE_NONMATCHING_TOPICS),
    ("nodupes", options::DONT_RECEIVE_DUPLICATES),
];

/// The boxes "on all lists".
const GLOBAL: [(&str, i64); 4] = [
    ("deliver-globally", options::DISABLE_DELIVERY),
    ("remind-globally", options::SUPPRESS_PASSWORD_REMINDER),
    ("nodupes-globally", options::DONT_RECEIVE_DUPLICATES),
    ("mime-globally", options::DISABLE_MIME),
];

/// An option that is to be another than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    bit: i64,
    on: bool,
}

/// Sets what differs from before; the message about it.
pub(super) fn change(member: &mut Member<'_, '_>, list: &mut LockedList) -> Result<Markup, Problem> {
    let user = member.user.clone();
    let changes: Vec<Change> = FIELDS.iter().filter_map(|field| wanted(member, list, *field)).collect();
    let leaves_digests =
        list.is_digest_member(&user) == Some(true) && changes.contains(&Change { bit: options::DIGESTS, on: false });
    let watched = Watched::begin(list, &user);
    let mut refused = None;
    for change in &changes {
        match apply(list, &user, *change) {
            Err(ListError::NoSuchDelivery { mode, .. }) => refused = Some(mode),
            Err(ListError::AlreadyAMember(_)) => {}
            other => other?,
        }
    }
    let asked = member.form.get("language").filter(|language| list.site().is_language(language)).cloned();
    let language = asked.map_or_else(|| list.language_value_of(&user), Value::Str);
    let is_offered = language.as_text().is_some_and(|language| list.offered_languages().contains(language));
    let language = if is_offered { language } else { list.preferred_language_value() };
    list.set_language(&user, language)?;
    let topics: Vec<ByteStr> = member.form.all("usertopic").iter().map(|topic| unquote_plus(topic)).collect();
    list.set_topics(&user, &topics)?;
    watched.end(list);
    list.save()?;
    change_elsewhere(member, list, &changes)?;
    Ok(said(member, refused, leaves_digests))
}

/// What a field asks for; nothing where it is missing, makes no sense, or is so already.
fn wanted(member: &Member<'_, '_>, list: &MailList, (name, bit): (&str, i64)) -> Option<Change> {
    let value = member.form.int(name)?;
    if bit == options::DISABLE_DELIVERY {
        let is_stopped = list.delivery_status(&member.user) != DeliveryStatus::Enabled;
        return ((value != 0) != is_stopped).then_some(Change { bit, on: value != 0 });
    }
    let is_on = list.option(&member.user, bit);
    (value != i64::from(is_on)).then_some(Change { bit, on: value != 0 })
}

fn apply(list: &mut MailList, user: &[u8], change: Change) -> Result<(), ListError> {
    match (change.bit, change.on) {
        (options::DISABLE_DELIVERY, true) => list.set_delivery_status(user, DeliveryStatus::ByUser),
        (options::DISABLE_DELIVERY, false) => list.set_delivery_status(user, DeliveryStatus::Enabled),
        (bit, on) => list.set_option(user, bit, on),
    }
}

/// Only what changed here is changed on the other lists.
fn change_elsewhere(member: &mut Member<'_, '_>, list: &MailList, changes: &[Change]) -> Result<(), Problem> {
    let is_ticked = |field: &str| !member.form.value(field).is_empty();
    let ticked = GLOBAL.iter().filter(|(field, _)| is_ticked(field));
    let copied: Vec<(&str, Change)> =
        ticked.filter_map(|(field, bit)| Some((*field, *changes.iter().find(|change| change.bit == *bit)?))).collect();
    let Some((field, _)) = copied.first() else { return Ok(()) };
    let may = may_change_all(
        member,
        field,
        0x3b3a_34c0_c8d4_4fea,
        "The list administrator may not change options on this member's other lists. On this list they have been changed.",
    );
    if may {
        elsewhere::change(list, &member.user, |other| {
            copied.iter().try_for_each(|(_, change)| apply(other, &member.user, *change))
        })?;
    }
    Ok(())
}

/// What is said about it all. `refused`: the list has no delivery of that kind.
fn said(member: &Member<'_, '_>, refused: Option<&str>, leaves_digests: bool) -> Markup {
    let texts = &member.texts;
    let message = match refused {
        Some("digest") => texts.sentence(
            0xea58_67e4_f803_5407,
            "This list has no digests, so you go on getting posts one by one. Your other options have been set.",
            &[],
        ),
        Some(_) => texts.sentence(
            0xfb2c_212d_9f60_9a89,
            "This list has digests only, so you go on getting them. Your other options have been set.",
            &[],
        ),
        None => safe(&texts.say("You have successfully set your options.")),
    };
    html! { (message) @if leaves_digests { (texts.say("You may get one last digest.")) } }
}
