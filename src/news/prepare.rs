//! A post made fit for news: subject, group, ids, and the headers that servers refuse.
//!
//! Answers to `prepare_message` of `Mailman.Queue.NewsRunner`. Done once; the metadata say so.

use crate::error::{Culprit, RunnerError};
use compat::email::header::Header;
use compat::email::message::{HeaderValue, Message};
use compat::email::msgid;
use compat::list::{attributes, MailList};
use compat::pattern::{Flags, Pattern};
use compat::queue::Metadata;
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// A Message-ID of Mailman's own making. The dots stand for any character, as in the original.
const OUR_ID: &[u8] = br"<mailman.\d+.\d+.\d+.(?P<listname>[^@]+)@(?P<hostname>[^>]+)>";

/// Changes the headers, unless that has been done.
///
/// # Errors
/// A setting is of the wrong kind.
pub fn prepare(site: &Site, list: &MailList, msg: &mut Message, data: &mut Metadata) -> Result<(), RunnerError> {
    if data.truth("prepped") {
        return Ok(());
    }
    if matches!(list.int(attributes::NEWS_MODERATION), 1 | 2) {
        msg.delete("approved");
        msg.append("Approved", list.posting_address());
    }
    restore_subject(site, list, msg, data);
    set_group(site, list, msg);
    set_id(site, list, msg)?;
    if !msg.contains("lines") {
        let count = msg.body_lines(false).count();
        msg.append("Lines", count.to_string());
    }
    drop_headers(site, msg)?;
    data.set_bool("prepped", true);
    Ok(())
}

/// The subject without the list's prefix, as CookHeaders left it in the metadata.
fn restore_subject(site: &Site, list: &MailList, msg: &mut Message, data: &Metadata) {
    let known = |key: &str| data.get(key).filter(|value| value.is_true());
    let original = known("stripped_subject").or_else(|| data.get("origsubj"));
    if let (false, Some(value)) =
        (list.truth(attributes::NEWS_PREFIX_SUBJECT_TOO), original.filter(|v| **v != Value::None))
    {
        let capital = site.profile.has(Switch::NewsSubjectHeaderCapital);
        msg.delete("subject");
        msg.append(if capital { "Subject" } else { "subject" }, header_value(value));
    }
    let is_blank = msg.get("subject").is_none_or(|value| value.as_str().is_some_and(|text| text.is_empty()));
    if is_blank && site.profile.has(Switch::NewsEmptySubjectNamed) {
        msg.delete("subject");
        msg.append("Subject", "(no subject)");
    }
}

fn header_value(value: &Value) -> HeaderValue {
    match value {
        Value::Str(text) => HeaderValue::from(text),
        value => match Header::from_value(value) {
            Ok(header) => HeaderValue::Header(Rc::new(header)),
            Err(_) => HeaderValue::Other(value.clone()),
        },
    }
}

/// The list's group; older versions add it to those that the post names.
fn set_group(site: &Site, list: &MailList, msg: &mut Message) {
    let group = list.str(attributes::LINKED_NEWSGROUP);
    let named = msg.get_str("newsgroups").filter(|_| !site.profile.has(Switch::NewsOnlyTargetGroup));
    let mut groups: Vec<&[u8]> = match &named {
        Some(named) => named.split(|&b| b == b',').map(<[u8]>::trim_ascii).collect(),
        None => Vec::new(),
    };
    if groups.contains(&&group[..]) {
        return;
    }
    groups.push(&group);
    let groups = groups.join(&b", "[..]);
    msg.delete("newsgroups");
    msg.append("Newsgroups", groups);
}

/// An id of our own for each list, since a server takes an id only once. The old one goes on in References.
fn set_id(site: &Site, list: &MailList, msg: &mut Message) -> Result<(), RunnerError> {
    let old = msg.get_str("message-id").filter(|id| !id.is_empty());
    if old.as_ref().is_some_and(|id| is_ours(list, id)) {
        return Ok(());
    }
    msg.delete("message-id");
    msg.append("Message-ID", msgid::unique_message_id(list.name(), &list.host_name()));
    if let Some(old) = old.filter(|_| site.profile.has(Switch::NewsOriginalIdsKept)) {
        keep_old_ids(msg, &old);
    }
    Ok(())
}

fn is_ours(list: &MailList, id: &ByteStr) -> bool {
    let found = Pattern::new(OUR_ID, Flags::default()).ok().and_then(|pattern| pattern.search(id).ok().flatten());
    found.is_some_and(|found| {
        found.named("listname").is_some_and(|name| name == *list.name())
            && found.named("hostname").is_some_and(|host| host == list.host_name())
    })
}

fn keep_old_ids(msg: &mut Message, old: &ByteStr) {
    msg.append("X-Mailman-Original-Message-ID", old.clone());
    let references = msg.get_str("references").filter(|text| !text.is_empty());
    msg.delete("references");
    if let Some(references) = &references {
        msg.append("X-Mailman-Original-References", references.clone());
    }
    let before = references.or_else(|| msg.get_str("in-reply-to")).filter(|text| !text.is_empty());
    match before {
        Some(before) => msg.append("References", [&before[..], b"\n ", old].concat()),
        None => msg.append("References", old.clone()),
    }
}

/// What servers refuse goes; of headers that may stand only once the first stays and the others are renamed.
fn drop_headers(site: &Site, msg: &mut Message) -> Result<(), RunnerError> {
    for name in site.settings.strings(settings::NNTP_REMOVE_HEADERS)? {
        msg.delete(&name.to_latin1());
    }
    let pairs = site.settings.require(settings::NNTP_REWRITE_DUPLICATE_HEADERS)?;
    for pair in pairs.as_items().ok_or_else(|| not_understood(pairs))? {
        let (name, other) = renaming(pair).ok_or_else(|| not_understood(pair))?;
        let header = name.to_latin1();
        let values: Vec<HeaderValue> = msg.get_all(&header).into_iter().cloned().collect();
        if values.len() > 1 {
            msg.delete(&header);
            for (at, value) in values.into_iter().enumerate() {
                msg.append(if at == 0 { name.clone() } else { other.clone() }, value);
            }
        }
    }
    Ok(())
}

/// A header's name, and the one that its further copies get.
fn renaming(pair: &Value) -> Option<(&ByteStr, &ByteStr)> {
    let [name, other] = pair.as_items()? else { return None };
    name.as_text().zip(other.as_text())
}

fn not_understood(value: &Value) -> RunnerError {
    let name = settings::NNTP_REWRITE_DUPLICATE_HEADERS;
    let words = format!("{name}: not understood: {}", compat::format::repr(value));
    RunnerError::Given { words, source: Culprit::Setting(name.as_str()) }
}
