//! `inject`, as Mailman's bin/inject: a message from a file or from standard input into a queue.

use super::describe::{flag, value, word};
use super::getopt::Parsed;
use super::tool::Tool;
use super::Call;
use crate::privileges::as_caller;
use clap::Command;
use compat::list;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName, ENTRY_LIMIT};
use compat::site::{settings, Site};
use compat::value::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::rc::Rc;

const TOOL: Tool = Tool { command };

/// The options of `inject`.
pub fn command() -> Command {
    Command::new("inject")
        .about("Put a message into a queue")
        .long_about("Put a message into a queue, as a post to a list. Run it as the list user: the runners must be able to take the file.")
        .args([
            value("listname", 'l', "LIST", "The list that the message is for; required"),
            value("queue", 'q', "QUEUE", "A folder of qfiles instead of in"),
            flag("showqnames", 'L', "Accepted, and without effect, as in Mailman"),
            word("FILE", "The message as plain text; otherwise standard input"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, an unknown list, or an error.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    let done = Site::find().map_err(|error| error.to_string()).and_then(|site| inject(&site, &parsed));
    match done {
        Ok(()) => 0,
        Err(error) => TOOL.refuse(call, &error),
    }
}

fn option<'a>(parsed: &'a Parsed, short: &str, long: &str) -> Option<&'a String> {
    parsed.options.iter().rev().find(|(name, _)| name == short || name == long).map(|(_, value)| value)
}

fn inject(site: &Site, parsed: &Parsed) -> Result<(), String> {
    let folders = QueueFolders::from_settings(&site.settings);
    let folders = Rc::new(folders.map_err(|error| error.to_string())?);
    let dir = match option(parsed, "-q", "--queue") {
        Some(queue) => existing(site.settings.path(settings::QUEUE_DIR).join(queue))?,
        None => folders.of(QueueName::In).to_path_buf(),
    };
    let list = option(parsed, "-l", "--listname").ok_or("A list name is required")?.to_lowercase();
    if !list::exists(site, list.as_bytes()) {
        return Err(format!("No such list: {list}"));
    }
    let text = match parsed.words.as_slice() {
        [] => read(&mut io::stdin().lock()).map_err(|error| error.to_string()),
        [file] => as_caller(|| File::open(file))
            .and_then(|mut file| read(&mut file))
            .map_err(|error| format!("{file}: {error}")),
        _ => return Err(String::new()),
    }?;
    let metadata = Metadata::new().with("listname", Value::str(list)).with("tolist", Value::Int(1));
    let mut outbox = Outbox::new(folders);
    let put = outbox.enqueue_in(&dir, &EntryMessage::Raw(text.into()), &metadata).and_then(|_| outbox.commit());
    put.map(|_| ()).map_err(|error| error.to_string())
}

fn existing(dir: PathBuf) -> Result<PathBuf, String> {
    match dir.is_dir() {
        true => Ok(dir),
        false => Err(format!("Bad queue directory: {}", dir.display())),
    }
}

fn read(from: &mut dyn Read) -> Result<Vec<u8>, io::Error> {
    let mut text = Vec::new();
    from.take(ENTRY_LIMIT).read_to_end(&mut text).map(|_| text)
}
