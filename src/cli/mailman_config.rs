//! `mailman-config`, as Mailman's of 2.1.26 and later: where a site is and whom it belongs to.
//!
//! Mailman's has these values written into it when it is built. Ours come from the settings, and what they do not say from
//! Mailman's own script where that is still there.

use super::tool::Tool;
use super::{print, Call};
use clap::Command;
use compat::names::Any;
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use std::fs;

/// Labels that Mailman's script alone knows.
const BUILT_IN: [&str; 4] = ["Build Date:", "mail_group:", "cgi_group:", "configure_opts:"];

/// The options of `mailman-config`.
pub fn command() -> Command {
    Command::new("mailman-config")
        .about("Show where a site is and which user owns it")
        .after_long_help("Exit status: 0; 1 where no site is found.")
}

/// Runs the command. It has no options, and looks at none.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(
        call,
        |_| Ok(()),
        |site, ()| {
            print(&text(site));
            Ok(())
        },
    )
}

fn text(site: &Site) -> String {
    let script = fs::read_to_string(site.settings.path(settings::BIN_DIR).join("mailman-config")).unwrap_or_default();
    let setting = |name: Setting<Any>| site.settings.str(name).unwrap_or_default().to_string();
    let [date, mail_group, cgi_group, options] = BUILT_IN.map(|label| built_in(&script, label));
    let lines = [
        ("Mailman version:", setting(settings::VERSION.any())),
        ("Build Date:", date),
        ("", String::new()),
        ("prefix:", setting(settings::PREFIX.any())),
        ("var_prefix:", setting(settings::VAR_PREFIX.any())),
        ("mailman_user:", setting(settings::MAILMAN_USER.any())),
        ("mailman_group:", setting(settings::MAILMAN_GROUP.any())),
        ("mail_group:", mail_group),
        ("cgi_group:", cgi_group),
    ];
    let mut text = "Configuration and build information for Mailman\n\n".to_string();
    for (label, value) in lines {
        text.push_str(format!("{label:<16} {value}").trim_end());
        text.push('\n');
    }
    text.push_str(&format!("\n\nconfigure_opts: \"{options}\"\n"));
    text
}

/// The value of a line `print 'LABEL   %s' % 'VALUE'`.
fn built_in(script: &str, label: &str) -> String {
    let line = script.lines().find(|line| line.starts_with(&format!("print '{label}")));
    let value = line.and_then(|line| line.split_once("% '")).and_then(|(_, value)| value.strip_suffix('\''));
    value.unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_script() {
        let script = "print ''\nprint 'cgi_group:       %s' % 'www-data'\nprint 'configure_opts: \"%s\"' % \"'--x'\"\n";
        assert_eq!(built_in(script, "cgi_group:"), "www-data");
        assert_eq!(built_in(script, "mail_group:"), "");
    }
}
