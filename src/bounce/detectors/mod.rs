//! Whose mail came back? The detectors read it out of what mail systems write, each the way of one kind of them.
//!
//! Answers to Mailman's `Bouncers/BouncerAPI.py` and its modules. They are asked in a fixed order; the first that finds
//! something decides. Order matters: those that look for sentences anywhere come behind those that know a structure.
//! `Sina` is not here: Mailman has it, but never asks it.
//!
//! In Python some broken messages make a detector raise, and the bounce is shunted. Here such a detector finds nothing.

mod aol;
mod caiwireless;
mod compuserve;
mod dsn;
mod exchange;
mod exim;
mod groupwise;
mod llnl;
mod microsoft;
mod netscape;
mod phrase;
mod postfix;
mod qmail;
mod reading;
mod simple;
mod simple_match;
mod simple_warning;
mod smtp32;
#[cfg(test)]
mod tests;
mod yahoo;
mod yale;

use compat::email::Message;
use compat::site::Profile;
use compat::ByteStr;

/// What a detector makes of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Finding {
    /// Not its kind.
    #[default]
    Nothing,
    /// These recipients failed. There may be empty ones and strangers among them.
    Addresses(Vec<ByteStr>),
    /// A warning that delivery takes longer: nobody failed, and nobody needs to see it.
    Stop,
}

impl From<Vec<ByteStr>> for Finding {
    fn from(addresses: Vec<ByteStr>) -> Self {
        match addresses.is_empty() {
            true => Finding::Nothing,
            false => Finding::Addresses(addresses),
        }
    }
}

/// A detector.
pub type Detector = fn(&Message, &Profile) -> Finding;

/// `BOUNCE_PIPELINE`: the detectors by their names, in the order in which they are asked.
pub static PIPELINE: [(&str, Detector); 17] = [
    ("DSN", dsn::process),
    ("Qmail", qmail::process),
    ("Postfix", postfix::process),
    ("Yahoo", yahoo::process),
    ("Caiwireless", caiwireless::process),
    ("Exchange", exchange::process),
    ("Exim", exim::process),
    ("Netscape", netscape::process),
    ("Compuserve", compuserve::process),
    ("Microsoft", microsoft::process),
    ("GroupWise", groupwise::process),
    ("SMTP32", smtp32::process),
    ("SimpleMatch", simple_match::process),
    ("SimpleWarning", simple_warning::process),
    ("Yale", yale::process),
    ("LLNL", llnl::process),
    ("AOL", aol::process),
];

/// `ScanMessages`: the name of the detector that found something, and what.
pub fn scan(msg: &Message, profile: &Profile) -> (Option<&'static str>, Finding) {
    let found = PIPELINE.iter().map(|(name, detector)| (*name, detector(msg, profile)));
    match found.into_iter().find(|(_, finding)| *finding != Finding::Nothing) {
        Some((name, finding)) => (Some(name), finding),
        None => (None, Finding::Nothing),
    }
}
