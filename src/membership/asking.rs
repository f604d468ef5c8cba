//! Mails that ask for a confirmation: a cookie in the subject, or in the address that is answered.

use super::MembershipContext;
use crate::error::HandlerError;
use crate::notice::{NoticeText, Template, UserNotification};
use compat::email::charset::Charset;
use compat::email::header::{Header, Layout};
use compat::email::message::HeaderValue;
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;

pub(super) const JOIN: &str = "Your confirmation is required to join the %(listname)s mailing list";
const LEAVE: &str = "Your confirmation is required to leave the %(listname)s mailing list";

/// A question, before it is sent.
pub(super) struct Question<'q> {
    /// The template: `verify.txt` or `unsub.txt`.
    pub template: &'static str,
    /// The address that it is about.
    pub address: &'q ByteStr,
    /// Who gets it.
    pub recipient: ByteStr,
    pub cookie: &'q ByteStr,
    /// From where the request came: ` from WHO`, or nothing.
    pub remote: ByteStr,
    pub language: &'q ByteStr,
    pub is_leaving: bool,
    /// For Auto-Submitted, in versions that have it.
    pub auto_submitted: Option<&'static str>,
}

impl Question<'_> {
    /// Sends it.
    pub(super) fn ask(self, ctx: &mut MembershipContext<'_>) -> Result<(), HandlerError> {
        let template =
            Template { name: self.template, values: &self.fields(ctx), language: Some(self.language), raw: false };
        let text = template.for_list(ctx.list)?;
        let answer_to = ctx.list.request_address_for(self.cookie);
        let notice_text = NoticeText { subject: None, text: Some(&text), language: Some(self.language) };
        let to = std::slice::from_ref(&self.recipient);
        let mut notice = UserNotification::new(ctx.site, to, &answer_to, notice_text)?;
        // Never encoded, unlike other subjects: the answer must bring the cookie back in plain letters.
        notice.message.set("Subject", subject(ctx, self.cookie, if self.is_leaving { LEAVE } else { JOIN })?);
        notice.message.append("Reply-To", answer_to);
        if let Some(kind) = self.auto_submitted.filter(|_| ctx.has(Switch::HoldNoticeAutoSubmitted)) {
            notice.message.set("Auto-Submitted", kind);
        }
        notice.send(ctx.list, ctx.outbox)
    }

    fn fields(&self, ctx: &MembershipContext<'_>) -> Vec<(&'static str, Value)> {
        let list = &ctx.list;
        let url = [&list.script_url("confirm", true)[..], b"/", self.cookie].concat();
        let fields = [
            ("email", self.address.clone()),
            ("listaddr", list.posting_address()),
            ("listname", list.real_name()),
            ("cookie", self.cookie.clone()),
            ("requestaddr", list.request_address()),
            ("remote", self.remote.clone()),
            ("listadmin", list.owner_address()),
            ("confirmurl", ByteStr::new(url)),
        ];
        fields.into_iter().map(|(name, value)| (name, Value::Str(value))).collect()
    }
}

/// `GetConfirmJoinSubject`, `GetConfirmLeaveSubject`: with the cookie in the address a sentence will do.
pub(super) fn subject(ctx: &MembershipContext<'_>, cookie: &[u8], sentence: &str) -> Result<HeaderValue, HandlerError> {
    if !ctx.site.settings.truth(settings::VERP_CONFIRMATIONS) {
        return Ok([b"confirm ", cookie].concat().into());
    }
    let values = [("listname", Value::Str(ctx.list.real_name()))];
    let text = ctx.words().fill(sentence, &values);
    let charset = ctx.site.translation(&ctx.language).charset().cloned();
    let charset = Charset::new(charset.unwrap_or_else(|| ctx.list.charset()))?;
    let layout = Layout { header_name: Some(b"subject"), ..Layout::default() };
    Ok(Header::new(&text, Some(&charset), &layout)?.into())
}
