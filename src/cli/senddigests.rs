//! `senddigests`, as Mailman's cron/senddigests: what lists have gathered that want a digest each day. For cron, once a
//! day.

use super::describe::values;
use super::getopt::GetoptError;
use super::tool::{options, End, Tool};
use super::Call;
use crate::digest;
use crate::error::{HandlerError, RunnerError};
use crate::notice::{outbox, save_with_mail};
use clap::Command;
use compat::list::{self, attributes, LockedList, MailList};
use compat::site::{Site, Switch};
use compat::ByteStr;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    lists: Vec<ByteStr>,
    except: Vec<ByteStr>,
}

/// The options of `senddigests`.
pub fn command() -> Command {
    Command::new("senddigests")
        .about("Send the digests that are due by the day")
        .long_about("Send what has gathered as digests, for lists with digest_send_periodic. To be run once a day.")
        .args([
            values("listname", 'l', "LIST", "Only this list; may be given several times"),
            values("exceptlist", 'e', "LIST", "Not this list; may be given several times (Mailman 2.1.24 and newer)"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that could not be done.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let excepts = |site: &Site| site.profile.has(Switch::SenddigestsExceptions);
    Tool { command }.run_as_on(call, |args, site| parse(args, site.is_none_or(excepts)), send)
}

/// `excepts`: whether this version knows `-e`.
fn parse(args: &[String], excepts: bool) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    if !parsed.words.is_empty() {
        return Err(End::usage());
    }
    let mut asked = Asked::default();
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-l" | "--listname" => asked.lists.push(value.as_str().into()),
            _ if excepts => asked.except.push(value.as_str().into()),
            other => return Err(GetoptError::Unknown(other.to_string()).into()),
        }
    }
    Ok(asked)
}

impl Asked {
    /// A list that is named twice has to be excepted twice, as with Mailman.
    fn names(mut self, site: &Site) -> io::Result<Vec<ByteStr>> {
        if self.lists.is_empty() {
            self.lists = list::names(site)?;
        }
        for name in &self.except {
            self.lists.iter().position(|known| known == name).map(|at| self.lists.remove(at));
        }
        Ok(self.lists)
    }
}

/// One list that fails does not keep the others from their digests. Its mbox stays for the next day.
fn send(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let mut failed = None;
    for name in asked.names(site).map_err(End::failed)? {
        match MailList::load(site, name.clone()) {
            Ok(list) if list.truth(attributes::DIGEST_SEND_PERIODIC) => {
                let mbox = list.folder().join("digest.mbox");
                if let Err(error) = send_one(site, list, &mbox) {
                    eprintln!("List: {name}: problem processing {}:\n{error}", mbox.display());
                }
            }
            Ok(_) => {}
            Err(error) => failed = Some(End::failed(error)),
        }
    }
    failed.map_or(Ok(()), Err)
}

fn send_one(site: &Rc<Site>, list: MailList, mbox: &Path) -> Result<(), HandlerError> {
    let mut list = LockedList::of(list, None)?;
    let mut outbox = outbox(site)?;
    if has_text(mbox)? {
        if let Err(error) = digest::send_gathered(site, &mut list, &mut outbox, mbox) {
            let error = RunnerError::Cause(Box::new(error));
            if !error.is_of_machine() {
                // A plain digest that cannot be encoded keeps no MIME digest back, though it comes again the next day.
                outbox.commit()?;
            }
            return Err(HandlerError::Cause(Box::new(error)));
        }
    }
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock_when_done();
    Ok(())
}

fn has_text(mbox: &Path) -> io::Result<bool> {
    match mbox.metadata() {
        Ok(about) => Ok(about.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked, End> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), true)
    }

    #[test]
    fn lists_are_named_and_excepted() {
        let site = Site::bare(Path::new("/nonexistent"), compat::site::Version { micro: 39 });
        let names =
            asked(&["-la", "--listname=b", "-l", "a", "-e", "a", "--except", "c"]).unwrap().names(&site).unwrap();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(asked(&["word"]), Err(End::usage()));
        assert_eq!(asked(&["-h"]), Err(End::help()));
        let old = parse(&["-e".to_string(), "a".to_string()], false);
        assert_eq!(old, Err(GetoptError::Unknown("-e".to_string()).into()));
    }
}
