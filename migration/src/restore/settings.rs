//! The settings of the restored site: the old file, and behind it lines for what the move changes.
//!
//! What a setting came to on the old machine is found by evaluating the old files; what it must be here follows from that, and
//! where the old files say something else here, a line says so. No line of the operator's is touched.

use super::path_map::{HostMap, PathMap};
use compat::format::repr;
use compat::names::by_name;
use compat::site::Settings;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::collections::BTreeMap;

const BEGIN: &str = "\n# mailman2-rs restore: what the move to this machine changes.\n";
const END: &str = "# mailman2-rs restore: end\n";

/// What is to be changed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub paths: PathMap,
    pub email_hosts: HostMap,
    pub url_hosts: HostMap,
    /// Settings that are what the caller says.
    pub fixed: Vec<(String, Value)>,
}

impl Change {
    /// What the text of a setting is here. Where both hosts have one name, the setting tells which is meant.
    fn text(&self, name: &str, text: &[u8]) -> Vec<u8> {
        let text = self.paths.text(text);
        match name {
            "DEFAULT_EMAIL_HOST" | "DEFAULT_HOST_NAME" => self.email_hosts.text(&text),
            _ => self.email_hosts.text(&self.url_hosts.text(&text)),
        }
    }

    fn value(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::Str(text) => Value::Str(ByteStr::new(self.text(name, text))),
            Value::Dict(dict) => Value::dict(self.hosts(dict)),
            other => other.clone(),
        }
    }

    /// VIRTUAL_HOSTS: web hosts with their mail hosts.
    fn hosts(&self, dict: &Dict) -> Dict {
        let text = |value: &Value| value.as_text().cloned();
        let mut changed = Dict::new();
        for (web, mail) in dict.iter() {
            let (Some(web), Some(mail)) = (text(web), text(mail)) else { return dict.clone() };
            changed.set(self.url_hosts.text(&web), Value::Str(ByteStr::new(self.email_hosts.text(&mail))));
        }
        changed
    }

    /// What every setting must be. Of the dictionaries only VIRTUAL_HOSTS names hosts.
    pub fn wanted(&self, old: &Settings) -> BTreeMap<String, Value> {
        let is_changed = |name: &str, value: &Value| matches!(value, Value::Str(_)) || name == "VIRTUAL_HOSTS";
        let names = old.names().into_iter().filter_map(|name| Some((name, old.get(by_name(name))?)));
        let mut wanted: BTreeMap<String, Value> = names
            .filter(|(name, value)| is_changed(name, value))
            .map(|(name, value)| (name.to_string(), self.value(name, value)))
            .collect();
        wanted.extend(self.fixed.iter().cloned());
        wanted
    }
}

/// The lines behind the old text for those settings of which `now` says something else.
pub fn with_lines(text: &[u8], wanted: &BTreeMap<String, Value>, now: &Settings) -> Vec<u8> {
    let differs = |(name, value): &(&String, &Value)| now.get(by_name(name)) != Some(value);
    let lines: Vec<String> =
        wanted.iter().filter(differs).map(|(name, value)| format!("{name} = {}\n", repr(value).to_latin1())).collect();
    if lines.is_empty() {
        return text.to_vec();
    }
    let end_of_line = if text.is_empty() || text.ends_with(b"\n") { "" } else { "\n" };
    [text, end_of_line.as_bytes(), BEGIN.as_bytes(), lines.concat().as_bytes(), END.as_bytes()].concat()
}

/// The names of those settings that are not what they must be.
pub fn wrong<'a>(wanted: &'a BTreeMap<String, Value>, now: &Settings) -> Vec<&'a str> {
    let is_wrong = |(name, value): &(&'a String, &Value)| now.get(by_name(name)) != Some(value);
    wanted.iter().filter(is_wrong).map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Origin;
    use std::path::PathBuf;

    fn settings(pairs: &[(&str, Value)]) -> Settings {
        let mut settings = Settings::default();
        pairs.iter().for_each(|(name, value)| settings.set(by_name(name), value.clone(), Origin::BuiltIn));
        settings
    }

    #[test]
    fn lines_say_only_what_differs() {
        let hosts = [(ByteStr::from("www.old.org"), Value::str("old.org"))].into_iter().collect();
        let old = settings(&[
            ("DATA_DIR", Value::str("/old/data")),
            ("MTA", Value::str("Postfix")),
            ("SMTPPORT", Value::Int(25)),
            ("VIRTUAL_HOSTS", Value::dict(hosts)),
        ]);
        let host = |old: &str, new: &str| HostMap(vec![(old.to_string(), new.to_string())]);
        let change = Change {
            paths: PathMap::new([(PathBuf::from("/old"), PathBuf::from("/it's"))]),
            email_hosts: host("old.org", "new.net"),
            url_hosts: host("www.old.org", "web.new.net"),
            fixed: vec![("MAILMAN_USER".to_string(), Value::str("list"))],
        };
        let wanted = change.wanted(&old);
        let text = with_lines(b"X = 1", &wanted, &old);
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().skip(3).collect();
        assert_eq!(
            lines,
            [
                "DATA_DIR = \"/it's/data\"",
                "MAILMAN_USER = 'list'",
                "VIRTUAL_HOSTS = {'web.new.net': 'new.net'}",
                "# mailman2-rs restore: end"
            ]
        );
        assert!(text.starts_with("X = 1\n\n# mailman2-rs restore: "));
        assert_eq!(wrong(&wanted, &old), ["DATA_DIR", "MAILMAN_USER", "VIRTUAL_HOSTS"]);
        assert_eq!(with_lines(b"X = 1", &BTreeMap::new(), &old), b"X = 1");
    }
}
