//! Which function a handler's name means, for every name of GLOBAL_PIPELINE and OWNER_PIPELINE of both versions.
//!
//! A name that Mailman ships but this program lacks, and a Python handler of the site's own, are *refused*: the message
//! stays where it is. Running a pipeline without one of its handlers could publish what should have been held.

use super::{
    acknowledge, after_delivery, approve, avoid_duplicates, calc_recips, cleanse, cleanse_dkim, cook_headers,
    emergency, hold, moderate, owner_recips, replybot, spam_detect, tagger, to_archive, to_digest, to_outgoing,
    to_usenet, wrap_message, Context, Handler, HandlerError, Verdict,
};
use compat::list::MailList;
use compat::site::Site;
use compat::ByteStr;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// What a name stands for.
pub enum Found {
    /// One of ours.
    Handler(Handler),
    /// There is one, but it does not run here: a Python file of the site's, or one of Mailman's that is not built.
    Foreign,
    /// There is none of that name.
    Unknown,
}

/// How a handler is had.
enum Row {
    /// This function.
    Ours(Handler),
    /// It is not built; it has nothing to do for a list where this attribute is false.
    Missing(&'static str),
}

use Row::Ours;

/// All handlers, in the order of GLOBAL_PIPELINE.
const HANDLERS: [(&str, Row); 22] = [
    ("SpamDetect", Ours(spam_detect::process)),
    ("Approve", Ours(approve::process)),
    ("Replybot", Ours(replybot::process)),
    ("Moderate", Ours(moderate::process)),
    ("Hold", Ours(hold::process)),
    ("MimeDel", Row::Missing("filter_content")),
    ("Scrubber", Row::Missing("scrub_nondigest")),
    ("Emergency", Ours(emergency::process)),
    ("Tagger", Ours(tagger::process)),
    ("CalcRecips", Ours(calc_recips::process)),
    ("AvoidDuplicates", Ours(avoid_duplicates::process)),
    ("Cleanse", Ours(cleanse::process)),
    ("CleanseDKIM", Ours(cleanse_dkim::process)),
    ("CookHeaders", Ours(cook_headers::process)),
    ("ToDigest", Ours(to_digest::process)),
    ("ToArchive", Ours(to_archive::process)),
    ("ToUsenet", Ours(to_usenet::process)),
    ("AfterDelivery", Ours(after_delivery::process)),
    ("Acknowledge", Ours(acknowledge::process)),
    ("WrapMessage", Ours(wrap_message::process)),
    ("ToOutgoing", Ours(to_outgoing::process)),
    ("OwnerRecips", Ours(owner_recips::process)),
];

/// What runs for a name.
pub fn find(list: &MailList, name: &ByteStr) -> Found {
    match HANDLERS.iter().find(|(known, _)| name == known) {
        Some((_, Row::Ours(handler))) => Found::Handler(*handler),
        Some((_, Row::Missing(attribute))) if !list.truth(attribute) => Found::Handler(pass),
        Some((_, Row::Missing(_))) => Found::Foreign,
        None if is_python_of_site(list.site(), name) => Found::Foreign,
        None => Found::Unknown,
    }
}

fn pass(_ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    Ok(Verdict::Continue)
}

/// The first name for which a message must wait.
pub fn refused(list: &MailList, pipeline: &[ByteStr]) -> Option<ByteStr> {
    pipeline.iter().find(|name| matches!(find(list, name), Found::Foreign)).cloned()
}

/// Whether the site has a module of that name among its handlers.
fn is_python_of_site(site: &Site, name: &[u8]) -> bool {
    let plain = !name.is_empty() && name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_');
    let file = |extension: &str| {
        let mut path = site.home.join("Mailman/Handlers").join(OsStr::from_bytes(name)).into_os_string();
        path.push(extension);
        std::path::PathBuf::from(path).exists()
    };
    plain && [".py", ".pyc", ".pyo", ""].into_iter().any(file)
}
