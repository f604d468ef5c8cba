//! `lmtp`: takes mail in by LMTP, for mail servers that should not start a process for each mail.

use super::describe::long_value;
use super::{matches, Call};
use crate::intake::lmtp::{self, Place};
use crate::stderr::Stderr;
use clap::{Arg, ArgMatches, Command};
use std::path::PathBuf;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let served = place(&matches).and_then(|place| lmtp::run(&place).map_err(|error| error.to_string()));
    match served {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}

/// The options of `lmtp`.
pub fn command() -> Command {
    Command::new("lmtp")
        .about("Accept mail for the lists by LMTP, for mail servers that start no process for a mail")
        .long_about("Accept mail for the lists of this site by LMTP, until SIGTERM. Unknown lists are refused at RCPT, and each recipient has an answer of its own.")
        .after_long_help("Exit status: 0 after SIGTERM; 1 for an error.")
        .arg(
            long_value("listen", "PLACE", "unix:/PATH, or HOST:PORT. Without it, the socket that systemd opened"),
        )
        .arg(
            Arg::new("mode")
                .long("mode")
                .value_name("OCTAL")
                .default_value("0660")
                .help("Who may connect to a unix socket: its permissions"),
        )
}

fn place(matches: &ArgMatches) -> Result<Place, String> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let mode = u32::from_str_radix(text("mode"), 8).ok().filter(|mode| *mode <= 0o777);
    let mode = mode.ok_or_else(|| format!("not a mode: {}", text("mode")))?;
    match (text("listen"), text("listen").strip_prefix("unix:")) {
        ("", _) => Ok(Place::Given),
        (_, Some(path)) => Ok(Place::Unix(PathBuf::from(path), mode)),
        (address, None) => Ok(Place::Tcp(address.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(args: &[&str]) -> Result<Place, String> {
        place(&command().try_get_matches_from(std::iter::once(&"lmtp").chain(args)).unwrap())
    }

    #[test]
    fn places() {
        assert_eq!(place_of(&[]), Ok(Place::Given));
        assert_eq!(place_of(&["--listen", "unix:/a/b"]), Ok(Place::Unix("/a/b".into(), 0o660)));
        assert_eq!(place_of(&["--listen", "[::1]:24"]), Ok(Place::Tcp("[::1]:24".to_string())));
        assert!(place_of(&["--mode", "9"]).is_err());
    }
}
