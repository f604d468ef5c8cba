//! Names of files in any bytes as fields of text lines, in the way of `sha1sum`: a line whose name needs it begins with a
//! backslash, and has `\\` and `\n` in the name.

/// A line's mark, and its name as written.
pub fn spelled(name: &[u8]) -> (&'static str, Vec<u8>) {
    if !name.iter().any(|b| matches!(b, b'\\' | b'\n')) {
        return ("", name.to_vec());
    }
    let escaped = name.iter().flat_map(|&b| match b {
        b'\\' => b"\\\\".to_vec(),
        b'\n' => b"\\n".to_vec(),
        b => vec![b],
    });
    ("\\", escaped.collect())
}

/// The reverse, of a name from a line with the mark.
pub fn plain(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&b) = bytes.next() {
        match (b, bytes.clone().next()) {
            (b'\\', Some(b'n')) => out.push(b'\n'),
            (b'\\', Some(b'r')) => out.push(b'\r'),
            (b'\\', Some(b'\\')) => out.push(b'\\'),
            _ => {
                out.push(b);
                continue;
            }
        }
        bytes.next();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in [&b"plain"[..], b"a\\nb", b"a\nb\\", b"\xff\xfe", b"\\"] {
            let (mark, text) = spelled(name);
            assert!(!text.contains(&b'\n'));
            assert_eq!(if mark.is_empty() { text } else { plain(&text) }, name);
        }
    }
}
