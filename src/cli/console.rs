//! What a tool says to the person who called it: Mailman's texts in the language of the environment.
//!
//! Answers to `_()` and `C_()` of Mailman's i18n as bin/ uses them. Newer versions recode to the charset of the terminal.

use super::print_bytes;
use crate::bounce::Language;
use crate::notice::Words;
use compat::codecs::{self, Errors};
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;

/// Texts for standard output and standard error.
pub struct Console<'a> {
    words: Words<'a>,
    /// What the terminal shows, where texts are recoded to it.
    terminal: Option<String>,
}

impl<'a> Console<'a> {
    /// In the language of the environment.
    pub fn new(site: &'a Site) -> Self {
        Console { words: Words::of_process(site), terminal: terminal_charset(site) }
    }

    /// In a language of Mailman's, for texts that are also mailed.
    pub fn in_language(site: &'a Site, language: &[u8]) -> Self {
        Console { words: Words::new(site, language), terminal: terminal_charset(site) }
    }

    /// In the language that the process speaks by now: some acts change it, as Mailman's do.
    pub fn of(site: &'a Site, current_language: &Language) -> Self {
        match current_language {
            Language::Process => Console::new(site),
            Language::Of(language) => Console::in_language(site, language),
        }
    }

    /// Prints a text with values, as a line.
    pub fn print(&self, english: &str, values: &[(&str, &[u8])]) {
        self.print_line(&self.fill_with(english, values));
    }

    /// Prints a text and words that are not part of it, as a line.
    pub fn print_with(&self, english: &str, words: &[u8]) {
        self.print_line(&[&self.say(english)[..], b" ", words].concat());
    }

    fn print_line(&self, line: &[u8]) {
        print_bytes(&[line, b"\n"].concat());
    }

    /// A text with byte strings.
    pub fn fill_with(&self, english: &str, values: &[(&str, &[u8])]) -> ByteStr {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, Value::str(*value))).collect();
        self.fill(english, &values)
    }

    /// A text with nothing to fill in.
    pub fn say(&self, english: &str) -> ByteStr {
        self.fill(english, &[])
    }

    /// A text with values.
    pub fn fill(&self, english: &str, values: &[(&str, Value)]) -> ByteStr {
        self.shown(&self.words.fill(english, values))
    }

    /// A text with values, as it is mailed.
    pub fn mailed(&self, english: &str, values: &[(&str, Value)]) -> ByteStr {
        self.words.fill(english, values)
    }

    /// `tolocale`: what was translated, as the terminal shows it.
    pub fn shown(&self, text: &ByteStr) -> ByteStr {
        let (Some(terminal), Some(own)) = (&self.terminal, self.words.charset()) else { return text.clone() };
        let recoded = codecs::decode(text, own, Errors::Replace)
            .and_then(|text| codecs::encode(&text, terminal, Errors::Replace));
        recoded.map_or_else(|_| text.clone(), ByteStr::new)
    }
}

/// `nl_langinfo(CODESET)`, read off the names of locales. Older versions do not ask.
fn terminal_charset(site: &Site) -> Option<String> {
    if !site.profile.has(Switch::CommandOutputInLocaleCharset)
        || site.settings.truth(settings::DISABLE_COMMAND_LOCALE_CSET)
    {
        return None;
    }
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    Some(codeset(&names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty())).unwrap_or_default()))
}

/// The charset of a locale: `de_DE.UTF-8@euro` says it, the C library's own have ASCII, the old ones Latin 1.
fn codeset(locale: &str) -> String {
    match (locale, locale.split('@').next().unwrap_or_default().split_once('.')) {
        (_, Some((_, charset))) => charset.to_string(),
        ("" | "C" | "POSIX", None) => "us-ascii".to_string(),
        _ => "iso-8859-1".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_name_their_charset() {
        let of = [("", "us-ascii"), ("C", "us-ascii"), ("de_DE", "iso-8859-1"), ("ja_JP.eucJP", "eucJP")];
        of.iter().for_each(|(locale, charset)| assert_eq!(codeset(locale), *charset));
        assert_eq!(codeset("de_DE.UTF-8@euro"), "UTF-8");
    }
}
