//! Members of a list: looked at, subscribed, changed, removed.

use super::answer::{fault, value, Fault};
use super::input::{path_text, Fields, Page};
use super::{Call, Outcome};
use crate::dns::Stub;
use crate::membership::by_owner::{self, NoChange};
use crate::membership::watched::Watched;
use crate::membership::{described, leave, subscribe, MembershipContext, Notices, UserDesc};
use crate::notice::{outbox, save_with_mail};
use crate::web::{Content, Response};
use compat::list::{attributes, options, ListError, LockedList, MailList};
use compat::value::Value;
use compat::ByteStr;

/// How an address says what it is in the log of subscriptions.
const WHENCE: &str = "api";

/// The members, by address; those whose address or name has the text `search`.
pub(super) fn all(call: &Call<'_>, name: &[u8]) -> Outcome {
    let page = Page::of(call, &["search"])?;
    let list = call.list(name)?;
    let mut members = list.members();
    if let Some(search) = call.visit.request.url_parameters().get("search").filter(|search| !search.is_empty()) {
        let search = String::from_utf8_lossy(search).to_lowercase();
        members.retain(|member| has(&list, member, &search));
    }
    members.sort_unstable();
    Ok(value(200, &page.json("members", &members, |member| described::member(&list, member))))
}

fn has(list: &MailList, member: &ByteStr, search: &str) -> bool {
    let name =
        || list.name_of(member).map(|name| compat::site::template::to_bytes(&name, b"utf-8")).unwrap_or_default();
    let holds = |text: &[u8]| String::from_utf8_lossy(text).to_lowercase().contains(search);
    holds(member) || holds(&name())
}

/// One member.
pub(super) fn one(call: &Call<'_>, name: &[u8], member: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let member = known(&list, member)?;
    Ok(value(200, &described::member(&list, &member)))
}

/// The address of a member in lower case, by which lists know it.
fn known(list: &MailList, member: &[u8]) -> Result<ByteStr, Fault> {
    let member = ByteStr::new(path_text(member)?.to_ascii_lowercase().into_bytes());
    match list.is_member(&member) {
        true => Ok(member),
        false => Err(fault(404, "There is no such member.")),
    }
}

/// Subscribes somebody now.
pub(super) fn add(call: &Call<'_>, name: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let fields = Fields::of(call, &["address", "name", "digest", "welcome", "notify_owners"])?;
    let address: ByteStr = fields.text("address")?.ok_or_else(|| fault(400, "An address is needed."))?.into();
    let notices = Notices { member: fields.truth("welcome")?, owners: fields.truth("notify_owners")? };
    let mut user = UserDesc::new(address.clone());
    user.fullname = fields.text("name")?.map(|name| Value::Unicode(name.into()));
    user.digest = fields.truth("digest")?.map(|digest| Value::Int(digest.into()));
    let text = changed(call, list, |ctx| {
        subscribe::approved_add(ctx, &user, notices, b"", WHENCE.as_bytes())?;
        Ok(described::member(ctx.list, &ByteStr::new(address.to_ascii_lowercase())))
    })?;
    Ok(value(201, &text))
}

/// Changes settings of a member. What is not named stays as it is.
pub(super) fn change(call: &Call<'_>, name: &[u8], member: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let member = known(&list, member)?;
    let mut names = vec!["name", "language", "delivery", "digest", "topics", "password"];
    names.extend(["address", "notify_old", "notify_new"]);
    names.extend(described::FLAGS.map(|(name, _)| name));
    let fields = Fields::of(call, &names)?;
    let text = changed(call, list, |ctx| {
        let watched = Watched::begin(ctx.list, &member);
        set(ctx.list, &member, &fields)?;
        watched.end(ctx.list);
        let member = set_address(ctx, member, &fields)?;
        Ok(described::member(ctx.list, &member))
    })?;
    Ok(value(200, &text))
}

/// Gives a member another address, if one is named, and tells whom the fields say; the address by which lists know the
/// member then.
fn set_address(ctx: &mut MembershipContext<'_>, member: ByteStr, fields: &Fields) -> Result<ByteStr, Fault> {
    let told = [fields.truth("notify_old")?, fields.truth("notify_new")?].map(|told| told == Some(true));
    let Some(new) = fields.text("address")?.map(|address| ByteStr::from(address.trim())) else { return Ok(member) };
    let old = ctx.list.case_preserved(&member).unwrap_or_else(|| member.clone());
    if old == new {
        return Ok(member);
    }
    by_owner::change_address(ctx, &old, &new)?.map_err(|obstacle| unchanged(&obstacle))?;
    for (who, _) in [&old, &new].into_iter().zip(told).filter(|(_, told)| *told) {
        by_owner::tell_of_change(ctx, who, &old, &new)?;
    }
    Ok(ByteStr::new(new.to_ascii_lowercase()))
}

fn unchanged(obstacle: &NoChange) -> Fault {
    match obstacle {
        NoChange::Missing | NoChange::BadAddress => fault(400, "The new address is not a valid one."),
        NoChange::Same | NoChange::TakenAlready => fault(409, "The new address is a member already."),
        NoChange::Banned(_) => fault(409, "The new address is banned."),
        NoChange::NotAMember => fault(404, "There is no such member."),
    }
}

fn set(list: &mut MailList, member: &ByteStr, fields: &Fields) -> Result<(), Fault> {
    if !list.is_member(member) {
        return Err(fault(404, "There is no such member."));
    }
    if let Some(language) = fields.text("language")? {
        if !list.is_available_language(language.as_bytes()) {
            return Err(fault(400, "The list has no such language."));
        }
        list.set_language(member, Value::str(language))?;
    }
    if let Some(delivery) = fields.text("delivery")? {
        let status = described::delivery_named(delivery).ok_or_else(|| fault(400, "There is no such delivery."))?;
        list.set_delivery_status(member, status)?;
    }
    if let Some(name) = fields.text("name")? {
        list.set_name(member, Value::Unicode(name.into()))?;
    }
    if let Some(topics) = fields.texts("topics")? {
        let topics: Vec<ByteStr> = topics.into_iter().map(ByteStr::from).collect();
        let known = topic_names(list);
        if topics.iter().any(|topic| !known.contains(topic)) {
            return Err(fault(400, "The list has no such topic."));
        }
        list.set_topics(member, &topics)?;
    }
    if let Some(password) = fields.text("password")? {
        if password.trim().is_empty() {
            return Err(fault(400, "The password cannot be empty."));
        }
        list.set_password(member, password.trim().as_bytes())?;
        list.record(&[b"new password of ", member]);
    }
    for (name, bit) in described::FLAGS.into_iter().chain([("digest", options::DIGESTS)]) {
        let Some(on) = fields.truth(name)? else { continue };
        match list.set_option(member, bit, on) {
            // It is so already.
            Ok(()) | Err(ListError::AlreadyAMember(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// The names of the list's topics.
fn topic_names(list: &MailList) -> Vec<ByteStr> {
    let topics = list.get(attributes::TOPICS).and_then(Value::as_items).unwrap_or(&[]);
    let name = |topic: &Value| topic.as_items()?.first()?.as_text().cloned();
    topics.iter().filter_map(name).collect()
}

/// Removes a member now; the list's settings say who is told.
pub(super) fn remove(call: &Call<'_>, name: &[u8], member: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let member = known(&list, member)?;
    changed(call, list, |ctx| Ok(leave::approved_delete(ctx, &member, Some(WHENCE), Notices::default())?))?;
    Ok(Response::new("application/json", Content::Bytes(Vec::new())).with_status(204))
}

/// Does something on the locked list, and saves it with the notices that were written.
pub(super) fn changed<T>(
    call: &Call<'_>,
    list: MailList,
    act: impl FnOnce(&mut MembershipContext<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let site = call.visit.site;
    let mut list: LockedList = call.visit.lock(list)?;
    let mut outbox = outbox(site)?;
    let dns = Stub::new(site);
    let language = list.preferred_language();
    let mut ctx = MembershipContext { site, list: &mut list, outbox: &mut outbox, dns: &dns, language };
    let done = act(&mut ctx)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock_when_done();
    Ok(done)
}
