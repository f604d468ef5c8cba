//! Settings and code of the site's own that the runners could not serve: handlers, runners, mail commands, deliveries.

use super::finding::{Findings, Level};
use crate::program::qrunners;
use crate::Engine;
use compat::names::{Any, Named, OfSite};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;

/// The mail commands that Mailman ships.
const COMMANDS: [&str; 15] = [
    "confirm",
    "echo",
    "end",
    "help",
    "info",
    "join",
    "leave",
    "lists",
    "password",
    "remove",
    "set",
    "stop",
    "subscribe",
    "unsubscribe",
    "who",
];

/// Looks at the settings of a site.
pub fn look(site: &Site, engine: &dyn Engine, found: &mut Findings) {
    pipelines(site, engine, found);
    runners(site, engine, found);
    commands(site, found);
    delivery(site, found);
    charsets(site, found);
}

/// The names of a pipeline that the runners lack.
pub(super) fn missing_handlers(site: &Site, engine: &dyn Engine, pipeline: &[ByteStr]) -> Vec<String> {
    pipeline.iter().filter(|name| !engine.has_handler(site, name)).map(ByteStr::to_latin1).collect()
}

fn pipelines(site: &Site, engine: &dyn Engine, found: &mut Findings) {
    for name in [settings::GLOBAL_PIPELINE, settings::OWNER_PIPELINE] {
        let pipeline = site.settings.strings(name).unwrap_or_default();
        let missing = missing_handlers(site, engine, &pipeline);
        let what = format!("{name} ({}) names handlers that are Python of the site's own", origin(site, name));
        found.add_all(
            Level::Stop,
            "foreign-handler",
            &what,
            &missing,
            "leave IncomingRunner with Python, or take the handler out of the pipeline",
        );
    }
}

fn origin(site: &Site, name: impl Named<OfSite, Any>) -> String {
    site.settings.origin(name).map(ToString::to_string).unwrap_or_default()
}

fn runners(site: &Site, engine: &dyn Engine, found: &mut Findings) {
    let classes = qrunners(site).into_iter().map(|(class, _)| class);
    let foreign: Vec<String> = classes.filter(|class| !engine.has_runner(class)).collect();
    found.add_all(
        Level::Risk,
        "foreign-runner",
        &format!("QRUNNERS ({}) names runners that only Python can run", origin(site, settings::QRUNNERS)),
        &foreign,
        "they go on in Python beside ours; the site keeps needing its Python",
    );
}

/// A command by mail that Python knows and we do not would be answered with "no such command".
fn commands(site: &Site, found: &mut Findings) {
    let folder = site.home.join("Mailman/Commands");
    let listing = std::fs::read_dir(folder).map(|items| items.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let names = listing.iter().map(|item| item.file_name().to_string_lossy().into_owned());
    let command = |name: String| Some(name.strip_prefix("cmd_")?.strip_suffix(".py")?.to_string());
    let mut own: Vec<String> = names.filter_map(command).filter(|name| !COMMANDS.contains(&name.as_str())).collect();
    own.sort();
    found.add_all(
        Level::Stop,
        "own-command",
        "mail commands of the site's own in Mailman/Commands",
        &own,
        "leave CommandRunner with Python",
    );
}

fn delivery(site: &Site, found: &mut Findings) {
    let module = site.settings.optional_str(settings::DELIVERY_MODULE).unwrap_or_default();
    if !module.is_empty() && module != "SMTPDirect" && module != "Sendmail" {
        let text = format!(
            "DELIVERY_MODULE ({}) is {module}, a module of the site's own",
            origin(site, settings::DELIVERY_MODULE)
        );
        found.add(Level::Stop, "own-delivery", text, "leave OutgoingRunner with Python");
    }
    if site.settings.truth(settings::GZIP_ARCHIVE_TXT_FILES) {
        found.add(
            Level::Risk,
            "gzip-at-post",
            format!("GZIP_ARCHIVE_TXT_FILES ({}) is on", origin(site, settings::GZIP_ARCHIVE_TXT_FILES)),
            "archives are compressed by cron/nightly_gzip instead of at each post",
        );
    }
}

fn charsets(site: &Site, found: &mut Findings) {
    let languages = site.settings.get(settings::LC_DESCRIPTIONS).and_then(Value::as_dict);
    let codes = languages.iter().flat_map(|dict| dict.iter()).filter_map(|(code, _)| code.as_text());
    let is_unknown = |code: &&ByteStr| site.charset_of(code).is_some_and(|charset| !compat::codecs::knows(charset));
    let unknown: Vec<String> = codes
        .filter(is_unknown)
        .map(|code| format!("{code} ({})", site.charset_of(code).unwrap_or_default()))
        .collect();
    found.add_all(
        Level::Risk,
        "unknown-charset",
        "languages in charsets that are not known here",
        &unknown,
        "texts in them are taken as us-ascii",
    );
}
