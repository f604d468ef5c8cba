//! `set_option`: one option of several lists, or of all. What people write a small script for withlist for; checked as
//! config_list checks it.

use super::tool::{each_list, End};
use super::{print, Call};
use crate::lists::options::apply::{set, Outcome};
use crate::stderr::Stderr;
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::format::repr;
use compat::list::{self, LockedList, MailList};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    super::our_own(call, command, |site, matches| {
        let asked = Asked::of(matches);
        each_list(lists(site, matches)?, |name| on_list(site, name, &asked))
    })
}

/// The options of `set_option`.
pub fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("set_option")
        .about("Set an option of several lists, as config_list names and checks it")
        .after_long_help(
            "Exit status: 0; 1 for a value that is refused or an unknown list; 2 for a mistake in the options.",
        )
        .arg(Arg::new("NAME").required(true).help("The option, such as max_message_size"))
        .arg(Arg::new("VALUE").required(true).num_args(1..).help("Its value; a list of addresses has several"))
        .args(list_args())
        .arg(flag("add", "Add the values to an option that is a list of addresses").conflicts_with("remove"))
        .arg(flag("remove", "Take them away from it"))
        .arg(flag("dry-run", "Only say what would be done"))
}

/// Which lists a command of ours is for.
pub fn list_args() -> [Arg; 2] {
    [
        Arg::new("list").short('l').long("list").value_name("LIST").action(ArgAction::Append).help("This list"),
        Arg::new("all").long("all-lists").action(ArgAction::SetTrue).required_unless_present("list").help("All lists"),
    ]
}

/// The lists that were named.
///
/// # Errors
/// A folder of lists that cannot be read.
pub fn lists(site: &Site, matches: &ArgMatches) -> Result<Vec<ByteStr>, End> {
    match matches.get_flag("all") {
        true => list::names(site).map_err(End::failed),
        false => Ok(matches
            .get_many::<String>("list")
            .unwrap_or_default()
            .map(|name| super::tool::list_name(name))
            .collect()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Set,
    Add,
    Remove,
}

struct Asked<'a> {
    name: &'a str,
    values: Vec<&'a str>,
    change: Change,
    dry_run: bool,
}

impl<'a> Asked<'a> {
    fn of(matches: &'a ArgMatches) -> Asked<'a> {
        let change = match (matches.get_flag("add"), matches.get_flag("remove")) {
            (true, _) => Change::Add,
            (_, true) => Change::Remove,
            _ => Change::Set,
        };
        Asked {
            name: matches.get_one::<String>("NAME").map_or("", String::as_str),
            values: matches.get_many::<String>("VALUE").unwrap_or_default().map(String::as_str).collect(),
            change,
            dry_run: matches.get_flag("dry-run"),
        }
    }

    /// The value that the option is to have.
    fn value(&self, before: &Value) -> Value {
        let given = || self.values.iter().map(|value| Value::str(*value));
        let is_list = matches!(before, Value::List(_));
        let own = before.as_items().unwrap_or_default().to_vec();
        match self.change {
            Change::Set if is_list => Value::list(given().collect()),
            Change::Set => Value::str(self.values.join(" ")),
            Change::Add => {
                let new: Vec<Value> = given().filter(|value| !own.contains(value)).collect();
                Value::list([own, new].concat())
            }
            Change::Remove => {
                let gone: Vec<Value> = given().collect();
                Value::list(own.into_iter().filter(|value| !gone.contains(value)).collect())
            }
        }
    }
}

fn on_list(site: &Rc<Site>, name: &ByteStr, asked: &Asked<'_>) -> Result<(), End> {
    if asked.dry_run {
        let mut list = MailList::load(site, name.clone())?;
        return change(&mut list, asked);
    }
    let mut list = LockedList::open(site, name.clone(), None)?;
    change(&mut list, asked)?;
    list.save()?;
    Ok(list.unlock()?)
}

fn change(list: &mut MailList, asked: &Asked<'_>) -> Result<(), End> {
    let attribute = compat::names::by_name(asked.name);
    let before = list.get(attribute).cloned().unwrap_or(Value::None);
    if asked.change != Change::Set && !matches!(before, Value::List(_)) {
        return Err(End::Failed(format!("{} is no list: --add and --remove are for lists", asked.name)));
    }
    match set(list, asked.name, &asked.value(&before)) {
        Outcome::Set(doubts) => doubts.iter().for_each(|doubt| Stderr::Real.write(&format!("{}\n", doubt.english()))),
        Outcome::NonStandard => return Err(End::Failed(format!("{} is no option", asked.name))),
        Outcome::Unknown => return Err(End::Failed(format!("there is no option {}", asked.name))),
        Outcome::Invalid | Outcome::Failed => return Err(End::Failed(format!("not a value for {}", asked.name))),
        Outcome::BadAddress(bad) => return Err(End::Failed(format!("not a valid address: {bad}"))),
        Outcome::Refused(why) => return Err(End::Failed(why.english().to_string())),
    }
    let after = list.get(attribute).cloned().unwrap_or(Value::None);
    print(&format!("{}: {} = {} (was {})\n", list.name(), asked.name, repr(&after), repr(&before)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_added_and_taken_away() {
        let value = |words: &[&str], before: Value| {
            let matches = command().try_get_matches_from([&["set_option", "-l", "a", "x"], words].concat()).unwrap();
            Asked::of(&matches).value(&before)
        };
        let list = |items: &[&str]| Value::list(items.iter().map(|item| Value::str(*item)).collect());
        assert_eq!(value(&["7"], Value::Int(1)), Value::str("7"));
        assert_eq!(value(&["b", "c"], list(&["a"])), list(&["b", "c"]));
        assert_eq!(value(&["--add", "a", "c"], list(&["a"])), list(&["a", "c"]));
        assert_eq!(value(&["--remove", "a"], list(&["a", "b"])), list(&["b"]));
        assert!(command().try_get_matches_from(["set_option", "x", "1"]).is_err(), "no list is named");
    }
}
