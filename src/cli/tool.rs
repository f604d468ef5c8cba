//! What the commands that Mailman keeps in bin/ and cron/ have in common: usage, exit codes, files of addresses.
//!
//! Their options are read with Python's getopt; help goes to standard output with code 0, what is wrong with a call to
//! standard error with code 1, each below the whole usage text. Where Python would end in a traceback there is one line.

use super::console::Console;
use super::describe;
use super::getopt::{GetoptError, Parsed};
use super::{print_bytes, Call};
use crate::privileges::as_caller;
use crate::stderr::Stderr;
use compat::list::ListError;
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use migration::json::Json;
use std::fmt::Display;
use std::io::{self, Read};
use std::rc::Rc;

/// The longest file of addresses or settings that is read.
const FILE_LIMIT: u64 = 256 * 1024 * 1024;

/// How a tool ends before its work is done.
#[derive(Debug, PartialEq)]
pub enum End {
    /// Usage, and below it what is wrong.
    Usage { code: i32, message: Message },
    /// A line on standard error, code 1.
    Failed(String),
    /// Everything has been said.
    Code(i32),
}

/// What stands below a usage text.
#[derive(Debug, PartialEq)]
pub enum Message {
    None,
    Plain(String),
    /// A text of Mailman's catalogues with its values.
    Words(&'static str, Vec<(&'static str, Value)>),
}

impl End {
    /// Help was asked for.
    pub fn help() -> End {
        End::Usage { code: 0, message: Message::None }
    }

    /// A wrong call that needs no words.
    pub fn usage() -> End {
        End::Usage { code: 1, message: Message::None }
    }

    /// A wrong call, with a text of Mailman's.
    pub fn wrong(english: &'static str, values: &[(&'static str, &[u8])]) -> End {
        let values = values.iter().map(|(name, value)| (*name, Value::str(*value))).collect();
        End::Usage { code: 1, message: Message::Words(english, values) }
    }

    /// What Python would end in a traceback for.
    pub fn failed(error: impl Display) -> End {
        End::Failed(error.to_string())
    }
}

impl From<GetoptError> for End {
    fn from(error: GetoptError) -> End {
        End::Usage { code: 1, message: Message::Plain(error.to_string()) }
    }
}

impl From<ListError> for End {
    fn from(error: ListError) -> End {
        let is_refused =
            matches!(&error, ListError::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied);
        match is_refused {
            true => End::Failed(format!("{error} (as user {})", user_name())),
            false => End::failed(error),
        }
    }
}

/// Who runs this, for complaints.
fn user_name() -> String {
    let uid = nix::unistd::geteuid();
    nix::unistd::User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

impl From<crate::lists::aliases::MtaError> for End {
    fn from(error: crate::lists::aliases::MtaError) -> End {
        End::failed(error)
    }
}

/// A list that is opened, or `None` where there is no such list: so Mailman calls one whose databases are all corrupt, too.
///
/// # Errors
/// Anything else: the list may be there, but is not for this user.
pub fn known<L>(opened: Result<L, ListError>) -> Result<Option<L>, End> {
    match opened {
        Ok(list) => Ok(Some(list)),
        Err(ListError::Unknown(_) | ListError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<crate::error::HandlerError> for End {
    fn from(error: crate::error::HandlerError) -> End {
        End::failed(error)
    }
}

/// The words of a call as names of lists.
pub fn lists_named(parsed: &Parsed) -> Vec<ByteStr> {
    parsed.words.iter().map(|name| name.to_ascii_lowercase().as_str().into()).collect()
}

/// For programs: an object for each list, with its name and an array of addresses under `key`.
pub fn people_json<'l, P>(by_list: &'l [(ByteStr, P)], key: &'static str) -> String
where
    &'l P: IntoIterator<Item = &'l ByteStr>,
{
    let text = |bytes: &ByteStr| Json::text(String::from_utf8_lossy(bytes));
    let row =
        |(name, people): &'l (ByteStr, P)| Json::Object(vec![("list", text(name)), (key, Json::array(people, text))]);
    format!("{}\n", Json::array(by_list, row))
}

/// A command by its description.
pub struct Tool {
    pub command: fn() -> clap::Command,
}

impl Tool {
    /// Reads the call, finds the site, does the work.
    pub fn run<A>(
        &self,
        call: &Call,
        parse: impl FnOnce(&[String]) -> Result<A, End>,
        work: impl FnOnce(&Rc<Site>, A) -> Result<(), End>,
    ) -> i32 {
        self.run_as_on(call, |args, _| parse(args), work)
    }

    /// The same for a tool whose options depend on the site's version.
    pub fn run_as_on<A>(
        &self,
        call: &Call,
        parse: impl FnOnce(&[String], Option<&Site>) -> Result<A, End>,
        work: impl FnOnce(&Rc<Site>, A) -> Result<(), End>,
    ) -> i32 {
        let site = Site::find();
        let known = site.as_deref().ok();
        let outcome = checked(&call.args).and_then(|()| parse(&call.args, known)).and_then(|asked| match &site {
            Ok(site) => work(site, asked),
            Err(error) => Err(End::failed(error)),
        });
        match outcome {
            Ok(()) => 0,
            Err(end) => self.end(call, known, end),
        }
    }

    /// The options and words of a call, for a tool that finds its site by itself or needs none. Or the exit code, after
    /// the usage was shown: help was asked for, or something is wrong.
    ///
    /// # Errors
    /// The exit code.
    pub fn options(&self, call: &Call) -> Result<Parsed, i32> {
        let parsed = options(&call.args, &(self.command)()).map_err(|end| self.end(call, None, end))?;
        match parsed.options.iter().any(|(name, _)| name == "-h" || name == "--help") {
            true => Err(self.end(call, None, End::help())),
            false => Ok(parsed),
        }
    }

    /// Says below the usage what is wrong with a call; the exit code.
    pub fn refuse(&self, call: &Call, what: &str) -> i32 {
        self.end(call, None, End::Usage { code: 1, message: Message::Plain(what.to_string()) })
    }

    /// Says how a tool ended; the exit code.
    pub fn end(&self, call: &Call, site: Option<&Site>, end: End) -> i32 {
        let (code, message) = match end {
            End::Code(code) => return code,
            End::Failed(error) => {
                Stderr::Real.write(&format!("{}: {error}\n", call.program));
                return 1;
            }
            End::Usage { code, message } => (code, message),
        };
        let mut text = describe::help(&(self.command)(), &call.program).into_bytes();
        text.push(b'\n');
        match message {
            Message::None => {}
            Message::Plain(message) => text.extend_from_slice(format!("{message}\n").as_bytes()),
            Message::Words(english, values) => {
                text.extend_from_slice(&[&in_words(site, english, &values)[..], b"\n"].concat())
            }
        }
        match code {
            0 => print_bytes(&text),
            _ => Stderr::Real.write_bytes(&text),
        }
        code
    }
}

fn in_words(site: Option<&Site>, english: &str, values: &[(&str, Value)]) -> ByteStr {
    match site {
        Some(site) => Console::new(site).fill(english, values),
        None => compat::format::percent_bytes(english.as_bytes(), &values.to_vec()).unwrap_or_else(|_| english.into()),
    }
}

/// Words that were damaged on the way to us would be taken for others: a password, an address.
fn checked(args: &[String]) -> Result<(), End> {
    match args.iter().find(|arg| arg.contains(char::REPLACEMENT_CHARACTER)) {
        Some(arg) => Err(End::Failed(format!("not in UTF-8: {arg}"))),
        None => Ok(()),
    }
}

/// Says to standard error why the work was not done; the exit code.
pub fn complain(text: &str) -> i32 {
    Stderr::Real.write(text);
    1
}

/// What `getopt.getopt` makes of the arguments of a command.
///
/// # Errors
/// An option that the command does not describe, in Python's words.
pub fn options(args: &[String], command: &clap::Command) -> Result<Parsed, End> {
    Ok(describe::getopt(args, command)?)
}

/// Does the same with several lists. One that fails is named, and does not keep the others from theirs.
///
/// # Errors
/// [`End::Code`] once one of them failed.
pub fn each_list(names: Vec<ByteStr>, mut work: impl FnMut(&ByteStr) -> Result<(), End>) -> Result<(), End> {
    let mut failed = Ok(());
    for name in &names {
        match work(name) {
            Ok(()) => {}
            Err(End::Failed(error)) => {
                failed = Err(End::Code(1));
                Stderr::Real.write(&format!("{name}: {error}\n"));
            }
            Err(end) => failed = Err(end),
        }
    }
    failed
}

/// A list's name as an argument gives it: `arg.lower().strip()`.
pub fn list_name(arg: &str) -> ByteStr {
    ByteStr::from(arg.to_ascii_lowercase().trim_ascii_start().trim_ascii_end())
}

/// A file, or standard input for `-`.
///
/// # Errors
/// What the system reports.
pub fn read_file(name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match name {
        "-" => io::stdin().lock().take(FILE_LIMIT).read_to_end(&mut bytes)?,
        name => as_caller(|| std::fs::File::open(name))?.take(FILE_LIMIT).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// The lines of a file, without blanks around them, without empty ones.
///
/// # Errors
/// What the system reports.
pub fn read_lines(name: &str) -> io::Result<Vec<ByteStr>> {
    let bytes = read_file(name)?;
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let lines = bytes.split(|&byte| byte == b'\n').map(|line| {
        let start = line.iter().position(|byte| !blank(byte)).unwrap_or(line.len());
        let end = line.iter().rposition(|byte| !blank(byte)).map_or(start, |at| at + 1);
        &line[start..end]
    });
    Ok(lines.filter(|line| !line.is_empty()).map(ByteStr::from).collect())
}

/// An error of the system as Python's traceback ends: `[Errno 2] No such file or directory: 'x'`.
pub fn io_failed(error: &io::Error, name: &str) -> End {
    match error.raw_os_error() {
        Some(code) => End::Failed(format!("[Errno {code}] {}: '{name}'", nix::errno::Errno::from_raw(code).desc())),
        None => End::Failed(format!("{name}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_names_are_lower_case_and_stripped() {
        assert_eq!(list_name(" Garden\n"), "garden");
    }

    #[test]
    fn lines_of_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("members");
        std::fs::write(&file, "  a@b.c \r\n\n\t\nAnn <ann@b.c>").unwrap();
        assert_eq!(read_lines(&file.to_string_lossy()).unwrap(), ["a@b.c", "Ann <ann@b.c>"]);
    }

    #[test]
    fn damaged_words_are_refused() {
        assert_eq!(checked(&["a\u{fffd}".to_string()]), Err(End::Failed("not in UTF-8: a\u{fffd}".to_string())));
        assert_eq!(checked(&["ä".to_string()]), Ok(()));
    }
}
