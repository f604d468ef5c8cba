//! The options of a list as a file of Python assignments, written and read by config_list.
//!
//! [`table`] names them; [`show`] writes values as Mailman's bin/config_list does, so that either reads the other's file;
//! [`apply`] checks and converts them as Mailman/Gui/ does.

pub mod apply;
mod references;
pub mod show;
pub mod table;

#[cfg(test)]
mod tests;

use compat::site::{Site, Switch};

/// What a value is, and so how it is written and checked: the widgets of Mailman's web pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Radio` and `Toggle`: a number that stands for one of these.
    Choice(&'static [&'static str]),
    String,
    Text,
    FileUpload,
    Email,
    EmailList,
    /// Patterns are allowed too.
    EmailListEx,
    Host,
    Number,
    Select,
    Checkbox,
    Topics,
    HeaderFilter,
}

/// When a site has the option.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    Always,
    /// From this version on.
    Since(Switch),
    /// Where this setting allows it.
    Setting(&'static str),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    pub kind: Kind,
    pub about: &'static str,
    pub condition: Condition,
}

/// Options that stand together.
pub struct Category {
    /// As ADMIN_CATEGORIES names it.
    pub key: &'static str,
    pub about: &'static str,
    pub rows: &'static [Row],
}

impl Row {
    /// Whether the site has it.
    pub fn is_on(&self, site: &Site) -> bool {
        match self.condition {
            Condition::Always => true,
            Condition::Since(switch) => site.profile.has(switch),
            Condition::Setting("ALLOW_SENDER_OVERRIDES") if !site.profile.has(Switch::SenderHeaderSetting) => false,
            Condition::Setting(setting) => site.settings.truth(setting),
        }
    }
}

/// An option of the site, with its category.
pub fn find(site: &Site, name: &[u8]) -> Option<(&'static str, &'static Row)> {
    let all = table::CATEGORIES.iter().flat_map(|category| category.rows.iter().map(|row| (category.key, row)));
    all.into_iter().find(|(_, row)| row.name.as_bytes() == name && row.is_on(site))
}
