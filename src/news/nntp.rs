//! The dialogue with a news server: connect, reader mode, log in, post one article; [`super::reader`] reads with it.
//!
//! Errors are distinguished as in `nntplib`, since Mailman makes different things of them: a temporary refusal and a
//! network error end a post, anything else keeps it queued. Lines and waits are bounded. Unlike `nntplib` this looks up
//! no passwords in a `.netrc`.

use compat::format::os_error;
use compat::ByteStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The port where a list's `nntp_host` names none.
const DEFAULT_PORT: u16 = 119;
/// How long a server may be silent.
const TIMEOUT: Duration = Duration::from_secs(300);
/// `nntplib._MAXLINE`
const LINE_LIMIT: u64 = 2048;

/// Why an article was not posted.
#[derive(Debug, thiserror::Error)]
pub enum NntpError {
    /// A 4xx reply: `nntplib.error_temp`.
    #[error("{0}")]
    Temporary(ByteStr),
    /// The network: `socket.error`.
    #[error("{}", os_error(.0))]
    Network(#[from] io::Error),
    /// The connection ended in the middle.
    #[error("the server closed the connection")]
    Closed,
    /// A 5xx reply, or a reply that makes no sense.
    #[error("{0}")]
    Other(ByteStr),
}

/// A server to post to.
pub struct Server<'a> {
    /// Host, or `HOST:PORT`.
    pub host: &'a [u8],
    /// `NNTP_USERNAME`
    pub user: Option<ByteStr>,
    /// `NNTP_PASSWORD`
    pub password: Option<ByteStr>,
}

/// A connection, of which each command gets its reply.
pub(super) struct Connection {
    stream: TcpStream,
    replies: BufReader<TcpStream>,
}

impl Server<'_> {
    /// Posts one article, whose lines end in line feeds.
    ///
    /// # Errors
    /// See [`NntpError`]. Only without an error does the server have the article.
    pub fn post(&self, article: &[u8]) -> Result<(), NntpError> {
        let mut connection = self.begin()?;
        let outcome = connection.post(article);
        // The article is there or not; how the server takes its leave changes nothing.
        let _ = connection.command(&[b"QUIT"]);
        outcome
    }

    /// Connects, asks for reader mode, and logs in.
    pub(super) fn begin(&self) -> Result<Connection, NntpError> {
        let mut connection = self.connect()?;
        connection.begin(self)?;
        Ok(connection)
    }

    fn connect(&self) -> Result<Connection, NntpError> {
        let (host, port) = split_port(self.host);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "[Errno -2] Name or service not known");
        for address in (host.as_str(), port).to_socket_addrs().into_iter().flatten() {
            match TcpStream::connect_timeout(&address, TIMEOUT) {
                Ok(stream) => return Ok(Connection::new(stream)?),
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }
}

impl Connection {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        let replies = BufReader::new(stream.try_clone()?);
        Ok(Connection { stream, replies })
    }

    fn begin(&mut self, server: &Server<'_>) -> Result<(), NntpError> {
        self.reply()?;
        let mut late_reader = false;
        match self.command(&[b"mode reader"]) {
            Err(NntpError::Temporary(reply)) if server.user.is_some() && reply.starts_with(b"480") => {
                late_reader = true
            }
            other => accept_unknown(other)?,
        }
        if let Some(user) = &server.user {
            self.log_in(user, server.password.as_ref())?;
            if late_reader {
                accept_unknown(self.command(&[b"mode reader"]))?;
            }
        }
        Ok(())
    }

    fn log_in(&mut self, user: &[u8], password: Option<&ByteStr>) -> Result<(), NntpError> {
        let reply = self.command(&[b"authinfo user ", user])?;
        if !reply.starts_with(b"381") {
            return Ok(());
        }
        let password = password.ok_or(NntpError::Other(reply))?;
        let reply = self.command(&[b"authinfo pass ", password])?;
        if reply.starts_with(b"281") {
            Ok(())
        } else {
            Err(NntpError::Other(reply))
        }
    }

    fn post(&mut self, article: &[u8]) -> Result<(), NntpError> {
        let reply = self.command(&[b"POST"])?;
        if !reply.starts_with(b"3") {
            return Err(NntpError::Other(reply));
        }
        self.stream.write_all(&on_the_wire(article))?;
        self.reply().map(drop)
    }

    /// The lines of a long answer up to its final dot.
    pub(super) fn lines(&mut self, limit: usize) -> Result<Vec<ByteStr>, NntpError> {
        let (mut lines, mut size) = (Vec::new(), 0);
        loop {
            let mut line = Vec::new();
            let room = (limit - size + 1) as u64;
            (&mut self.replies).take(room).read_until(b'\n', &mut line)?;
            size += line.len();
            if line.is_empty() || size > limit {
                // What is still to come cannot be told from replies.
                return Err(NntpError::Closed);
            }
            let end = line.iter().rposition(|b| !b"\r\n".contains(b)).map_or(0, |at| at + 1);
            match &line[..end] {
                b"." => return Ok(lines),
                text => lines.push(ByteStr::from(if text.starts_with(b"..") { &text[1..] } else { text })),
            }
        }
    }

    pub(super) fn command(&mut self, words: &[&[u8]]) -> Result<ByteStr, NntpError> {
        let line = words.concat();
        // A line end in a setting would be a second command.
        if line.iter().any(|b| b"\r\n\0".contains(b)) {
            return Err(NntpError::Other("a line end in a command".into()));
        }
        self.stream.write_all(&[&line[..], b"\r\n"].concat())?;
        self.reply()
    }

    fn reply(&mut self) -> Result<ByteStr, NntpError> {
        let mut line = Vec::new();
        (&mut self.replies).take(LINE_LIMIT + 1).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(NntpError::Closed);
        }
        if line.len() as u64 > LINE_LIMIT {
            return Err(NntpError::Other("line too long".into()));
        }
        let end = line.iter().rposition(|b| !b"\r\n".contains(b)).map_or(0, |at| at + 1);
        let reply = ByteStr::from(&line[..end]);
        match reply.first() {
            Some(b'1'..=b'3') => Ok(reply),
            Some(b'4') => Err(NntpError::Temporary(reply)),
            _ => Err(NntpError::Other(reply)),
        }
    }
}

/// Some servers do not know reader mode; they need none.
fn accept_unknown(outcome: Result<ByteStr, NntpError>) -> Result<(), NntpError> {
    match outcome {
        Err(NntpError::Other(reply)) if reply.starts_with(b"5") => Ok(()),
        other => other.map(drop),
    }
}

/// `HOST:PORT`; what is no number behind the colon belongs to the host.
fn split_port(text: &[u8]) -> (String, u16) {
    let text = String::from_utf8_lossy(text).into_owned();
    match text.split_once(':').and_then(|(host, port)| Some((host.to_string(), port.trim().parse().ok()?))) {
        Some(found) => found,
        None => (text, DEFAULT_PORT),
    }
}

/// Lines with CRLF, those that begin with a dot doubled, and the final dot.
fn on_the_wire(article: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(article.len() + article.len() / 32 + 8);
    for line in article.split_inclusive(|&b| b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn dots_are_doubled_and_lines_ended() {
        assert_eq!(on_the_wire(b"a\n.b\r\nc"), b"a\r\n..b\r\r\nc\r\n.\r\n");
    }

    #[test]
    fn ports_stand_behind_a_colon() {
        assert_eq!(split_port(b"news.example.org:1190"), ("news.example.org".into(), 1190));
        assert_eq!(split_port(b"news.example.org"), ("news.example.org".into(), 119));
        assert_eq!(split_port(b"a:b"), ("a:b".into(), 119));
    }

    /// A server that says these replies in turn and gives back what it was told.
    fn posted_to(replies: &'static [&'static str]) -> (Result<(), NntpError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            for (at, reply) in replies.iter().enumerate() {
                if at > 0 {
                    let in_article = replies[at - 1].starts_with("340");
                    while lines.read_line(&mut heard).unwrap() > 0 && in_article && !heard.ends_with("\r\n.\r\n") {}
                }
                stream.write_all(format!("{reply}\r\n").as_bytes()).unwrap();
            }
            heard
        });
        let outcome = Server { host: host.as_bytes(), user: Some("u".into()), password: Some("p".into()) }
            .post(b"Subject: x\n\nhi\n");
        (outcome, server.join().unwrap())
    }

    #[test]
    fn an_article_travels() {
        let (outcome, heard) =
            posted_to(&["200 hello", "500 what", "381 password", "281 in", "340 send", "240 thanks", "205 bye"]);
        outcome.unwrap();
        assert_eq!(
            heard,
            "mode reader\r\nauthinfo user u\r\nauthinfo pass p\r\nPOST\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n"
        );
    }

    #[test]
    fn refusals_are_told_apart() {
        assert!(matches!(posted_to(&["400 later"]).0, Err(NntpError::Temporary(reply)) if reply == "400 later"));
        assert!(matches!(posted_to(&["502 never"]).0, Err(NntpError::Other(_))));
        let (outcome, _) = posted_to(&["200 hello", "200 ok", "281 in", "440 no", "205 bye"]);
        assert_eq!(outcome.unwrap_err().to_string(), "440 no");
    }
}
