//! What is kept in memory of each article of a volume: its place in threads, and its line on index pages.

use super::article::Article;
use compat::ByteStr;

/// What a card takes besides its strings, about.
const CARD_SIZE: usize = 200;
/// How deep threads are. A key holds those of all articles above it, so that a chain of answers without this bound takes
/// space by the square of its length; what lies deeper is put beside its parent.
const MAX_DEPTH: usize = 200;

/// An article of a volume, in brief.
#[derive(Clone, Debug)]
pub struct ArticleSummary {
    pub sequence: i64,
    pub date: ByteStr,
    pub msgid: ByteStr,
    pub parent: Option<ByteStr>,
    /// The thread key that the article is stored with.
    pub stored_key: ByteStr,
    /// The thread key that it has in the index of now.
    pub key: ByteStr,
    /// Its line on index pages, once it was made.
    pub entry: Option<Box<[u8]>>,
    /// Where its pickle stands in the article index.
    pub at: u64,
    pub length: usize,
    /// Whether this was looked at since the archive was opened. Python then goes on with what it has read, even if
    /// another message of that id comes.
    pub was_read: bool,
}

impl ArticleSummary {
    /// Of an article whose pickle stands at a place.
    pub fn of(article: &Article, at: u64, length: usize) -> Self {
        let own = |text: &ByteStr| ByteStr::from(&text[..]);
        let key = article.thread_key.as_ref().map(own).unwrap_or_default();
        ArticleSummary {
            sequence: article.sequence,
            date: own(&article.date),
            msgid: own(&article.msgid),
            parent: article.parent.as_ref().map(own),
            stored_key: key.clone(),
            key,
            entry: None,
            at,
            length,
            was_read: false,
        }
    }

    /// The key under which an article stands in the thread index: below its parent's, if it has one.
    pub fn key_below(date: &[u8], sequence: i64, parent: Option<&[u8]>) -> ByteStr {
        let parent = cut_off(parent.unwrap_or_default());
        ByteStr::new([parent, date, format!(".{sequence}-").as_bytes()].concat())
    }

    /// What this takes in memory, about.
    pub fn size(&self) -> usize {
        let entry = self.entry.as_ref().map_or(0, |entry| entry.len());
        CARD_SIZE + self.date.len() + 2 * self.msgid.len() + 2 * self.key.len() + entry
    }
}

/// The key of the article itself, or of the one above it that lies less deep than the bound.
fn cut_off(key: &[u8]) -> &[u8] {
    let end = memchr::memchr_iter(b'-', key).nth(MAX_DEPTH - 1);
    end.map_or(key, |end| &key[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_grow_with_the_thread_up_to_a_bound() {
        let mut key = ArticleSummary::key_below(b"1.0", 1, None);
        assert_eq!(ArticleSummary::key_below(b"2.0", 2, Some(&key)), "1.0.1-2.0.2-");
        for sequence in 2..=1000 {
            key = ArticleSummary::key_below(b"2.0", sequence, Some(&key));
        }
        assert_eq!(memchr::memchr_iter(b'-', &key).count(), MAX_DEPTH + 1);
        assert!(key.ends_with(b".200-2.0.1000-"));
    }
}
