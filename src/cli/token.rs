//! `token`: the tokens with which programs use the JSON interface. A command of our own.

use super::describe::long_value;
use super::set_option::{list_args, lists};
use super::tool::End;
use super::{print, Call};
use crate::auth::token::{self, Token};
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::email::date::ctime;
use compat::list::exists;
use compat::site::Site;
use migration::json::Json;
use std::rc::Rc;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    super::our_own(call, command, |site, matches| match matches.subcommand() {
        Some(("create", matches)) => create(site, matches),
        Some(("revoke", matches)) => revoke(site, matches),
        Some((_, matches)) => list(site, matches),
        None => Ok(()),
    })
}

/// The options of `token`.
pub fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("token")
        .about("Tokens for programs that use the JSON interface of serve")
        .after_long_help("Exit status: 0; 1 for an unknown list or token; 2 for a mistake in the options.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("create")
                .about("Make a token for one list, or for all, and print it: it is shown once and kept nowhere")
                .args(list_args())
                .arg(flag("read-only", "It may look, and change nothing"))
                .arg(long_value("comment", "TEXT", "What it is for")),
        )
        .subcommand(Command::new("list").about("Show the tokens that there are").arg(flag("json", "As JSON")))
        .subcommand(
            Command::new("revoke")
                .about("Take a token away")
                .arg(Arg::new("ID").required(true).help("As list shows it")),
        )
}

fn create(site: &Rc<Site>, matches: &ArgMatches) -> Result<(), End> {
    let comment = matches.get_one::<String>("comment").map_or("", String::as_str);
    let named =
        if matches.get_flag("all") { vec![None] } else { lists(site, matches)?.into_iter().map(Some).collect() };
    for list in named {
        if let Some(name) = list.as_ref().filter(|name| !exists(site, name)) {
            return Err(End::Failed(format!("there is no list {name}")));
        }
        let may_write = !matches.get_flag("read-only");
        let (token, secret) = token::create(site, list.as_deref(), may_write, comment).map_err(End::failed)?;
        let scope = token.list.as_deref().unwrap_or_default();
        site.record(scope, &[b"token ", token.id.as_bytes(), b" made"]);
        print(&format!("{secret}\n"));
    }
    Ok(())
}

fn list(site: &Rc<Site>, matches: &ArgMatches) -> Result<(), End> {
    let tokens = token::all(site).map_err(End::failed)?;
    if matches.get_flag("json") {
        print(&format!("{}\n", Json::array(&tokens, json)));
        return Ok(());
    }
    for token in &tokens {
        let scope = token.list.as_ref().map_or("all lists".to_string(), ToString::to_string);
        let rights = if token.may_write { "read and change" } else { "read" };
        print(&format!("{}  {scope}  {rights}  {}  {}\n", token.id, ctime(token.created), token.comment));
    }
    Ok(())
}

fn json(token: &Token) -> Json {
    let mut fields = vec![("id", Json::text(token.id.clone()))];
    fields.extend(token.list.as_ref().map(|list| ("list", Json::text(list.to_string()))));
    fields.extend([
        ("may_write", Json::Bool(token.may_write)),
        ("created", Json::Int(token.created)),
        ("comment", Json::text(token.comment.clone())),
    ]);
    Json::Object(fields)
}

fn revoke(site: &Rc<Site>, matches: &ArgMatches) -> Result<(), End> {
    let id = matches.get_one::<String>("ID").map_or("", String::as_str);
    match token::revoke(site, id).map_err(End::failed)? {
        true => {
            site.record(b"", &[b"token ", id.as_bytes(), b" taken away"]);
            Ok(())
        }
        false => Err(End::Failed(format!("there is no token {id}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        command().debug_assert();
        let parsed = |words: &[&str]| command().try_get_matches_from([&["token"], words].concat());
        assert!(parsed(&["create", "-l", "garden", "--read-only", "--comment", "the shop"]).is_ok());
        assert!(parsed(&["create", "--all-lists"]).is_ok() && parsed(&["list"]).is_ok());
        for wrong in [&[][..], &["create"], &["revoke"]] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }
}
