//! Questions and answers as they travel (RFC 1035, 4.1). Nothing that an answer says about its own lengths is believed.

use super::name::Name;
use super::{Data, Kind, Record};

/// Query, recursion desired.
const ASK_FLAGS: u16 = 0x0100;
const IS_ANSWER: u16 = 0x8000;
const OPCODE: u16 = 0x7800;
const TRUNCATED: u16 = 0x0200;
const CNAME: u16 = 5;
/// The internet's class.
pub const IN: u16 = 1;

/// A question with the number that its answer must carry.
pub struct Question<'a> {
    pub id: u16,
    pub name: &'a Name,
    pub kind: Kind,
}

/// What a server said.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// It is not the answer to this question: somebody else's, or forged.
    NotOurs,
    /// It did not fit; ask again by TCP.
    Truncated,
    /// It is nonsense.
    Malformed,
    /// This code, and the records of the answer section.
    Answer(u16, Vec<Record>),
}

impl Question<'_> {
    /// The packet.
    pub fn wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        for word in [self.id, ASK_FLAGS, 1, 0, 0, 0] {
            wire.extend(word.to_be_bytes());
        }
        wire.extend(self.name.wire());
        wire.extend((self.kind as u16).to_be_bytes());
        wire.extend(IN.to_be_bytes());
        wire
    }

    /// Reads what came back.
    pub fn reply(&self, wire: &[u8]) -> Reply {
        let mut reader = Reader { wire, at: 0 };
        let Some([id, flags, questions, answers, authority, additional]) = reader.header() else {
            return Reply::NotOurs;
        };
        if id != self.id || flags & IS_ANSWER == 0 || flags & OPCODE != 0 {
            return Reply::NotOurs;
        }
        let code = flags & 15;
        match reader.question_is(questions, self) {
            Some(true) => {}
            // A server that failed may leave the question out.
            Some(false) if code != 0 => {}
            Some(false) => return Reply::NotOurs,
            None => return Reply::Malformed,
        }
        if flags & TRUNCATED != 0 {
            return Reply::Truncated;
        }
        let records = reader.records(answers);
        let rest = reader.records(authority.saturating_add(additional));
        match (records, rest) {
            (Some(records), Some(_)) if reader.at == wire.len() => Reply::Answer(code, records),
            _ => Reply::Malformed,
        }
    }
}

/// A place in a packet. Everything is `None` behind its end.
struct Reader<'a> {
    wire: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn header(&mut self) -> Option<[u16; 6]> {
        let mut words = [0; 6];
        for word in &mut words {
            *word = self.word()?;
        }
        Some(words)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.wire.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn word(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Whether the section of questions holds this one and nothing else.
    fn question_is(&mut self, count: u16, asked: &Question<'_>) -> Option<bool> {
        let mut is = count == 1;
        for _ in 0..count {
            let name = self.name()?;
            let (kind, class) = (self.word()?, self.word()?);
            is = is && name.is(asked.name) && kind == asked.kind as u16 && class == IN;
        }
        Some(is)
    }

    fn records(&mut self, count: u16) -> Option<Vec<Record>> {
        (0..count).map(|_| self.record()).collect()
    }

    fn record(&mut self) -> Option<Record> {
        let name = self.name()?.text();
        let (kind, class) = (self.word()?, self.word()?);
        let _time_to_live = self.take(4)?;
        let length = usize::from(self.word()?);
        let end = self.at.checked_add(length).filter(|&end| end <= self.wire.len())?;
        let data = match kind {
            1 if class == IN => Data::Address(self.take(4)?.try_into().ok()?),
            CNAME => Data::Alias(self.name()?.text()),
            16 => Data::Text(self.text(end)?.into()),
            _ => {
                self.at = end;
                Data::Other
            }
        };
        (self.at == end).then_some(Record { name, class, data })
    }

    /// Strings of up to 255 bytes, joined.
    fn text(&mut self, end: usize) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        while self.at < end {
            let length = usize::from(self.byte()?);
            text.extend_from_slice(self.take(length).filter(|_| self.at <= end)?);
        }
        Some(text)
    }

    /// A name, which may go on at a place before it; each jump leads further back, so that it ends.
    fn name(&mut self) -> Option<Name> {
        let mut labels = Vec::new();
        let mut lowest = self.at;
        let mut back_at = None;
        loop {
            match usize::from(self.byte()?) {
                0 => break,
                length @ 1..=63 => labels.push(self.take(length)?.to_vec()),
                high @ 192.. => {
                    let target = (high & 63) << 8 | usize::from(self.byte()?);
                    back_at.get_or_insert(self.at);
                    if target >= lowest {
                        return None;
                    }
                    (lowest, self.at) = (target, target);
                }
                _ => return None,
            }
            // A name has 127 labels at most; what is longer need not be gathered.
            if labels.len() > 127 {
                return None;
            }
        }
        self.at = back_at.unwrap_or(self.at);
        Name(labels).checked().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(name: &Name) -> Question<'_> {
        Question { id: 0x1234, name, kind: Kind::Txt }
    }

    fn name() -> Name {
        Name::parse(b"_dmarc.example.com").unwrap()
    }

    /// An answer with this TXT data, its name a pointer to the question's.
    fn answer(data: &[u8]) -> Vec<u8> {
        let mut wire = asked(&name()).wire();
        wire[2] |= 0x80;
        wire[7] = 1;
        wire.extend(b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c");
        wire.extend((data.len() as u16).to_be_bytes());
        wire.extend(data);
        wire
    }

    #[test]
    fn a_text_in_two_strings() {
        let record = Record { name: "_dmarc.example.com.".into(), class: IN, data: Data::Text("v=DMARC1; p=".into()) };
        let reply = asked(&name()).reply(&answer(b"\x08v=DMARC1\x04; p="));
        assert_eq!(reply, Reply::Answer(0, vec![record]));
    }

    #[test]
    fn what_is_not_the_answer_is_not_taken_for_it() {
        let good = answer(b"\x01x");
        let changed = |at: usize, to: u8| {
            let mut wire = good.clone();
            wire[at] = to;
            asked(&name()).reply(&wire)
        };
        assert_eq!(changed(1, 0x35), Reply::NotOurs);
        assert_eq!(changed(2, 0x01), Reply::NotOurs);
        assert_eq!(changed(13, b'x'), Reply::NotOurs);
        assert_eq!(changed(2, 0x83), Reply::Truncated);
        assert_eq!(asked(&name()).reply(&good[..11]), Reply::NotOurs);
    }

    #[test]
    fn nonsense_is_malformed() {
        for data in [&b"\x02x"[..], b"\x05abcd"] {
            assert_eq!(asked(&name()).reply(&answer(data)), Reply::Malformed);
        }
        let mut trailing = answer(b"\x01x");
        trailing.push(0);
        assert_eq!(asked(&name()).reply(&trailing), Reply::Malformed);
        // A pointer to itself.
        let mut looping = answer(b"\x01x");
        let at = asked(&name()).wire().len();
        looping[at + 1] = at as u8;
        assert_eq!(asked(&name()).reply(&looping), Reply::Malformed);
    }

    #[test]
    fn a_failure_may_come_without_the_question() {
        assert_eq!(asked(&name()).reply(b"\x12\x34\x81\x82\0\0\0\0\0\0\0\0"), Reply::Answer(2, vec![]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(tail in proptest::collection::vec(any::<u8>(), 0..200), counts in any::<[u8; 4]>()) {
            let mut wire = asked(&name()).wire();
            wire[2] |= 0x80;
            wire[7] = counts[0];
            wire[9] = counts[1];
            wire[11] = counts[2];
            wire.extend(tail);
            asked(&name()).reply(&wire);
        }
    }
}
