//! Why a pickle was refused, and where.

/// A pickle that can't be read: truncated, damaged, hostile, or from a dialect that Mailman never writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad pickle at byte {offset}: {reason}")]
pub struct PickleError {
    /// Where the instruction that failed begins, counted from the start of the pickle.
    pub offset: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

impl PickleError {
    /// What `str()` gives of the exception that cPickle raises: nothing at all where the data end too early.
    pub fn python_text(&self) -> String {
        match self.reason {
            Reason::Truncated => String::new(),
            Reason::TruncatedLine => "pickle data was truncated".to_string(),
            Reason::UnknownOpcode(byte) => format!("invalid load key, '{}'.", char::from(byte)),
            Reason::StackEmpty => "unpickling stack underflow".to_string(),
            Reason::NoMark => "could not find MARK".to_string(),
            _ => self.to_string(),
        }
    }
}

/// What was wrong with an instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The data end before the pickle does.
    #[error("the data end too early")]
    Truncated,
    /// The same within an argument in text form.
    #[error("the data end within a line")]
    TruncatedLine,
    /// A byte that is no instruction of protocol 0, 1 or 2.
    #[error("unknown instruction 0x{0:02x}")]
    UnknownOpcode(u8),
    /// A protocol that Python 2 can't read.
    #[error("protocol {0} is not known to Python 2")]
    Protocol(u8),
    /// Instructions whose meaning lies outside the file.
    #[error("{0} refers to something outside the file")]
    Outside(&'static str),
    /// An instruction takes more than the stack holds above the last mark.
    #[error("the stack holds too little for this instruction")]
    StackEmpty,
    /// An instruction gathers up to a mark, and there is none.
    #[error("no mark was set")]
    NoMark,
    /// A fetch of what was never noted.
    #[error("nothing was noted under {0}")]
    NotNoted(u32),
    /// An argument in text form that does not parse.
    #[error("malformed {0}")]
    BadText(&'static str),
    /// An instruction applied to a value of the wrong kind.
    #[error("{0} on a value that does not take it")]
    WrongKind(&'static str),
    /// A list or dictionary as a key.
    #[error("a key that Python can't hash")]
    Unhashable,
    /// An object inside itself.
    #[error("an object contains itself")]
    ContainsItself,
    /// Deeper than Python writes.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// More than the bounds allow.
    #[error("more than {0} values")]
    TooMany(usize),
}
