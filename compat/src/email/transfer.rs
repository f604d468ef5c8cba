//! base64, quoted-printable and uuencode as Python 2.7's `binascii`, `quopri`, `uu`, `email.base64mime` and
//! `email.quoprimime` do them: forgiving when they read, particular in how they break lines.

use super::text::{fix_eols, split_lines, trim, without_end};
use crate::base64::{encode, encode_into, encoded_len, ALPHABET};
use crate::hex::hex_digit;

/// The line length of encoded bodies.
const BODY_LINE: usize = 76;
/// Bytes in a line of base64.
const BASE64_BYTES: usize = 57;
/// What quoted-printable headers are cut at: Python's idea of "no limit".
const HEADER_LIMIT: usize = 100_000;
/// The longest encoded word of base64, and the characters of its frame.
const WORD_LINE: usize = 76;
const FRAME_LEN: usize = 7;

/// binascii.Error and uu.Error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    #[error("Incorrect padding")]
    Padding,
    #[error("No valid begin line found in input file")]
    NoBegin,
    #[error("Truncated input file")]
    Truncated,
    #[error("Illegal char")]
    IllegalChar,
    #[error("Trailing garbage")]
    TrailingGarbage,
}

/// `binascii.a2b_base64`: what is not of the alphabet is skipped, the first complete padding ends it.
///
/// # Errors
/// Text with a wrong number of characters or wrong padding, as `binascii.Error`.
pub fn base64_decode(text: &[u8]) -> Result<Vec<u8>, TransferError> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut in_quad) = (0_u32, 0_u32, 0_u8);
    let mut at = 0;
    while at < text.len() {
        if in_quad == 0 {
            at += whole_quads(text.get(at..).unwrap_or_default(), &mut out);
        }
        let Some(&byte) = text.get(at) else { break };
        at += 1;
        if byte == b'=' {
            // A pad that comes too early is skipped; in third place it needs a second one behind it.
            if in_quad == 3 || in_quad == 2 && next_of_base64(text.get(at..)) == Some(b'=') {
                return Ok(out);
            }
            continue;
        }
        let Some(value) = base64_value(byte) else { continue };
        in_quad = (in_quad + 1) % 4;
        held = held << 6 | value;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    if bits == 0 {
        Ok(out)
    } else {
        Err(TransferError::Padding)
    }
}

/// Decodes groups of four letters as long as nothing else comes between them. Returns how many bytes they were.
fn whole_quads(text: &[u8], out: &mut Vec<u8>) -> usize {
    let mut done = 0;
    for quad in text.chunks_exact(4) {
        let bits = quad.iter().try_fold(0, |bits, &letter| Some(bits << 6 | base64_value(letter)?));
        let Some(bits) = bits else { break };
        out.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
        done += 4;
    }
    done
}

fn next_of_base64(rest: Option<&[u8]>) -> Option<u8> {
    rest?.iter().copied().find(|&byte| byte == b'=' || base64_value(byte).is_some())
}

/// What each byte means in base64; `NO_LETTER` where it is not of the alphabet.
const VALUES: [u8; 256] = {
    let mut values = [NO_LETTER; 256];
    let mut at = 0;
    while at < ALPHABET.len() {
        values[ALPHABET[at] as usize] = at as u8;
        at += 1;
    }
    values
};
const NO_LETTER: u8 = 0xFF;

/// The same where padding may be missing, which is added, as `email.header` of 2.7.18 does.
///
/// # Errors
/// Text with a wrong number of characters or wrong padding, as `binascii.Error`.
pub fn base64_decode_unpadded(text: &[u8]) -> Result<Vec<u8>, TransferError> {
    let missing = (4 - text.len() % 4) % 4;
    base64_decode(&[text, b"===".get(..missing).unwrap_or_default()].concat())
}

fn base64_value(byte: u8) -> Option<u32> {
    VALUES.get(usize::from(byte)).filter(|&&value| value != NO_LETTER).map(|&value| u32::from(value))
}

/// Lines of base64, each with a line feed: `base64mime.encode`, `base64.encodestring`.
pub fn base64_body_encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(bytes) / 76 * 77 + 80);
    for line in bytes.chunks(BASE64_BYTES) {
        encode_into(line, &mut out);
        out.push(b'\n');
    }
    out
}

/// Encoded words of base64, joined by a fold: `base64mime.header_encode`.
pub fn base64_header_encode(bytes: &[u8], charset: &[u8]) -> Vec<u8> {
    let room = WORD_LINE.saturating_sub(charset.len() + FRAME_LEN) * 3 / 4;
    let bytes = fix_eols(bytes);
    if room == 0 {
        // Python raises ValueError, or loses the text; a charset with a name of 69 characters does not exist.
        return Vec::new();
    }
    let words = bytes.chunks(room).map(|piece| [b"=?", charset, b"?b?", &encode(piece), b"?="].concat());
    words.collect::<Vec<_>>().join(b"\n ".as_slice())
}

/// `binascii.a2b_qp`, which `quopri.decodestring` is.
pub fn quopri_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        match rest {
            [] => {}
            [b'\n' | b'\r', ..] => at += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1),
            // Old versions of Python wrote `==` for an equals sign.
            [b'=', ..] => {
                out.push(b'=');
                at += 1;
            }
            [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex_digit(*high).unwrap_or_default() << 4 | hex_digit(*low).unwrap_or_default());
                at += 2;
            }
            _ => out.push(b'='),
        }
    }
    out
}

/// `quoprimime.body_encode`: the text of a new message; every line end becomes a line feed.
pub fn quopri_body_encode(body: &[u8]) -> Vec<u8> {
    let mut lines = split_lines(body).peekable();
    let mut out = Vec::with_capacity(body.len());
    while let Some(line) = lines.next() {
        let text = without_end(line);
        quopri_line(text, lines.peek().is_none(), &mut out);
        if text.len() < line.len() {
            out.push(b'\n');
        }
    }
    out
}

/// One line without its end. A blank at the end of the last line is quoted; at the end of another it stays and a soft
/// break follows it, so that the blank is not at the end of anything.
fn quopri_line(text: &[u8], is_last: bool, out: &mut Vec<u8>) {
    let (body, end) = match text {
        [body @ .., blank @ (b' ' | b'\t')] => (body, Some(*blank)),
        [body @ .., last] if !needs_quoting(*last) => (body, Some(*last)),
        _ => (text, None),
    };
    let width = quopri_pieces(body, out);
    match end {
        Some(blank @ (b' ' | b'\t')) if is_last => {
            if width + 3 > BODY_LINE {
                out.extend(b"=\n");
            }
            out.extend(quoted(blank));
        }
        Some(blank @ (b' ' | b'\t')) => out.extend([blank, b'=', b'\n']),
        // The last character of a line is not counted: a line may be one longer than the limit.
        Some(last) => out.push(last),
        None => {}
    }
}

/// Characters and what stands for them, with soft breaks; how wide the last line is.
fn quopri_pieces(text: &[u8], out: &mut Vec<u8>) -> usize {
    let mut width = 0;
    for &byte in text {
        let quoting = needs_quoting(byte);
        let more = if quoting { 3 } else { 1 };
        if width + more >= BODY_LINE {
            out.extend(b"=\n");
            width = 0;
        }
        width += more;
        match quoting {
            true => out.extend(quoted(byte)),
            false => out.push(byte),
        }
    }
    width
}

fn needs_quoting(byte: u8) -> bool {
    !matches!(byte, b' '..=b'<' | b'>'..=b'~' | b'\t')
}

fn quoted(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

/// Whether the Q encoding of headers must quote a byte.
fn needs_header_quoting(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || b"-!*+/ ".contains(&byte))
}

/// The length of the Q encoding without its frame, line ends counted as they are.
pub fn quopri_header_len(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| if needs_header_quoting(byte) { 3 } else { 1 }).sum()
}

/// Encoded words in Q: `quoprimime.header_encode` without a line length, which is one word up to 100,000 characters.
pub fn quopri_header_encode(bytes: &[u8], charset: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut words = vec![Vec::new()];
    for &byte in fix_eols(bytes).iter() {
        let (plain, quoted) = ([byte], quoted(byte));
        let piece: &[u8] = match byte {
            b' ' => b"_",
            byte if needs_header_quoting(byte) => &quoted,
            _ => &plain,
        };
        match words.last_mut() {
            Some(word) if word.len() + piece.len() <= HEADER_LIMIT => word.extend_from_slice(piece),
            _ => words.push(piece.to_vec()),
        }
    }
    let framed = words.iter().map(|word| [b"=?", charset, b"?q?", word, b"?="].concat());
    framed.collect::<Vec<_>>().join(b"\n ".as_slice())
}

/// The text of an encoded word in Q: `quoprimime.header_decode`.
pub fn quopri_header_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match rest {
            [b'=', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex_digit(*high).unwrap_or_default() << 4 | hex_digit(*low).unwrap_or_default());
                at += 2;
            }
            [b'_', ..] => out.push(b' '),
            [byte, ..] => out.push(*byte),
            [] => {}
        }
        at += 1;
    }
    out
}

/// `uu.decode(..., quiet=True)`
///
/// # Errors
/// A text without a `begin` or an `end` line, or one that cannot be decoded.
pub fn uu_decode(text: &[u8]) -> Result<Vec<u8>, TransferError> {
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    lines.find(|line| is_begin(line)).ok_or(TransferError::NoBegin)?;
    let mut out = Vec::new();
    for line in lines {
        if trim(line) == b"end" {
            return Ok(out);
        }
        out.extend(uu_line(line).or_else(|_| uu_line(line.get(..uu_width(line)).unwrap_or(line)))?);
    }
    Err(TransferError::Truncated)
}

/// `begin`, an octal number, a name.
fn is_begin(line: &[u8]) -> bool {
    let mut fields = line.splitn(3, |&byte| byte == b' ');
    let (begin, mode, name) = (fields.next(), fields.next(), fields.next());
    begin == Some(b"begin") && name.is_some() && mode.is_some_and(is_octal)
}

fn is_octal(mode: &[u8]) -> bool {
    let mode = trim(mode);
    let mode = mode.strip_prefix(b"-").or(mode.strip_prefix(b"+")).unwrap_or(mode);
    let digits = mode.strip_prefix(b"0o").or(mode.strip_prefix(b"0O")).unwrap_or(mode);
    !digits.is_empty() && digits.iter().all(|digit| matches!(digit, b'0'..=b'7'))
}

/// How long a line should be by its own count: for encoders that leave something behind it.
fn uu_width(line: &[u8]) -> usize {
    (uu_count(line) * 4 + 5) / 3
}

fn uu_count(line: &[u8]) -> usize {
    usize::from(line.first().copied().unwrap_or(b' ').wrapping_sub(b' ') & 0x3F)
}

/// `binascii.a2b_uu`
fn uu_line(line: &[u8]) -> Result<Vec<u8>, TransferError> {
    let count = uu_count(line);
    let data = line.get(1..).unwrap_or_default();
    let letters = (count * 8).div_ceil(6);
    let mut out = Vec::with_capacity(count);
    let (mut held, mut bits) = (0_u32, 0);
    for at in 0..letters {
        held = held << 6 | uu_value(data.get(at).copied())?;
        bits += 6;
        if bits >= 8 && out.len() < count {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    let rest = data.get(letters..).unwrap_or_default();
    let is_padding = |byte: &u8| matches!(byte, b' ' | b'`' | b'\n' | b'\r');
    rest.iter().all(is_padding).then_some(out).ok_or(TransferError::TrailingGarbage)
}

/// Blanks that got lost at the end of a line count as zero.
fn uu_value(byte: Option<u8>) -> Result<u32, TransferError> {
    match byte {
        None | Some(b'\n' | b'\r') => Ok(0),
        Some(byte @ b' '..=b'`') => Ok(u32::from((byte - b' ') & 0x3F)),
        Some(_) => Err(TransferError::IllegalChar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_by_binascii() {
        let good: [(&[u8], &[u8]); 6] = [
            (b"YWJj", b"abc"),
            (b"YW==", b"a"),
            (b"Y!W J\nj", b"abc"),
            (b"YWJj=QQ==", b"abcA"),
            (b"====YWJj", b"abc"),
            (b"", b""),
        ];
        for (text, bytes) in good {
            assert_eq!(base64_decode(text).unwrap(), bytes);
        }
        for text in [b"YWJ".as_slice(), b"YW=J", b"YQ=", b"Y"] {
            assert_eq!(base64_decode(text), Err(TransferError::Padding));
        }
    }

    #[test]
    fn base64_lines_and_words() {
        let body = base64_body_encode(&[b'y'; 60]);
        assert_eq!(body, format!("{}\neXl5\n", "eXl5".repeat(19)).into_bytes());
        let word = base64_header_encode(&[b'x'; 60], b"utf-8");
        let expected = format!("=?utf-8?b?{}?=\n =?utf-8?b?{}?=", "eHh4".repeat(16), "eHh4".repeat(4));
        assert_eq!(word, expected.into_bytes());
    }

    #[test]
    fn quoted_printable_as_in_python() {
        let body = [b"caf\xc3\xa9 = x \nlast \n".as_slice(), &[b'x'; 80], b"\nend "].concat();
        let x75 = "x".repeat(75);
        let expected = format!("caf=C3=A9 =3D x =\n\nlast =\n\n{x75}=\nxxxxx\nend=20");
        assert_eq!(quopri_body_encode(&body), expected.into_bytes());
        assert_eq!(quopri_header_encode(b"a b\xe4_=\n", b"iso-8859-1"), b"=?iso-8859-1?q?a_b=E4=5F=3D=0D=0A?=");
        assert_eq!(quopri_decode(b"a=20b=\nc=3d==\nd=zz=\r\ne_f ="), b"a bc==\nd=zze_f ");
    }

    #[test]
    fn uuencoded_text() {
        assert_eq!(uu_decode(b"begin 644 cat\n#0V%T\n`\nend\n").unwrap(), b"Cat");
        assert_eq!(uu_decode(b"nothing"), Err(TransferError::NoBegin));
        assert_eq!(uu_decode(b"begin 644 cat\n#0V%T\n"), Err(TransferError::Truncated));
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            proptest::prop_assert_eq!(base64_decode(&base64_body_encode(&bytes)).unwrap(), bytes.clone());
            proptest::prop_assert_eq!(encoded_len(&bytes), encode(&bytes).len());
            let _ = (uu_decode(&bytes), quopri_decode(&bytes));
        }
    }
}
