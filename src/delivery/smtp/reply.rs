//! One reply of a server, taken apart as `smtplib.SMTP.getreply` does it.

use super::error::SmtpError;
use std::io::BufRead;

/// `smtplib._MAXLINE`
const MAX_LINE: usize = 8192;
/// Python reads continuation lines without end; nobody needs more than these.
const MAX_LINES: usize = 1000;

/// The code and the text of all lines, without code and white space around.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reply {
    /// Three digits as a rule; -1 where the line did not begin with a number.
    pub code: i32,
    /// The lines, joined by newlines.
    pub text: Vec<u8>,
}

impl Reply {
    /// 200 to 299.
    pub fn is_positive(&self) -> bool {
        (200..=299).contains(&self.code)
    }
}

/// Reads one reply. `peer gone` is distinguished from `spoke nonsense`, as in Python.
///
/// # Errors
/// A connection that broke, a line beyond the limit, or what is no reply.
pub fn read_reply(from: &mut impl BufRead) -> Result<Reply, SmtpError> {
    let mut text = Vec::new();
    for nth in 0..MAX_LINES {
        let line = read_line(from)?;
        if nth > 0 {
            text.push(b'\n');
        }
        text.extend_from_slice(strip(line.get(4..).unwrap_or_default()));
        match python_int(line.get(..3).unwrap_or(&line)) {
            None => return Ok(Reply { code: -1, text }),
            Some(code) if line.get(3) != Some(&b'-') => return Ok(Reply { code, text }),
            Some(_) => {}
        }
    }
    Err(SmtpError::garbage("Too many lines."))
}

fn read_line(from: &mut impl BufRead) -> Result<Vec<u8>, SmtpError> {
    let mut line = Vec::new();
    loop {
        let got = match from.fill_buf() {
            Ok(got) => got,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(SmtpError::closed_by(&e)),
        };
        if got.is_empty() {
            // The last line of a stream need not end in a newline.
            return if line.is_empty() { Err(SmtpError::closed()) } else { Ok(line) };
        }
        let end = got.iter().position(|&b| b == b'\n').map_or(got.len(), |at| at + 1);
        line.extend_from_slice(got.get(..end).unwrap_or_default());
        from.consume(end);
        if line.len() > MAX_LINE {
            return Err(SmtpError::garbage("Line too long."));
        }
        if line.ends_with(b"\n") {
            return Ok(line);
        }
    }
}

/// Python's `str.strip()`.
fn strip(text: &[u8]) -> &[u8] {
    let white = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let start = text.iter().position(|b| !white(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !white(b)).map_or(start, |at| at + 1);
    text.get(start..end).unwrap_or_default()
}

/// Python's `int()` of three characters: white space around and a sign are allowed.
fn python_int(text: &[u8]) -> Option<i32> {
    let text = strip(text);
    let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Result<Reply, String> {
        read_reply(&mut &text[..]).map_err(|e| e.to_string())
    }

    fn reply(code: i32, text: &[u8]) -> Result<Reply, String> {
        Ok(Reply { code, text: text.to_vec() })
    }

    #[test]
    fn lines_are_joined() {
        assert_eq!(read(b"250 2.1.0 ok \r\n"), reply(250, b"2.1.0 ok"));
        assert_eq!(read(b"250-one\r\n250-\ttwo\r\n250 three\r\n250 next\r\n"), reply(250, b"one\ntwo\nthree"));
        assert_eq!(read(b"250\r\n"), reply(250, b""));
        assert_eq!(read(b"421 bye"), reply(421, b"bye"));
    }

    #[test]
    fn nonsense_is_minus_one() {
        assert_eq!(read(b"hello there\r\n"), reply(-1, b"o there"));
        assert_eq!(read(b"\r\n"), reply(-1, b""));
        assert_eq!(read(b"25 ok\r\n"), reply(25, b"k"));
    }

    #[test]
    fn the_end_and_endless_lines_are_errors() {
        assert_eq!(read(b""), Err("Connection unexpectedly closed".into()));
        assert_eq!(read(b"250-one\r\n"), Err("Connection unexpectedly closed".into()));
        assert_eq!(read(&vec![b'2'; 9000]), Err("(500, 'Line too long.')".into()));
    }

    #[test]
    fn bytes_are_kept() {
        assert_eq!(read(b"550 \xe4\xff\r\n"), reply(550, b"\xe4\xff"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn anything_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
