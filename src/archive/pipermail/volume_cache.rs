//! What a runner keeps of archives between posts.
//!
//! Reading a volume takes as long as it is large. So the volumes of the lists that were archived last stay in memory, up
//! to a bound, and for as long as posts keep coming. Whether the files are still those that were left is asked each time
//! (inode, length, times): another engine, or `bin/arch`, may have been there.

use super::volume_data::VolumeData;
use compat::ByteStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much memory all of it may take, about.
const LIMIT: usize = 96 << 20;
/// How long a volume stays that no post asks for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Volumes between two posts.
#[derive(Default)]
pub struct VolumeCache {
    volumes: Vec<KeptVolume>,
}

struct KeptVolume {
    folder: PathBuf,
    volume: VolumeData,
    size: usize,
    used: Instant,
}

impl VolumeCache {
    /// Takes a volume out, if it is there.
    pub fn take(&mut self, folder: &Path, name: &ByteStr) -> Option<VolumeData> {
        let at = self.volumes.iter().position(|entry| entry.folder == folder && entry.volume.name == *name)?;
        Some(self.volumes.remove(at).volume)
    }

    /// Puts a volume away whose files are closed. Those that were not used for the longest time make room.
    pub fn put(&mut self, folder: &Path, volume: VolumeData) {
        let size = volume.size();
        self.volumes.push(KeptVolume { folder: folder.to_owned(), volume, size, used: Instant::now() });
        while !self.volumes.is_empty() && self.volumes.iter().map(|entry| entry.size).sum::<usize>() > LIMIT {
            self.volumes.remove(0);
        }
    }

    /// Forgets what no post asked for in a while.
    pub fn forget_old(&mut self) {
        self.volumes.retain(|entry| entry.used.elapsed() < PATIENCE);
    }

    /// Forgets all: what was left in the files is not sure.
    pub fn forget_all(&mut self) {
        self.volumes.clear();
    }

    /// Whether there is anything to forget.
    pub fn is_empty(&self) -> bool {
        self.volumes.is_empty()
    }
}
