//! A member's password by mail (Deliverer.MailUserPassword).

use super::{MembershipContext, Refused};
use crate::error::HandlerError;
use crate::notice::{NoticeText, Template, UserNotification};
use compat::codecs::{self, Errors};
use compat::list::MailList;
use compat::value::Value;
use compat::ByteStr;

/// Mails the password to the member. One that is lost is made anew and said so in the error log.
///
/// # Errors
/// Nobody has this address, or the mail cannot be made or queued.
pub fn mail_to<L>(ctx: &mut MembershipContext<'_, L>, member: &ByteStr) -> Result<(), Refused>
where
    L: AsRef<MailList> + AsMut<MailList>,
{
    replace_lost(ctx, member)?;
    let list = (*ctx.list).as_ref();
    let address = list.case_preserved(member).ok_or(Refused::NotAMember)?;
    let language = list.language_of(member);
    let fields = fields(list, member, &address, &language)?;
    let template = Template { name: "userpass.txt", values: &fields, language: Some(&language), raw: false };
    let text = template.for_list(list)?;
    let name = [&list.real_name()[..], b"@", &list.host_name()].concat();
    let values = [("listfullname", Value::str(name))];
    let subject = ctx.words().fill("%(listfullname)s mailing list reminder", &values);
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = list.member_admin_address(&address);
    let mut notice = UserNotification::new(ctx.site, &[to], &list.bounces_address(), notice_text)?;
    notice.message.append("X-No-Archive", "yes");
    Ok(notice.send_with(list, ctx.outbox, ctx.personal())?)
}

/// Somebody without a password gets a new one.
fn replace_lost<L>(ctx: &mut MembershipContext<'_, L>, member: &ByteStr) -> Result<(), Refused>
where
    L: AsRef<MailList> + AsMut<MailList>,
{
    let list = (*ctx.list).as_ref();
    if !list.is_member(member) || list.password_of(member).is_some_and(|password| !password.is_empty()) {
        return Ok(());
    }
    ctx.log("error", &[b"User ", member, b" had a false password for list ", list.name()]);
    let password = list.random_password();
    Ok(ctx.list.as_mut().set_password(member, &password)?)
}

fn fields(
    list: &MailList,
    member: &[u8],
    address: &ByteStr,
    language: &[u8],
) -> Result<Vec<(&'static str, Value)>, HandlerError> {
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
