//! One entry, for a person at a terminal: what it is about, its metadata, its message.

use super::safe;
use compat::queue::look;
use compat::queue::{EntryError, EntryMessage, QueueFolders, QueueName};
use compat::value::Value;
use std::path::{Path, PathBuf};

/// More of a message is cut off.
const SHOWN: usize = 64 * 1024;

/// The file that `QUEUE/NAME` means, with or without an extension; a path of a file means that one.
pub fn find(folders: &QueueFolders, named: &str) -> Option<PathBuf> {
    let (queue, name) = named.split_once('/').unwrap_or(("", named));
    let queue = QueueName::ALL.into_iter().find(|known| known.folder() == queue);
    let in_queue = queue.filter(|_| !name.contains('/')).into_iter().flat_map(|queue| {
        ["", ".pck", ".bak", ".psv", ".hold"].map(|end| folders.of(queue).join(format!("{name}{end}")))
    });
    in_queue.chain([PathBuf::from(named)]).find(|path| path.is_file())
}

/// The entry in a file.
///
/// # Errors
/// It can't be read.
pub fn text(
    path: &Path,
    pprint: impl Fn(&Value) -> Vec<u8>,
    message_text: impl Fn(&Value) -> Option<Vec<u8>>,
) -> Result<String, EntryError> {
    let entry = look::read(path)?;
    let metadata = safe(&pprint(&entry.metadata.to_value()));
    let message = match &entry.message {
        EntryMessage::Raw(text) => text.to_vec(),
        EntryMessage::Object(value) => message_text(value).unwrap_or_else(|| pprint(value)),
    };
    let shown = safe(message.get(..SHOWN).unwrap_or(&message));
    let rest = message.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!("\n[{rest} more bytes: show_qfiles prints all]\n") } else { String::new() };
    Ok(format!("file      {}\nmetadata  {metadata}\n\n{shown}{more}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_with_and_without_its_extension() {
        let dir = tempfile::tempdir().unwrap();
        let folders = QueueFolders::below(dir.path());
        std::fs::create_dir_all(folders.of(QueueName::Shunt)).unwrap();
        let file = folders.of(QueueName::Shunt).join("1.5+aa.pck");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(find(&folders, "shunt/1.5+aa"), Some(file.clone()));
        assert_eq!(find(&folders, "shunt/1.5+aa.pck"), Some(file.clone()));
        assert_eq!(find(&folders, &file.to_string_lossy()), Some(file));
        assert_eq!(find(&folders, "shunt/../shunt/1.5+aa.pck"), None);
        assert_eq!(find(&folders, "in/1.5+aa"), None);
    }
}
