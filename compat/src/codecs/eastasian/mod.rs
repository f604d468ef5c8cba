//! The multi-byte charsets of East Asia: their frames here, their tables in `pairs`, the stateful ones in `iso2022`.

mod iso2022;
mod korean;
mod pairs;

use super::{CodecError, Decoding, Encoding};
use encoding_rs::{EUC_JP, GB18030};
use pairs::{single, PairTable};
use std::collections::HashMap;
use std::sync::OnceLock;

const ILLEGAL: &str = "illegal multibyte sequence";
const INCOMPLETE: &str = "incomplete multibyte sequence";

/// What the next bytes are.
enum Step {
    /// A character of this number of bytes.
    Char(u32, usize),
    /// Bytes that only change the state.
    Shift(usize),
    /// Bytes without a meaning; it may be more than there are.
    Bad(usize),
    /// The text ends inside a character.
    Short,
}

/// The state of a stateful charset; the others leave it alone.
#[derive(Default)]
struct State {
    iso2022: iso2022::Designations,
    /// HZ: between `~{` and `~}`.
    in_gb: bool,
}

/// A charset with its name in error texts.
struct Charset {
    name: &'static str,
    decode: fn(&[u8], &mut State) -> Step,
    /// The bytes of one character; None where it has none.
    encode: fn(u32, &mut State) -> Option<Vec<u8>>,
}

const fn row(
    name: &'static str,
    decode: fn(&[u8], &mut State) -> Step,
    encode: fn(u32, &mut State) -> Option<Vec<u8>>,
) -> Charset {
    Charset { name, decode, encode }
}

/// Those of Python's that are used in mail. Not here: johab and the JIS X 0213 family (euc_jis_2004, iso2022_jp_3, ...).
const CHARSETS: &[Charset] = &[
    row("gb2312", |b, _| plain(b, PairTable::euc_point, &pairs::GB2312), |p, _| euc_paired(p, &pairs::GB2312)),
    row("gbk", |b, _| plain(b, PairTable::point, &pairs::GBK_PAIRS), |p, _| paired(p, &pairs::GBK_PAIRS)),
    row("gb18030", |b, _| decode_gb18030(b), |p, _| encode_gb18030(p)),
    row("hz", decode_hz, encode_hz),
    row("big5", |b, _| plain(b, PairTable::point, &pairs::BIG5_PAIRS), |p, _| paired(p, &pairs::BIG5_PAIRS)),
    row("cp950", |b, _| plain(b, PairTable::point, &pairs::CP950), |p, _| paired(p, &pairs::CP950)),
    row("big5hkscs", |b, _| plain(b, PairTable::point, &pairs::BIG5HKSCS), |p, _| paired(p, &pairs::BIG5HKSCS)),
    row("euc_jp", |b, _| decode_euc_jp(b), |p, _| encode_euc_jp(p)),
    row("shift_jis", |b, _| decode_shift_jis(b), |p, _| encode_shift_jis(p)),
    row("cp932", |b, _| decode_cp932(b), |p, _| encode_cp932(p)),
    row("euc_kr", |b, _| korean::decode(b), |p, _| korean::encode(p)),
    row("cp949", |b, _| plain(b, PairTable::point, &pairs::CP949), |p, _| paired(p, &pairs::CP949)),
    row("iso2022_jp", iso2022::decode_jp, iso2022::encode_jp),
    row("iso2022_jp_1", iso2022::decode_jp_1, iso2022::encode_jp_1),
    row("iso2022_jp_2", iso2022::decode_jp_2, iso2022::encode_jp_2),
    row("iso2022_jp_ext", iso2022::decode_jp_ext, iso2022::encode_jp_ext),
    row("iso2022_kr", iso2022::decode_kr, iso2022::encode_kr),
];

fn charset(module: &str) -> Result<&'static Charset, CodecError> {
    let found = CHARSETS.iter().find(|charset| charset.name == module);
    found.ok_or_else(|| CodecError::NotText(module.to_owned()))
}

pub(super) fn decode(work: &mut Decoding, module: &str) -> Result<(), CodecError> {
    let charset = charset(module)?;
    let mut state = State::default();
    let mut at = 0;
    while let Some(rest) = work.bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += match (charset.decode)(rest, &mut state) {
            Step::Char(point, width) => {
                work.push(point);
                width
            }
            Step::Shift(width) => width,
            Step::Bad(width) => {
                work.bad(at, at + width, charset.name, ILLEGAL)?;
                width
            }
            Step::Short => {
                work.bad(at, work.bytes.len(), charset.name, INCOMPLETE)?;
                rest.len()
            }
        };
    }
    Ok(())
}

pub(super) fn encode(work: &mut Encoding, module: &str) -> Result<(), CodecError> {
    let charset = charset(module)?;
    let mut state = State::default();
    for (at, &point) in work.text.iter().enumerate() {
        if let Some(bytes) = (charset.encode)(point, &mut state) {
            work.out.extend(bytes);
            continue;
        }
        for ch in work.bad(at, at + 1, charset.name, ILLEGAL)?.chars() {
            work.out.extend((charset.encode)(u32::from(ch), &mut state).unwrap_or_default());
        }
    }
    work.out.extend(iso2022::reset(&state.iso2022));
    if state.in_gb {
        work.out.extend(b"~}");
    }
    Ok(())
}

/// ASCII and pairs.
fn plain(bytes: &[u8], point: fn(&PairTable, u8, u8) -> Option<u32>, table: &PairTable) -> Step {
    match bytes {
        [ascii @ 0..=0x7F, ..] => Step::Char(u32::from(*ascii), 1),
        [lead, trail, ..] => point(table, *lead, *trail).map_or(Step::Bad(2), |point| Step::Char(point, 2)),
        _ => Step::Short,
    }
}

fn paired(point: u32, table: &PairTable) -> Option<Vec<u8>> {
    match point {
        0..=0x7F => Some(vec![point as u8]),
        _ => table.pair(point).map(Vec::from),
    }
}

fn euc_paired(point: u32, table: &PairTable) -> Option<Vec<u8>> {
    match point {
        0..=0x7F => Some(vec![point as u8]),
        _ => table.euc_pair(point).map(Vec::from),
    }
}

/// Characters that later editions moved to pairs, and the four bytes of the first in a row.
const BEFORE_2005: [(u32, u32, [u8; 4]); 3] = [
    (0x1E3F, 0x1E3F, [0x81, 0x35, 0xF4, 0x37]),
    (0x9FB4, 0x9FBB, [0x82, 0x35, 0x90, 0x37]),
    (0xFE10, 0xFE19, [0x84, 0x31, 0x82, 0x36]),
];

/// GB 18030-2000: pairs, and four bytes for all else.
fn decode_gb18030(bytes: &[u8]) -> Step {
    match bytes {
        [0..=0x7F, ..] => plain(bytes, PairTable::point, &pairs::GB18030_PAIRS),
        [_, b'0'..=b'9'] | [_, b'0'..=b'9', _] => Step::Short,
        [0x81, 0x35, 0xF4, 0x37, ..] => Step::Char(0x1E3F, 4),
        [a, b @ b'0'..=b'9', c, d, ..] => {
            let four = [*a, *b, *c, *d];
            let decoded = GB18030.decode_without_bom_handling_and_without_replacement(&four);
            decoded.and_then(|text| single(&text)).map_or(Step::Bad(4), |point| Step::Char(point, 4))
        }
        _ => plain(bytes, gb18030_point, &pairs::GB18030_PAIRS),
    }
}

fn gb18030_point(table: &PairTable, lead: u8, trail: u8) -> Option<u32> {
    (lead != 0x80 && lead != 0xFF).then(|| table.point(lead, trail)).flatten()
}

fn encode_gb18030(point: u32) -> Option<Vec<u8>> {
    if let Some((first, _, [a, b, c, d])) =
        BEFORE_2005.iter().find(|(first, last, _)| (*first..=*last).contains(&point))
    {
        let last = u32::from(c - 0x81) * 10 + u32::from(d - b'0') + point - first;
        return Some(vec![*a, *b, 0x81 + (last / 10) as u8, b'0' + (last % 10) as u8]);
    }
    paired(point, &pairs::GB18030_PAIRS).or_else(|| {
        let text = char::from_u32(point)?.to_string();
        let (bytes, _, failed) = GB18030.encode(&text);
        (!failed).then(|| bytes.into_owned())
    })
}

/// HZ (RFC 1843): GB 2312 in seven bits between `~{` and `~}`.
fn decode_hz(bytes: &[u8], state: &mut State) -> Step {
    match bytes {
        [b'~', b'~', ..] => return Step::Char(u32::from(b'~'), 2),
        [b'~', b'{', ..] if !state.in_gb => state.in_gb = true,
        [b'~', b'}', ..] if state.in_gb => state.in_gb = false,
        [b'~', b'\n', ..] => {}
        [b'~', _, ..] => return Step::Bad(2),
        [b'~'] => return Step::Short,
        [0x80..=0xFF, ..] => return Step::Bad(1),
        [lead, trail, ..] if state.in_gb => {
            let point = pairs::GB2312.euc_point(lead | 0x80, trail | 0x80).filter(|_| *trail < 0x80);
            return point.map_or(Step::Bad(2), |point| Step::Char(point, 2));
        }
        [_] if state.in_gb => return Step::Short,
        [ascii, ..] => return Step::Char(u32::from(*ascii), 1),
        [] => return Step::Short,
    }
    Step::Shift(2)
}

fn encode_hz(point: u32, state: &mut State) -> Option<Vec<u8>> {
    if point < 0x80 {
        let back: &[u8] = if std::mem::take(&mut state.in_gb) { b"~}" } else { b"" };
        let ascii = if point == u32::from(b'~') { vec![b'~', b'~'] } else { vec![point as u8] };
        return Some([back, &ascii].concat());
    }
    let [lead, trail] = pairs::GB2312.euc_pair(point)?;
    let into: &[u8] = if std::mem::replace(&mut state.in_gb, true) { b"" } else { b"~{" };
    Some([into, &[lead & 0x7F, trail & 0x7F]].concat())
}

fn decode_euc_jp(bytes: &[u8]) -> Step {
    match bytes {
        [0x8E, kana @ 0xA1..=0xDF, ..] => Step::Char(0xFEC0 + u32::from(*kana), 2),
        [0x8E, _, ..] => Step::Bad(2),
        [0x8F, lead, trail, ..] => jisx0212_point(*lead, *trail).map_or(Step::Bad(3), |point| Step::Char(point, 3)),
        [0x8F, ..] => Step::Short,
        _ => plain(bytes, PairTable::euc_point, &pairs::JISX0208),
    }
}

fn encode_euc_jp(point: u32) -> Option<Vec<u8>> {
    Some(match point {
        0..=0x7F => vec![point as u8],
        // The yen sign and the overline of JIS X 0201 fall on the places of backslash and tilde.
        0xA5 => vec![b'\\'],
        0x203E => vec![b'~'],
        0xFF61..=0xFF9F => vec![0x8E, (point - 0xFEC0) as u8],
        _ => match pairs::JISX0208.euc_pair(point) {
            Some(pair) => pair.to_vec(),
            None => [vec![0x8F], jisx0212_pair(point)?.to_vec()].concat(),
        },
    })
}

/// JIS X 0212, which encoding_rs reads but never writes.
fn jisx0212_point(lead: u8, trail: u8) -> Option<u32> {
    match (lead, trail) {
        (0xA2, 0xB7) => Some(0x7E),
        (0xA1..=0xFE, 0xA1..=0xFE) => {
            single(&EUC_JP.decode_without_bom_handling_and_without_replacement(&[0x8F, lead, trail])?)
        }
        _ => None,
    }
}

fn jisx0212_pair(point: u32) -> Option<[u8; 2]> {
    static PAIRS: OnceLock<HashMap<u32, [u8; 2]>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        let all = (0xA1..=0xFE).flat_map(|lead| (0xA1..=0xFE).map(move |trail| [lead, trail]));
        all.filter_map(|pair| Some((jisx0212_point(pair[0], pair[1])?, pair))).collect()
    });
    pairs.get(&point).copied()
}

fn decode_shift_jis(bytes: &[u8]) -> Step {
    match bytes {
        [kana @ 0xA1..=0xDF, ..] => Step::Char(0xFEC0 + u32::from(*kana), 1),
        [0x80 | 0xA0 | 0xEB..=0xFF, ..] => Step::Bad(2),
        _ => plain(bytes, PairTable::point, &pairs::SHIFT_JIS_PAIRS),
    }
}

fn encode_shift_jis(point: u32) -> Option<Vec<u8>> {
    match point {
        0xA5 => Some(vec![b'\\']),
        0x203E => Some(vec![b'~']),
        0xFF61..=0xFF9F => Some(vec![(point - 0xFEC0) as u8]),
        _ => paired(point, &pairs::SHIFT_JIS_PAIRS),
    }
}

/// Microsoft's Shift JIS; lone bytes at the edges are places for private use.
fn decode_cp932(bytes: &[u8]) -> Step {
    match bytes {
        [0x80, ..] => Step::Char(0x80, 1),
        [0xA0, ..] => Step::Char(0xF8F0, 1),
        [kana @ 0xA1..=0xDF, ..] => Step::Char(0xFEC0 + u32::from(*kana), 1),
        [edge @ 0xFD..=0xFF, ..] => Step::Char(0xF8F1 + u32::from(*edge) - 0xFD, 1),
        _ => plain(bytes, PairTable::point, &pairs::CP932),
    }
}

fn encode_cp932(point: u32) -> Option<Vec<u8>> {
    match point {
        0x80 => Some(vec![0x80]),
        0xE000..=0xE757 => {
            let (row, cell) = ((point - 0xE000) / 188, (point - 0xE000) % 188);
            Some(vec![0xF0 + row as u8, 0x40 + cell as u8 + u8::from(cell >= 0x3F)])
        }
        0xF8F0 => Some(vec![0xA0]),
        0xF8F1..=0xF8F3 => Some(vec![(point - 0xF8F1 + 0xFD) as u8]),
        0xFF61..=0xFF9F => Some(vec![(point - 0xFEC0) as u8]),
        _ => paired(point, &pairs::CP932).map(|bytes| nec_place(point, bytes)),
    }
}

/// IBM's characters have two places: the web writes the later one, Python the one that NEC chose.
fn nec_place(point: u32, bytes: Vec<u8>) -> Vec<u8> {
    if bytes.first().is_none_or(|lead| *lead < 0xFA) {
        return bytes;
    }
    let mut places = (0xED..=0xEE).flat_map(|lead| (0x40..=0xFC).map(move |trail| [lead, trail]));
    let place = places.find(|place| pairs::CP932.point(place[0], place[1]) == Some(point));
    place.map_or(bytes, Vec::from)
}
