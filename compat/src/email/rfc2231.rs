//! Parameters in pieces and in charsets: `name*0*=utf-8'en'caf%C3%A9; name*1=x`.
//!
//! Answers to the RFC 2231 part of `email.utils`, and to its quoting, through which every parameter goes.

use super::params::Param;
use crate::hex::unhexlify;
use crate::{pydict, ByteStr};
use std::collections::HashMap;

/// The number of a piece, by its count of digits, then by its digits: Python's integers have no limit. `name*=` has
/// none and comes first.
type Number = Option<(usize, Vec<u8>)>;

/// A piece `name*2*=value` of a value that came in pieces.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    number: Number,
    text: ByteStr,
    encoded: bool,
}

/// `decode_params`: joins continuations, decodes percent signs. Values come back in quotes, joined ones at the end.
pub(super) fn decode_params(params: Vec<(ByteStr, ByteStr)>) -> Vec<(ByteStr, Param)> {
    let mut plain = Vec::with_capacity(params.len());
    let mut pieces: Vec<(ByteStr, Vec<Piece>)> = Vec::new();
    let mut places: HashMap<ByteStr, usize> = HashMap::new();
    for (place, (name, value)) in params.into_iter().enumerate() {
        if place == 0 {
            plain.push((name, Param::Plain(value)));
            continue;
        }
        let value = unquote(&value);
        match continuation(&name) {
            None => plain.push((name, quoted(&value))),
            Some((stem, number)) => {
                let piece = Piece { number, text: value, encoded: name.ends_with(b"*") };
                let at = *places.entry(stem.clone()).or_insert(pieces.len());
                match pieces.get_mut(at) {
                    Some((_, list)) => list.push(piece),
                    None => pieces.push((stem, vec![piece])),
                }
            }
        }
    }
    // Python keeps the pieces in a dict, and what they are joined to comes in the order of that dict.
    let names: Vec<&[u8]> = pieces.iter().map(|(name, _)| &name[..]).collect();
    let order = pydict::order(&names);
    let mut joined: Vec<Option<(ByteStr, Param)>> =
        pieces.into_iter().map(|(name, list)| Some((name, join_pieces(list)))).collect();
    plain.extend(order.into_iter().filter_map(|at| joined.get_mut(at)?.take()));
    plain
}

/// The stem and the number of a name like `filename*0*`; `\w+\*((\d+)\*?)?` in Python's words.
fn continuation(name: &ByteStr) -> Option<(ByteStr, Number)> {
    let star = name.iter().position(|&b| b == b'*').filter(|&at| at > 0)?;
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let digits = name[star + 1..].strip_suffix(b"*").unwrap_or(&name[star + 1..]);
    let bare_star = star + 1 == name.len();
    if !name[..star].iter().all(is_word) || !digits.iter().all(u8::is_ascii_digit) || (digits.is_empty() && !bare_star)
    {
        return None;
    }
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    let number = digits[zeros..].to_vec();
    Some((name.slice(0..star), (!bare_star).then_some((number.len(), number))))
}

fn join_pieces(mut pieces: Vec<Piece>) -> Param {
    pieces.sort();
    let extended = pieces.iter().any(|piece| piece.encoded);
    let mut text = Vec::new();
    for piece in &pieces {
        match piece.encoded {
            true => text.extend(percent_decode(&piece.text)),
            false => text.extend_from_slice(&piece.text),
        }
    }
    let text = quote(&text);
    if !extended {
        return Param::plain([b"\"", &text[..], b"\""].concat());
    }
    let parts: Vec<&[u8]> = text.splitn(3, |&b| b == b'\'').collect();
    let in_quotes = |value: &[u8]| ByteStr::new([b"\"", value, b"\""].concat());
    match parts[..] {
        [charset, language, value] => {
            Param::Extended { charset: Some(charset.into()), language: Some(language.into()), value: in_quotes(value) }
        }
        _ => Param::Extended { charset: None, language: None, value: in_quotes(&text) },
    }
}

fn quoted(value: &[u8]) -> Param {
    Param::plain([b"\"", &quote(value)[..], b"\""].concat())
}

/// Backslashes before backslashes and quotes.
pub(super) fn quote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if matches!(byte, b'\\' | b'"') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

/// Takes quotes or angle brackets off. Backslashes are undone in two passes as Python does it: first doubled ones.
pub(super) fn unquote(text: &ByteStr) -> ByteStr {
    match &text[..] {
        [b'"', inner @ .., b'"'] => replace_pair(&replace_pair(inner, b"\\\\", b'\\'), b"\\\"", b'"').into(),
        [b'<', .., b'>'] => text.slice(1..text.len() - 1),
        _ => text.clone(),
    }
}

fn replace_pair(text: &[u8], pair: &[u8; 2], by: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(pair) {
            Some(after) => {
                out.push(by);
                rest = after;
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

/// `urllib.unquote`: a percent sign without two hex digits stays.
fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, hex_pair(after)) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                rest = &after[2..];
            }
            _ => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    unhexlify(text.get(..2)?)?.first().copied()
}

/// `urllib.quote(value, safe='')`.
pub(super) fn percent_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'_' | b'.' | b'-' => out.push(byte),
            _ if byte.is_ascii_alphanumeric() => out.push(byte),
            _ => out.extend(format!("%{byte:02X}").into_bytes()),
        }
    }
    out
}
