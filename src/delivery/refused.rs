//! The recipients that the server refused, in the order in which Python's dictionaries would list them.
//!
//! `smtplib` and `SMTPDirect` keep them in dictionaries. Their order is seen in the line `All recipients refused: {...}`,
//! in the order of the lines in `smtp-failure`, and in the `recips` of the entry that goes to the retry queue, which
//! decides how the next attempt is cut into chunks.

use super::pyrepr;

/// One refusal: code and text as `smtplib` gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The server's code, or -1 where there was no answer.
    pub code: i32,
    /// Its text, or the error's.
    pub text: Vec<u8>,
    /// The connection is to blame whatever the code says, for example a log-in that failed: try again.
    pub try_again: bool,
}

impl Refused {
    /// What the server said, or -1 and what else went wrong.
    pub fn of(code: i32, text: &[u8]) -> Self {
        Refused { code, text: text.to_vec(), try_again: false }
    }

    /// From 500 on a refusal is for good, but 552 means "too many recipients".
    pub fn is_permanent(&self) -> bool {
        self.code >= 500 && self.code != 552 && !self.try_again
    }
}

/// A CPython 2.7 `dict` with `str` keys on a 64-bit machine: the same order, by the same hash and the same growth.
#[derive(Clone, Debug)]
pub struct RefusedDict {
    slots: Vec<Option<(Vec<u8>, Refused)>>,
    used: usize,
}

impl Default for RefusedDict {
    fn default() -> Self {
        RefusedDict { slots: vec![None; 8], used: 0 }
    }
}

impl RefusedDict {
    pub fn len(&self) -> usize {
        self.used
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// `d[address] = refused`
    pub fn insert(&mut self, address: &[u8], refused: Refused) {
        let before = self.used;
        self.place(address.to_vec(), refused);
        if self.used > before && self.used * 3 >= self.slots.len() * 2 {
            self.resize(self.used * if self.used > 50_000 { 2 } else { 4 });
        }
    }

    /// `d.update(other)`, which makes room once and takes the items in the other's order.
    pub fn update(&mut self, other: &RefusedDict) {
        if (self.used + other.used) * 3 >= self.slots.len() * 2 {
            self.resize((self.used + other.used) * 2);
        }
        other.iter().for_each(|(address, refused)| self.place(address.to_vec(), refused.clone()));
    }

    /// `d.items()`
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Refused)> {
        self.slots.iter().flatten().map(|(address, refused)| (&address[..], refused))
    }

    /// `repr(d)`
    pub fn repr(&self) -> Vec<u8> {
        let item = |(address, refused): (&[u8], &Refused)| {
            [pyrepr::of_bytes(address), pyrepr::of_reply(refused.code, &refused.text)].join(&b": "[..])
        };
        let items: Vec<Vec<u8>> = self.iter().map(item).collect();
        [b"{", &items.join(&b", "[..])[..], b"}"].concat()
    }

    fn place(&mut self, address: Vec<u8>, refused: Refused) {
        let hash = python_hash(&address);
        let mask = self.slots.len() - 1;
        let (mut at, mut perturb) = (hash as usize, hash);
        loop {
            match self.slots.get_mut(at & mask) {
                Some(Some((known, old))) if *known == address => {
                    *old = refused;
                    return;
                }
                Some(free @ None) => {
                    *free = Some((address, refused));
                    self.used += 1;
                    return;
                }
                _ => {}
            }
            at = (at << 2).wrapping_add(at).wrapping_add(perturb as usize).wrapping_add(1);
            perturb >>= 5;
        }
    }

    fn resize(&mut self, at_least: usize) {
        let mut size = 8;
        while size <= at_least {
            size <<= 1;
        }
        let old = std::mem::replace(&mut self.slots, vec![None; size]);
        self.used = 0;
        old.into_iter().flatten().for_each(|(address, refused)| self.place(address, refused));
    }
}

/// `hash(s)` of a `str`, without randomisation.
fn python_hash(text: &[u8]) -> u64 {
    let Some(&first) = text.first() else { return 0 };
    let start = u64::from(first) << 7;
    let mixed = text.iter().fold(start, |x, &b| x.wrapping_mul(1_000_003) ^ u64::from(b)) ^ text.len() as u64;
    if mixed == u64::MAX {
        u64::MAX - 1
    } else {
        mixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i32, text: &str) -> Refused {
        Refused { code, text: text.as_bytes().to_vec(), try_again: false }
    }

    fn numbered(range: std::ops::Range<usize>) -> RefusedDict {
        let mut dict = RefusedDict::default();
        range.for_each(|i| dict.insert(format!("u{i}@example.org").as_bytes(), refused(450, "x")));
        dict
    }

    /// The numbers in the order of `d.keys()`.
    fn order(dict: &RefusedDict) -> String {
        let number = |address: &[u8]| String::from_utf8_lossy(&address[1..address.len() - 12]).into_owned();
        dict.iter().map(|(address, _)| number(address)).collect::<Vec<_>>().join(" ")
    }

    /// The orders come from Python 2.7.18.
    #[test]
    fn the_order_is_pythons() {
        assert_eq!(order(&numbered(0..5)), "3 0 2 1 4");
        assert_eq!(
            order(&numbered(0..30)),
            "11 22 1 18 17 15 3 9 26 23 0 20 21 19 14 8 12 13 16 25 4 28 10 7 27 6 2 5 24 29"
        );
        let mut merged = numbered(0..3);
        merged.update(&numbered(2..12));
        merged.update(&numbered(20..24));
        assert_eq!(order(&merged), "3 6 8 2 11 23 5 0 22 1 20 9 4 21 10 7");
        assert_eq!(merged.len(), 16);
    }

    #[test]
    fn a_later_answer_replaces_an_earlier_one() {
        let mut dict = numbered(0..2);
        dict.insert(b"u1@example.org", refused(550, "gone"));
        assert_eq!(dict.len(), 2);
        let found = dict.iter().find(|(address, _)| *address == b"u1@example.org");
        assert_eq!(found.map(|(_, r)| r.code), Some(550));
    }

    #[test]
    fn it_reads_as_python_prints_it() {
        let mut dict = RefusedDict::default();
        assert_eq!(dict.repr(), b"{}");
        dict.insert(b"ben@example.net", refused(550, "5.1.1 nobody"));
        dict.insert(b"anna@example.org", refused(550, "5.1.1 nobody"));
        let wanted = "{'anna@example.org': (550, '5.1.1 nobody'), 'ben@example.net': (550, '5.1.1 nobody')}";
        assert_eq!(String::from_utf8_lossy(&dict.repr()), wanted);
    }

    #[test]
    fn what_is_permanent() {
        assert!(refused(550, "").is_permanent());
        assert!(!refused(552, "").is_permanent());
        assert!(!refused(450, "").is_permanent());
        assert!(!refused(-1, "").is_permanent());
        assert!(!Refused { try_again: true, ..refused(535, "") }.is_permanent());
    }
}
