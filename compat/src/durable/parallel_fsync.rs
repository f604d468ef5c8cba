//! Many fsyncs at once.
//!
//! One after another, each makes the disk empty its cache. Asked for at the same time, the kernel brings all files down
//! with one commit. The threads live only as long as this, and each does nothing but that system call.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;
use std::thread::{self, Builder};

/// Maximum number of threads that wait at the same time, this one among them.
const WAITERS: usize = 8;
/// What a thread needs that makes one system call.
const STACK: usize = 64 << 10;

/// From this number on, the whole file system is synced first: one commit for all, where eight at a time would need
/// one for each eight. Fewer are not, since others' data goes with it.
const MANY: usize = 256;

/// fsync of each file, and what came of it.
pub(super) fn sync_each(files: &[&File]) -> Vec<io::Result<()>> {
    if let (Some(first), true) = (files.first(), files.len() >= MANY) {
        // Each file's own fsync reports what failed.
        let _ = nix::unistd::syncfs(first);
    }
    let next = AtomicUsize::new(0);
    let outcomes: Vec<OnceLock<io::Result<()>>> = files.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        while let Some((file, outcome)) = next_of(&next, files, &outcomes) {
            // Each place is filled once.
            let _ = outcome.set(file.sync_all());
        }
    };
    thread::scope(|scope| {
        for _ in 1..files.len().min(WAITERS) {
            // Where no thread is to be had, the others do its work.
            if Builder::new().stack_size(STACK).spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let unasked = || Err(io::Error::other("the file was not synced"));
    outcomes.into_iter().map(|outcome| outcome.into_inner().unwrap_or_else(unasked)).collect()
}

fn next_of<'a, T>(next: &AtomicUsize, files: &[&'a File], outcomes: &'a [T]) -> Option<(&'a File, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((*files.get(at)?, outcomes.get(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_synced_and_told_of_by_its_place() {
        let (read_end, _write_end) = nix::unistd::pipe().unwrap();
        let pipe = File::from(read_end);
        let good: Vec<File> = (0..20).map(|_| tempfile::tempfile().unwrap()).collect();
        let mut files: Vec<&File> = good.iter().collect();
        files.insert(11, &pipe);
        let outcomes = sync_each(&files);
        let bad: Vec<usize> = (0..files.len()).filter(|at| outcomes[*at].is_err()).collect();
        assert_eq!((outcomes.len(), bad), (21, vec![11]), "a pipe cannot be synced");
        assert!(sync_each(&[]).is_empty());
    }
}
