//! Code points in and out of the UTF-8 that a [`UniStr`] holds, in which a surrogate is written like any other.

use crate::value::UniStr;

/// Appends one code point; what is beyond Unicode becomes U+FFFD.
pub fn push_point(out: &mut Vec<u8>, point: u32) {
    let tail = |shift: u32| 0x80 | (point >> shift & 0x3F) as u8;
    match point {
        0..=0x7F => out.push(point as u8),
        0x80..=0x7FF => out.extend([0xC0 | (point >> 6) as u8, tail(0)]),
        0x800..=0xFFFF => out.extend([0xE0 | (point >> 12) as u8, tail(6), tail(0)]),
        0x1_0000..=0x10_FFFF => out.extend([0xF0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]),
        _ => push_point(out, 0xFFFD),
    }
}

/// Text from code points.
pub fn to_unistr(points: impl IntoIterator<Item = u32>) -> UniStr {
    let mut out = Vec::new();
    points.into_iter().for_each(|point| push_point(&mut out, point));
    UniStr(out.into())
}

/// The code points of a text. A pickle may hold any bytes; one that is no UTF-8 becomes U+FFFD.
pub fn points(text: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (point, width) = first_point(text.get(at..)?)?;
        at += width;
        Some(point)
    })
}

fn first_point(text: &[u8]) -> Option<(u32, usize)> {
    let lead = *text.first()?;
    let (bits, width) = match lead {
        0..=0x7F => return Some((u32::from(lead), 1)),
        0xC0..=0xDF => (lead & 0x1F, 2),
        0xE0..=0xEF => (lead & 0x0F, 3),
        0xF0..=0xF7 => (lead & 0x07, 4),
        _ => return Some((0xFFFD, 1)),
    };
    let tail = text.get(1..width).filter(|tail| tail.iter().all(|b| b & 0xC0 == 0x80));
    Some(tail.map_or((0xFFFD, 1), |tail| (join(u32::from(bits), tail), width)))
}

fn join(lead: u32, tail: &[u8]) -> u32 {
    tail.iter().fold(lead, |point, byte| point << 6 | u32::from(byte & 0x3F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_pass_and_garbage_is_replaced() {
        let text = to_unistr([0x41, 0xE9, 0xD800, 0x20AC, 0x1F600]);
        assert_eq!(points(&text.0).collect::<Vec<_>>(), [0x41, 0xE9, 0xD800, 0x20AC, 0x1F600]);
        assert_eq!(points(b"a\xFF\xC3").collect::<Vec<_>>(), [0x61, 0xFFFD, 0xFFFD]);
    }
}
