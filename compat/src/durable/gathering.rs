//! Small writes become few large ones, each of which is a step.

use std::io;

/// Maximum number of bytes that are gathered.
pub(super) const BUFFER: usize = 64 * 1024;

/// A file that gathers what is written to it.
pub(super) trait Gathering {
    /// What is gathered.
    fn gathered(&mut self) -> &mut Vec<u8>;

    /// One write to the file.
    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// `Write::write`
    fn gather(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gathered().len() + bytes.len() > BUFFER {
            self.hand_out()?;
        }
        match bytes.len() >= BUFFER {
            true => self.write_out(bytes)?,
            false => self.gathered().extend_from_slice(bytes),
        }
        Ok(bytes.len())
    }

    /// `Write::flush`
    fn hand_out(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(self.gathered());
        if bytes.is_empty() {
            return Ok(());
        }
        let outcome = self.write_out(&bytes);
        bytes.clear();
        *self.gathered() = bytes;
        outcome
    }
}
