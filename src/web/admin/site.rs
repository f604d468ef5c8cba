//! All lists with what waits on each, for the site's administrator. Ours alone; it is behind the site's password.

use crate::auth::password::{is_site_password, SitePassword};
use crate::clock;
use crate::moderation::waiting::{Joining, Leaving, Post};
use crate::web::widgets::{form_end, form_start, password_box, submit};
use crate::web::{Answer, Blanks, Problem, Texts, Visit};
use compat::list::{attributes, MailList};
use maud::{html, Markup};

/// The field of the password; on this page no list's counts.
const FIELD: &str = "sitepw";

/// What is shown of a list.
struct Row {
    name: String,
    admindb: String,
    admin: String,
    members: usize,
    posts: usize,
    requests: usize,
    /// Days since the oldest held post came.
    oldest: Option<i64>,
    emergency: bool,
}

/// The page, where the form brings the site's password; a wrong one is said, and logged.
pub(super) fn page(visit: &Visit<'_>) -> Option<Answer> {
    let form = match visit.form(Blanks::Kept) {
        Ok(form) => form,
        Err(problem) => return Some(Err(problem)),
    };
    let password = form.get(FIELD)?;
    Some(visit.limit("sitepw", b"").and_then(|()| {
        match is_site_password(visit.site, SitePassword::Administrator, password) {
            true => overview(visit),
            false => {
                visit.log_denied(None, b"all", password);
                refused(visit)
            }
        }
    }))
}

fn refused(visit: &Visit<'_>) -> Answer {
    let texts = visit.site_texts();
    let message = texts.say("Authorization failed.");
    let body = html! { h1 { "All lists" } p.problem role="alert" { (message) } (login(visit, &texts)) };
    Ok(visit.page(&texts, "All lists", body).with_status(visit.denied_status()))
}

/// The way in, for the foot of the overview.
pub(super) fn login(visit: &Visit<'_>, texts: &Texts<'_>) -> Markup {
    html! {
        (form_start(&visit.program_url("admin").to_string(), false))
        p { label { "For the site's administrator: all lists, and what waits on them. " (texts.say("Password:")) " " (password_box(FIELD, 20)) } " "
            (submit("all-lists", "Show")) }
        (form_end())
    }
}

fn overview(visit: &Visit<'_>) -> Answer {
    let mut names = compat::list::names(visit.site)?;
    names.sort();
    let mut rows = Vec::new();
    for name in names {
        match MailList::look(visit.site, name).map_err(Problem::from).and_then(|list| row(visit, &list)) {
            Ok(row) => rows.push(row),
            Err(error) => visit.log("error", &[b"admin: ", error.to_string().as_bytes()]),
        }
    }
    let texts = visit.site_texts();
    let waiting: usize = rows.iter().map(|row| row.posts + row.requests).sum();
    let body = html! {
        h1 { "All lists" }
        p { (rows.len()) " lists; " (waiting) " decisions wait." }
        table.lists {
            tr { @for head in ["List", "Members", "Held posts", "Requests", "Oldest"] { th scope="col" { (head) } } }
            @for row in &rows { tr {
                td { a href=(row.admin) { (row.name) } @if row.emergency { " " strong.problem { "emergency" } } }
                td { (row.members) }
                td { @if row.posts > 0 { a href=(row.admindb) { (row.posts) } } }
                td { @if row.requests > 0 { a href=(row.admindb) { (row.requests) } } }
                td { @if let Some(days) = row.oldest { (days) " days" } }
            } }
        }
        hr;
        (visit.logos(&texts))
    };
    Ok(visit.page(&texts, "All lists", body))
}

fn row(visit: &Visit<'_>, list: &MailList) -> Result<Row, Problem> {
    let requests = list.read_requests()?;
    let posts = Post::all(&requests);
    let oldest = posts.iter().map(|post| post.since).min_by(f64::total_cmp);
    Ok(Row {
        name: list.real_name().to_string(),
        admindb: visit.list_url(list, "admindb").to_string(),
        admin: visit.list_url(list, "admin").to_string(),
        members: list.member_count(),
        posts: posts.len(),
        requests: Joining::all(&requests).len() + Leaving::all(&requests).len(),
        oldest: oldest.map(|since| ((clock::now() - since).max(0.0) / 86_400.0) as i64),
        emergency: list.truth(attributes::EMERGENCY),
    })
}
