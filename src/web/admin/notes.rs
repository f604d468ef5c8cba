//! What is said above a page about what was asked for, in the spelling that programs read.

use crate::lists::options::complaints::{Complaint, Weight};
use crate::web::widgets::safe;
use crate::web::Texts;
use compat::format::text_of;
use compat::value::Value;
use maud::{html, Markup, PreEscaped};

/// The remarks of one request, in order.
#[derive(Default)]
pub(super) struct Notes {
    all: Vec<Markup>,
    /// Options whose value was refused or doubted, each with the remark, to be shown beside it too.
    of_options: Vec<(&'static str, Markup)>,
    /// Options that somebody else has set, with the values that were not stored for that reason.
    wishes: Vec<(&'static str, Value)>,
}

impl Notes {
    /// All of them, as they stand above the page.
    pub(super) fn markup(&self) -> Markup {
        html! { @for note in &self.all { (note) } }
    }

    /// Those about an option.
    pub(super) fn of_option(&self, name: &str) -> impl Iterator<Item = &Markup> {
        let name = name.to_string();
        self.of_options.iter().filter(move |(own, _)| *own == name).map(|(_, note)| note)
    }

    /// Something was not done.
    pub(super) fn error(&mut self, texts: &Texts<'_>, message: Markup) {
        self.add(important(&texts.say("Error: "), message));
    }

    /// Something may be a mistake.
    pub(super) fn warning(&mut self, texts: &Texts<'_>, message: Markup) {
        self.add(important(&texts.say("Warning: "), message));
    }

    /// The form's signature is missing, forged or too old.
    pub(super) fn forged(&mut self, texts: &Texts<'_>) {
        self.error(texts, safe(&texts.say("The form lifetime has expired. (request forgery check)")));
    }

    /// What is wrong with the value of an option.
    pub(super) fn complaint(&mut self, texts: &Texts<'_>, complaint: &Complaint) {
        let shown = |value: &Value| safe(&texts.decode(&text_of(value)));
        let values: Vec<(&str, Markup)> = complaint.values.iter().map(|(name, value)| (*name, shown(value))).collect();
        let message = texts.text(complaint.text, &values);
        self.of_options.push((complaint.option, message.clone()));
        match complaint.weight {
            Weight::Error => self.error(texts, message),
            Weight::Warning => self.warning(texts, message),
        }
    }

    /// Somebody else has set an option, and this value waits.
    pub(super) fn wanted(&mut self, option: &'static str, value: Value, message: Markup) {
        self.of_options.push((option, message));
        self.wishes.push((option, value));
    }

    /// The values that wait.
    pub(super) fn take_wishes(&mut self) -> Vec<(&'static str, Value)> {
        std::mem::take(&mut self.wishes)
    }

    /// Something was done.
    pub(super) fn done(&mut self, message: Markup) {
        self.add(html! { p.done role="status" { (message) } });
    }

    /// A heading of the third size, as for address changes.
    pub(super) fn heading(&mut self, message: Markup) {
        self.add(html! { h3 { (message) } });
    }

    /// A heading with what it is about, one per line.
    pub(super) fn list(&mut self, heading: &str, items: &[Markup]) {
        if !items.is_empty() {
            self.add(html! { h5 { (PreEscaped(heading)) } (bullets(items)) (PreEscaped("<p>")) });
        }
    }

    /// The same for what could not be done to those who are no members.
    pub(super) fn red_list(&mut self, heading: &str, items: &[Markup]) {
        if !items.is_empty() {
            self.add(html! { (PreEscaped(format!(
                "<h3><strong><font color=\"#ff0000\" size=\"+2\">{}</font></strong></h3>", safe(heading).0
            ))) (bullets(items)) (PreEscaped("<p>")) });
        }
    }

    fn add(&mut self, note: Markup) {
        self.all.push(note);
    }
}

fn important(tag: &str, message: Markup) -> Markup {
    html! { h3 role="alert" { strong { font color="#ff0000" size="+2" { (tag) } } em { (message) } } }
}

/// Programs look for the line ends.
fn bullets(items: &[Markup]) -> Markup {
    let lines: String = items.iter().map(|item| format!("<li>{}\n", item.0)).collect();
    PreEscaped(format!("\n<ul>\n{lines}</ul>\n"))
}
