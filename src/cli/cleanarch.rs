//! `cleanarch`: an mbox from standard input to standard output, with a `>` before lines that begin with `From ` and do not
//! begin a message. As Mailman's `bin/cleanarch`.

use super::describe::{self, flag, value};
use super::{print, Call};
use crate::stderr::Stderr;
use clap::Command;
use compat::pattern::{Flags, Pattern};
use compat::ByteStr;
use std::io::{self, BufRead, Write};

/// What a line looks like that begins a message: Python's `mailbox.UnixMailbox`.
const FROM_LINE: &[u8] =
    br"^From \s*[^\s]+\s+\w\w\w\s+\w\w\w\s+\d?\d\s+\d?\d:\d\d(:\d\d)?(\s+[^\s]+)?\s+\d\d\d\d\s*[^\s]*\s*$";
/// How many marks stand on a line of progress.
const MARKS: u64 = 51;

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    help: bool,
    quiet: bool,
    dry_run: bool,
    /// Number of lines for each mark.
    status: Option<u64>,
}

/// The options of `cleanarch`.
pub fn command() -> Command {
    Command::new("cleanarch")
        .about("Escape lines of an mbox that begin no message")
        .long_about("Copy an mbox from standard input to standard output, with a > before those lines that begin with \"From \" and begin no message: lines that are not of the form \"From ADDRESS DATE\", or after which no header follows. Otherwise the archiver takes such a line for a new message.")
        .args([
            value("status", 's', "N", "Print a # for every N lines"),
            flag("quiet", 'q', "Do not show the lines that are changed"),
            flag("dry-run", 'n', "Write no output"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an error.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let asked = match parse(&call.args) {
        Ok(asked) => asked,
        Err(message) => {
            let message = if message.is_empty() { message } else { message + "\n" };
            Stderr::Real.write(&format!("{}{message}", describe::help(&command(), &call.program)));
            return 1;
        }
    };
    if asked.help {
        print(&describe::help(&command(), &call.program));
        return 0;
    }
    let (mut input, mut output) = (io::stdin().lock(), io::BufWriter::new(io::stdout().lock()));
    match clean(&asked, &mut input, &mut output, &mut io::stderr().lock()) {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}

fn parse(args: &[String]) -> Result<Asked, String> {
    let parsed = describe::getopt(args, &command()).map_err(|error| error.to_string())?;
    let mut asked = Asked::default();
    for (option, value) in &parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Ok(Asked { help: true, ..asked }),
            "-q" | "--quiet" => asked.quiet = true,
            "-n" | "--dry-run" => asked.dry_run = true,
            _ => {
                let count: i64 = value.trim().parse().map_err(|_| format!("Bad status number: {value}"))?;
                asked.status = u64::try_from(count).ok().filter(|&count| count > 0);
            }
        }
    }
    if parsed.words.is_empty() {
        Ok(asked)
    } else {
        Err(String::new())
    }
}

/// Cleans an mbox.
fn clean(asked: &Asked, input: &mut dyn BufRead, output: &mut dyn Write, said: &mut dyn Write) -> io::Result<()> {
    let pattern = Pattern::new(FROM_LINE, Flags::default()).map_err(|error| io::Error::other(error.to_string()))?;
    let mut cleaner = Cleaner { asked, output, said, line: 0, marks: 0, messages: 0, blank_before: true };
    while let Some(line) = cleaner.read(input)? {
        if !line.starts_with(b"From ") {
            cleaner.put(&line)?;
        } else if !matches!(pattern.search(&ByteStr::from(&line[..])), Ok(Some(_))) {
            cleaner.escape(&line)?;
        } else if !cleaner.begin(&line, input)? {
            break;
        }
        cleaner.mark()?;
        cleaner.blank_before = line == b"\n";
    }
    let messages = cleaner.messages;
    output.flush()?;
    writeln!(said, "{messages} messages found")
}

struct Cleaner<'a> {
    asked: &'a Asked,
    output: &'a mut dyn Write,
    said: &'a mut dyn Write,
    line: u64,
    marks: u64,
    messages: u64,
    blank_before: bool,
}

impl Cleaner<'_> {
    fn read(&mut self, input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
        self.line += 1;
        let mut line = Vec::new();
        Ok((input.read_until(b'\n', &mut line)? > 0).then_some(line))
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        if self.asked.dry_run {
            return Ok(());
        }
        self.output.write_all(line)
    }

    fn escape(&mut self, line: &[u8]) -> io::Result<()> {
        self.put(b">")?;
        self.put(line)?;
        if self.asked.quiet {
            return Ok(());
        }
        writeln!(self.said, "Unix-From line changed: {}", self.line)?;
        self.said.write_all(&line[..line.len() - 1])?;
        self.said.write_all(b"\n")
    }

    /// A line that looks right begins a message only if a header follows. False at the end of the input.
    fn begin(&mut self, line: &[u8], input: &mut dyn BufRead) -> io::Result<bool> {
        let Some(next) = self.read(input)? else {
            self.escape(line)?;
            return Ok(false);
        };
        if !is_header(&next) {
            self.escape(line)?;
            self.put(&next)?;
            return Ok(true);
        }
        self.messages += 1;
        if !self.blank_before {
            self.put(b"\n")?;
        }
        self.put(line)?;
        self.put(&next)?;
        Ok(true)
    }

    fn mark(&mut self) -> io::Result<()> {
        if self.asked.status.is_none_or(|count| self.line % count != 0) {
            return Ok(());
        }
        self.said.write_all(b"#")?;
        self.marks += 1;
        if self.marks == MARKS {
            self.marks = 0;
            self.said.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// A colon somewhere, and a character at the beginning that a header's name may have.
fn is_header(line: &[u8]) -> bool {
    line.contains(&b':') && line.first().is_some_and(|b| matches!(b, 33..=57 | 59..=126))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(asked: &Asked, input: &str) -> (String, String) {
        let (mut output, mut said) = (Vec::new(), Vec::new());
        clean(asked, &mut input.as_bytes(), &mut output, &mut said).unwrap();
        (String::from_utf8(output).unwrap(), String::from_utf8(said).unwrap())
    }

    /// Both as Mailman 2.1.39 answers.
    #[test]
    fn lines_that_begin_nothing_are_escaped() {
        let input = "From a@b  Mon Mar  2 12:00:00 2026\nSubject: x\n\nFrom here on\nx\nFrom c@d Mon Mar  2 12:00:00 2026\nno header\n\
            y\nFrom e@f Mon Mar  2 12:00 CET 2026\nTo: x\nFrom last@x Mon Mar  2 12:00:00 2026\n";
        let (output, said) = cleaned(&Asked::default(), input);
        assert_eq!(
            output,
            "From a@b  Mon Mar  2 12:00:00 2026\nSubject: x\n\n>From here on\nx\n>From c@d Mon Mar  2 12:00:00 2026\nno header\n\
             y\n\nFrom e@f Mon Mar  2 12:00 CET 2026\nTo: x\n>From last@x Mon Mar  2 12:00:00 2026\n"
        );
        assert_eq!(
            said,
            "Unix-From line changed: 4\nFrom here on\nUnix-From line changed: 7\nFrom c@d Mon Mar  2 12:00:00 2026\n\
             Unix-From line changed: 12\nFrom last@x Mon Mar  2 12:00:00 2026\n2 messages found\n"
        );
    }

    #[test]
    fn options_are_honoured() {
        let asked = Asked { quiet: true, dry_run: true, status: Some(2), ..Asked::default() };
        let (output, said) = cleaned(&asked, "a\nFrom b\nc\nd\n");
        assert_eq!((output.as_str(), said.as_str()), ("", "##0 messages found\n"));
        let parsed = |args: &[&str]| parse(&args.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(parsed(&["-s", "x"]), Err("Bad status number: x".into()));
        assert_eq!(parsed(&["file"]), Err(String::new()));
        assert!(parsed(&["-qn", "--status=-1"]).is_ok_and(|asked| asked.status.is_none()));
    }
}
