//! `explain-bounce`: how a message would be read as a bounce, to find out why a member was counted or an owner asked.
//! Reads and prints, changes nothing.

use super::describe::long_value;
use super::{matches, print, Call};
use crate::bounce::detectors::{scan, Finding};
use crate::bounce::forecast::forecast;
use crate::bounce::verp;
use crate::clock::today;
use crate::privileges::as_caller;
use crate::stderr::Stderr;
use compat::email::parser::parse;
use compat::email::Message;
use compat::list::MailList;
use compat::queue::{Entry, EntryMessage};
use compat::site::{Profile, Site, Version};
use compat::ByteStr;
use std::rc::Rc;

/// Without a site, what the newest version of Mailman does.
const NEWEST: Version = Version { micro: 39 };

/// The options of `explain-bounce`.
pub fn command() -> clap::Command {
    clap::Command::new("explain-bounce")
        .about("Show which detector reads a bounce, and what it finds")
        .long_about("Show which detector reads a bounce, and what it finds, by the rules of the site's version.")
        .arg(long_value("list", "LIST", "Also try the VERP addresses of this list, and show scores"))
        .arg(clap::Arg::new("FILE").help("Messages or queue entries, one a file").num_args(1..).required(true))
        .after_long_help("Exit status: 0; 1 for a file that cannot be read or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let site = Site::find();
    let list = match matches.get_one::<String>("list").map(|name| open(&site, name)).transpose() {
        Ok(list) => list,
        Err(error) => return complain(call, &error),
    };
    let profile = site.as_ref().map_or(Profile::new(NEWEST), |site| site.profile);
    let mut status = 0;
    for file in matches.get_many::<String>("FILE").unwrap_or_default() {
        match as_caller(|| std::fs::read(file)) {
            Ok(bytes) => print(&format!("{file}:\n{}", explain(&message(bytes), &profile, list.as_ref()))),
            Err(error) => status = complain(call, &format!("{file}: {error}")),
        }
    }
    status
}

/// A queue entry, or the text of a message.
fn message(bytes: Vec<u8>) -> Message {
    let bytes = ByteStr::new(bytes);
    let entry = Entry::parse(&bytes).ok().and_then(|entry| match entry.message {
        EntryMessage::Raw(text) => Some(parse(&text)),
        EntryMessage::Object(value) => Message::from_value(&value).ok(),
    });
    entry.unwrap_or_else(|| parse(&bytes))
}

fn complain(call: &Call, what: &str) -> i32 {
    Stderr::Real.write(&format!("{}: {what}\n", call.program));
    1
}

fn open(site: &Result<Rc<Site>, compat::site::SiteError>, name: &str) -> Result<MailList, String> {
    let site = site.as_ref().map_err(|error| error.to_string())?;
    MailList::load(site, name).map_err(|error| error.to_string())
}

/// A few lines about a message.
fn explain(msg: &Message, profile: &Profile, list: Option<&MailList>) -> String {
    let by_address = list.map(|list| verp_lines(msg, list)).unwrap_or_default();
    let (detector, finding) = scan(msg, profile);
    let by_text = match finding {
        Finding::Nothing => "  detector: none; the owners get it, or nobody\n".to_string(),
        Finding::Stop => format!("  detector: {}\n  stop: a warning, nobody failed\n", detector.unwrap_or_default()),
        Finding::Addresses(found) => {
            let score =
                |address| list.map(|list| format!("  {}\n", forecast(list, address, today()))).unwrap_or_default();
            let lines: String =
                found.iter().map(|address| format!("  address: {address}\n{}", score(address))).collect();
            format!("  detector: {}\n{lines}", detector.unwrap_or_default())
        }
    };
    by_address + &by_text
}

fn verp_lines(msg: &Message, list: &MailList) -> String {
    let site = list.site();
    let member = match verp::member(site, list, msg) {
        Ok(Some(member)) => format!("  verp: {member}; the text only tells whether it is a warning\n"),
        Ok(None) => String::new(),
        Err(error) => format!("  verp: {error}\n"),
    };
    match verp::probe_token(site, list, msg) {
        Ok(Some(token)) => format!("{member}  probe: {token}\n"),
        _ => member,
    }
}
