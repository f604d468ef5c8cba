//! Who is to blame for a system error: the machine, or the file that it is about.

use nix::errno::Errno;
use std::io::{self, ErrorKind};

/// Whether an error of the system has nothing to do with the file or entry: the disk, permissions, memory, the network.
/// What is said of a *name* or a *size* (there is no such file, the name is too long) would be said again and again.
pub fn is_of_machine(error: &io::Error) -> bool {
    use Errno::{EEXIST, EFBIG, EILSEQ, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR};
    const OF_ENTRY: [Errno; 9] = [EEXIST, EFBIG, EILSEQ, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR];
    match error.raw_os_error() {
        Some(code) => !OF_ENTRY.contains(&Errno::from_raw(code)),
        None => is_machine_kind(error.kind()),
    }
}

/// The same for an error that was made without a number.
fn is_machine_kind(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::PermissionDenied
            | ErrorKind::OutOfMemory
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_error_is_the_machines_fault() {
        for number in [Errno::EIO, Errno::EMFILE, Errno::ENOMEM, Errno::ESTALE, Errno::EACCES, Errno::ENOSPC] {
            assert!(is_of_machine(&io::Error::from_raw_os_error(number as i32)), "{number}");
        }
        for number in [Errno::ENOENT, Errno::ELOOP, Errno::EFBIG] {
            assert!(!is_of_machine(&io::Error::from_raw_os_error(number as i32)), "{number}");
        }
        assert!(is_of_machine(&ErrorKind::OutOfMemory.into()) && !is_of_machine(&ErrorKind::InvalidData.into()));
    }
}
