//! The options of a category, one a row: what it is, and the field that changes it (`show_variables` of
//! Mailman/Cgi/admin.py).

use super::frame::{submit_button, Frame};
use super::place::title;
use super::widget;
use crate::lists::options::{Category, Row, Rule};
use crate::notice::Text;
use crate::web::texts::as_browser;
use compat::format::text_of;
use compat::list::attributes;
use compat::value::Value;
use maud::{html, Markup, PreEscaped};

/// The page of a category, or of a part of it.
pub(super) fn section(frame: &Frame<'_>, part: Option<&'static str>) -> Markup {
    let texts = frame.texts;
    let Some(category) = Category::find(&frame.place.category, part.map(str::as_bytes)) else { return html! {} };
    html! {
        table cellspacing="3" cellpadding="4" width="100%" {
            tr { td colspan="2" { h2 { (PreEscaped(texts.say(title(category.key.as_bytes())))) } } }
            tr { td colspan="2" { (text(frame, &category.about)) } }
            tr { th scope="col" { (texts.say("Description")) } th scope="col" { (texts.say("Value")) } }
            @for section in category.sections {
                @if let Some(title) = &section.title { tr { td colspan="2" { center { em { (text(frame, title)) } } } } }
                @for row in section.rows.iter().filter(|row| row.is_on(frame.visit.site)) {
                    (table_row(frame, category, row, true))
                }
            }
        }
        (submit_button(texts, "submit"))
    }
}

/// One option. `is_linked`: with a link to its own page, which says more about it.
pub(super) fn table_row(frame: &Frame<'_>, category: &Category, row: &Row, is_linked: bool) -> Markup {
    html! {
        tr {
            td id={ "about-" (row.name) } {
                label for=(row.name) { (text(frame, &row.label)) }
                @if is_linked { " " (details_link(frame, category, row)) }
                @if !row.is_stored() { (text(frame, &NOT_STORED)) }
            }
            td {
                @for note in frame.notes.of_option(row.name) { p.problem { (note) (typed(frame, row)) } }
                (widget::of(frame, row))
            }
        }
    }
}

static NOT_STORED: Text =
    Text { english: "<br><em>This is done at once, and nothing is set.</em>", keys: &[0xcd6e_96d8_9fa5_8d08] };

fn details_link(frame: &Frame<'_>, category: &Category, row: &Row) -> Markup {
    let place = match category.sub {
        Some(sub) => format!("{}/{sub}/{}", category.key, row.name),
        None => format!("{}/{}", category.key, row.name),
    };
    let label = match row.details {
        None => "<br>(Edit <b>%(varname)s</b>)",
        Some(_) => "<br>(Details for <b>%(varname)s</b>)",
    };
    let label = frame.texts.html(label, &[("varname", html! { (row.name) })]);
    html! { a href={ (frame.admin_url()) "/?VARHELP=" (place) } { (label) } }
}

/// What was typed and refused, so that it need not be typed again.
fn typed(frame: &Frame<'_>, row: &Row) -> Markup {
    let typed = frame.form.get(row.name).filter(|_| !matches!(row.rule, Rule::Topics | Rule::FilterRules));
    html! { @if let Some(typed) = typed { pre { (frame.texts.decode(typed)) } } }
}

/// A sentence of the table of options, with what Mailman fills in there.
pub(super) fn text(frame: &Frame<'_>, text: &Text) -> Markup {
    let url = html! { (frame.admin_url()) };
    let absolute = html! { (frame.absolute_admin_url()) };
    let quarantine = match frame.list.truth(attributes::DMARC_QUARANTINE_MODERATION_ACTION) {
        true => html! { (frame.texts.say("/Quarantine")) },
        false => html! {},
    };
    frame.texts.text(text, &[("admin", url), ("adminurl", absolute), ("quarantine", quarantine)])
}

/// A value as the text of a field. Bytes beyond ASCII on an ASCII page are taken one by one, as browsers do with what
/// Mailman sends: they come back as they were.
pub(super) fn plain(frame: &Frame<'_>, value: &Value) -> String {
    let bytes = match value {
        Value::Unicode(text) => return text.to_text(),
        other => text_of(other),
    };
    as_browser(&bytes, &frame.texts.charset)
}
