//! What counting and its consequences work on.

use crate::notice::Words;
use compat::list::LockedList;
use compat::names::{Any, Named, OfList};
use compat::queue::Outbox;
use compat::site::{Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// The language of texts that follow no list and no member. Mailman keeps it for the whole process.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Language {
    /// That of the environment.
    #[default]
    Process,
    /// A language of Mailman's.
    Of(ByteStr),
}

impl Language {
    /// Texts in it.
    pub fn words<'a>(&self, site: &'a Site) -> Words<'a> {
        match self {
            Language::Process => Words::of_process(site),
            Language::Of(language) => Words::new(site, language),
        }
    }

    /// Its name, as far as it has one.
    pub fn language(&self) -> ByteStr {
        let in_environment = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match self {
            Language::Process => ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .find_map(in_environment)
                .and_then(|value| value.split([':', '.']).next().map(ByteStr::from))
                .unwrap_or_default(),
            Language::Of(language) => language.clone(),
        }
    }
}

/// A locked list and where its notices go.
pub struct Work<'a> {
    pub site: &'a Rc<Site>,
    pub list: &'a mut LockedList,
    pub outbox: &'a mut Outbox,
    pub current_language: &'a mut Language,
}

impl Work<'_> {
    /// Whether the site's version behaves in this way.
    pub fn has(&self, switch: Switch) -> bool {
        self.site.profile.has(switch)
    }

    /// A line of the bounce log: the list, then this.
    pub fn log(&self, parts: &[&[u8]]) {
        self.log_to("bounce", parts);
    }

    /// A line of the bounce log without the list.
    pub fn log_plain(&self, parts: &[&[u8]]) {
        self.site.log("bounce", parts.concat());
    }

    /// The same for another log.
    pub fn log_to(&self, name: &str, parts: &[&[u8]]) {
        self.site.log(name, [&[self.list.name(), &b": "[..]], parts].concat().concat());
    }

    /// An attribute of the list; None where it is missing.
    pub fn attribute(&self, name: impl Named<OfList, Any>) -> Value {
        self.list.get(name).cloned().unwrap_or(Value::None)
    }
}
