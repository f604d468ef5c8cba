//! Leaving (MailList.DeleteMember, ApprovedDeleteMember, ConfirmUnsubscription, Deliverer.SendUnsubscribeAck).

use super::asking::Question;
use super::{Desk, Notices, Refused};
use crate::error::HandlerError;
use crate::notice::{template_for_list, Letter, UserNotification, Words};
use compat::email::address::parseaddr;
use compat::list::pending::{Kind, Pended};
use compat::pickle::Value;
use compat::site::template::to_bytes;
use compat::site::wrap::wrap_value;
use compat::site::Switch;
use compat::ByteStr;

/// `ApprovedDeleteMember`: leaves now.
pub fn approved_delete(
    desk: &mut Desk<'_>,
    name: &ByteStr,
    whence: Option<&str>,
    notices: Notices,
) -> Result<(), Refused> {
    let (_, address) = parseaddr(name);
    let language = desk.list.language_of(&address);
    desk.list.remove_member(&address)?;
    if notices.member.unwrap_or_else(|| desk.list.truth("send_goodbye_msg")) {
        say_goodbye(desk, &address, &language)?;
    }
    // From here on newer versions speak the list's language, and go on doing so.
    desk.language = desk.if_newer(&desk.list.preferred_language());
    if notices.owners.unwrap_or_else(|| desk.list.truth("admin_notify_mchanges")) {
        tell_owners(desk, name, whence)?;
    }
    let whence = whence.filter(|whence| !whence.is_empty()).map(|whence| format!("; {whence}")).unwrap_or_default();
    desk.log("subscribe", &[desk.list.name(), b": deleted ", name, whence.as_bytes()]);
    Ok(())
}

/// `SendUnsubscribeAck`
fn say_goodbye(desk: &mut Desk<'_>, address: &ByteStr, language: &ByteStr) -> Result<(), HandlerError> {
    let words = Words::new(desk.site, &desk.if_newer(language));
    let values = [("realname", Value::Str(desk.list.real_name()))];
    let subject = words.fill("You have been unsubscribed from the %(realname)s mailing list", &values);
    let text = desk.list.get("goodbye_msg").map(wrap_value).unwrap_or_else(|| Value::str(""));
    let text = to_bytes(&text, &desk.list.charset_of(language));
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(language) };
    let to = desk.list.member_admin_address(address);
    let notice = UserNotification::new(desk.site, &[to], &desk.list.bounces_address(), letter)?;
    notice.send_with(desk.list, desk.outbox, desk.personal())
}

fn tell_owners(desk: &mut Desk<'_>, name: &ByteStr, whence: Option<&str>) -> Result<(), HandlerError> {
    let words = desk.words();
    let realname = desk.list.real_name();
    let values = [("realname", Value::Str(realname.clone()))];
    let subject = words.fill("%(realname)s unsubscribe notification", &values);
    let mut fields = vec![("member", name.clone()), ("listname", realname)];
    if desk.has(Switch::WhenceInAdminNotices) {
        fields.push(("whence", super::in_brackets(&words, whence.map(str::as_bytes))));
    }
    let text = template_for_list(desk.list, "adminunsubscribeack.txt", &fields)?;
    UserNotification::to_owners(desk.list, Some(&subject), Some(&text), true)?.send(desk.list, desk.outbox)
}

/// `ConfirmUnsubscription`: mails a cookie to the member.
pub fn confirm_unsubscription(desk: &mut Desk<'_>, address: &ByteStr, remote: Option<&[u8]>) -> Result<(), Refused> {
    desk.refuse_second(address, Kind::Unsubscription)?;
    let language = desk.list.language_of(address);
    let record = Pended { kind: Kind::Unsubscription, content: vec![Value::Str(address.clone())] };
    let cookie = desk.list.pend_new(&record, None)?;
    let question = Question {
        template: "unsub.txt",
        address,
        recipient: address.clone(),
        cookie: &cookie,
        remote: desk.remote_phrase(remote),
        language: &language,
        is_leaving: true,
        auto_submitted: Some("auto-generated"),
    };
    Ok(question.ask(desk)?)
}
