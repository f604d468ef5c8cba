//! Backslashes in Python's patterns.

use super::ast::{Anchor, Class, Item};
use super::source::Source;
use super::PatternError;

/// What a backslash and its character mean outside a set.
pub(super) enum Escaped {
    Literal(u32),
    Class(Class, bool),
    Anchor(Anchor),
    Reference(usize),
}

/// Outside a set. `groups` is one more than the number of groups begun so far.
pub(super) fn escape_outside(
    source: &mut Source,
    point: u32,
    is_text: bool,
    groups: usize,
) -> Result<Escaped, PatternError> {
    let Some(ch) = char::from_u32(point) else { return Ok(Escaped::Literal(point)) };
    if let Some((class, negative)) = class(ch) {
        return Ok(Escaped::Class(class, negative));
    }
    let anchor = match ch {
        'A' => Anchor::TextStart,
        'b' => Anchor::Boundary,
        'B' => Anchor::NotBoundary,
        'Z' => Anchor::TextEnd,
        '0' => {
            let digits = source.accept_while(2, is_octal)?;
            return Ok(Escaped::Literal(octal(&format!("0{digits}"))));
        }
        '1'..='9' => return reference(source, ch, is_text, groups),
        'x' => {
            let digits = source.accept_while(2, |ch| ch.is_ascii_hexdigit())?;
            return hexadecimal(&digits).map(Escaped::Literal).ok_or_else(|| bogus(&format!("\\x{digits}"), is_text));
        }
        _ => return Ok(Escaped::Literal(control(ch).unwrap_or(point))),
    };
    Ok(Escaped::Anchor(anchor))
}

/// `\N`: an octal number when three octal digits stand there, else a reference of one or two digits.
fn reference(source: &mut Source, first: char, is_text: bool, groups: usize) -> Result<Escaped, PatternError> {
    let mut digits = String::from(first);
    if let Some(second) = source.accept_if(|ch| ch.is_ascii_digit())? {
        digits.push(second);
        if is_octal(first) && is_octal(second) {
            if let Some(third) = source.accept_if(is_octal)? {
                digits.push(third);
                return Ok(Escaped::Literal(octal(&digits)));
            }
        }
    }
    let group = digits.parse().ok().filter(|group| *group < groups);
    group.map(Escaped::Reference).ok_or_else(|| bogus(&format!("\\{digits}"), is_text))
}

/// Inside a set.
pub(super) fn escape_in_set(source: &mut Source, point: u32, is_text: bool) -> Result<Item, PatternError> {
    let Some(ch) = char::from_u32(point) else { return Ok(Item::Literal(point)) };
    if let Some((class, negative)) = class(ch) {
        return Ok(Item::Class(class, negative));
    }
    match ch {
        'b' => Ok(Item::Literal(8)),
        'x' => {
            let digits = source.accept_while(2, |ch| ch.is_ascii_hexdigit())?;
            // Python's message has lost the `x` here.
            hexadecimal(&digits).map(Item::Literal).ok_or_else(|| bogus(&format!("\\{digits}"), is_text))
        }
        '0'..='7' => {
            let digits = source.accept_while(2, is_octal)?;
            Ok(Item::Literal(octal(&format!("{ch}{digits}"))))
        }
        '8' | '9' => Err(bogus(&format!("\\{ch}"), is_text)),
        _ => Ok(Item::Literal(control(ch).unwrap_or(point))),
    }
}

fn class(ch: char) -> Option<(Class, bool)> {
    let class = match ch.to_ascii_lowercase() {
        'd' => Class::Digit,
        's' => Class::Space,
        'w' => Class::Word,
        _ => return None,
    };
    Some((class, ch.is_ascii_uppercase()))
}

fn control(ch: char) -> Option<u32> {
    Some(match ch {
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        _ => return None,
    })
}

fn is_octal(ch: char) -> bool {
    matches!(ch, '0'..='7')
}

fn octal(digits: &str) -> u32 {
    u32::from_str_radix(digits, 8).unwrap_or_default() & 0xFF
}

fn hexadecimal(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2)
}

fn bogus(escape: &str, is_text: bool) -> PatternError {
    let points: Vec<u32> = escape.chars().map(u32::from).collect();
    PatternError::Syntax(format!("bogus escape: {}", repr(&points, is_text)))
}

/// Python 2's `repr` of a `str` or a `unicode`.
pub(super) fn repr(text: &[u32], is_text: bool) -> String {
    let has = |ch: char| text.contains(&u32::from(ch));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    let mut out = String::from(if is_text { "u" } else { "" });
    out.push(quote);
    for &point in text {
        match (point, char::from_u32(point)) {
            (_, Some('\\')) => out.push_str("\\\\"),
            (_, Some('\n')) => out.push_str("\\n"),
            (_, Some('\r')) => out.push_str("\\r"),
            (_, Some('\t')) => out.push_str("\\t"),
            (_, Some(ch)) if ch == quote => out.extend(['\\', ch]),
            (0x20..=0x7E, Some(ch)) => out.push(ch),
            (0..=0xFF, _) => out.push_str(&format!("\\x{point:02x}")),
            (0x100..=0xFFFF, _) => out.push_str(&format!("\\u{point:04x}")),
            _ => out.push_str(&format!("\\U{point:08x}")),
        }
    }
    out.push(quote);
    out
}
