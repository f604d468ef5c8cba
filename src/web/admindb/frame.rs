//! The page around what waits: its title, what there is to say, the form with its buttons.

use super::{post, requests, senders, View, NBSP};
use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::moderation::waiting::{discard_lost, stale_requests, tidy_requests, Order};
use crate::web::widgets::{checkbox, form_end, form_start, input, link, safe, submit};
use crate::web::{Problem, Response, Texts, Visit};
use compat::list::requests::RequestKind;
use compat::list::{MailList, Requests};
use compat::site::Switch;
use maud::{html, Markup, PreEscaped};

/// A page, before what waits is known.
pub(super) struct Page<'p> {
    pub visit: &'p Visit<'p>,
    pub texts: &'p Texts<'p>,
    pub view: &'p View,
    /// The field that shows that the form is ours.
    pub token: Markup,
    /// The order of senders.
    pub order: Order,
    /// What came of a form.
    pub notes: Markup,
}

/// What waits, as it was read.
pub(super) struct Waiting<'a> {
    pub list: &'a MailList,
    pub requests: Requests,
    pub left_out: LeftOut,
}

/// What a page leaves out, since there is nothing to decide about it.
#[derive(Default)]
pub(super) struct LeftOut {
    /// Posts whose files were found gone while they were shown.
    pub lost: Vec<i64>,
    /// Whether there are such requests to join or to leave.
    pub has_stale: bool,
}

impl LeftOut {
    pub fn is_nothing(&self) -> bool {
        self.lost.is_empty() && !self.has_stale
    }

    /// Discards it.
    ///
    /// # Errors
    /// The requests cannot be read.
    pub fn discard(&self, ctx: &mut MembershipContext<'_>) -> Result<(), HandlerError> {
        if self.has_stale {
            tidy_requests(ctx)?;
        }
        discard_lost(ctx, &self.lost)
    }
}

/// A page, and what it leaves out.
pub(super) struct Shown {
    pub response: Response,
    pub left_out: LeftOut,
}

/// That a form was not signed, or too long ago.
pub(super) fn forged(texts: &Texts<'_>) -> Markup {
    let message = texts.say("The form lifetime has expired. (request forgery check)");
    html! { h3 { strong { font color="#ff0000" size="+2" { (texts.say("Error: ")) } } em { (message) } } }
}

impl Page<'_> {
    /// Shows what waits, without the requests that there is nothing to decide about.
    ///
    /// # Errors
    /// A template cannot be read.
    pub fn show(&self, list: &MailList, requests: Requests, is_result: bool) -> Result<Shown, Problem> {
        let (texts, realname) = (self.texts, list.real_name().to_string());
        let realname = [("realname", realname.as_str())];
        let usual = texts.fill("%(realname)s Administrative Database", &realname);
        if requests.is_empty() {
            let response = self.visit.page(texts, &usual, self.nothing(list, &usual));
            return Ok(Shown { response, left_out: LeftOut::default() });
        }
        let title = match is_result {
            true => texts.fill("%(realname)s Administrative Database Results", &realname),
            false => usual,
        };
        let mut waiting = Waiting { list, requests, left_out: LeftOut::default() };
        let body = self.requests(&mut waiting)?;
        Ok(Shown { response: self.visit.page(texts, &title, body), left_out: waiting.left_out })
    }

    fn nothing(&self, list: &MailList, title: &str) -> Markup {
        let texts = self.texts;
        html! {
            (self.notes)
            h2 { (title) }
            (texts.say("There are no pending requests.")) " "
            (link(&self.url(list, ""), html! { (texts.say("Click here to reload this page.")) }))
            (self.end(list))
        }
    }

    fn requests(&self, waiting: &mut Waiting<'_>) -> Result<Markup, Problem> {
        let texts = self.texts;
        let is_help = self.view.details.as_ref().is_some_and(|details| *details == "instructions");
        let heading = match is_help {
            true => html! { h2 { (texts.say("Detailed instructions for the administrative database")) } },
            false => html! {
                h2 { (texts.say("Administrative requests for mailing list:")) " "
                    em { (safe(&waiting.list.real_name().to_string())) } }
            },
        };
        let intro = self.intro(waiting.list)?;
        let has_posts = !waiting.requests.ids(RequestKind::HeldMessage).is_empty();
        let fields = if is_help { None } else { self.fields(waiting) };
        let form = match fields {
            Some(fields) => self.form(waiting.list, fields, has_posts && self.view.is_summary()),
            None => html! {},
        };
        Ok(html! { (self.notes) (heading) (intro) (form) (self.end(waiting.list)) })
    }

    /// The fields of what is to be shown; `None` where the summary has none left.
    fn fields(&self, waiting: &mut Waiting<'_>) -> Option<Markup> {
        let view = self.view;
        if let Some(sender) = &view.sender {
            return Some(post::of_sender(self, waiting, sender));
        }
        if let Some(number) = &view.post {
            return Some(post::single(self, waiting, number));
        }
        match view.details.as_deref() {
            Some(b"all") => Some(post::all(self, waiting)),
            _ => self.summary(waiting),
        }
    }

    fn summary(&self, waiting: &mut Waiting<'_>) -> Option<Markup> {
        let stale = stale_requests(waiting.list, &waiting.requests);
        for id in &stale {
            waiting.requests.remove(*id);
        }
        waiting.left_out.has_stale = !stale.is_empty();
        let parts =
            [requests::joining(self, waiting), requests::leaving(self, waiting), senders::overview(self, waiting)];
        let some = parts.iter().any(Option::is_some);
        some.then(|| html! { @for part in parts.into_iter().flatten() { (part) } })
    }

    fn form(&self, list: &MailList, fields: Markup, offers_discard: bool) -> Markup {
        let texts = self.texts;
        let label = texts.say("Submit All Data");
        let first = html! { center { (input("submit", "SUBMIT", &label, &[("accesskey", "s")])) } };
        let last = html! { center { (submit("submit", &label)) } };
        let discard = html! {
            @if offers_discard {
                center { label { (checkbox("discardalldefersp", "0", false)) (NBSP)
                    (texts.html("Discard all messages marked <em>Defer</em>", &[])) } }
            }
        };
        html! {
            (form_start(&self.url(list, ""), false))
            (self.token)
            (first) (discard) (fields) hr; (discard) (last)
            (form_end())
        }
    }

    /// The address of this program with a query.
    pub fn url(&self, list: &MailList, query: &str) -> String {
        format!("{}{query}", self.visit.absolute_list_url(list, "admindb"))
    }

    fn end(&self, list: &MailList) -> Markup {
        let texts = self.texts;
        html! {
            @if self.visit.has(Switch::AdmindbLogout) {
                div align="right" { font size="+2" {
                    (link(&self.url(list, "/logout"), html! { b { (texts.say("Logout")) } }))
                } }
            }
            (self.visit.footer(texts, list))
        }
    }

    /// What the page is about, by the site's template or in our own words.
    fn intro(&self, list: &MailList) -> Result<Markup, Problem> {
        let texts = self.texts;
        let admin = self.visit.absolute_list_url(list, "admin").to_string();
        let mut values = vec![
            ("listname", safe(&list.real_name().to_string())),
            ("detailsurl", safe(&self.url(list, "?details=instructions"))),
            ("summaryurl", safe(&self.url(list, ""))),
            ("viewallurl", safe(&self.url(list, "?details=all"))),
            ("filterurl", safe(&format!("{admin}/privacy/sender"))),
            ("adminurl", safe(&admin)),
        ];
        let (template, subset) = self.template(texts);
        if let Some(subset) = &subset {
            values.push(("description", subset.clone()));
        }
        if let Some(text) = self.visit.template(texts, list, template, Some(&values))? {
            return Ok(text);
        }
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let to = |name: &str, label: &str| {
            PreEscaped(format!("<a href=\"{}\">{label}</a>", value(name).unwrap_or_default().0))
        };
        Ok(match template {
            "admindbdetails.html" => help(&to),
            "admindbpreamble.html" => html! {
                p { "This page shows " (subset.unwrap_or_default()) " They belong to the list "
                    em { (value("listname").unwrap_or_default()) } "." }
                p { "Choose what is to become of each, and send all of it with one of the buttons. "
                    (to("detailsurl", "Instructions")) " · " (to("summaryurl", "Summary of all pending requests")) }
            },
            _ => html! {
                p { "This page contains a summary of the current set of administrative requests of the list "
                    (to("adminurl", &value("listname").unwrap_or_default().0)) ": who wants to join or to leave, and below \
                    it the posts that are held." }
                p { "Choose what is to become of each, and send all of it with one of the buttons. "
                    (to("detailsurl", "Instructions")) " · " (to("viewallurl", "Details of all held posts")) }
            },
        })
    }

    /// The template of the view, and for a part of the posts what part it is.
    fn template(&self, texts: &Texts<'_>) -> (&'static str, Option<Markup>) {
        let view = self.view;
        if let Some(sender) = &view.sender {
            let sender = safe(&super::shown(texts, sender));
            let subset = texts.html("all of %(esender)s's held messages.", &[("esender", sender)]);
            return ("admindbpreamble.html", Some(subset));
        }
        if view.post.is_some() {
            return ("admindbpreamble.html", Some(safe(&texts.say("a single held message."))));
        }
        match view.details.as_deref() {
            Some(b"all") => ("admindbpreamble.html", Some(safe(&texts.say("all held messages.")))),
            Some(b"instructions") => ("admindbdetails.html", None),
            _ => ("admindbsummary.html", None),
        }
    }
}

/// What a moderator can do, in our own words.
fn help(to: &dyn Fn(&str, &str) -> Markup) -> Markup {
    html! {
        p { "Requests are shown on a " (to("summaryurl", "summary page")) ", where held posts are grouped by their senders, \
            and on a " (to("viewallurl", "page of details")) ", which shows headers and the beginning of each post." }
        dl {
            dt { b { "Defer" } } dd { "Nothing happens yet. A post can be kept and forwarded all the same." }
            dt { b { "Accept, Approve" } } dd { "The post goes to the list; who wants to join or leave does." }
            dt { b { "Reject" } } dd { "Whoever asked gets a notice with the reason that you give; a post is thrown away." }
            dt { b { "Discard" } } dd { "The request or post goes without a notice. Use it for spam." }
        }
        p { b { "Preserve" } " keeps a copy of a post for the site's administrator; " b { "Forward" } " sends a copy, \
            unchanged, to the addresses beside it. To change a post before it goes to the list, forward it to yourself and \
            discard it; then send the new text with a header " code { "Approved:" } " that holds the list's password, and \
            say in it that you changed it." }
        p { "If the sender is a member whose posts are moderated, the moderation flag can be cleared. The address of \
            anybody else can be put on one of the " (to("filterurl", "sender filters")) ", which accept, hold, reject or \
            discard later posts, and can be banned from joining." }
        p { (to("summaryurl", "Back to the summary")) }
    }
}
