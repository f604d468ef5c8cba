//! Bytes as hexadecimal digits, as Python's `binascii` and `hexdigest()` write them.

/// `binascii.hexlify(bytes)`: two lower-case digits a byte.
pub fn hexlify(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// `binascii.unhexlify(text)`: digits of either case; `None` for an odd number of them or for anything else.
pub fn unhexlify(text: &[u8]) -> Option<Vec<u8>> {
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)).collect()
}

/// The value of a hexadecimal digit of either case.
pub fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(hexlify(b"\x00\x7f\xab"), "007fab");
        assert_eq!(unhexlify(b"007fAB"), Some(b"\x00\x7f\xab".to_vec()));
        assert_eq!(unhexlify(b"abc"), None);
        assert_eq!(unhexlify(b"zz"), None);
    }
}
