//! `config_list`, as Mailman's bin/config_list: the options of a list as a file of Python assignments.

use super::console::Console;
use super::describe::{flag, value, word};
use super::tool::{io_failed, known, list_name, options, read_file, End, Tool};
use super::{print_bytes, Call};
use crate::clock;
use crate::lists::options::apply::{set, Outcome};
use crate::lists::options::complaints::Complaint;
use crate::lists::options::show::{self, Language};
use crate::notice::Words;
use crate::privileges::as_caller;
use crate::stderr::Stderr;
use clap::Command;
use compat::format::text_of;
use compat::list::{ListError, LockedList, MailList};
use compat::names::by_name;
use compat::pyconfig::{self, Defaults, Request, Setting};
use compat::pydict::KeyTable;
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    input: Option<String>,
    output: Option<String>,
    check_only: bool,
    verbose: bool,
    list: ByteStr,
}

/// The options of `config_list`.
pub fn command() -> Command {
    Command::new("config_list")
        .about("Write the options of a list to a file, or set them")
        .args([
            value("inputfile", 'i', "FILE", "Set the options that the file assigns. It is a Python file of which only assignments of plain values are understood; values are checked as on the web pages"),
            value("outputfile", 'o', "FILE", "Write all options to the file, with a comment on each; - is standard output. Not with -i"),
            flag("checkonly", 'c', "With -i: check the values, and change nothing"),
            flag("verbose", 'v', "With -i: name each option that is set"),
            word("LIST", "The list").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, an unknown list or a file that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, |site, asked| match (&asked.output, &asked.input) {
        (Some(file), _) if !file.is_empty() => write(site, &asked.list, file),
        (_, input) => read(site, &asked, input.as_deref().unwrap_or_default()),
    })
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked::default();
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-o" | "--outputfile" => asked.output = Some(value),
            "-i" | "--inputfile" => asked.input = Some(value),
            "-c" | "--checkonly" => asked.check_only = true,
            _ => asked.verbose = true,
        }
    }
    match (&asked.input, &asked.output, parsed.words.as_slice()) {
        (Some(_), Some(_), _) => Err(End::wrong("Only one of -i or -o is allowed", &[])),
        (None, None, _) => Err(End::wrong("One of -i or -o is required", &[])),
        (_, _, [name]) => Ok(Asked { list: list_name(name), ..asked }),
        _ => Err(End::wrong("List name is required", &[])),
    }
}

fn write(site: &Rc<Site>, name: &ByteStr, file: &str) -> Result<(), End> {
    // Made before the list is opened, as it always was.
    let out = match file {
        "-" => None,
        file => Some(as_caller(|| std::fs::File::create(file)).map_err(|error| io_failed(&error, file))?),
    };
    let unknown = || End::wrong("No such list: %(listname)s", &[("listname", name)]);
    let list = known(MailList::look(site, name.clone()))?.ok_or_else(unknown)?;
    let language = list.preferred_language();
    let (words, console) = (Words::new(site, &language), Console::in_language(site, &language));
    let shown = |english: &str, values: &[(&str, Value)]| console.fill(english, values);
    let text = show::file(&list, clock::seconds(), &Language { words: &words, shown: &shown });
    match out {
        Some(mut out) => out.write_all(&text).map_err(End::failed),
        None => {
            print_bytes(&text);
            Ok(())
        }
    }
}

fn read(site: &Rc<Site>, asked: &Asked, file: &str) -> Result<(), End> {
    let console = Console::new(site);
    let no_list = |error: ListError| {
        let reason = if matches!(error, ListError::Unknown(_)) { String::new() } else { error.to_string() };
        let values: [(&str, &[u8]); 2] = [("listname", &asked.list), ("e", reason.as_bytes())];
        End::wrong("No such list \"%(listname)s\"\n%(e)s", &values)
    };
    if asked.check_only {
        let mut list = MailList::load(site, asked.list.clone()).map_err(no_list)?;
        apply(&mut list, file, asked.verbose, &console)?
    } else {
        let mut list = LockedList::open(site, asked.list.clone(), None).map_err(no_list)?;
        // What was set before a value of a wrong kind is kept, as by Mailman.
        let outcome = apply(&mut list, file, asked.verbose, &console)?;
        list.save()?;
        outcome
    }
}

/// Sets what the file names, up to a value of a kind that Mailman fails on.
///
/// # Errors
/// Outside: the file cannot be read, and nothing was set. Inside: there is such a value.
fn apply(list: &mut MailList, file: &str, verbose: bool, console: &Console<'_>) -> Result<Result<(), End>, End> {
    let source = read_file(file).map_err(|error| io_failed(&error, file))?;
    let request =
        Request { file: Path::new(file), source: &source, defaults: Defaults::Table(Vec::new()), folders: Vec::new() };
    let evaluated = pyconfig::evaluate(request).map_err(End::failed)?;
    // A module or a function; Python would store a function under the name of an option.
    for name in &evaluated.others {
        let known = list.get(by_name(name)).is_some();
        let said = if known { "Invalid value for property: %(k)s" } else { "attribute \"%(k)s\" ignored" };
        say(console, said, name, &Value::None);
    }
    for Setting { name, value, .. } in in_order(evaluated.settings) {
        let outcome = set(list, &name, &value);
        if verbose && outcome != Outcome::Unknown {
            say(console, "attribute \"%(k)s\" changed", &name, &value);
        }
        match outcome {
            Outcome::Set(doubts) => doubts.iter().for_each(complain),
            Outcome::Unknown => say(console, "attribute \"%(k)s\" ignored", &name, &value),
            Outcome::NonStandard => say(console, "Non-standard property restored: %(k)s", &name, &value),
            Outcome::Invalid => say(console, "Invalid value for property: %(k)s", &name, &value),
            Outcome::BadAddress(_) => say(console, "Bad email address for option %(k)s: %(v)s", &name, &value),
            Outcome::Refused(why) => complain(&why),
            Outcome::Failed => {
                let text =
                    format!("{name}: a value of the wrong kind; what the file sets from there on is left as it was");
                return Ok(Err(End::Failed(text)));
            }
        }
    }
    Ok(Ok(()))
}

fn complain(complaint: &Complaint) {
    Stderr::Real.write_bytes(&[&complaint.english()[..], b"\n"].concat());
}

fn say(console: &Console<'_>, english: &str, name: &str, value: &Value) {
    let values = [("k", Value::str(name)), ("v", Value::Str(text_of(value)))];
    Stderr::Real.write_bytes(&[&console.fill(english, &values)[..], b"\n"].concat());
}

/// The order of the dictionary that Python runs the file in; `personalize` may stand before or after what depends on it.
fn in_order(mut settings: Vec<Setting>) -> Vec<Setting> {
    settings.sort_by_key(|setting| setting.line);
    let mut names = KeyTable::new();
    let known = ["mlist", "__builtins__"].map(String::from);
    for name in known.into_iter().chain(settings.iter().map(|setting| setting.name.clone())) {
        names.insert(name);
    }
    let order: Vec<String> = names.into_keys().collect();
    settings.sort_by_key(|setting| order.iter().position(|name| *name == setting.name));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_files_and_a_list() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(args(&["-o", "-", "L"]).unwrap().list, "l");
        assert_eq!(args(&["-o", "-"]), Err(End::wrong("List name is required", &[])));
        assert_eq!(args(&["l"]), Err(End::wrong("One of -i or -o is required", &[])));
        assert_eq!(args(&["-o", "-", "-i", "x", "l"]), Err(End::wrong("Only one of -i or -o is allowed", &[])));
    }
}
