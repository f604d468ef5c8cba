//! Values that are put right whenever a list is read (`MailList.CheckValues`). What is put right stays so only if the
//! list is saved later.

use super::urls::url_parts;
use super::MailList;
use crate::format::{percent_args, text_of};
use crate::list::attributes;
use crate::pattern::{Flags, Pattern};
use crate::site::{settings, Profile, Switch};
use crate::value::{UniStr, Value};
use crate::ByteStr;

impl MailList {
    /// The same for values that were changed since the list was read.
    pub fn check_again(&mut self) {
        self.check_values();
    }

    pub(super) fn check_values(&mut self) {
        self.check_web_page_url();
        self.check_reply_to_address();
        self.check_topics();
    }

    fn check_web_page_url(&mut self) {
        let Some(stored) = self.get(attributes::WEB_PAGE_URL).and_then(Value::as_str).cloned() else { return };
        let (scheme, host, _) = url_parts(&stored);
        let mut url = stored.clone();
        if scheme.is_empty() || host.is_empty() {
            url = self.default_url();
        }
        if !url.is_empty() && !url.ends_with(b"/") {
            url = ByteStr::new([&url[..], b"/"].concat());
        }
        if url != stored {
            self.set(attributes::WEB_PAGE_URL, Value::Str(url));
        }
    }

    fn default_url(&self) -> ByteStr {
        let settings = &self.site.settings;
        settings.optional_str(settings::DEFAULT_URL).unwrap_or_else(|| {
            let pattern = settings.get(settings::DEFAULT_URL_PATTERN).cloned().unwrap_or(Value::str(""));
            let host = settings.get(settings::DEFAULT_URL_HOST).cloned().unwrap_or(Value::str(""));
            percent_args(&pattern, &host).map_or_else(|_| ByteStr::default(), |url| text_of(&url))
        })
    }

    fn check_reply_to_address(&mut self) {
        let address = self.str(attributes::REPLY_TO_ADDRESS);
        if address.trim_ascii().is_empty()
            || !self.truth(attributes::REPLY_GOES_TO_LIST)
            || self.is_valid_email(&address)
        {
            return;
        }
        let line = [&b"Bad reply_to_address \""[..], &address, b"\" cleared for list: ", &self.name].concat();
        self.site.log("error", line);
        self.set(attributes::REPLY_TO_ADDRESS, Value::str(""));
        self.set(attributes::REPLY_GOES_TO_LIST, Value::Int(0));
    }

    fn check_topics(&mut self) {
        let Some(topics) = self.get(attributes::TOPICS).and_then(Value::as_items) else { return };
        let good: Vec<Value> = topics.iter().filter(|topic| self.is_good_topic(topic)).cloned().collect();
        if good.len() != topics.len() {
            self.set(attributes::TOPICS, Value::list(good));
        }
    }

    /// A topic is a name, a pattern, a description and a flag. Where an older Mailman raises over a malformed one, and
    /// no message of the list gets through, it is dropped here too.
    fn is_good_topic(&self, topic: &Value) -> bool {
        let Some([_, pattern, _, _]) = topic.as_items() else {
            self.log_bad("Bad topic", &text_of(topic));
            return false;
        };
        let (text, is_unicode) = match pattern {
            Value::Str(text) => (text, false),
            Value::Unicode(UniStr(text)) => (text, true),
            other => {
                self.log_bad("Bad topic pattern", &text_of(other));
                return false;
            }
        };
        let pattern = self.topic_pattern(text);
        let good = match is_unicode {
            true => Pattern::new_for_bytes(&String::from_utf8_lossy(&pattern), Flags::default()).is_ok(),
            false => Pattern::new(&pattern, Flags::default()).is_ok(),
        };
        if !good {
            self.log_bad("Bad topic pattern", &pattern);
        }
        good
    }

    /// Newer versions join the lines of a pattern by `|`.
    fn topic_pattern(&self, pattern: &ByteStr) -> ByteStr {
        if !self.site.profile.has(Switch::TopicsByLine) {
            return pattern.clone();
        }
        let text = pattern.strip_suffix(b"\n").unwrap_or(pattern);
        let lines: Vec<&[u8]> =
            text.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        ByteStr::new(lines.join(&b"|"[..]))
    }

    fn log_bad(&self, what: &str, text: &[u8]) {
        let line = [what.as_bytes(), b" \"", text, b"\" for list: ", &self.name].concat();
        self.site.log("error", line);
    }

    /// `Utils.ValidateEmail`, by the rules of the site's version.
    pub fn is_valid_email(&self, address: &[u8]) -> bool {
        is_valid_email(&self.site.profile, address)
    }
}

/// `Utils.ValidateEmail`, for no list in particular.
pub fn is_valid_email(profile: &Profile, address: &[u8]) -> bool {
    if profile.has(Switch::ValidEmailStrict) {
        is_valid_strictly(address)
    } else {
        is_valid_loosely(address)
    }
}

fn is_control(byte: u8) -> bool {
    !(b' '..0x7f).contains(&byte)
}

/// What both versions ask: no blank, an `@` that is not the first, a dot in the domain.
fn is_qualified(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = address.iter().position(|&b| b == b'@').filter(|&at| at > 0)?;
    let domain = &address[at + 1..];
    (!address.contains(&b' ') && domain.contains(&b'.')).then_some((&address[..at], domain))
}

fn is_valid_strictly(address: &[u8]) -> bool {
    let bad = |b: &u8| b"[]()<>|:;^,\\\"".contains(b) || is_control(*b);
    let label = |l: &[u8]| !l.is_empty() && l[0] != b'-' && l.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    !address.iter().any(bad) && is_qualified(address).is_some_and(|(_, domain)| domain.split(|&b| b == b'.').all(label))
}

fn is_valid_loosely(address: &[u8]) -> bool {
    let bad = |b: &u8| b"[]()<>|;^,".contains(b) || is_control(*b);
    let quoted = |user: &[u8]| user.starts_with(b"\"") && user.ends_with(b"\"");
    let special = |b: &u8| b":\\\"".contains(b);
    !address.iter().any(bad)
        && !address.starts_with(b"-")
        && is_qualified(address).is_some_and(|(user, _)| quoted(user) || !user.iter().any(special))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.example", "A.b+c@x-y.example.org", "o'hara@b.example"] {
            assert!(is_valid_strictly(good.as_bytes()) && is_valid_loosely(good.as_bytes()), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@b", "a b@c.d", "a@b.c,d@e.f", "a\n@b.c"] {
            assert!(!is_valid_strictly(bad.as_bytes()) && !is_valid_loosely(bad.as_bytes()), "{bad}");
        }
        for old in ["a@-b.c", "a@b..c", "a@b_c.d", "\"a:b\"@c.d"] {
            assert!(!is_valid_strictly(old.as_bytes()) && is_valid_loosely(old.as_bytes()), "{old}");
        }
        assert!(is_valid_strictly(b"-a@b.c") && !is_valid_loosely(b"-a@b.c"));
    }
}
