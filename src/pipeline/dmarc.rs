//! Whether a domain's DMARC policy forbids what a list does to its mail (Utils.IsDMARCProhibited).
//!
//! The record is looked for at the sender's domain and then at its organisational domain. As in Mailman, only the first
//! text of a name counts, `pct=` does not, and a question that fails counts as a prohibition: a receiver may have better
//! luck with it than we had.

use super::Context;
use crate::dns::{Answer, Data, DnsError, Kind, Limits};
use crate::error::HandlerError;
use crate::text::lower;
use compat::list::attributes;
use compat::site::{settings, Switch};
use compat::ByteStr;
use std::collections::HashMap;
use std::time::Duration;

/// How long a question may take at most, whatever the settings say.
const LONGEST: f64 = 600.0;

/// Whether the sender's domain asks receivers to refuse mail that a list sends in its name.
pub fn prohibited(ctx: &Context<'_>, address: &[u8]) -> Result<bool, HandlerError> {
    let address = lower(address);
    let Some(at) = address.iter().rposition(|&b| b == b'@').filter(|&at| at > 0) else { return Ok(false) };
    let domain = &address[at + 1..];
    if let Some(verdict) = (Question { ctx, address: &address, domain, organisational: false }).verdict()? {
        return Ok(verdict);
    }
    let above = ctx.dns.organisational_domain(domain);
    if above == *domain {
        return Ok(false);
    }
    let question = Question { ctx, address: &address, domain: &above, organisational: true };
    Ok(question.verdict()?.unwrap_or(false))
}

/// What is asked about one domain.
struct Question<'a, 'c> {
    ctx: &'a Context<'c>,
    address: &'a [u8],
    domain: &'a [u8],
    /// Whether it is the organisational domain of the sender's.
    organisational: bool,
}

impl Question<'_, '_> {
    fn name(&self) -> Vec<u8> {
        [b"_dmarc.", self.domain].concat()
    }

    /// What the domain's record says; `None` where it has none.
    fn verdict(&self) -> Result<Option<bool>, HandlerError> {
        match self.ctx.dns.ask(&self.name(), Kind::Txt, self.limits()?) {
            Ok(answer) => Ok(self.judge(&answer)),
            Err(DnsError::NoSuchName | DnsError::NoAnswer) => Ok(None),
            Err(error) => {
                self.log_failure(error);
                Ok(Some(self.ctx.has(Switch::DmarcFailureProhibits)))
            }
        }
    }

    fn limits(&self) -> Result<Limits, HandlerError> {
        let seconds = |name| -> Result<Duration, HandlerError> {
            Ok(Duration::from_secs_f64(self.ctx.site.settings.float(name)?.clamp(0.0, LONGEST)))
        };
        Ok(Limits {
            one_server: seconds(settings::DMARC_RESOLVER_TIMEOUT)?,
            in_all: seconds(settings::DMARC_RESOLVER_LIFETIME)?,
        })
    }

    fn log_failure(&self, error: DnsError) {
        let name = self.name();
        let text = error.to_string();
        let parts: [&[u8]; 7] = match error {
            DnsError::NoServers => {
                [b"DNSException: No Nameservers available for ", self.address, b" (", &name, b")", b"", b""]
            }
            _ => {
                let what = b"DNSException: Unable to query DMARC policy for ";
                [what, self.address, b" (", &name, b"). ", text.as_bytes(), b""]
            }
        };
        self.ctx.log("error", &parts);
    }

    /// Reads the answer in Mailman's way: by the names as they are written.
    fn judge(&self, answer: &Answer) -> Option<bool> {
        let (name, texts) = texts_behind_aliases(answer, &[&self.name()[..], b"."].concat());
        if texts.is_empty() {
            return Some(false);
        }
        let policies: Vec<&ByteStr> = texts.iter().filter(|text| text.starts_with(b"v=DMARC1;")).collect();
        match policies[..] {
            [] => None,
            [record] => Some(self.applies(&name, record)),
            _ => {
                self.log_several(policies.len());
                Some(false)
            }
        }
    }

    fn log_several(&self, count: usize) {
        let text = format!(" has {count} v=DMARC1 entries;\n{:23}ignoring them per RFC 7849", "");
        self.ctx.log("error", &[b"RRset of TXT records for ", &self.name(), text.as_bytes()]);
    }

    /// Whether the list acts on the policy of this record.
    fn applies(&self, name: &[u8], record: &[u8]) -> bool {
        let own = self.organisational && self.ctx.has(Switch::DmarcSubdomainPolicy);
        let policy = own.then(|| tag(record, b"sp=")).flatten().or_else(|| tag(record, b"p="));
        let list = &self.ctx.list;
        let also_quarantine = list.truth(attributes::DMARC_QUARANTINE_MODERATION_ACTION);
        let munges = matches!(list.int(attributes::DMARC_MODERATION_ACTION), 1 | 2);
        let applies = match policy.as_deref() {
            Some(b"reject") => true,
            Some(b"quarantine") => also_quarantine,
            Some(b"none") => also_quarantine && munges && list.truth(attributes::DMARC_NONE_MODERATION_ACTION),
            _ => false,
        };
        if applies {
            self.log_policy(&policy.unwrap_or_default(), name, record);
        }
        applies
    }

    fn log_policy(&self, policy: &[u8], name: &[u8], record: &[u8]) {
        let list = self.ctx.list.real_name();
        let asked = self.name();
        let who: [&[u8]; 6] = [&list, b": DMARC lookup for ", self.address, b" (", &asked, b") found p="];
        let what: [&[u8]; 5] = [policy, b" in ", name, b" = ", record];
        self.ctx.log("vette", &[&who[..], &what].concat());
    }
}

/// The name that counts, and its texts: the first of each class. Names of records are compared in lower case, but what
/// aliases lead to as it is written, so that an alias in capitals leads nowhere.
fn texts_behind_aliases(answer: &Answer, asked: &[u8]) -> (ByteStr, Vec<ByteStr>) {
    let mut aliases: HashMap<ByteStr, &ByteStr> = HashMap::new();
    let mut texts: Vec<(ByteStr, u16, &ByteStr)> = Vec::new();
    for record in &answer.records {
        let name = lower(&record.name);
        match &record.data {
            Data::Alias(target) => {
                aliases.entry(name).or_insert(target);
            }
            Data::Text(text) if !texts.iter().any(|known| known.0 == name && known.1 == record.class) => {
                texts.push((name, record.class, text));
            }
            _ => {}
        }
    }
    let mut seen = vec![ByteStr::from(asked)];
    let mut name = seen[0].clone();
    while let Some(target) = aliases.get(&name).filter(|target| !seen.contains(target)) {
        name = (*target).clone();
        seen.push(name.clone());
    }
    let texts = texts.into_iter().filter(|known| known.0 == name).map(|known| known.2.clone()).collect();
    (name, texts)
}

/// The value of a tag, in lower case: the first `\btag=(\w*)\b` without regard to case.
fn tag(record: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let starts = (0..record.len()).filter(|&at| at == 0 || !is_word(&record[at - 1]));
    let after = |at: usize| record.get(at..at + tag.len()).filter(|found| found.eq_ignore_ascii_case(tag));
    starts
        .filter(|&at| after(at).is_some())
        .map(|at| record[at + tag.len()..].iter().take_while(|b| is_word(b)).map(u8::to_ascii_lowercase).collect())
        .find(|value: &Vec<u8>| !value.is_empty())
}

#[cfg(test)]
#[path = "dmarc_tests.rs"]
mod tests;
