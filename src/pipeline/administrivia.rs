//! Mail commands that went to the list instead of its -request address (Utils.is_administrivia).
//!
//! A good guess, no more: a body that is one command word, or a command with a plausible number of arguments in one of
//! the first five lines or in the subject.

use super::Context;
use crate::error::HandlerError;
use crate::text;
use compat::site::{settings, Switch};
use compat::ByteStr;

/// Command words with the least and the largest number of arguments.
const COMMANDS: [(&str, usize, usize); 11] = [
    ("confirm", 1, 1),
    ("help", 0, 0),
    ("info", 0, 0),
    ("lists", 0, 0),
    ("options", 0, 0),
    ("password", 2, 2),
    ("remove", 0, 0),
    ("set", 3, 3),
    ("subscribe", 0, 3),
    ("unsubscribe", 0, 1),
    ("who", 0, 1),
];
/// Maximum number of lines that are searched for a command.
const FIRST_LINES: usize = 5;

/// Whether the message looks like a command.
pub fn is_command(ctx: &Context<'_>) -> Result<bool, HandlerError> {
    let most = ctx.site.settings.int(settings::DEFAULT_MAIL_COMMANDS_MAX_LINES)?;
    let who_arguments = if ctx.has(Switch::AdministriviaWhoOneArgument) { 1 } else { 2 };
    let subject = ctx.header("subject").unwrap_or_default();
    Ok(looks_like_command(ctx.msg.body_lines(false), &subject, most, who_arguments))
}

fn looks_like_command(body: impl Iterator<Item = ByteStr>, subject: &[u8], most: i64, who_arguments: usize) -> bool {
    let mut lines: Vec<ByteStr> = Vec::new();
    let mut filled = 0;
    for line in body {
        // Lines carry their newline, so this sees a signature only in an unfinished last line.
        if line == "-- " {
            break;
        }
        filled += i64::from(!text::strip(&line).is_empty());
        if filled > most {
            return false;
        }
        lines.push(line);
    }
    let whole = text::lower(text::strip(&lines.join(&b'\n')));
    if COMMANDS.iter().any(|(word, ..)| whole == *word) {
        return true;
    }
    let mut first_lines = lines.iter().take(FIRST_LINES).map(|line| &line[..]).chain([subject]);
    first_lines.any(|line| is_command_line(line, who_arguments))
}

fn is_command_line(line: &[u8], who_arguments: usize) -> bool {
    let words: Vec<ByteStr> = text::words(line).map(text::lower).collect();
    let Some(first) = words.first() else { return false };
    let Some((name, least, most)) = COMMANDS.iter().find(|(name, ..)| first == name) else { return false };
    let most = if *name == "who" { who_arguments } else { *most };
    let switches = || matches!(words.get(2).map(|word| &word[..]), Some(b"on" | b"off"));
    (*least..=most).contains(&(words.len() - 1)) && (*name != "set" || switches())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(body: &[&str], subject: &str) -> bool {
        looks_like_command(body.iter().map(|line| ByteStr::from(*line)), subject.as_bytes(), 25, 1)
    }

    #[test]
    fn commands_by_their_arguments() {
        assert!(seen(&["\n", "  Subscribe \n"], ""));
        assert!(seen(&["hello\n", "unsubscribe anna@example.org\n"], ""));
        assert!(seen(&["hello\n"], "Help"));
        assert!(!seen(&["help me please\n"], ""));
        assert!(seen(&["set digest on now\n"], ""));
        assert!(seen(&["set x on y\n"], ""));
        assert!(!seen(&["set x y on\n"], ""));
        assert!(!seen(&["who a b\n"], ""));
        assert!(!seen(&["1\n", "2\n", "3\n", "4\n", "5\n", "help\n"], "hello"));
    }

    #[test]
    fn long_texts_are_none() {
        let lines = vec!["help\n"; 26];
        assert!(!seen(&lines, "help"));
    }
}
