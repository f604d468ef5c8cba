//! Exit codes, as mail servers understand them (sysexits.h). Anything else but 0 is a refusal for good to Postfix.

/// The mail is in its queue and on the disk.
pub const OK: u8 = 0;
/// No list was named, or there is no such list: what Mailman's scripts end with.
pub const NO_LIST: u8 = 1;
/// The command is wrong, in an alias say.
pub const USAGE: u8 = 64;
/// There is no such list: mail servers tell the sender that there is no such address.
pub const NO_USER: u8 = 67;
/// The mail is larger than any runner would read.
pub const TOO_LARGE: u8 = 69;
/// Try again later: something that an operator can repair.
pub const TEMPORARY: u8 = 75;
