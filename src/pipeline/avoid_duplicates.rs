//! AvoidDuplicates: who is addressed beside the list and does not want a second copy gets none from the list.
//!
//! Members without that wish still get theirs, marked `X-Mailman-Copy` at delivery. Up to 2.1.29 Cc was rebuilt from
//! what was left whenever anybody but the list was addressed; later it changes only if the list allows (drop_cc).

use super::headers::{addresses, change_header, Change};
use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::text;
use crate::text::header::format_all;
use compat::email::address::Address;
use compat::list::{attributes, options};
use compat::pydict;
use compat::site::Switch;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::collections::HashSet;

/// Addresses in lower case, as few bytes each as can be: a header may have a million.
type Addresses = HashSet<Box<[u8]>>;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let recips = ctx.data.strings("recips").unwrap_or_default();
    let explicit = if recips.is_empty() { Addresses::new() } else { explicit_recipients(ctx) };
    if explicit.is_empty() {
        return Ok(Verdict::Continue);
    }
    let (kept, dropped) = keep(ctx, recips, &explicit);
    ctx.data.set_strings("recips", kept);
    rewrite_cc(ctx, &dropped);
    Ok(Verdict::Continue)
}

/// Everybody who is addressed, in lower case, except for the list itself.
fn explicit_recipients(ctx: &Context<'_>) -> Addresses {
    let own =
        [ctx.list.posting_address(), ctx.list.bounces_address(), ctx.list.owner_address(), ctx.list.request_address()];
    // Name by name: what is broken in one header takes nothing away from the next.
    let addressed = ["to", "cc", "resent-to", "resent-cc"].iter().flat_map(|name| addresses(ctx, &[name]));
    addressed
        .map(|(_, address)| address.to_ascii_lowercase().into_boxed_slice())
        .filter(|address| !address.is_empty() && !own.iter().any(|own| own.eq_ignore_ascii_case(address)))
        .collect()
}

/// The recipients without those who hold a copy already and want no other; and these, in lower case.
fn keep(ctx: &mut Context<'_>, recips: Vec<ByteStr>, explicit: &Addresses) -> (Vec<ByteStr>, Addresses) {
    let mut marked = ctx.data.get("add-dup-header").and_then(Value::as_dict).cloned().unwrap_or_default();
    let before = marked.len();
    let (mut kept, mut dropped) = (Vec::with_capacity(recips.len()), Addresses::new());
    for recipient in recips {
        if !explicit.contains(&recipient.to_ascii_lowercase()[..]) {
            kept.push(recipient);
        } else if ctx.list.is_member(&recipient) && ctx.list.option(&recipient, options::DONT_RECEIVE_DUPLICATES) {
            dropped.insert(recipient.to_ascii_lowercase().into_boxed_slice());
        } else {
            marked.set(recipient.clone(), Value::Bool(true));
            kept.push(recipient);
        }
    }
    if marked.len() > before {
        ctx.data.set("add-dup-header", Value::dict(marked));
    }
    (kept, dropped)
}

fn rewrite_cc(ctx: &mut Context<'_>, dropped: &Addresses) {
    if !ctx.has(Switch::DropCc) {
        let (left, _) = cc_without(ctx, dropped);
        ctx.msg.delete("cc");
        if !left.is_empty() {
            ctx.msg.append("Cc", format_all(&left));
        }
        return;
    }
    let has_any = addresses(ctx, &["cc"]).next().is_some();
    if !ctx.list.truth(attributes::DROP_CC) || (dropped.is_empty() && has_any) {
        return;
    }
    let (left, is_less) = cc_without(ctx, dropped);
    if left.is_empty() {
        ctx.msg.delete("cc");
    } else if is_less {
        change_header(ctx, "Cc", format_all(&left), Change::Replace);
    }
}

/// The addresses of Cc, each once, without those that were dropped, and whether one of these was among them. It is a
/// Python dictionary by address, whose order shows when Cc is rebuilt.
fn cc_without(ctx: &Context<'_>, dropped: &Addresses) -> (Vec<Address>, bool) {
    let found: Vec<Address> = addresses(ctx, &["cc"]).collect();
    let mut table = Dict::new();
    for (at, (_, address)) in found.iter().enumerate() {
        table.set(text::lower(address), Value::Int(at as i64));
    }
    let entries: Vec<(&ByteStr, usize)> =
        table.iter().filter_map(|(key, at)| Some((key.as_str()?, usize::try_from(at.as_int()?).ok()?))).collect();
    let keys: Vec<&[u8]> = entries.iter().map(|(key, _)| &key[..]).collect();
    let stays = |at: &usize| keys.get(*at).is_some_and(|key| !dropped.contains(*key));
    let order = pydict::order(&keys).into_iter().filter(stays);
    let left: Vec<Address> = order.filter_map(|at| found.get(entries.get(at)?.1).cloned()).collect();
    let is_less = left.len() < keys.len();
    (left, is_less)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{members, Fixture, NEW, OLD};

    const POST: &[u8] = b"To: club@lists.example.com\nCc: Ben <BEN@example.net>, \"Q, R\" <qr@example.org>, \
        d@example.org (Dee)\n\nx\n";
    /// The reference's way to write what is left, in the order of its dictionary.
    const LEFT: &str = "\"Q, R\" <qr@example.org>, Dee <d@example.org>";

    fn fixture(version: compat::site::Version) -> Fixture {
        let mut attributes = members(&[("ben@example.net", 256), ("anna@example.org", 0)]).to_vec();
        attributes.push(("drop_cc", Value::Int(1)));
        let mut fixture = Fixture::new(version, &attributes, POST);
        let recips = ["anna@example.org", "ben@example.net", "e@example.org"];
        fixture.data.set_strings("recips", recips.map(ByteStr::from));
        fixture.handle(process);
        fixture
    }

    #[test]
    fn who_has_a_copy_gets_no_other() {
        for version in [OLD, NEW] {
            let kept = fixture(version).data.strings("recips").unwrap();
            assert_eq!(kept, vec![ByteStr::from("anna@example.org"), "e@example.org".into()]);
        }
    }

    #[test]
    fn an_open_comment_hides_nobody_of_another_header() {
        let post = b"To: club@lists.example.com (\nResent-Cc: ben@example.net\n\nx\n";
        for version in [OLD, NEW] {
            let mut fixture = Fixture::new(version, &members(&[("ben@example.net", 256)]), post);
            fixture.data.set_strings("recips", ["ben@example.net", "e@example.org"].map(ByteStr::from));
            fixture.handle(process);
            assert_eq!(fixture.data.strings("recips").unwrap(), vec![ByteStr::from("e@example.org")]);
        }
    }

    #[test]
    fn cc_is_rebuilt_at_once_or_later() {
        assert_eq!(fixture(OLD).msg.get_all_str("cc"), vec![ByteStr::from(LEFT)]);
        let new = fixture(NEW);
        assert!(new.msg.get_str("cc").unwrap().starts_with(b"Ben"));
        let later = new.data.get("add_header").and_then(Value::as_dict).unwrap();
        assert_eq!(later.get(b"Cc"), Some(&Value::str(LEFT)));
    }
}
