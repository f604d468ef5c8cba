//! Threads: which article another one answers to, and the order that follows from it.
//!
//! Answers to `get_parent_info` and `updateThreadedIndex` of `pipermail.py`. Threads never leave their volume. 2.1.13 takes
//! the first word alone: In-Reply-To if there is one, else References; its look-up by subject never finds anything.

use super::article::Article;
use super::text::Text;
use super::{Archive, HandlerError};
use compat::pickle::Value;
use compat::site::profile::Switch;
use compat::ByteStr;

/// Parts of surnames that are spelled small.
const SMALL_PARTS: [&str; 4] = ["van", "von", "der", "de"];

/// The article that this one answers to, if it is in the open volume.
pub fn parent_of(archive: &mut Archive<'_>, article: &Article) -> Result<Option<Article>, HandlerError> {
    let by_subject = archive.setting.site.profile.has(Switch::ArchiveThreadBySubject);
    let mut parent = Some(article.in_reply_to.clone()).filter(|id| !id.is_empty());
    if by_subject {
        parent = parent.filter(|id| has(archive, id));
    }
    if parent.is_none() {
        parent = latest(archive, &article.references)?;
    }
    if parent.is_none() && by_subject {
        parent = oldest_with_subject(archive, &article.index_subject())?;
    }
    match parent {
        Some(id) => Ok(archive.article(&id)?.cloned()),
        None => Ok(None),
    }
}

fn has(archive: &Archive<'_>, id: &ByteStr) -> bool {
    archive.indices.as_ref().is_some_and(|indices| indices.article.get(id).is_some())
}

/// Of the references that are archived here the latest by date; of two of one date the first.
fn latest(archive: &mut Archive<'_>, references: &[ByteStr]) -> Result<Option<ByteStr>, HandlerError> {
    let mut best: Option<(ByteStr, ByteStr)> = None;
    for id in references {
        let Some(article) = archive.article(id)? else { continue };
        if best.as_ref().is_none_or(|(date, _)| article.date > *date) {
            best = Some((article.date.clone(), article.msgid.clone()));
        }
    }
    Ok(best.map(|(_, id)| id))
}

fn oldest_with_subject(archive: &mut Archive<'_>, subject: &Text) -> Result<Option<ByteStr>, HandlerError> {
    let wanted = subject.to_value();
    let items = archive.indices()?.subject.items()?;
    let same = |key: &Value| {
        let first = key.as_items().and_then(<[Value]>::first);
        first.is_some_and(|first| equal(first, &wanted))
    };
    Ok(items.iter().find(|(key, _)| same(key)).and_then(|(_, id)| id.as_text().cloned()))
}

/// `str` and `unicode` are equal when they are ASCII.
fn equal(a: &Value, b: &Value) -> bool {
    a == b || a.as_text().zip(b.as_text()).is_some_and(|(a, b)| a == b && a.is_ascii())
}

/// Makes the thread index anew: by date, each article below its parent's key of now.
pub fn rebuild(archive: &mut Archive<'_>) -> Result<(), HandlerError> {
    archive.indices()?.thread.clear();
    for id in archive.indices()?.date.ids()? {
        let Some(article) = archive.article(&id)? else { continue };
        let (parent, msgid) = (article.parent.clone(), article.msgid.clone());
        let mut key = article.thread_key.clone().unwrap_or_default();
        if let Some(parent) = parent {
            if let Some(parent) = archive.article(&parent)?.cloned() {
                if let Some(article) = archive.article(&id)? {
                    key = article.key_below(Some(&parent));
                    article.thread_key = Some(key.clone());
                }
            }
        }
        archive.indices()?.thread.set(Value::tuple(vec![Value::Str(key), Value::Str(msgid)]), id);
    }
    Ok(())
}

/// `Last, First`, as the author index sorts. A name with a comma stays.
pub fn sort_name(author: &Text) -> Text {
    if author.bytes().contains(&b',') {
        return author.clone();
    }
    author.map(|name| {
        let words: Vec<&[u8]> = crate::pipeline::text::words(name).collect();
        let last = match words.len() {
            0 => return b", ".to_vec(),
            1 => return name.to_vec(),
            count => count - 1,
        };
        let surname = surname_from(name, &words, last);
        let family = [&words[last..], &words[surname..last]].concat().join(&b' ');
        [&family[..], b", ", &words[..surname].join(&b' ')].concat()
    })
}

/// Where the small parts before the last word begin.
fn surname_from(name: &[u8], words: &[&[u8]], last: usize) -> usize {
    let one_case = name.to_ascii_uppercase() == name || name.to_ascii_lowercase() == name;
    let is_small = |word: &[u8]| SMALL_PARTS.iter().any(|part| word.eq_ignore_ascii_case(part.as_bytes()));
    let belongs = |word: &[u8]| is_small(word) || (!one_case && word.first().is_some_and(u8::is_ascii_lowercase));
    (0..last).rev().take_while(|&at| belongs(words[at])).last().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_turned_around() {
        let turned = |name: &str| sort_name(&Text::Bytes(name.into())).bytes().to_vec();
        let cases = [
            ("Anna Field", "Field, Anna"),
            ("Ludwig van Beethoven", "Beethoven van, Ludwig"),
            ("JAN VAN DER MEER", "MEER VAN DER, JAN"),
            ("anna field", "field, anna"),
            ("Anna", "Anna"),
            ("Field, Anna", "Field, Anna"),
            ("", ", "),
        ];
        for (name, expected) in cases {
            assert_eq!(turned(name), expected.as_bytes(), "{name}");
        }
    }
}
