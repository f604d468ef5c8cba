//! What can go wrong with a list's files.

use crate::format::os_error;
use crate::lock::LockError;
use crate::pickle::PickleError;
use crate::ByteStr;
use std::io;
use std::path::{Path, PathBuf};

/// Why a list can't be opened, asked or saved. The runner leaves the entry that is in work where it is safe.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// No such list (`MMUnknownListError`).
    #[error("list {0} does not exist")]
    Unknown(ByteStr),
    /// None of its files can be read (`MMCorruptListDatabaseError`). What is wrong with the first of them, and the reason
    /// that Mailman gives, which is that of the last one.
    #[error("list {list}: no configuration file can be read; {damage}; last: {reason}")]
    Corrupt { list: ByteStr, damage: String, reason: String },
    /// The file is whole, but goes beyond what this program takes in.
    #[error("list {list}: {}: {source}", path.display())]
    Refused { list: ByteStr, path: PathBuf, source: PickleError },
    /// The list has code of its own (extend.py), which this program can't run. Its roster may be elsewhere.
    #[error("list {list} has Python code of its own, {}: it needs Mailman's own runners", path.display())]
    NeedsPython { list: ByteStr, path: PathBuf },
    /// The lock was not had in time.
    #[error("list {list}: its lock was not free within the time allowed")]
    LockTimeout { list: ByteStr },
    /// The lock could not be had, or was lost.
    #[error("list {list}: {source}")]
    Lock { list: ByteStr, source: LockError },
    /// An attribute is missing (`AttributeError`).
    #[error("list {list} has no attribute {attribute}")]
    NoAttribute { list: ByteStr, attribute: String },
    /// An attribute or a record is of the wrong kind (`TypeError`).
    #[error("list {list}: {what} should be {wanted}, not {found}")]
    WrongKind { list: ByteStr, what: String, wanted: &'static str, found: &'static str },
    /// A file of the list is damaged, and there is none to fall back to.
    #[error("list {list}: {}: {reason}", path.display())]
    Damaged { list: ByteStr, path: PathBuf, reason: String },
    /// A file could not be read or written.
    #[error("list {list}: {}: {}", path.display(), os_error(source))]
    Io { list: ByteStr, path: PathBuf, source: io::Error },
    /// The address is a member already (`MMAlreadyAMember`).
    #[error("{0} is a member already")]
    AlreadyAMember(ByteStr),
    /// The address is no member (`NotAMemberError`).
    #[error("{0} is no member")]
    NotAMember(ByteStr),
    /// The list has no digests (`CantDigestError`) or nothing but digests (`MustDigestError`).
    #[error("list {list}: {mode} delivery is not offered")]
    NoSuchDelivery { list: ByteStr, mode: &'static str },
}

impl ListError {
    pub(super) fn io(list: &ByteStr, path: &Path, source: io::Error) -> Self {
        ListError::Io { list: list.clone(), path: path.to_path_buf(), source }
    }

    pub(super) fn lock(list: &ByteStr, source: LockError) -> Self {
        match source {
            LockError::TimedOut(_) => ListError::LockTimeout { list: list.clone() },
            source => ListError::Lock { list: list.clone(), source },
        }
    }
}
