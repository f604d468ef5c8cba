//! A signature with a time: what cookies and the tokens of forms are made of.
//!
//! The text is `hexlify(marshal.dumps((issued, text)))`, where `text` holds the SHA-1 of a secret and of `repr(issued)`.
//! Only this shape is read, whatever else a marshal may hold.

use super::digest::{hex_digest, same_bytes};
use compat::hex::{hexlify, unhexlify};
use compat::marshal;
use compat::value::Value;
use compat::ByteStr;

/// Longest text that is read. Those of Python have some 108 digits, and twice the length of the address for members.
const LONGEST: usize = 4096;

/// A time and a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When it was made, in seconds since the epoch.
    pub issued: i64,
    /// The signature, with whatever stands before it.
    pub text: ByteStr,
}

impl Stamp {
    /// Its text.
    pub(super) fn encode(&self) -> String {
        let pair = Value::tuple(vec![Value::Int(self.issued), Value::Str(self.text.clone())]);
        let mut bytes = Vec::new();
        // Writing an integer and a string into memory cannot fail.
        let _ = marshal::dump(&pair, &mut bytes);
        hexlify(&bytes)
    }

    /// Reads the text; `None` where it is none of Python's or ours.
    pub(super) fn decode(text: &[u8]) -> Option<Stamp> {
        let bytes = unhexlify(text.get(..LONGEST.min(text.len())).filter(|part| part.len() == text.len())?)?;
        let value = marshal::load(&ByteStr::new(bytes)).ok()?;
        let [Value::Int(issued), signed] = value.as_items()? else { return None };
        Some(Stamp { issued: *issued, text: signed.as_text()?.clone() })
    }
}

/// The signature: of a secret and of the time.
pub(super) fn sign(secret: &[u8], issued: i64) -> ByteStr {
    hex_digest(&[secret, issued.to_string().as_bytes()].concat())
}

/// Whether the signature is right. An empty secret signs nothing: anybody could do it.
pub(super) fn is_signed(secret: &[u8], issued: i64, signature: &[u8]) -> bool {
    !secret.is_empty() && same_bytes(&sign(secret, issued), signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by Python: issued = 1700000000, secret = sha.new('secret').hexdigest().
    const COOKIE: &[u8] = b"28020000006900f15365732800000031373939336362353739303138623065353366393638323634336361343234323835663133353332";

    #[test]
    fn it_is_pythons_to_the_byte() {
        let secret = hex_digest(b"secret");
        let stamp = Stamp { issued: 1_700_000_000, text: sign(&secret, 1_700_000_000) };
        assert_eq!(stamp.encode().as_bytes(), COOKIE);
        assert_eq!(Stamp::decode(COOKIE), Some(stamp));
    }

    #[test]
    fn other_codings_of_the_same_pair_are_read() {
        // marshal.dumps of [1, 'a'], (1, u'a'), (1, intern('a')), and of a time beyond 2038.
        for text in ["5b0200000069010000007301000000", "2802000000690100000075010000", "28020000006901000000740100"] {
            assert_eq!(Stamp::decode(text.as_bytes()), None);
        }
        for text in ["5b020000006901000000730100000061", "28020000006901000000750100000061"] {
            assert_eq!(Stamp::decode(text.as_bytes()), Some(Stamp { issued: 1, text: "a".into() }));
        }
        let late = Stamp { issued: (1 << 31) + 5, text: "a".into() };
        assert_eq!(late.encode(), "2802000000490500008000000000730100000061");
        assert_eq!(Stamp::decode(b"2802000000490500008000000000740100000061"), Some(late));
    }

    #[test]
    fn what_is_no_stamp() {
        for text in ["", "zz", "280", "2800000000", "69010000007301000000", "4e", "7b30", "630000"] {
            assert_eq!(Stamp::decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Stamp::decode(&b"28".repeat(3000)), None);
        assert!(!is_signed(b"", 1, &sign(b"", 1)));
    }
}
