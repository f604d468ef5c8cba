//! `list_members`, as Mailman's bin/list_members: the members of a list, one per line.
//!
//! Mailman reads these options by hand, since two of them take an argument or none; so does this.

use super::describe::{flag, json_flag, value, word};
use super::tool::{known, list_name, End, Tool};
use super::{print_bytes, Call};
use crate::membership::described;
use crate::membership::listing::{DigestKind, Only, Selection};
use crate::privileges::as_caller;
use clap::Command;
use compat::list::{DeliveryStatus, MailList};
use compat::site::{Site, Switch};
use compat::ByteStr;
use migration::json::Json;
use std::collections::VecDeque;
use std::io::Write;
use std::rc::Rc;

const ONE_OF: &str = "Only one of -m, -M, -i or -u may be specified.";
#[derive(Debug, Default, PartialEq)]
struct Asked {
    selection: Selection,
    output: Option<String>,
    json: bool,
    words: Vec<String>,
}

/// The options of `list_members`.
pub fn command() -> Command {
    Command::new("list_members")
        .about("Show the members of a list")
        .long_about("Show the members of a list. Without -r and -d regular members come first, then those with digests.")
        .args([
            value("output", 'o', "FILE", "Write to a file instead of standard output"),
            flag("regular", 'r', "Only members who get posts one by one"),
            value("digest", 'd', "KIND", "Only members who get digests; KIND is mime or plain, and may be missing").num_args(0..=1).require_equals(true),
            value("nomail", 'n', "WHY", "Only members without delivery; WHY is byadmin, byuser, bybounce or unknown, or enabled for those with delivery, and may be missing").num_args(0..=1).require_equals(true),
            flag("fullnames", 'f', "With their names"),
            flag("preserve", 'p', "Addresses as they were given; otherwise in lower case"),
            flag("moderated", 'm', "Only members whose posts are moderated, whatever -r, -d and -n say (Mailman 2.1.21 and newer)"),
            flag("non-moderated", 'M', "Only members whose posts are not moderated (Mailman 2.1.21 and newer)"),
            flag("invalid", 'i', "Only addresses that are not valid, whatever -r, -d and -n say"),
            flag("unicode", 'u', "Only addresses that are stored as unicode, whatever -r, -d and -n say"),
            json_flag(),
            word("LIST", "The list").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, list)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    if args.is_empty() {
        return Err(End::help());
    }
    let mut rest: VecDeque<&str> = args.iter().map(String::as_str).collect();
    let mut asked = Asked::default();
    loop {
        let word = rest.pop_front().ok_or_else(End::usage)?;
        if !option(word, &mut rest, &mut asked)? {
            rest.push_front(word);
            break;
        }
    }
    asked.words = rest.into_iter().map(String::from).collect();
    Ok(asked)
}

/// Takes an option; `false` for the first word that is none.
fn option(word: &str, rest: &mut VecDeque<&str>, asked: &mut Asked) -> Result<bool, End> {
    let selection = &mut asked.selection;
    match word {
        "-h" | "--help" => return Err(End::help()),
        "--json" => asked.json = true,
        "-f" | "--fullnames" => selection.names = true,
        "-p" | "--preserve" => selection.preserve = true,
        "-r" | "--regular" => selection.regular = true,
        "-o" | "--output" => asked.output = Some(rest.pop_front().ok_or_else(End::usage)?.to_string()),
        "-n" => {
            let why = rest.front().and_then(|word| reason(word));
            why.is_some().then(|| rest.pop_front());
            selection.no_mail = Some(why);
        }
        "-d" => {
            selection.digest = true;
            if let Some(kind) = rest.front().and_then(|word| digest_kind(word)) {
                selection.kind = Some(kind);
                rest.pop_front();
            }
        }
        "-m" | "--moderated" => only(selection, Only::Moderated)?,
        "-M" | "--non-moderated" => only(selection, Only::NotModerated)?,
        "-i" | "--invalid" => only(selection, Only::Invalid)?,
        "-u" | "--unicode" => only(selection, Only::Unicode)?,
        _ => return long_option(word, selection),
    }
    Ok(true)
}

/// `--nomail` and `--digest` are known by how they begin.
fn long_option(word: &str, selection: &mut Selection) -> Result<bool, End> {
    let value = word.split_once('=').map(|(_, value)| value);
    if word.starts_with("--nomail") {
        let bad = |why: &str| End::wrong("Bad --nomail option: %(why)s", &[("why", why.as_bytes())]);
        selection.no_mail = Some(value.map(|why| reason(why).ok_or_else(|| bad(why))).transpose()?);
    } else if word.starts_with("--digest") {
        let bad = |kind: &str| End::wrong("Bad --digest option: %(kind)s", &[("kind", kind.as_bytes())]);
        selection.digest = true;
        selection.kind = value.map(|kind| digest_kind(kind).ok_or_else(|| bad(kind))).transpose()?.or(selection.kind);
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn reason(word: &str) -> Option<DeliveryStatus> {
    described::delivery_named(word)
}

fn digest_kind(word: &str) -> Option<DigestKind> {
    match word {
        "mime" => Some(DigestKind::Mime),
        "plain" => Some(DigestKind::Plain),
        _ => None,
    }
}

fn only(selection: &mut Selection, only: Only) -> Result<(), End> {
    let both = [Some(Only::Invalid), Some(Only::Unicode), Some(Only::InvalidOrUnicode)];
    match selection.only.replace(only) {
        Some(other) if other == only => {}
        // Before there were -m and -M, either was enough; `list` knows which version this is.
        other @ Some(_) if both.contains(&other) && both.contains(&Some(only)) => {
            selection.only = Some(Only::InvalidOrUnicode);
        }
        Some(_) => return Err(End::wrong(ONE_OF, &[])),
        None => {}
    }
    Ok(())
}

fn list(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let Asked { mut selection, output, json, words } = asked;
    let is_new = matches!(selection.only, Some(Only::Moderated | Only::NotModerated));
    let [name] = words.as_slice() else { return Err(End::usage()) };
    match site.profile.has(Switch::ListMembersModerationOptions) {
        true if selection.only == Some(Only::InvalidOrUnicode) => return Err(End::wrong(ONE_OF, &[])),
        false if is_new => return Err(End::usage()),
        _ => {}
    }
    if !selection.regular && !selection.digest {
        (selection.regular, selection.digest) = (true, true);
    }
    // Opened before the list is: a name that is wrong leaves an empty file, as it always did.
    let file = output.as_ref().filter(|name| !name.is_empty());
    let file = file.map(|name| as_caller(|| std::fs::File::create(name)));
    let file = match file.transpose() {
        Ok(file) => file,
        Err(_) => return Err(complain(site, "Could not open file for writing:", &[], output.as_deref())),
    };
    let name = list_name(name);
    let Some(list) = known(MailList::load(site, name.clone()))? else {
        return Err(complain(site, "No such list: %(listname)s", &[("listname", name)], None));
    };
    let mut text = Vec::new();
    if json {
        selection.names = false;
        let members = selection.lines(&list);
        text.extend(format!("{}\n", Json::array(&members, |member| described::member(&list, member))).into_bytes());
    } else {
        selection.lines(&list).iter().for_each(|line| text.extend_from_slice(&[line, &b"\n"[..]].concat()));
    }
    match file {
        Some(mut file) => file.write_all(&text).map_err(End::failed),
        None => {
            print_bytes(&text);
            Ok(())
        }
    }
}

fn complain(site: &Site, english: &str, values: &[(&str, ByteStr)], after: Option<&str>) -> End {
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, compat::value::Value::Str(value.clone()))).collect();
    let mut text = super::console::Console::new(site).fill(english, &values).to_vec();
    text.extend(after.into_iter().flat_map(|after| format!(" {after}").into_bytes()));
    text.push(b'\n');
    crate::stderr::Stderr::Real.write_bytes(&text);
    End::Code(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(words: &[&str]) -> Result<Selection, End> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).map(|asked| asked.selection)
    }

    #[test]
    fn two_options_take_an_argument_or_none() {
        let found = selected(&["-n", "-d", "plain", "l"]).unwrap();
        assert_eq!((found.no_mail, found.digest, found.kind), (Some(None), true, Some(DigestKind::Plain)));
        assert_eq!(selected(&["-n", "byuser", "l"]).unwrap().no_mail, Some(Some(DeliveryStatus::ByUser)));
        assert_eq!(selected(&["--nomail-or-what=enabled", "l"]).unwrap().no_mail, Some(Some(DeliveryStatus::Enabled)));
        assert_eq!(
            selected(&["--digest=html", "l"]),
            Err(End::wrong("Bad --digest option: %(kind)s", &[("kind", b"html")]))
        );
    }

    #[test]
    fn help_usage_and_one_of_four() {
        assert_eq!(selected(&[]), Err(End::help()));
        assert_eq!(selected(&["-r"]), Err(End::usage()));
        assert_eq!(selected(&["-o"]), Err(End::usage()));
        assert_eq!(selected(&["-m", "-i", "l"]), Err(End::wrong(ONE_OF, &[])));
        assert!(selected(&["-m", "-m", "l"]).is_ok());
    }
}
