//! CalcRecips: who gets the post as an ordinary mail.
//!
//! Regular members whose delivery is on, without a sender who does not want his own posts, without those whose topics
//! it misses, less and plus the members of sibling lists. A list may have 100,000 members, so the dictionaries of the
//! list are walked once and looked into by key; nothing is built for a member but a reference to his address.

use super::{siblings, Context, Verdict};
use crate::auth::password::approves_posts;
use crate::error::HandlerError;
use compat::list::{attributes, options, Attribute, MailList};
use compat::names::Table;
use compat::site::wrap;
use compat::value::{Dict, Value};
use compat::ByteStr;

const BAD_URGENT: &str = "\
Your urgent message to the %(realname)s mailing list was not authorized for
delivery.  The original message as received by Mailman is attached.
";

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    // Recipients that are known already stay, even when there are none.
    if ctx.data.contains("recips") {
        return Ok(Verdict::Continue);
    }
    if let Some(password) = ctx.header("urgent") {
        return urgent(ctx, &password);
    }
    let mut recips = enabled_members(ctx.list);
    leave_out_sender(ctx, &mut recips);
    filter_by_topics(ctx, &mut recips);
    let recips = siblings::exclude(ctx, recips)?;
    let recips = siblings::include(ctx, recips)?;
    ctx.data.set_strings("recips", recips);
    Ok(Verdict::Continue)
}

/// `Urgent: password`: everybody gets it now, digest members and those with delivery off too. The site's password
/// does not count: it should not travel in mails.
fn urgent(ctx: &mut Context<'_>, password: &[u8]) -> Result<Verdict, HandlerError> {
    if approves_posts(ctx.list, password) {
        let everybody = [attributes::MEMBERS, attributes::DIGEST_MEMBERS]
            .into_iter()
            .flat_map(|kind| member_addresses(ctx.list, kind));
        ctx.data.set_strings("recips", everybody.map(|(_, shown)| shown.clone()));
        return Ok(Verdict::Continue);
    }
    let real_name = ctx.list.real_name();
    let text = ctx.words().fill(BAD_URGENT, &[("realname", Value::Str(real_name))]);
    Ok(Verdict::reject(Some(&wrap(&text, 70))))
}

/// Key and case-preserved address of each member of one kind, in the list's order.
fn member_addresses(list: &MailList, attribute: Attribute<Table>) -> impl Iterator<Item = (&ByteStr, &ByteStr)> {
    let members = list.dict(attribute).into_iter().flat_map(Dict::iter);
    members.filter_map(|(key, value)| Some((key.as_text()?, value.as_str().or_else(|| key.as_text())?)))
}

/// The addresses of regular members whose delivery is on.
pub fn enabled_members(list: &MailList) -> Vec<ByteStr> {
    let status = list.dict(attributes::DELIVERY_STATUS).filter(|dict| !dict.is_empty());
    let enabled = |key: &ByteStr| status.and_then(|dict| dict.get(key)).is_none_or(is_enabled);
    member_addresses(list, attributes::MEMBERS)
        .filter(|(key, _)| enabled(key))
        .map(|(_, shown)| shown.clone())
        .collect()
}

/// A status is (reason, time); reason 0 is none at all.
fn is_enabled(status: &Value) -> bool {
    status.as_items().and_then(<[Value]>::first).and_then(Value::as_int) == Some(0)
}

fn leave_out_sender(ctx: &Context<'_>, recips: &mut Vec<ByteStr>) {
    let sender = ctx.sender();
    if !ctx.list.is_member(&sender) || !ctx.list.option(&sender, options::DONT_RECEIVE_OWN_POSTS) {
        return;
    }
    if let Some(address) = ctx.list.case_preserved(&sender) {
        if let Some(at) = recips.iter().position(|recipient| *recipient == address) {
            recips.remove(at);
        }
    }
}

fn filter_by_topics(ctx: &Context<'_>, recips: &mut Vec<ByteStr>) {
    if !ctx.list.truth(attributes::TOPICS_ENABLED) {
        return;
    }
    let hits = ctx.data.strings("topichits").unwrap_or_default();
    let empty = Dict::new();
    let interests = ctx.list.get(attributes::TOPICS_USERINTEREST).and_then(Value::as_dict).unwrap_or(&empty);
    recips.retain(|member| {
        let topics = interests.get(&member.to_ascii_lowercase()).and_then(Value::as_items).unwrap_or_default();
        if topics.is_empty() {
            return true;
        }
        if hits.is_empty() {
            return ctx.list.option(member, options::RECEIVE_NONMATCHING_TOPICS);
        }
        topics.iter().filter_map(Value::as_text).any(|topic| hits.contains(topic))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{members, Fixture, NEW};

    const POST: &[u8] = b"From: anna@example.org\nTo: club@lists.example.com\n\nx\n";

    fn recips(attributes: &[(&str, Value)], message: &[u8]) -> Vec<String> {
        let mut fixture = Fixture::new(NEW, attributes, message);
        fixture.handle(process);
        let mut found: Vec<String> = fixture.data.strings("recips").unwrap().iter().map(|r| r.to_latin1()).collect();
        found.sort();
        found
    }

    fn roster() -> Vec<(&'static str, Value)> {
        let mut roster = members(&[("anna@example.org", 2), ("ben@example.net", 0), ("carla@example.com", 0)]).to_vec();
        if let Some(dict) = roster[0].1.as_dict_mut() {
            dict.set("ben@example.net", Value::str("Ben@Example.net"));
        }
        let off = Value::tuple(vec![Value::Int(2), Value::Float(0.0)]);
        let status: Dict = [("carla@example.com".into(), off)].into_iter().collect();
        roster.push(("delivery_status", Value::dict(status)));
        roster
    }

    #[test]
    fn enabled_members_but_for_a_sender_who_wants_none() {
        assert_eq!(recips(&roster(), POST), ["Ben@Example.net"]);
    }

    #[test]
    fn urgent_goes_to_everybody_or_back() {
        let mut attributes = roster();
        // SHA-1 of "secret"
        attributes.push(("mod_password", Value::str("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4")));
        let urgent = [b"Urgent: secret\n", POST].concat();
        assert_eq!(recips(&attributes, &urgent), ["Ben@Example.net", "anna@example.org", "carla@example.com"]);
        let mut wrong = Fixture::new(NEW, &attributes, &[b"Urgent: guess\n", POST].concat());
        let Verdict::Reject(notice) = wrong.handle(process) else { panic!("a wrong password must be rejected") };
        assert!(notice.starts_with(b"Your urgent message to the Club mailing list"));
        assert!(!wrong.data.contains("recips"));
    }

    #[test]
    fn known_recipients_stay() {
        let mut fixture = Fixture::new(NEW, &roster(), POST);
        fixture.data.set_strings("recips", []);
        fixture.handle(process);
        assert!(fixture.data.strings("recips").unwrap().is_empty());
    }

    #[test]
    fn topics_choose() {
        let mut attributes = members(&[("a@x", 0), ("b@x", 0), ("c@x", 64)]).to_vec();
        let interests = ["a@x", "c@x"].map(|a| (ByteStr::from(a), Value::list(vec![Value::str("Roses")])));
        attributes.push(("topics_userinterest", Value::dict(interests.into_iter().collect())));
        attributes.push(("topics_enabled", Value::Int(1)));
        assert_eq!(recips(&attributes, POST), ["b@x", "c@x"]);
    }
}
