//! A site in a temporary folder with a list, and a sink as its mail server.

use super::smtp_sink::{Answers, Sink};
use crate::demo::new_list::{create, NewList, NewMember};
use compat::email::parser::parse;
use compat::email::Message;
use compat::list::{attributes, MailList};
use compat::names::by_name;
use compat::queue::Metadata;
use compat::site::{settings, Origin, Site, Version};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// The members of the list.
pub const MEMBERS: [NewMember; 4] = [
    NewMember { address: "anna@example.org", name: "Anna Field", digest: false },
    NewMember { address: "ben@example.net", name: "", digest: false },
    NewMember { address: "carla@example.com", name: "Carla \"C\" Stone", digest: false },
    NewMember { address: "dora+tag@example.org", name: "Dora, the = one", digest: false },
];

/// A site whose mail server is a sink.
pub struct Fixture {
    pub dir: tempfile::TempDir,
    pub site: Rc<Site>,
    pub sink: Sink,
    pub list: MailList,
}

impl Fixture {
    /// The list as this version has it; more settings by name.
    pub fn new(version: u8, answers: Answers, settings: &[(&str, Value)]) -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let sink = Sink::start(answers).unwrap();
        let mut site = Site::bare(dir.path(), Version { micro: version });
        let inner = Rc::get_mut(&mut site).unwrap();
        let mut set = |name: &str, value: Value| inner.settings.set(by_name(name), value, Origin::BuiltIn);
        set("SMTPHOST", Value::str("127.0.0.1"));
        set("SMTPPORT", Value::Int(sink.port().into()));
        set("DEFAULT_EMAIL_HOST", Value::str("lists.example.com"));
        set("DEFAULT_URL_HOST", Value::str("lists.example.com"));
        settings.iter().for_each(|(name, value)| set(name, value.clone()));
        for folder in ["data", "logs", "locks", "lists", "qfiles"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let mut newest = Site::bare(dir.path(), Version { micro: 39 });
        let defaults = &mut Rc::get_mut(&mut newest).unwrap().settings;
        for name in [settings::DEFAULT_EMAIL_HOST, settings::DEFAULT_URL_HOST] {
            defaults.set(name, Value::str("lists.example.com"), Origin::BuiltIn);
        }
        create(&newest, &NewList { name: "garden", owners: &["o@example.org"], members: &MEMBERS }).unwrap();
        let mut list = MailList::load(&site, "garden").unwrap();
        list.set(attributes::MSG_HEADER, Value::str(""));
        list.set(attributes::MSG_FOOTER, Value::str("-- \n%(real_name)s at %(host_name)s\n"));
        Fixture { dir, site, sink, list }
    }

    /// The lines of a log, without their times.
    pub fn log(&self, name: &str) -> Vec<String> {
        let bytes = std::fs::read(self.dir.path().join("logs").join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(|line| line.split_once(") ").unwrap_or_default().1.to_owned()).collect()
    }
}

/// A post of a member.
pub fn post() -> Message {
    parse(&ByteStr::from(
        "From: Anna <anna@example.org>\nTo: garden@lists.example.com\nMessage-ID: <m1@example.org>\nSubject: x\n\n.Hello\n",
    ))
}

/// Metadata of a post to these recipients.
pub fn entry(recipients: &[&str]) -> Metadata {
    let mut data = Metadata::new();
    data.set_str("listname", "garden");
    data.set_float("received_time", 1_772_000_000.25);
    data.set_strings("recips", recipients.iter().map(|r| ByteStr::from(*r)));
    data.set_int("tolist", 1);
    data
}

/// The addresses of all members.
pub fn everybody() -> Vec<&'static str> {
    MEMBERS.iter().map(|m| m.address).collect()
}
