//! Python's `repr()` of byte strings, for log lines that quote one: `{'anna@example.org': (550, 'no such user')}`.

/// `repr(s)` of a Python 2 `str`.
pub fn of_bytes(bytes: &[u8]) -> Vec<u8> {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = Vec::with_capacity(bytes.len() + 2);
    out.push(quote);
    bytes.iter().for_each(|&b| push_escaped(&mut out, b, quote));
    out.push(quote);
    out
}

fn push_escaped(out: &mut Vec<u8>, byte: u8, quote: u8) {
    match byte {
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\t' => out.extend_from_slice(b"\\t"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b if b == quote => out.extend_from_slice(&[b'\\', b]),
        b' '..=b'~' => out.push(byte),
        b => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
    }
}

/// `(code, 'text')`, as `smtplib` keeps the answer of a server.
pub fn of_reply(code: i32, text: &[u8]) -> Vec<u8> {
    [format!("({code}, ").as_bytes(), &of_bytes(text), b")"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right-hand sides come from Python 2.7.18.
    #[test]
    fn as_python_writes_it() {
        for (bytes, wanted) in [
            (&b"plain"[..], r"'plain'"),
            (b"it's", r#""it's""#),
            (b"it's \"so\"", r#"'it\'s "so"'"#),
            (b"a\\b\tc\nd\re", r"'a\\b\tc\nd\re'"),
            (b"\x00\x7f\xff", r"'\x00\x7f\xff'"),
        ] {
            assert_eq!(String::from_utf8_lossy(&of_bytes(bytes)), wanted);
        }
        assert_eq!(of_reply(550, b"5.1.1 nobody"), b"(550, '5.1.1 nobody')");
    }
}
