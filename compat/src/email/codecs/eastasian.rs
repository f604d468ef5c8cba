//! The multi-byte charsets of East Asia.

use super::{CodecError, Decoding, Encoding};

pub(super) fn decode(work: &mut Decoding, module: &str) -> Result<(), CodecError> {
    let _ = &work;
    Err(CodecError::NotText(module.to_owned()))
}

pub(super) fn encode(work: &mut Encoding, module: &str) -> Result<(), CodecError> {
    let _ = &work;
    Err(CodecError::NotText(module.to_owned()))
}
