//! How a command describes itself: one table of options a command, from which everything else is made.
//!
//! A command of ours is read by clap from its description. One of Mailman's is read as Python's getopt reads it
//! ([`getopt_names`]), since scripts rely on that; the description says which options there are. Both show the same kind
//! of help, and `tests/generated.rs` holds the man pages and the completions of the shells equal to the descriptions.

use super::getopt::{GetoptError, Parsed};
use clap::{Arg, ArgAction, Command};

/// An option without a value.
pub fn flag(long: &'static str, short: char, help: &'static str) -> Arg {
    long_flag(long, help).short(short)
}

/// An option without a value, and without a letter.
pub fn long_flag(long: &'static str, help: &'static str) -> Arg {
    Arg::new(long).long(long).action(ArgAction::SetTrue).help(help)
}

/// An option with a value.
pub fn value(long: &'static str, short: char, name: &'static str, help: &'static str) -> Arg {
    long_value(long, name, help).short(short)
}

/// An option with a value, and without a letter.
pub fn long_value(long: &'static str, name: &'static str, help: &'static str) -> Arg {
    Arg::new(long).long(long).value_name(name).help(help)
}

/// One that may be given several times.
pub fn values(long: &'static str, short: char, name: &'static str, help: &'static str) -> Arg {
    value(long, short, name, help).action(ArgAction::Append)
}

/// A word that is no option, and may be missing.
pub fn word(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).help(help)
}

/// Any number of words.
pub fn words(name: &'static str, help: &'static str) -> Arg {
    word(name, help).num_args(0..)
}

/// The option for programs that read the output.
pub fn json_flag() -> Arg {
    long_flag("json", "Print JSON, for programs (not in Mailman)")
}

/// The text of `--help`, for a command that was called as `program`.
pub fn help(command: &Command, program: &str) -> String {
    let help = flag("help", 'h', "Print this text");
    let mut command = command.clone().disable_help_flag(true).arg(help).bin_name(program);
    wrapped(&command.render_long_help().to_string())
}

/// The columns that a text of help may take.
const WIDTH: usize = 79;

/// Breaks long lines at blanks, each part indented as its line is; the text ends with one newline.
pub fn wrapped(text: &str) -> String {
    let lines = text.trim_end().lines().flat_map(|line| match line.len() > WIDTH {
        true => broken(line),
        false => vec![line.to_string()],
    });
    lines.map(|line| line.trim_end().to_string() + "\n").collect()
}

fn broken(line: &str) -> Vec<String> {
    let indent = &line[..line.len() - line.trim_start().len()];
    let mut lines = vec![indent.to_string()];
    for word in line.split_whitespace() {
        let last = lines.last().map_or(0, |line| line.chars().count());
        match last > indent.len() && last + 1 + word.chars().count() > WIDTH {
            true => lines.push(format!("{indent}{word}")),
            false => {
                let gap = if last > indent.len() { " " } else { "" };
                lines.iter_mut().rev().take(1).for_each(|line| *line += &format!("{gap}{word}"));
            }
        }
    }
    lines
}

/// The same with what is wrong with a call at its end.
pub fn usage(command: &Command, program: &str, message: &str) -> String {
    let end = if message.is_empty() { String::new() } else { format!("\n{message}\n") };
    help(command, program) + &end
}

/// What Python's `getopt.getopt` makes of the arguments of a command.
///
/// # Errors
/// An option that the command does not describe, in Python's words.
pub fn getopt(args: &[String], command: &Command) -> Result<Parsed, GetoptError> {
    let (short, long) = getopt_names(command);
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    super::getopt::getopt(args, &short, &long)
}

/// The options of a command as `getopt` takes them: letters, with a colon behind those that take an argument, and long
/// names, with `=` behind those.
pub fn getopt_names(command: &Command) -> (String, Vec<String>) {
    let (mut short, mut long) = match command.is_disable_help_flag_set() {
        true => (String::new(), Vec::new()),
        false => ("h".to_string(), vec!["help".to_string()]),
    };
    for option in command.get_arguments().filter(|arg| !arg.is_positional()) {
        let takes_value = option.get_action().takes_values();
        for letter in option.get_short().into_iter().chain(option.get_all_short_aliases().unwrap_or_default()) {
            short.push(letter);
            short.push_str(if takes_value { ":" } else { "" });
        }
        long.extend(option.get_long().map(|name| format!("{name}{}", if takes_value { "=" } else { "" })));
    }
    (short, long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        Command::new("tool").args([flag("quiet", 'q', "Say less"), value("start", 's', "N", "From"), json_flag()])
    }

    #[test]
    fn getopt_takes_what_is_described() {
        let (short, long) = getopt_names(&command());
        assert_eq!(short, "hqs:");
        assert_eq!(long, ["help", "quiet", "start=", "json"]);
    }

    #[test]
    fn long_lines_are_broken_at_blanks() {
        let words = "word ".repeat(20);
        let text = wrapped(&format!("head\n\n    {words}\n"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[1], lines.len()), ("head", "", 4));
        assert!(lines[2].starts_with("    word") && lines[3].starts_with("    word") && lines[2].len() <= WIDTH);
        assert_eq!(wrapped("short"), "short\n");
    }

    #[test]
    fn help_names_the_program_as_it_was_called() {
        let text = help(&command(), "bin/tool");
        assert!(text.contains("Usage: bin/tool [OPTIONS]") && text.contains("-q, --quiet"), "{text}");
    }
}
