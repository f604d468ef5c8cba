//! Mails about lists that are made and removed: to the new owner, and to whoever keeps the mail server's aliases.
//!
//! Answers to the ends of bin/newlist and Mailman/Cgi/create.py and to Mailman/MTA/Manual.py. The page programs cannot show
//! aliases to somebody at a terminal, so the site's owner gets them by mail.

use super::aliases::{self, AliasRequest};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{outbox, site_address, site_email, template_for_list, NoticeText, UserNotification, Words};
use compat::email::date;
use compat::email::message::Message;
use compat::list::MailList;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName};
use compat::value::Value;
use compat::ByteStr;

/// Tells an owner name, password and addresses of the new list (`newlist.txt`).
///
/// # Errors
/// The template or the queue fails.
pub fn welcome_owner(
    list: &MailList,
    owner: &ByteStr,
    password: &ByteStr,
    outbox: &mut Outbox,
) -> Result<(), HandlerError> {
    let site = list.site();
    let from = site_address(site, &list.host_name(), "owner")?;
    let fields = [
        ("listname", list.name().clone()),
        ("password", password.clone()),
        ("admin_url", list.script_url("admin", true)),
        ("listinfo_url", list.script_url("listinfo", true)),
        ("requestaddr", list.request_address()),
        ("siteowner", from.clone()),
    ];
    let text = template_for_list(list, "newlist.txt", &fields)?;
    let language = list.preferred_language();
    let words = Words::new(site, &language);
    let subject = words.fill("Your new mailing list: %(listname)s", &[("listname", Value::Str(list.name().clone()))]);
    let notice = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    UserNotification::new(site, std::slice::from_ref(owner), &from, notice)?.send(list, outbox)
}

impl AliasRequest {
    /// Mailman's words: what has happened, and the subject.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            AliasRequest::Add => (
                "The mailing list `%(listname)s' has been created via the through-the-web\n\
                 interface.  In order to complete the activation of this mailing list, the\n\
                 proper /etc/aliases (or equivalent) file must be updated.  The program\n\
                 `newaliases' may also have to be run.\n\n\
                 Here are the entries for the /etc/aliases file:\n",
                "Mailing list creation request for list %(listname)s",
            ),
            AliasRequest::Remove => (
                "The mailing list `%(listname)s' has been removed via the through-the-web\n\
                 interface.  In order to complete the de-activation of this mailing list, the\n\
                 appropriate /etc/aliases (or equivalent) file must be updated.  The program\n\
                 `newaliases' may also have to be run.\n\n\
                 Here are the entries in the /etc/aliases file that should be removed:\n",
                "Mailing list removal request for list %(listname)s",
            ),
        }
    }
}

/// Asks the site's owner to change the aliases by hand (`MTA = 'Manual'`). The mail about a list that goes is put into
/// `out` at once, since nothing can be done for that list any more.
///
/// # Errors
/// The site list's address is not known, or the queue fails.
pub fn ask_for_aliases(list: &MailList, request: AliasRequest) -> Result<(), HandlerError> {
    let site = list.site();
    let language = site.server_language();
    let words = Words::new(site, &language);
    let (heading, subject) = request.texts();
    let values = [("listname", Value::Str(list.name().clone()))];
    let mut text = words.fill(heading, &values).to_vec();
    text.push(b'\n');
    text.extend_from_slice(&aliases::lines(site, list.name(), " "));
    let owner = site_email(site, None, Some("owner"))?;
    let subject = words.fill(subject, &values);
    let notice = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let mut outbox = outbox(site)?;
    let mail = UserNotification::new(site, std::slice::from_ref(&owner), &owner, notice)?;
    match request {
        AliasRequest::Add => mail.send(list, &mut outbox)?,
        AliasRequest::Remove => send_without_list(mail.message, owner, &mut outbox)?,
    }
    outbox.commit()?;
    Ok(())
}

fn send_without_list(mut message: Message, owner: ByteStr, outbox: &mut Outbox) -> Result<(), HandlerError> {
    message.append("Date", date::formatdate(clock::seconds(), true));
    let mut data = Metadata::new().with("nodecorate", Value::Int(1));
    data.set_strings("recips", vec![owner]);
    outbox.enqueue(QueueName::Out, &EntryMessage::Object(message.to_value()), &data)?;
    Ok(())
}
