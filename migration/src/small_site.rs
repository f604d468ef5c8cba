//! A small site of 2.1.13 for the tests of a move: a list, mail in queues, a held message, an archive, a log.

use crate::{Engine, Process};
use compat::pickle::{self, Protocol};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::Site;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Nothing runs, and everything can be run.
pub struct AtRest;

impl Engine for AtRest {
    fn has_handler(&self, _: &Site, _: &ByteStr) -> bool {
        true
    }
    fn has_runner(&self, _: &str) -> bool {
        true
    }
    fn processes(&self, _: &Site) -> Vec<Process> {
        Vec::new()
    }
}

/// Makes it.
pub fn make(home: &Path) -> Rc<Site> {
    for folder in ["Mailman", "lists/garden", "data", "locks", "logs", "spam", "qfiles/retry", "archives/public"] {
        fs::create_dir_all(home.join(folder)).unwrap();
    }
    put(home, "Mailman/Version.py", b"VERSION = '2.1.13'\n");
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
    let group = nix::unistd::Group::from_gid(nix::unistd::getegid()).unwrap().unwrap().name;
    let settings = format!(
        "from Defaults import *\nMAILMAN_USER = '{user}'\nMAILMAN_GROUP = '{group}'\nDEFAULT_EMAIL_HOST = 'old.example'\n\
         DEFAULT_URL_HOST = 'www.old.example'\nadd_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)\n"
    );
    put(home, "Mailman/mm_cfg.py", settings.as_bytes());
    put(home, "lists/garden/config.pck", &config());
    fs::hard_link(home.join("lists/garden/config.pck"), home.join("lists/garden/config.pck.last")).unwrap();
    put(home, "lists/garden/digest.mbox", b"From x\n\nhalf a digest\n");
    put(home, "data/heldmsg-garden-1.txt", b"Subject: held\nMessage-ID: <held@example.org>\n\nx\n");
    put(home, "logs/post", b"Jan 01 00:00:00 2026 (1) post to garden\n");
    put(home, "archives/private/garden.mbox/garden.mbox", b"From x\nMessage-ID: <1@example.org>\n\nx\n");
    put(home, "archives/private/garden/index.html", b"<a href=\"http://www.old.example/pipermail/garden\">x</a>\n");
    let archive = home.join("archives/private/garden");
    std::os::unix::fs::symlink(archive, home.join("archives/public/garden")).unwrap();
    fs::write(home.join("lists").join(std::ffi::OsStr::from_bytes(b"odd\n\xff\\name")), "any bytes").unwrap();
    let folders = Rc::new(QueueFolders::below(&home.join("qfiles")));
    for (queue, number) in [(QueueName::In, 1), (QueueName::Shunt, 2), (QueueName::Bounces, 3)] {
        enqueue(&folders, queue, number);
    }
    Site::open(home).unwrap()
}

/// A message into a queue; one in `shunt` came from `in`.
pub fn enqueue(folders: &Rc<QueueFolders>, queue: QueueName, number: u32) {
    let mut metadata = Metadata::new().with("listname", Value::str("garden"));
    if queue == QueueName::Shunt {
        metadata.set_str("whichq", folders.of(QueueName::In).as_os_str().as_bytes());
    }
    let text = format!("From: ann@example.org\nMessage-ID: <m{number}@example.org>\n\nmoss\n");
    let mut outbox = Outbox::new(Rc::clone(folders));
    outbox.enqueue(queue, &EntryMessage::Raw(text.into()), &metadata).unwrap();
    outbox.commit().unwrap();
}

fn config() -> Vec<u8> {
    let members: Dict = [(ByteStr::from("ann@example.org"), Value::Int(0))].into_iter().collect();
    let dict: Dict = [
        (ByteStr::from("host_name"), Value::str("old.example")),
        (ByteStr::from("web_page_url"), Value::str("http://www.old.example/mailman/")),
        (ByteStr::from("members"), Value::dict(members)),
    ]
    .into_iter()
    .collect();
    pickle::dumps(&Value::dict(dict), Protocol::P1).unwrap()
}

fn put(home: &Path, name: &str, bytes: &[u8]) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Every file below a folder with its contents, and every link with where it leads; without what a restore notes.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_noted = |path: &Path| path.to_string_lossy().contains("mailman2-rs");
    let items = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let entry = |path: PathBuf| {
        let about = fs::symlink_metadata(&path).unwrap();
        let bytes = match about.is_symlink() {
            true => fs::read_link(&path).unwrap().into_os_string().as_bytes().to_vec(),
            false => fs::read(&path).unwrap_or_default(),
        };
        (path.strip_prefix(folder).unwrap().to_path_buf(), bytes)
    };
    items
        .map(|item| item.into_path())
        .filter(|path| !path.is_dir() || path.is_symlink())
        .filter(|path| !is_noted(path))
        .map(entry)
        .collect()
}
