//! Reading a tar file member by member. No length in it is trusted: what would lead beyond the end of the file is an error,
//! and names are bounded.

use super::header::{
    sum, Field, GID, GROUP, KIND, LONG_NAME, LONG_TARGET, MAGIC, MODE, MODIFIED, NAME, PREFIX, SIZE, SUM, TARGET, UID,
    USER,
};
use super::{padding, Kind, Member, BLOCK};
use std::io::{self, Read, Seek, SeekFrom};

/// No name is longer, and no pax record larger.
const LONGEST: u64 = 64 * 1024;

/// Why a tar file can't be read on.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    /// The disk.
    #[error("at byte {at}: {error}")]
    Io { at: u64, error: io::Error },
    /// It ends in the middle of something.
    #[error("cut off at byte {at}")]
    Cut { at: u64 },
    /// A block that is no header.
    #[error("damaged at byte {at}: {what}")]
    Header { at: u64, what: &'static str },
}

/// Reads members one after the other; as [`Read`] it gives the contents of the one that came last.
pub struct Reader<R> {
    input: R,
    length: u64,
    at: u64,
    /// Bytes of the present member that are not read yet, and the zeros behind them.
    left: u64,
    padding: u64,
}

/// What comes before a member and changes it.
#[derive(Default)]
struct Longer {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    user: Option<Vec<u8>>,
    group: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read + Seek> Reader<R> {
    /// Begins at the beginning.
    ///
    /// # Errors
    /// The file can't be moved about in.
    pub fn new(mut input: R) -> io::Result<Reader<R>> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        Ok(Reader { input, length, at: 0, left: 0, padding: 0 })
    }

    /// The byte at which the next header, or the contents of the present member, begin.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Where the present member ends.
    pub fn end_of_member(&self) -> u64 {
        self.at + self.left + self.padding
    }

    /// The next member; `None` at a block of zeros, or where the file ends at a block's end.
    ///
    /// # Errors
    /// See [`TarError`].
    pub fn next_member(&mut self) -> Result<Option<Member>, TarError> {
        let mut longer = Longer::default();
        loop {
            self.skip()?;
            let Some(block) = self.block()? else { return Ok(None) };
            let mut member = self.member(&block)?;
            match block.get(KIND.0) {
                Some(&LONG_NAME) => longer.path = Some(until_zero(&self.record(&member)?)),
                Some(&LONG_TARGET) => longer.target = Some(until_zero(&self.record(&member)?)),
                Some(b'x') => longer.pax(&self.record(&member)?),
                Some(b'g') => drop(self.record(&member)?),
                _ => {
                    longer.into_member(&mut member);
                    self.begin(&member)?;
                    return Ok(Some(member));
                }
            }
        }
    }

    fn begin(&mut self, member: &Member) -> Result<(), TarError> {
        self.left = if member.kind == Kind::File { member.size } else { 0 };
        self.padding = padding(self.left) as u64;
        match self.left.checked_add(self.at + self.padding).is_some_and(|end| end <= self.length) {
            true => Ok(()),
            false => Err(TarError::Cut { at: self.length }),
        }
    }

    fn skip(&mut self) -> Result<(), TarError> {
        let to = self.end_of_member();
        if self.left == 0 && self.padding > 0 {
            // Not by a seek, which would empty a buffer.
            let mut zeros = [0; BLOCK];
            let padding = usize::try_from(self.padding).unwrap_or(0);
            self.padding = 0;
            self.fill(zeros.get_mut(..padding).unwrap_or_default())?;
        } else if to > self.at {
            self.input.seek(SeekFrom::Start(to)).map_err(|error| TarError::Io { at: to, error })?;
        }
        (self.at, self.left, self.padding) = (to, 0, 0);
        Ok(())
    }

    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let mut block = [0; BLOCK];
        if self.at == self.length {
            return Ok(None);
        }
        self.fill(&mut block)?;
        Ok(block.iter().any(|&byte| byte != 0).then_some(block))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), TarError> {
        let at = self.at;
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => TarError::Cut { at: self.length },
            _ => TarError::Io { at, error },
        })?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn record(&mut self, member: &Member) -> Result<Vec<u8>, TarError> {
        if member.size > LONGEST {
            return Err(TarError::Header { at: self.at, what: "a name that is too long" });
        }
        let mut bytes = vec![0; usize::try_from(member.size).unwrap_or(0) + padding(member.size)];
        self.fill(&mut bytes)?;
        bytes.truncate(usize::try_from(member.size).unwrap_or(0));
        Ok(bytes)
    }

    fn member(&self, block: &[u8; BLOCK]) -> Result<Member, TarError> {
        let wrong = |what| TarError::Header { at: self.at - BLOCK as u64, what };
        let said = number(field(block, SUM)).ok_or_else(|| wrong("no checksum"))?;
        if said != i64::from(sum(block)) {
            return Err(wrong("the checksum is another"));
        }
        let count = |place| number(field(block, place)).ok_or_else(|| wrong("a number that is none"));
        let small = |place| Ok(u32::try_from(count(place)?).unwrap_or(u32::MAX));
        Ok(Member {
            path: name(block),
            kind: kind(block.get(KIND.0).copied().unwrap_or_default(), &name(block)),
            mode: small(MODE)? & 0o7777,
            uid: small(UID)?,
            gid: small(GID)?,
            user: until_zero(field(block, USER)),
            group: until_zero(field(block, GROUP)),
            size: u64::try_from(count(SIZE)?).map_err(|_| wrong("a size below zero"))?,
            modified: count(MODIFIED)?,
            target: until_zero(field(block, TARGET)),
        })
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.input.read(buffer.get_mut(..most).unwrap_or_default())?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Longer {
    /// Lines of `LENGTH KEY=VALUE`.
    fn pax(&mut self, record: &[u8]) {
        let mut rest = record;
        while let Some((length, _)) = split(rest, b' ') {
            let length: usize = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
            let Some(line) = rest.get(..length).filter(|line| line.ends_with(b"\n")) else { return };
            let line = line.strip_suffix(b"\n").unwrap_or_default();
            if let Some((key, value)) = split(line, b' ').and_then(|(_, pair)| split(pair, b'=')) {
                self.say(key, value);
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    fn say(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"path" => self.path = Some(value.to_vec()),
            b"linkpath" => self.target = Some(value.to_vec()),
            b"uname" => self.user = Some(value.to_vec()),
            b"gname" => self.group = Some(value.to_vec()),
            b"size" => self.size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
            _ => {}
        }
    }

    fn into_member(self, member: &mut Member) {
        let put =
            |place: &mut Vec<u8>, longer: Option<Vec<u8>>| *place = longer.unwrap_or_else(|| std::mem::take(place));
        put(&mut member.path, self.path);
        put(&mut member.target, self.target);
        put(&mut member.user, self.user);
        put(&mut member.group, self.group);
        member.size = self.size.unwrap_or(member.size);
    }
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(at, text)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// GNU's own form has other things where POSIX has the beginning of a long name.
fn name(block: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (until_zero(field(block, NAME)), until_zero(field(block, PREFIX)));
    match field(block, MAGIC).starts_with(b"ustar\0") && !prefix.is_empty() {
        true => [&prefix[..], b"/", &name].concat(),
        false => name,
    }
}

fn kind(letter: u8, name: &[u8]) -> Kind {
    match letter {
        b'5' => Kind::Folder,
        // Before POSIX a slash at the end was all that told a folder.
        0 if name.ends_with(b"/") => Kind::Folder,
        b'0' | b'7' | 0 => Kind::File,
        b'1' => Kind::Twin,
        b'2' => Kind::Link,
        other => Kind::Other(other),
    }
}

fn field(block: &[u8; BLOCK], (at, length): Field) -> &[u8] {
    block.get(at..at + length).unwrap_or_default()
}

fn until_zero(field: &[u8]) -> Vec<u8> {
    field.split(|&byte| byte == 0).next().unwrap_or_default().to_vec()
}

/// Octal digits among blanks and zeros, or GNU's binary form.
fn number(field: &[u8]) -> Option<i64> {
    let first = *field.first()?;
    if first & 0x80 != 0 {
        return binary(field, first);
    }
    let text: Vec<u8> = until_zero(field);
    let text = text.trim_ascii();
    let digit = |value: i64, &b: &u8| match b {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(i64::from(b - b'0')),
        _ => None,
    };
    text.iter().try_fold(0i64, digit)
}

fn binary(field: &[u8], first: u8) -> Option<i64> {
    let start: i64 = if first & 0x40 != 0 { -1 } else { 0 };
    let high = if first & 0x40 != 0 { first } else { first & 0x7f };
    let bytes = std::iter::once(high).chain(field.iter().skip(1).copied());
    bytes.enumerate().try_fold(start, |value, (at, byte)| {
        // The first bytes of a wide field only repeat the sign.
        let wider = value.checked_mul(256)?;
        Some(if at == 0 && start < 0 { (value & !0xff) | i64::from(byte) } else { wider | i64::from(byte) })
    })
}
