//! A member's password by mail (Deliverer.MailUserPassword).

use super::{Desk, Refused};
use crate::error::HandlerError;
use crate::notice::{Letter, Template, UserNotification};
use compat::email::codecs::{self, Errors};
use compat::pickle::Value;
use compat::ByteStr;

/// Mails the password to the member. One that is lost is made anew and said so in the error log.
pub fn mail_to(desk: &mut Desk<'_>, member: &ByteStr) -> Result<(), Refused> {
    let address = desk.list.case_preserved(member).ok_or(Refused::NotAMember)?;
    if desk.list.password_of(member).is_none_or(|password| password.is_empty()) {
        desk.log("error", &[b"User ", member, b" had a false password for list ", desk.list.name()]);
        let password = desk.list.random_password();
        desk.list.set_password(member, &password)?;
    }
    let language = desk.list.language_of(member);
    let fields = fields(desk, member, &address, &language)?;
    let template = Template { name: "userpass.txt", values: &fields, language: Some(&language), raw: false };
    let text = template.for_list(desk.list)?;
    let name = [&desk.list.real_name()[..], b"@", &desk.list.host_name()].concat();
    let values = [("listfullname", Value::str(name))];
    let subject = desk.words().fill("%(listfullname)s mailing list reminder", &values);
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = desk.list.member_admin_address(&address);
    let mut notice = UserNotification::new(desk.site, &[to], &desk.list.bounces_address(), letter)?;
    notice.message.append("X-No-Archive", "yes");
    Ok(notice.send_with(desk.list, desk.outbox, desk.personal())?)
}

fn fields(
    desk: &Desk<'_>,
    member: &[u8],
    address: &ByteStr,
    language: &[u8],
) -> Result<Vec<(&'static str, Value)>, HandlerError> {
    let list = &desk.list;
    let charset = list.charset_of(language);
    // What cannot be shown in the language's charset becomes a question mark.
    let password = codecs::decode(&list.password_of(member).unwrap_or_default(), &charset, Errors::Replace)?;
    let password = codecs::encode(&password, &charset, Errors::Replace)?;
    let fields = [
        ("user", address.clone()),
        ("listname", list.real_name()),
        ("fqdn_lname", list.posting_address()),
        ("password", ByteStr::new(password)),
        ("options_url", list.options_url(member, false, true)),
        ("requestaddr", list.request_address()),
        ("owneraddr", list.owner_address()),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name, Value::Str(value))).collect())
}
