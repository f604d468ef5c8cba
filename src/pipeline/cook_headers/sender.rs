//! From, where the list takes a post over as its own (from_is_list, and DMARC mitigation, 2.1.16 and later).
//!
//! The new From names the poster "via" the list and carries the list's address. It goes to `add_header`: only the
//! members' copies show it.

use crate::error::HandlerError;
use crate::pipeline::headers::{addresses, change_header, Change};
use crate::pipeline::Context;
use crate::text;
use crate::text::header::decoded_line;
use compat::codecs::{self, Errors};
use compat::email::address::{self, Address};
use compat::email::charset::Charset;
use compat::email::header::{Header, Layout};
use compat::list::attributes;
use compat::site::Switch;
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// Munges From where the message or the list wants it; returns the original author then.
pub fn munge(ctx: &mut Context<'_>) -> Result<Option<Address>, HandlerError> {
    if !ctx.has(Switch::FromIsList) || !(ctx.data.truth("from_is_list") || ctx.list.truth(attributes::FROM_IS_LIST)) {
        return Ok(None);
    }
    let author = author(ctx);
    let shown = display_name(ctx, &shown_name(ctx, &author))?;
    let from = address::formataddr(&shown, &ctx.list.posting_address());
    change_header(ctx, "From", from, Change::Replace);
    Ok(Some(author))
}

/// The one address in From; where there is none or several, the sender.
fn author(ctx: &Context<'_>) -> Address {
    let mut usable: Vec<Address> = addresses(ctx, &["from"]).collect();
    usable.retain(|(_, address)| address.iter().position(|&b| b == b'@').is_some_and(|at| at > 0));
    match <[Address; 1]>::try_from(usable) {
        Ok([only]) => only,
        Err(_) => (ByteStr::default(), ctx.data.str("original_sender").unwrap_or_default()),
    }
}

/// What the author is called: as From says, else as the list knows him, else his address.
fn shown_name(ctx: &Context<'_>, (name, address): &Address) -> Value {
    if !name.is_empty() {
        return Value::Str(name.clone());
    }
    let known = if ctx.list.is_member(address) { ctx.list.name_of(address) } else { None };
    known.filter(Value::is_true).unwrap_or_else(|| Value::Str(address.clone()))
}

/// `NAME via LIST`, encoded in the list's charset. The list's own language decides how "via" reads.
fn display_name(ctx: &Context<'_>, name: &Value) -> Result<ByteStr, HandlerError> {
    let charset = ctx.list_charset();
    let author = match name {
        Value::Unicode(name) => without_domain(&name.to_text()),
        other => {
            let plain = other.as_str().cloned().unwrap_or_default();
            let (line, charset) = decoded_line(&without_domain_bytes(&plain));
            codecs::decode_string(&line, &charset, Errors::Replace)?
        }
    };
    let list = codecs::decode_string(&ctx.list.real_name(), &charset, Errors::Replace)?;
    let pattern = ctx.list_words().raw("%(realname)s via %(lrn)s");
    let pattern = codecs::decode_string(&pattern, &charset, Errors::Replace)?;
    let shown = pattern.replace("%(realname)s", &author).replace("%(lrn)s", &list);
    let header = Header::new(&UniStr::from(shown.as_str()), Some(&Charset::new(&charset)?), &Layout::default())?;
    Ok(header.encode()?)
}

fn without_domain_bytes(name: &[u8]) -> Vec<u8> {
    match domain_start(name) {
        Some(at) => [&name[..at], b"---"].concat(),
        None => name.to_vec(),
    }
}

fn without_domain(name: &str) -> String {
    match domain_start(name.as_bytes()) {
        Some(at) => format!("{}---", &name[..at]),
        None => name.to_string(),
    }
}

/// Where `@([^ .]+\.)+[^ .]+$` begins: two domains in From look like spam to some.
fn domain_start(name: &[u8]) -> Option<usize> {
    let is_domain = |rest: &[u8]| {
        let labels = text::split_on(rest, b".");
        labels.len() > 1 && labels.iter().all(|label| !label.is_empty() && !label.contains(&b' '))
    };
    (0..name.len()).find(|&at| name[at] == b'@' && is_domain(&name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_an_address_loses_its_domain() {
        assert_eq!(without_domain("anna@example.org"), "anna---");
        assert_eq!(without_domain("anna@example.org (home)"), "anna@example.org (home)");
        assert_eq!(without_domain("anna@localhost"), "anna@localhost");
        assert_eq!(without_domain_bytes(b"a@b@c.d"), b"a---");
        assert_eq!(without_domain("a@b..c"), "a@b..c");
    }
}
