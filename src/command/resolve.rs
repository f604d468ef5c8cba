//! Which command a line means.
//!
//! The first word names it. The Subject gets a second and a third chance, as mail programs put `Re:` and the like in
//! front of it. A command that the site has written itself is Python and does not run here: a message that comes to it
//! waits, whole, so that nothing of it is done twice or not at all.

use super::table::{self, Command, Known};
use super::words::Words;
use crate::pipeline::Context;
use crate::text;
use compat::site::{Site, Switch};
use compat::ByteStr;

/// What a line means.
pub enum Resolved {
    /// One of ours with its arguments.
    Command(&'static Command, Words),
    /// A command of the site's own.
    SiteCommand(ByteStr),
    /// A word on which older versions fail.
    Broken(ByteStr),
    /// No command.
    Unknown,
}

/// Looks a line up. `line` counts from 0, the Subject's; `retries` belongs to the message.
pub fn resolve(site: &Site, line: usize, retries: &mut u8, mut words: Words) -> Resolved {
    let Some(first) = words.pop() else { return Resolved::Unknown };
    let mut name = text::lower(&first);
    loop {
        match table::find(site, &name) {
            Known::Command(command) => return Resolved::Command(command, words),
            Known::SiteCommand => return Resolved::SiteCommand(name),
            Known::Broken => return Resolved::Broken(name),
            Known::Not => {}
        }
        let next = match site.profile.has(Switch::CommandSubjectRetries) {
            true => next_name(line, retries, &name, &mut words),
            false => older_next_name(retries, &mut words),
        };
        match next {
            Some(next) => name = next,
            None => return Resolved::Unknown,
        }
    }
}

/// What follows the last colon of the word (`Re:help`), else the next word (`Re: help`).
fn next_name(line: usize, retries: &mut u8, name: &ByteStr, rest: &mut Words) -> Option<ByteStr> {
    if line != 0 {
        return None;
    }
    if *retries < 1 {
        *retries += 1;
        let colon = name.iter().position(|&b| b == b':').filter(|at| at + 1 < name.len());
        if colon.is_some() {
            let last = name.iter().rposition(|&b| b == b':').map_or(0, |at| at + 1);
            return Some(name.slice_from(last));
        }
    }
    if *retries < 2 {
        let next = rest.pop()?;
        *retries += 1;
        return Some(text::lower(&next));
    }
    None
}

/// Before 2.1.20: the next word as it stands, once a message, on whatever line.
fn older_next_name(retries: &mut u8, rest: &mut Words) -> Option<ByteStr> {
    if *retries > 0 {
        return None;
    }
    let next = rest.pop()?;
    *retries += 1;
    Some(next)
}

/// The first command of the site's own that the lines would come to, if any. Lines that cannot be read name none.
pub fn site_command<L>(ctx: &Context<'_, L>) -> Option<ByteStr> {
    if !ctx.data.truth("torequest") {
        return None;
    }
    let language = ctx.data.str("lang").unwrap_or_else(|| ctx.language.clone());
    let mut retries = 0;
    for (at, line) in super::lines::read(ctx, &language).ok()?.commands.iter().enumerate() {
        let words = Words::of(line);
        if words.is_empty() {
            continue;
        }
        match resolve(ctx.site, at, &mut retries, words) {
            Resolved::SiteCommand(name) => return Some(name),
            Resolved::Command(command, _) if command.is_last => return None,
            Resolved::Broken(_) => return None,
            Resolved::Unknown if at > 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::profile::{NEWEST, OLDEST};
    use std::path::Path;

    fn named(site: &Site, line: usize, text: &str) -> Option<(&'static str, usize)> {
        match resolve(site, line, &mut 0, Words::of(&text.into())) {
            Resolved::Command(command, arguments) => Some((command.name, arguments.len())),
            _ => None,
        }
    }

    #[test]
    fn the_subject_is_tried_after_its_colon_then_at_its_next_word() {
        let site = Site::bare(Path::new("/nowhere"), NEWEST);
        assert_eq!(named(&site, 0, "HELP"), Some(("help", 0)));
        assert_eq!(named(&site, 0, "Re: Echo a b"), Some(("echo", 2)));
        assert_eq!(named(&site, 0, "AW:Re:help"), Some(("help", 0)));
        assert_eq!(named(&site, 0, "a:b: help me"), Some(("help", 1)));
        assert_eq!(named(&site, 0, "one two help"), None);
        assert_eq!(named(&site, 1, "Re: help"), None);
    }

    #[test]
    fn older_versions_try_the_next_word_on_any_line() {
        let site = Site::bare(Path::new("/nowhere"), OLDEST);
        assert_eq!(named(&site, 0, "Re: echo a"), Some(("echo", 1)));
        assert_eq!(named(&site, 0, "Re: Echo a"), None);
        assert_eq!(named(&site, 0, "Re:help"), None);
        assert_eq!(named(&site, 7, "please help"), Some(("help", 0)));
    }
}
