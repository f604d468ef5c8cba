//! What stands around each page of a list's owner: title, remarks, links to the other pages, the form (`show_results` of
//! Mailman/Cgi/admin.py).
//!
//! The form is a child of `body`, and the tables in it are where programs look for them.

use super::notes::Notes;
use super::place::{categories, parts, title, Place};
use super::{export, mass, meanwhile, members, passwords, variables};
use crate::web::widgets::{form_end, form_start, hidden, link, submit};
use crate::web::{Form, Response, Texts, Visit};
use compat::list::{attributes, MailList};
use compat::site::settings;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

/// A page with what it is made of.
pub(super) struct Frame<'a> {
    pub visit: &'a Visit<'a>,
    pub texts: &'a Texts<'a>,
    pub list: &'a MailList,
    pub place: &'a Place,
    pub form: &'a Form,
    /// The field that shows that the form is ours.
    pub token: Markup,
    pub notes: &'a Notes,
    /// The marks of what the form is made from ([`meanwhile`]).
    pub made_from: &'a str,
}

/// What a category puts into the form.
pub(super) struct Section {
    pub body: Markup,
    /// The address that the form goes to, where that is not the page's own.
    pub action: Option<String>,
    /// More remarks, for what was found out while the section was made.
    pub note: Option<Markup>,
}

impl From<Markup> for Section {
    fn from(body: Markup) -> Section {
        Section { body, action: None, note: None }
    }
}

/// The page.
pub(super) fn page(frame: &Frame<'_>) -> Response {
    let texts = frame.texts;
    let label = texts.say(title(&frame.place.category));
    let real_name = frame.list.real_name().to_string();
    let section = section(frame);
    let action = section.action.unwrap_or_else(|| frame.action());
    let has_upload = matches!(&frame.place.category[..], b"autoreply" | b"members");
    let values = [("realname", html! { (real_name) }), ("label", PreEscaped(label.clone()))];
    let body = html! {
        @if let Some(note) = &section.note { (note) }
        (frame.notes.markup())
        h2 { (texts.html("%(realname)s mailing list administration<br>%(label)s Section", &values)) }
        hr;
        (form_start(&action, has_upload))
        (frame.token)
        @if !frame.made_from.is_empty() { (hidden(meanwhile::FIELD, frame.made_from)) }
        (links(frame))
        hr;
        (texts.sentence(
            0x3a4d_ec0b_ad98_1c19,
            "Change what you like, and send it with the button <em>Submit Your Changes</em> below.",
            &[],
        ))
        p {}
        (section.body)
        (form_end())
        (frame.visit.footer(texts, frame.list))
    };
    let plain = without_entities(&label);
    let title = texts.fill("%(realname)s Administration (%(label)s)", &[("realname", &real_name), ("label", &plain)]);
    frame.visit.page(texts, &title, body)
}

/// A label of the catalogue, whose entities are for pages, as plain text.
fn without_entities(label: &str) -> String {
    label.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
}

fn section(frame: &Frame<'_>) -> Section {
    let part = frame.place.part(frame.visit);
    if frame.place.is_history() {
        // A history that cannot be read is not shown; the rest of the page is.
        return export::history(frame).unwrap_or_else(|error| html! { p.problem { (error) } }).into();
    }
    match (&frame.place.category[..], part) {
        (b"members", Some("add")) => mass::subscribe(frame).into(),
        (b"members", Some("remove")) => mass::remove(frame).into(),
        (b"members", Some("change")) => mass::change(frame).into(),
        (b"members", Some("sync")) => mass::synchronise(frame).into(),
        (b"members", _) => members::section(frame),
        (b"passwords", _) => passwords::section(frame).into(),
        (_, part) => variables::section(frame, part).into(),
    }
}

/// The button that sends a page's form.
pub(super) fn submit_button(texts: &Texts<'_>, name: &str) -> Markup {
    html! { center { table border="0" cellspacing="0" cellpadding="2" { tr { td align="middle" {
        strong { (submit(name, &texts.say("Submit Your Changes"))) }
    } } } } }
}

impl Frame<'_> {
    /// The address of the list's pages, relative to this one.
    pub(super) fn admin_url(&self) -> String {
        self.visit.list_url(self.list, "admin").to_string()
    }

    /// The same in full.
    pub(super) fn absolute_admin_url(&self) -> String {
        self.visit.absolute_list_url(self.list, "admin").to_string()
    }

    fn action(&self) -> String {
        let category = &self.place.category;
        match &self.place.sub {
            Some(sub) => format!("{}/{category}/{sub}", self.admin_url()),
            None => format!("{}/{category}", self.admin_url()),
        }
    }
}

fn links(frame: &Frame<'_>) -> Markup {
    let texts = frame.texts;
    let all = categories(frame.visit);
    let (first, second) = all.split_at(all.len() / 2);
    html! {
        table width="100%" {
            tr {
                th scope="col" { (texts.say("Configuration Categories")) }
                th scope="col" { (texts.say("Other Administrative Activities")) }
            }
            tr {
                td { table {
                    tr { @for half in [first, second] { td { ul { @for key in half { (category_link(frame, key)) } } } } }
                    @if frame.list.truth(attributes::EMERGENCY) { tr { td.problem colspan="2" {
                        a href="?VARHELP=general/emergency" {
                            strong { (texts.say("Emergency moderation of all list traffic is enabled")) }
                        }
                    } } }
                } }
                td { (other_links(frame)) }
            }
        }
    }
}

fn category_link(frame: &Frame<'_>, key: &ByteStr) -> Markup {
    let texts = frame.texts;
    let url = format!("{}/{key}", frame.admin_url());
    let label = PreEscaped(texts.say(title(key)));
    if *key != frame.place.category {
        return html! { li { (link(&url, label)) } };
    }
    let parts = parts(frame.visit, key);
    if parts.is_empty() {
        return html! { li { (link(&url, html! { strong { "[" (label) "]" } })) } };
    }
    let shown = frame.place.part(frame.visit);
    html! {
        li { strong { (label) } ul { @for (name, text) in parts { li {
            @let text = PreEscaped(texts.say(text));
            @let text = if Some(name) == shown { html! { strong { "[" (text) "]" } } } else { text };
            (link(&format!("{url}/{name}"), text))
        } } } }
    }
}

fn other_links(frame: &Frame<'_>) -> Markup {
    let (visit, texts, list) = (frame.visit, frame.texts, frame.list);
    let settings = &visit.site.settings;
    let url = |program: &str| visit.list_url(list, program).to_string();
    let is_removable = settings.truth(settings::OWNERS_CAN_DELETE_THEIR_OWN_LISTS)
        && settings.str(settings::MAILMAN_SITE_LIST).is_ok_and(|site_list| site_list != *list.name());
    let item = |url: &str, label: &str| html! { li { a href=(url) { (texts.say(label)) } } };
    html! {
        ul {
            (item(&url("admindb"), "Tend to pending moderator requests"))
            (item(&url("listinfo"), "Go to the general list information page"))
            (item(&url("edithtml"), "Edit the public HTML pages and text files"))
            (item(&list.base_archive_url().to_string(), "Go to list archives"))
            li { a href={ (frame.admin_url()) "/history" } { "History of changes" } }
            li { "Download: " a href={ (frame.admin_url()) "/export/members.csv" } { "members (CSV)" } ", "
                a href={ (frame.admin_url()) "/export/config.txt" } { "settings (for config_list)" } }
            @if is_removable {
                li {
                    a href=(url("rmlist")) { (texts.say("Delete this mailing list")) }
                    (texts.html(" (requires confirmation)<br>&nbsp;<br>", &[]))
                }
            }
            li { a href={ (frame.admin_url()) "/logout" } { strong { (texts.say("Logout")) } } }
        }
    }
}
