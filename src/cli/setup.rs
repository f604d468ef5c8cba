//! `setup`: makes a site on a new machine, and says what is left to do.

use super::describe::long_flag;
use super::tool::End;
use super::{matches, print, prompt, Call};
use crate::setup::{self, is_host, Mta, Plan};
use crate::stderr::Stderr;
use clap::{Arg, ArgMatches, Command};
use std::path::{Path, PathBuf};

/// Where the package has the program files, and Debian had Mailman's.
const HOME: &str = "/usr/lib/mailman";
const SMALLEST_PASSWORD: usize = 8;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    match act(&matches) {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}

/// The options of `setup`.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("setup")
        .about("Make a site on a new machine, and say what is left to do")
        .long_about(
            "Make a site on a new machine: settings, the password of the site, the site list, aliases, and a first list. Asks \
             for what the options do not say, and says what is left to do for mail server and web server.",
        )
        .after_long_help("Exit status: 0; 1 for an error or an answer that is missing; 2 for a mistake in the options.")
        .arg(text("email-host", "HOST", "The domain of the lists' addresses"))
        .arg(text("url-host", "HOST", "The host of the web pages; else the same"))
        .arg(text("owner", "ADDRESS", "Who gets mail about the site and its first list"))
        .arg(text("password-file", "FILE", "The password of the site is the first line of this file"))
        .arg(text("list", "NAME", "A first list"))
        .arg(text("mta", "WAY", "postfix, manual, exim or lmtp; else postfix where it is installed, or manual"))
        .arg(long_flag("https", "Pages are served by https"))
        .arg(
            long_flag("batch", "Ask nothing: what is missing is an error"),
        )
}

fn act(matches: &ArgMatches) -> Result<(), String> {
    let home = std::env::var_os("MAILMAN_PREFIX").map_or_else(|| PathBuf::from(HOME), PathBuf::from);
    let plan = plan(matches)?;
    let site = setup::run(&home, &plan, &|line| print(&format!("{line}\n"))).map_err(|error| error.to_string())?;
    print(&format!("\n{}", setup::advice(&site, &plan, &map_type())));
    Ok(())
}

/// Everything that is to be known before anything is done.
fn plan(matches: &ArgMatches) -> Result<Plan, String> {
    let said = |name: &str| matches.get_one::<String>(name).cloned();
    let asks = !matches.get_flag("batch");
    let ask = |name: &str, question: &str, default: &str| match (said(name), asks) {
        (Some(answer), _) => Ok(answer),
        (None, true) => asked(question, default),
        (None, false) if default.is_empty() => Err(format!("--{name} is missing")),
        (None, false) => Ok(default.to_string()),
    };
    let mail_host = host(ask("email-host", "Domain of the lists' addresses", &machine())?)?;
    let web_host = host(ask("url-host", "Host of the web pages", &mail_host)?)?;
    let owner = ask("owner", "Address of the person who runs the site", "")?;
    let mta = match said("mta") {
        Some(name) => Mta::named(&name).ok_or_else(|| format!("--mta: not postfix, manual, exim or lmtp: {name}"))?,
        None if has_postfix() => Mta::Postfix,
        None => Mta::Manual,
    };
    let password = password(said("password-file").as_deref(), asks)?;
    let list = match (said("list"), asks) {
        (None, true) => Some(asked("A first list (nothing: none)", "")?).filter(|name| !name.is_empty()),
        (list, _) => list,
    };
    Ok(Plan { mail_host, web_host, owner, password, list, mta, tls: matches.get_flag("https") })
}

fn host(text: String) -> Result<String, String> {
    match is_host(&text) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(format!("not the name of a host: {text}")),
    }
}

fn asked(question: &str, default: &str) -> Result<String, String> {
    let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    let answer = prompt::line(format!("{question}{hint}: ").as_bytes()).map_err(reason)?;
    match answer.trim() {
        "" => Ok(default.to_string()),
        answer => Ok(answer.to_string()),
    }
}

fn reason(end: End) -> String {
    match end {
        End::Failed(text) => text,
        _ => "no answer".to_string(),
    }
}

fn password(file: Option<&str>, asks: bool) -> Result<Option<String>, String> {
    let password = match (file, asks) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            text.lines().next().unwrap_or_default().to_string()
        }
        (None, true) => typed_twice()?,
        (None, false) => return Ok(None),
    };
    match password.len() {
        0 if asks && file.is_none() => Ok(None),
        0..SMALLEST_PASSWORD => Err(format!("the password has less than {SMALLEST_PASSWORD} characters")),
        _ => Ok(Some(password)),
    }
}

fn typed_twice() -> Result<String, String> {
    let first = prompt::password(b"New password of the site (nothing: leave it): ").map_err(reason)?;
    if !first.is_empty() && prompt::password(b"Again: ").map_err(reason)? != first {
        return Err("the passwords differ".to_string());
    }
    Ok(first)
}

/// The machine's own name, as a suggestion.
fn machine() -> String {
    let named = std::fs::read_to_string("/etc/mailname").ok().map(|name| name.trim().to_string());
    named.filter(|name| is_host(name)).unwrap_or_default()
}

fn has_postfix() -> bool {
    Path::new("/usr/sbin/postconf").exists()
}

/// What Postfix makes maps of by itself.
fn map_type() -> String {
    let asked = std::process::Command::new("/usr/sbin/postconf").args(["-h", "default_database_type"]).output();
    let text = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default();
    if text.is_empty() {
        "hash".to_string()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(args: &[&str]) -> Result<Plan, String> {
        plan(&command().try_get_matches_from(std::iter::once(&"setup").chain(args)).unwrap())
    }

    #[test]
    fn nothing_is_asked_where_all_is_said() {
        let said = ["--batch", "--email-host", "Lists.example.org", "--owner", "a@example.org", "--mta", "exim"];
        let plan = planned(&said).unwrap();
        assert_eq!((plan.mail_host.as_str(), plan.web_host.as_str()), ("lists.example.org", "lists.example.org"));
        assert!(plan.mta == Mta::None && plan.list.is_none() && plan.password.is_none());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let missing = planned(&["--batch", "--email-host", "a.example"]).unwrap_err();
        assert_eq!(missing, "--owner is missing");
        assert!(planned(&["--batch", "--email-host", "a'b"]).unwrap_err().contains("a'b"));
    }

    #[test]
    fn short_passwords_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pw");
        std::fs::write(&file, "short\n").unwrap();
        assert!(password(file.to_str(), false).is_err());
        std::fs::write(&file, "long enough\nmore").unwrap();
        assert_eq!(password(file.to_str(), false), Ok(Some("long enough".to_string())));
    }
}
