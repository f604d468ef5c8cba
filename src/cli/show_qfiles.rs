//! `show_qfiles`, as Mailman's bin/show_qfiles: the messages of queue entries, one after the other.

use super::tool::{complain, Tool};
use super::{pickled, print, print_bytes, Call};
use compat::queue::look;
use compat::queue::{EntryMessage, ENTRY_LIMIT};
use std::path::Path;

const TOOL: Tool = Tool {
    help: "\
Show the messages of queue entries.

Usage: show_qfiles [options] FILE ...

    -q, --quiet   no line with the file's name before each message
    -h, --help    this text

For example: show_qfiles qfiles/shunt/*.pck
",
};

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parsed = match TOOL.options(call, "hq", &["help", "quiet"]) {
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
        return compat::durable::read_file(file, ENTRY_LIMIT).map_err(|error| error.to_string());
    }
    match look::read(file).map_err(|error| error.to_string())?.message {
        EntryMessage::Raw(text) => Ok(text.to_vec()),
        EntryMessage::Object(value) => pickled::message_text(&value, false).ok_or_else(|| "no message".to_string()),
    }
}
