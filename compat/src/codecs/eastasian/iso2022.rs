//! The charsets of ISO 2022: escape sequences say which table the following bytes belong to.

use super::pairs::{GB2312, JISX0208, KSX1001};
use super::{jisx0212_pair, jisx0212_point, State, Step};

const ESC: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;
/// An escape sequence that is not done by then is none.
const MAX_ESCAPE: usize = 16;

/// A table that can be designated, with its final byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Table {
    #[default]
    Ascii,
    JisRoman,
    JisKatakana,
    Jis0208,
    /// JIS C 6226-1978, taken for its successor.
    Jis0208Old,
    Jis0212,
    KsX1001,
    Gb2312,
    Latin1,
    Greek,
}

/// What is designated at a moment.
#[derive(Default)]
pub(super) struct Designations {
    g0: Table,
    g1: Table,
    g2: Table,
    shifted: bool,
    /// In an escape sequence of another kind: it passes as it is.
    passing: bool,
}

/// One charset of the family.
struct Variant {
    /// In the order in which the encoder tries them.
    tables: &'static [Table],
    /// Shift-out and shift-in are only control characters.
    no_shift: bool,
    /// `ESC .` and `ESC N`.
    has_g2: bool,
    /// `ESC & @ ESC $ B`.
    has_prefix: bool,
}

use Table::{Gb2312, Greek, Jis0208, Jis0208Old, Jis0212, JisKatakana, JisRoman, KsX1001, Latin1};

static JP: Variant =
    Variant { tables: &[Jis0208, JisRoman, Jis0208Old], no_shift: true, has_g2: false, has_prefix: true };
static JP_1: Variant =
    Variant { tables: &[Jis0208, Jis0212, JisRoman, Jis0208Old], no_shift: true, has_g2: false, has_prefix: true };
static JP_2: Variant = Variant {
    tables: &[Jis0208, Jis0212, KsX1001, Gb2312, JisRoman, Jis0208Old, Latin1, Greek],
    no_shift: true,
    has_g2: true,
    has_prefix: true,
};
static JP_EXT: Variant = Variant {
    tables: &[Jis0208, Jis0212, JisRoman, JisKatakana, Jis0208Old],
    no_shift: true,
    has_g2: false,
    has_prefix: true,
};
static KR: Variant = Variant { tables: &[KsX1001], no_shift: false, has_g2: false, has_prefix: false };

pub(super) fn decode_jp(bytes: &[u8], state: &mut State) -> Step {
    decode(&JP, bytes, &mut state.iso2022)
}

pub(super) fn decode_jp_1(bytes: &[u8], state: &mut State) -> Step {
    decode(&JP_1, bytes, &mut state.iso2022)
}

pub(super) fn decode_jp_2(bytes: &[u8], state: &mut State) -> Step {
    decode(&JP_2, bytes, &mut state.iso2022)
}

pub(super) fn decode_jp_ext(bytes: &[u8], state: &mut State) -> Step {
    decode(&JP_EXT, bytes, &mut state.iso2022)
}

pub(super) fn decode_kr(bytes: &[u8], state: &mut State) -> Step {
    decode(&KR, bytes, &mut state.iso2022)
}

pub(super) fn encode_jp(point: u32, state: &mut State) -> Option<Vec<u8>> {
    encode(&JP, point, &mut state.iso2022)
}

pub(super) fn encode_jp_1(point: u32, state: &mut State) -> Option<Vec<u8>> {
    encode(&JP_1, point, &mut state.iso2022)
}

pub(super) fn encode_jp_2(point: u32, state: &mut State) -> Option<Vec<u8>> {
    encode(&JP_2, point, &mut state.iso2022)
}

pub(super) fn encode_jp_ext(point: u32, state: &mut State) -> Option<Vec<u8>> {
    encode(&JP_EXT, point, &mut state.iso2022)
}

pub(super) fn encode_kr(point: u32, state: &mut State) -> Option<Vec<u8>> {
    encode(&KR, point, &mut state.iso2022)
}

/// What ends a text: back to ASCII.
pub(super) fn reset(state: &Designations) -> Vec<u8> {
    let mut out = Vec::new();
    if state.shifted {
        out.push(SHIFT_IN);
    }
    if state.g0 != Table::Ascii {
        out.extend(b"\x1B(B");
    }
    out
}

fn decode(variant: &Variant, bytes: &[u8], state: &mut Designations) -> Step {
    let Some(&byte) = bytes.first() else { return Step::Short };
    if state.passing {
        state.passing = !ends_escape(byte);
        return Step::Char(u32::from(byte), 1);
    }
    match byte {
        ESC => escape(variant, bytes, state),
        SHIFT_IN | SHIFT_OUT if !variant.no_shift => {
            state.shifted = byte == SHIFT_OUT;
            Step::Shift(1)
        }
        b'\n' => {
            state.shifted = false;
            Step::Char(u32::from(byte), 1)
        }
        0..=0x1F => Step::Char(u32::from(byte), 1),
        0x80.. => Step::Bad(1),
        _ => character(if state.shifted { state.g1 } else { state.g0 }, bytes),
    }
}

fn character(table: Table, bytes: &[u8]) -> Step {
    match (table.is_double(), bytes) {
        (false, [byte, ..]) => table.single(*byte).map_or(Step::Bad(1), |point| Step::Char(point, 1)),
        (true, [lead, trail, ..]) => table.double(*lead, *trail).map_or(Step::Bad(2), |point| Step::Char(point, 2)),
        _ => Step::Short,
    }
}

fn escape(variant: &Variant, bytes: &[u8], state: &mut Designations) -> Step {
    match bytes {
        [_] => Step::Short,
        [_, b'(' | b')' | b'$' | b'.' | b'&', ..] => designation(variant, bytes, state),
        [_, b'N', byte, ..] if variant.has_g2 => second_set(state.g2, *byte),
        [_, b'N'] if variant.has_g2 => Step::Short,
        _ => {
            state.passing = true;
            Step::Char(u32::from(ESC), 1)
        }
    }
}

fn designation(variant: &Variant, bytes: &[u8], state: &mut Designations) -> Step {
    let len = match escape_len(variant, bytes) {
        Ok(len) => len,
        Err(step) => return step,
    };
    let found = match bytes.get(1..len).unwrap_or_default() {
        [b'$', last] => Table::of(*last, true).map(|table| (0, table)),
        [b'(', last] => Table::of(*last, false).map(|table| (0, table)),
        [b')', last] => Table::of(*last, false).map(|table| (1, table)),
        [b'.', last] if variant.has_g2 => Table::of(*last, false).map(|table| (2, table)),
        [b'$', b'(', last] => Table::of(*last, true).map(|table| (0, table)),
        [b'$', b')', last] => Table::of(*last, true).map(|table| (1, table)),
        [b'&', b'@', ESC, b'$', b'B'] if variant.has_prefix => Some((0, Jis0208)),
        _ => None,
    };
    let allowed = |table: &Table| *table == Table::Ascii || variant.tables.contains(table);
    match found.filter(|(_, table)| allowed(table)) {
        None => return Step::Bad(len),
        Some((0, table)) => state.g0 = table,
        Some((1, table)) => state.g1 = table,
        Some((_, table)) => state.g2 = table,
    }
    Step::Shift(len)
}

/// How long an escape sequence is.
fn escape_len(variant: &Variant, bytes: &[u8]) -> Result<usize, Step> {
    let mut at = 1;
    while at < MAX_ESCAPE {
        match bytes.get(at) {
            None => return Err(Step::Short),
            Some(byte) if ends_escape(*byte) => return Ok(at + 1),
            Some(b'&') if variant.has_prefix && bytes.get(at + 1) == Some(&b'@') => at += 2,
            Some(_) => {}
        }
        at += 1;
    }
    Err(Step::Bad(1))
}

fn ends_escape(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b'@'
}

/// One character of the second set, behind `ESC N`.
fn second_set(table: Table, byte: u8) -> Step {
    let point = match table {
        _ if byte >= 0x80 => None,
        Latin1 => Some(u32::from(byte) + 0x80),
        Greek => greek(byte | 0x80),
        _ => Some(u32::from(byte)),
    };
    point.map_or(Step::Bad(3), |point| Step::Char(point, 3))
}

/// ISO 8859-7 of 1987: without the euro, the drachma and the iota below.
fn greek(byte: u8) -> Option<u32> {
    let decoded = super::super::decode(&[byte], "iso8859-7", super::super::Errors::Strict).ok()?;
    let point = super::super::points(&decoded.0).next();
    point.filter(|_| !matches!(byte, 0xA4 | 0xA5 | 0xAA))
}

fn encode(variant: &Variant, point: u32, state: &mut Designations) -> Option<Vec<u8>> {
    if point < 0x80 {
        let mut out = Vec::new();
        if std::mem::take(&mut state.g0) != Table::Ascii {
            out.extend(b"\x1B(B");
        }
        if std::mem::take(&mut state.shifted) {
            out.push(SHIFT_IN);
        }
        out.push(point as u8);
        return Some(out);
    }
    let (table, code) = variant.tables.iter().find_map(|table| Some((*table, table.code(point)?)))?;
    let mut out = Vec::new();
    let second = !variant.no_shift;
    let place = if second { &mut state.g1 } else { &mut state.g0 };
    if std::mem::replace(place, table) != table {
        out.extend(table.announcement(second));
    }
    if second && !std::mem::replace(&mut state.shifted, true) {
        out.push(SHIFT_OUT);
    }
    out.extend(code);
    Some(out)
}

impl Table {
    /// By its final byte.
    fn of(last: u8, double: bool) -> Option<Table> {
        Some(match (double, last) {
            (false, b'B') => Table::Ascii,
            (false, b'J') => JisRoman,
            (false, b'I') => JisKatakana,
            (false, b'A') => Latin1,
            (false, b'F') => Greek,
            (true, b'B') => Jis0208,
            (true, b'@') => Jis0208Old,
            (true, b'D') => Jis0212,
            (true, b'C') => KsX1001,
            (true, b'A') => Gb2312,
            _ => return None,
        })
    }

    fn is_double(self) -> bool {
        matches!(self, Jis0208 | Jis0208Old | Jis0212 | KsX1001 | Gb2312)
    }

    fn single(self, byte: u8) -> Option<u32> {
        match (self, byte) {
            (JisRoman, b'\\') => Some(0xA5),
            (JisRoman, b'~') => Some(0x203E),
            (JisKatakana, 0x21..=0x5F) => Some(u32::from(byte) + 0xFF40),
            (JisKatakana | Latin1 | Greek, _) => None,
            _ => Some(u32::from(byte)),
        }
    }

    fn double(self, lead: u8, trail: u8) -> Option<u32> {
        if trail >= 0x80 {
            return None;
        }
        let (lead, trail) = (lead | 0x80, trail | 0x80);
        match self {
            Jis0208 | Jis0208Old => JISX0208.euc_point(lead, trail),
            Jis0212 => jisx0212_point(lead, trail),
            KsX1001 => KSX1001.euc_point(lead, trail),
            _ => GB2312.euc_point(lead, trail),
        }
    }

    /// The seven-bit code of a character.
    fn code(self, point: u32) -> Option<Vec<u8>> {
        let pair = match self {
            JisRoman if point == 0xA5 => return Some(vec![b'\\']),
            JisRoman if point == 0x203E => return Some(vec![b'~']),
            JisKatakana if (0xFF61..=0xFF9F).contains(&point) => return Some(vec![(point - 0xFF40) as u8]),
            Jis0208 => JISX0208.euc_pair(point),
            Jis0212 => jisx0212_pair(point),
            KsX1001 => KSX1001.euc_pair(point),
            Gb2312 => GB2312.euc_pair(point),
            _ => None,
        };
        pair.map(|pair| pair.map(|byte| byte & 0x7F).to_vec())
    }

    /// The escape sequence before its characters.
    fn announcement(self, second: bool) -> &'static [u8] {
        match self {
            Table::Ascii | Latin1 | Greek => b"\x1B(B",
            JisRoman => b"\x1B(J",
            JisKatakana => b"\x1B(I",
            Jis0208 | Jis0208Old => b"\x1B$B",
            Jis0212 => b"\x1B$(D",
            KsX1001 if second => b"\x1B$)C",
            KsX1001 => b"\x1B$(C",
            Gb2312 => b"\x1B$(A",
        }
    }
}
