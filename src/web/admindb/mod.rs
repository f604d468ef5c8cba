//! `admindb`: what waits for a list's moderators, and their decisions.
//!
//! Answers to Mailman/Cgi/admindb.py. What a form asks for is done first, in `moderation`; then the page shows what still
//! waits. Order and spelling of tables, rows and fields are Mailman's, since programs such as listadmin read them.

mod decide;
mod excerpt;
mod frame;
mod post;
mod requests;
mod senders;

use super::access::Access;
use super::texts::as_browser;
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::auth::cookie;
use crate::auth::csrf::FormOf;
use crate::auth::AuthContext::{self, ListAdmin, ListModerator, SiteAdmin};
use crate::dns::Stub;
use crate::membership::MembershipContext;
use crate::moderation::waiting::Order;
use crate::notice::{outbox, save_with_mail};
use compat::list::MailList;
use compat::site::{settings, Switch};
use compat::ByteStr;
use maud::{html, PreEscaped};

const ACCESS: Access = Access {
    contexts: &[ListAdmin, ListModerator, SiteAdmin],
    harmless: &["adminpw", "admlogin", "msgid", "sender", "details"],
    form: FormOf::Admindb,
    signed: Switch::CsrfTokenOnAllForms,
};
/// A blank that breaks no line. As an entity it leaves an English page ASCII, which need not be encoded.
const NBSP: PreEscaped<&str> = PreEscaped("&nbsp;");

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let Some(name) = parts.first() else { return Ok(no_list(visit, None)) };
    let mut list = match visit.list_named(name) {
        Err(Problem::NoSuchList(name)) => return Ok(no_list(visit, Some(&name)).with_status(visit.unknown_status())),
        other => other?,
    };
    let form = visit.form(Blanks::Kept)?;
    let proof = ACCESS.proof(visit, &list, &form)?;
    let Some(visitor) = ACCESS.log_in(visit, &mut list, &form)? else { return visit.admin_refusal(&list, &form) };
    let leaves = parts.get(1).is_some_and(|part| *part == "logout") && visit.has(Switch::AdmindbLogout);
    if leaves {
        // Of two cookies of one name the later counts.
        let cookies = visitor.cookie.into_iter().chain(ended_cookies(&list));
        return Ok(visit.admin_login_page(&list, true, None)?.with_cookies(cookies));
    }
    let caller = (visitor.actor, proof.is_good_for(visitor.actor));
    Ok(decide_and_show(visit, list, &form, caller)?.with_cookies(visitor.cookie))
}

/// Ends whichever cookie somebody came in by.
fn ended_cookies(list: &MailList) -> Vec<ByteStr> {
    let of_site = cookie::end(list, SiteAdmin, None).filter(|cookie| cookie.name == "site");
    let of_list = [ListModerator, ListAdmin].into_iter().filter_map(|context| cookie::end(list, context, None));
    of_site.into_iter().chain(of_list).map(|cookie| cookie.header_value()).collect()
}

/// What the address asks to see. A field of the body with the same name has no effect.
struct View {
    sender: Option<ByteStr>,
    post: Option<ByteStr>,
    details: Option<ByteStr>,
}

impl View {
    fn of(visit: &Visit<'_>) -> View {
        let url = visit.request.url_parameters();
        let value = |name: &str| url.get(name).filter(|value| !value.is_empty()).cloned();
        View { sender: value("sender"), post: value("msgid"), details: value("details") }
    }

    /// Whether everything that waits is shown in short.
    fn is_summary(&self) -> bool {
        self.sender.is_none() && self.post.is_none() && self.details.is_none()
    }
}

fn decide_and_show(visit: &Visit<'_>, list: MailList, form: &Form, (actor, is_genuine): (AuthContext, bool)) -> Answer {
    let view = View::of(visit);
    let texts = visit.texts(&list.preferred_language());
    let token = visit.token_field(&list, ACCESS.form, ACCESS.signed, actor)?;
    let is_decision = !form.is_empty() && !form.has("admlogin") && view.details.is_none();
    let mut page = frame::Page { visit, texts: &texts, view: &view, token, order: usual_order(visit), notes: html! {} };
    match (is_decision, is_genuine) {
        // The list need not be locked, and so not be read whole.
        (true, true) if form.fields().all(|field| field.name == "adminpw") => {
            let done = decide::Done::nothing(&texts);
            (page.notes, page.order) = (done.notes, done.order.unwrap_or_default());
        }
        (true, true) => return decide(visit, list, form, page),
        (true, false) => page.notes = frame::forged(&texts),
        (false, _) => {}
    }
    look(visit, list, page, is_decision)
}

fn decide(visit: &Visit<'_>, list: MailList, form: &Form, mut page: frame::Page<'_>) -> Answer {
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let dns = Stub::new(visit.site);
    let language = page.texts.language.clone();
    let mut ctx = MembershipContext { site: visit.site, list: &mut list, outbox: &mut outbox, dns: &dns, language };
    let done = decide::all(&mut ctx, page.texts, form)?;
    page.notes = done.notes;
    page.order = done.order.unwrap_or_default();
    let requests = ctx.list.requests()?.clone();
    let shown = page.show(ctx.list, requests, true)?;
    shown.left_out.discard(&mut ctx)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock_when_done();
    Ok(shown.response)
}

/// Shows what waits without the list's lock. Mailman locks and saves the list with each view; here that is done only where
/// there is something to put right.
fn look(visit: &Visit<'_>, list: MailList, page: frame::Page<'_>, is_decision: bool) -> Answer {
    let shown = page.show(&list, list.read_requests()?, is_decision)?;
    if !shown.left_out.is_nothing() || list.needs_saving_as_read() || !list.has_requests_file() {
        put_right(visit, list, page.texts, &shown.left_out)?;
    }
    Ok(shown.response)
}

fn put_right(visit: &Visit<'_>, list: MailList, texts: &Texts<'_>, left_out: &frame::LeftOut) -> Result<(), Problem> {
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let dns = Stub::new(visit.site);
    let language = texts.language.clone();
    let mut ctx = MembershipContext { site: visit.site, list: &mut list, outbox: &mut outbox, dns: &dns, language };
    // Opened, they are saved with the list, also where there is no file yet.
    ctx.list.requests()?;
    left_out.discard(&mut ctx)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock_when_done();
    Ok(())
}

/// The order of held posts where the form does not say one (`DISPLAY_HELD_SUMMARY_SORT_BUTTONS`).
fn usual_order(visit: &Visit<'_>) -> Order {
    match visit.site.settings.int(settings::DISPLAY_HELD_SUMMARY_SORT_BUTTONS).unwrap_or(0) {
        2 => Order::SenderByTime,
        3 => Order::Time,
        _ => Order::Sender,
    }
}

/// The page where the address names no list, or one that is not there.
fn no_list(visit: &Visit<'_>, name: Option<&[u8]>) -> Response {
    let texts = visit.site_texts();
    let title = texts.say("Mailman Administrative Database Error");
    let url = visit.program_url("admin").to_string();
    let link = super::widgets::link(&url, html! { (texts.say("list of available mailing lists.")) });
    let body = html! {
        h2 { (title) }
        @if let Some(name) = name { p.problem role="alert" { (visit.no_such_list(&texts, name)) } }
        p { (texts.html("You must specify a list name.  Here is the %(link)s", &[("link", link)])) }
        hr;
        (visit.logos(&texts))
    };
    visit.page(&texts, &title, body)
}

/// A text of the list's charset as a browser would show its bytes on a page of that charset.
fn shown(texts: &Texts<'_>, bytes: &[u8]) -> String {
    as_browser(bytes, &texts.charset)
}
