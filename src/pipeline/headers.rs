//! What several handlers do with headers: change them now or later, encode list texts for them, read addresses out.
//!
//! These are the functions that Mailman keeps in CookHeaders and Utils and borrows from there.

use super::Context;
use crate::error::HandlerError;
use crate::text;
use crate::text::header::value_of;
use compat::email::address::{self, Address};
use compat::email::charset::Charset;
use compat::email::header::{Header, Layout, Text};
use compat::email::message::HeaderValue;
use compat::list::attributes;
use compat::site::Switch;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::rc::Rc;

/// How a header is changed.
#[derive(Clone, Copy, PartialEq)]
pub enum Change {
    /// Every old one goes, the new one comes last.
    Replace,
    /// The new one is added behind the old ones.
    Append,
    /// Only where there is none.
    IfAbsent,
}

/// Changes a header as CookHeaders.change_header does. From 2.1.16 on, what a munged or wrapped copy for members shall
/// carry is noted in the metadata (`add_header`) and put in place by WrapMessage: the copies for the archive, the
/// digest and the news keep the poster's own headers.
pub fn change_header(ctx: &mut Context<'_>, name: &str, value: impl Into<HeaderValue>, change: Change) {
    let value = value.into();
    if ctx.has(Switch::FromIsList) && is_deferred(ctx, name) {
        let mut later = ctx.data.get("add_header").and_then(Value::as_dict).cloned().unwrap_or_else(Dict::new);
        later.set(name, value_of(&value));
        ctx.data.set("add_header", Value::dict(later));
    } else if change != Change::IfAbsent || !ctx.msg.contains(name) {
        if change == Change::Replace {
            ctx.msg.delete(name);
        }
        ctx.msg.append(name, value);
    }
}

fn is_deferred(ctx: &Context<'_>, name: &str) -> bool {
    let munged = ["from", "reply-to", "cc"].iter().any(|known| name.eq_ignore_ascii_case(known));
    munged || (is_wrapping(ctx) && !ctx.data.truth("_fasttrack"))
}

/// Whether members get this post inside a message from the list. Only a message value of 0 asks the list; an absent
/// one does not.
pub fn is_wrapping(ctx: &Context<'_>) -> bool {
    match ctx.data.get("from_is_list").and_then(Value::as_int) {
        Some(2) => true,
        Some(0) => ctx.list.int(attributes::FROM_IS_LIST) == 2,
        _ => false,
    }
}

/// A header from a text of the list: in the list's charset where it needs one, in ASCII where it does not.
/// 2.1.13 lets the error of an undecodable text out; later versions note it and go on with an empty one.
///
/// # Errors
/// A text that no charset at hand can encode (2.1.13 only where it raises).
pub fn uheader<'t>(
    ctx: &Context<'_>,
    text: impl Into<Text<'t>>,
    name: &str,
    whitespace: Option<u8>,
    maxlinelen: Option<i64>,
) -> Result<Header, HandlerError> {
    let text = text.into();
    let charset_name = charset_for(ctx, text_bytes(text));
    let charset = Charset::new(&charset_name)?;
    let whitespace = [whitespace.unwrap_or(default_whitespace(ctx))];
    let mut layout = Layout { header_name: Some(name.as_bytes()), continuation_ws: &whitespace, ..Layout::default() };
    layout.max_line_len = maxlinelen.unwrap_or(layout.max_line_len);
    match Header::new(text, Some(&charset), &layout) {
        Ok(header) => Ok(header),
        Err(_) if ctx.has(Switch::UndecodableTextLogged) => {
            let (list, text) = (ctx.list.name(), text_bytes(text));
            ctx.log("error", &[b"list: ", list, b": can't decode \"", text, b"\" as ", &charset_name]);
            Ok(Header::new(&b""[..], Some(&charset), &layout)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The bytes, or the UTF-8 of characters.
fn text_bytes(text: Text<'_>) -> &[u8] {
    match text {
        Text::Bytes(bytes) => bytes,
        Text::Unicode(text) => &text.0,
    }
}

/// A `str` or `unicode` of the list as text for a header.
pub fn text_of(value: &Value) -> Text<'_> {
    match value {
        Value::Unicode(text) => Text::Unicode(text),
        other => Text::Bytes(other.as_str().map_or(&[], |bytes| bytes)),
    }
}

/// What a long header is continued with: a tab in 2.1.13, a blank later.
pub fn default_whitespace(ctx: &Context<'_>) -> u8 {
    if ctx.has(Switch::ContinuationBlank) {
        b' '
    } else {
        b'\t'
    }
}

fn charset_for(ctx: &Context<'_>, text: &[u8]) -> ByteStr {
    if text.iter().all(|&b| text::is_space(b) || b.is_ascii_graphic()) {
        return "us-ascii".into();
    }
    let charset = ctx.list_charset();
    if charset == "us-ascii" {
        return "iso-8859-1".into();
    }
    charset
}

/// The list's description as a header shows it: `str(uheader(..))`.
///
/// # Errors
/// A text that no charset at hand can encode (2.1.13 only where it raises).
pub fn encoded_description(ctx: &Context<'_>, header: &str, maxlinelen: Option<i64>) -> Result<ByteStr, HandlerError> {
    let description = ctx.list.get(attributes::DESCRIPTION).cloned().unwrap_or(Value::None);
    Ok(uheader(ctx, text_of(&description), header, None, maxlinelen)?.encode()?)
}

/// The addresses of every header of these names.
pub fn addresses(ctx: &Context<'_>, names: &[&str]) -> impl Iterator<Item = Address> {
    let values: Vec<ByteStr> = names.iter().flat_map(|name| ctx.msg.get_all_str(name)).collect();
    address::each_of(&values)
}

/// The addresses of To and Cc in lower case.
pub fn destinations(ctx: &Context<'_>) -> Vec<ByteStr> {
    addresses(ctx, &["to", "cc"]).map(|(_, address)| text::lower(&address)).collect()
}

/// A dictionary of the metadata, to read.
pub fn metadata_dict(ctx: &Context<'_>, key: &str) -> Option<Rc<Dict>> {
    match ctx.data.get(key) {
        Some(Value::Dict(dict)) => Some(Rc::clone(dict)),
        _ => None,
    }
}
