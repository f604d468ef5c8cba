//! `$`-strings, which list owners may use in place of `%(name)s`.
//!
//! Answers to `to_dollar`, `to_percent`, `dollar_identifiers` and `percent_identifiers` of `Mailman/Utils.py`.

/// What stands at one place of a text.
enum Mark<'a> {
    Plain(u8),
    /// `$$`
    Dollar,
    Name(&'a [u8]),
}

/// `$name` and `${name}` become `%(name)s`, `$$` becomes `$`, `%` becomes `%%`.
pub fn to_percent(text: &[u8]) -> Vec<u8> {
    // Python halves the dollars before it looks for names, so `$$name` is taken as a name all the same.
    let text = replace(&replace(text, b"%", b"%%"), b"$$", b"$");
    let mut out = Vec::with_capacity(text.len());
    for mark in marks(&text, dollar_name) {
        match mark {
            Mark::Plain(byte) => out.push(byte),
            Mark::Dollar => out.push(b'$'),
            Mark::Name(name) => out.extend_from_slice(&[b"%(", name, b")s"].concat()),
        }
    }
    out
}

/// `%(name)s` becomes `$name`, or `${name}` where a letter follows; `%%` becomes `%`, `$` becomes `$$`.
pub fn to_dollar(text: &[u8]) -> Vec<u8> {
    let text = replace(&replace(text, b"$", b"$$"), b"%%", b"%");
    let mut out = Vec::with_capacity(text.len());
    let mut marks = marks(&text, percent_name).peekable();
    while let Some(mark) = marks.next() {
        match (mark, marks.peek()) {
            (Mark::Plain(byte), _) => out.push(byte),
            (Mark::Name(name), Some(Mark::Plain(next))) if is_word(*next) => {
                out.extend_from_slice(&[b"${", name, b"}"].concat());
            }
            (Mark::Name(name), _) => out.extend_from_slice(&[b"$", name].concat()),
            (Mark::Dollar, _) => out.extend_from_slice(b"$$"),
        }
    }
    out
}

/// The names that a `$`-string uses, each once, in order.
pub fn dollar_identifiers(text: &[u8]) -> Vec<Vec<u8>> {
    identifiers(marks(text, dollar_name))
}

/// The names that a `%`-string uses, each once, in order.
pub fn percent_identifiers(text: &[u8]) -> Vec<Vec<u8>> {
    identifiers(marks(text, percent_name))
}

fn identifiers<'a>(marks: impl Iterator<Item = Mark<'a>>) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for mark in marks {
        match mark {
            Mark::Name(name) if !names.iter().any(|known| known == name) => names.push(name.to_vec()),
            _ => {}
        }
    }
    names
}

type Finder = fn(&[u8]) -> Option<(Mark<'_>, usize)>;

/// The text as marks: where `find` sees none, a plain byte.
fn marks(text: &[u8], find: Finder) -> impl Iterator<Item = Mark<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (mark, length) = find(rest).or_else(|| rest.first().map(|b| (Mark::Plain(*b), 1)))?;
        rest = rest.get(length..).unwrap_or(&[]);
        Some(mark)
    })
}

fn dollar_name(text: &[u8]) -> Option<(Mark<'_>, usize)> {
    let rest = text.strip_prefix(b"$")?;
    if rest.starts_with(b"$") {
        return Some((Mark::Dollar, 2));
    }
    if let Some(name) = name_at(rest) {
        return Some((Mark::Name(name), name.len() + 1));
    }
    let name = name_at(rest.strip_prefix(b"{")?)?;
    (rest.get(name.len() + 1) == Some(&b'}')).then(|| (Mark::Name(name), name.len() + 3))
}

/// `%(name)s`; the `s` may be missing, a common mistake.
fn percent_name(text: &[u8]) -> Option<(Mark<'_>, usize)> {
    let rest = text.strip_prefix(b"%(")?;
    let name = name_at(rest)?;
    let after = rest.get(name.len()..)?.strip_prefix(b")")?;
    Some((Mark::Name(name), name.len() + 3 + usize::from(after.starts_with(b"s"))))
}

fn name_at(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().take_while(|b| is_word(**b)).count();
    match text.first() {
        Some(first) if !first.is_ascii_digit() && length > 0 => text.get(..length),
        _ => None,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `str.replace` of Python, for a needle that is not empty.
fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        match rest.strip_prefix(from) {
            Some(after) => {
                out.extend_from_slice(to);
                rest = after;
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    /// Made by Utils.to_percent and Utils.to_dollar of the reference.
    #[test]
    fn both_ways() {
        assert_eq!(text(to_percent(b"$a ${b}c $$ $$$$x 5% $1 ${x $")), "%(a)s %(b)sc $ $x 5%% $1 ${x $");
        assert_eq!(text(to_percent(b"$$name")), "%(name)s");
        assert_eq!(text(to_dollar(b"%(a)s %(b)sc %(c)d 100%% $ %(d)")), "$a ${b}c ${c}d 100% $$ $d");
        assert_eq!(text(to_dollar(b"%(A_1)s%(b)s")), "$A_1$b");
    }

    #[test]
    fn names() {
        assert_eq!(percent_identifiers(b"%(a)s %(b) %(a)s %(1)s"), [b"a", b"b"]);
        assert_eq!(dollar_identifiers(b"$a ${b} $$c $a"), [b"a", b"b"]);
    }
}
