//! The site's own pages: templates in which `<MM-List-Name>` and the like stand for what a page has to show.
//!
//! Answers to `ParseTags` and `GetStandardReplacements` in Mailman/HTMLFormatter.py. A tag that nobody knows vanishes; what
//! takes a tag's place is not looked at again. Templates are sought for the list, its host and the site; where there is none
//! the program shows a page of ours.

use super::clean::clean;
use super::response::Response;
use super::texts::{decode_value, Texts};
use super::widgets::{form_end, safe, select, submit};
use super::{Problem, Visit};
use compat::list::{attributes, MailList};
use compat::site::template::{to_bytes, Request};
use compat::site::{settings, Switch, TemplateError};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};
use std::collections::HashMap;

/// What the tags of a page stand for.
#[derive(Default)]
pub struct Tags(HashMap<String, Markup>);

impl Tags {
    /// What a tag stands for, such as `mm-results`, or `/mm-archive` for one that closes.
    pub fn set(&mut self, tag: &str, value: Markup) {
        self.0.insert(tag.to_string(), value);
    }

    /// What a tag stands for; nothing for one that is not known.
    pub fn get(&self, tag: &str) -> Markup {
        self.0.get(tag).cloned().unwrap_or_default()
    }

    /// Puts values in place of the tags.
    pub fn replace(&self, template: &str) -> Markup {
        let mut out = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some(start) = next_tag(rest) {
            let (before, tag) = rest.split_at(start);
            let end = tag.find('>').unwrap_or(tag.len());
            out.push_str(before);
            out.push_str(self.0.get(&tag[1..end].to_ascii_lowercase()).map_or("", |value| &value.0));
            rest = tag.get(end + 1..).unwrap_or_default();
        }
        out.push_str(rest);
        PreEscaped(out)
    }
}

/// Where the next `<mm-...>` or `</mm-...>` begins that is closed.
fn next_tag(text: &str) -> Option<usize> {
    let is_tag = |at: usize| {
        let after = &text.as_bytes()[at + 1..];
        let after = after.strip_prefix(b"/").unwrap_or(after);
        after.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"mm-")) && after.contains(&b'>')
    };
    text.match_indices('<').map(|(at, _)| at).find(|at| is_tag(*at))
}

impl<'v> Visit<'v> {
    /// A page from the site's template of this name; `None` where it has none.
    ///
    /// # Errors
    /// There is one that cannot be read.
    pub fn tag_page(
        &self,
        texts: &Texts<'_>,
        list: &MailList,
        name: &str,
        tags: &Tags,
    ) -> Result<Option<Response>, Problem> {
        let template = self.template(texts, list, name, None)?;
        Ok(template.map(|template| self.html(texts, &tags.replace(&template.0))))
    }

    /// The text of a template of the site, with `values` in place of its `%(name)s`; `None` where it has none. Without
    /// values its text is left as it is, else its lines are filled anew, as Mailman does.
    ///
    /// # Errors
    /// There is one that cannot be read.
    pub fn template(
        &self,
        texts: &Texts<'_>,
        list: &MailList,
        name: &str,
        values: Option<&[(&str, Markup)]>,
    ) -> Result<Option<Markup>, Problem> {
        let values = values.map(|values| {
            let bytes = |value: &Markup| Value::str(texts.encode(&value.0));
            values.iter().map(|(name, value)| (*name, bytes(value))).collect::<Vec<(&str, Value)>>()
        });
        let request = Request {
            values: values.as_ref().map(|values| values as &dyn compat::format::Lookup),
            raw: values.is_none(),
            lang: Some(&texts.language),
            list: Some(list.for_templates()),
        };
        match self.site.maketext(name, request) {
            Ok(text) => Ok(Some(PreEscaped(texts.decode(&to_bytes(&text, &texts.charset))))),
            Err(TemplateError::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What all of a list's tag templates may show.
    pub fn standard_tags(&self, texts: &Texts<'_>, list: &MailList) -> Tags {
        let mut tags = Tags::default();
        self.set_names(&mut tags, texts, list);
        self.set_counts(&mut tags, list);
        tags.set("mm-mailman-footer", self.footer(texts, list));
        tags.set("mm-form-end", form_end());
        tags.set("mm-archive", archive_anchor(list));
        tags.set("/mm-archive", PreEscaped("</a>".into()));
        tags.set("mm-list-subscription-msg", super::policy::subscription_message(texts, list));
        tags.set("mm-restricted-list-message", super::policy::archive_message(texts, list));
        tags.set("mm-reminder", super::policy::reminder_message(texts, list));
        tags.set("mm-list-langs", self.language_choice(texts, list));
        if let Some(icons) = self.icons() {
            let icon = self.site.settings.str(settings::SHORTCUT_ICON).unwrap_or_default();
            tags.set("mm-favicon", safe(&format!("{icons}{icon}")));
        }
        tags
    }

    fn set_names(&self, tags: &mut Tags, texts: &Texts<'_>, list: &MailList) {
        let address = |address: ByteStr| safe(&address.to_string());
        tags.set("mm-list-name", safe(&list.real_name().to_string()));
        tags.set("mm-email-user", address(list.name().clone()));
        tags.set("mm-list-description", self.shown_description(list));
        tags.set("mm-list-info", self.info(texts, list));
        tags.set("mm-posting-addr", address(list.posting_address()));
        tags.set("mm-request-addr", address(list.request_address()));
        tags.set("mm-owner", address(list.owner_address()));
        tags.set("mm-host", address(list.host_name()));
    }

    fn set_counts(&self, tags: &mut Tags, list: &MailList) {
        let (regular, digest) = (list.count(attributes::MEMBERS), list.count(attributes::DIGEST_MEMBERS));
        tags.set("mm-num-reg-users", safe(&regular.to_string()));
        tags.set("mm-num-digesters", safe(&digest.to_string()));
        tags.set("mm-num-members", safe(&(regular + digest).to_string()));
    }

    /// The list's one-line description (`GetDescription`). It may hold entities.
    pub fn description(&self, list: &MailList) -> String {
        list.get(attributes::DESCRIPTION).map(|value| decode_value(value, &list.charset())).unwrap_or_default()
    }

    /// The same for a page. Mailman showed tags in it up to 2.1.13; those that do harm have gone.
    pub fn shown_description(&self, list: &MailList) -> Markup {
        let description = self.description(list);
        match self.has(Switch::DescriptionEscaped) {
            true => safe(&description),
            false => clean(&description),
        }
    }

    /// The owners' text about the list: their HTML, as far as it does no harm.
    pub fn info(&self, texts: &Texts<'_>, list: &MailList) -> Markup {
        let info = list.get(attributes::INFO).map(|value| decode_value(value, &texts.charset)).unwrap_or_default();
        let lines = clean(&info).0.replace('\n', "<br>");
        match self.has(Switch::DescriptionEscaped) {
            true => PreEscaped(format!("<!---->{lines}<!---->")),
            false => PreEscaped(lines),
        }
    }

    /// The choice of languages, or the name of the only one.
    pub fn language_choice(&self, texts: &Texts<'_>, list: &MailList) -> Markup {
        let languages = list.offered_languages();
        if languages.len() == 1 {
            return safe(&texts.language_name(&list.preferred_language()));
        }
        let chosen =
            if languages.contains(&texts.language) { texts.language.clone() } else { list.preferred_language() };
        let label = |lang: &ByteStr| (lang.to_string(), texts.language_name(lang));
        select("language", &languages.iter().map(label).collect::<Vec<_>>(), &chosen.to_string())
    }

    /// The button that shows a page in another language, where there is more than one.
    pub fn language_button(&self, texts: &Texts<'_>, list: &MailList) -> Markup {
        match list.offered_languages().len() {
            1 => html! {},
            _ => submit("displang-button", &texts.say("View this page in")),
        }
    }

    /// `FormatFormStart`: the opening tag of a form that goes to a program of the list.
    pub fn list_form_start(&self, list: &MailList, program: &str) -> Markup {
        let url = self.list_url(list, program).to_string();
        PreEscaped(format!("<FORM Method=POST ACTION=\"{}\">", safe(&url).0))
    }
}

fn archive_anchor(list: &MailList) -> Markup {
    PreEscaped(format!("<a href=\"{}\">", safe(&list.base_archive_url().to_string()).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(template: &str) -> String {
        let mut tags = Tags::default();
        tags.set("mm-list-name", safe("A<MM-Host>"));
        tags.set("mm-host", PreEscaped("<mm-list-name>".into()));
        tags.set("/mm-archive", PreEscaped("</a>".into()));
        tags.replace(template).0
    }

    #[test]
    fn tags_are_replaced_once_in_any_case() {
        assert_eq!(replaced("1<MM-List-Name>2<mM-hOsT>3"), "1A&lt;MM-Host&gt;2<mm-list-name>3");
        assert_eq!(replaced("x</mm-Archive>y"), "x</a>y");
    }

    #[test]
    fn unknown_tags_vanish_and_what_is_no_tag_stays() {
        assert_eq!(replaced("<mm-nothing here>a<mm b><b><mm-open"), "a<mm b><b><mm-open");
        assert_eq!(replaced("<ü<mm-host>"), "<ü<mm-list-name>");
    }
}
