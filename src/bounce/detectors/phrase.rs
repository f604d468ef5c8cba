//! A word that a text must hold if a pattern is to be found in it.
//!
//! There are dozens of patterns and often thousands of lines. One look for a fixed phrase through the whole text tells
//! for most patterns that no line needs to be tried; they are not even compiled.

/// The longest run of plain characters that every match of the pattern contains, in lower case. It may be empty. The
/// pattern has no alternatives outside of groups.
pub fn required(pattern: &str) -> Vec<u8> {
    let mut runs = Runs::default();
    let mut rest = pattern.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => runs.escape(rest.next().unwrap_or(b's')),
            b'[' => runs.skip(&mut rest, b'[', b']'),
            b'(' => runs.skip(&mut rest, b'(', b')'),
            b'*' | b'?' | b'{' => runs.optional(),
            b'.' | b'^' | b'$' | b'+' => runs.end(),
            plain => runs.now.push(plain.to_ascii_lowercase()),
        }
    }
    runs.end();
    runs.longest
}

#[derive(Default)]
struct Runs {
    now: Vec<u8>,
    longest: Vec<u8>,
}

impl Runs {
    fn end(&mut self) {
        let run = std::mem::take(&mut self.now);
        if run.len() > self.longest.len() {
            self.longest = run;
        }
    }

    /// The last character may be missing.
    fn optional(&mut self) {
        self.now.pop();
        self.end();
    }

    /// A class such as `\s`, or a character that would mean something else without the stroke.
    fn escape(&mut self, byte: u8) {
        match byte.is_ascii_alphanumeric() {
            true => self.end(),
            false => self.now.push(byte),
        }
    }

    /// Goes behind a group or a set of characters: nothing in it is certain.
    fn skip(&mut self, rest: &mut impl Iterator<Item = u8>, open: u8, close: u8) {
        self.end();
        let mut depth = 1;
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' => drop(rest.next()),
                _ if byte == close => depth -= 1,
                _ if byte == open => depth += 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_counts() {
        for (pattern, expected) in [
            ("Failed Addresses follow:", "failed addresses follow:"),
            ("the recipient(s)? failed for good", " failed for good"),
            (r"^Your message\s*$", "your message"),
            (r"address\(es\)\.", "address(es)."),
            ("colou?r", "colo"),
            ("[abc]x", "x"),
            ("(a|b)", ""),
            (r"a+bc\d*", "bc"),
        ] {
            assert_eq!(String::from_utf8(required(pattern)).unwrap(), expected, "{pattern}");
        }
    }
}
