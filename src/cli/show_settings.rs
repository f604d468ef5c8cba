//! `show-settings`: every setting of a site with its value and its origin, to see before a switch that we understand
//! the site as its Python does. Reads and prints, changes nothing.

use super::stderr::Stderr;
use super::{clap_says, print, Call};
use compat::format::repr;
use compat::names::by_name;
use compat::site::Site;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let names = clap::Arg::new("NAME").help("Only these settings").num_args(0..);
    let command = clap::Command::new("show-settings").about("Show every setting of a site").arg(names);
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(said) => return clap_says(&said),
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

/// One line a setting: name, value as Python would write it, origin.
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
