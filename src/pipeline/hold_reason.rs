//! Why a message is held: the sentences for moderators and for the sender (the exception classes of Handlers/Hold.py).
//!
//! The English text is the key of the catalogues and appears untranslated in request.pck and in the vette log, where
//! log readers look for it.

use super::Context;
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// A reason to hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    ModeratedPost,
    NonMemberPost,
    TooManyRecipients,
    ImplicitDestination,
    Administrivia,
    SuspiciousHeaders,
    /// Size in bytes, limit in kilobytes.
    MessageTooBig(i64, Value),
    ModeratedNewsgroup,
    /// A header filter rule: the pattern where the version names it.
    HeaderMatch(Option<ByteStr>),
}

const DEEMED_INAPPROPRIATE: &str = "Your message was deemed inappropriate by the moderator.";
const BLIND_COPIES: &str = "Blind carbon copies or other implicit destinations are
not allowed.  Try reposting your message by explicitly including the list
address in the To: or Cc: fields.";
const NO_ADMINISTRIVIA: &str = "Please do *not* post administrative requests to the mailing
list.  If you wish to subscribe, visit %(listurl)s or send a message with the
word `help' in it to the request address, %(request)s, for further
instructions.";
const BODY_TOO_BIG: &str = "Message body is too big: %(size)d bytes with a limit of
%(limit)d KB";
const PLEASE_TRIM: &str = "Your message was too big; please trim it to less than
%(kb)d KB in size.";

impl Reason {
    /// For moderators. Only a reason with numbers or a pattern in it is translated here; the others are when they are
    /// shown.
    pub fn notice(&self, ctx: &Context<'_>) -> ByteStr {
        match self {
            Reason::MessageTooBig(size, limit) => {
                let values = [("size", Value::Int(*size)), ("limit", limit.clone())];
                ctx.words().fill(BODY_TOO_BIG, &values)
            }
            Reason::HeaderMatch(Some(pattern)) => {
                let values = [("pattern", Value::Unicode(UniStr(pattern.clone())))];
                ctx.words().fill("Header matched regexp: %(pattern)s", &values)
            }
            other => other.sentence().into(),
        }
    }

    fn sentence(&self) -> &'static str {
        match self {
            Reason::ModeratedPost => "Post to moderated list",
            Reason::NonMemberPost => "Post by non-member to a members-only list",
            Reason::TooManyRecipients => "Too many recipients to the message",
            Reason::ImplicitDestination => "Message has implicit destination",
            Reason::Administrivia => "Message may contain administrivia",
            Reason::SuspiciousHeaders => "Message has a suspicious header",
            Reason::ModeratedNewsgroup => "Posting to a moderated newsgroup",
            Reason::HeaderMatch(_) => "The message headers matched a filter rule",
            Reason::MessageTooBig(..) => BODY_TOO_BIG,
        }
    }

    /// For the sender, should the post be refused; moderators see it as their proposed text.
    pub fn rejection(&self, ctx: &Context<'_>) -> ByteStr {
        match self {
            Reason::Administrivia => {
                let url = ctx.list.script_url("listinfo", true);
                let request = ctx.list.request_address();
                ctx.words().fill(NO_ADMINISTRIVIA, &[("listurl", Value::Str(url)), ("request", Value::Str(request))])
            }
            Reason::MessageTooBig(_, limit) => ctx.words().fill(PLEASE_TRIM, &[("kb", limit.clone())]),
            Reason::NonMemberPost => "Non-members are not allowed to post messages to this list.".into(),
            Reason::TooManyRecipients => "Please trim the recipient list; it is too long.".into(),
            Reason::ImplicitDestination => BLIND_COPIES.into(),
            Reason::SuspiciousHeaders => "Your message had a suspicious header.".into(),
            Reason::HeaderMatch(_) => "Your message was rejected".into(),
            Reason::ModeratedPost | Reason::ModeratedNewsgroup => DEEMED_INAPPROPRIATE.into(),
        }
    }
}
