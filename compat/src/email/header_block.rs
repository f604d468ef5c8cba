//! The headers of a message as text: each on its own line, folded where a width is given.

use super::generator::{shape_error, FlattenError};
use super::header::{Header, Layout};
use super::message::{HeaderValue, Message};
use super::text::trim_start;
use crate::codecs;
use crate::value::{UniStr, Value};
use crate::ByteStr;

/// The headers and the blank line behind them.
///
/// # Errors
/// A value is not what a header can have, or cannot be encoded.
pub fn header_block(msg: &Message, fold_at: usize) -> Result<Vec<u8>, FlattenError> {
    let mut block = Vec::new();
    for (name, value) in &msg.headers {
        block.extend_from_slice(name);
        block.extend_from_slice(b": ");
        block.extend_from_slice(&header_text(name, value, fold_at)?);
        block.push(b'\n');
    }
    block.push(b'\n');
    Ok(block)
}

fn header_text(name: &[u8], value: &HeaderValue, fold_at: usize) -> Result<ByteStr, FlattenError> {
    match value {
        HeaderValue::Header(header) => encode(header),
        HeaderValue::Other(value) if fold_at == 0 => plain_text(value),
        HeaderValue::Other(value) => folded_value(name, value, fold_at),
        HeaderValue::Str(text) if fold_at == 0 || !text.is_ascii() => Ok(text.clone()),
        HeaderValue::Str(text) => folded(name, text, fold_at),
    }
}

/// A `str` goes through a `Header` whatever its length; a short one only loses white space at its front there.
fn folded(name: &[u8], text: &ByteStr, fold_at: usize) -> Result<ByteStr, FlattenError> {
    if text.len() + name.len() + 3 <= fold_at && !text.contains(&b'\n') {
        return Ok(text.slice_from(text.len() - trim_start(text).len()));
    }
    encode(&Header::new(text, None, &layout(name, fold_at))?)
}

fn folded_value(name: &[u8], value: &Value, fold_at: usize) -> Result<ByteStr, FlattenError> {
    match value {
        Value::Unicode(text) => encode(&Header::new(text, None, &layout(name, fold_at))?),
        Value::None => Ok(ByteStr::default()),
        other => Err(shape_error("TypeError", format!("object of type '{}' has no len()", other.type_name()))),
    }
}

fn encode(header: &Header) -> Result<ByteStr, FlattenError> {
    Ok(header.encode()?)
}

fn layout(name: &[u8], fold_at: usize) -> Layout<'_> {
    Layout { max_line_len: fold_at as i64, header_name: Some(name), ..Layout::default() }
}

/// `str(value)` of a header value that is neither text nor a `Header`.
pub(super) fn plain_text(value: &Value) -> Result<ByteStr, FlattenError> {
    match value {
        Value::Str(text) | Value::Long(text) => Ok(text.clone()),
        Value::Unicode(text) => ascii(text),
        Value::Int(number) => Ok(number.to_string().into()),
        Value::Bool(true) => Ok("True".into()),
        Value::Bool(false) => Ok("False".into()),
        Value::None => Ok("None".into()),
        other => Err(shape_error("TypeError", format!("header value of type '{}'", other.type_name()))),
    }
}

/// What Python's default encoding makes of a `unicode`.
pub(super) fn ascii(text: &UniStr) -> Result<ByteStr, FlattenError> {
    if text.0.is_ascii() {
        return Ok(text.0.clone());
    }
    let encoded = codecs::encode(text, "us-ascii", codecs::Errors::Strict);
    encoded.map(ByteStr::new).map_err(|error| FlattenError::Unicode(error.to_string()))
}
