//! Bounces that are recognised by a sentence before and a sentence after the address. Mailman/Bouncers/SimpleMatch.py.
//!
//! A table: for each kind of bounce where it starts, where it ends, and what an address looks like in between. The
//! texts are those of the mail systems.

use super::simple::{row, Body, Row, ALONE, ANGLES, ANGLES_COLON, ANY, ANY_INDENTED};
use super::Finding;
use compat::email::Message;
use compat::site::{Profile, Switch};

const RCPT_TO: &str = r"rcpt to:\s*<(?P<addr>[^>]*)>";
const FAILED_HEADING: &str = "the following addresses had";
const TRANSCRIPT: &str = "transcript of session follows";

/// The list of failed recipients of the returned mail.
static FIRST: [Row; 1] = [row("here is your list of failed recipients", "here is your returned mail", ANGLES)];

/// Sendmail's heading. Older versions took an address from the brackets of a line of its own only where it was
/// expanded from an alias.
static HEADING: [Row; 1] =
    [row(FAILED_HEADING, TRANSCRIPT, r"^ *(\(expanded from: )?<?(?P<addr>[^\s@]+@[^\s@>]+?)>?\)?\s*$")];
static OLD_HEADING: [Row; 1] =
    [row(FAILED_HEADING, TRANSCRIPT, r"<(?P<fulladdr>[^>]*)>|\(expanded from: <?(?P<addr>[^>)]*)>?\)")];

static USUAL: [Row; 33] = [
    row("this message was created automatically by mail delivery software", "original message follows", RCPT_TO),
    // A virus wall
    row("message from interscan e-mail viruswall nt", "end of message", RCPT_TO),
    // Smail
    row("failed addresses follow:", "message text follows:", r"\s*(?P<addr>\S+@\S+)"),
    row(
        "this is the machine generated message from mail service.",
        "--- below the next line is a copy of the message.",
        ANGLES,
    ),
    // MDaemon
    row(
        "the following addresses did not receive a copy of your message:",
        "--- session transcript ---",
        r"[>]\s*(?P<addr>.*)$",
    ),
    row(
        r"intended recipient:\s*(?P<addr>.*)$",
        "--------returned mail follows--------",
        r"intended recipient:\s*(?P<addr>.*)$",
    ),
    row(
        r"undeliverable address:\s*(?P<addr>.*)$",
        "original message attached",
        r"undeliverable address:\s*(?P<addr>.*)$",
    ),
    row(
        "this message was created automatically by mail delivery",
        "^---- start of returned message ----",
        "addressed to '(?P<addr>[^']*)'",
    ),
    row("user's mailbox is full:", "unable to deliver mail.", r"user's mailbox is full:\s*<(?P<addr>[^>]*)>"),
    // Microsoft SMTPSVC
    row("the email below could not be delivered to the following user:", "old message:", ANGLES),
    // Yahoo for other domains
    row(r"unable to deliver message to the following address\(es\)\.", r"--- original message follows\.", ANGLES_COLON),
    // Google
    row("delivery to the following recipient(s)? failed", "----- original message -----", ALONE),
    row("a message that you( have)? sent could not be delivered", "^---", ANGLES),
    row("a message that you( have)? sent could not be delivered", "^---", r"^(?P<addr>[^\s@]+@[^\s@:]+):"),
    // What follows the address is not known: it ends at a line of three characters or more that has no @ and does not
    // begin like the start.
    row(
        "del(i|e)very to the following recipient(s)? (failed|was aborted)",
        "^[^d][^@]{2,}$",
        r"^\s*(. )?(?P<addr>[^\s@]+@[^\s@]+)\s*$",
    ),
    row(r"^your message\s*$", "^because:", ALONE),
    // InterScan
    row("^unable to deliver message to", r"\*+\s+end of message\s+\*+", ANGLES),
    row(
        "^sorry, unable to deliver your message to",
        "^a copy of the original message",
        r"\s*(?P<addr>[^\s@]+@[^\s@]+)\s+",
    ),
    row("^a message could not be delivered to:", "^subject:", ALONE),
    row("^invalid final delivery userid:", "^original message follows.", r"\s*(?P<addr>[^\s@]+@[^\s@]+)\s*$"),
    row("---- failed recipients ----", " mail ----", ANGLES),
    row("a message that you sent could not be delivered", "^---", r"(?P<addr>[^\s@]+@[^\s@)]+)"),
    // LSMTP
    row(r"^--> error description:\s*$", "^error-end:", r"^error-for:\s+(?P<addr>[^\s@]+@[^\s@]+)"),
    // A qmail that speaks Spanish first
    row("your message could not be delivered", "^-", ANGLES_COLON),
    row("your message could not be delivered to", r"^\s*$", ANY),
    row(
        "your message has encountered delivery problems",
        "your message reads",
        r"addressed to\s*(?P<addr>[^\s@]+@[^\s@)]+)",
    ),
    row("did not reach the following recipient", r"^\s*$", ANY_INDENTED),
    // EYOU
    row("this is the deliver program at", "^-", r"^(?P<addr>[^\s@]+@[^\s@<>]+)"),
    // A qmail with an introduction of its own
    row("this is the email server at", "^-", r"\s(?P<addr>[^\s@]+@[^\s@]+)[\s,]"),
    row("- no such user here", "there is no user", r"^(?P<addr>[^\s@]+@[^\s@]+)\s"),
    // Nothing ends it
    row("the following recipient.*could not be reached", "bogus stop pattern", r"^(?P<addr>[^\s@]+@[^\s@]+)\s*$"),
    row("could not deliver message to", r"^\s*--", r"^failed recipient:\s*(?P<addr>[^\s@]+@[^\s@]+)\s*$"),
    row("--------message not delivered", "--------error detail", ALONE),
];

static LATER: [Row; 5] = [
    // Dovecot's notice of a full mailbox
    row("^your message", "^reporting", r"your message to (?P<addr>[^\s@]+@[^\s@]+) was automatically rejected"),
    row("a message that you sent was rejected", "this is a copy of your message", ANY_INDENTED),
    // MailEnable
    row(
        "message could not be delivered to some recipients.",
        "message headers follow",
        r"recipient: \[smtp:(?P<addr>[^\s@]+@[^\s@]+)\]",
    ),
    // Yahoo in another form
    row(
        "wasn't able to deliver the following message",
        "---below this line is a copy of the message.",
        r"to: (?P<addr>[^\s@]+@[^\s@]+)",
    ),
    row(
        "this is a delivery failure notification message",
        "the problem appears to be",
        r"-- (?P<addr>[^\s@]+@[^\s@]+)",
    ),
];

/// The rows of a version.
pub fn rows(profile: &Profile) -> impl Iterator<Item = &'static Row> {
    let more = profile.has(Switch::SimpleMatchMore);
    let heading = if more { &HEADING } else { &OLD_HEADING };
    let later: &[Row] = if more { &LATER } else { &[] };
    FIRST.iter().chain(heading).chain(&USUAL).chain(later)
}

pub fn process(msg: &Message, profile: &Profile) -> Finding {
    let mut found = Body::of(msg).first_match(rows(profile));
    if profile.has(Switch::SimpleMatchValid) {
        found.retain(|address| is_likely(address));
    }
    found.into()
}

/// Printable characters, one `@`, a domain of letters, digits, dots and underscores: not of hyphens.
fn is_likely(address: &[u8]) -> bool {
    let mut sides = address.split(|&b| b == b'@');
    let (local, domain) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_');
    let is_local = |b: &u8| b.is_ascii_graphic() && *b != b'>';
    let has_both = !local.is_empty() && !domain.is_empty() && sides.next().is_none();
    has_both && local.iter().all(is_local) && domain.iter().all(is_domain)
}
