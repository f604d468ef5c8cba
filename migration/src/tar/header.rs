//! The block before a member's contents, and the records that carry what does not fit into it.

use super::{padding, Kind, Member, BLOCK};

/// Where each field is: (first byte, bytes).
pub(super) type Field = (usize, usize);
pub(super) const NAME: Field = (0, 100);
pub(super) const MODE: Field = (100, 8);
pub(super) const UID: Field = (108, 8);
pub(super) const GID: Field = (116, 8);
pub(super) const SIZE: Field = (124, 12);
pub(super) const MODIFIED: Field = (136, 12);
pub(super) const SUM: Field = (148, 8);
pub(super) const KIND: Field = (156, 1);
pub(super) const TARGET: Field = (157, 100);
pub(super) const MAGIC: Field = (257, 8);
pub(super) const USER: Field = (265, 32);
pub(super) const GROUP: Field = (297, 32);
pub(super) const PREFIX: Field = (345, 155);

/// GNU's kinds for a long name and a long target of the member that follows.
pub(super) const LONG_NAME: u8 = b'L';
pub(super) const LONG_TARGET: u8 = b'K';
const LONG: &[u8] = b"././@LongLink";
const GNU: &[u8] = b"ustar  \0";

/// Everything that stands before the contents of a member.
pub fn header(member: &Member) -> Vec<u8> {
    let mut out = Vec::with_capacity(BLOCK);
    for (kind, text, field) in [(LONG_TARGET, &member.target, TARGET), (LONG_NAME, &member.path, NAME)] {
        // A name that fills its field has no end there, which some readers want.
        if text.len() >= field.1 {
            long(kind, text, &mut out);
        }
    }
    out.extend_from_slice(&block(member, letter(member.kind)));
    out
}

fn letter(kind: Kind) -> u8 {
    match kind {
        Kind::File => b'0',
        Kind::Twin => b'1',
        Kind::Link => b'2',
        Kind::Folder => b'5',
        Kind::Other(letter) => letter,
    }
}

/// A record that holds a name.
fn long(kind: u8, text: &[u8], out: &mut Vec<u8>) {
    let mut record = Member::note("", text.len() + 1, 0);
    record.path = LONG.to_vec();
    out.extend_from_slice(&block(&record, kind));
    out.extend_from_slice(text);
    out.resize(out.len() + 1 + padding(record.size), 0);
}

fn block(member: &Member, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    put(&mut block, NAME, &member.path);
    put(&mut block, TARGET, &member.target);
    put(&mut block, MAGIC, GNU);
    put(&mut block, USER, member.user.get(..USER.1 - 1).unwrap_or(&member.user));
    put(&mut block, GROUP, member.group.get(..GROUP.1 - 1).unwrap_or(&member.group));
    number(&mut block, MODE, i64::from(member.mode & 0o7777));
    number(&mut block, UID, i64::from(member.uid));
    number(&mut block, GID, i64::from(member.gid));
    number(&mut block, SIZE, i64::try_from(member.size).unwrap_or(i64::MAX));
    number(&mut block, MODIFIED, member.modified);
    put(&mut block, KIND, &[kind]);
    let text = format!("{:06o}\0 ", sum(&block));
    put(&mut block, SUM, text.as_bytes());
    block
}

/// What the checksum field must say: the sum of all bytes, its own taken as blanks.
pub(super) fn sum(block: &[u8; BLOCK]) -> u32 {
    let own = SUM.0..SUM.0 + SUM.1;
    let value = |(at, byte): (usize, &u8)| if own.contains(&at) { 0x20 } else { u32::from(*byte) };
    block.iter().enumerate().map(value).sum()
}

fn put(block: &mut [u8; BLOCK], (at, length): Field, bytes: &[u8]) {
    let used = bytes.len().min(length);
    if let (Some(field), Some(bytes)) = (block.get_mut(at..at + used), bytes.get(..used)) {
        field.copy_from_slice(bytes);
    }
}

/// Octal digits where they fit, else GNU's binary form.
fn number(block: &mut [u8; BLOCK], field: Field, value: i64) {
    let digits = field.1 - 1;
    let text = format!("{value:0digits$o}");
    if value >= 0 && text.len() <= digits {
        return put(block, field, text.as_bytes());
    }
    let mut bytes = vec![if value < 0 { 0xff } else { 0 }; field.1 - 8];
    bytes.extend_from_slice(&value.to_be_bytes());
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    put(block, field, &bytes);
}
