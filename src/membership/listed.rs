//! Addresses of domains that Spamhaus lists (Utils.banned_domain, BLOCK_SPAMHAUS_LISTED_DBL_SUBSCRIBE of 2.1.27).
//!
//! The setting's brother for IP addresses concerns the web page only: who subscribes by mail has no IP address.

use super::{Desk, Refused};
use crate::dns::{Answer, Data, Dns, Kind, Limits};
use compat::ByteStr;
use std::time::Duration;

/// What dnspython allows where nothing is said.
const LIMITS: Limits = Limits { one_server: Duration::from_secs(2), in_all: Duration::from_secs(30) };

impl Desk<'_> {
    /// Refuses an address of a listed domain, where the site wants that. A list that does not answer lists nobody.
    pub(super) fn refuse_listed(&self, address: &ByteStr) -> Result<(), Refused> {
        if !self.site.settings.truth("BLOCK_SPAMHAUS_LISTED_DBL_SUBSCRIBE") || !is_listed(self.dns, address) {
            return Ok(());
        }
        let name = self.list.real_name();
        self.log("vette", &[&name, b" banned subscription: ", address, b" (Spamhaus DBL)"]);
        Err(Refused::Banned { pattern: "Spamhaus DBL".into() })
    }
}

fn is_listed(dns: &dyn Dns, address: &[u8]) -> bool {
    let address = address.to_ascii_lowercase();
    let Some(at) = address.iter().position(|&b| b == b'@') else { return false };
    let question = [&address[at + 1..], b".dbl.spamhaus.org"].concat();
    dns.ask(&question, Kind::A, LIMITS).is_ok_and(|answer| says_listed(&answer))
}

/// 127.0.1.255 means that the question was wrong.
fn says_listed(answer: &Answer) -> bool {
    let about = answer.records.iter().filter(|record| record.name.eq_ignore_ascii_case(&answer.final_name));
    let codes: Vec<u8> = about
        .filter_map(|record| match record.data {
            Data::Address([127, 0, 1, code]) => Some(code),
            _ => None,
        })
        .collect();
    !codes.is_empty() && !codes.contains(&255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{DnsError, Record};

    /// Answers with these addresses, and only to the question for bad.test.
    struct List(Vec<[u8; 4]>);

    impl Dns for List {
        fn ask(&self, name: &[u8], kind: Kind, _limits: Limits) -> Result<Answer, DnsError> {
            if (name, kind) != (b"bad.test.dbl.spamhaus.org", Kind::A) {
                return Err(DnsError::NoSuchName);
            }
            let final_name = ByteStr::from("bad.test.dbl.spamhaus.org.");
            let record = |address| Record { name: final_name.clone(), class: 1, data: Data::Address(address) };
            Ok(Answer { records: self.0.iter().copied().map(record).collect(), final_name })
        }

        fn organisational_domain(&self, domain: &[u8]) -> ByteStr {
            domain.into()
        }
    }

    #[test]
    fn a_listed_domain_is_told_by_its_code() {
        assert!(is_listed(&List(vec![[127, 0, 1, 2]]), b"anna@Bad.TEST"));
        assert!(!is_listed(&List(vec![[127, 0, 1, 2]]), b"anna@good.test"));
        assert!(!is_listed(&List(vec![[127, 0, 1, 2], [127, 0, 1, 255]]), b"anna@bad.test"));
        assert!(!is_listed(&List(vec![[127, 0, 0, 2]]), b"anna@bad.test"));
        assert!(!is_listed(&List(vec![]), b"anna@bad.test"));
    }
}
