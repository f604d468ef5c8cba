//! `show-settings`: every setting of a site with its value and its origin, to see before a switch that we understand
//! the site as its Python does. Reads and prints, changes nothing.

use super::describe::words;
use super::{matches, print, Call};
use crate::stderr::Stderr;
use compat::format::repr;
use compat::names::by_name;
use compat::site::Site;

/// The options of `show-settings`.
pub fn command() -> clap::Command {
    clap::Command::new("show-settings")
        .about("Show every setting of a site, its value and its origin")
        .long_about(
            "Show every setting of a site with its value and its origin: a line of mm_cfg.py, Defaults.py, or what is built \
             in. Changes nothing.",
        )
        .arg(words("NAME", "Only these settings"))
        .after_long_help("Exit status: 0; 1 where the settings cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let wanted: Vec<&String> = matches.get_many("NAME").unwrap_or_default().collect();
    match Site::find() {
        Ok(site) => {
            print(&text(&site, &wanted));
            0
        }
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}

/// One line per setting: name, value as Python would write it, origin.
fn text(site: &Site, wanted: &[&String]) -> String {
    let mut lines = format!("# site {}, Mailman {}\n", site.home.display(), site.profile.version());
    for name in site.settings.names() {
        if !wanted.is_empty() && !wanted.iter().any(|w| *w == name) {
            continue;
        }
        let value = site.settings.get(by_name(name)).map(|value| repr(value).to_latin1()).unwrap_or_default();
        let origin = site.settings.origin(by_name(name)).map(|origin| format!("  # {origin}")).unwrap_or_default();
        lines.push_str(&format!("{name} = {value}{origin}\n"));
    }
    lines
}
