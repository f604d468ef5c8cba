//! Names of entries: `TIME+HASH`, and which slice of a queue they belong to.
//!
//! TIME is Python's repr of the float `received_time`, HASH 160 bits in hex. Python splits at "+" and converts both
//! parts without a guard, so one other name ends its runner; here such a name is simply not an [`EntryName`].

use crate::hex::{hexlify, unhexlify};
use std::cmp::Ordering;
use std::fmt;
use std::path::{Path, PathBuf};

/// The base name of an entry, without its extension.
#[derive(Clone, Debug)]
pub struct EntryName {
    base: Box<str>,
    when: f64,
}

impl EntryName {
    /// Accepts what Python accepts: two parts at "+", the first a number.
    pub fn parse(base: &str) -> Option<EntryName> {
        let (when, hash) = base.split_once('+')?;
        if hash.contains('+') || base.contains('/') {
            return None;
        }
        let when: f64 = when.parse().ok()?;
        when.is_finite().then(|| EntryName { base: base.into(), when })
    }

    /// Puts a name together. `when` is a time as Python prints a float.
    pub(super) fn compose(when: &str, hash: &[u8; 20]) -> Option<EntryName> {
        let mut base = format!("{when}+");
        base.push_str(&hexlify(hash));
        EntryName::parse(&base)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// The time that the message first came to this site.
    pub fn when(&self) -> f64 {
        self.when
    }

    /// The hash as a number, if it is hex of at most 160 bits.
    pub fn hash(&self) -> Option<[u8; 20]> {
        let (_, hex) = self.base.split_once('+')?;
        if hex.is_empty() || hex.len() > 40 {
            return None;
        }
        unhexlify(format!("{hex:0>40}").as_bytes())?.try_into().ok()
    }

    /// The file of this entry in a folder.
    pub fn file(&self, dir: &Path, extension: &str) -> PathBuf {
        dir.join(format!("{}.{extension}", self.base))
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl PartialEq for EntryName {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base
    }
}

impl Eq for EntryName {}

impl PartialOrd for EntryName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryName {
    /// First come, first served; entries of one message (equal times) by their text.
    fn cmp(&self, other: &Self) -> Ordering {
        self.when.total_cmp(&other.when).then_with(|| self.base.cmp(&other.base))
    }
}

/// Python 2.7's repr of a float as far as it may stand in a name: no exponent, whose "+" would break the split.
pub fn python_float(x: f64) -> Option<String> {
    let plain = x.is_finite() && (x == 0.0 || (1e-4..1e16).contains(&x.abs()));
    plain.then(|| format!("{x:?}"))
}

/// A share of a queue: `index` of `count` equal ranges of the 160-bit hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    lower: [u8; 20],
    /// The first value that is no longer in; `None` for the last slice.
    end: Option<[u8; 20]>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Part,
    Nothing,
}

impl Slice {
    /// The whole queue.
    pub const WHOLE: Slice = Slice { lower: [0; 20], end: None, kind: Kind::Whole };

    /// Slice `index` (from 0) of `count`. One slice is the whole queue whatever its index is, and an index out of
    /// range owns nothing: so does Python's arithmetic.
    pub fn new(index: i64, count: i64) -> Slice {
        if count == 1 {
            return Slice::WHOLE;
        }
        match (u32::try_from(index), u32::try_from(count)) {
            (Ok(index), Ok(count)) if index < count => Slice {
                lower: bound(index, count),
                end: (index + 1 < count).then(|| bound(index + 1, count)),
                kind: Kind::Part,
            },
            _ => Slice { kind: Kind::Nothing, ..Slice::WHOLE },
        }
    }

    /// Whether this is the whole queue, so that hashes need not even be numbers.
    pub fn is_whole(&self) -> bool {
        self.kind == Kind::Whole
    }

    /// Whether a hash is in this slice.
    pub fn owns(&self, hash: &[u8; 20]) -> bool {
        match self.kind {
            Kind::Whole => true,
            Kind::Nothing => false,
            Kind::Part => *hash >= self.lower && self.end.is_none_or(|end| *hash < end),
        }
    }
}

/// floor(2^160 * index / count), for index < count: long division over 32-bit words.
fn bound(index: u32, count: u32) -> [u8; 20] {
    let mut rest = u64::from(index);
    let mut bytes = [0u8; 20];
    for word in bytes.chunks_mut(4) {
        let dividend = rest << 32;
        let quotient = (dividend / u64::from(count)) as u32;
        rest = dividend % u64::from(count);
        word.copy_from_slice(&quotient.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_python_would_take() {
        for base in ["1795475402.73+ab", "1795475402.7330029+00", "1795475402+ff", "1e5+0", "1.5+not-hex"] {
            assert!(EntryName::parse(base).is_some(), "{base}");
        }
    }

    #[test]
    fn names_that_end_a_python_runner_are_no_entries() {
        for base in ["foo", "a+b", "1.5+a+b", "1e+16+ab", "nan+ab", "inf+ab", "", "+", "1.5", "../1+2"] {
            assert!(EntryName::parse(base).is_none(), "{base}");
        }
    }

    #[test]
    fn order_is_by_number_not_by_text() {
        let mut names: Vec<_> =
            ["10.5+aa", "9.25+aa", "9.25+01", "100.0+aa"].iter().filter_map(|n| EntryName::parse(n)).collect();
        names.sort();
        let order: Vec<_> = names.iter().map(EntryName::as_str).collect();
        assert_eq!(order, ["9.25+01", "9.25+aa", "10.5+aa", "100.0+aa"]);
    }

    /// Bounds that Python computed: ((shamax+1) * slice) / numslices.
    #[test]
    fn bounds_are_pythons() {
        let hex = |b: [u8; 20]| b.iter().map(|x| format!("{x:02x}")).collect::<String>();
        assert_eq!(hex(bound(1, 3)), "5555555555555555555555555555555555555555");
        assert_eq!(hex(bound(2, 3)), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_eq!(hex(bound(1, 2)), "8000000000000000000000000000000000000000");
        assert_eq!(hex(bound(3, 7)), "6db6db6db6db6db6db6db6db6db6db6db6db6db6");
    }

    #[test]
    fn slices_out_of_range_own_nothing() {
        for slice in [Slice::new(2, 2), Slice::new(-1, 2), Slice::new(0, 0), Slice::new(0, -1)] {
            assert!(!slice.owns(&[0; 20]) && !slice.owns(&[255; 20]));
        }
        assert!(Slice::new(7, 1).owns(&[9; 20]));
    }

    #[test]
    fn floats_as_python_writes_them() {
        assert_eq!(python_float(1795475402.73).unwrap(), "1795475402.73");
        assert_eq!(python_float(1795475402.0).unwrap(), "1795475402.0");
        assert_eq!(python_float(0.0).unwrap(), "0.0");
        for x in [1e16, 1e-5, f64::NAN, f64::INFINITY] {
            assert_eq!(python_float(x), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn each_hash_belongs_to_exactly_one_slice(hash: [u8; 20], count in 1i64..70) {
            let owners = (0..count).filter(|i| Slice::new(*i, count).owns(&hash)).count();
            prop_assert_eq!(owners, 1);
        }

        #[test]
        fn a_composed_name_is_read_back(hash: [u8; 20], when in 0.0f64..1e12) {
            let Some(text) = python_float(when) else { return Ok(()) };
            let name = EntryName::compose(&text, &hash).unwrap();
            prop_assert_eq!(name.when(), when);
            prop_assert_eq!(name.hash(), Some(hash));
        }
    }
}
