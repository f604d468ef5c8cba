//! A mail's lines on their way from DATA: dots taken off, line ends as Mailman has them, the end found.
//!
//! A mail ends with a dot between two CRLF and nowhere else, and only a dot behind CRLF is taken off. So nothing inside a
//! mail can be taken for a second mail. CRLF becomes LF; a CR or LF alone stays.

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    LineStart,
    /// A CR at the start of a line.
    StartCr,
    /// A dot at the start of a line.
    Dot,
    /// A dot and a CR there.
    DotCr,
    Text,
    Cr,
    End,
}

/// Reads a mail in pieces.
pub struct Lines {
    state: State,
}

impl Lines {
    /// At the beginning.
    pub fn new() -> Lines {
        Lines { state: State::LineStart }
    }

    /// Whether the end was found.
    pub fn is_ended(&self) -> bool {
        self.state == State::End
    }

    /// Reads as much of a piece as belongs to the mail; how much that is.
    pub fn read(&mut self, piece: &[u8], out: &mut Vec<u8>) -> usize {
        for (at, &byte) in piece.iter().enumerate() {
            if self.is_ended() {
                return at;
            }
            self.state = next(self.state, byte, out);
        }
        piece.len()
    }
}

fn next(state: State, byte: u8, out: &mut Vec<u8>) -> State {
    match (state, byte) {
        (State::LineStart, b'.') => return State::Dot,
        (State::LineStart, b'\r') => return State::StartCr,
        (State::Dot, b'\r') => return State::DotCr,
        (State::DotCr, b'\n') => return State::End,
        (State::Text, b'\r') => return State::Cr,
        (State::Cr | State::StartCr, b'\n') => {
            out.push(b'\n');
            return State::LineStart;
        }
        (State::Cr | State::StartCr | State::DotCr, b'\r') => {
            out.push(b'\r');
            return State::Cr;
        }
        (State::Cr | State::StartCr | State::DotCr, _) => out.push(b'\r'),
        _ => {}
    }
    out.push(byte);
    State::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mail in a stream, and how many bytes of the stream are behind it; `None` if it does not end.
    fn read(stream: &[u8], piece: usize) -> Option<(Vec<u8>, usize)> {
        let (mut lines, mut out, mut used) = (Lines::new(), Vec::new(), 0);
        for piece in stream.chunks(piece) {
            used += lines.read(piece, &mut out);
        }
        lines.is_ended().then(|| (out, stream.len() - used))
    }

    #[test]
    fn a_mail_ends_at_its_dot_and_nowhere_else() {
        for (stream, mail, rest) in [
            (&b".\r\n"[..], &b""[..], 0),
            (b"a\r\n.\r\nNEXT", b"a\n", 4),
            (b"..a\r\n.b\r\n...\r\n.\r\n", b".a\nb\n..\n", 0),
            (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\n", 0),
            (b"a\n.\r\nb\r\n.\r\n", b"a\n.\nb\n", 0),
            (b"a\r.\r\r\n\r\n.\rx\r\n.\r\n", b"a\r.\r\n\n\rx\n", 0),
        ] {
            for piece in [1, 2, 100] {
                assert_eq!(read(stream, piece), Some((mail.to_vec(), rest)), "{stream:?}");
            }
        }
        for open in [&b"a\r\n."[..], b"a\r\n.\n", b"a.\r\n", b"\r.\r\n"] {
            assert_eq!(read(open, 1), None, "{open:?}");
        }
    }
}
