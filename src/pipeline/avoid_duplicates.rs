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
use compat::pickle::{Dict, Value};
use compat::pydict;
use compat::site::Switch;
use compat::ByteStr;
use std::collections::HashSet;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let recips = ctx.data.strings("recips").unwrap_or_default();
    let explicit = if recips.is_empty() { HashSet::new() } else { explicit_recipients(ctx) };
    if explicit.is_empty() {
        return Ok(Verdict::Continue);
    }
    let mut cc = CcTable::new(addresses(ctx, &["cc"]));
    let kept = keep(ctx, recips, &explicit, &mut cc);
    ctx.data.set_strings("recips", kept);
    rewrite_cc(ctx, &cc);
    Ok(Verdict::Continue)
}

/// Everybody who is addressed, in lower case, but for the list itself.
fn explicit_recipients(ctx: &Context<'_>) -> HashSet<ByteStr> {
    let own =
        [ctx.list.posting_address(), ctx.list.bounces_address(), ctx.list.owner_address(), ctx.list.request_address()];
    // Name by name: what is broken in one header takes nothing away from the next.
    let addressed = ["to", "cc", "resent-to", "resent-cc"].iter().flat_map(|name| addresses(ctx, &[name]));
    addressed
        .map(|(_, address)| text::lower(&address))
        .filter(|address| !address.is_empty() && !own.iter().any(|own| own.eq_ignore_ascii_case(address)))
        .collect()
}

/// The recipients without those who hold a copy already and want no other.
fn keep(ctx: &mut Context<'_>, recips: Vec<ByteStr>, explicit: &HashSet<ByteStr>, cc: &mut CcTable) -> Vec<ByteStr> {
    let mut marked = ctx.data.get("add-dup-header").and_then(Value::as_dict).cloned().unwrap_or_default();
    let before = marked.len();
    let mut kept = Vec::with_capacity(recips.len());
    for recipient in recips {
        if !explicit.contains(&text::lower(&recipient)) {
            kept.push(recipient);
        } else if ctx.list.is_member(&recipient) && ctx.list.option(&recipient, options::DONT_RECEIVE_DUPLICATES) {
            cc.drop(&recipient);
        } else {
            marked.set(recipient.clone(), Value::Bool(true));
            kept.push(recipient);
        }
    }
    if marked.len() > before {
        ctx.data.set("add-dup-header", Value::dict(marked));
    }
    kept
}

fn rewrite_cc(ctx: &mut Context<'_>, cc: &CcTable) {
    let left = cc.left();
    if !ctx.has(Switch::DropCc) {
        ctx.msg.delete("cc");
        if !left.is_empty() {
            ctx.msg.append("Cc", format_all(&left));
        }
    } else if !ctx.list.truth(attributes::DROP_CC) {
    } else if left.is_empty() {
        ctx.msg.delete("cc");
    } else if cc.dropped {
        change_header(ctx, "Cc", format_all(&left), Change::Replace);
    }
}

/// The addresses of Cc, each once: a Python dictionary by address, whose order shows when Cc is rebuilt.
struct CcTable {
    pairs: Vec<Address>,
    dropped: bool,
}

impl CcTable {
    fn new(found: Vec<Address>) -> Self {
        let mut table = Dict::new();
        for (at, (_, address)) in found.iter().enumerate() {
            table.set(text::lower(address), Value::Int(at as i64));
        }
        let entries: Vec<(&ByteStr, usize)> =
            table.iter().filter_map(|(key, at)| Some((key.as_str()?, usize::try_from(at.as_int()?).ok()?))).collect();
        let keys: Vec<&[u8]> = entries.iter().map(|(key, _)| &key[..]).collect();
        let order = pydict::order(&keys).into_iter();
        let pairs = order.filter_map(|at| found.get(entries.get(at)?.1).cloned()).collect();
        CcTable { pairs, dropped: false }
    }

    fn drop(&mut self, address: &[u8]) {
        let before = self.pairs.len();
        self.pairs.retain(|(_, known)| !known.eq_ignore_ascii_case(address));
        self.dropped |= self.pairs.len() < before;
    }

    fn left(&self) -> Vec<Address> {
        self.pairs.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::fixture::{members, Fixture, NEW, OLD};

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
