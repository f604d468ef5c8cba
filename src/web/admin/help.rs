//! One option with all there is to say about it, and a form that changes it alone (`option_help` of
//! Mailman/Cgi/admin.py).

use super::access::ACCESS;
use super::frame::{submit_button, Frame};
use super::meanwhile;
use super::notes::Notes;
use super::place::{title, Place};
use super::variables::{table_row, text};
use crate::auth::AuthContext;
use crate::lists::options::{Category, Names, Row, Rule};
use crate::notice::Text;
use crate::web::widgets::{form_end, form_start, hidden, safe};
use crate::web::{Answer, Form, Response, Texts, Visit};
use compat::list::MailList;
use compat::site::settings;
use maud::{html, Markup, PreEscaped};

/// The page of `CATEGORY/NAME` or `CATEGORY/PART/NAME`.
///
/// # Errors
/// The key that signs the form cannot be read.
pub(super) fn page(visit: &Visit<'_>, list: &MailList, name: &[u8], actor: AuthContext) -> Answer {
    let texts = visit.texts(&list.preferred_language());
    let parts: Vec<&[u8]> = name.split(|&byte| byte == b'/').collect();
    let found = match parts[..] {
        [category, name] => find(visit, category, None, name).map(|found| (found, None)),
        [category, part, name] => find(visit, category, Some(part), name).map(|found| (found, Some(part))),
        _ => None,
    };
    let Some(((category, row), part)) = found else { return Ok(no_option(visit, &texts, list)) };
    let (form, notes, place) = (Form::default(), Notes::default(), Place::of(visit, &[]));
    let token = visit.token_field(list, ACCESS.form, ACCESS.signed, actor)?;
    let made_from = meanwhile::marks(list, category);
    let frame =
        Frame { visit, texts: &texts, list, place: &place, form: &form, token, notes: &notes, made_from: &made_from };
    let part = part.map(|part| format!("/{}", texts.decode(part))).unwrap_or_default();
    let url = format!("{}/{}{part}", frame.admin_url(), category.key);
    let name = row.name;
    let values = [("realname", html! { (list.real_name().to_string()) }), ("varname", html! { (name) })];
    let body = html! {
        h3 { (texts.html("%(realname)s Mailing list Configuration Help\n    <br><em>%(varname)s</em> Option", &values)) }
        p { strong { (name) } " (" (category.key) "): " (text(&frame, &row.label)) }
        (details(&frame, row))
        (form_start(&url, false))
        (frame.token)
        (hidden(meanwhile::FIELD, &made_from))
        table cellspacing="3" cellpadding="4" width="100%" { (table_row(&frame, category, row, false)) }
        (submit_button(&texts, "submit"))
        (form_end())
        (text(&frame, &WARNING))
        a href=(url) { (return_label(&frame, category)) } "."
        (visit.footer(&texts, list))
    };
    let title = texts.fill("Mailman %(varname)s List Option Help", &[("varname", name)]);
    Ok(visit.page(&texts, &title, body))
}

fn no_option(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList) -> Response {
    let mut notes = Notes::default();
    notes.error(texts, safe(&texts.say("No valid variable name found.")));
    let body = html! { (notes.markup()) (visit.footer(texts, list)) };
    visit.page(texts, &texts.say("Error"), body)
}

fn find(
    visit: &Visit<'_>,
    category: &[u8],
    part: Option<&[u8]>,
    name: &[u8],
) -> Option<(&'static Category, &'static Row)> {
    let category = Category::find(category, part)?;
    let row = category.rows().find(|row| row.name.as_bytes() == name && row.is_on(visit.site))?;
    Some((category, row))
}

static WARNING: Text = Text {
    english:
        "<p><em>Other pages that show this option do not know of a change here until you load them again. You may \
              also</em> ",
    keys: &[0x1a43_5070_e4c4_8639],
};

static PERSONAL_NAMES: Text = Text {
    english: "<p>Where copies are <a href='?VARHELP=nondigest/personalize'>personal</a>, these are filled in too: \
              user_address, user_delivered_to, user_password, user_name, user_optionsurl.",
    keys: &[0x6f442993042dcb03],
};

/// For the texts around posts and digests, the site's template says which names are filled in.
fn details(frame: &Frame<'_>, row: &Row) -> Markup {
    let Some(details) = &row.details else { return html! {} };
    let is_personal = frame.visit.site.settings.truth(settings::OWNERS_CAN_ENABLE_PERSONALIZATION);
    html! {
        div {
            (text(frame, details))
            @if matches!(row.rule, Rule::Filled(_)) { (names(frame)) }
            @if row.rule == Rule::Filled(Names::Post) && is_personal { (text(frame, &PERSONAL_NAMES)) }
        }
    }
}

fn names(frame: &Frame<'_>) -> Markup {
    let template = frame.visit.template(frame.texts, frame.list, "headfoot.html", None);
    match template {
        Ok(Some(template)) => template,
        _ => html! {
            p { "These are filled in where they stand as " code { "%(name)s" } ": real_name, list_name, host_name, \
                 web_page_url, description, info." }
        },
    }
}

fn return_label(frame: &Frame<'_>, category: &Category) -> Markup {
    let name = PreEscaped(frame.texts.say(title(category.key.as_bytes())));
    frame.texts.html("return to the %(categoryname)s options page.", &[("categoryname", name)])
}
