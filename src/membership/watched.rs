//! What the history of changes says of a member's settings: what differs from before.

use super::described::FLAGS;
use compat::list::{DeliveryStatus, MailList};
use compat::value::Value;
use compat::ByteStr;

/// A member whose settings are about to be changed.
pub struct Watched {
    member: ByteStr,
    before: Settings,
}

#[derive(PartialEq)]
struct Settings {
    bits: i64,
    digest: bool,
    delivery: DeliveryStatus,
    language: ByteStr,
    name: Option<Value>,
    topics: Vec<ByteStr>,
}

impl Settings {
    fn of(list: &MailList, member: &ByteStr) -> Settings {
        Settings {
            bits: list.options_of(member),
            digest: list.is_digest_member(member) == Some(true),
            delivery: list.delivery_status(member),
            language: list.language_of(member),
            name: list.name_of(member).filter(Value::is_true),
            topics: list.topics_of(member),
        }
    }

    /// Whether names are the same texts, of whatever kind.
    fn has_same_name(&self, other: &Settings) -> bool {
        let text = |name: &Option<Value>| name.as_ref().map(|name| super::shown(name, b"utf-8"));
        text(&self.name) == text(&other.name)
    }

    fn difference(&self, after: &Settings) -> Vec<String> {
        let switched = |name: &str, on: bool| format!("{name} {}", if on { "on" } else { "off" });
        let bits = FLAGS.iter().filter(|(_, bit)| (self.bits ^ after.bits) & bit != 0);
        let mut all: Vec<String> = bits.map(|(name, bit)| switched(name, after.bits & bit != 0)).collect();
        if self.digest != after.digest {
            all.push(switched("digest", after.digest));
        }
        if self.delivery != after.delivery {
            all.push(format!("delivery {}", delivery(after.delivery)));
        }
        if self.language != after.language {
            all.push(format!("language {}", after.language));
        }
        if !self.has_same_name(after) {
            all.push("another name".to_string());
        }
        if self.topics != after.topics {
            let topics: Vec<String> = after.topics.iter().map(ToString::to_string).collect();
            all.push(match topics.is_empty() {
                true => "no topics".to_string(),
                false => format!("topics {}", topics.join("; ")),
            });
        }
        all
    }
}

fn delivery(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Enabled => "on",
        DeliveryStatus::ByUser => "off by the member",
        DeliveryStatus::ByAdmin => "off by an owner",
        DeliveryStatus::ByBounce => "off because of bounces",
        DeliveryStatus::Unknown => "off",
    }
}

impl Watched {
    /// Remembers how the settings are.
    pub fn begin(list: &MailList, member: &ByteStr) -> Watched {
        Watched { member: member.clone(), before: Settings::of(list, member) }
    }

    /// Notes what has become another.
    pub fn end(self, list: &MailList) {
        let changes = self.before.difference(&Settings::of(list, &self.member));
        if !changes.is_empty() {
            list.record(&[b"settings of ", &self.member, b": ", changes.join(", ").as_bytes()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::list::options;

    #[test]
    fn what_differs_is_told() {
        let before = Settings {
            bits: options::MODERATE,
            digest: false,
            delivery: DeliveryStatus::Enabled,
            language: "en".into(),
            name: Some(Value::str("Anna")),
            topics: vec!["Roses".into()],
        };
        let after = Settings {
            bits: options::ACKNOWLEDGE_POSTS,
            digest: true,
            delivery: DeliveryStatus::ByBounce,
            language: "de".into(),
            name: Some(Value::Unicode("Anna".into())),
            topics: vec!["Roses".into(), "Trees".into()],
        };
        let expected =
            ["ack on", "mod off", "digest on", "delivery off because of bounces", "language de", "topics Roses; Trees"];
        assert_eq!(before.difference(&after), expected);
        assert!(after.difference(&before).contains(&"topics Roses".to_string()));
        assert!(before.difference(&before).is_empty());
    }
}
