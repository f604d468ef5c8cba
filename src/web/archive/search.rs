//! A search over subjects, authors and text.

use super::article::{self, Article};
use crate::web::widgets::{input, safe, submit};
use crate::web::{Answer, Blanks, Visit};
use compat::list::{archive_folder, MailList};
use compat::ByteStr;
use maud::{html, Markup};
use std::time::{Duration, Instant};

/// How many articles are shown.
const MAX_FOUND: usize = 50;
/// How long is searched; what was not reached is said.
const TIME: Duration = Duration::from_secs(3);
/// Maximum length of a question, in bytes.
const MAX_QUESTION: usize = 200;
/// How many characters around a word are shown.
const AROUND: usize = 90;

/// What a search found.
struct Found {
    articles: Vec<Article>,
    /// Whether all of the archive was looked at.
    whole: bool,
}

/// Searches the archive of a list that the visitor may read; `base` is the address of the page, without `/search`.
///
/// # Errors
/// The body of the request is no form.
pub fn search(visit: &Visit<'_>, list: &MailList, base: &ByteStr) -> Answer {
    let texts = visit.texts(&list.preferred_language());
    let form = visit.form(Blanks::Kept)?;
    let question: String = texts.decode(&form.stripped("q")).chars().take(MAX_QUESTION).collect();
    let words: Vec<String> = question.to_lowercase().split_whitespace().map(str::to_string).collect();
    let found = (!words.is_empty()).then(|| look(visit, list, &words));
    let title = format!("{}: {}", list.real_name(), "search the archive");
    let action = format!("{base}/search");
    let archive = list.base_archive_url().to_string();
    let body = html! {
        h1 { (title) }
        form action=(action) method="get" role="search" {
            p.field {
                label for="q" { "Words in subject, author or text" }
                (input("q", "SEARCH", &question, &[("id", "q"), ("size", "40")]))
            }
            p { (submit("go", &texts.say("Search..."))) }
        }
        @if let Some(found) = &found { (results(found, &words, &archive)) }
        p { a href=(archive) { "The archive" } }
        (visit.footer(&texts, list))
    };
    Ok(visit.page(&texts, &title, body).public())
}

fn look(visit: &Visit<'_>, list: &MailList, words: &[String]) -> Found {
    let started = Instant::now();
    let mut articles = Vec::new();
    for (place, path) in article::places(&archive_folder(visit.site, list.name())) {
        if articles.len() >= MAX_FOUND || started.elapsed() > TIME {
            return Found { articles, whole: false };
        }
        articles.extend(article::read(&place, &path).filter(|article| has_all(article, words)));
    }
    Found { articles, whole: true }
}

fn has_all(article: &Article, words: &[String]) -> bool {
    let all = [article.subject.as_str(), &article.author, &article.text].join("\n").to_lowercase();
    words.iter().all(|word| all.contains(word.as_str()))
}

fn results(found: &Found, words: &[String], archive: &str) -> Markup {
    html! {
        p role="status" {
            (found.articles.len()) " articles found"
            @if found.whole { "." } @else { ", newest first; there may be more in older ones." }
        }
        ol {
            @for article in &found.articles {
                li {
                    a href={ (archive) (article.place) } { (safe(&article.subject)) }
                    " " (safe(&article.author)) ", " (safe(&article.date)) br;
                    span.note { (around(&article.text, words)) }
                }
            }
        }
    }
}

/// The text around the first of the words that it has.
fn around(text: &str, words: &[String]) -> String {
    let lower = text.to_lowercase();
    let at = words.iter().filter_map(|word| lower.find(word.as_str())).min().unwrap_or(0);
    // Upper and lower case may differ in length, so the place is counted in characters.
    let at = lower.get(..at).map_or(0, |before| before.chars().count());
    let start = at.saturating_sub(AROUND);
    let shown: String = text.chars().skip(start).take(2 * AROUND).collect();
    let (before, after) =
        (if start > 0 { "…" } else { "" }, if shown.chars().count() == 2 * AROUND { "…" } else { "" });
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_be_there_somewhere() {
        let article =
            Article { subject: "Slugs".into(), author: "Ann".into(), text: "LETTUCE".into(), ..Article::default() };
        let words = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        assert!(has_all(&article, &words("lettuce ann")) && !has_all(&article, &words("lettuce ben")));
    }

    #[test]
    fn a_piece_of_the_text_is_shown() {
        let text = format!("{} needle {}", "x ".repeat(200), "y ".repeat(200));
        let shown = around(&text, &["needle".to_string()]);
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("needle"), "{shown}");
        assert_eq!(around("short", &["zzz".to_string()]), "short");
    }
}
