//! `rehearse`: what would happen on the evening of the switch, tried out on a copy.

use super::engine::Ours;
use super::progress::Ticker;
use super::{print, with_code, Call};
use crate::rehearse::{rehearse, silent, Rehearsal, Wish};
use crate::reports;
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::site::Site;
use migration::collect::Archives;
use migration::json::Json;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

const TROUBLE: i32 = 1;
const FAILED: i32 = 2;
/// Maximum number of names that are printed of each kind.
const NAMED: usize = 20;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, FAILED, act)
}

/// The options of `rehearse`.
pub fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("rehearse")
        .about("Work off the queued mail on a copy of the site; nothing is sent, and the site is only read")
        .after_long_help("Exit status: 0: all went well; 1: something is to be looked at; 2: it could not be tried.")
        .arg(text("in", "FOLDER", "Where the copy is made, for as long as it takes; else the usual temporary folder"))
        .arg(flag("keep", "Leave the copy there"))
        .arg(flag("archives", "Copy the archives too"))
        .arg(flag("python", "Let handlers and commands of the site's own run in its Python"))
        .arg(
            text("limit", "SECONDS", "End it after this time")
                .value_parser(clap::value_parser!(u64))
                .default_value("3600"),
        )
        .arg(text("html", "FILE", "Write a page to be shown to others, too"))
        .arg(flag("json", "One JSON object on one line"))
}

fn act(site: &Rc<Site>, matches: &ArgMatches) -> Result<i32, String> {
    let wish = Wish {
        folder: matches.get_one::<String>("in").map_or_else(std::env::temp_dir, PathBuf::from),
        archives: if matches.get_flag("archives") { Archives::All } else { Archives::None },
        with_python: matches.get_flag("python"),
        limit: Duration::from_secs(matches.get_one::<u64>("limit").copied().unwrap_or_default()),
        stays: matches.get_flag("keep"),
    };
    let rehearsal = rehearse(site, &Ours, &wish, &mut Ticker::new()).map_err(|error| error.to_string())?;
    if let Some(file) = matches.get_one::<String>("html") {
        let page = reports::rehearsal(&site.home.display().to_string(), &rehearsal);
        reports::write(Path::new(file), &page).map_err(|error| format!("{file}: {error}"))?;
    }
    print(&if matches.get_flag("json") { json(&rehearsal) } else { report(&rehearsal, wish.stays) });
    Ok(if rehearsal.is_good() { 0 } else { TROUBLE })
}

fn report(rehearsal: &Rehearsal, stays: bool) -> String {
    let mut text = String::new();
    for (name, before, after) in rehearsal.queues.iter().filter(|(_, before, after)| before + after > 0) {
        let _ = writeln!(text, "{name:<10} {before} entries before, {after} after");
    }
    let _ = writeln!(
        text,
        "sent       {} messages to {} recipients, {}, in {} s",
        rehearsal.messages,
        rehearsal.recipients,
        migration::survey::size(rehearsal.bytes as u64),
        rehearsal.took.as_secs()
    );
    for (sender, count) in rehearsal.senders.iter().take(NAMED) {
        let _ = writeln!(text, "           {count} copies from {sender}");
    }
    let _ = writeln!(text, "held       {} before, {} after", rehearsal.held.0, rehearsal.held.1);
    for stuck in rehearsal.stuck.iter().take(NAMED) {
        let reason = stuck.reason.as_deref().unwrap_or("no reason known");
        let _ = writeln!(text, "STUCK      {} (list {}): {reason}", stuck.entry, stuck.about.list);
    }
    for line in rehearsal.errors.iter().take(NAMED) {
        let _ = writeln!(text, "error log  {line}");
    }
    let _ = write!(text, "\n{}", super::verify::account_text(&rehearsal.account, &silent()));
    if rehearsal.was_ended {
        text.push_str("the limit of time ended it: --limit\n");
    }
    if stays {
        let _ = writeln!(text, "the copy is in {}", rehearsal.copy.display());
    }
    let verdict = if rehearsal.is_good() { "all went well" } else { "look at what is named above first" };
    let _ = writeln!(text, "\nverdict    {verdict}");
    text
}

fn json(rehearsal: &Rehearsal) -> String {
    let queue = |(name, before, after): &(&'static str, usize, usize)| {
        Json::Object(vec![
            ("queue", Json::text(*name)),
            ("before", Json::count(*before)),
            ("after", Json::count(*after)),
        ])
    };
    let sender = |(sender, count): &(String, usize)| {
        Json::Object(vec![("sender", Json::text(sender)), ("copies", Json::count(*count))])
    };
    let stuck = |stuck: &crate::queues::stuck::Stuck| {
        Json::Object(vec![
            ("entry", Json::text(&stuck.entry)),
            ("list", Json::text(stuck.about.list.to_latin1())),
            ("reason", Json::text(stuck.reason.clone().unwrap_or_default())),
        ])
    };
    let object = Json::Object(vec![
        ("good", Json::Bool(rehearsal.is_good())),
        ("queues", Json::array(&rehearsal.queues, queue)),
        ("messages", Json::count(rehearsal.messages)),
        ("recipients", Json::count(rehearsal.recipients)),
        ("senders", Json::array(&rehearsal.senders, sender)),
        ("stuck", Json::array(&rehearsal.stuck, stuck)),
        ("errors", Json::array(&rehearsal.errors, Json::text)),
        ("accounted", Json::Bool(rehearsal.account.is_complete(&silent()))),
        ("seconds", Json::count(rehearsal.took.as_secs())),
        ("ended", Json::Bool(rehearsal.was_ended)),
    ]);
    format!("{object}\n")
}
