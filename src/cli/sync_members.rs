//! `sync_members`, as Mailman's bin/sync_members: a list's members become those of a file.
//!
//! Mailman reads these options by hand, and so does this: `-w` may be followed by `=yes` or `=no`, and what stands behind
//! the list's name is not looked at.

use super::console::Console;
use super::describe::{flag, value, word};
use super::tool::{read_file, End, Tool};
use super::Call;
use crate::bounce::Language;
use crate::dns::Closed;
use crate::membership::sync::{self, Difference, Manner};
use crate::membership::{MembershipContext, Refused};
use crate::notice::{outbox, save_with_mail};
use crate::text;
use clap::Command;
use compat::codecs::{self, Errors};
use compat::email::address::{formataddr, getaddresses, Address};
use compat::list::{is_valid_email, ListError, LockedList};
use compat::queue::Outbox;
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    dry_run: bool,
    manner: Manner,
    file: Option<String>,
    list: Option<ByteStr>,
}

/// The options of `sync_members`.
pub fn command() -> Command {
    Command::new("sync_members")
        .about("Make the members of a list those of a file")
        .long_about("Make the members of a list those of a file: whoever is in the file and not on the list is added, whoever is on the list and not in the file is removed. Nothing is done while an address of the file is not valid.")
        .args([
            flag("no-change", 'n', "Only print what would be done"),
            value("welcome-msg", 'w', "yes|no", "Whether new members are welcomed by mail; otherwise the list's send_welcome_msg decides").num_args(0..=1).require_equals(true),
            value("goodbye-msg", 'g', "yes|no", "Whether members who are removed get a goodbye; otherwise the list's send_goodbye_msg decides").num_args(0..=1).require_equals(true),
            value("digest", 'd', "yes|no", "Whether new members get digests; no without this option").num_args(0..=1).require_equals(true),
            value("notifyadmin", 'a', "yes|no", "Whether the owners are notified of each change; otherwise the list's admin_notify_mchanges decides").num_args(0..=1).require_equals(true),
            value("file", 'f', "FILE", "The file, with an address a line; - is standard input. Empty lines and those that begin with # are ignored").required(true),
            word("LIST", "The list; it stands behind all options").required(true),
        ])
        .after_long_help("Exit status: 0, also where an address is banned; 1 for a mistake in the options, an invalid address, or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parse = |args: &[String], site: Option<&Site>| {
        parse(args, &mut || {
            if let Some(site) = site {
                Console::new(site).print("Dry run mode", &[]);
            }
        })
    };
    Tool { command }.run_as_on(call, parse, sync)
}

/// `on_dry_run` is said while the options are read, before anything that is wrong with the rest.
fn parse(args: &[String], on_dry_run: &mut dyn FnMut()) -> Result<Asked, End> {
    let mut asked = Asked::default();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-n" | "--no-change" => {
                asked.dry_run = true;
                on_dry_run();
            }
            "-f" | "--file" if asked.file.is_some() => return Err(End::wrong("Only one -f switch allowed", &[])),
            "-f" | "--file" => match rest.next() {
                Some(file) => asked.file = Some(file.clone()),
                None => return Err(End::wrong("No argument to -f given", &[])),
            },
            word if choice(word, &mut asked.manner)? => {}
            word if word.starts_with('-') => {
                return Err(End::wrong("Illegal option: %(opt)s", &[("opt", word.as_bytes())]));
            }
            name => {
                asked.list = Some(name.to_ascii_lowercase().as_str().into());
                break;
            }
        }
    }
    match asked.list.is_none() || asked.file.is_none() {
        true => Err(End::wrong("Must have a listname and a filename", &[])),
        false => Ok(asked),
    }
}

/// Takes an option that says yes or no.
fn choice(word: &str, manner: &mut Manner) -> Result<bool, End> {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let is_known =
        ["-d", "--digest", "-w", "--welcome-msg", "-g", "--goodbye-msg", "-a", "--notifyadmin"].contains(&name);
    if !is_known {
        return Ok(false);
    }
    let yes = match value.map(str::to_ascii_lowercase).as_deref() {
        None | Some("y" | "yes") => true,
        Some("n" | "no") => false,
        Some(other) => return Err(End::wrong("Bad choice: %(yesno)s", &[("yesno", other.as_bytes())])),
    };
    match name {
        "-d" | "--digest" => manner.digest = yes,
        "-w" | "--welcome-msg" => manner.welcome = Some(yes),
        "-g" | "--goodbye-msg" => manner.goodbye = Some(yes),
        _ => manner.notify = Some(yes),
    }
    Ok(true)
}

fn sync(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let (name, file) = (asked.list.unwrap_or_default(), asked.file.unwrap_or_default());
    let console = Console::new(site);
    let wanted = wanted(site, &console, &file)?;
    let mut list = match LockedList::open(site, name.clone(), None) {
        Ok(list) => list,
        Err(ListError::Unknown(_) | ListError::Corrupt { .. }) => {
            console.print("No such list: %(listname)s", &[("listname", &name)]);
            return Err(End::Code(1));
        }
        Err(error) => return Err(error.into()),
    };
    let difference = Difference::between(&list, &wanted);
    if difference.is_empty() {
        console.print("Nothing to do.", &[]);
        return Ok(());
    }
    let mut outbox = outbox(site)?;
    let mut work = Work { site, list: &mut list, outbox: &mut outbox, manner: asked.manner, dry_run: asked.dry_run };
    work.add(&difference.joining)?;
    work.remove(&difference.leaving)?;
    save_with_mail(&mut list, &mut outbox).map_err(End::failed)?;
    Ok(list.unlock()?)
}

/// The addresses of the file. Those that are not valid are named, and nothing is done then.
fn wanted(site: &Site, console: &Console<'_>, file: &str) -> Result<Vec<Address>, End> {
    let bytes = read_file(file).map_err(|error| {
        let why = match error.raw_os_error() {
            Some(code) => nix::errno::Errno::from_raw(code).desc().to_string(),
            None => error.to_string(),
        };
        let values = [("filename", file.as_bytes()), ("msg", why.as_bytes())];
        End::wrong("Cannot read address file: %(filename)s: %(msg)s", &values)
    })?;
    let (ignored, lines): (Vec<&[u8]>, Vec<&[u8]>) = bytes.split_inclusive(|&byte| byte == b'\n').partition(|line| {
        let line = text::strip(line);
        line.is_empty() || line.starts_with(b"#")
    });
    for line in ignored.iter().rev() {
        console.print("Ignore  :  %(addr)30s", &[("addr", text::strip(line))]);
    }
    let lines: Vec<ByteStr> = lines.into_iter().map(ByteStr::from).collect();
    let wanted = getaddresses(&lines);
    let mut invalid = wanted.iter().filter(|(_, address)| !is_valid_email(&site.profile, address)).peekable();
    if invalid.peek().is_none() {
        drop(invalid);
        return Ok(wanted);
    }
    invalid.for_each(|(_, address)| console.print("Invalid :  %(addr)30s", &[("addr", address)]));
    console.print("You must fix the preceding invalid addresses first.", &[]);
    Err(End::Code(1))
}

struct Work<'a> {
    site: &'a Rc<Site>,
    list: &'a mut LockedList,
    outbox: &'a mut Outbox,
    manner: Manner,
    dry_run: bool,
}

impl Work<'_> {
    fn add(&mut self, joining: &[Address]) -> Result<(), End> {
        let console = Console::new(self.site);
        for person in joining {
            match self.add_one(person) {
                Ok(()) => {
                    let shown = self.shown(&Value::Str(person.0.clone()), &person.1);
                    console.print("Added  : %(s)s", &[("s", &shown)]);
                }
                Err(Refused::AlreadyMember) => {}
                Err(Refused::Banned { pattern }) => {
                    let why = console.fill_with("Banned address (matched %(pattern)s)", &[("pattern", &pattern)]);
                    super::print_bytes(&[&person.1[..], b": ", &why, b"\n"].concat());
                }
                Err(error) => return Err(End::failed(error)),
            }
        }
        Ok(())
    }

    fn add_one(&mut self, person: &Address) -> Result<(), Refused> {
        if self.dry_run {
            return Ok(());
        }
        let language = Language::Process.language();
        let (site, outbox) = (self.site, &mut *self.outbox);
        let mut ctx = MembershipContext { site, list: self.list, outbox, dns: &Closed, language };
        sync::add(&mut ctx, person, self.manner)
    }

    /// Newer versions go on in the language of the list that somebody has just left.
    fn remove(&mut self, leaving: &[ByteStr]) -> Result<(), End> {
        let spoken = Language::Process.language();
        let mut current_language = Language::Process;
        let mut language = spoken.clone();
        for address in leaving {
            let name = self.list.name_of(address).unwrap_or_else(|| Value::str(""));
            if !self.dry_run {
                let (site, outbox) = (self.site, &mut *self.outbox);
                let mut ctx = MembershipContext { site, list: self.list, outbox, dns: &Closed, language };
                sync::remove(&mut ctx, address, self.manner)?;
                language = ctx.language;
                if language != spoken {
                    current_language = Language::Of(language.clone());
                }
            }
            let shown = self.shown(&name, address);
            Console::of(self.site, &current_language).print("Removed: %(s)s", &[("s", &shown)]);
        }
        Ok(())
    }

    /// Name and address in Python's own charset: ASCII, and UTF-8 with the packages of Debian that want it everywhere.
    fn shown(&self, name: &Value, address: &[u8]) -> ByteStr {
        let charset = if self.site.is_utf8() { "utf-8" } else { "us-ascii" };
        let name = match name {
            Value::Unicode(text) => codecs::encode(text, charset, Errors::Replace),
            other => codecs::decode(&compat::format::text_of(other), charset, Errors::Replace)
                .and_then(|text| codecs::encode(&text, charset, Errors::Replace)),
        };
        formataddr(&name.unwrap_or_default(), address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked, End> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), &mut || {})
    }

    #[test]
    fn options_end_at_the_name() {
        let found = asked(&["-w=No", "-g", "--digest=Y", "-f", "-", "Club", "-x"]).unwrap();
        let manner = Manner { digest: true, welcome: Some(false), goodbye: Some(true), notify: None };
        assert_eq!((found.manner, found.list, found.file.as_deref()), (manner, Some("club".into()), Some("-")));
    }

    #[test]
    fn what_is_wrong_is_said_as_mailman_does() {
        assert_eq!(asked(&["-w=maybe"]), Err(End::wrong("Bad choice: %(yesno)s", &[("yesno", b"maybe")])));
        assert_eq!(asked(&["-f", "a", "-f"]), Err(End::wrong("Only one -f switch allowed", &[])));
        assert_eq!(asked(&["-f"]), Err(End::wrong("No argument to -f given", &[])));
        assert_eq!(asked(&["--file=x", "l"]), Err(End::wrong("Illegal option: %(opt)s", &[("opt", b"--file=x")])));
        assert_eq!(asked(&["l"]), Err(End::wrong("Must have a listname and a filename", &[])));
        assert_eq!(asked(&["-h", "-x"]), Err(End::help()));
    }
}
