//! A page of our own: head, style sheet, body; and the headers that keep a browser from doing more than show it.
//!
//! Answers to `Document` in Mailman/htmlformat.py. What a program adds comes straight below `body`, because programs that
//! read these pages expect it there. There is one style sheet, in the page itself; a site puts another in its place with
//! `MAILMAN2_RS_STYLESHEET`. Nothing needs a script.

use super::response::{Content, Response};
use super::texts::Texts;
use super::urls::origin_of;
use super::widgets::safe;
use super::Visit;
use compat::list::{attributes, MailList};
use compat::site::settings;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped, DOCTYPE};

const STYLE: &str = include_str!("style.css");

/// A page with what it needs around its body.
pub struct Page<'a> {
    /// The language that it is in.
    pub texts: &'a Texts<'a>,
    /// Its title, as plain text.
    pub title: &'a str,
    /// More for its head, such as the address of a feed.
    pub head: Markup,
    /// Its body.
    pub body: Markup,
}

impl<'v> Visit<'v> {
    /// A page with nothing special about it.
    pub fn page(&self, texts: &Texts<'_>, title: &str, body: Markup) -> Response {
        self.full_page(&Page { texts, title, head: html! {}, body })
    }

    /// A page.
    pub fn full_page(&self, page: &Page<'_>) -> Response {
        let texts = page.texts;
        let direction = if texts.is_right_to_left() { "rtl" } else { "ltr" };
        let language = texts.language.to_string().replace('_', "-");
        let document = html! {
            (DOCTYPE)
            html lang=(language) {
                head {
                    meta http-equiv="Content-Type" content={ "text/html; charset=" (texts.charset) };
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (page.title) }
                    (self.icon())
                    (self.style())
                    (page.head)
                    (self.site_head())
                }
                body dir=(direction) { (page.body) }
            }
        };
        self.html(texts, &document)
    }

    /// A whole document, head and all, that comes from a template of the site.
    pub fn html(&self, texts: &Texts<'_>, document: &Markup) -> Response {
        let kind = [b"text/html; charset=", &texts.charset[..]].concat();
        let mut response = Response::new(kind, Content::Bytes(texts.encode(&document.0)));
        response.add("Content-Security-Policy", self.content_policy());
        response.add("Vary", "Cookie");
        response
    }

    /// A page about an error that belongs to a list, with the list's footer.
    pub fn error_page(&self, texts: &Texts<'_>, list: Option<&MailList>, message: Markup) -> Response {
        let title = texts.say("Error");
        let body = html! {
            h2 { (title) }
            p.problem role="alert" { strong { (message) } }
            @if let Some(list) = list { (self.footer(texts, list)) }
        };
        self.page(texts, &title, body)
    }

    fn icon(&self) -> Markup {
        let Some(icons) = self.icons() else { return html! {} };
        let icon = self.site.settings.str(settings::SHORTCUT_ICON).unwrap_or_default();
        html! { link rel="shortcut icon" href={ (icons) (icon) }; }
    }

    /// Where the site's pictures are; `None` where it wants none (`IMAGE_LOGOS`).
    pub fn icons(&self) -> Option<ByteStr> {
        self.site.settings.optional_str(settings::IMAGE_LOGOS)
    }

    fn style(&self) -> Markup {
        match self.site.settings.optional_str(settings::MAILMAN2_RS_STYLESHEET) {
            Some(url) => html! { link rel="stylesheet" href=(url); },
            None => html! { style { (PreEscaped(STYLE)) } },
        }
    }

    /// `WEB_HEAD_ADD`: what the people who run the site want in every head, as it is.
    fn site_head(&self) -> Markup {
        let head = self.site.settings.optional_str(settings::WEB_HEAD_ADD).unwrap_or_default();
        PreEscaped(super::texts::decode(&head, b"utf-8"))
    }

    /// What a browser may load for a page. Forms go to this site only; the site's own additions to the head and
    /// reCAPTCHA open what they need.
    fn content_policy(&self) -> String {
        let settings = &self.site.settings;
        if let Some(own) = settings.optional_str(settings::MAILMAN2_RS_CONTENT_POLICY) {
            return own.to_string();
        }
        let pattern = settings.str(settings::DEFAULT_URL_PATTERN).unwrap_or_default();
        let base = crate::text::replace(&pattern, b"%s", &self.domain());
        let origin = origin_of(&base).map(|origin| String::from_utf8_lossy(origin).into_owned()).unwrap_or_default();
        let has_script = settings
            .optional_str(settings::WEB_HEAD_ADD)
            .is_some_and(|head| crate::text::find(&head.to_ascii_lowercase(), b"<script").is_some());
        let scripts = match (has_script, settings.truth(settings::RECAPTCHA_SITE_KEY)) {
            (true, _) => " script-src 'self' 'unsafe-inline' https:; frame-src https:;",
            (false, true) => {
                " script-src https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/; \
                 frame-src https://www.google.com/recaptcha/;"
            }
            (false, false) => "",
        };
        format!(
            "default-src 'none'; img-src * data:; style-src * 'unsafe-inline'; font-src *;{scripts} \
             form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
        )
    }

    /// The end of every page of a list (`GetMailmanFooter`): the list, its owners, its administration, the overview.
    pub fn footer(&self, texts: &Texts<'_>, list: &MailList) -> Markup {
        let real_name = list.real_name().to_string();
        let url = |program: &str| self.list_url(list, program).to_string();
        let owner = list.owner_address().to_string();
        let list_link = html! { a href=(url("listinfo")) { (real_name) } };
        let owner_link = html! { a href={ "mailto:" (owner) } { (self.owners_shown(list)) } };
        let administration = texts.fill("%(realname)s administrative interface", &[("realname", &real_name)]);
        let host = list.host_name().to_string();
        let overview = texts.fill("Overview of all %(hostname)s mailing lists", &[("hostname", &host)]);
        html! {
            hr;
            address {
                (texts.html(
                    "%(listinfo_link)s list run by %(owner_link)s",
                    &[("listinfo_link", list_link), ("owner_link", owner_link)],
                ))
                br;
                a href=(url("admin")) { (administration) } (texts.say(" (requires authorization)"))
                br;
                a href=(self.program_url("listinfo").to_string()) { (overview) }
                (self.logos(texts))
            }
        }
    }

    fn owners_shown(&self, list: &MailList) -> Markup {
        let shown = |address: &[u8]| super::urls::obscured_text(address).to_string();
        match self.has(compat::site::Switch::FooterOwnerAddress) {
            true => safe(&shown(&list.owner_address())),
            false => {
                safe(&list.strings(attributes::OWNER).iter().map(|owner| shown(owner)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The pictures at the end of every page (`MailmanLogo`). Programs read the version from the line that has
    /// "Delivered by Mailman".
    pub fn logos(&self, texts: &Texts<'_>) -> Markup {
        let version = self.site.profile.version().to_string();
        let Some(icons) = self.icons() else {
            let home = self.site.settings.str(settings::MAILMAN_URL).unwrap_or_default();
            let label = texts.html("Delivered by Mailman<br>version %(version)s", &[("version", safe(&version))]);
            return html! { table.logos { tr { td { a href=(home) { (label) } } } } };
        };
        let picture = |file: &str, text: &str| html! { img src={ (icons) (file) } alt=(text) border="0"; };
        html! {
            table.logos {
                tr {
                    td { (picture("mailman.jpg", "Delivered by Mailman")) br; "version " (version) }
                    td { (picture("PythonPowered.png", "Python Powered")) }
                    td { (picture("gnu-head-tiny.jpg", "GNU's Not Unix")) }
                }
            }
        }
    }
}
