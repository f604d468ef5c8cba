//! What becomes of a membership: joining, leaving, changing an address.
//!
//! This is the part of Mailman's MailList.py and Deliverer.py that commands by mail and confirmations
//! need. It asks the list's policies, writes cookies, sends the mails and writes the log lines; the roster
//! itself is changed by `compat::list`. Whoever calls this holds the list's lock and saves the list afterwards.

pub mod address;
pub mod address_pattern;
pub(crate) mod admission;
mod asking;
pub mod by_owner;
pub mod clone;
pub mod described;
pub mod elsewhere;
pub mod leave;
mod listed;
pub mod listing;
pub mod mass;
pub mod password;
pub mod preview;
pub mod rows;
pub mod subscribe;
pub mod sync;
mod user_desc;
pub mod watched;

#[cfg(test)]
mod tests;

pub use user_desc::UserDesc;

use crate::dns::Dns;
use crate::error::HandlerError;
use crate::notice::Words;
use compat::codecs::{self, Errors};
use compat::list::{ListError, LockedList};
use compat::queue::{Metadata, Outbox};
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// What a change to a membership works on. `L` is the list as it stands: locked, except for a mail that changes
/// nothing.
pub struct MembershipContext<'a, L = LockedList> {
    /// The site with its settings, texts and logs.
    pub site: &'a Rc<Site>,
    /// The list.
    pub list: &'a mut L,
    /// Where mails are put.
    pub outbox: &'a mut Outbox,
    /// Who is asked about listed domains.
    pub dns: &'a dyn Dns,
    /// The language of texts right now. Some steps change it for what follows, as Mailman's do.
    pub language: ByteStr,
}

/// Who is told that a member came or went. Where nothing is said, the list's settings decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Whether the member is welcomed, or said goodbye to.
    pub member: Option<bool>,
    /// Whether the owners are told.
    pub owners: Option<bool>,
}

/// Why something was not done. Each answers to one of Mailman's exceptions.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// `MMBadEmailError`; also for the list's own address.
    #[error("no valid email address")]
    BadEmail,
    /// `MMHostileAddress`
    #[error("hostile email address")]
    HostileAddress,
    /// `MMAlreadyAMember`
    #[error("a member already")]
    AlreadyMember,
    /// `MMAlreadyPending`: the same is waiting for a confirmation.
    #[error("a confirmation is awaited already")]
    AlreadyPending,
    /// `NotAMemberError`
    #[error("not a member")]
    NotAMember,
    /// `MMCantDigestError`
    #[error("the list has no digests")]
    CantDigest,
    /// `MMMustDigestError`
    #[error("the list has digests only")]
    MustDigest,
    /// `MembershipIsBanned`, with the entry that matched.
    #[error("banned by {pattern}")]
    Banned { pattern: ByteStr },
    /// `MMBadConfirmation`: no record under this cookie, or one that makes no sense.
    #[error("no such confirmation: {0}")]
    BadCookie(ByteStr),
    /// `HostileSubscriptionError`: an invitation to another list was confirmed here.
    #[error("an invitation to another list")]
    HostileSubscription,
    /// `MMBadPasswordError`: a moderator's answer with a wrong password; the cookie stays good.
    #[error("wrong password")]
    BadPassword,
    /// `KeyError`: no held message has this number.
    #[error("no held message {0}")]
    RequestGone(i64),
    /// Anything else: the entry in work is shunted.
    #[error(transparent)]
    Failed(#[from] HandlerError),
}

impl From<Refused> for HandlerError {
    /// A refusal that nobody here has an answer for.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Failed(error) => error,
            other => HandlerError::cause(other),
        }
    }
}

impl From<ListError> for Refused {
    fn from(error: ListError) -> Self {
        match error {
            ListError::AlreadyAMember(_) => Refused::AlreadyMember,
            ListError::NotAMember(_) => Refused::NotAMember,
            other => Refused::Failed(other.into()),
        }
    }
}

impl<'a> MembershipContext<'a> {
    fn list_words(&self) -> Words<'a> {
        Words::new(self.site, &self.list.preferred_language())
    }
}

impl<'a, L> MembershipContext<'a, L> {
    /// Texts in the language of now.
    pub fn words(&self) -> Words<'a> {
        Words::new(self.site, &self.language)
    }

    pub(crate) fn has(&self, switch: Switch) -> bool {
        self.site.profile.has(switch)
    }

    pub(crate) fn log(&self, name: &str, parts: &[&[u8]]) {
        self.site.log(name, parts.concat());
    }

    /// The language of a notice's own words: newer versions choose it, older ones go on in the language of now.
    pub(crate) fn if_newer(&self, language: &ByteStr) -> ByteStr {
        match self.has(Switch::LanguageRestoredAfterNotice) {
            true => language.clone(),
            false => self.language.clone(),
        }
    }

    /// ` from WHO` in the language of now, or nothing.
    fn remote_phrase(&self, remote: Option<&[u8]>) -> ByteStr {
        let say = |who: &[u8]| self.words().fill(" from %(remote)s", &[("remote", Value::str(who))]);
        remote.map(say).unwrap_or_default()
    }

    /// Metadata of mails to one member about himself.
    fn personal(&self) -> Metadata {
        let verp = self.site.settings.get(settings::VERP_PERSONALIZED_DELIVERIES).cloned();
        Metadata::new().with("verp", verp.unwrap_or(Value::Int(0)))
    }
}

/// A name as bytes of a charset, `?` for what that lacks.
fn shown(name: &Value, charset: &[u8]) -> ByteStr {
    match name {
        Value::Unicode(text) => {
            codecs::encode(text, charset, Errors::Replace).map_or_else(|_| text.0.clone(), ByteStr::new)
        }
        other => other.as_text().cloned().unwrap_or_default(),
    }
}

/// From where somebody came or why he left, for his list's owners: translated, in brackets.
pub(crate) fn in_brackets(words: &Words<'_>, whence: Option<&[u8]>) -> ByteStr {
    match whence {
        None => ByteStr::default(),
        // The empty text is the key of the catalogue's own header.
        Some(b"") => "()".into(),
        Some(whence) => ByteStr::new([b"(", &words.fill(whence, &[])[..], b")"].concat()),
    }
}
