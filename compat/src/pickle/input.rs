//! A cursor over the bytes of a pickle: everything that is taken is checked against what is there.

use super::Reason;
use crate::ByteStr;
use std::ops::Range;

/// The bytes, and how far they were read.
pub(super) struct Input<'a> {
    shared: &'a ByteStr,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(data: &'a ByteStr) -> Self {
        Input { shared: data, bytes: data, at: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Goes on from another place, which somebody else has read up to.
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn byte(&mut self) -> Result<u8, Reason> {
        let byte = *self.bytes.get(self.at).ok_or(Reason::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Reason> {
        let end = self.at + N;
        let bytes = self.bytes.get(self.at..end).ok_or(Reason::Truncated)?;
        self.at = end;
        bytes.try_into().map_err(|_| Reason::Truncated)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Reason> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Reason> {
        self.array().map(u32::from_le_bytes)
    }

    /// A length in four bytes. Python reads it as signed; a negative one is more than any file holds.
    pub(super) fn length(&mut self) -> Result<usize, Reason> {
        self.u32().map(|n| n as usize)
    }

    /// The next `len` bytes as a window on the buffer.
    pub(super) fn take(&mut self, len: usize) -> Result<ByteStr, Reason> {
        let end = self.at.checked_add(len).filter(|&end| end <= self.bytes.len()).ok_or(Reason::Truncated)?;
        let taken = self.shared.slice(self.at..end);
        self.at = end;
        Ok(taken)
    }

    /// The bytes up to the next newline, which is consumed but not part of it.
    pub(super) fn line(&mut self) -> Result<&'a [u8], Reason> {
        let range = self.line_range()?;
        self.bytes.get(range).ok_or(Reason::Truncated)
    }

    /// As [`Input::line`], as a window on the buffer.
    pub(super) fn shared_line(&mut self) -> Result<ByteStr, Reason> {
        self.line_range().map(|range| self.shared.slice(range))
    }

    fn line_range(&mut self) -> Result<Range<usize>, Reason> {
        let rest = self.bytes.get(self.at..).ok_or(Reason::Truncated)?;
        let len = memchr::memchr(b'\n', rest).ok_or(Reason::TruncatedLine)?;
        let start = self.at;
        self.at += len + 1;
        Ok(start..start + len)
    }
}
