//! The queues by name, the setting that says where each one is, and the folders of a site.

use crate::names::Place;
use crate::site::settings::{self, Setting};
use crate::site::{SettingError, Settings};
use std::path::{Path, PathBuf};

/// A queue of Mailman.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Posts to lists, as the MTA piped them in.
    In,
    /// Messages to be delivered.
    Out,
    /// Notices that Mailman wrote itself.
    Virgin,
    /// Bounces.
    Bounces,
    /// Mail to -request, -confirm, -join and -leave.
    Commands,
    /// Posts for a newsgroup.
    News,
    /// Posts for the archive.
    Archive,
    /// Messages that some recipients' hosts did not take yet.
    Retry,
    /// Entries that failed; a person decides.
    Shunt,
    /// Entries that could not be read, and files that content filtering kept.
    Bad,
}

impl QueueName {
    /// All of them.
    pub const ALL: [QueueName; 10] = [
        QueueName::In,
        QueueName::Out,
        QueueName::Virgin,
        QueueName::Bounces,
        QueueName::Commands,
        QueueName::News,
        QueueName::Archive,
        QueueName::Retry,
        QueueName::Shunt,
        QueueName::Bad,
    ];

    /// The setting that holds its folder.
    pub fn setting(self) -> Setting<Place> {
        match self {
            QueueName::In => settings::INQUEUE_DIR,
            QueueName::Out => settings::OUTQUEUE_DIR,
            QueueName::Virgin => settings::VIRGINQUEUE_DIR,
            QueueName::Bounces => settings::BOUNCEQUEUE_DIR,
            QueueName::Commands => settings::CMDQUEUE_DIR,
            QueueName::News => settings::NEWSQUEUE_DIR,
            QueueName::Archive => settings::ARCHQUEUE_DIR,
            QueueName::Retry => settings::RETRYQUEUE_DIR,
            QueueName::Shunt => settings::SHUNTQUEUE_DIR,
            QueueName::Bad => settings::BADQUEUE_DIR,
        }
    }

    /// The name of its folder below `qfiles` as Mailman ships it.
    pub fn folder(self) -> &'static str {
        match self {
            QueueName::In => "in",
            QueueName::Out => "out",
            QueueName::Virgin => "virgin",
            QueueName::Bounces => "bounces",
            QueueName::Commands => "commands",
            QueueName::News => "news",
            QueueName::Archive => "archive",
            QueueName::Retry => "retry",
            QueueName::Shunt => "shunt",
            QueueName::Bad => "bad",
        }
    }

    fn at(self) -> usize {
        self as usize
    }
}

/// Where each queue of a site is, spelled as the settings spell it: `whichq` in a shunted entry is this text.
#[derive(Clone, Debug)]
pub struct QueueFolders {
    folders: Vec<PathBuf>,
}

impl QueueFolders {
    /// The folders that a site's settings name.
    ///
    /// # Errors
    /// A setting is missing, or no string.
    pub fn from_settings(settings: &Settings) -> Result<QueueFolders, SettingError> {
        let folder = |queue: &QueueName| settings.str(queue.setting()).map(|_| settings.path(queue.setting()));
        Ok(QueueFolders { folders: QueueName::ALL.iter().map(folder).collect::<Result<_, _>>()? })
    }

    /// The usual folders below `qfiles`.
    pub fn below(qfiles: &Path) -> QueueFolders {
        QueueFolders { folders: QueueName::ALL.iter().map(|queue| qfiles.join(queue.folder())).collect() }
    }

    /// The folder of a queue.
    pub fn of(&self, queue: QueueName) -> &Path {
        self.folders.get(queue.at()).map_or(Path::new(""), PathBuf::as_path)
    }

    /// Which queue a folder is.
    pub fn queue_of(&self, dir: &Path) -> Option<QueueName> {
        QueueName::ALL.into_iter().find(|queue| self.of(*queue) == dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{defaults, Origin, Version};
    use crate::value::Value;

    #[test]
    fn every_queue_has_its_own_place() {
        let folders = QueueFolders::below(Path::new("/q"));
        for queue in QueueName::ALL {
            assert_eq!(folders.of(queue), Path::new("/q").join(queue.folder()));
            assert_eq!(folders.queue_of(folders.of(queue)), Some(queue));
        }
    }

    #[test]
    fn each_queue_is_where_its_setting_says() {
        let mut settings = defaults::settings(Version { micro: 39 }, Path::new("/srv/x"));
        settings.set(settings::CMDQUEUE_DIR, Value::str("/elsewhere"), Origin::BuiltIn);
        let folders = QueueFolders::from_settings(&settings).unwrap();
        assert_eq!(folders.of(QueueName::Commands), Path::new("/elsewhere"));
        assert_eq!(folders.of(QueueName::Shunt), Path::new("/srv/x/qfiles/shunt"));
        settings.remove(settings::BADQUEUE_DIR);
        assert!(QueueFolders::from_settings(&settings).is_err());
    }
}
