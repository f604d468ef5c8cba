//! A member's password by mail (Deliverer.MailUserPassword).

use super::{MembershipContext, Refused};
use crate::error::HandlerError;
use crate::notice::{NoticeText, Template, UserNotification};
use compat::email::codecs::{self, Errors};
use compat::pickle::Value;
use compat::ByteStr;

/// Mails the password to the member. One that is lost is made anew and said so in the error log.
pub fn mail_to(ctx: &mut MembershipContext<'_>, member: &ByteStr) -> Result<(), Refused> {
    let address = ctx.list.case_preserved(member).ok_or(Refused::NotAMember)?;
    if ctx.list.password_of(member).is_none_or(|password| password.is_empty()) {
        ctx.log("error", &[b"User ", member, b" had a false password for list ", ctx.list.name()]);
        let password = ctx.list.random_password();
        ctx.list.set_password(member, &password)?;
    }
    let language = ctx.list.language_of(member);
    let fields = fields(ctx, member, &address, &language)?;
    let template = Template { name: "userpass.txt", values: &fields, language: Some(&language), raw: false };
    let text = template.for_list(ctx.list)?;
    let name = [&ctx.list.real_name()[..], b"@", &ctx.list.host_name()].concat();
    let values = [("listfullname", Value::str(name))];
    let subject = ctx.words().fill("%(listfullname)s mailing list reminder", &values);
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = ctx.list.member_admin_address(&address);
    let mut notice = UserNotification::new(ctx.site, &[to], &ctx.list.bounces_address(), notice_text)?;
    notice.message.append("X-No-Archive", "yes");
    Ok(notice.send_with(ctx.list, ctx.outbox, ctx.personal())?)
}

fn fields(
    ctx: &MembershipContext<'_>,
    member: &[u8],
    address: &ByteStr,
    language: &[u8],
) -> Result<Vec<(&'static str, Value)>, HandlerError> {
    let list = &ctx.list;
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
