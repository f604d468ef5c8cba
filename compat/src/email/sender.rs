//! Who sent a message, in Mailman's eyes. Answers to `get_sender` and `get_senders` of `Mailman.Message`.

use super::address::{getaddresses, parseaddr};
use super::header::{decode_header, make_header, Layout};
use super::message::Message;
use super::text;
use crate::codecs;
use crate::ByteStr;

/// How Mailman reads the headers that name senders.
#[derive(Clone, Copy, Debug)]
pub struct SenderRules {
    /// USE_ENVELOPE_SENDER: the Sender header counts before the From header.
    pub sender_first: bool,
    /// Encoded words are decoded before the addresses are taken apart, so that a comma in a name ends an address. Up to
    /// 2.1.14.
    pub decode_first: bool,
    /// The addresses keep their case (`preserve_case`).
    pub keep_case: bool,
}

impl SenderRules {
    fn cased(&self, address: ByteStr) -> ByteStr {
        match self.keep_case || !address.iter().any(u8::is_ascii_uppercase) {
            true => address,
            false => address.to_ascii_lowercase().into(),
        }
    }

    fn one_line(&self, value: &ByteStr) -> ByteStr {
        let joined = || text::lines(value).collect::<Vec<_>>().concat().into();
        if self.decode_first {
            decoded_line(value).unwrap_or_else(joined)
        } else {
            joined()
        }
    }
}

/// Mailman's `Utils.oneline(value, 'us-ascii')`; none where Python falls back to the raw text.
fn decoded_line(value: &ByteStr) -> Option<ByteStr> {
    let words = decode_header(value).ok()?;
    let decoded = make_header(&words, &Layout::default()).ok()?.to_unicode().ok()?;
    let line = codecs::to_unistr(codecs::points(&decoded.0).filter(|&point| !ends_unicode_line(point)));
    codecs::encode(&line, "us-ascii", codecs::Errors::Replace).ok().map(ByteStr::from)
}

/// Where `unicode.splitlines` splits.
fn ends_unicode_line(point: u32) -> bool {
    matches!(point, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

impl Message {
    /// `get_sender()`: the address of the first of From and Sender that has one, else that of the envelope line, else
    /// nothing.
    pub fn sender(&self, rules: SenderRules) -> ByteStr {
        let order = if rules.sender_first { ["sender", "from"] } else { ["from", "sender"] };
        let first = |name: &str| {
            let value = self.get_str(name).filter(|value| !value.is_empty())?;
            let (_, address) = parseaddr(&rules.one_line(&value));
            (!address.is_empty()).then_some(address)
        };
        let address = order.into_iter().find_map(first).or_else(|| self.envelope_address());
        rules.cased(address.unwrap_or_default())
    }

    /// `get_senders()`: all addresses of these headers, None standing for the envelope line.
    pub fn senders(&self, headers: &[Option<ByteStr>], rules: SenderRules) -> Vec<ByteStr> {
        let mut found = Vec::new();
        for header in headers {
            match header {
                None => found.extend(self.envelope_address()),
                Some(name) => {
                    let values = self.get_all_str(&name.to_latin1());
                    let lines: Vec<ByteStr> = values.iter().map(|value| rules.one_line(value)).collect();
                    if !lines.is_empty() {
                        found.extend(getaddresses(&lines).into_iter().map(|(_, address)| address));
                    }
                }
            }
        }
        found.into_iter().map(|address| rules.cased(address)).collect()
    }

    /// The second word of the envelope line. Where there is none, Python's `get_sender` fails.
    fn envelope_address(&self) -> Option<ByteStr> {
        let line = self.unixfrom.as_ref()?;
        let second = line.split(|&b| text::is_space(b)).filter(|word| !word.is_empty()).nth(1);
        second.map(ByteStr::from)
    }
}
