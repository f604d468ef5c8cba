//! `restore`: a site made of an archive of `collect`, and what is left to do said at its end.

use super::progress::Ticker;
use super::{print, with_code_anywhere, Call};
use crate::lists::aliases::{self, Mta};
use crate::lists::postfix;
use crate::privileges::become_list_user;
use crate::setup::programs;
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::list::{self, MailList};
use compat::site::{settings, Site};
use migration::json::Json;
use migration::restore::{restore, system, HostMap, Restored, Wish};
use migration::verify::compare;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The site is there, but something is left to be looked at.
const TROUBLE: i32 = 1;
/// There is no site.
const FAILED: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code_anywhere(call, command, FAILED, act)
}

/// The options of `restore`.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let many = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("OLD=NEW").action(ArgAction::Append).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("restore")
        .about("Make a site of an archive. Done again it goes on where it was stopped")
        .after_long_help(
            "Exit status: 0: all is there; 1: the site is there and something is to be looked at; 2: there is no site.",
        )
        .arg(Arg::new("FILE").required(true).help("An archive of collect or of collect.sh"))
        .arg(text(
            "home",
            "FOLDER",
            "The folder of the site here, with the places usual there (/usr/lib/mailman: the package's)",
        ))
        .arg(many("path", "A folder of the old machine that has another path here"))
        .arg(text("user", "NAME", "MAILMAN_USER here, whatever its number"))
        .arg(text("group", "NAME", "MAILMAN_GROUP here"))
        .arg(many("email-host", "A mail host with another name here"))
        .arg(many("url-host", "A web host with another name here"))
        .arg(flag("pages", "Hosts in the pages of archives too"))
        .arg(flag("live", "Take an archive without a last pass, for a trial"))
        .arg(text("units", "ROOT", "Write unit, timers and tmpfiles.d below this root (/), where there are none"))
        .arg(flag("programs", "Put this program's commands into the site's bin, cron, mail and cgi-bin"))
        .arg(flag("json", "One JSON object on one line"))
}

/// What was done after the files.
#[derive(Default)]
struct Rest {
    units: Vec<PathBuf>,
    programs: usize,
    aliases: Option<&'static str>,
    troubles: Vec<String>,
    account: String,
}

fn act(matches: &ArgMatches) -> Result<i32, String> {
    let archive = PathBuf::from(matches.get_one::<String>("FILE").cloned().unwrap_or_default());
    let restored = restore(&archive, &wish(matches)?, &mut Ticker::new()).map_err(|error| error.to_string())?;
    let rest = rest(&restored, matches);
    print(&if matches.get_flag("json") { json(&restored, &rest) } else { report(&restored, &rest) });
    Ok(if rest.troubles.is_empty() && restored.left_out.is_empty() { 0 } else { TROUBLE })
}

fn wish(matches: &ArgMatches) -> Result<Wish, String> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let pairs = |name: &str| -> Result<Vec<(String, String)>, String> {
        let all = matches.get_many::<String>(name).unwrap_or_default();
        let pair = |text: &String| text.split_once('=').map(|(old, new)| (old.to_string(), new.to_string()));
        all.map(|text| pair(text).ok_or_else(|| format!("--{name}: not OLD=NEW: {text}"))).collect()
    };
    let absolute = |path: &str| match Path::new(path).is_absolute() {
        true => Ok(PathBuf::from(path)),
        false => Err(format!("not a path from the root: {path}")),
    };
    let paths: Result<Vec<(PathBuf, PathBuf)>, String> =
        pairs("path")?.iter().map(|(old, new)| Ok((absolute(old)?, absolute(new)?))).collect();
    Ok(Wish {
        home: text("home").as_deref().map(absolute).transpose()?,
        paths: paths?,
        user: text("user"),
        group: text("group"),
        email_hosts: HostMap(pairs("email-host")?),
        url_hosts: HostMap(pairs("url-host")?),
        with_pages: matches.get_flag("pages"),
        may_be_live: matches.get_flag("live"),
        settings: Vec::new(),
    })
}

/// Each step can be done again, and one that fails stops none of the others.
fn rest(restored: &Restored, matches: &ArgMatches) -> Rest {
    let (site, mut rest) = (&restored.site, Rest::default());
    let program = std::env::current_exe().unwrap_or_default();
    if let Some(root) = matches.get_one::<String>("units") {
        match system::write(site, &program, Path::new(root)) {
            Ok(units) => rest.units = units,
            Err(error) => rest.troubles.push(format!("units: {error}")),
        }
    }
    if matches.get_flag("programs") {
        match programs::put(site, &program) {
            Ok(count) => rest.programs = count,
            Err(error) => rest.troubles.push(format!("programs: {error}")),
        }
    }
    // All else belongs to the list user. Somebody who is neither root nor that user has a site of his own.
    if nix::unistd::geteuid().is_root() {
        if let Err(error) = become_list_user(&site.settings) {
            rest.troubles.push(error.to_string());
        }
    }
    match aliases(site) {
        Ok(done) => rest.aliases = done,
        Err(error) => rest.troubles.push(format!("aliases: {error}")),
    }
    match compare(site, &restored.manifest) {
        Ok(account) => {
            rest.account = super::verify::account_text(&account, &[]);
            if !account.is_complete(&[]) && !restored.was_done {
                rest.troubles.push("messages are missing: see below".to_string());
            }
        }
        Err(error) => rest.troubles.push(format!("verify: {error}")),
    }
    rest
}

/// Where Mailman itself makes the aliases.
fn aliases(site: &Rc<Site>) -> Result<Option<&'static str>, String> {
    if !matches!(aliases::mta(site).map_err(|error| error.to_string())?, Mta::Postfix) {
        return Ok(None);
    }
    let names = list::names(site).map_err(|error| error.to_string())?;
    let lists: Result<Vec<MailList>, _> = names.into_iter().map(|name| MailList::load(site, name)).collect();
    postfix::regenerate(site, &lists.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
    Ok(Some("made the aliases anew, as MTA = 'Postfix' says"))
}

fn report(restored: &Restored, rest: &Rest) -> String {
    let site = &restored.site;
    let mut text = match restored.was_done {
        true => {
            format!("{} was restored from this archive before; its files were left as they are\n", site.home.display())
        }
        false => format!(
            "{} files restored, {} of them with other paths or hosts in them\n",
            restored.files, restored.changed
        ),
    };
    let _ = writeln!(text, "site       {} (Mailman {})", site.home.display(), site.profile.version());
    for path in &rest.units {
        let _ = writeln!(text, "wrote      {}", path.display());
    }
    if rest.programs > 0 {
        let _ = writeln!(text, "programs   {} put below {}", rest.programs, site.home.display());
    }
    if let Some(aliases) = rest.aliases {
        let _ = writeln!(text, "aliases    {aliases}");
    }
    for left in &restored.left_out {
        let _ = writeln!(text, "left out   {left}");
    }
    for trouble in &rest.troubles {
        let _ = writeln!(text, "TROUBLE    {trouble}");
    }
    let of = if restored.is_of_old_machine { "the old machine" } else { "what was restored" };
    let _ = write!(text, "\nverify --against {} (of {of}):\n{}", restored.manifest.display(), rest.account);
    let old = site.settings.path(settings::VAR_PREFIX).join(migration::restore::OLD_MACHINE);
    if old.is_dir() {
        let _ = writeln!(text, "\nCrontab, aliases and servers' settings of the old machine are in {}.", old.display());
    }
    let _ = writeln!(text, "\nnext       MAILMAN_PREFIX={} mailman2-rs survey", site.home.display());
    text
}

fn json(restored: &Restored, rest: &Rest) -> String {
    let object = Json::Object(vec![
        ("home", Json::text(restored.site.home.to_string_lossy())),
        ("done_before", Json::Bool(restored.was_done)),
        ("files", Json::count(restored.files)),
        ("changed", Json::count(restored.changed)),
        ("manifest", Json::text(restored.manifest.to_string_lossy())),
        ("left_out", Json::array(&restored.left_out, Json::text)),
        ("units", Json::array(&rest.units, |path| Json::text(path.to_string_lossy()))),
        ("programs", Json::count(rest.programs)),
        ("troubles", Json::array(&rest.troubles, Json::text)),
    ]);
    format!("{object}\n")
}
