//! Telling somebody that a moderator refused what he asked for (`ListAdmin.__refuse`).

use crate::error::HandlerError;
use crate::membership::Desk;
use crate::notice::{Letter, Template, UserNotification, Words};
use compat::pickle::Value;
use compat::ByteStr;

/// A refusal, before it is sent.
pub(super) struct Refusal<'a> {
    /// Who asked, and is told.
    pub recipient: &'a ByteStr,
    /// What was asked for, in the language of now.
    pub request: ByteStr,
    /// Why not.
    pub reason: ByteStr,
    /// The language of the letter.
    pub language: &'a ByteStr,
}

impl Refusal<'_> {
    /// Queues the letter.
    pub(super) fn send(self, desk: &mut Desk<'_>) -> Result<(), HandlerError> {
        let fields = [
            ("listname", desk.list.real_name()),
            ("request", self.request),
            ("reason", self.reason),
            ("adminaddr", desk.list.owner_address()),
        ];
        let fields = fields.map(|(name, value)| (name, Value::Str(value)));
        let template = Template { name: "refuse.txt", values: &fields, language: Some(self.language), raw: false };
        let text = template.for_list(desk.list)?;
        let values = [("realname", Value::Str(desk.list.real_name()))];
        let words = Words::new(desk.site, self.language);
        let subject = words.fill("Request to mailing list %(realname)s rejected", &values);
        let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(self.language) };
        let to = std::slice::from_ref(self.recipient);
        UserNotification::new(desk.site, to, &desk.list.owner_address(), letter)?.send(desk.list, desk.outbox)
    }
}

/// The moderator's comment, or that there is none.
pub(super) fn reason(desk: &Desk<'_>, comment: Option<&[u8]>) -> ByteStr {
    match comment.filter(|comment| !comment.is_empty()) {
        Some(comment) => comment.into(),
        None => desk.words().say(NO_REASON),
    }
}

/// What stands for a comment that was not given.
pub(super) const NO_REASON: &str = "[No reason given]";
