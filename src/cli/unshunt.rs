//! `unshunt`, as Mailman's bin/unshunt: entries that failed go back into the queue that they came from.
//!
//! The new entry is on the disk before the old one goes. One that can't be moved stays where it is, under its own name.

use super::describe::word;
use super::tool::{complain, End, Tool};
use super::Call;
use crate::stderr::Stderr;
use clap::Command;
use compat::email::parser;
use compat::queue::{
    DequeueError, Entry, EntryMessage, EntryName, Outbox, QueueFolders, QueueName, Slice, Stage, Switchboard,
};
use compat::site::Site;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const TOOL: Tool = Tool { command };

/// The options of `unshunt`.
pub fn command() -> Command {
    Command::new("unshunt")
        .about("Put shunted entries back into their queues")
        .long_about("Put shunted entries back into the queues that they came from, where what remains of their way is done. The new entry is on disk before the old one goes. Entries that were never shunted do not say where they belong; they go to qfiles/in.")
        .args([
            word("DIRECTORY", "A folder instead of qfiles/shunt, or one entry as `queues stuck` names it (shunt/NAME.pck)"),
        ])
        .after_long_help("Exit status: 0, also when an entry could not be moved: standard error says so, and the entry stays. 1 for a mistake in the options or a folder that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    if parsed.words.len() > 1 {
        return TOOL.end(call, None, End::usage());
    }
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => return complain(&format!("unshunt: {error}\n")),
    };
    match all(&site, parsed.words.first()) {
        Ok(()) => 0,
        Err(error) => complain(&format!("unshunt: {error}\n")),
    }
}

fn all(site: &Site, directory: Option<&String>) -> Result<(), String> {
    let folders = QueueFolders::from_settings(&site.settings);
    let folders = Rc::new(folders.map_err(|error| error.to_string())?);
    let (dir, only) = asked(&folders, directory)?;
    let open = Switchboard::open(&dir, folders.of(QueueName::Bad), Slice::WHOLE);
    let mut queue = open.map_err(|error| error.to_string())?;
    queue.recover_backups().map_err(|error| error.to_string())?;
    queue
        .take_events()
        .iter()
        .filter(|event| event.is_trouble())
        .for_each(|event| site.log("error", event.to_string()));
    let is_asked = |name: &EntryName| only.as_deref().is_none_or(|only| name.as_str() == only);
    for name in queue.files().map_err(|error| error.to_string())?.into_iter().filter(is_asked) {
        if let Err(error) = one(&mut queue, &name, &folders) {
            // Scripts read this; the exit status stays 0.
            Stderr::Real.write(&format!("Cannot unshunt message {name}, skipping:\n{error}\n"));
        }
    }
    Ok(())
}

/// The folder of what is asked for, and the file's name where it is one entry. Python makes a folder that is not there.
fn asked(folders: &QueueFolders, word: Option<&String>) -> Result<(PathBuf, Option<String>), String> {
    let shunt = folders.of(QueueName::Shunt);
    let Some(word) = word else { return Ok((shunt.to_path_buf(), None)) };
    let given = PathBuf::from(word);
    let below = shunt.parent().unwrap_or(shunt).join(word);
    for path in [given, below, shunt.join(word)] {
        match (path.is_dir(), path.is_file(), path.parent(), path.file_stem()) {
            (true, ..) => return Ok((path, None)),
            (_, true, Some(dir), Some(name)) => {
                return Ok((dir.to_path_buf(), Some(name.to_string_lossy().into_owned())))
            }
            _ => {}
        }
    }
    Err(format!("{word}: neither a folder nor an entry of the shunt queue"))
}

fn one(queue: &mut Switchboard, name: &EntryName, folders: &Rc<QueueFolders>) -> Result<(), String> {
    let entry = match queue.dequeue(name) {
        Ok(entry) => entry,
        Err(DequeueError { stage: Stage::InWork, source, .. }) => {
            return Err(put_back(queue, name, source.to_string()))
        }
        Err(error) => return Err(error.source.to_string()),
    };
    match again(&entry, folders) {
        Ok(()) => queue.finish(name, false).map_err(|error| error.to_string()),
        Err(error) => Err(put_back(queue, name, error)),
    }
}

/// Python leaves NAME.bak, which counts against it the next time.
fn put_back(queue: &Switchboard, name: &EntryName, why: String) -> String {
    match queue.put_back(name) {
        Ok(()) => why,
        Err(error) => format!("{why}\n{error}"),
    }
}

fn again(entry: &Entry, folders: &Rc<QueueFolders>) -> Result<(), String> {
    let message = match &entry.message {
        // Python has parsed it by then, and writes it as an object.
        EntryMessage::Raw(text) => EntryMessage::Object(parser::parse(text).to_value()),
        object => object.clone(),
    };
    let mut outbox = Outbox::new(Rc::clone(folders));
    let target = target(entry, folders);
    outbox.enqueue_in(&target, &message, &entry.metadata).map_err(|error| error.to_string())?;
    outbox.commit().map(|_| ()).map_err(|error| error.to_string())
}

/// Where an entry came from. A folder that is none of this site's (it was moved, or the entry lies) means the queue of
/// the same name: Python would make the old folder, where no runner looks.
fn target(entry: &Entry, folders: &QueueFolders) -> PathBuf {
    let Some(named) = entry.metadata.str("whichq") else { return folders.of(QueueName::In).to_path_buf() };
    let named = Path::new(OsStr::from_bytes(&named)).to_path_buf();
    if folders.queue_of(&named).is_some() {
        return named;
    }
    let same_name = QueueName::ALL.into_iter().find(|queue| named.file_name() == Some(OsStr::new(queue.folder())));
    folders.of(same_name.unwrap_or(QueueName::In)).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::Metadata;
    use compat::value::Value;

    #[test]
    fn an_entry_is_asked_for_by_the_name_that_it_is_told_under() {
        let home = tempfile::tempdir().unwrap();
        let folders = QueueFolders::below(home.path());
        std::fs::create_dir(home.path().join("shunt")).unwrap();
        std::fs::write(home.path().join("shunt/1.5+aa.pck"), "x").unwrap();
        let found = |word: &str| asked(&folders, Some(&word.to_string())).ok().and_then(|(_, only)| only);
        assert_eq!(found("shunt/1.5+aa.pck").as_deref(), Some("1.5+aa"));
        assert_eq!(found("1.5+aa.pck").as_deref(), Some("1.5+aa"));
        assert!(asked(&folders, Some(&"shunt/1.5+bb.pck".to_string())).is_err());
        assert!(!home.path().join("shunt/1.5+bb.pck").exists());
        assert_eq!(asked(&folders, None), Ok((home.path().join("shunt"), None)));
    }

    #[test]
    fn an_entry_goes_to_a_queue_of_this_site() {
        let folders = QueueFolders::below(Path::new("/site/qfiles"));
        let to = |whichq: Option<&str>| {
            let metadata = whichq.map_or_else(Metadata::new, |q| Metadata::new().with("whichq", Value::str(q)));
            target(&Entry { message: EntryMessage::Raw("x".into()), metadata }, &folders).display().to_string()
        };
        assert_eq!(to(None), "/site/qfiles/in");
        assert_eq!(to(Some("/site/qfiles/out")), "/site/qfiles/out");
        assert_eq!(to(Some("/old/mailman/qfiles/commands")), "/site/qfiles/commands");
        assert_eq!(to(Some("/etc/cron.d")), "/site/qfiles/in");
    }
}
