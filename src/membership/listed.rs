//! Clients and domains that Spamhaus lists (Utils.banned_ip, Utils.banned_domain and the BLOCK_SPAMHAUS settings of
//! 2.1.27). Who subscribes by mail has no IP address, and so only a web client is ever looked up.

use super::{MembershipContext, Refused};
use crate::dns::{Answer, Data, Dns, Kind, Limits};
use compat::site::settings;
use compat::ByteStr;
use std::net::IpAddr;
use std::time::Duration;

/// What dnspython allows where nothing is said.
const LIMITS: Limits = Limits { one_server: Duration::from_secs(2), in_all: Duration::from_secs(30) };

impl MembershipContext<'_> {
    /// Refuses a request from a listed IP address, where the site wants that.
    pub(super) fn refuse_listed_client(&self, address: &ByteStr, remote: &[u8]) -> Result<(), Refused> {
        let asks = self.site.settings.truth(settings::BLOCK_SPAMHAUS_LISTED_IP_SUBSCRIBE);
        if !asks || !is_listed_client(self.dns, remote) {
            return Ok(());
        }
        let name = self.list.real_name();
        self.log("vette", &[&name, b" banned subscription: ", address, b" from ", remote, b" (Spamhaus IP)"]);
        Err(Refused::Banned { pattern: "Spamhaus IP".into() })
    }

    /// Refuses an address of a listed domain, where the site wants that. A list that does not answer lists nobody.
    pub(super) fn refuse_listed(&self, address: &ByteStr) -> Result<(), Refused> {
        if !self.site.settings.truth(settings::BLOCK_SPAMHAUS_LISTED_DBL_SUBSCRIBE) || !is_listed(self.dns, address) {
            return Ok(());
        }
        let name = self.list.real_name();
        self.log("vette", &[&name, b" banned subscription: ", address, b" (Spamhaus DBL)"]);
        Err(Refused::Banned { pattern: "Spamhaus DBL".into() })
    }
}

/// What is no IP address, a list of them among that, is not listed.
fn is_listed_client(dns: &dyn Dns, remote: &[u8]) -> bool {
    let Some(address) = std::str::from_utf8(remote).ok().and_then(|text| text.parse().ok()) else { return false };
    let question = match address {
        IpAddr::V4(address) => reversed(address.octets().iter().map(ToString::to_string)),
        IpAddr::V6(address) => {
            reversed(address.octets().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| format!("{digit:x}")))
        }
    };
    let question = format!("{question}zen.spamhaus.org");
    let answer = dns.ask(question.as_bytes(), Kind::A, LIMITS);
    answer.is_ok_and(|answer| codes(&answer).iter().any(|code| matches!(code, [127, 0, 0, 2..=7])))
}

fn reversed(labels: impl DoubleEndedIterator<Item = String>) -> String {
    labels.rev().map(|label| label + ".").collect()
}

fn is_listed(dns: &dyn Dns, address: &[u8]) -> bool {
    let address = address.to_ascii_lowercase();
    let Some(at) = address.iter().position(|&b| b == b'@') else { return false };
    let question = [&address[at + 1..], b".dbl.spamhaus.org"].concat();
    dns.ask(&question, Kind::A, LIMITS).is_ok_and(|answer| says_listed(&answer))
}

/// 127.0.1.255 means that the question was wrong.
fn says_listed(answer: &Answer) -> bool {
    let codes = codes(answer);
    codes.iter().any(|code| code.starts_with(&[127, 0, 1])) && !codes.contains(&[127, 0, 1, 255])
}

/// The addresses that an answer is made of.
fn codes(answer: &Answer) -> Vec<[u8; 4]> {
    let about = answer.records.iter().filter(|record| record.name.eq_ignore_ascii_case(&answer.final_name));
    let code = |record: &crate::dns::Record| match record.data {
        Data::Address(code) => Some(code),
        _ => None,
    };
    about.filter_map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{DnsError, Record};

    const V6: &str = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org";

    /// Answers with these addresses, and only to the questions for bad.test and two clients.
    struct List(Vec<[u8; 4]>);

    impl Dns for List {
        fn ask(&self, name: &[u8], kind: Kind, _limits: Limits) -> Result<Answer, DnsError> {
            let known = ["bad.test.dbl.spamhaus.org", "7.2.0.192.zen.spamhaus.org", V6];
            if !known.iter().any(|known| known.as_bytes() == name) || kind != Kind::A {
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

    #[test]
    fn a_listed_client_is_told_by_its_address() {
        let list = List(vec![[127, 0, 0, 4]]);
        assert!(is_listed_client(&list, b"192.0.2.7"));
        assert!(is_listed_client(&list, b"2001:db8::1"));
        assert!(!is_listed_client(&list, b"192.0.2.8"));
        assert!(!is_listed_client(&list, b"192.0.2.7, 192.0.2.8"));
        assert!(!is_listed_client(&List(vec![[127, 0, 0, 10]]), b"192.0.2.7"));
    }
}
