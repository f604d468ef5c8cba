//! Python's `getopt.getopt`, for the commands that have Mailman's names.
//!
//! Scripts call those commands with options as Python reads them: the first word that is no option ends the options, a
//! long option may be shortened to any unique beginning, `--runner=X` and `--runner X` are the same, and what is wrong
//! is said in Python's words. Our own commands use clap instead.

use std::collections::VecDeque;
use thiserror::Error;

/// What is wrong with a command line, in the words of Python's `GetoptError`.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum GetoptError {
    #[error("option {0} not recognized")]
    Unknown(String),
    #[error("option {0} not a unique prefix")]
    Ambiguous(String),
    #[error("option {0} requires argument")]
    NeedsArgument(String),
    #[error("option {0} must not have an argument")]
    TakesNone(String),
}

/// The options in order, as (`-r` or `--runner`, argument), and the words after them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub options: Vec<(String, String)>,
    pub words: Vec<String>,
}

/// Reads options. In `short` a letter with a colon after it takes an argument, in `long` a name with `=` at its end.
///
/// # Errors
/// An option that is not known, is not unique, or has an argument too few or too many.
pub fn getopt(args: &[String], short: &str, long: &[&str]) -> Result<Parsed, GetoptError> {
    let mut rest: VecDeque<String> = args.iter().cloned().collect();
    let mut options = Vec::new();
    while let Some(word) = rest.pop_front() {
        if word == "--" {
            break;
        }
        if let Some(name) = word.strip_prefix("--") {
            options.push(long_option(name, long, &mut rest)?);
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            short_options(letters, short, &mut rest, &mut options)?;
        } else {
            rest.push_front(word);
            break;
        }
    }
    Ok(Parsed { options, words: rest.into() })
}

fn long_option(given: &str, long: &[&str], rest: &mut VecDeque<String>) -> Result<(String, String), GetoptError> {
    let (prefix, attached) = match given.split_once('=') {
        Some((prefix, value)) => (prefix, Some(value.to_string())),
        None => (given, None),
    };
    let (name, takes_argument) = complete(prefix, long)?;
    let option = format!("--{name}");
    match (takes_argument, attached) {
        (true, Some(value)) => Ok((option, value)),
        (true, None) => match rest.pop_front() {
            Some(value) => Ok((option, value)),
            None => Err(GetoptError::NeedsArgument(option)),
        },
        (false, Some(_)) => Err(GetoptError::TakesNone(option)),
        (false, None) => Ok((option, String::new())),
    }
}

/// The one long option that begins with `prefix`; one that is spelled out wins over longer ones.
fn complete<'a>(prefix: &str, long: &[&'a str]) -> Result<(&'a str, bool), GetoptError> {
    let candidates: Vec<&'a str> = long.iter().copied().filter(|name| name.starts_with(prefix)).collect();
    let bare = |name: &'a str| (name.trim_end_matches('='), name.ends_with('='));
    if let Some(exact) = candidates.iter().map(|name| bare(name)).find(|(name, _)| *name == prefix) {
        return Ok(exact);
    }
    match candidates.as_slice() {
        [] => Err(GetoptError::Unknown(format!("--{prefix}"))),
        [only] => Ok(bare(only)),
        _ => Err(GetoptError::Ambiguous(format!("--{prefix}"))),
    }
}

/// A cluster such as `-vo` or `-rIncoming`.
fn short_options(
    letters: &str,
    short: &str,
    rest: &mut VecDeque<String>,
    options: &mut Vec<(String, String)>,
) -> Result<(), GetoptError> {
    let mut letters = letters.chars();
    while let Some(letter) = letters.next() {
        let option = format!("-{letter}");
        if !short_takes_argument(letter, short).ok_or_else(|| GetoptError::Unknown(option.clone()))? {
            options.push((option, String::new()));
            continue;
        }
        let attached = letters.as_str().to_string();
        let value = if attached.is_empty() { rest.pop_front() } else { Some(attached) };
        options.push((option.clone(), value.ok_or(GetoptError::NeedsArgument(option))?));
        break;
    }
    Ok(())
}

/// Whether a letter is known, and takes an argument.
fn short_takes_argument(letter: char, short: &str) -> Option<bool> {
    let at = short.find(letter).filter(|_| letter != ':')?;
    Some(short[at..].chars().nth(1) == Some(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: [&str; 6] = ["help", "list", "once", "runner=", "verbose", "subproc"];

    fn read(args: &[&str]) -> Result<Parsed, String> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        getopt(&args, "hlor:vs", &LONG).map_err(|e| e.to_string())
    }

    fn options(args: &[&str]) -> Vec<(String, String)> {
        read(args).expect("good options").options
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_string(), value.to_string())
    }

    #[test]
    fn short_and_long_forms_mean_the_same() {
        let expected = vec![pair("-r", "News"), pair("-o", "")];
        assert_eq!(options(&["-r", "News", "-o"]), expected);
        assert_eq!(options(&["-rNews", "-o"]), expected);
        assert_eq!(options(&["-orNews"]), vec![pair("-o", ""), pair("-r", "News")]);
        assert_eq!(options(&["--runner=News"]), vec![pair("--runner", "News")]);
        assert_eq!(options(&["--runner", "News"]), vec![pair("--runner", "News")]);
        assert_eq!(options(&["--run=A=B"]), vec![pair("--runner", "A=B")]);
        assert_eq!(options(&["-r", "-o"]), vec![pair("-r", "-o")]);
    }

    #[test]
    fn the_first_word_ends_the_options() {
        let parsed = read(&["-o", "word", "-l"]).expect("good");
        assert_eq!(parsed.options, vec![pair("-o", "")]);
        assert_eq!(parsed.words, ["word", "-l"]);
        assert_eq!(read(&["--", "-l"]).expect("good").words, ["-l"]);
        assert_eq!(read(&["-", "-l"]).expect("good").words, ["-", "-l"]);
    }

    #[test]
    fn errors_are_in_pythons_words() {
        for (args, text) in [
            (&["-x"][..], "option -x not recognized"),
            (&["-:"], "option -: not recognized"),
            (&["--foo"], "option --foo not recognized"),
            (&["-r"], "option -r requires argument"),
            (&["--runner"], "option --runner requires argument"),
            (&["--once=1"], "option --once must not have an argument"),
            (&["--="], "option -- not a unique prefix"),
        ] {
            assert_eq!(read(args), Err(text.to_string()), "{args:?}");
        }
    }

    #[test]
    fn prefixes_must_be_unique_unless_spelled_out() {
        let args = vec!["--no".to_string()];
        assert_eq!(getopt(&args, "", &["no", "now"]).expect("exact").options, vec![pair("--no", "")]);
        let args = vec!["--n".to_string()];
        assert_eq!(getopt(&args, "", &["no", "now"]), Err(GetoptError::Ambiguous("--n".to_string())));
    }

    #[test]
    fn any_words_are_read_without_a_panic() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(64), |(args in proptest::collection::vec("[-a-z=:é]{0,6}", 0..5))| {
            let _ = getopt(&args, "hlor:vs", &LONG);
        });
    }
}
