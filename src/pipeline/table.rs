//! Which function a handler's name means, for every name of GLOBAL_PIPELINE and OWNER_PIPELINE of both versions.
//!
//! A Python handler of the site's own is run by the site's Python. Where there is none it is *refused*: the message stays
//! where it is. Running a pipeline without one of its handlers could publish what should have been held.

use super::{
    acknowledge, after_delivery, approve, avoid_duplicates, calc_recips, cleanse, cleanse_dkim, cook_headers,
    emergency, hold, mime_del, moderate, owner_recips, replybot, scrubber, spam_detect, tagger, to_archive, to_digest,
    to_outgoing, to_usenet, wrap_message, Handler,
};
use crate::bridge;
use compat::site::Site;
use compat::ByteStr;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// What a name stands for.
pub enum Found {
    /// One of ours.
    Handler(Handler),
    /// There is one that only Python can run: a file of the site's own.
    SiteHandler,
    /// There is none of that name.
    Unknown,
}

/// All handlers, in the order of GLOBAL_PIPELINE.
const HANDLERS: [(&str, Handler); 22] = [
    ("SpamDetect", spam_detect::process),
    ("Approve", approve::process),
    ("Replybot", replybot::process),
    ("Moderate", moderate::process),
    ("Hold", hold::process),
    ("MimeDel", mime_del::process),
    ("Scrubber", scrubber::process),
    ("Emergency", emergency::process),
    ("Tagger", tagger::process),
    ("CalcRecips", calc_recips::process),
    ("AvoidDuplicates", avoid_duplicates::process),
    ("Cleanse", cleanse::process),
    ("CleanseDKIM", cleanse_dkim::process),
    ("CookHeaders", cook_headers::process),
    ("ToDigest", to_digest::process),
    ("ToArchive", to_archive::process),
    ("ToUsenet", to_usenet::process),
    ("AfterDelivery", after_delivery::process),
    ("Acknowledge", acknowledge::process),
    ("WrapMessage", wrap_message::process),
    ("ToOutgoing", to_outgoing::process),
    ("OwnerRecips", owner_recips::process),
];

/// What runs for a name.
pub fn find(site: &Site, name: &ByteStr) -> Found {
    match HANDLERS.iter().find(|(known, _)| name == known) {
        Some((_, handler)) => Found::Handler(*handler),
        None if is_python_of_site(site, name) => Found::SiteHandler,
        None => Found::Unknown,
    }
}

/// The first name for which a message must wait: the site's own, where there is no Python to run it.
pub fn refused(site: &Site, pipeline: &[ByteStr]) -> Option<ByteStr> {
    let foreign = pipeline.iter().find(|name| matches!(find(site, name), Found::SiteHandler))?;
    bridge::python(site).is_none().then(|| foreign.clone())
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
