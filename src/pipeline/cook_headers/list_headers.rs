//! List-Id (RFC 2919) and the List-* headers of RFC 2369.

use crate::error::HandlerError;
use crate::pipeline::headers::{change_header, encoded_description, Change};
use crate::pipeline::Context;
use crate::text;
use compat::email::address;
use compat::list::attributes;
use compat::pydict;
use compat::site::Switch;
use compat::ByteStr;

/// A line longer than this is broken at its commas.
const MAX_LINE: usize = 78;

/// Adds them, unless the message is for no list in particular or the list wants none.
pub fn add(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    if ctx.data.truth("_nolist") || !ctx.list.truth(attributes::INCLUDE_RFC2369_HEADERS) {
        return Ok(());
    }
    let id = list_id(ctx)?;
    change_header(ctx, "List-Id", id, Change::Replace);
    if ctx.data.truth("reduced_list_headers") {
        change_header(ctx, "X-List-Administrivia", "yes", Change::Replace);
        return Ok(());
    }
    for (name, value) in in_dict_order(headers(ctx)) {
        let value = folded(ctx, name, value);
        change_header(ctx, name, value, Change::Replace);
    }
    Ok(())
}

/// `description <name.host>`; the description is encoded but not folded.
fn list_id(ctx: &Context<'_>) -> Result<ByteStr, HandlerError> {
    let id = ByteStr::new([&ctx.list.name()[..], b".", &ctx.list.host_name()].concat());
    let bare = || ByteStr::new([b"<", &id[..], b">"].concat());
    if !ctx.list.truth(attributes::DESCRIPTION) {
        return Ok(bare());
    }
    let description = encoded_description(ctx, "List-Id", Some(998))?;
    if description.is_empty() && ctx.has(Switch::ListIdBrackets) {
        return Ok(bare());
    }
    Ok(address::formataddr(&description, &id))
}

fn headers(ctx: &Context<'_>) -> Vec<(&'static str, ByteStr)> {
    let request = ctx.list.request_address();
    let pair =
        |url: ByteStr, what: &str| bytes(&[b"<", &url, b">, <mailto:", &request, b"?subject=", what.as_bytes(), b">"]);
    let mut found = in_dict_order(vec![
        ("List-Help", bytes(&[b"<mailto:", &request, b"?subject=help>"])),
        ("List-Unsubscribe", pair(ctx.list.script_url("options", true), "unsubscribe")),
        ("List-Subscribe", pair(ctx.list.script_url("listinfo", true), "subscribe")),
    ]);
    if ctx.list.truth(attributes::INCLUDE_LIST_POST_HEADER) {
        found.push(("List-Post", bytes(&[b"<mailto:", &ctx.list.posting_address(), b">"])));
    }
    if ctx.list.truth(attributes::ARCHIVE) {
        found.push(("List-Archive", bytes(&[b"<", &archive_url(ctx), b">"])));
    }
    found
}

/// 2.1.13 takes a slash off the end.
fn archive_url(ctx: &Context<'_>) -> ByteStr {
    let url = ctx.list.base_archive_url();
    if url.ends_with(b"/") && !ctx.has(Switch::ListArchiveSlash) {
        return url.slice(0..url.len() - 1);
    }
    url
}

fn bytes(parts: &[&[u8]]) -> ByteStr {
    ByteStr::new(parts.concat())
}

/// Python keeps these headers in a dictionary, and its order is the order of the headers.
fn in_dict_order(headers: Vec<(&'static str, ByteStr)>) -> Vec<(&'static str, ByteStr)> {
    let keys: Vec<&[u8]> = headers.iter().map(|(name, _)| name.as_bytes()).collect();
    pydict::order(&keys).into_iter().filter_map(|at| headers.get(at).cloned()).collect()
}

fn folded(ctx: &Context<'_>, name: &str, value: ByteStr) -> ByteStr {
    if name.len() + 2 + value.len() <= MAX_LINE {
        return value;
    }
    let continuation: &[u8] = if ctx.has(Switch::ListHeadersContinueWithBlank) { b",\n " } else { b",\n\t" };
    ByteStr::new(text::replace(&value, b", ", continuation))
}
