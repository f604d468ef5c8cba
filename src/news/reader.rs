//! Reading a newsgroup: which articles there are, and one article after the other.

use super::nntp::{Connection, NntpError, Server};
use compat::ByteStr;

/// An article and no more.
const ARTICLE_LIMIT: usize = 64 * 1024 * 1024;

/// A connection to a server, ready to read.
pub struct Reader(Connection);

impl Reader {
    /// Connects and logs in.
    ///
    /// # Errors
    /// See [`NntpError`].
    pub fn open(server: &Server<'_>) -> Result<Reader, NntpError> {
        server.begin().map(Reader)
    }

    /// `GROUP`: the numbers of the first and the last article.
    ///
    /// # Errors
    /// No such group, or an answer that makes no sense.
    pub fn group(&mut self, name: &[u8]) -> Result<(i64, i64), NntpError> {
        let reply = self.0.command(&[b"GROUP ", name])?;
        let mut words = reply.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        let is_group = words.next() == Some(b"211");
        let numbers: Vec<i64> = words.filter_map(|word| std::str::from_utf8(word).ok()?.parse().ok()).collect();
        match (is_group, numbers.as_slice()) {
            (true, [_, first, last, ..]) => Ok((*first, *last)),
            _ => Err(NntpError::Other(reply)),
        }
    }

    /// The lines of an article's head.
    ///
    /// # Errors
    /// It is not there, or the connection broke.
    pub fn head(&mut self, number: i64) -> Result<Vec<ByteStr>, NntpError> {
        self.0.command(&[b"HEAD ", number.to_string().as_bytes()])?;
        self.0.lines(ARTICLE_LIMIT)
    }

    /// The lines of its body.
    ///
    /// # Errors
    /// As [`Reader::head`].
    pub fn body(&mut self, number: i64) -> Result<Vec<ByteStr>, NntpError> {
        self.0.command(&[b"BODY ", number.to_string().as_bytes()])?;
        self.0.lines(ARTICLE_LIMIT)
    }

    /// Takes leave; how the server takes that changes nothing.
    pub fn quit(mut self) {
        let _ = self.0.command(&[b"QUIT"]);
    }
}
