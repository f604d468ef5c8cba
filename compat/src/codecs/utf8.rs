//! UTF-8 as Python 2.7 reads and writes it: surrogates pass, and what counts as one error is Python's own.

use super::points::push_point;
use super::{CodecError, Decoding, Encoding};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const START: &str = "invalid start byte";
const CONTINUATION: &str = "invalid continuation byte";
const END: &str = "unexpected end of data";

pub(super) fn decode(work: &mut Decoding) -> Result<(), CodecError> {
    if std::str::from_utf8(work.bytes).is_ok() {
        work.out.extend_from_slice(work.bytes);
        return Ok(());
    }
    let mut at = 0;
    while let Some(rest) = work.bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at = match sequence(rest) {
            Ok(width) => {
                work.out.extend_from_slice(rest.get(..width).unwrap_or(rest));
                at + width
            }
            Err((width, reason)) => {
                work.bad(at, at + width, "utf8", reason)?;
                at + width
            }
        };
    }
    Ok(())
}

/// `utf-8-sig`: a mark at the start is not part of the text.
pub(super) fn decode_sig(work: &mut Decoding) -> Result<(), CodecError> {
    work.bytes = work.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(work.bytes);
    decode(work)
}

/// The width of the sequence at the start of `rest`, or how many bytes are wrong together and why.
fn sequence(rest: &[u8]) -> Result<usize, (usize, &'static str)> {
    let lead = rest.first().copied().unwrap_or_default();
    let width = match lead {
        0..=0x7F => return Ok(1),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return Err((1, START)),
    };
    let tail = rest.get(1..).unwrap_or_default();
    let good = tail.iter().take(width - 1).take_while(|b| **b & 0xC0 == 0x80).count();
    if rest.len() < width {
        return Err((1 + good, END));
    }
    let second_fits = second_fits(lead, tail.first().copied().unwrap_or_default());
    if good == width - 1 && second_fits {
        return Ok(width);
    }
    // Continuation bytes are part of the error, the last one of a whole sequence is not.
    Err((1 + good.min(width - 2), CONTINUATION))
}

/// Over-long forms and what is beyond Unicode show in the second byte. Surrogates are let through.
fn second_fits(lead: u8, second: u8) -> bool {
    match lead {
        0xE0 => second >= 0xA0,
        0xF0 => second >= 0x90,
        0xF4 => second <= 0x8F,
        _ => true,
    }
}

pub(super) fn encode(work: &mut Encoding) -> Result<(), CodecError> {
    let mut text = work.text.iter().copied().peekable();
    while let Some(point) = text.next() {
        // Python joins a pair of surrogates when it writes UTF-8, though it kept them apart when reading.
        let low = text.next_if(|&low| is_high(point) && (0xDC00..=0xDFFF).contains(&low));
        let joined = low.map(|low| 0x1_0000 + ((point - 0xD800) << 10) + (low - 0xDC00));
        push_point(&mut work.out, joined.unwrap_or(point));
    }
    Ok(())
}

pub(super) fn encode_sig(work: &mut Encoding) -> Result<(), CodecError> {
    work.out.extend_from_slice(BYTE_ORDER_MARK);
    encode(work)
}

fn is_high(point: u32) -> bool {
    (0xD800..=0xDBFF).contains(&point)
}
