//! Which function a handler's name means, for every name of GLOBAL_PIPELINE and OWNER_PIPELINE of both versions.
//!
//! A name that Mailman ships but this program lacks, and a Python handler of the site's own, are *refused*: the message
//! stays where it is. Running a pipeline without one of its handlers could publish what should have been held.

use super::{
    acknowledge, after_delivery, approve, avoid_duplicates, calc_recips, cleanse, cleanse_dkim, cook_headers,
    emergency, hold, moderate, owner_recips, replybot, spam_detect, tagger, to_archive, to_digest, to_outgoing,
    to_usenet, wrap_message, Handler,
};
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

/// All handlers, in the order of GLOBAL_PIPELINE; those without a function are not built yet.
const HANDLERS: [(&str, Option<Handler>); 22] = [
    ("SpamDetect", Some(spam_detect::process)),
    ("Approve", Some(approve::process)),
    ("Replybot", Some(replybot::process)),
    ("Moderate", Some(moderate::process)),
    ("Hold", Some(hold::process)),
    ("MimeDel", None),
    ("Scrubber", None),
    ("Emergency", Some(emergency::process)),
    ("Tagger", Some(tagger::process)),
    ("CalcRecips", Some(calc_recips::process)),
    ("AvoidDuplicates", Some(avoid_duplicates::process)),
    ("Cleanse", Some(cleanse::process)),
    ("CleanseDKIM", Some(cleanse_dkim::process)),
    ("CookHeaders", Some(cook_headers::process)),
    ("ToDigest", Some(to_digest::process)),
    ("ToArchive", Some(to_archive::process)),
    ("ToUsenet", Some(to_usenet::process)),
    ("AfterDelivery", Some(after_delivery::process)),
    ("Acknowledge", Some(acknowledge::process)),
    ("WrapMessage", Some(wrap_message::process)),
    ("ToOutgoing", Some(to_outgoing::process)),
    ("OwnerRecips", Some(owner_recips::process)),
];

/// What runs for a name.
pub fn find(site: &Site, name: &ByteStr) -> Found {
    match HANDLERS.iter().find(|(known, _)| name == known) {
        Some((_, Some(handler))) => Found::Handler(*handler),
        Some((_, None)) => Found::Foreign,
        None if is_python_of_site(site, name) => Found::Foreign,
        None => Found::Unknown,
    }
}

/// The first name for which a message must wait.
pub fn refused(site: &Site, pipeline: &[ByteStr]) -> Option<ByteStr> {
    pipeline.iter().find(|name| matches!(find(site, name), Found::Foreign)).cloned()
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
