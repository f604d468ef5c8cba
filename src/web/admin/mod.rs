//! `admin`: the pages of a list's owner.
//!
//! Answers to Mailman/Cgi/admin.py. A page is a category of options, or one of the pages of members and passwords. What a
//! form asks for is done first, by the rooms that decide (`lists::options`, `membership`), and the page shows what has
//! come of it. Markup that programs read (the tables of members, the headings of results) is spelled as Mailman spells it.

mod access;
mod buckets;
mod change;
mod export;
mod frame;
mod help;
mod items;
mod mass;
pub(super) mod meanwhile;
mod members;
mod notes;
mod overview;
mod passwords;
mod place;
mod sanity;
mod site;
#[cfg(test)]
mod tests;
mod variables;
mod widget;

use super::form::Field;
use super::{Answer, Blanks, Form, Problem, Texts, Visit};
use crate::auth::AuthContext;
use crate::lists::options::form::puts_right;
use crate::lists::options::Category;
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
    let Some(name) = parts.first() else {
        return site::page(visit).unwrap_or_else(|| overview::page(visit, None));
    };
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
    let exported = match parts.get(1) {
        Some(part) if *part == "export" => parts.get(2).and_then(|name| export::file(visit, &list, name)),
        _ => None,
    };
    if let Some(file) = exported {
        return Ok(file.with_cookies(cookies));
    }
    let response = match form.get("VARHELP").filter(|name| !name.is_empty()) {
        Some(name) => help::page(visit, &list, name, actor)?,
        None if changes_nothing(&list, &form, &place) => view(visit, list, &place, &form, actor)?,
        None => change_and_show(visit, list, &place, &form, (actor, is_genuine), &mut cookies)?,
    };
    Ok(response.with_cookies(cookies))
}

/// Whether a request only looks: nothing was sent but what says which members to show, or what lets somebody in.
fn changes_nothing(list: &MailList, form: &Form, place: &Place) -> bool {
    const LOOKS: [&str; 5] = ["letter", "chunk", "findmember", "findoption", "legend"];
    const LOGIN: [&str; 2] = ["adminpw", "admlogin"];
    let is_one_of = |names: &[&str], field: &Field| names.iter().any(|name| field.name == *name.as_bytes());
    let looks: &[&str] = if place.category == "members" { &LOOKS } else { &[] };
    let only_looks = form.fields().all(|field| is_one_of(looks, field) || is_one_of(&LOGIN, field));
    only_looks && (form.is_empty() || !puts_right(list, &place.category))
}

/// Shows the page without waiting for the list's lock. Mailman saves the list with each view; here it is saved only if
/// showing it has changed it.
fn view(visit: &Visit<'_>, list: MailList, place: &Place, form: &Form, actor: AuthContext) -> Answer {
    let texts = visit.texts(&list.preferred_language());
    let made_from = made_from(&list, place);
    let request = Asked { place, form, actor };
    let response = page(visit, &texts, &list, &request, Notes::default(), &made_from)?;
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
    let request = Asked { place, form, actor };
    let response = page_with_wishes(visit, &texts, &mut list, &request, notes)?;
    save_with_mail(&mut list, &mut outbox)?;
    list.unlock_when_done();
    Ok(response)
}

/// What is asked for, and by whom.
struct Asked<'a> {
    place: &'a Place,
    form: &'a Form,
    actor: AuthContext,
}

/// The page after a form, in whose fields stand the values that could not be stored.
fn page_with_wishes(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &mut MailList,
    asked: &Asked<'_>,
    mut notes: Notes,
) -> Answer {
    let made_from = made_from(list, asked.place);
    let mut wishes = notes.take_wishes();
    meanwhile::exchange(list, &mut wishes);
    let response = page(visit, texts, list, asked, notes, &made_from);
    meanwhile::exchange(list, &mut wishes);
    response
}

/// What the page's form is made from; nothing where it has no options.
fn made_from(list: &MailList, place: &Place) -> String {
    let category = Category::find(&place.category, place.sub.as_deref());
    category.map(|category| meanwhile::marks(list, category)).unwrap_or_default()
}

fn page(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    &Asked { place, form, actor }: &Asked<'_>,
    mut notes: Notes,
    made_from: &str,
) -> Answer {
    sanity::check(texts, list, &mut notes);
    let token = visit.token_field(list, ACCESS.form, ACCESS.signed, actor)?;
    Ok(frame::page(&frame::Frame { visit, texts, list, place, form, token, notes: &notes, made_from }))
}
