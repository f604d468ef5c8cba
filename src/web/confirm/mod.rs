//! `confirm`: what somebody asked for is shown, and done or dropped by a button.
//!
//! Answers to Mailman/Cgi/confirm.py. The cookie of a mail says what it is about; looking at the page uses nothing up. Each
//! kind of request is a file: it shows what is asked, and does it or drops it.

mod address;
mod bouncing;
mod held;
mod joining;
mod leaving;

use super::widgets::{form, hidden, safe, submit, text_box};
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::confirmation;
use crate::dns::Closed;
use crate::membership::{MembershipContext, Refused};
use crate::notice::{outbox, save_with_mail};
use compat::list::pending::{Kind, Pended};
use compat::list::{LockedList, MailList};
use compat::site::Switch;
use compat::ByteStr;
use maud::{html, Markup};

/// A confirmation in work.
struct Confirmation<'v> {
    visit: &'v Visit<'v>,
    cookie: ByteStr,
    form: Form,
}

/// What the visitor wants.
enum Wish {
    /// To see what it is about.
    Look,
    /// To have it done.
    Confirm,
    /// To have it dropped.
    Cancel,
}

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let Some(name) = parts.first() else { return Ok(without_list(visit, html! {})) };
    let list = match visit.list_named(name) {
        Ok(list) => list,
        Err(Problem::NoSuchList(name)) => {
            let message = visit.no_such_list(&visit.site_texts(), &name);
            return Ok(without_list(visit, message).with_status(visit.unknown_status()));
        }
        Err(problem) => return Err(problem),
    };
    let texts = visit.texts(&list.preferred_language());
    let form = visit.form(Blanks::Kept)?;
    let given = form.get("cookie").cloned();
    if given.as_ref().is_some_and(|cookie| cookie.is_empty()) {
        let message = safe(&texts.say("Confirmation string was empty."));
        return Ok(ask_for_cookie(visit, &texts, &list, message));
    }
    match (given, &parts[1..]) {
        (_, [_, _, ..]) => Ok(bad(visit, &texts, &list, html! {})),
        (Some(cookie), _) => Confirmation { visit, cookie, form }.go_on(list, &texts),
        (None, [cookie]) => Confirmation { visit, cookie: cookie.clone(), form }.go_on(list, &texts),
        (None, []) => Ok(ask_for_cookie(visit, &texts, &list, html! {})),
    }
}

impl<'v> Confirmation<'v> {
    fn go_on(self, list: MailList, texts: &Texts<'_>) -> Answer {
        let Some(record) = list.pend_look(&self.cookie)? else {
            return Ok(unknown(self.visit, texts, &list, &self.cookie));
        };
        let Some(pended) = Pended::from_value(&record) else { return Ok(self.senseless(texts, &list)) };
        match pended.kind {
            Kind::Subscription => joining::answer(&self, list, texts, &pended),
            Kind::Unsubscription => leaving::answer(&self, list, texts, &pended),
            Kind::ChangeOfAddress => address::answer(&self, list, texts, &pended),
            Kind::HeldMessage => held::answer(&self, list, texts, &pended),
            Kind::ReEnable => bouncing::answer(&self, list, texts, &pended),
            Kind::ProbeBounce => Ok(self.senseless(texts, &list)),
        }
    }

    /// Only a form that is sent does something: programs that look at the links of a mail follow addresses.
    fn wish(&self) -> Wish {
        let pressed = |button: &str| self.visit.request.is_post() && !self.form.value(button).is_empty();
        match () {
            () if pressed("cancel") => Wish::Cancel,
            () if pressed("submit") => Wish::Confirm,
            () => Wish::Look,
        }
    }

    /// A record that this page has nothing for. What it holds is shown to nobody: it may be a message.
    fn senseless(&self, texts: &Texts<'_>, list: &MailList) -> Response {
        bad(self.visit, texts, list, html! { "There is nothing to confirm under this string." })
    }

    /// Uses the record up.
    fn drop_record(&self, list: MailList) -> Result<LockedList, Problem> {
        let mut list = self.visit.lock(list)?;
        list.pend_confirm(&self.cookie)?;
        Ok(list)
    }

    /// Does what a member has confirmed, and shows `page` for it in the member's language.
    fn carry_out(&self, list: MailList, member: &[u8], page: impl FnOnce(&Texts<'_>, &MailList) -> Response) -> Answer {
        let visit = self.visit;
        let mut list = visit.lock(list)?;
        let language = list.language_of(member);
        let texts = visit.texts(&language);
        let mut outbox = outbox(visit.site)?;
        let mut ctx =
            MembershipContext { site: visit.site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
        let page = match confirmation::process(&mut ctx, &self.cookie, None) {
            Ok(_) => page(&texts, &list),
            Err(Refused::NotAMember) => self.too_late(&texts, &list),
            Err(Refused::BadCookie(_)) => unknown(visit, &texts, &list, &self.cookie),
            Err(error) => return Err(error.into()),
        };
        save_with_mail(&mut list, &mut outbox)?;
        Ok(page)
    }

    /// The form with what is asked for, its fields and the two buttons.
    fn prompt(
        &self,
        texts: &Texts<'_>,
        list: &MailList,
        title: &str,
        text: Markup,
        fields: Markup,
        buttons: [&str; 2],
    ) -> Response {
        let [go, stop] = buttons;
        let action = self.visit.absolute_list_url(list, "confirm").to_string();
        let fields = html! {
            div { (text) }
            hr;
            (fields)
            (hidden("cookie", &texts.decode(&self.cookie)))
            p { (submit("submit", go)) " " (submit("cancel", stop)) }
        };
        let body = html! { h1 { (title) } (form(&action, fields)) (self.visit.footer(texts, list)) };
        self.visit.page(texts, title, body)
    }

    /// What was done.
    fn done(&self, texts: &Texts<'_>, list: &MailList, title: &str, text: Markup) -> Response {
        let body = html! { h3 { (title) } p.done role="status" { (text) } (self.visit.footer(texts, list)) };
        self.visit.page(texts, title, body)
    }

    /// A sentence about what was dropped.
    fn dropped(&self, texts: &Texts<'_>, list: &MailList, text: Markup) -> Response {
        let body = html! { p.done role="status" { (text) } (self.visit.footer(texts, list)) };
        self.visit.page(texts, &texts.say("Confirmation"), body)
    }

    /// Why it was not done (`Document.addError`).
    fn error(&self, texts: &Texts<'_>, list: &MailList, text: Markup) -> Response {
        let label = texts.say("Error: ");
        let body = html! {
            h3.problem role="alert" { strong { font color="red" size="+2" { (label) } } em { (text) } }
            (self.visit.footer(texts, list))
        };
        self.visit.page(texts, label.trim_end_matches([' ', ':']), body)
    }

    /// Somebody else was quicker, or the member has gone.
    fn too_late(&self, texts: &Texts<'_>, list: &MailList) -> Response {
        let text = texts.sentence(
            0xec21_b946_1323_f308,
            "This confirmation string is not valid any more. Perhaps the address that it is about is no longer subscribed.",
            &[],
        );
        bad(self.visit, texts, list, text)
    }
}

/// That a string is no good, on a list's page.
fn bad(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, text: Markup) -> Response {
    bad_page(visit, texts, text, visit.footer(texts, list))
}

fn without_list(visit: &Visit<'_>, text: Markup) -> Response {
    let texts = visit.site_texts();
    let end = visit.logos(&texts);
    bad_page(visit, &texts, text, end)
}

fn bad_page(visit: &Visit<'_>, texts: &Texts<'_>, text: Markup, end: Markup) -> Response {
    let title = texts.say("Bad confirmation string");
    let body = html! {
        h3 { strong { font color="#ff0000" size="+2" { (title) } } }
        div role="alert" { (text) }
        (end)
    };
    visit.page(texts, &title, body)
}

/// That nothing waits under a string.
fn unknown(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, cookie: &ByteStr) -> Response {
    let days = confirmation::lifetime_in_days(visit.site).to_string();
    let url = visit.absolute_list_url(list, "confirm").to_string();
    let values = [("safecookie", safe(&texts.decode(cookie))), ("days", safe(&days)), ("confirmurl", safe(&url))];
    let key = match visit.has(Switch::ConfirmExpiredNewText) {
        true => 0x721d_d021_447b_274f,
        false => 0x4f86_f3cf_2068_ec4b,
    };
    let text = texts.sentence(
        key,
        "<b>Nothing is to be confirmed under this string:</b> %(safecookie)s. <p>A confirmation string is good for about \
         %(days)s days, and until what it stands for was dealt with in some way. If it is too old, please ask again. Or \
         perhaps it was mistyped: <a href=\"%(confirmurl)s\">enter it again</a>.",
        &values,
    );
    bad(visit, texts, list, text)
}

fn ask_for_cookie(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, message: Markup) -> Response {
    let title = texts.say("Enter confirmation cookie");
    let action = visit.absolute_list_url(list, "confirm").to_string();
    let fields = html! {
        p { (texts.sentence(
            0x8ea4_a754_95a0_00cd,
            "Please enter the confirmation string (the <em>cookie</em>) that you got by email. What it is about will be \
             shown next.",
            &[],
        )) }
        p.field { label for="cookie" { (texts.say("Confirmation string:")) }
            (super::widgets::input("cookie", "TEXT", "", &[("size", "40"), ("id", "cookie")])) }
        p { (submit("submit_cookie", &texts.say("Submit"))) }
    };
    let body = html! {
        h1 { (title) }
        @if !message.0.is_empty() { p.problem role="alert" { strong { (message) } } }
        (form(&action, fields))
        (visit.footer(texts, list))
    };
    visit.page(texts, &title, body)
}

/// A member's name for a page, or that there is none.
fn name_of(texts: &Texts<'_>, list: &MailList, address: &ByteStr, nobody: &str) -> Markup {
    match list.name_of(address) {
        Some(name) => safe(&texts.name(&name)),
        None => texts.html(nobody, &[]),
    }
}

/// A line for the visitor's real name.
fn real_name_box(value: &str) -> Markup {
    text_box("realname", value, 40)
}
