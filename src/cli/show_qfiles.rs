//! `show_qfiles`, as Mailman's bin/show_qfiles: the messages of queue entries, one after the other.

use super::describe::{flag, words};
use super::tool::{complain, Tool};
use super::{pickled, print, print_bytes, Call};
use crate::privileges::as_caller;
use clap::Command;
use compat::queue::look;
use compat::queue::{EntryMessage, ENTRY_LIMIT};
use std::path::Path;

const TOOL: Tool = Tool { command };

/// The options of `show_qfiles`.
pub fn command() -> Command {
    Command::new("show_qfiles")
        .about("Print the messages of queue entries")
        .long_about("Print the message of each queue entry, after a line with the file's name. A file whose name does not end with .pck is printed as it is. The metadata is not shown; see dumpdb.")
        .args([
            flag("quiet", 'q', "No line before each message"),
            words("FILE", "Entries, such as qfiles/shunt/*.pck").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a file that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    if parsed.words.is_empty() {
        return TOOL.refuse(call, "Not enough arguments");
    }
    let quiet = !parsed.options.is_empty();
    for file in &parsed.words {
        if !quiet {
            print(&format!("====================> {file}\n"));
        }
        match text(Path::new(file)) {
            Ok(text) => print_bytes(&text),
            Err(error) => return complain(&format!("show_qfiles: {file}: {error}\n")),
        }
    }
    0
}

/// The message; a file of another name is shown as it is.
fn text(file: &Path) -> Result<Vec<u8>, String> {
    if !file.as_os_str().to_string_lossy().ends_with(".pck") {
        return as_caller(|| compat::durable::read_file(file, ENTRY_LIMIT)).map_err(|error| error.to_string());
    }
    match look::read(file).map_err(|error| error.to_string())?.message {
        EntryMessage::Raw(text) => Ok(text.to_vec()),
        EntryMessage::Object(value) => pickled::message_text(&value, false).ok_or_else(|| "no message".to_string()),
    }
}
