//! `held`: what waits for the moderators of each list, and their decisions, without pages. A command of our own.

mod act;
mod table;

use super::{print, with_code, Call};
use crate::cli::describe::{long_flag, long_value};
use crate::moderation::Action;
use clap::{Arg, ArgMatches, Command};
use compat::site::Site;
use std::rc::Rc;

/// Something that was named does not wait.
const GONE: i32 = 1;
/// It could not be done, or not found out.
const FAILED: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, FAILED, act)
}

/// The options of `held`.
pub fn command() -> Command {
    let deciding = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(Arg::new("LIST").required(true)).arg(
            Arg::new("WHICH")
                .required(true)
                .num_args(1..)
                .help("Numbers, or addresses: all that waits of these people"),
        )
    };
    let why = || long_value("why", "TEXT", "The reason that the notice gives");
    let preserve = long_flag("preserve", "Keep a copy of each post for the site's administrator");
    Command::new("held")
        .about("Show what waits for moderators, and decide about it")
        .long_about(
            "Without a command, show what waits for the moderators of all lists, or of one: a line with the number, the kind \
             (post, join, leave), the age, the sender, and of a post the subject and the reason why it is held. Nothing is \
             locked or changed. A post that is approved goes on behind the handler that held it. Several posts and requests \
             are decided about together: either everything that was decided is on disk, or what is not waits on.",
        )
        .after_long_help(
            "Exit status: 0; 1 if something that was named does not wait any more or was refused, which standard error \
             says, while the rest was done; 2 for a mistake in the options or an error.",
        )
        .args_conflicts_with_subcommands(true)
        .arg(Arg::new("LIST"))
        .arg(long_flag("json", 
            "One JSON array on one line: an object for each list with list and requests; a request has id, kind, sender, and \
             where known subject, reason, since (seconds since the epoch), age (seconds) and bytes",
        ))
        .subcommand(deciding("show", "Print held posts: why they are held, headers, text"))
        .subcommand(deciding("approve", "Let posts through"))
        .subcommand(deciding("reject", "Send posts' senders a refusal").arg(why()))
        .subcommand(deciding("discard", "Throw posts and requests away").arg(preserve))
        .subcommand(
            deciding("forward", "Send copies of posts, which go on waiting")
                .arg(long_value("to", "ADDRESS", "Who gets them").required(true)),
        )
        .subcommand(deciding("accept", "Let people join, or leave"))
        .subcommand(deciding("refuse", "Refuse to let people join or leave").arg(why()))
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Posts,
    Requests,
    Both,
}

fn act(site: &Rc<Site>, matches: &ArgMatches) -> Result<i32, String> {
    let Some((name, matches)) = matches.subcommand() else { return list(site, matches) };
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().map(String::as_str);
    let list = text("LIST").unwrap_or_default();
    let which: Vec<&str> = matches.get_many("WHICH").into_iter().flatten().map(String::as_str).collect();
    let decide = |kind, action| {
        let preserve = matches.try_get_one::<bool>("preserve").ok().flatten().copied().unwrap_or(false);
        act::decide(site, list, &which, &act::Order { kind, action, why: text("why"), preserve, to: text("to") })
    };
    match name {
        "show" => act::show(site, list, &which),
        "approve" => decide(Kind::Posts, Action::Approve),
        "reject" => decide(Kind::Posts, Action::Reject),
        "discard" => decide(Kind::Both, Action::Discard),
        "forward" => decide(Kind::Posts, Action::Defer),
        "accept" => decide(Kind::Requests, Action::Approve),
        _ => decide(Kind::Requests, Action::Reject),
    }
}

fn list(site: &Rc<Site>, matches: &ArgMatches) -> Result<i32, String> {
    let lists = table::read(site, matches.get_one::<String>("LIST").map(String::as_str))?;
    print(&if matches.get_flag("json") { table::json(&lists) } else { table::text(&lists) });
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        command().debug_assert();
        let parsed = |words: &[&str]| command().try_get_matches_from([&["held"], words].concat());
        assert!(parsed(&["garden", "--json"]).is_ok() && parsed(&[]).is_ok());
        assert!(parsed(&["reject", "garden", "1", "a@b.example", "--why", "no"]).is_ok());
        for wrong in
            [&["approve", "garden"][..], &["forward", "garden", "1"], &["approve", "garden", "1", "--why", "x"]]
        {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }
}
