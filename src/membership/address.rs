//! Changing an address (MailList.ChangeMemberAddress, ApprovedChangeMemberAddress, log_and_notify_admin).

use super::admission::{banned_pattern, validate, with_lower_domain};
use super::asking::Question;
use super::{shown, MembershipContext, Refused};
use crate::error::HandlerError;
use crate::notice::{outbox, save_with_mail, template_for_list, UserNotification, Words};
use compat::list::pending::{Kind, Pended};
use compat::list::{self, attributes, LockedList, MailList};
use compat::queue::Outbox;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

/// `ChangeMemberAddress`: mails a cookie to the new address. `globally` is stored with the cookie as the form had it:
/// Python takes any true value as "on all lists".
///
/// # Errors
/// The new address is refused, or the question cannot be stored or mailed.
pub fn change(ctx: &mut MembershipContext<'_>, old: &ByteStr, new: &ByteStr, globally: Value) -> Result<(), Refused> {
    let new = with_lower_domain(new);
    validate(ctx.list, &new)?;
    // Another spelling of one's own address is welcome, and elsewhere the new one may not be a member yet.
    if !globally.is_true() && ctx.list.case_preserved(&new).is_some_and(|known| known == new) {
        return Err(Refused::AlreadyMember);
    }
    if new[..] == ctx.list.posting_address().to_ascii_lowercase() {
        return Err(Refused::BadEmail);
    }
    refuse_banned(ctx, old, &new, true)?;
    let content = vec![Value::Str(old.clone()), Value::Str(new.clone()), globally];
    let cookie = ctx.list.pend_new(&Pended { kind: Kind::ChangeOfAddress, content }, None)?;
    let language = ctx.list.language_of(old);
    let question = Question {
        template: "verify.txt",
        address: &new,
        recipient: new.clone(),
        cookie: &cookie,
        remote: ByteStr::default(),
        language: &language,
        is_leaving: false,
        auto_submitted: None,
    };
    Ok(question.ask(ctx)?)
}

fn refuse_banned(ctx: &MembershipContext<'_>, old: &[u8], new: &ByteStr, is_logged: bool) -> Result<(), Refused> {
    let Some(pattern) = banned_pattern(ctx.list, new)? else { return Ok(()) };
    if is_logged {
        let name = ctx.list.real_name();
        let parts: [&[u8]; 7] = [&name, b" banned address change: ", old, b" -> ", new, b" (matched: ", &pattern];
        ctx.log("vette", &[&parts[..], &[b")"]].concat());
    }
    Err(Refused::Banned { pattern })
}

/// `ApprovedChangeMemberAddress`: changes it now, and where that is asked on all lists of the same host.
///
/// # Errors
/// Why it was refused, or what failed.
pub fn approved_change(
    ctx: &mut MembershipContext<'_>,
    old: &ByteStr,
    new: &ByteStr,
    globally: bool,
) -> Result<(), Refused> {
    refuse_banned(ctx, old, new, ctx.has(Switch::EveryBanLogged))?;
    replace(ctx.list, ctx.outbox, old, new)?;
    if globally {
        let names = list::names(ctx.site).map_err(HandlerError::from)?;
        let own = ctx.list.name().clone();
        for name in names.iter().filter(|name| **name != own) {
            change_elsewhere(ctx, name, old, new)?;
        }
    }
    Ok(())
}

/// The old address goes; where the new one is a member already, that is all.
fn replace(list: &mut MailList, outbox: &mut Outbox, old: &ByteStr, new: &ByteStr) -> Result<(), Refused> {
    let known = list.case_preserved(old).ok_or(Refused::NotAMember)?;
    if list.case_preserved(new).is_some_and(|there| there == *new) {
        if known != *new {
            list.remove_member(old)?;
            list.record(&[b"unsubscribed ", old, b", a member as ", new]);
        }
        return Ok(());
    }
    list.change_address(old, new, false)?;
    list.record(&[b"address ", old, b" changed to ", new]);
    if list.site().profile.has(Switch::ChangeAddressLogged) {
        announce(list, outbox, &known, new)?;
    }
    Ok(())
}

fn change_elsewhere(
    ctx: &mut MembershipContext<'_>,
    name: &ByteStr,
    old: &ByteStr,
    new: &ByteStr,
) -> Result<(), Refused> {
    let other = MailList::look(ctx.site, name.clone())?;
    let concerned = other.host_name() == ctx.list.host_name() && other.is_member(old);
    if !concerned || banned_pattern(&other, new)?.is_some() {
        return Ok(());
    }
    let mut other = LockedList::open(ctx.site, name.clone(), None)?;
    let mut outbox = outbox(ctx.site)?;
    replace(&mut other, &mut outbox, old, new)?;
    Ok(save_with_mail(&mut other, &mut outbox)?)
}

/// `log_and_notify_admin`
fn announce(list: &MailList, outbox: &mut Outbox, old: &ByteStr, new: &ByteStr) -> Result<(), HandlerError> {
    let line = [list.name(), &b": changed member address from "[..], old, b" to ", new].concat();
    list.site().log("subscribe", line);
    if !list.truth(attributes::ADMIN_NOTIFY_MCHANGES) {
        return Ok(());
    }
    let realname = list.real_name();
    let words = Words::new(list.site(), &list.preferred_language());
    let values = [("realname", Value::Str(realname.clone()))];
    let subject = words.fill("%(realname)s address change notification", &values);
    let name = list.name_of(new).map(|name| shown(&name, &list.charset())).unwrap_or_default();
    let fields = [("name", name), ("oldaddr", old.clone()), ("newaddr", new.clone()), ("listname", realname)];
    let text = template_for_list(list, "adminaddrchgack.txt", &fields)?;
    UserNotification::to_owners(list, Some(&subject), Some(&text), true)?.send(list, outbox)
}
