//! Charsets of one byte per character: ASCII, Latin-1 and those of `tables`.

use super::tables::TABLES;
use super::{CodecError, Decoding, Encoding};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Bytes without a meaning in a table.
const UNDEFINED: u32 = u32::MAX;

/// A table unpacked: what each byte means, and which byte means a character.
struct Table {
    points: Vec<u32>,
    bytes: HashMap<u32, u8>,
    /// Whether the lower half is ASCII, both ways.
    keeps_ascii: bool,
}

pub(super) fn decode_ascii(work: &mut Decoding) -> Result<(), CodecError> {
    for (at, &byte) in work.bytes.iter().enumerate() {
        match byte {
            0..=0x7F => work.out.push(byte),
            _ => work.bad(at, at + 1, "ascii", "ordinal not in range(128)")?,
        }
    }
    Ok(())
}

pub(super) fn decode_latin1(work: &mut Decoding) -> Result<(), CodecError> {
    let bytes = work.bytes;
    bytes.iter().for_each(|&byte| work.push(u32::from(byte)));
    Ok(())
}

pub(super) fn decode_table(work: &mut Decoding, module: &str) -> Result<(), CodecError> {
    let table = table(module)?;
    for (at, &byte) in work.bytes.iter().enumerate() {
        match table.points.get(usize::from(byte)) {
            Some(&point) if point != UNDEFINED => work.push(point),
            _ => work.bad(at, at + 1, "charmap", "character maps to <undefined>")?,
        }
    }
    Ok(())
}

/// ASCII and Latin-1: the characters below a limit are their own bytes.
pub(super) fn encode_below(
    work: &mut Encoding,
    limit: u32,
    codec: &'static str,
    reason: &'static str,
) -> Result<(), CodecError> {
    encode_with(work, |point| (point < limit).then_some(point as u8), codec, reason)
}

pub(super) fn encode_table(work: &mut Encoding, module: &str) -> Result<(), CodecError> {
    let table = table(module)?;
    encode_with(work, |point| table.bytes.get(&point).copied(), "charmap", "character maps to <undefined>")
}

/// Python names a whole run of characters without a byte in one error, and asks the handler once for it.
fn encode_with(
    work: &mut Encoding,
    byte_of: impl Fn(u32) -> Option<u8>,
    codec: &'static str,
    reason: &'static str,
) -> Result<(), CodecError> {
    let text = work.text;
    let mut at = 0;
    while let Some(&point) = text.get(at) {
        if let Some(byte) = byte_of(point) {
            work.out.push(byte);
            at += 1;
            continue;
        }
        let run = text.iter().skip(at).take_while(|&&point| byte_of(point).is_none()).count();
        let instead = work.bad(at, at + run, codec, reason)?;
        // The replacement goes through the charset too: EBCDIC has its own question mark.
        work.out.extend(instead.bytes().filter_map(|b| byte_of(u32::from(b))));
        at += run;
    }
    Ok(())
}

/// Whether ASCII is its own encoding. Not in EBCDIC, nor where Python has a second byte for a character: the Arabic
/// charsets of the Macintosh.
pub(super) fn is_ascii_the_same(module: &str) -> bool {
    table(module).is_ok_and(|table| table.keeps_ascii)
}

fn table(module: &str) -> Result<&'static Table, CodecError> {
    static UNPACKED: OnceLock<Vec<OnceLock<Table>>> = OnceLock::new();
    let unpacked = UNPACKED.get_or_init(|| TABLES.iter().map(|_| OnceLock::new()).collect());
    let row = TABLES.iter().position(|(name, _)| *name == module);
    let found = row.and_then(|row| Some((unpacked.get(row)?, TABLES.get(row)?)));
    let (cell, (_, spec)) = found.ok_or_else(|| CodecError::Unknown(module.to_owned()))?;
    Ok(cell.get_or_init(|| unpack(spec)))
}

fn unpack(spec: &str) -> Table {
    let listed: Vec<u32> = spec.split(' ').flat_map(run).collect();
    let ascii = 0..256_u32.saturating_sub(listed.len() as u32);
    let points: Vec<u32> = ascii.chain(listed).collect();
    // Where two bytes mean one character, Python writes the later one.
    let bytes = points.iter().zip(0..=255_u8).filter(|(&point, _)| point != UNDEFINED);
    let bytes: HashMap<u32, u8> = bytes.map(|(&point, byte)| (point, byte)).collect();
    let keeps = |ascii: u8| {
        let point = u32::from(ascii);
        points.get(usize::from(ascii)) == Some(&point) && bytes.get(&point) == Some(&ascii)
    };
    let keeps_ascii = (0..=0x7F).all(keeps);
    Table { points, bytes, keeps_ascii }
}

/// One item of a table: `20AC`, `E01+57`, `-` or `-4`.
fn run(item: &str) -> Vec<u32> {
    if let Some(count) = item.strip_prefix('-') {
        return vec![UNDEFINED; count.parse().unwrap_or(1)];
    }
    let (first, more) = item.split_once('+').unwrap_or((item, "0"));
    let first = u32::from_str_radix(first, 16).unwrap_or(UNDEFINED);
    let more: u32 = more.parse().unwrap_or(0);
    (first..=first.saturating_add(more)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_256_places() {
        for (module, spec) in TABLES {
            assert_eq!(unpack(spec).points.len(), 256, "{module}");
        }
    }
}
