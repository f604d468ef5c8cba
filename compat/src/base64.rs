//! base64 as it is written: without line breaks, padded. Reading it, with all that Python forgives, is
//! [`crate::email::transfer`]'s.

/// What the six bits from 0 to 63 are written as.
pub const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in base64.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(bytes));
    encode_into(bytes, &mut out);
    out
}

/// The same behind what is there already.
pub fn encode_into(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let byte = |at: usize| group.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letter = |shift: u32| ALPHABET.get((bits >> shift & 0x3F) as usize).copied().unwrap_or(b'=');
        let mut letters = [18, 12, 6, 0].map(letter);
        letters.iter_mut().skip(group.len() + 1).for_each(|pad| *pad = b'=');
        out.extend(letters);
    }
}

/// The length of [`encode`].
pub fn encoded_len(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}
