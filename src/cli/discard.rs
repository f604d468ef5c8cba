//! `discard`, as Mailman's bin/discard: held messages, named by their files in data/, are discarded.

use super::describe::{flag, words};
use super::tool::{complain, Tool};
use super::{print, Call};
use crate::dns::Closed;
use crate::membership::MembershipContext;
use crate::moderation::{decide_on_post, Action, Decision};
use crate::notice::{outbox, save_with_mail};
use crate::stderr::Stderr;
use clap::Command;
use compat::list::LockedList;
use compat::site::Site;
use std::path::Path;
use std::rc::Rc;

const TOOL: Tool = Tool { command };

/// The options of `discard`.
pub fn command() -> Command {
    Command::new("discard")
        .about("Discard held messages")
        .long_about("Discard the held messages in these files, as a moderator would. Other file names are passed over, with a line on standard error.")
        .args([
            flag("quiet", 'q', "Do not print what is done"),
            words("FILE", "Held messages, such as data/heldmsg-LIST-12.pck"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, a request that no longer waits, or an error.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    if parsed.words.is_empty() {
        print("Nothing to do.\n");
    }
    let quiet = !parsed.options.is_empty();
    let by_list = by_list(&parsed.words);
    let done = Site::find()
        .map_err(|error| error.to_string())
        .and_then(|site| by_list.iter().try_for_each(|(list, ids)| discard(&site, list, ids, quiet)));
    match done {
        Ok(()) => 0,
        Err(error) => complain(&format!("discard: {error}\n")),
    }
}

/// The numbers of each list, in the order given; each list is locked once.
fn by_list(files: &[String]) -> Vec<(String, Vec<i64>)> {
    let mut lists: Vec<(String, Vec<i64>)> = Vec::new();
    for file in files {
        match held(file) {
            Some((list, id)) => match lists.iter_mut().find(|(known, _)| *known == list) {
                Some((_, ids)) => ids.push(id),
                None => lists.push((list, vec![id])),
            },
            None => Stderr::Real.write(&format!("Ignoring non-held message: {file}\n")),
        }
    }
    lists
}

/// The list and number that a name tells.
fn held(file: &str) -> Option<(String, i64)> {
    let name = Path::new(file).file_name()?.to_str()?;
    let base = name.strip_suffix(".pck").or_else(|| name.strip_suffix(".txt"))?;
    let (list, id) = base.strip_prefix("heldmsg-")?.rsplit_once('-')?;
    let is_number = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    Some((list.to_string(), id.parse().ok().filter(|_| is_number)?))
}

fn discard(site: &Rc<Site>, name: &str, ids: &[i64], quiet: bool) -> Result<(), String> {
    let mut outbox = outbox(site).map_err(|error| error.to_string())?;
    let mut list = LockedList::open(site, name, None).map_err(|error| error.to_string())?;
    let language = list.preferred_language();
    let mut said = String::new();
    let mut ctx = MembershipContext { site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
    let done = ids.iter().try_for_each(|id| {
        decide_on_post(&mut ctx, *id, &Decision::plain(Action::Discard)).map_err(|error| error.to_string())?;
        said.push_str(&format!("Discarded held msg #{id} for list {name}\n"));
        Ok(())
    });
    // Also when one of them failed.
    if !said.is_empty() {
        save_with_mail(&mut list, &mut outbox).map_err(|error| error.to_string())?;
    }
    list.unlock().map_err(|error| error.to_string())?;
    if !quiet {
        print(&said);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_list_and_number() {
        assert_eq!(held("data/heldmsg-my-list-12.pck"), Some(("my-list".to_string(), 12)));
        assert_eq!(held("heldmsg-test-3.txt"), Some(("test".to_string(), 3)));
        for other in
            ["heldmsg-test-x.pck", "heldmsg-test-.pck", "heldmsg-test-1.msg", "other-test-1.pck", "heldmsg-1.pck"]
        {
            assert_eq!(held(other), None, "{other}");
        }
    }
}
