//! UTF-7 (RFC 2152) as Python 2.7 reads and writes it.

use super::{CodecError, Decoding, Encoding};
use crate::base64;

const CODEC: &str = "utf7";

/// A decoding between `+` and its end.
#[derive(Default)]
struct Shift {
    /// Where the `+` stands.
    start: usize,
    bits: u32,
    held: u32,
    /// A high surrogate that waits for its low one.
    high: Option<u32>,
}

pub(super) fn decode(work: &mut Decoding) -> Result<(), CodecError> {
    let mut shift: Option<Shift> = None;
    let mut at = 0;
    while let Some(byte) = work.byte(at) {
        match shift.take() {
            Some(mut open) => match base64_value(byte) {
                Some(value) => {
                    open.add(value, work);
                    shift = Some(open);
                    at += 1;
                }
                None => at = end_shift(work, open, at, byte)?,
            },
            None => (at, shift) = direct(work, at, byte)?,
        }
    }
    match shift {
        Some(open) if open.high.is_some() || open.bits >= 6 || open.bits > 0 && open.held != 0 => {
            work.bad(open.start, at, CODEC, "unterminated shift sequence")
        }
        _ => Ok(()),
    }
}

/// A byte outside a shift sequence.
fn direct(work: &mut Decoding, at: usize, byte: u8) -> Result<(usize, Option<Shift>), CodecError> {
    match byte {
        b'+' if work.byte(at + 1) == Some(b'-') => {
            work.push(u32::from(b'+'));
            Ok((at + 2, None))
        }
        b'+' => Ok((at + 1, Some(Shift { start: at, ..Shift::default() }))),
        0..=0x7F => {
            work.push(u32::from(byte));
            Ok((at + 1, None))
        }
        _ => {
            work.bad(at, at + 1, CODEC, "unexpected special character")?;
            Ok((at + 1, None))
        }
    }
}

/// The first byte that is not base64 ends the sequence; a minus sign vanishes.
fn end_shift(work: &mut Decoding, open: Shift, at: usize, byte: u8) -> Result<usize, CodecError> {
    if open.bits >= 6 {
        work.bad(open.start, at + 1, CODEC, "partial character in shift sequence")?;
        return Ok(at + 1);
    }
    if open.bits > 0 && open.held != 0 {
        work.bad(open.start, at + 1, CODEC, "non-zero padding bits in shift sequence")?;
        return Ok(at + 1);
    }
    if let Some(high) = open.high.filter(|_| byte < 0x80 && byte != b'+') {
        work.push(high);
    }
    Ok(if byte == b'-' { at + 1 } else { at })
}

impl Shift {
    fn add(&mut self, value: u32, work: &mut Decoding) {
        self.held = self.held << 6 | value;
        self.bits += 6;
        if self.bits < 16 {
            return;
        }
        self.bits -= 16;
        let unit = self.held >> self.bits & 0xFFFF;
        self.held &= (1 << self.bits) - 1;
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => work.push(0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00)),
            (Some(high), _) => {
                work.push(high);
                self.unit(unit, work);
            }
            (None, _) => self.unit(unit, work),
        }
    }

    fn unit(&mut self, unit: u32, work: &mut Decoding) {
        if (0xD800..=0xDBFF).contains(&unit) {
            self.high = Some(unit);
        } else {
            work.push(unit);
        }
    }
}

fn base64_value(byte: u8) -> Option<u32> {
    base64::ALPHABET.iter().position(|letter| *letter == byte).map(|value| value as u32)
}

pub(super) fn encode(work: &mut Encoding) -> Result<(), CodecError> {
    let mut text = work.text.iter().copied().peekable();
    while let Some(point) = text.next() {
        if let Some(byte) = direct_byte(point) {
            work.out.push(byte);
            continue;
        }
        if point == u32::from('+') {
            work.out.extend(b"+-");
            continue;
        }
        let mut units = Vec::new();
        push_units(point, &mut units);
        while let Some(more) = text.next_if(|point| direct_byte(*point).is_none()) {
            push_units(more, &mut units);
        }
        work.out.push(b'+');
        push_base64(&units, &mut work.out);
        // A minus sign is needed only before what could be read as part of the sequence.
        let next = text.peek().and_then(|point| direct_byte(*point));
        if next.is_none_or(|byte| base64_value(byte).is_some() || byte == b'-') {
            work.out.push(b'-');
        }
    }
    Ok(())
}

/// What stands for itself.
fn direct_byte(point: u32) -> Option<u8> {
    let byte = u8::try_from(point).ok()?;
    let direct = matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'}') && byte != b'+' && byte != b'\\';
    direct.then_some(byte)
}

fn push_units(point: u32, units: &mut Vec<u16>) {
    if point < 0x1_0000 {
        units.push(point as u16);
    } else {
        units.extend([0xD800 + ((point - 0x1_0000) >> 10) as u16, 0xDC00 + (point & 0x3FF) as u16]);
    }
}

fn push_base64(units: &[u16], out: &mut Vec<u8>) {
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let encoded = base64::encode(&bytes);
    out.extend(encoded.into_iter().filter(|byte| *byte != b'='));
}
