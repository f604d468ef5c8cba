//! The options of a list: one table, read by the pages of the list's owner, by config_list and by newlist.
//!
//! Answers to Mailman/Gui/. Each category has a file with its rows: what an option is called, how it is shown, what a new list
//! has, and which [`Rule`] sets it. [`show`] writes values as Mailman's bin/config_list does, so that either reads the
//! other's file; [`apply`] checks and sets values; [`form`] reads them from the fields of a page.

pub mod apply;
mod archive;
mod autoreply;
mod bounce;
pub mod complaints;
mod contentfilter;
mod digest;
mod filled;
mod filters;
pub mod form;
mod gateway;
mod general;
mod history;
mod language;
mod nondigest;
mod numbered;
mod privacy_recipient;
mod privacy_sender;
mod privacy_spam;
mod privacy_subscribing;
pub mod references;
pub mod show;
mod topics;
mod topics_form;

mod valid;

#[cfg(test)]
mod tests;

use crate::notice::Text;
use compat::names::Any;
use compat::site::settings::Setting;
use compat::site::{settings, Profile, SettingError, Settings, Site, Switch};
use compat::value::Value;

/// How an option is shown on a page, and so what its value is. Sizes are in rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    /// `Radio` and `Toggle`: a number that stands for one of these labels. They are keys of the catalogue.
    Choice(&'static [&'static str]),
    /// `String`: one line.
    Line(u16),
    /// `Text`: several lines.
    Text(u16, u16),
    /// `FileUpload`: several lines, typed or uploaded.
    Upload(u16, u16),
    /// `Email`: one address, or nothing.
    Email(u16),
    /// `EmailList`: addresses, one per line.
    Addresses(u16, u16),
    /// `EmailListEx`: addresses and patterns, one per line; in some options names of lists too.
    Patterns(u16, u16),
    /// `Host`: one line.
    Host(u16),
    /// `Number`: a whole number or a fraction.
    Number(u16),
    /// `Select`: one of the list's languages.
    Language,
    /// `Checkbox` over the languages of the site.
    Languages,
    /// `Checkbox` over four options of members.
    MemberOptions,
    /// `Topics`
    Topics,
    /// `HeaderFilter`
    FilterRules,
}

const NO_YES: Widget = Widget::Choice(&["No", "Yes"]);
const FREQUENCIES: Widget = Widget::Choice(&["Yearly", "Monthly", "Quarterly", "Weekly", "Daily"]);

/// What a new list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// A setting of the site.
    Setting(Setting<Any>),
    /// A setting from this version on, before that a number.
    SettingSince(Switch, Setting<Any>, i64),
    Int(i64),
    EmptyText,
    List,
    /// It follows from the list's name, owner or language.
    PerList,
    /// Nothing: it is no attribute, but something to be done.
    NotStored,
}

/// What setting an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is set unless it is equal, as Python compares: `True` stays where 1 is asked for.
    IfOther,
    /// It is set in any case.
    Always,
    /// The list's name except for the case of its letters.
    RealName,
    /// Bits of [`Widget::MemberOptions`].
    MemberOptions,
    /// References become characters, and the text unicode.
    SubjectPrefix,
    /// HTML without scripts.
    Html,
    /// A whole number above 0.
    ChunkSize,
    /// The domain of an address.
    HostName,
    /// A language that the site knows.
    PreferredLanguage,
    /// A page counts from the first policy that the site allows.
    SubscribePolicy,
    /// Not below the site's DEFAULT_DMARC_MODERATION_ACTION.
    DmarcAction,
    /// A fraction, also where it is whole.
    Score,
    /// Seconds, typed as whole days.
    Days,
    /// A whole number.
    Whole,
    /// MIME types, one per line.
    MimeTypes,
    /// Endings of file names, one per line.
    Extensions,
    /// A text in which these names are filled in.
    Filled(Names),
    /// A page has fields of its own for each item.
    Topics,
    /// Like [`Rule::IfOther`]; a page sets it together with the topics.
    WithTopics,
    /// A page has fields of its own for each item.
    FilterRules,
    /// Something is done, and nothing set.
    Act(Action),
}

/// Which names a text may have filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Those of the list, and of the member if copies are personal.
    Post,
    /// Those of the list.
    Digest,
    /// Those of an automatic answer.
    Reply,
}

/// What the options that are none ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next digest begins a new volume.
    NewVolume,
    /// The digest goes out now.
    SendDigest,
    /// Articles that the newsgroup has now are skipped.
    CatchUp,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its attribute, and its field on pages.
    pub name: &'static str,
    pub widget: Widget,
    pub initial: Initial,
    /// What it is, in a sentence of HTML.
    pub label: Text,
    /// What else there is to say, as HTML.
    pub details: Option<Text>,
    /// The version that brought it.
    pub since: Option<Switch>,
    /// The setting that lets owners change it.
    pub allowed_by: Option<Setting<Any>>,
    pub rule: Rule,
}

/// Options that stand together under a title.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    pub title: Option<Text>,
    pub rows: &'static [Row],
}

/// The options of one page.
#[derive(Clone, Copy, Debug)]
pub struct Category {
    /// As ADMIN_CATEGORIES names it.
    pub key: &'static str,
    /// Which part of the category it is, where there are several.
    pub sub: Option<&'static str>,
    /// What the page is about, as HTML.
    pub about: Text,
    pub sections: &'static [Section],
}

/// All of them. Categories without options (passwords, members) are not among them.
pub static CATEGORIES: [Category; 14] = [
    general::CATEGORY,
    language::CATEGORY,
    nondigest::CATEGORY,
    digest::CATEGORY,
    privacy_subscribing::CATEGORY,
    privacy_sender::CATEGORY,
    privacy_recipient::CATEGORY,
    privacy_spam::CATEGORY,
    bounce::CATEGORY,
    archive::CATEGORY,
    gateway::CATEGORY,
    autoreply::CATEGORY,
    contentfilter::CATEGORY,
    topics::CATEGORY,
];

impl Row {
    const fn new(name: &'static str, widget: Widget, initial: Initial) -> Row {
        let label = Text { english: "", keys: &[] };
        Row { name, widget, initial, label, details: None, since: None, allowed_by: None, rule: Rule::IfOther }
    }

    const fn label(self, english: &'static str, keys: &'static [u64]) -> Row {
        Row { label: Text { english, keys }, ..self }
    }

    const fn details(self, english: &'static str, keys: &'static [u64]) -> Row {
        Row { details: Some(Text { english, keys }), ..self }
    }

    const fn since(self, switch: Switch) -> Row {
        Row { since: Some(switch), ..self }
    }

    const fn allowed_by(self, setting: Setting<Any>) -> Row {
        Row { allowed_by: Some(setting), ..self }
    }

    const fn rule(self, rule: Rule) -> Row {
        Row { rule, ..self }
    }

    /// Whether owners of lists of this site have it.
    pub fn is_on(&self, site: &Site) -> bool {
        self.since.is_none_or(|switch| site.profile.has(switch))
            && self.allowed_by.is_none_or(|setting| site.settings.truth(setting))
    }

    /// The choices that the site allows, each with the number that is stored for it.
    pub fn allowed_choices<'a>(&self, site: &Site, choices: &'a [&'a str]) -> impl Iterator<Item = (usize, &'a str)> {
        let settings = &site.settings;
        let skip = usize::from(self.rule == Rule::SubscribePolicy && !settings.truth(settings::ALLOW_OPEN_SUBSCRIBE));
        let all = self.name != "filter_action" || settings.truth(settings::OWNERS_CAN_PRESERVE_FILTERED_MESSAGES);
        let count = choices.len() - usize::from(!all);
        choices.iter().copied().enumerate().take(count).skip(skip)
    }

    /// Whether it is an attribute of the list.
    pub fn is_stored(&self) -> bool {
        self.initial != Initial::NotStored
    }

    /// What a new list has; `None` where it depends on the list or is not stored.
    ///
    /// # Errors
    /// The site lacks the setting.
    pub fn initial_value(&self, settings: &Settings, version: &Profile) -> Result<Option<Value>, SettingError> {
        Ok(Some(match self.initial {
            Initial::Setting(name) => settings.require(name)?.clone(),
            Initial::SettingSince(switch, name, _) if version.has(switch) => settings.require(name)?.clone(),
            Initial::SettingSince(_, _, number) | Initial::Int(number) => Value::Int(number),
            Initial::EmptyText => Value::str(""),
            Initial::List => Value::list(Vec::new()),
            Initial::PerList | Initial::NotStored => return Ok(None),
        }))
    }
}

impl Category {
    /// Its options, in the order of the page.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.sections.iter().flat_map(|section| section.rows)
    }

    /// The page of a category, and of its part where it has several: the first one unless another is named.
    pub fn find(key: &[u8], sub: Option<&[u8]>) -> Option<&'static Category> {
        let parts = || CATEGORIES.iter().filter(|category| category.key.as_bytes() == key);
        let named = sub.and_then(|sub| parts().find(|part| part.sub.is_some_and(|own| own.as_bytes() == sub)));
        named.or_else(|| parts().next())
    }
}

/// Every option of every version, with its category.
pub fn all() -> impl Iterator<Item = (&'static Category, &'static Row)> {
    CATEGORIES.iter().flat_map(|category| category.rows().map(move |row| (category, row)))
}

/// An option of the site that is an attribute.
pub fn find(site: &Site, name: &[u8]) -> Option<&'static Row> {
    all().map(|(_, row)| row).find(|row| row.name.as_bytes() == name && row.is_stored() && row.is_on(site))
}
