//! `set_member`: options, language, password or delivery of members of several lists, or of all members. The other half of
//! what people write scripts for withlist for. Nobody is told.

use super::describe::long_value;
use super::set_option::{list_args, lists};
use super::tool::{each_list, End};
use super::{print, Call};
use crate::membership::described::FLAGS;
use crate::membership::watched::Watched;
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::list::{options, DeliveryStatus, ListError, LockedList};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// The bit of an option by the name that Mailman's forms have for it, besides the digest mode.
fn flag_named(word: &str) -> i64 {
    FLAGS.iter().find(|(name, _)| *name == word).map_or(options::DIGESTS, |(_, flag)| *flag)
}

/// The names of the options, in order.
fn option_names() -> Vec<&'static str> {
    let mut names: Vec<_> = FLAGS.iter().map(|(name, _)| *name).chain(["digest"]).collect();
    names.sort_unstable();
    names
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    super::our_own(call, command, |site, matches| each_list(lists(site, matches)?, |name| on_list(site, name, matches)))
}

/// The options of `set_member`.
pub fn command() -> Command {
    let names = || clap::builder::PossibleValuesParser::new(option_names());
    let option = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("OPTION").action(ArgAction::Append).value_parser(names()).help(help)
    };
    Command::new("set_member")
        .about("Set options of members of several lists")
        .long_about(
            "Set options of members: stop or start their mail, change their language or password. Nobody is notified.",
        )
        .after_long_help("Exit status: 0; 1 for an unknown list; 2 for a mistake in the options.")
        .arg(Arg::new("ADDRESS").num_args(0..).help("Members; those who are not on a list are passed over there"))
        .arg(
            Arg::new("everybody")
                .long("everybody")
                .action(ArgAction::SetTrue)
                .required_unless_present("ADDRESS")
                .help("All members"),
        )
        .args(list_args())
        .arg(option("set", "Turn an option on; may be given several times"))
        .arg(option("clear", "Turn it off"))
        .arg(
            Arg::new("delivery")
                .long("delivery")
                .value_parser(["on", "off"])
                .help("Let mail come, or stop it as the admin"),
        )
        .arg(long_value("language", "LANGUAGE", "One of the list's languages"))
        .arg(long_value("password", "PASSWORD", "A new password"))
}

fn on_list(site: &Rc<Site>, name: &ByteStr, matches: &ArgMatches) -> Result<(), End> {
    let mut list = LockedList::open(site, name.clone(), None)?;
    if let Some(language) = matches.get_one::<String>("language") {
        if !list.is_available_language(language.as_bytes()) {
            return Err(End::Failed(format!("the list has no language {language}")));
        }
    }
    let members = match matches.get_flag("everybody") {
        true => list.members(),
        false => {
            let named = matches.get_many::<String>("ADDRESS").unwrap_or_default();
            named.map(|address| address.as_str().into()).filter(|address: &ByteStr| list.is_member(address)).collect()
        }
    };
    members.iter().try_for_each(|member| change(&mut list, member, matches))?;
    list.save()?;
    print(&format!("{name}: {} members\n", members.len()));
    Ok(list.unlock()?)
}

fn change(list: &mut LockedList, member: &ByteStr, matches: &ArgMatches) -> Result<(), End> {
    let watched = Watched::begin(list, member);
    for (what, on) in [("set", true), ("clear", false)] {
        for name in matches.get_many::<String>(what).unwrap_or_default() {
            match list.set_option(member, flag_named(name), on) {
                // The digest mode is that already.
                Err(ListError::AlreadyAMember(_)) => {}
                done => done?,
            }
        }
    }
    match matches.get_one::<String>("delivery").map(String::as_str) {
        Some("off") => list.set_delivery_status(member, DeliveryStatus::ByAdmin)?,
        Some(_) => list.set_delivery_status(member, DeliveryStatus::Enabled)?,
        None => {}
    }
    if let Some(language) = matches.get_one::<String>("language") {
        list.set_language(member, Value::str(language.as_str()))?;
    }
    if let Some(password) = matches.get_one::<String>("password") {
        list.set_password(member, password.as_bytes())?;
        list.record(&[b"new password of ", member]);
    }
    watched.end(list);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_lists_must_be_named() {
        let asked = |words: &[&str]| command().try_get_matches_from([&["set_member"], words].concat());
        assert!(asked(&["-l", "a", "b@c", "--set", "mod", "--clear", "plain"]).is_ok());
        assert!(asked(&["-l", "a", "--everybody", "--delivery", "off"]).is_ok());
        for wrong in [&["b@c"][..], &["-l", "a"], &["-l", "a", "b@c", "--set", "nothing"]] {
            assert!(asked(wrong).is_err(), "{wrong:?}");
        }
    }
}
