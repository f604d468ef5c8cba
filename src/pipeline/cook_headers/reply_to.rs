//! Reply-To and Cc: where answers to a post go.
//!
//! Up to four sources make the new Reply-To: the list's fixed address, what the poster asked for, the poster himself
//! where From was munged, and the list. RFC 2822 allows one header, so what was there is merged and put back in the
//! form that formataddr gives it, even when nothing is added.

use crate::error::HandlerError;
use crate::pipeline::headers::{addresses, change_header, encoded_description, metadata_dict, Change};
use crate::pipeline::Context;
use crate::text::header::format_all;
use compat::email::address::{self, Address};
use compat::list::attributes;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashSet;

/// Addresses in order, each once whatever its case.
#[derive(Default)]
struct Collected {
    pairs: Vec<Address>,
    /// The addresses in lower case.
    known: HashSet<Vec<u8>>,
}

impl Collected {
    fn add(&mut self, pair: Address) {
        if self.known.insert(pair.1.to_ascii_lowercase()) {
            self.pairs.push(pair);
        }
    }

    fn holds(&self, address: &[u8]) -> bool {
        self.known.contains(&address.to_ascii_lowercase())
    }
}

/// Settles both headers. `munged` is the author whose From was taken over.
pub fn munge(ctx: &mut Context<'_>, munged: Option<Address>) -> Result<(), HandlerError> {
    let goes_to = ctx.list.int(attributes::REPLY_GOES_TO_LIST);
    let mut reply = Collected::default();
    if goes_to == 2 {
        reply.add(address::parseaddr(&ctx.list.str(attributes::REPLY_TO_ADDRESS)));
    }
    let own = if ctx.list.truth(attributes::FIRST_STRIP_REPLY_TO) {
        Vec::new()
    } else {
        addresses(ctx, &["reply-to"]).collect()
    };
    let had_own = !own.is_empty();
    own.into_iter().for_each(|pair| reply.add(pair));
    let munged = match ctx.has(Switch::CcOriginalFrom) {
        true => munged.filter(|author| !settled(&mut reply, author, goes_to, had_own)),
        false => {
            munged.into_iter().for_each(|author| reply.add(author));
            None
        }
    };
    if goes_to == 1 {
        reply.add(list_itself(ctx, "Reply-To")?);
    }
    set_reply_to(ctx, &reply);
    set_cc(ctx, munged, goes_to)
}

/// Whether the munged author stands in Reply-To; where the list leaves answers alone, he is put there unless the post
/// named somebody else.
fn settled(reply: &mut Collected, author: &Address, goes_to: i64, had_own: bool) -> bool {
    if goes_to != 0 {
        return false;
    }
    if had_own {
        return reply.holds(&author.1);
    }
    reply.add(author.clone());
    true
}

fn set_reply_to(ctx: &mut Context<'_>, reply: &Collected) {
    if reply.pairs.is_empty() {
        ctx.msg.delete("reply-to");
    } else {
        change_header(ctx, "Reply-To", format_all(&reply.pairs), Change::Replace);
    }
}

/// Personalised posts lose the list's address from To, and a munged author from From: Cc keeps them in the talk.
fn set_cc(ctx: &mut Context<'_>, munged: Option<Address>, goes_to: i64) -> Result<(), HandlerError> {
    let list_too =
        ctx.list.int(attributes::PERSONALIZE) == 2 && goes_to != 1 && !ctx.list.truth(attributes::ANONYMOUS_LIST);
    if !list_too && munged.is_none() {
        return Ok(());
    }
    let mut cc = Collected::default();
    munged.into_iter().chain(present_cc(ctx)).for_each(|pair| cc.add(pair));
    if list_too {
        cc.add(list_itself(ctx, "Cc")?);
    }
    change_header(ctx, "Cc", format_all(&cc.pairs), Change::Replace);
    Ok(())
}

/// Cc as it is, or as AvoidDuplicates wants it to be.
fn present_cc(ctx: &Context<'_>) -> Vec<Address> {
    let noted = metadata_dict(ctx, "add_header").filter(|_| ctx.has(Switch::FromIsList));
    match noted.as_ref().and_then(|later| later.get(b"Cc")).and_then(Value::as_str) {
        Some(cc) => address::getaddresses(std::slice::from_ref(cc)),
        None => addresses(ctx, &["cc"]).collect(),
    }
}

/// The list with its description as name.
fn list_itself(ctx: &Context<'_>, header: &str) -> Result<Address, HandlerError> {
    let name: ByteStr = encoded_description(ctx, header, None)?;
    Ok((name, ctx.list.posting_address()))
}
