//! What a page program answers: a status, header lines, a body.
//!
//! Every page carries headers that Mailman never sent: no other site may frame it, no script runs in it, no guess is
//! made about its type, and only public pages may be kept by a cache.

use compat::ByteStr;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{Cursor, Read};

/// What an answer consists of below its headers.
#[derive(Debug)]
pub enum Content {
    /// Text in memory.
    Bytes(Vec<u8>),
    /// This many bytes of a file from where it stands, sent piece by piece.
    File(File, u64),
    /// A packed file that is sent as the bytes that it unpacks to, this many.
    Packed(MultiGzDecoder<File>, u64),
}

impl Content {
    /// How many bytes this is.
    pub fn length(&self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_, length) | Content::Packed(_, length) => *length,
        }
    }

    /// The bytes, to be read piece by piece.
    pub fn into_reader(self) -> Box<dyn Read> {
        match self {
            Content::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Content::File(file, length) => Box::new(file.take(length)),
            Content::Packed(unpacker, length) => Box::new(unpacker.take(length)),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    headers: Vec<(&'static str, ByteStr)>,
    /// What follows the headers.
    pub content: Content,
}

impl Response {
    /// An answer of a type, with the headers that every answer has.
    pub fn new(content_type: impl Into<ByteStr>, content: Content) -> Response {
        let mut response = Response { status: 200, headers: Vec::new(), content };
        response.set("Content-Type", content_type);
        response.set("Cache-Control", "no-store");
        response.set("X-Content-Type-Options", "nosniff");
        response.set("Referrer-Policy", "same-origin");
        response
    }

    /// Plain text.
    pub fn text(status: u16, text: &str) -> Response {
        Response::new("text/plain; charset=utf-8", Content::Bytes(text.as_bytes().to_vec())).with_status(status)
    }

    /// The same answer with another status.
    pub fn with_status(mut self, status: u16) -> Response {
        self.status = status;
        self
    }

    /// Puts a header line in, in place of others of this name.
    pub fn set(&mut self, name: &'static str, value: impl Into<ByteStr>) {
        self.headers.retain(|(known, _)| *known != name);
        self.add(name, value);
    }

    /// Adds a header line. What could end the line is left out of the value.
    pub fn add(&mut self, name: &'static str, value: impl Into<ByteStr>) {
        let value = value.into();
        let plain = ByteStr::new(value.iter().copied().filter(|&b| b >= b' ' && b != 0x7f).collect::<Vec<_>>());
        self.headers.push((name, plain));
    }

    /// Takes a header away.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| *known != name);
    }

    /// Adds the lines `Set-Cookie: ...` that a login or logout made; each is the value of one.
    pub fn with_cookies(mut self, lines: impl IntoIterator<Item = ByteStr>) -> Response {
        lines.into_iter().for_each(|line| self.add("Set-Cookie", line));
        self
    }

    /// Cookies of a page that came by TLS do not travel without it.
    pub fn with_secure_cookies(mut self) -> Response {
        for (_, line) in self.headers.iter_mut().filter(|(name, _)| *name == "Set-Cookie") {
            let is_secure = line.split(|&byte| byte == b';').any(|part| part.trim_ascii() == b"secure");
            if !is_secure {
                *line = ByteStr::new([&line[..], b"; secure"].concat());
            }
        }
        self
    }

    /// Lets caches keep the answer, if they ask each time whether it is still good.
    pub fn public(mut self) -> Response {
        self.set("Cache-Control", "no-cache");
        self
    }

    /// The header lines in order, the type among them.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &ByteStr)> {
        self.headers.iter().map(|(name, value)| (*name, value))
    }

    /// How many bytes the body has.
    pub fn length(&self) -> u64 {
        self.content.length()
    }
}

/// The words that stand behind a status code.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method not allowed",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_line() {
        let mut response = Response::text(200, "x");
        response.add("Set-Cookie", "a=b\r\nX-Evil: yes\0");
        let cookie = response.headers().find(|(name, _)| *name == "Set-Cookie").map(|(_, value)| value.clone());
        assert_eq!(cookie, Some("a=bX-Evil: yes".into()));
    }

    #[test]
    fn a_header_is_set_once() {
        let response = Response::text(404, "x").public();
        let cache: Vec<_> = response.headers().filter(|(name, _)| *name == "Cache-Control").collect();
        assert_eq!(cache, [("Cache-Control", &"no-cache".into())]);
    }
}
