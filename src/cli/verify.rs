//! `verify`: decodes every pickle of a site twice, and accounts for every queued message before and after a switch.
//! Writes nothing but the manifest that it is asked for.

use super::describe::{long_flag, long_value};
use super::progress::Ticker;
use super::{print, with_code, Call};
use crate::reports;
use clap::{Arg, ArgAction, ArgMatches};
use compat::site::Site;
use migration::json::Json;
use migration::verify::{check, compare, write, Account, Fate, Outcome, Record};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// Something differs, or is lost.
const TROUBLE: i32 = 1;
/// It could not be found out.
const FAILED: i32 = 2;
/// Maximum number of names that are printed of each kind.
const NAMED: usize = 20;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, FAILED, |site, matches| act(site, matches))
}

/// The options of `verify`.
pub fn command() -> clap::Command {
    clap::Command::new("verify")
        .about("Decode every pickle of a site twice; account for every queued message")
        .long_about(
            "Read every pickle of the site with two independent readers, write it again in memory, and compare. With \
             --manifest, note every queued and held message with sums of its parts, and how far logs and archives have \
             come. With --against, tell what became of each message of a manifest: still there, moved to which queue, or \
             gone with the log line or archive that proves that it was dealt with.",
        )
        .after_long_help("Exit status: 0: all is well; 1: something differs, cannot be read or is lost; 2: it could not be found out.")
        .arg(long_value("manifest", "FILE", "Write a manifest of every queued message"))
        .arg(
            Arg::new("against")
                .long("against")
                .value_name("FILE")
                .conflicts_with("manifest")
                .help("Tell what became of every message of a manifest"),
        )
        .arg(Arg::new("excuse").long("excuse").value_name("QUEUE").action(ArgAction::Append).requires("against").help(
            "Messages of this queue may go without a proof: its runner logs no message ids (bounces, commands, news)",
        ))
        .arg(long_value("html", "FILE", "Write a page to be shown to others, too"))
        .arg(long_flag("json", "One JSON object on one line"))
}

fn act(site: &Site, matches: &ArgMatches) -> Result<i32, String> {
    if let Some(file) = matches.get_one::<String>("manifest") {
        let count = write(site, Path::new(file)).map_err(|error| error.to_string())?;
        let object = Json::Object(vec![("messages", Json::count(count)), ("manifest", Json::text(file))]);
        say(matches, &object, || format!("{count} messages noted in {file}\n"));
        return Ok(0);
    }
    let home = site.home.display().to_string();
    if let Some(file) = matches.get_one::<String>("against") {
        let excused: Vec<String> = matches.get_many("excuse").unwrap_or_default().cloned().collect();
        let account = compare(site, Path::new(file)).map_err(|error| error.to_string())?;
        show(matches, || reports::account(&home, &account, &excused))?;
        say(matches, &account_json(&account, &excused), || account_text(&account, &excused));
        return Ok(if account.is_complete(&excused) { 0 } else { TROUBLE });
    }
    let outcome = check(site, &mut Ticker::new()).map_err(|error| error.to_string())?;
    show(matches, || reports::outcome(&home, &outcome))?;
    say(matches, &outcome_json(&outcome), || outcome_text(&outcome));
    Ok(if outcome.is_good() { 0 } else { TROUBLE })
}

fn say(matches: &ArgMatches, object: &Json, text: impl FnOnce() -> String) {
    match matches.get_flag("json") {
        true => print(&format!("{object}\n")),
        false => print(&text()),
    }
}

/// Writes the page that was asked for.
fn show(matches: &ArgMatches, page: impl FnOnce() -> String) -> Result<(), String> {
    let Some(file) = matches.get_one::<String>("html") else { return Ok(()) };
    reports::write(Path::new(file), &page()).map_err(|error| format!("{file}: {error}"))
}

fn outcome_json(outcome: &Outcome) -> Json {
    let names = |names: &[String]| Json::array(names, Json::text);
    Json::Object(vec![
        ("good", Json::Bool(outcome.is_good())),
        ("files", Json::count(outcome.files)),
        ("pickles", Json::count(outcome.pickles)),
        ("identical", Json::count(outcome.identical)),
        ("unreadable", names(&outcome.unreadable)),
        ("different", names(&outcome.different)),
        ("unconfirmed", names(&outcome.unconfirmed)),
    ])
}

fn account_json(account: &Account, excused: &[String]) -> Json {
    let missing = |(record, fate): &(Record, Fate)| {
        Json::Object(vec![
            ("queue", Json::text(&record.queue)),
            ("file", Json::text(&record.file)),
            ("list", Json::text(&record.list)),
            ("message_id", Json::text(&record.message_id)),
            ("altered", Json::Bool(*fate == Fate::Altered)),
        ])
    };
    let moved = |((from, to), count): (&(String, String), &usize)| {
        Json::Object(vec![("from", Json::text(from)), ("to", Json::text(to)), ("messages", Json::count(*count))])
    };
    let proved = |(queue, count): (&String, &usize)| {
        Json::Object(vec![("from", Json::text(queue)), ("messages", Json::count(*count))])
    };
    Json::Object(vec![
        ("complete", Json::Bool(account.is_complete(excused))),
        ("messages", Json::count(account.messages)),
        ("there", Json::count(account.there)),
        ("moved", Json::array(&account.moved, moved)),
        ("proved", Json::array(&account.proved, proved)),
        ("missing", Json::array(&account.missing, missing)),
    ])
}

fn outcome_text(outcome: &Outcome) -> String {
    let Outcome { files, pickles, identical, unreadable, different, unconfirmed } = outcome;
    let mut text = format!("{files} files with {pickles} pickles, each read by two readers and written again\n");
    let _ = writeln!(
        text,
        "{identical} files come out the same to the byte; others hold the same values, spelled otherwise"
    );
    for (what, files) in [
        ("can't be read", unreadable),
        ("differ", different),
        ("could not be confirmed by the second reader", unconfirmed),
    ] {
        let _ = writeln!(text, "{} {what}", files.len());
        files.iter().take(NAMED).for_each(|file| text.push_str(&format!("  {file}\n")));
    }
    let verdict = match outcome.is_good() {
        true => "good: all is understood, and nothing would change by being written again",
        false => "NOT good: leave the files that are named to Python until it is known what is wrong with them",
    };
    let _ = writeln!(text, "\nverdict    {verdict}");
    text
}

pub(super) fn account_text(account: &Account, excused: &[String]) -> String {
    let mut text = format!("{} messages in the manifest\n{} are where they were\n", account.messages, account.there);
    for ((from, to), count) in &account.moved {
        let _ = writeln!(text, "{count} went from {from} to {to}");
    }
    for (queue, count) in &account.proved {
        let _ = writeln!(text, "{count} left {queue}, each proved by a log line or an archive");
    }
    if let Some(example) = &account.example {
        let _ = writeln!(text, "  for instance, {example}");
    }
    for (record, fate) in account.missing.iter().take(NAMED) {
        let what = match fate {
            Fate::Altered => "holds another message now",
            _ if excused.contains(&record.queue) => "is gone without a proof, excused",
            _ => "is gone without a proof",
        };
        let _ =
            writeln!(text, "  {}/{} {what} (list {}, {})", record.queue, record.file, record.list, record.message_id);
    }
    let missing = account.missing.len();
    let _ = match account.is_complete(excused) {
        true if missing == 0 => writeln!(text, "nothing was lost"),
        true => writeln!(text, "{missing} without a proof, all in queues that were excused"),
        false => writeln!(text, "{missing} NOT ACCOUNTED FOR"),
    };
    // Their runners log no message ids, so that nothing can prove what became of a message.
    let silent = ["bounces", "commands", "news"];
    let queues: BTreeSet<&str> = account.missing.iter().map(|(record, _)| record.queue.as_str()).collect();
    if !account.is_complete(excused) && queues.iter().all(|queue| silent.contains(queue)) {
        let words: Vec<String> = queues.iter().map(|queue| format!("--excuse {queue}")).collect();
        let _ = writeln!(
            text,
            "what these queues hold leaves no trace by which it could be proved; to leave it out: {}",
            words.join(" ")
        );
    }
    text
}
