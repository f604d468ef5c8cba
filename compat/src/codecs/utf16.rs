//! UTF-16 and UTF-32 as Python 2.7 reads and writes them.

use super::names::ByteOrder;
use super::{CodecError, Decoding, Encoding};

pub(super) fn decode16(work: &mut Decoding, order: ByteOrder) -> Result<(), CodecError> {
    let (big, start) = match (order, work.bytes) {
        (ByteOrder::Mark, [0xFE, 0xFF, ..]) => (true, 2),
        (ByteOrder::Mark, [0xFF, 0xFE, ..]) => (false, 2),
        _ => (order == ByteOrder::Big, 0),
    };
    let mut at = start;
    while at < work.bytes.len() {
        at = one16(work, at, big)?;
    }
    Ok(())
}

/// One character; returns where the next begins.
fn one16(work: &mut Decoding, at: usize, big: bool) -> Result<usize, CodecError> {
    let Some(unit) = unit16(work, at, big) else {
        work.bad(at, work.bytes.len(), "utf16", "truncated data")?;
        return Ok(work.bytes.len());
    };
    if !(0xD800..=0xDFFF).contains(&unit) {
        work.push(unit);
        return Ok(at + 2);
    }
    match (unit < 0xDC00, unit16(work, at + 2, big)) {
        (_, None) => wrong(work, at, work.bytes.len(), "unexpected end of data"),
        (false, _) => wrong(work, at, at + 2, "illegal encoding"),
        (true, Some(low)) if (0xDC00..=0xDFFF).contains(&low) => {
            work.push(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            Ok(at + 4)
        }
        (true, Some(_)) => wrong(work, at, at + 2, "illegal UTF-16 surrogate"),
    }
}

fn wrong(work: &mut Decoding, start: usize, end: usize, reason: &'static str) -> Result<usize, CodecError> {
    work.bad(start, end, "utf16", reason)?;
    Ok(end)
}

fn unit16(work: &Decoding, at: usize, big: bool) -> Option<u32> {
    let pair = [work.byte(at)?, work.byte(at + 1)?];
    Some(u32::from(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }))
}

pub(super) fn decode32(work: &mut Decoding, order: ByteOrder) -> Result<(), CodecError> {
    let (big, start) = match (order, work.bytes) {
        (ByteOrder::Mark, [0, 0, 0xFE, 0xFF, ..]) => (true, 4),
        (ByteOrder::Mark, [0xFF, 0xFE, 0, 0, ..]) => (false, 4),
        _ => (order == ByteOrder::Big, 0),
    };
    let mut at = start;
    while let Some(rest) = work.bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(unit) = rest.first_chunk::<4>() else {
            return work.bad(at, at + rest.len(), "utf32", "truncated data");
        };
        let point = if big { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
        match point {
            0..=0x10_FFFF => work.push(point),
            _ => work.bad(at, at + 4, "utf32", "code point not in range(0x110000)")?,
        }
        at += 4;
    }
    Ok(())
}

pub(super) fn encode16(work: &mut Encoding, order: ByteOrder) -> Result<(), CodecError> {
    let mut put = |unit: u32| match order {
        ByteOrder::Big => work.out.extend((unit as u16).to_be_bytes()),
        _ => work.out.extend((unit as u16).to_le_bytes()),
    };
    if order == ByteOrder::Mark {
        put(0xFEFF);
    }
    for &point in work.text {
        if point < 0x1_0000 {
            put(point);
        } else {
            put(0xD800 + ((point - 0x1_0000) >> 10));
            put(0xDC00 + (point & 0x3FF));
        }
    }
    Ok(())
}

pub(super) fn encode32(work: &mut Encoding, order: ByteOrder) -> Result<(), CodecError> {
    if order == ByteOrder::Mark {
        work.out.extend(0xFEFF_u32.to_le_bytes());
    }
    for &point in work.text {
        match order {
            ByteOrder::Big => work.out.extend(point.to_be_bytes()),
            _ => work.out.extend(point.to_le_bytes()),
        }
    }
    Ok(())
}
