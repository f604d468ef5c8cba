//! Telling somebody that a moderator refused what he asked for (`ListAdmin.__refuse`).

use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::notice::{NoticeText, Template, UserNotification, Words};
use compat::value::Value;
use compat::ByteStr;

/// A refusal, before it is sent.
pub(super) struct Refusal<'a> {
    /// Who asked, and is told.
    pub recipient: &'a ByteStr,
    /// What was asked for, in the language of now.
    pub request: ByteStr,
    /// Why not.
    pub reason: ByteStr,
    /// The language of the notice.
    pub language: &'a ByteStr,
}

impl Refusal<'_> {
    /// Queues the notice.
    pub(super) fn send(self, ctx: &mut MembershipContext<'_>) -> Result<(), HandlerError> {
        let fields = [
            ("listname", ctx.list.real_name()),
            ("request", self.request),
            ("reason", self.reason),
            ("adminaddr", ctx.list.owner_address()),
        ];
        let fields = fields.map(|(name, value)| (name, Value::Str(value)));
        let template = Template { name: "refuse.txt", values: &fields, language: Some(self.language), raw: false };
        let text = template.for_list(ctx.list)?;
        let values = [("realname", Value::Str(ctx.list.real_name()))];
        let words = Words::new(ctx.site, self.language);
        let subject = words.fill("Request to mailing list %(realname)s rejected", &values);
        let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(self.language) };
        let to = std::slice::from_ref(self.recipient);
        UserNotification::new(ctx.site, to, &ctx.list.owner_address(), notice_text)?.send(ctx.list, ctx.outbox)
    }
}

/// The moderator's comment, or that there is none.
pub(super) fn reason(ctx: &MembershipContext<'_>, comment: Option<&[u8]>) -> ByteStr {
    match comment.filter(|comment| !comment.is_empty()) {
        Some(comment) => comment.into(),
        None => ctx.words().say(NO_REASON),
    }
}

/// What stands for a comment that was not given.
pub(super) const NO_REASON: &str = "[No reason given]";
