//! MD5 (RFC 1321) and HMAC (RFC 2104), for AUTH CRAM-MD5 and passwords that an old release stored.

/// The sines of RFC 1321, 3.4.
fn sine(i: usize) -> u32 {
    (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32
}

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The digest of `data`.
pub fn md5(data: &[u8]) -> [u8; 16] {
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if data.len() % 64 >= 56 {
        padded.resize(padded.len() + 64, 0);
    }
    let at = padded.len() - 8;
    padded.truncate(at);
    padded.extend_from_slice(&(data.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    padded.chunks_exact(64).for_each(|block| mix(&mut state, block));
    let mut out = [0; 16];
    out.chunks_exact_mut(4).zip(state).for_each(|(place, word)| place.copy_from_slice(&word.to_le_bytes()));
    out
}

fn mix(state: &mut [u32; 4], block: &[u8]) {
    let mut words = [0u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().rev().fold(0, |sum, &b| sum << 8 | u32::from(b));
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for i in 0..64 {
        let (f, word) = match i / 16 {
            0 => ((b & c) | (!b & d), i),
            1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
            2 => (b ^ c ^ d, (3 * i + 5) % 16),
            _ => (c ^ (b | !d), (7 * i) % 16),
        };
        let sum = a.wrapping_add(f).wrapping_add(sine(i)).wrapping_add(words[word]);
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4]));
    }
    for (old, new) in state.iter_mut().zip([a, b, c, d]) {
        *old = old.wrapping_add(new);
    }
}

/// HMAC-MD5 of `text` under `key`, in hexadecimal as CRAM-MD5 sends it.
pub fn hmac_hex(key: &[u8], text: &[u8]) -> String {
    let mut block = [0u8; 64];
    let digest = md5(key);
    let short = if key.len() > 64 { &digest[..] } else { key };
    block.iter_mut().zip(short).for_each(|(place, &byte)| *place = byte);
    let with = |pad: u8, rest: &[u8]| md5(&[&block.map(|b| b ^ pad)[..], rest].concat());
    with(0x5c, &with(0x36, text)).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(data: &[u8]) -> String {
        md5(data).iter().map(|b| format!("{b:02x}")).collect()
    }

    /// From the appendix of RFC 1321, and lengths around a block from Python's hashlib.
    #[test]
    fn digests() {
        assert_eq!(hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(hex(&[b'a'; 55]), "ef1772b6dff9a122358552954ad0df65");
        assert_eq!(hex(&[b'a'; 56]), "3b0c8ac703f828b04c6c197006d17218");
        assert_eq!(hex(&[b'a'; 64]), "014842d480b571495a4a0363793f7367");
    }

    /// From RFC 2195 and RFC 2202.
    #[test]
    fn keyed() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        assert_eq!(hmac_hex(b"tanstaaftanstaaf", challenge), "b913a602c7eda7a495b4e6e7334d3890");
        let long = hmac_hex(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    }
}
