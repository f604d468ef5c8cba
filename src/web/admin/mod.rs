//! `admin`: the pages of a list's owner.
//!
//! Answers to Mailman/Cgi/admin.py. A page is a category of options, or one of the pages of members and passwords. What a
//! form asks for is done first, by the rooms that decide (`lists::options`, `membership`), and the page shows what has
//! come of it. Markup that programs read (the tables of members, the headings of results) is spelled as Mailman spells it.

mod access;
mod buckets;
mod change;
mod frame;
mod help;
mod items;
mod mass;
mod members;
mod notes;
mod overview;
mod passwords;
mod place;
mod sanity;
#[cfg(test)]
mod tests;
mod variables;
mod widget;

use super::{Answer, Blanks, Form, Problem, Texts, Visit};
use crate::auth::AuthContext;
use crate::notice::{outbox, save_with_mail};
use access::ACCESS;
use compat::list::MailList;
use notes::Notes;
use place::Place;

/// Whose passwords let in, in the order in which they are tried.
const CONTEXTS: [AuthContext; 2] = [AuthContext::ListAdmin, AuthContext::SiteAdmin];

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let Some(name) = parts.first() else { return overview::page(visit, None) };
    let mut list = match visit.list_named(name) {
        Err(Problem::NoSuchList(name)) => return overview::page(visit, Some(&name)),
        other => other?,
    };
    let form = visit.form(Blanks::Kept)?;
    let proof = ACCESS.proof(visit, &list, &form)?;
    let Some(visitor) = ACCESS.log_in(visit, &mut list, &form)? else { return visit.admin_refusal(&list, &form) };
    let (actor, is_genuine) = (visitor.actor, proof.is_good_for(visitor.actor));
    let mut cookies: Vec<_> = visitor.cookie.into_iter().collect();
    let place = Place::of(visit, &parts);
    if place.is_logout() {
        return access::log_out(visit, &list, cookies);
    }
    let response = match form.get("VARHELP").filter(|name| !name.is_empty()) {
        Some(name) => help::page(visit, &list, name, actor)?,
        None if changes_nothing(&form, &place) => view(visit, list, &place, &form, actor)?,
        None => change_and_show(visit, list, &place, &form, (actor, is_genuine), &mut cookies)?,
    };
    Ok(response.with_cookies(cookies))
}

/// Whether a request only looks: nothing was sent but what says which members to show.
fn changes_nothing(form: &Form, place: &Place) -> bool {
    let looks = ["letter", "chunk", "findmember", "legend"];
    let only_looks = form.fields().all(|field| looks.iter().any(|look| field.name == *look.as_bytes()));
    form.is_empty() || (only_looks && place.category == "members")
}

/// Shows the page without waiting for the list's lock. Mailman saves the list with each view; here it is saved only if
/// showing it has changed it.
fn view(visit: &Visit<'_>, list: MailList, place: &Place, form: &Form, actor: AuthContext) -> Answer {
    let texts = visit.texts(&list.preferred_language());
    let response = page(visit, &texts, &list, place, form, actor, Notes::default())?;
    if list.needs_saving_as_read() {
        visit.lock(list)?.save()?;
    }
    Ok(response)
}

fn change_and_show(
    visit: &Visit<'_>,
    list: MailList,
    place: &Place,
    form: &Form,
    (actor, is_genuine): (AuthContext, bool),
    cookies: &mut Vec<compat::ByteStr>,
) -> Answer {
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let mut notes = Notes::default();
    match is_genuine {
        true => change::all(visit, &mut list, &mut outbox, place, form, &mut notes, cookies)?,
        false => notes.forged(&visit.texts(&list.preferred_language())),
    }
    list.check_again();
    // The language may be another one now.
    let texts = visit.texts(&list.preferred_language());
    let response = page(visit, &texts, &list, place, form, actor, notes)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock()?;
    Ok(response)
}

fn page(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    place: &Place,
    form: &Form,
    actor: AuthContext,
    mut notes: Notes,
) -> Answer {
    sanity::check(texts, list, &mut notes);
    let token = visit.token_field(list, ACCESS.form, ACCESS.signed, actor)?;
    Ok(frame::page(&frame::Frame { visit, texts, list, place, form, token, notes: &notes }))
}
