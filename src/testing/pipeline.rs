//! A small site with one list, for the tests of handlers.

use crate::dns::{Closed, Dns};
use crate::error::HandlerError;
use crate::pipeline::{Context, Verdict};
use compat::email::message::Message;
use compat::email::parser;
use compat::list::{ListCache, LockedList, MailList};
use compat::pickle::{self, Protocol};
use compat::queue::{Metadata, Outbox, QueueFolders};
use compat::site::{settings, Site, Version};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::fs;
use std::rc::Rc;

/// The site, its list `club`, a message and what belongs to it.
pub struct Fixture {
    pub site: Rc<Site>,
    pub list: LockedList,
    pub msg: Message,
    pub data: Metadata,
    pub outbox: Outbox,
    pub dns: Box<dyn Dns>,
    _home: tempfile::TempDir,
}

/// The versions that are compared throughout.
pub const OLD: Version = Version { micro: 13 };
pub const NEW: Version = Version { micro: 39 };

impl Fixture {
    /// The list with these attributes over a few usual ones, and a message.
    pub fn new(version: Version, attributes: &[(&str, Value)], message: &[u8]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let site = Site::bare(home.path(), version);
        for name in [settings::LIST_DATA_DIR, settings::LOCK_DIR, settings::LOG_DIR, settings::DATA_DIR] {
            fs::create_dir_all(site.settings.path(name)).unwrap();
        }
        fs::create_dir_all(site.settings.path(settings::LIST_DATA_DIR).join("club")).unwrap();
        let config = pickle::dumps(&Value::dict(config(attributes)), Protocol::P1).unwrap();
        fs::write(site.settings.path(settings::LIST_DATA_DIR).join("club/config.pck"), config).unwrap();
        let list = ListCache::default().lock(&site, &"club".into(), None).unwrap();
        let outbox = Outbox::new(Rc::new(QueueFolders::below(&home.path().join("qfiles"))));
        fs::create_dir_all(home.path().join("qfiles")).unwrap();
        let msg = parser::parse(&ByteStr::from(message));
        Fixture { site, list, msg, data: Metadata::new(), outbox, dns: Box::new(Closed), _home: home }
    }

    /// Runs something on all of it.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut Context<'_>) -> T) -> T {
        work(&mut Context {
            site: &self.site,
            list: &mut self.list,
            msg: &mut self.msg,
            data: &mut self.data,
            outbox: &mut self.outbox,
            dns: &*self.dns,
            language: "en".into(),
        })
    }

    /// Runs a handler that must not fail.
    pub fn handle(&mut self, handler: fn(&mut Context<'_>) -> Result<Verdict, HandlerError>) -> Verdict {
        self.run(|ctx| handler(ctx).unwrap())
    }

    /// What a handler says that must fail.
    pub fn error(&mut self, handler: fn(&mut Context<'_>) -> Result<Verdict, HandlerError>) -> String {
        self.run(|ctx| handler(ctx).unwrap_err().to_string())
    }

    /// What a log holds, without the stamps.
    pub fn log(&self, name: &str) -> String {
        let text = fs::read_to_string(self.site.settings.path(settings::LOG_DIR).join(name)).unwrap_or_default();
        text.lines().map(|line| line.split_once(") ").map_or(line, |(_, entry)| entry)).collect::<Vec<_>>().join("\n")
    }
}

fn config(attributes: &[(&str, Value)]) -> Dict {
    let mut dict = Dict::new();
    for name in ["members", "digest_members", "user_options", "delivery_status", "language", "usernames", "passwords"] {
        dict.set(name, Value::dict(Dict::new()));
    }
    for (name, text) in [
        ("real_name", "Club"),
        ("_internal_name", "club"),
        ("host_name", "lists.example.com"),
        ("web_page_url", "http://lists.example.com/mailman/"),
        ("preferred_language", "en"),
        ("description", ""),
        ("subject_prefix", "[Club] "),
    ] {
        dict.set(name, Value::str(text));
    }
    dict.set("post_id", Value::Float(7.0));
    dict.set("next_request_id", Value::Int(1));
    dict.set("available_languages", Value::list(vec![Value::str("en")]));
    dict.set("include_rfc2369_headers", Value::Int(1));
    dict.set("include_list_post_header", Value::Int(1));
    dict.set("archive", Value::Int(1));
    for (name, value) in attributes {
        dict.set(*name, value.clone());
    }
    dict
}

/// A dictionary of members with their options.
pub fn members(options: &[(&str, i64)]) -> [(&'static str, Value); 2] {
    let plain = options.iter().map(|(address, _)| (ByteStr::from(*address), Value::Int(0))).collect();
    let bits = options.iter().map(|(address, bits)| (ByteStr::from(*address), Value::Int(*bits))).collect();
    [("members", Value::dict(plain)), ("user_options", Value::dict(bits))]
}

/// The list as a plain one, for functions that need no more.
impl AsRef<MailList> for Fixture {
    fn as_ref(&self) -> &MailList {
        &self.list
    }
}
