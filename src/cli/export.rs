//! `export.py`, as Mailman's bin/export.py: lists with their members as XML.
//!
//! Mailman reads these options with optparse: words may stand between them, and what is wrong ends with exit code 2.

use super::console::Console;
use super::describe::{self, flag, long_flag, value, values};
use super::getopt::{getopt, Parsed};
use super::tool::{End, Tool};
use super::{print, Call};
use crate::lists::export::{Export, Scheme, Xml};
use crate::privileges::as_caller;
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{self, ListError, MailList};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::rc::Rc;

/// How optparse ends.
const WRONG: i32 = 2;

#[derive(Debug, PartialEq)]
struct Asked {
    output: Option<String>,
    scheme: Scheme,
    lists: Vec<ByteStr>,
}

/// The options of `export`.
pub fn command() -> Command {
    Command::new("export")
        .about("Write lists and their members as XML")
        .long_about("Write the options and the members of lists as XML. Mailman calls this export.py, which is another name of it.")
        .args([
            long_flag("version", "Print the Mailman version of the site"),
            value("outputfile", 'o', "FILE", "Write to this file; - is standard output, as without this option"),
            value("password-scheme", 'p', "SCHEME", "How passwords are shown: none, plain, sha, ssha"),
            flag("list-hash-schemes", 'P', "Print these names"),
            values("listname", 'l', "LIST", "This list; may be given several times. Otherwise all"),
        ])
        .after_long_help("Exit status: 0; 2 for a mistake in the options; 1 where a list cannot be read or the file cannot be written.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let program = Path::new(&call.program).file_name().map(|name| name.to_string_lossy().into_owned());
    let program = program.unwrap_or_default();
    Tool { command }.run_as_on(call, |args, site| parse(args, site, &program), export)
}

fn parse(args: &[String], site: Option<&Site>, program: &str) -> Result<Asked, End> {
    let wrong = |what: &str| {
        Stderr::Real.write(&format!("Usage: {program} [options]\n\n{program}: error: {what}\n"));
        End::Code(WRONG)
    };
    let parsed = among_words(args).map_err(|what| wrong(&what))?;
    let mut asked = Asked { output: None, scheme: Scheme::None, lists: Vec::new() };
    let (mut scheme, mut show_schemes) = ("none".to_string(), false);
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "--version" => {
                print(&format!(
                    "{}\n",
                    site.and_then(|site| site.settings.str(settings::VERSION).ok()).unwrap_or_default()
                ));
                return Err(End::Code(0));
            }
            "-o" | "--outputfile" => asked.output = Some(value),
            "-p" | "--password-scheme" => scheme = value.to_ascii_lowercase(),
            "-P" | "--list-hash-schemes" => show_schemes = true,
            _ => asked.lists.push(value.as_str().into()),
        }
    }
    if !parsed.words.is_empty() {
        print(&describe::help(&command(), program));
        return Err(wrong("Unexpected arguments"));
    }
    if show_schemes {
        Scheme::ALL.iter().for_each(|(name, _)| print(&format!("{}\n", name.to_ascii_uppercase())));
        return Err(End::Code(0));
    }
    let known = Scheme::ALL.iter().find(|(name, _)| *name == scheme);
    asked.scheme = known.map(|(_, scheme)| *scheme).ok_or_else(|| wrong("Invalid password scheme"))?;
    Ok(asked)
}

/// Options wherever they stand.
fn among_words(args: &[String]) -> Result<Parsed, String> {
    let (short, long) = describe::getopt_names(&command());
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    let mut all = Parsed::default();
    let mut rest = args.to_vec();
    loop {
        let parsed = getopt(&rest, &short, &long).map_err(|error| error.to_string())?;
        all.options.extend(parsed.options);
        let mut words = parsed.words.into_iter();
        match words.next() {
            Some(word) => all.words.push(word),
            None => return Ok(all),
        }
        rest = words.collect();
    }
}

fn export(site: &Rc<Site>, mut asked: Asked) -> Result<(), End> {
    if asked.lists.is_empty() {
        asked.lists = list::names(site).map_err(End::failed)?;
    }
    asked.lists.sort();
    match asked.output.as_deref().filter(|file| *file != "-") {
        Some(file) => {
            let file = as_caller(|| File::create(file)).map_err(|error| super::tool::io_failed(&error, file))?;
            write(site, &asked, &mut BufWriter::new(file))
        }
        None => write(site, &asked, &mut BufWriter::new(io::stdout().lock())),
    }
}

fn write(site: &Rc<Site>, asked: &Asked, out: &mut dyn Write) -> Result<(), End> {
    let mut failed = Ok(());
    let mut xml = Xml::begin(out).map_err(End::failed)?;
    for name in &asked.lists {
        match MailList::load(site, name.clone()) {
            Ok(list) => Export { list: &list, scheme: asked.scheme }.write(&mut xml).map_err(End::failed)?,
            Err(ListError::Unknown(_)) => {
                let text = Console::new(site).fill_with("No such list: %(listname)s", &[("listname", name)]);
                Stderr::Real.write_bytes(&[&text[..], b"\n"].concat());
            }
            Err(error) => failed = Err(End::failed(error)),
        }
    }
    xml.end().map_err(End::failed)?;
    out.flush().map_err(End::failed)?;
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_stand_between_options() {
        let words: Vec<String> = ["-l", "a", "x", "--list=b", "-Pp", "SHA"].map(String::from).to_vec();
        assert!(among_words(&words).is_err(), "--list is the beginning of two options");
        let words: Vec<String> = ["-l", "a", "x", "--listname=b", "-Pp", "SHA"].map(String::from).to_vec();
        let parsed = among_words(&words).unwrap();
        assert_eq!((parsed.options.len(), parsed.words), (4, vec!["x".to_string()]));
    }
}
