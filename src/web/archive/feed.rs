//! An Atom feed of the newest posts of a public list.

use super::article::{self, Article};
use crate::web::{Content, Response, Visit};
use chrono::{DateTime, NaiveDateTime, Utc};
use compat::list::{archive_folder, MailList};
use maud::{html, Markup, PreEscaped};
use std::path::Path;
use std::time::SystemTime;

/// How many posts a feed has.
const NEWEST: usize = 20;
/// How much of a post is in it.
const SUMMARY: usize = 1000;

/// The feed.
pub fn feed(visit: &Visit<'_>, list: &MailList) -> Response {
    let folder = archive_folder(visit.site, list.name());
    let newest = article::places(&folder).into_iter().take(NEWEST);
    let entries: Vec<(Article, String)> = newest
        .filter_map(|(place, path)| {
            let article = article::read(&place, &path)?;
            let time = time_of(&article, &path);
            Some((article, time))
        })
        .collect();
    let archive = list.base_archive_url().to_string();
    let own = format!("{}/atom.xml", visit.absolute_list_url(list, "listinfo"));
    let updated = entries.first().map_or_else(|| rfc3339(SystemTime::UNIX_EPOCH), |(_, time)| time.clone());
    let document = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        feed xmlns="http://www.w3.org/2005/Atom" {
            title { (list.real_name()) }
            subtitle { (visit.description(list)) }
            id { (own) }
            (link("self", &own))
            (link("alternate", &archive))
            updated { (updated) }
            @for (article, time) in &entries { (entry(article, time, &archive)) }
        }
    };
    let kind = "application/atom+xml; charset=utf-8";
    Response::new(kind, Content::Bytes(document.into_string().into_bytes())).public()
}

fn entry(article: &Article, time: &str, archive: &str) -> Markup {
    let url = format!("{archive}{}", article.place);
    let summary: String = article.text.chars().take(SUMMARY).collect();
    html! {
        entry {
            title { (article.subject) }
            author { name { (if article.author.is_empty() { "?" } else { &article.author }) } }
            id { (url) }
            (link("alternate", &url))
            updated { (time) }
            summary { (summary) }
        }
    }
}

/// XML wants its empty tags closed.
fn link(relation: &str, url: &str) -> Markup {
    PreEscaped(format!("<link rel=\"{relation}\" href=\"{}\"/>", crate::web::widgets::exact(url).0))
}

/// When it was written, if the page says it as Mailman does; else when the page was.
fn time_of(article: &Article, path: &Path) -> String {
    let words: Vec<&str> = article.date.split_whitespace().collect();
    let written = match words.as_slice() {
        [_, month, day, time, _, year] => {
            NaiveDateTime::parse_from_str(&format!("{day} {month} {year} {time}"), "%d %b %Y %H:%M:%S").ok()
        }
        _ => None,
    };
    match written {
        Some(time) => time.and_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        None => rfc3339(path.metadata().and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH)),
    }
}

fn rfc3339(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_posts() {
        let dated =
            |date: &str| time_of(&Article { date: date.into(), ..Article::default() }, Path::new("/nonexistent"));
        assert_eq!(dated("Mon Mar 2 12:00:00 CET 2026"), "2026-03-02T12:00:00Z");
        assert_eq!(dated("am 2. März"), "1970-01-01T00:00:00Z");
    }
}
