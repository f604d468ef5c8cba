//! A hand on the queues, as postsuper and exim have: an entry is put off, let go, put into another queue, or deleted.
//!
//! An entry that a runner has in work is left alone. What is put off has the extension `.hold`, which runners of either
//! engine pass over. What changes queues is written anew and safe there before it leaves its place.

use super::show;
use crate::error::HandlerError;
use compat::durable;
use compat::queue::look;
use compat::queue::{Metadata, Outbox, QueueFolders, QueueName};
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How often an entry was in work when its runner died. One that came back too often is set aside.
const BAK_COUNT: &str = "_bak_count";
/// Until when a retry waits.
pub(super) const DELIVER_AFTER: &str = "deliver_after";

/// Why an entry is where it was.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    #[error("no entry {0}")]
    NotFound(String),
    #[error("{0} is in work")]
    InWork(String),
    #[error("{entry} is not {wanted}")]
    NotSo { entry: String, wanted: &'static str },
    #[error("{0}: nothing says which queue it came from; name one with --to")]
    NoWayBack(String),
    #[error("{}: {}", path.display(), compat::format::os_error(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("{entry}: {reason}")]
    Unreadable { entry: String, reason: String },
    #[error(transparent)]
    Queue(#[from] HandlerError),
}

/// The queues of a site, to act on.
pub struct Hand {
    folders: Rc<QueueFolders>,
}

impl Hand {
    /// On these queues.
    pub fn new(folders: QueueFolders) -> Hand {
        Hand { folders: Rc::new(folders) }
    }

    /// Puts an entry off until it is released; its new name.
    ///
    /// # Errors
    /// It does not wait in a queue, or cannot be renamed.
    pub fn hold(&self, named: &str) -> Result<PathBuf, HandError> {
        let path = self.find(named)?;
        self.rename(named, &path, "pck", "hold", "an entry that waits")
    }

    /// Lets an entry go that was put off.
    ///
    /// # Errors
    /// It was not put off, or cannot be renamed.
    pub fn release(&self, named: &str) -> Result<PathBuf, HandError> {
        let path = self.find(named)?;
        self.rename(named, &path, "hold", "pck", "on hold")
    }

    fn rename(
        &self,
        named: &str,
        path: &Path,
        from: &str,
        to: &str,
        wanted: &'static str,
    ) -> Result<PathBuf, HandError> {
        if path.extension() != Some(OsStr::new(from)) {
            return Err(HandError::NotSo { entry: named.to_string(), wanted });
        }
        let target = path.with_extension(to);
        let moved = durable::rename(path, &target).and_then(|()| durable::sync_dir(durable::folder_of(path)));
        moved.map(|()| target).map_err(|error| gone_or(named, path, error))
    }

    /// Puts an entry into a queue as if it were new there: `to`, or where it came from. Returns the new name.
    ///
    /// # Errors
    /// It is in work, cannot be read, or nothing says where it came from. It is where it was then.
    pub fn requeue(&self, named: &str, to: Option<QueueName>) -> Result<String, HandError> {
        self.move_with(named, |path, data| {
            let origin = data.str("whichq").map(|dir| PathBuf::from(String::from_utf8_lossy(&dir).into_owned()));
            let here = self.folders.queue_of(durable::folder_of(path));
            let own = here.filter(|queue| !matches!(queue, QueueName::Shunt | QueueName::Bad));
            let target = to.or_else(|| origin.and_then(|dir| self.folders.queue_of(&dir))).or(own);
            let target = target.ok_or_else(|| HandError::NoWayBack(named.to_string()))?;
            data.remove("whichq");
            Ok(target)
        })
    }

    /// Sends an entry of `retry` out at once.
    ///
    /// # Errors
    /// As [`Hand::requeue`].
    pub fn retry_now(&self, named: &str) -> Result<String, HandError> {
        self.move_with(named, |_, data| {
            data.remove(DELIVER_AFTER);
            Ok(QueueName::Out)
        })
    }

    /// Takes an entry into work, writes it anew where `change` says, and then takes it away. Killed on the way, its
    /// runner brings it back: at worst it is there twice.
    fn move_with(
        &self,
        named: &str,
        change: impl FnOnce(&Path, &mut Metadata) -> Result<QueueName, HandError>,
    ) -> Result<String, HandError> {
        let path = self.find(named)?;
        let entry = look::read(&path);
        let mut entry =
            entry.map_err(|error| HandError::Unreadable { entry: named.into(), reason: error.to_string() })?;
        let target = change(&path, &mut entry.metadata)?;
        entry.metadata.remove(BAK_COUNT);
        let owned = self.own(named, &path)?;
        let mut outbox = Outbox::new(Rc::clone(&self.folders));
        let moved = outbox.enqueue(target, &entry.message, &entry.metadata);
        let committed = moved.and_then(|name| outbox.commit().map(|_| name));
        let name = committed.map_err(|error| {
            // Back to where it was; if even that fails, a start of its runner does it.
            let _ = durable::rename(&owned, &path);
            HandError::Queue(error.into())
        })?;
        durable::unlink(&owned).map_err(|source| HandError::Io { path: owned, source })?;
        Ok(format!("{}/{name}.pck", target.folder()))
    }

    /// Deletes an entry for good.
    ///
    /// # Errors
    /// It is in work, or cannot be removed.
    pub fn delete(&self, named: &str) -> Result<PathBuf, HandError> {
        let path = self.find(named)?;
        durable::unlink(&path).map_err(|error| gone_or(named, &path, error))?;
        let _ = durable::sync_dir(durable::folder_of(&path));
        Ok(path)
    }

    /// The file of an entry of a queue that no runner has in work.
    fn find(&self, named: &str) -> Result<PathBuf, HandError> {
        let path = show::find(&self.folders, named).ok_or_else(|| HandError::NotFound(named.to_string()))?;
        let is_ours = self.folders.queue_of(durable::folder_of(&path)).is_some();
        match path.extension().and_then(OsStr::to_str) {
            Some("bak") => Err(HandError::InWork(named.to_string())),
            Some("pck" | "hold" | "psv") if is_ours => Ok(path),
            _ => Err(HandError::NotFound(named.to_string())),
        }
    }

    /// An entry that waits is taken into work as a runner does, so that no runner has it too.
    fn own(&self, named: &str, path: &Path) -> Result<PathBuf, HandError> {
        if path.extension() != Some(OsStr::new("pck")) {
            return Ok(path.to_path_buf());
        }
        let owned = path.with_extension("bak");
        durable::rename(path, &owned).map(|()| owned).map_err(|error| gone_or(named, path, error))
    }
}

fn gone_or(named: &str, path: &Path, source: io::Error) -> HandError {
    match source.kind() {
        ErrorKind::NotFound => HandError::InWork(named.to_string()),
        _ => HandError::Io { path: path.to_path_buf(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::EntryMessage;
    use compat::value::Value;

    struct Queues {
        _dir: tempfile::TempDir,
        hand: Hand,
    }

    fn queues() -> Queues {
        let dir = tempfile::tempdir().unwrap();
        let hand = Hand::new(QueueFolders::below(dir.path()));
        for queue in QueueName::ALL {
            std::fs::create_dir_all(hand.folders.of(queue)).unwrap();
        }
        Queues { _dir: dir, hand }
    }

    impl Queues {
        fn put(&self, queue: QueueName, data: Metadata) -> String {
            let mut outbox = Outbox::new(Rc::clone(&self.hand.folders));
            let name = outbox.enqueue(queue, &EntryMessage::Raw("Subject: x\n\ny\n".into()), &data).unwrap();
            outbox.commit().unwrap();
            format!("{}/{name}", queue.folder())
        }

        fn count(&self, queue: QueueName) -> usize {
            std::fs::read_dir(self.hand.folders.of(queue)).unwrap().count()
        }
    }

    #[test]
    fn put_off_and_let_go() {
        let queues = queues();
        let name = queues.put(QueueName::Out, Metadata::new());
        assert!(queues.hand.hold(&name).unwrap().to_string_lossy().ends_with(".hold"));
        assert!(matches!(queues.hand.hold(&format!("{name}.hold")), Err(HandError::NotSo { .. })));
        assert!(queues.hand.release(&name).unwrap().exists());
        assert!(matches!(queues.hand.release(&name), Err(HandError::NotSo { .. })));
        assert!(matches!(queues.hand.hold("out/1.5+aa"), Err(HandError::NotFound(_))));
    }

    #[test]
    fn back_to_where_it_came_from_with_its_count_reset() {
        let queues = queues();
        let origin = queues.hand.folders.of(QueueName::In).to_string_lossy().into_owned();
        let data = Metadata::new().with("whichq", Value::str(origin)).with(BAK_COUNT, Value::Int(3));
        let name = queues.put(QueueName::Shunt, data);
        let moved = queues.hand.requeue(&name, None).unwrap();
        let entry = look::read(&show::find(&queues.hand.folders, &moved).unwrap()).unwrap();
        assert!(!entry.metadata.contains("whichq") && !entry.metadata.contains(BAK_COUNT));
        assert_eq!((queues.count(QueueName::In), queues.count(QueueName::Shunt)), (1, 0));
        let lost = queues.put(QueueName::Bad, Metadata::new());
        assert!(matches!(queues.hand.requeue(&lost, None), Err(HandError::NoWayBack(_))));
        assert!(queues.hand.requeue(&lost, Some(QueueName::Commands)).unwrap().starts_with("commands/"));
    }

    #[test]
    fn what_is_in_work_is_left_alone() {
        let queues = queues();
        let name = queues.put(QueueName::In, Metadata::new());
        let path = show::find(&queues.hand.folders, &name).unwrap();
        std::fs::rename(&path, path.with_extension("bak")).unwrap();
        assert!(matches!(queues.hand.delete(&name), Err(HandError::InWork(_))));
        assert!(matches!(queues.hand.requeue(&name, None), Err(HandError::InWork(_))));
        assert_eq!(queues.count(QueueName::In), 1);
    }
}
