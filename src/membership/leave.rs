//! Leaving (MailList.DeleteMember, ApprovedDeleteMember, ConfirmUnsubscription, Deliverer.SendUnsubscribeAck).

use super::asking::Question;
use super::{MembershipContext, Notices, Refused};
use crate::error::HandlerError;
use crate::notice::{template_for_list, NoticeText, UserNotification, Words};
use compat::email::address::parseaddr;
use compat::list::attributes;
use compat::list::pending::{Kind, Pended};
use compat::site::template::to_bytes;
use compat::site::wrap::wrap_value;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

/// `ApprovedDeleteMember`: leaves now.
///
/// # Errors
/// Why it was refused, or what failed.
pub fn approved_delete(
    ctx: &mut MembershipContext<'_>,
    name: &ByteStr,
    whence: Option<&str>,
    notices: Notices,
) -> Result<(), Refused> {
    let (_, address) = parseaddr(name);
    let language = ctx.list.language_of(&address);
    ctx.list.remove_member(&address)?;
    ctx.list.record(&[b"unsubscribed ", &address]);
    if notices.member.unwrap_or_else(|| ctx.list.truth(attributes::SEND_GOODBYE_MSG)) {
        say_goodbye(ctx, &address, &language)?;
    }
    // From here on newer versions speak the list's language, and go on doing so.
    ctx.language = ctx.if_newer(&ctx.list.preferred_language());
    if notices.owners.unwrap_or_else(|| ctx.list.truth(attributes::ADMIN_NOTIFY_MCHANGES)) {
        tell_owners(ctx, name, whence)?;
    }
    let whence = whence.filter(|whence| !whence.is_empty()).map(|whence| format!("; {whence}")).unwrap_or_default();
    ctx.log("subscribe", &[ctx.list.name(), b": deleted ", name, whence.as_bytes()]);
    Ok(())
}

/// `SendUnsubscribeAck`
fn say_goodbye(ctx: &mut MembershipContext<'_>, address: &ByteStr, language: &ByteStr) -> Result<(), HandlerError> {
    let words = Words::new(ctx.site, &ctx.if_newer(language));
    let values = [("realname", Value::Str(ctx.list.real_name()))];
    let subject = words.fill("You have been unsubscribed from the %(realname)s mailing list", &values);
    let text = ctx.list.get(attributes::GOODBYE_MSG).map(wrap_value).unwrap_or_else(|| Value::str(""));
    let text = to_bytes(&text, &ctx.list.charset_of(language));
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(language) };
    let to = ctx.list.member_admin_address(address);
    let notice = UserNotification::new(ctx.site, &[to], &ctx.list.bounces_address(), notice_text)?;
    notice.send_with(ctx.list, ctx.outbox, ctx.personal())
}

fn tell_owners(ctx: &mut MembershipContext<'_>, name: &ByteStr, whence: Option<&str>) -> Result<(), HandlerError> {
    let words = ctx.words();
    let realname = ctx.list.real_name();
    let values = [("realname", Value::Str(realname.clone()))];
    let subject = words.fill("%(realname)s unsubscribe notification", &values);
    let mut fields = vec![("member", name.clone()), ("listname", realname)];
    if ctx.has(Switch::WhenceInAdminNotices) {
        fields.push(("whence", super::in_brackets(&words, whence.map(str::as_bytes))));
    }
    let text = template_for_list(ctx.list, "adminunsubscribeack.txt", &fields)?;
    UserNotification::to_owners(ctx.list, Some(&subject), Some(&text), true)?.send(ctx.list, ctx.outbox)
}

/// `ConfirmUnsubscription`: mails a cookie to the member, in the member's language unless another is asked for.
///
/// # Errors
/// The same is asked already, or the question cannot be stored or mailed.
pub fn confirm_unsubscription(
    ctx: &mut MembershipContext<'_>,
    address: &ByteStr,
    language: Option<&ByteStr>,
    remote: Option<&[u8]>,
) -> Result<(), Refused> {
    ctx.refuse_second(address, Kind::Unsubscription)?;
    let language = language.cloned().unwrap_or_else(|| ctx.list.language_of(address));
    let record = Pended { kind: Kind::Unsubscription, content: vec![Value::Str(address.clone())] };
    let cookie = ctx.list.pend_new(&record, None)?;
    let question = Question {
        template: "unsub.txt",
        address,
        recipient: address.clone(),
        cookie: &cookie,
        remote: ctx.remote_phrase(remote),
        language: &language,
        is_leaving: true,
        auto_submitted: Some("auto-generated"),
    };
    Ok(question.ask(ctx)?)
}
