//! A probe came back: the member is disabled (`_probe_bounce`).

use super::info::BounceInfo;
use super::verp;
use super::work::{Language, Work};
use crate::clock;
use crate::error::{Culprit, HandlerError};
use crate::notice::{outbox, save_with_mail};
use compat::list::pending::{Kind, Pended};
use compat::list::LockedList;
use compat::site::{Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// Disables the member to whom the probe with this token went. False: nobody waits for the token (any more).
///
/// The token is used up with what it causes, so that an interruption loses nothing. Somebody who left meanwhile is left
/// alone.
///
/// # Errors
/// A list that cannot be opened, or the machine.
pub fn probe_bounced(
    site: &Rc<Site>,
    list: &ByteStr,
    token: &[u8],
    current_language: Language,
) -> Result<bool, HandlerError> {
    let mut list = LockedList::open(site, list.clone(), None)?;
    let Some(record) = verp::awaited(&list, token)? else { return Ok(false) };
    let [member, message] = &record.content[..] else { return Ok(false) };
    let member = member.as_text().cloned().unwrap_or_default();
    fail_as_older(&mut list, &member, token)?;
    match list.is_member(&member) {
        true => disable(site, &mut list, &member, message, token, current_language)?,
        false => drop(list.pend_confirm(token)?),
    }
    list.unlock_when_done();
    Ok(true)
}

/// Older versions expect a member with a bounce record. Where that is missing the token is gone, and the bounce is
/// shunted.
fn fail_as_older(list: &mut LockedList, member: &ByteStr, token: &[u8]) -> Result<(), HandlerError> {
    let expects = |switch| !list.site().profile.has(switch);
    let (is_member, has_record) = (list.is_member(member), list.bounce_info(member).is_some());
    let fails = match is_member {
        false => expects(Switch::ProbeMemberGoneIgnored),
        true => !has_record && expects(Switch::ProbeNeedsNoBounceInfo),
    };
    if !fails {
        return Ok(());
    }
    list.pend_confirm(token)?;
    if is_member {
        let content = vec![Value::Str(list.name().clone()), Value::Str(member.clone())];
        list.pend_new(&Pended { kind: Kind::ReEnable, content }, None)?;
    }
    Err(Culprit::Record("the list's bounce_info".to_owned())
        .says(format!("a probe came back, but {member} has no bounce record")))
}

fn disable(
    site: &Rc<Site>,
    list: &mut LockedList,
    member: &ByteStr,
    message: &Value,
    token: &[u8],
    mut current_language: Language,
) -> Result<(), HandlerError> {
    let mut outbox = outbox(site)?;
    let mut work = Work { site, list, outbox: &mut outbox, current_language: &mut current_language };
    let known = work.list.bounce_info(member).and_then(BounceInfo::from_value);
    // The record may have become stale and gone since.
    let mut info = known.unwrap_or_else(|| BounceInfo::new(member, 0.0, clock::today(), work.warnings()));
    work.disable(member, &mut info, message)?;
    if work.list.is_member(member) {
        work.list.set_bounce_info(member, Some(info.to_value()))?;
    }
    list.pend_use(token)?;
    save_with_mail(list, &mut outbox)
}
