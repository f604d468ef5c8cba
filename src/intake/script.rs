//! The addresses of a list, as Mailman's scripts (`scripts/post` and its siblings) tell them apart: into which queue a
//! mail goes, and what its metadata say.

use crate::error::HandlerError;
use crate::notice::site_email;
use compat::queue::{Metadata, QueueName};
use compat::site::{settings, Site};
use compat::value::Value;

/// One kind of address.
#[derive(Debug, PartialEq)]
pub struct Script {
    /// The wrapper's word for it.
    pub name: &'static str,
    /// The queue.
    pub queue: QueueName,
    /// Who speaks in the error log.
    pub label: &'static str,
    /// What is said where no list is named.
    pub nameless: &'static str,
    /// What is said where there is no such list, without its name.
    pub unknown: &'static str,
    /// The metadata's mark.
    mark: Option<&'static str>,
}

/// All of them. `admin`, `subscribe` and `unsubscribe` are copies of `bounces`, `join` and `leave`, and speak as such.
const SCRIPTS: &[Script] = &[
    Script {
        name: "post",
        queue: QueueName::In,
        label: "post",
        nameless: "post script got no listname.",
        unknown: "post script, list not found: ",
        mark: Some("tolist"),
    },
    Script {
        name: "request",
        queue: QueueName::Commands,
        label: "mailcmd",
        nameless: "mailcmd script got no listname.",
        unknown: "mailcmd script, list not found: ",
        mark: Some("torequest"),
    },
    Script {
        name: "owner",
        queue: QueueName::In,
        label: "mailowner",
        nameless: "mailowner got no listname.",
        unknown: "mailowner script, list not found: ",
        mark: Some("toowner"),
    },
    BOUNCES,
    Script { name: "admin", ..BOUNCES },
    Script {
        name: "confirm",
        queue: QueueName::Commands,
        label: "confirm",
        nameless: "confirm script got no listname.",
        unknown: "confirm script, list not found: ",
        mark: Some("toconfirm"),
    },
    JOIN,
    Script { name: "subscribe", ..JOIN },
    LEAVE,
    Script { name: "unsubscribe", ..LEAVE },
];

const BOUNCES: Script = Script {
    name: "bounces",
    queue: QueueName::Bounces,
    label: "bounces",
    nameless: "bounces script got no listname.",
    unknown: "bounces script, list not found: ",
    mark: None,
};
const JOIN: Script = Script {
    name: "join",
    queue: QueueName::Commands,
    label: "join",
    nameless: "join script got no listname.",
    unknown: "join script, list not found: ",
    mark: Some("tojoin"),
};
const LEAVE: Script = Script {
    name: "leave",
    queue: QueueName::Commands,
    label: "leave",
    nameless: "leave script got no listname.",
    unknown: "leave script, list not found: ",
    mark: Some("toleave"),
};

impl Script {
    /// By the wrapper's exact word.
    pub fn named(name: &[u8]) -> Option<&'static Script> {
        SCRIPTS.iter().find(|script| script.name.as_bytes() == name)
    }

    /// What an entry for a list says about itself. Mail to owners carries its own pipeline and sender.
    ///
    /// # Errors
    /// A setting that this needs is missing.
    pub fn metadata(&self, site: &Site, list: &[u8]) -> Result<Metadata, HandlerError> {
        let mut metadata = Metadata::new().with("listname", Value::str(list));
        if let Some(mark) = self.mark {
            metadata.set(mark, Value::Int(1));
        }
        if self.mark == Some("toowner") {
            metadata.set("envsender", Value::Str(site_email(site, None, Some("bounces"))?));
            let pipeline = site.settings.strings(settings::OWNER_PIPELINE)?;
            metadata.set("pipeline", Value::list(pipeline.into_iter().map(Value::Str).collect()));
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    #[test]
    fn only_exact_words_are_commands() {
        for name in ["Post", "mailcmd", "mailowner", "post ", "", "driver", "../bin/rmlist"] {
            assert!(Script::named(name.as_bytes()).is_none(), "{name}");
        }
        assert_eq!(Script::named(b"admin").unwrap().label, "bounces");
        assert_eq!(Script::named(b"unsubscribe").unwrap().unknown, "leave script, list not found: ");
    }

    #[test]
    fn mail_to_owners_takes_its_own_way() {
        let site = Site::bare(Path::new("/nowhere"), Version::parse("2.1.39").unwrap());
        let metadata = Script::named(b"owner").unwrap().metadata(&site, b"club").unwrap();
        assert_eq!(metadata.int("toowner"), Some(1));
        assert!(metadata.str("envsender").unwrap().starts_with(b"mailman-bounces@"));
        assert_eq!(metadata.strings("pipeline").unwrap(), site.settings.strings(settings::OWNER_PIPELINE).unwrap());
        let bounce = Script::named(b"admin").unwrap().metadata(&site, b"club").unwrap();
        assert_eq!(bounce, Metadata::new().with("listname", Value::str("club")));
    }
}
