//! The lists of a host, for their owners (`admin_overview` of Mailman/Cgi/admin.py).

use crate::web::widgets::safe;
use crate::web::{Answer, Visit};
use maud::html;

/// The page; with the name of a list that does not exist, it says so.
///
/// # Errors
/// The folder of lists cannot be read.
pub(super) fn page(visit: &Visit<'_>, missing: Option<&[u8]>) -> Answer {
    let texts = visit.site_texts();
    let rows = visit.advertised("admin")?;
    let host = visit.domain().to_string();
    let title = texts.fill("%(hostname)s mailing lists - Admin Links", &[("hostname", &host)]);
    let owner = visit.site_address().to_string();
    let body = html! {
        h1 { (title) }
        @match missing {
            Some(name) => p.problem role="alert" { (visit.no_such_list(&texts, name)) },
            None => p { (texts.say("Welcome!")) },
        }
        p {
            @if rows.is_empty() { "No list of " (safe(&host)) " wants to be shown here." }
            @else { "These lists of " (safe(&host)) " want to be shown here. Choose one to change its settings." }
            " A list that is not shown is reached by its name behind the address of this page. You may also "
            a href=(visit.program_url("create").to_string()) { "make a new list" } "."
        }
        p {
            "What the lists are about says "
            a href=(visit.program_url("listinfo").to_string()) { (texts.say("the mailing list overview page")) } ". "
            "Questions go to " a href={ "mailto:" (owner) } { (owner) } "."
        }
        @if !rows.is_empty() { (visit.overview_table(&texts, &rows)) }
        hr;
        (super::site::login(visit, &texts))
        (visit.logos(&texts))
    };
    let response = visit.page(&texts, &title, body);
    Ok(if missing.is_some() { response.with_status(visit.unknown_status()) } else { response })
}
