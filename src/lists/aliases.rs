//! The mail server's aliases of a list (Mailman/MTA/Utils.py), and the way to bring them there: by hand (Manual.py) or
//! through Postfix's maps.

use super::postfix;
use compat::format::text_of;
use compat::list::MailList;
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;

/// Every list has its own address and these below it.
const EXTENSIONS: [&str; 9] =
    ["admin", "bounces", "confirm", "join", "leave", "owner", "request", "subscribe", "unsubscribe"];

/// `mm_cfg.MTA`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mta {
    /// Nothing is to be done.
    None,
    /// The person who called writes them into a file.
    Manual,
    /// Files of Mailman's, made into maps by commands of Postfix.
    Postfix,
}

/// What is to be done with the aliases of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasRequest {
    /// The list is new.
    Add,
    /// The list goes.
    Remove,
}

/// What was done, or could not be.
#[derive(Debug, thiserror::Error)]
pub enum MtaError {
    /// A module of the site's own.
    #[error("MTA = '{0}' in mm_cfg.py is Python code of the site: use Mailman's own tool for this list")]
    SiteModule(ByteStr),
    /// See [`postfix`].
    #[error(transparent)]
    Postfix(#[from] postfix::PostfixError),
}

/// The site's way.
///
/// # Errors
/// One that only Python knows.
pub fn mta(site: &Site) -> Result<Mta, MtaError> {
    match site.settings.get(settings::MTA) {
        Some(value) if value.is_true() => match &text_of(value)[..] {
            b"Manual" => Ok(Mta::Manual),
            b"Postfix" => Ok(Mta::Postfix),
            other => Err(MtaError::SiteModule(other.into())),
        },
        _ => Ok(Mta::None),
    }
}

impl Mta {
    /// Has the mail server learn that a list comes or goes. Where a person edits its aliases, `by_hand` says so.
    ///
    /// # Errors
    /// Postfix's maps cannot be written, or what `by_hand` answers.
    pub fn follow<E: From<MtaError>>(
        self,
        list: &MailList,
        request: AliasRequest,
        by_hand: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let done = match (self, request) {
            (Mta::None, _) => Ok(()),
            (Mta::Manual, _) => return by_hand(),
            (Mta::Postfix, AliasRequest::Add) => postfix::add(list),
            (Mta::Postfix, AliasRequest::Remove) => postfix::remove(list),
        };
        done.map_err(|error| MtaError::from(error).into())
    }
}

/// `makealiases`: each alias with what mail to it is given to.
pub fn of_list(site: &Site, list: &[u8]) -> Vec<(ByteStr, ByteStr)> {
    let names = EXTENSIONS.iter().map(|extension| [list, b"-", extension.as_bytes()].concat());
    let target = |script: &str| match site.settings.truth(settings::USE_MAILDIR) {
        true => maildir(site),
        false => program(site, script, list),
    };
    let own = (ByteStr::from(list), target("post"));
    let others = names.zip(EXTENSIONS).map(|(name, extension)| (ByteStr::new(name), target(extension)));
    std::iter::once(own).chain(others).collect()
}

fn maildir(site: &Site) -> ByteStr {
    let mut folder = site.settings.str(settings::MAILDIR_DIR).unwrap_or_default().to_vec();
    if !folder.ends_with(b"/") {
        folder.push(b'/');
    }
    ByteStr::new(folder)
}

/// A pipe into Mailman's wrapper. What a shell would take for more than a name is escaped.
fn program(site: &Site, script: &str, list: &[u8]) -> ByteStr {
    let folder = site.settings.str(settings::WRAPPER_DIR).unwrap_or_default();
    let slash: &[u8] = if folder.ends_with(b"/") { b"" } else { b"/" };
    let mut name = Vec::new();
    for byte in list {
        if b";|&`$".contains(byte) {
            name.push(b'\\');
        }
        name.push(*byte);
    }
    ByteStr::new([b"\"|", &folder[..], slash, b"mailman ", script.as_bytes(), b" ", &name, b"\""].concat())
}

/// Aliases as lines with their targets below each other, and a gap that differs between a screen and Postfix's file.
pub fn lines(site: &Site, list: &[u8], gap: &str) -> Vec<u8> {
    let width = list.len() + "-unsubscribe".len();
    let line = |(alias, target): (ByteStr, ByteStr)| {
        let blanks = b" ".repeat(width.saturating_sub(alias.len()));
        [&alias[..], b": ", &blanks, gap.as_bytes(), &target, b"\n"].concat()
    };
    of_list(site, list).into_iter().flat_map(line).collect()
}

/// What to tell the person who edits the aliases: a heading from Mailman's catalogues and the lines.
pub const TO_ADD: [&str; 2] = [
    "To finish creating your mailing list, you must edit your /etc/aliases (or\n\
     equivalent) file by adding the following lines, and possibly running the\n\
     `newaliases' program:\n",
    "## %(listname)s mailing list",
];
/// The same for a list that goes.
pub const TO_REMOVE: [&str; 1] = ["\n\
     To finish removing your mailing list, you must edit your /etc/aliases (or\n\
     equivalent) file by removing the following lines, and possibly running the\n\
     `newaliases' program:\n\n\
     ## %(listname)s mailing list"];

/// That text, said in the words of `say`.
pub fn told(list: &MailList, headings: &[&str], say: impl Fn(&str, &[(&str, Value)]) -> ByteStr) -> Vec<u8> {
    let values = [("listname", Value::Str(list.name().clone()))];
    let mut text = Vec::new();
    for heading in headings {
        text.extend_from_slice(&[&say(heading, &values)[..], b"\n"].concat());
    }
    text.extend_from_slice(&lines(list.site(), list.name(), " "));
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    #[test]
    fn lines_of_aliases() {
        let site = Site::bare(Path::new("/var/lib/mailman"), Version::parse("2.1.39").unwrap());
        let text = String::from_utf8(lines(&site, b"gar$den", " ")).unwrap();
        let wanted = "gar$den:              \"|/var/lib/mailman/mail/mailman post gar\\$den\"\n\
                      gar$den-admin:        \"|/var/lib/mailman/mail/mailman admin gar\\$den\"\n";
        assert!(text.starts_with(wanted), "{text}");
        assert_eq!(text.lines().count(), 10);
    }
}
