//! Many at once: what bin/add_members does with each line of a file, and the invitations that it sends
//! (`MailList.InviteNewMember`).

use super::admission::{banned_pattern, validate};
use super::subscribe::approved_add;
use super::{asking, MembershipContext, Notices, Refused, UserDesc};
use crate::error::HandlerError;
use crate::notice::{template_for_list, NoticeText, UserNotification};
use compat::email::address::parseaddr;
use compat::list::pending::{Kind, Pended};
use compat::list::DeliveryStatus;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

/// How people are added.
pub struct Addition<'a> {
    /// As members with digests.
    pub digest: bool,
    /// Whether they are welcomed.
    pub welcome: bool,
    /// Whether their delivery is stopped by the admin at once.
    pub no_mail: bool,
    /// They are invited only, with this text before the invitation.
    pub invitation: Option<&'a [u8]>,
    /// For the log.
    pub whence: &'a [u8],
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Subscribed,
    Invited,
    Already,
    /// With the entry of the ban list.
    Banned(ByteStr),
    Blank,
    Bad,
    Hostile,
}

impl Addition<'_> {
    /// Adds or invites the person that a line names.
    ///
    /// # Errors
    /// What stops all of it.
    pub fn add(&self, ctx: &mut MembershipContext<'_>, line: &[u8]) -> Result<Outcome, HandlerError> {
        let (name, address) = parseaddr(line);
        let user = UserDesc {
            fullname: Some(Value::Str(name)),
            digest: Some(Value::Int(self.digest.into())),
            ..UserDesc::new(address)
        };
        let blank = user.address.is_empty();
        let done = match self.invitation {
            Some(text) => invite(ctx, user, text).map(|()| Outcome::Invited),
            None => self.subscribe(ctx, &user).map(|()| Outcome::Subscribed),
        };
        match done {
            Ok(outcome) => Ok(outcome),
            Err(Refused::AlreadyMember) => Ok(Outcome::Already),
            Err(Refused::Banned { pattern }) => Ok(Outcome::Banned(pattern)),
            Err(Refused::BadEmail) => Ok(if blank { Outcome::Blank } else { Outcome::Bad }),
            Err(Refused::HostileAddress) => Ok(Outcome::Hostile),
            Err(other) => Err(other.into()),
        }
    }

    fn subscribe(&self, ctx: &mut MembershipContext<'_>, user: &UserDesc) -> Result<(), Refused> {
        let notices = Notices { member: Some(self.welcome), owners: Some(false) };
        approved_add(ctx, user, notices, b"", self.whence)?;
        if self.no_mail {
            ctx.list.set_delivery_status(&user.address, DeliveryStatus::ByAdmin)?;
        }
        Ok(())
    }
}

/// `InviteNewMember`: a cookie with which somebody becomes a member without asking anybody, in a mail.
pub(super) fn invite(ctx: &mut MembershipContext<'_>, user: UserDesc, text: &[u8]) -> Result<(), Refused> {
    if ctx.list.is_member(&user.address) {
        return Err(Refused::AlreadyMember);
    }
    validate(ctx.list, &user.address)?;
    if let Some(pattern) = banned_pattern(ctx.list, &user.address)? {
        if ctx.has(Switch::EveryBanLogged) {
            let name = ctx.list.real_name();
            ctx.log("vette", &[&name, b" banned invitation: ", &user.address, b" (matched: ", &pattern, b")"]);
        }
        return Err(Refused::Banned { pattern });
    }
    let user = UserDesc {
        password: Some(Value::Str(ctx.list.random_password())),
        language: Some(ctx.list.preferred_language_value()),
        invitation: Some(ctx.list.name().clone()),
        ..user
    };
    let cookie = ctx.list.pend_new(&Pended { kind: Kind::Subscription, content: vec![user.to_value()] }, None)?;
    Ok(send_invitation(ctx, &user.address, &cookie, text)?)
}

fn send_invitation(
    ctx: &mut MembershipContext<'_>,
    address: &ByteStr,
    cookie: &ByteStr,
    text: &[u8],
) -> Result<(), HandlerError> {
    let list = &ctx.list;
    let fields = [
        ("email", address.clone()),
        ("listname", list.real_name()),
        ("hostname", list.host_name()),
        ("confirmurl", ByteStr::new([&list.script_url("confirm", true)[..], b"/", cookie].concat())),
        ("requestaddr", list.request_address()),
        ("cookie", cookie.clone()),
        ("listowner", list.owner_address()),
    ];
    let text = [text, &template_for_list(list, "invite.txt", &fields)?].concat();
    let language = list.preferred_language();
    let notice_text = NoticeText { subject: None, text: Some(&text), language: Some(&language) };
    let from = list.request_address_for(cookie);
    let mut notice = UserNotification::new(ctx.site, std::slice::from_ref(address), &from, notice_text)?;
    notice.message.set("Subject", asking::subject(ctx, cookie, asking::JOIN)?);
    if ctx.has(Switch::HoldNoticeAutoSubmitted) {
        notice.message.append("Auto-Submitted", "auto-generated");
    }
    notice.send(ctx.list, ctx.outbox)
}
