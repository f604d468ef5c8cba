//! `dumpdb`, as Mailman's bin/dumpdb: what a pickle or marshal file holds, printed as Python's `pprint` prints it.

use super::describe::{flag, word};
use super::getopt::Parsed;
use super::tool::{complain, Tool};
use super::{pickled, print, print_bytes, Call};
use crate::privileges::as_caller;
use clap::Command;
use compat::marshal::{self, MarshalError};
use compat::pickle;
use compat::value::Value;
use compat::{durable, ByteStr};
use std::path::Path;

const TOOL: Tool = Tool { command };
/// Maximum size of a file, in bytes.
const LIMIT: u64 = 2 << 30;

/// The options of `dumpdb`.
pub fn command() -> Command {
    Command::new("dumpdb")
        .about("Print what a pickle or marshal file holds")
        .long_about("Print every object of a pickle or marshal file in the form of Python's pprint, with sorted keys, so that two outputs can be compared with diff. Nothing that a pickle names is run.")
        .args([
            flag("pickle", 'p', "The file holds pickles, whatever its name is"),
            flag("marshal", 'm', "The file holds a marshal"),
            flag("noprint", 'n', "Only check whether it can be read"),
            word("FILE", "The file. A name that ends with .pck means pickles, one that ends with .db a marshal").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a file that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    let file = match parsed.words.as_slice() {
        [] => return TOOL.refuse(call, "No filename given."),
        [file] => file,
        more => return TOOL.refuse(call, &format!("Bad arguments: {}", more.join(", "))),
    };
    let Some(kind) = kind(&parsed, file) else { return TOOL.refuse(call, "Please specify either -p or -m.") };
    match dump(Path::new(file), kind, !has(&parsed, "-n", "--noprint")) {
        Ok(()) => 0,
        Err(error) => complain(&format!("dumpdb: {file}: {error}\n")),
    }
}

fn has(parsed: &Parsed, short: &str, long: &str) -> bool {
    parsed.options.iter().any(|(name, _)| name == short || name == long)
}

/// The last option counts; then the name's end.
fn kind(parsed: &Parsed, file: &str) -> Option<&'static str> {
    let named = parsed.options.iter().rev().find_map(|(name, _)| match name.as_str() {
        "-p" | "--pickle" => Some("pickle"),
        "-m" | "--marshal" => Some("marshal"),
        _ => None,
    });
    let by_name = || match file {
        _ if file.ends_with(".db") => Some("marshal"),
        _ if file.ends_with(".pck") => Some("pickle"),
        _ => None,
    };
    named.or_else(by_name)
}

fn dump(file: &Path, kind: &str, shown: bool) -> Result<(), String> {
    let bytes = ByteStr::new(as_caller(|| durable::read_file(file, LIMIT)).map_err(|error| error.to_string())?);
    let say = |text: String| {
        if shown {
            print(&text)
        }
    };
    say(format!("[----- start {kind} file -----]\n"));
    let (mut at, mut count) = (0, 0);
    while let Some((value, used)) =
        load(&bytes.slice_from(at), kind).map_err(|error| format!("at byte {at}: {error}"))?
    {
        (at, count) = (at + used, count + 1);
        say(format!("<----- start object {count} ----->\n"));
        if shown {
            print_bytes(&object(&value));
        }
    }
    say(format!("[----- end {kind} file -----]\n"));
    Ok(())
}

/// The next object. One that is cut off ends the file like none at all, as Python's `EOFError` does.
fn load(bytes: &ByteStr, kind: &str) -> Result<Option<(Value, usize)>, String> {
    match kind {
        "marshal" => match marshal::load_first(bytes) {
            Err(MarshalError::End(_)) => Ok(None),
            other => other.map(Some).map_err(|error| error.to_string()),
        },
        _ => match pickle::load(bytes) {
            Err(error) if error.reason == pickle::Reason::Truncated => Ok(None),
            other => other.map(Some).map_err(|error| error.to_string()),
        },
    }
}

/// A `str` is printed as it is.
fn object(value: &Value) -> Vec<u8> {
    let mut text = match value {
        Value::Str(text) => text.to_vec(),
        other => pickled::pprint(other),
    };
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python 2.7 makes of each: a value, the end (`EOFError`), or a traceback.
    #[test]
    fn what_is_cut_off_is_the_end() {
        let outcome = |bytes: &[u8], kind| load(&ByteStr::from(bytes), kind).map(|found| found.map(|(_, used)| used));
        for cut in [&b""[..], b"(dp1\n", b"\x80", b"\x80\x02K", b"\x80\x02U\x05ab", b"(lp1\nI1\na"] {
            assert_eq!(outcome(cut, "pickle"), Ok(None), "{cut:?}");
        }
        for bad in [&b"x"[..], b".", b"S'ab"] {
            assert!(outcome(bad, "pickle").is_err(), "{bad:?}");
        }
        assert_eq!(outcome(b"garbage", "marshal"), Ok(None));
        assert_eq!(outcome(b"{", "marshal"), Ok(None));
        assert_eq!(outcome(b"i\x01\0\0\0rest", "marshal"), Ok(Some(5)));
        // A tuple of very many items, of which the first is none.
        assert!(outcome(b"(dp1\nS'a'\n", "marshal").is_err());
        assert!(outcome(b"?", "marshal").is_err());
    }
}
