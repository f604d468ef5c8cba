//! The head of an HTTP request: its line and its header fields, parsed by `httparse`.

use compat::ByteStr;

/// How many header fields a request may have.
const MAX_FIELDS: usize = 100;

/// A request's head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The method as it was sent.
    pub method: ByteStr,
    /// The path with its query, as it was sent.
    pub target: ByteStr,
    /// Whether the connection stays open unless somebody says otherwise (HTTP/1.1).
    pub is_modern: bool,
    fields: Vec<(ByteStr, ByteStr)>,
}

/// What bytes that begin a request are.
#[derive(Debug, PartialEq)]
pub enum Parsed {
    /// The head, and how many bytes it has.
    Whole(Head, usize),
    /// More must come.
    Partial,
    /// No request.
    Malformed,
}

impl Head {
    /// Reads what has come so far.
    pub fn parse(bytes: &[u8]) -> Parsed {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Parsed::Partial,
            Err(_) => return Parsed::Malformed,
        };
        let field = |field: &httparse::Header<'_>| (ByteStr::from(field.name), ByteStr::from(field.value));
        let head = Head {
            method: request.method.unwrap_or_default().into(),
            target: without_host(request.path.unwrap_or_default()).into(),
            is_modern: request.version == Some(1),
            fields: request.headers.iter().map(field).collect(),
        };
        Parsed::Whole(head, length)
    }

    /// The first header field of a name.
    pub fn get(&self, name: &str) -> Option<&ByteStr> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// All header fields of a name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h ByteStr> {
        let same = move |field: &&(ByteStr, ByteStr)| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(same).map(|(_, value)| value)
    }

    /// Whether a header field is there and says this, in any case.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.trim_ascii().eq_ignore_ascii_case(value.as_bytes()))
    }

    /// Whether the client wants to send more on the connection.
    pub fn wants_more(&self) -> bool {
        match self.is_modern {
            true => !self.says("Connection", "close"),
            false => self.says("Connection", "keep-alive"),
        }
    }

    /// How long the body is; `None` where that is not a number, or two.
    pub fn body_length(&self) -> Option<u64> {
        let mut lengths = self.all("Content-Length").map(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
        match (lengths.next(), lengths.next()) {
            (None, _) => Some(0),
            (Some(length), None) => length,
            (Some(_), Some(_)) => None,
        }
    }
}

/// A client may send a whole address, as to a proxy.
fn without_host(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://").or_else(|| target.strip_prefix("https://")) else { return target };
    rest.find('/').map_or("/", |at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Head {
        match Head::parse(text.as_bytes()) {
            Parsed::Whole(head, length) if length == text.len() => head,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_head_is_read() {
        let head =
            whole("POST http://h/a?b HTTP/1.1\r\nHost: x\r\ncontent-length: 7\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n");
        assert_eq!((&head.method[..], &head.target[..]), (&b"POST"[..], &b"/a?b"[..]));
        assert_eq!((head.body_length(), head.all("cookie").count(), head.wants_more()), (Some(7), 2, true));
        assert!(!whole("GET / HTTP/1.0\r\n\r\n").wants_more());
        assert!(!whole("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n").wants_more());
    }

    #[test]
    fn what_is_not_whole_or_no_head() {
        assert_eq!(Head::parse(b"GET / HT"), Parsed::Partial);
        assert_eq!(Head::parse(b"\x16\x03\x01"), Parsed::Malformed);
        assert_eq!(Head::parse(b"GET / HTTP/1.1\r\n\x00: y\r\n\r\n"), Parsed::Malformed);
        let two = whole("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
        assert_eq!(two.body_length(), None);
    }
}
