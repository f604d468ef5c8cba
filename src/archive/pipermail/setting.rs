//! What everything in an archive needs to know: site, list, language, how addresses are shown.

use super::subject::Prefix;
use super::templates::Templates;
use crate::error::HandlerError;
use crate::notice::words::Words;
use compat::codecs::{self, Errors};
use compat::email::date::MONTHS;
use compat::format::Lookup;
use compat::list::{archive_folder, MailList};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::path::PathBuf;
use std::rc::Rc;

/// The surroundings of an archive.
pub struct Setting<'a> {
    pub site: &'a Rc<Site>,
    pub list: &'a MailList,
    /// The list's folder below the private archives.
    pub folder: PathBuf,
    /// The list's language, as text and as it is stored, and its charset.
    pub lang: ByteStr,
    pub lang_value: Value,
    pub charset: ByteStr,
    /// Texts in the list's language.
    pub words: Words<'a>,
    /// Texts in the language of the moment: the list's too, but the poster's before 2.1.23.
    pub context: Words<'a>,
    /// Whether addresses are hidden from harvesters.
    pub obscures: bool,
    /// What stands for `@` then, in bytes of the charset and as characters.
    pub at: ByteStr,
    pub at_text: String,
    /// The same in the body of a page: in the language of the moment, its bytes read in the list's charset.
    pub body_at: ByteStr,
    pub body_at_text: String,
    /// The address of the list's information page.
    pub listinfo: ByteStr,
    /// Whether escaping for a page is the same for all text: the site works around no broken browsers.
    pub escapes_plainly: bool,
    /// What subjects lose before they are compared.
    pub prefix: Prefix,
    /// Receives progress reports, if anybody wants them.
    pub progress: Option<Progress>,
    templates: Templates,
}

/// Takes lines of what is being done.
pub type Progress = fn(&[u8]);

impl<'a> Setting<'a> {
    /// Gathers what the site and the list say. `language` is that of the moment.
    pub fn new(site: &'a Rc<Site>, list: &'a MailList, language: &[u8]) -> Self {
        let lang = list.preferred_language();
        let charset = site.charset_or_ascii(&lang);
        let words = Words::new(site, &lang);
        let context = Words::new(site, language);
        let (at, body_at) = (words.say(" at "), context.say(" at "));
        let decoded = |at: &[u8]| codecs::decode_string(at, &charset, Errors::Replace).unwrap_or_default();
        Setting {
            site,
            list,
            folder: archive_folder(site, list.name()),
            at_text: decoded(&at),
            at,
            body_at_text: decoded(&body_at),
            body_at,
            charset,
            context,
            words,
            lang,
            lang_value: list.preferred_language_value(),
            obscures: site.settings.truth(settings::ARCHIVER_OBSCURES_EMAILADDRS),
            listinfo: list.script_url("listinfo", true),
            escapes_plainly: !site.settings.truth(settings::BROKEN_BROWSER_WORKAROUND),
            prefix: Prefix::of(list),
            progress: None,
            templates: Templates::default(),
        }
    }

    /// Tells what is being done, in the language of whoever started this.
    pub fn tell(&self, english: &str, values: &[(&str, Value)]) {
        if let Some(progress) = self.progress {
            progress(&Words::of_process(self.site).fill(english, values));
        }
    }

    /// A filled template in the list's language.
    pub fn page(&self, name: &str, values: &dyn Lookup) -> Result<ByteStr, HandlerError> {
        self.page_in(&self.lang, name, values)
    }

    /// A filled template in a language.
    pub fn page_in(&self, lang: &ByteStr, name: &str, values: &dyn Lookup) -> Result<ByteStr, HandlerError> {
        self.templates.fill(self.site, self.list, lang, name, values)
    }

    /// A template in the list's language as it is.
    pub fn raw_template(&self, name: &str) -> Result<ByteStr, HandlerError> {
        self.templates.raw(self.site, self.list, &self.lang, name)
    }

    /// How often a template was broken.
    pub fn broken_templates(&self) -> u64 {
        self.templates.broken()
    }

    /// All that the lines of index pages depend on besides their articles.
    pub fn look(&self) -> Result<ByteStr, HandlerError> {
        let template = self.raw_template("archidxentry.html")?;
        Ok([&self.lang[..], &self.charset, &self.context.say(" at "), &template].join(&0).into())
    }

    /// `i18n.ctime`: a moment of local time with the names of the language.
    pub fn time(&self, words: &Words<'_>, seconds: i64) -> ByteStr {
        use chrono::{Datelike, Local, TimeZone, Timelike};
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let when = Local.timestamp_opt(seconds, 0).single().unwrap_or_default();
        let day = DAYS[when.weekday().num_days_from_monday() as usize % 7];
        let month = MONTHS[when.month0() as usize % 12];
        let number = |value: u32| Value::Int(i64::from(value));
        words.fill(
            "%(wday)s %(mon)s %(day)2i %(hh)02i:%(mm)02i:%(ss)02i %(tzname)s %(year)04i",
            &[
                ("wday", Value::Str(words.say(day))),
                ("mon", Value::Str(words.say(month))),
                ("day", number(when.day())),
                ("hh", number(when.hour())),
                ("mm", number(when.minute())),
                ("ss", number(when.second())),
                ("tzname", Value::str(crate::sys::zone_name(seconds))),
                ("year", Value::Int(i64::from(when.year()))),
            ],
        )
    }

    /// The META line that names a charset.
    pub fn encoding(&self, charset: &[u8]) -> Value {
        let line = b"<META http-equiv=\"Content-Type\" content=\"text/html; charset=";
        Value::str([&line[..], charset, b"\">"].concat())
    }
}
