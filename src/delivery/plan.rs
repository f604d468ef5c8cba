//! Who gets the message together with whom, and under which envelope sender.
//!
//! Answers to `chunkify` and the VERP part of `verpdeliver` in Mailman's `SMTPDirect.py`.

use compat::format::{percent_bytes, FormatError};
use compat::value::Value;
use compat::ByteStr;

/// Top-level domains that share a bucket; everything else is in bucket 0.
fn bucket(address: &[u8]) -> usize {
    let Some(dot) = address.iter().rposition(|&b| b == b'.') else { return 0 };
    match address.get(dot + 1..).unwrap_or_default() {
        b"com" => 1,
        b"net" | b"org" => 2,
        b"edu" | b"us" | b"ca" => 3,
        _ => 0,
    }
}

/// Chunks of at most `size` recipients, never across buckets. With 0 or less all are one chunk.
pub fn chunkify(recipients: &[ByteStr], size: i64) -> Vec<Vec<ByteStr>> {
    let Ok(size @ 1..) = usize::try_from(size) else { return vec![recipients.to_vec()] };
    let mut buckets: [Vec<ByteStr>; 4] = Default::default();
    for recipient in recipients {
        if let Some(place) = buckets.get_mut(bucket(recipient)) {
            place.push(recipient.clone());
        }
    }
    buckets.iter().flat_map(|bucket| bucket.chunks(size)).map(<[ByteStr]>::to_vec).collect()
}

/// `Utils.ParseEmail`: lower-cased mailbox and domain; no domain where the `@` is missing or comes first.
pub fn parse_email(address: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let address = address.to_ascii_lowercase();
    match address.iter().position(|&b| b == b'@') {
        Some(at @ 1..) => {
            (address.get(..at).unwrap_or_default().to_vec(), Some(address.get(at + 1..).unwrap_or_default().to_vec()))
        }
        _ => (address, None),
    }
}

/// Why there is no VERP sender.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerpError {
    /// The recipient has no domain: there is no way to reach it, and no way to write its VERP address.
    #[error("unqualified recipient")]
    Unqualified,
    /// The envelope sender that VERP begins with has no domain.
    #[error("the envelope sender {0} has no domain")]
    SenderUnqualified(ByteStr),
    /// VERP_FORMAT cannot be filled in.
    #[error("VERP_FORMAT: {0}")]
    Format(#[from] FormatError),
}

/// The envelope sender for one recipient, as VERP_FORMAT writes it.
///
/// # Errors
/// A format that Python refuses, or an address without a domain.
pub fn verp_sender(format: &[u8], sender: &[u8], recipient: &[u8]) -> Result<Vec<u8>, VerpError> {
    let (bounces, site) = parse_email(sender);
    let (mailbox, host) = parse_email(recipient);
    let host = host.ok_or(VerpError::Unqualified)?;
    let site = site.ok_or_else(|| VerpError::SenderUnqualified(sender.into()))?;
    let values = [("bounces", Value::str(bounces)), ("mailbox", Value::str(mailbox)), ("host", Value::str(host))];
    let local = percent_bytes(format, &values)?;
    Ok([&local[..], b"@", &site[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunks(addresses: &str, size: i64) -> Vec<String> {
        let recipients: Vec<ByteStr> = addresses.split(' ').map(ByteStr::from).collect();
        let join = |chunk: &Vec<ByteStr>| chunk.iter().map(ByteStr::to_latin1).collect::<Vec<_>>().join(" ");
        chunkify(&recipients, size).iter().map(join).collect()
    }

    /// From the reference: `chunkify` of 2.1.39 with these arguments.
    #[test]
    fn buckets_are_filled_one_after_the_other() {
        let all = "a@x.com b@x.org c@x.de d@x.net e@x.edu f@x.com g@localhost h@x.ca i@x.COM";
        let wanted = ["c@x.de g@localhost", "i@x.COM", "a@x.com f@x.com", "b@x.org d@x.net", "e@x.edu h@x.ca"];
        assert_eq!(chunks(all, 2), wanted);
        assert_eq!(chunks("a@x.com b@x.org", 0), ["a@x.com b@x.org"]);
        assert_eq!(chunks("a@x.com b@x.org", -1), ["a@x.com b@x.org"]);
    }

    #[test]
    fn verp_addresses() {
        let verp = |sender: &str, recipient: &str| {
            verp_sender(b"%(bounces)s+%(mailbox)s=%(host)s", sender.as_bytes(), recipient.as_bytes())
                .map(|s| String::from_utf8_lossy(&s).into_owned())
        };
        let sent = verp("L-bounces@Lists.example.com", "Dora+tag@Example.org");
        assert_eq!(sent.as_deref(), Ok("l-bounces+dora+tag=example.org@lists.example.com"));
        assert_eq!(verp("l-bounces@x.org", "dora"), Err(VerpError::Unqualified));
        assert_eq!(verp("l-bounces@x.org", "@dora"), Err(VerpError::Unqualified));
        assert!(matches!(verp("l-bounces", "a@b"), Err(VerpError::SenderUnqualified(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]
        #[test]
        fn nobody_is_lost_and_no_chunk_too_long(tlds in proptest::collection::vec("com|net|org|ca|de|", 0..60), size in 1i64..9) {
            let all: Vec<ByteStr> = tlds.iter().enumerate().map(|(i, t)| format!("u{i}@x.{t}").into()).collect();
            let chunks = chunkify(&all, size);
            prop_assert!(chunks.iter().all(|c| !c.is_empty() && c.len() as i64 <= size));
            let (mut flat, mut all) = (chunks.concat(), all);
            flat.sort();
            all.sort();
            prop_assert_eq!(flat, all);
        }
    }
}
