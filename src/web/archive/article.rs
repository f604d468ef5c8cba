//! The article pages of an archive, newest first, read back.
//!
//! The templates of a page are the site's, so only what Mailman itself marks is relied on: the comments around the text,
//! and the title. Author and date are what the page prints in bold and in italics, as Mailman's templates and ours do.

use crate::text::find;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How much of a page is read.
const MAX_PAGE: u64 = 512 * 1024;

/// An article.
#[derive(Debug, Default, PartialEq)]
pub struct Article {
    /// Where it is below the archive, such as `2026-March/000012.html`.
    pub place: String,
    /// Its subject.
    pub subject: String,
    /// Who wrote it; empty where the page does not say.
    pub author: String,
    /// When, as the page says it.
    pub date: String,
    /// What it says, without tags.
    pub text: String,
}

/// Where the articles of an archive are, newest first.
pub fn places(folder: &Path) -> Vec<(String, PathBuf)> {
    let volumes = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<(String, PathBuf)> =
        volumes.filter(|path| path.is_dir()).flat_map(|path| articles(&path)).collect();
    all.sort_unstable_by(|a, b| b.1.file_name().cmp(&a.1.file_name()));
    all
}

fn articles(volume: &Path) -> Vec<(String, PathBuf)> {
    let Some(name) = volume.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let files = fs::read_dir(volume).into_iter().flatten().flatten();
    let article = |file: fs::DirEntry| {
        let page = file.file_name().into_string().ok()?;
        let number = page.strip_suffix(".html")?;
        let is_article = number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_article.then(|| (format!("{name}/{page}"), file.path()))
    };
    files.filter_map(article).collect()
}

/// Reads a page; `None` where it is gone or no article.
pub fn read(place: &str, path: &Path) -> Option<Article> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(MAX_PAGE).read_to_end(&mut bytes).ok()?;
    let charset = between(&bytes, b"charset=", b"\"").map(|name| name.to_vec()).unwrap_or_default();
    let (head, body) = split_at(&bytes, b"<!--beginarticle-->")?;
    let text = split_at(body, b"<!--endarticle-->").map_or(body, |(text, _)| text);
    let plain =
        |html: &[u8]| plain(&super::super::texts::decode(html, if charset.is_empty() { b"utf-8" } else { &charset }));
    let tagged = |tag: &str| {
        let lower = head.to_ascii_lowercase();
        let start = find(&lower, format!("<{tag}>").as_bytes())? + tag.len() + 2;
        let end = find(&lower[start..], format!("</{tag}>").as_bytes())? + start;
        Some(plain(&head[start..end]))
    };
    Some(Article {
        place: place.to_string(),
        subject: tagged("title").unwrap_or_default(),
        author: tagged("b").unwrap_or_default(),
        date: tagged("i").unwrap_or_default(),
        text: plain(text),
    })
}

fn split_at<'t>(text: &'t [u8], mark: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = find(text, mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

fn between<'t>(text: &'t [u8], before: &[u8], after: &[u8]) -> Option<&'t [u8]> {
    let (_, rest) = split_at(&text[..text.len().min(4096)], before)?;
    split_at(rest, after).map(|(inner, _)| inner)
}

/// The words of HTML: tags are gone, entities are characters, white space is one blank.
fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_str(rest);
    let out = crate::text::references::xml_to_unicode(out.as_bytes(), b"utf-8");
    let out = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        for (volume, number) in [("2026-March", "000001"), ("2026-May", "000007"), ("2026-May", "000010")] {
            fs::create_dir_all(folder.path().join(volume)).unwrap();
            let page = format!(
                "<HTML><HEAD><TITLE> [L] Slugs &amp; snails</TITLE><META http-equiv=\"Content-Type\" content=\"text/html; \
                 charset=iso-8859-1\"></HEAD><B>Ann</B>\n<I>Mon Mar  2 12:00:00 UTC 2026</I><!--beginarticle-->\n<PRE>They \
                 <i>ate</i> &#252;bel &lt;all&gt;\n</PRE><!--endarticle-->{number}"
            );
            fs::write(folder.path().join(volume).join(format!("{number}.html")), page).unwrap();
            fs::write(folder.path().join(volume).join("thread.html"), "x").unwrap();
        }
        let places = places(folder.path());
        let names: Vec<&str> = places.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(names, ["2026-May/000010.html", "2026-May/000007.html", "2026-March/000001.html"]);
        let article = read(&places[0].0, &places[0].1).unwrap();
        assert_eq!((article.subject.as_str(), article.author.as_str()), ("[L] Slugs & snails", "Ann"));
        assert_eq!(
            (article.date.as_str(), article.text.as_str()),
            ("Mon Mar 2 12:00:00 UTC 2026", "They ate übel <all>")
        );
    }
}
