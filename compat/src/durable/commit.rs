//! Files that become safe together.
//!
//! One post may become three queue entries, lines of a digest's mailbox and a new state of its list; several posts may
//! be worked on in a row. Each of these files has to be on the disk before the post may leave its queue, and the waiting
//! is shared: all are written, the kernel begins with all of them, then each is synced, all take their places, and each
//! folder is synced once. Nothing takes its place before everything is safe.

use super::consumed::Consumed;
use super::fault::{step, Op};
use super::parallel_fsync::sync_each;
use super::placed::{Before, Placed};
use super::{folder_of, sync_dirs, unlink_if_there, Append, NewFile};
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Maximum number of new files that are open; then those that wait are synced and closed early.
const OPEN_FILES: usize = 256;

/// What failed, and for which file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct CommitError {
    pub path: PathBuf,
    pub source: io::Error,
}

impl CommitError {
    pub(super) fn of(path: &Path) -> impl FnOnce(io::Error) -> CommitError + '_ {
        move |source| CommitError { path: path.to_owned(), source }
    }
}

/// Changes that wait for [`Commit::commit`]. Dropped without it, none of them ever was.
#[derive(Default)]
pub struct Commit {
    files: Vec<Placed>,
    appends: Vec<Append>,
    removals: Vec<PathBuf>,
    /// What goes when the new files are safe and before the states change that name it.
    consumed: Vec<Consumed>,
    /// What was set aside, and goes last.
    aside: Vec<PathBuf>,
    /// Files that were changed in place, and folders of which names have to be safe too.
    also: Vec<(File, PathBuf)>,
    folders: BTreeSet<PathBuf>,
}

/// How much was waiting at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    files: usize,
    appends: usize,
    removals: usize,
    consumed: usize,
}

impl Commit {
    /// Nothing yet.
    pub fn new() -> Commit {
        Commit::default()
    }

    /// A new file under its temporary name, which gets the target's.
    ///
    /// # Errors
    /// A file that cannot be synced or renamed; `CommitError` names it.
    pub fn place(&mut self, file: NewFile, target: PathBuf) -> Result<(), CommitError> {
        self.put(file, target, Before::Nothing)
    }

    /// The same for a target that may be there: it is as before when the commit fails.
    ///
    /// # Errors
    /// A file that cannot be synced or renamed; `CommitError` names it.
    pub fn place_over(&mut self, file: NewFile, target: PathBuf) -> Result<(), CommitError> {
        let mut name = target.clone().into_os_string();
        name.push(".before");
        self.put(file, target, Before::Passing { name: name.into(), kept: false })
    }

    /// The same for a file that has a state before: what is at the target gets the name `last`.
    ///
    /// # Errors
    /// A file that cannot be synced or renamed; `CommitError` names it.
    pub fn place_keeping(&mut self, file: NewFile, target: PathBuf, last: PathBuf) -> Result<(), CommitError> {
        self.put(file, target, Before::Last { name: last, kept: false })
    }

    /// The same for a file that may be there without the rest, such as one that tells how far a work has come.
    ///
    /// # Errors
    /// A file that cannot be synced or renamed; `CommitError` names it.
    pub fn place_for_good(&mut self, file: NewFile, target: PathBuf) -> Result<(), CommitError> {
        self.put(file, target, Before::Forgotten)
    }

    /// A file that was changed in place.
    pub fn sync_also(&mut self, file: File, path: PathBuf) {
        self.also.push((file, path));
    }

    fn put(&mut self, file: NewFile, target: PathBuf, before: Before) -> Result<(), CommitError> {
        self.files.push(Placed::new(file, target, before));
        match self.files.len() % OPEN_FILES {
            0 => make_safe(&mut self.files, &mut [], &[]),
            _ => Ok(()),
        }
    }

    /// Bytes at the end of a file. They are in the file at once, for who reads it meanwhile, and on the disk later.
    ///
    /// # Errors
    /// Bytes that cannot be written; the file has its old length again.
    pub fn append(&mut self, mut append: Append) -> Result<(), CommitError> {
        let outcome = append.hand_over();
        outcome.map_err(CommitError::of(append.path()))?;
        self.appends.push(append);
        Ok(())
    }

    /// A file that may go when everything else is safe, because what was in it is in another one.
    pub fn remove_afterwards(&mut self, path: PathBuf) {
        self.removals.push(path);
    }

    /// A file whose contents are in a new one, or that nobody wants, and that a state names, such as a held message. As
    /// soon as the new files of before are in place, and before the states are, it gets the name `aside`, and goes when
    /// all is safe. Killed behind that, the state still names it, and whoever finds `aside` knows that all was done, but
    /// for a power cut: then it may be there without the new files. These are not taken back any more.
    pub fn consume(&mut self, path: PathBuf, aside: PathBuf) {
        self.consumed.push(Consumed { path, aside, after: self.files.len() });
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        let removes_nothing = self.removals.is_empty() && self.consumed.is_empty();
        self.files.is_empty() && self.appends.is_empty() && removes_nothing && self.also.is_empty()
    }

    /// Whether something is to be removed: no later change should be put beside it.
    pub fn removes(&self) -> bool {
        !self.removals.is_empty() || !self.consumed.is_empty()
    }

    /// How much waits now.
    pub fn mark(&self) -> Mark {
        Mark {
            files: self.files.len(),
            appends: self.appends.len(),
            removals: self.removals.len(),
            consumed: self.consumed.len(),
        }
    }

    /// Takes back what came after a mark.
    pub fn back_to(&mut self, mark: Mark) {
        self.removals.truncate(mark.removals);
        self.consumed.truncate(mark.consumed);
        self.files.truncate(mark.files);
        // The last one first: each is cut back to the length that it found.
        while self.appends.len() > mark.appends {
            self.appends.pop();
        }
    }

    /// Makes everything safe and puts it in its place. When this returns it survives a power cut and its source may go.
    /// After an error the source must stay: what was put in place before the error is taken back where nobody took it
    /// up yet (a later duplicate otherwise, no loss), and nothing else remains.
    ///
    /// # Errors
    /// The first file that could not be synced or put in place; what was put in place before is named there.
    pub fn commit(&mut self) -> Result<(), CommitError> {
        let mut files = std::mem::take(&mut self.files);
        let outcome = self.commit_files(&mut files);
        if outcome.is_err() {
            files.iter().for_each(Placed::take_back);
            self.back_to(Mark::default());
            self.aside.clear();
        }
        outcome
    }

    /// Makes everything safe and puts it in its place, but leaves it to `next` to make the folders safe.
    ///
    /// # Errors
    /// The first file that could not be synced or put in place; what was put in place before is named there.
    pub fn commit_before(&mut self, next: &mut Commit) -> Result<(), CommitError> {
        let mut files = std::mem::take(&mut self.files);
        let outcome = self.put_in_place(&mut files);
        if outcome.is_err() {
            files.iter().for_each(Placed::take_back);
            self.back_to(Mark::default());
        }
        next.folders.extend(files.iter().map(|placed| folder_of(&placed.target).to_owned()));
        files.iter().filter(|_| outcome.is_ok()).for_each(Placed::forget_passing);
        next.appends.append(&mut self.appends);
        next.removals.append(&mut self.removals);
        next.aside.append(&mut self.aside);
        outcome
    }

    fn put_in_place(&mut self, files: &mut [Placed]) -> Result<(), CommitError> {
        let also = std::mem::take(&mut self.also);
        make_safe(files, &mut self.appends, &also)?;
        if !self.consumed.is_empty() {
            self.consume_with(files)?;
        }
        let rest = files.iter_mut().filter(|placed| !placed.taken);
        rest.into_iter().try_for_each(|placed| placed.take_place().map_err(CommitError::of(&placed.target)))
    }

    /// Puts what is no state in its place, and after each group of new files sets aside what they take the place of: of
    /// many posts that are decided about at most one is decided and still held, wherever this is killed.
    fn consume_with(&mut self, files: &mut [Placed]) -> Result<(), CommitError> {
        let consumed = std::mem::take(&mut self.consumed);
        let (mut rest, mut begin) = (files.iter_mut(), 0);
        for item in &consumed {
            let mut group: Vec<&mut Placed> = rest.by_ref().take(item.after.saturating_sub(begin)).collect();
            begin = item.after;
            take_places(group.iter_mut().map(|placed| &mut **placed))?;
            item.set_aside()?;
            self.aside.push(item.aside.clone());
            group.into_iter().for_each(Placed::keep_if_new);
        }
        take_places(rest)?;
        let new = files.iter_mut().filter(|placed| !placed.before.is_state());
        sync_folders(new.map(|placed| folder_of(&placed.target)))?;
        files.iter_mut().for_each(Placed::keep_if_new);
        Ok(())
    }

    fn commit_files(&mut self, files: &mut [Placed]) -> Result<(), CommitError> {
        self.put_in_place(files)?;
        let grown = self.appends.iter().filter(|append| append.is_new()).map(|append| folder_of(append.path()));
        let named = self.folders.iter().map(PathBuf::as_path);
        sync_folders(files.iter().map(|placed| folder_of(&placed.target)).chain(grown).chain(named))?;
        self.folders.clear();
        remove(std::mem::take(&mut self.removals))?;
        self.appends.drain(..).for_each(Append::keep);
        files.iter().for_each(Placed::forget_passing);
        // What stays is named by nothing.
        self.aside.drain(..).for_each(|path| drop(unlink_if_there(&path)));
        Ok(())
    }
}

/// Gives new files their names; states come later.
fn take_places<'a>(files: impl Iterator<Item = &'a mut Placed>) -> Result<(), CommitError> {
    let mut new = files.filter(|placed| !placed.before.is_state());
    new.try_for_each(|placed| placed.take_place().map_err(CommitError::of(&placed.target)))
}

/// Brings the names in some folders to the disk, each once.
fn sync_folders<'a>(folders: impl Iterator<Item = &'a Path>) -> Result<(), CommitError> {
    let dirs: BTreeSet<&Path> = folders.collect();
    sync_dirs(&dirs.into_iter().collect::<Vec<_>>())
        .map_err(|(dir, source)| CommitError { path: dir.to_owned(), source })
}

/// Once something is gone, nothing may be taken back any more: then what can't be removed stays.
fn remove(paths: Vec<PathBuf>) -> Result<(), CommitError> {
    for (removed, path) in paths.into_iter().enumerate() {
        match unlink_if_there(&path) {
            Err(source) if removed == 0 => return Err(CommitError { path, source }),
            _ => {}
        }
    }
    Ok(())
}

/// fsync of all, with all of them under way before the first wait. A file that was added to several times is synced
/// once, through the last.
fn make_safe(files: &mut [Placed], appends: &mut [Append], also: &[(File, PathBuf)]) -> Result<(), CommitError> {
    let mut files: Vec<&mut Placed> = files.iter_mut().filter(|placed| !placed.file.is_safe()).collect();
    let mut seen = HashSet::new();
    let mut lasts: Vec<&mut Append> =
        appends.iter_mut().rev().filter(|append| seen.insert(append.path().to_owned())).collect();
    for placed in &mut files {
        placed.file.start_writing_back().map_err(CommitError::of(&placed.target))?;
    }
    let mut open = Vec::with_capacity(files.len() + lasts.len() + also.len());
    for placed in &mut files {
        open.push(placed.file.written_out().map_err(CommitError::of(&placed.target))?);
    }
    for append in &mut lasts {
        let path = append.path().to_owned();
        open.push(append.written_out().map_err(CommitError::of(&path))?);
    }
    for (file, path) in also {
        step(Op::Sync, path, None).map_err(CommitError::of(path))?;
        open.push(file);
    }
    let mut outcomes = sync_each(&open).into_iter();
    let told = |synced: io::Result<()>, path: &Path| synced.map_err(CommitError::of(path));
    for (placed, outcome) in files.iter_mut().zip(&mut outcomes) {
        told(placed.file.synced(outcome), &placed.target)?;
    }
    for (append, outcome) in lasts.iter_mut().zip(&mut outcomes) {
        told(append.synced(outcome), append.path())?;
    }
    also.iter().zip(outcomes).try_for_each(|((_, path), outcome)| told(outcome, path))
}

#[cfg(test)]
mod tests {
    use super::super::fault::{self, Fault};
    use super::super::FILE_MODE;
    use super::*;
    use std::fs;
    use std::io::Write;

    const ENOSPC: i32 = nix::errno::Errno::ENOSPC as i32;

    /// A folder with a list's state, its mailbox, and a file that is to go.
    fn prepared() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let files = [("state", "old"), ("state.last", "older"), ("requests", "1"), ("mbox", "one\n"), ("gone", "x")];
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        fs::create_dir(dir.path().join("queue")).unwrap();
        dir
    }

    fn file(dir: &Path, name: &str) -> io::Result<NewFile> {
        let mut file = NewFile::create(dir.join(name), FILE_MODE)?;
        file.write_all(name.as_bytes())?;
        Ok(file)
    }

    fn add(commit: &mut Commit, dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
        commit.place(file(dir, "queue/a.tmp")?, dir.join("queue/a"))?;
        commit.place_keeping(file(dir, "state.tmp")?, dir.join("state"), dir.join("state.last"))?;
        commit.place_over(file(dir, "requests.tmp")?, dir.join("requests"))?;
        commit.place_over(file(dir, "cookies.tmp")?, dir.join("cookies"))?;
        let mut append = Append::open(dir.join("mbox"), FILE_MODE)?;
        append.write_all(b"two\n")?;
        commit.append(append)?;
        commit.remove_afterwards(dir.join("gone"));
        Ok(())
    }

    fn contents(dir: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for folder in [dir.to_owned(), dir.join("queue")] {
            for item in fs::read_dir(folder).unwrap().flatten().filter(|item| item.path().is_file()) {
                let name = item.path().strip_prefix(dir).unwrap().display().to_string();
                found.push((name, fs::read_to_string(item.path()).unwrap()));
            }
        }
        found.sort();
        found
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
    }

    #[test]
    fn all_is_there_after_a_commit_and_nothing_before() {
        let dir = prepared();
        let mut commit = Commit::new();
        add(&mut commit, dir.path()).unwrap();
        assert!(commit.removes() && !commit.is_empty());
        commit.commit().unwrap();
        let after = [
            ("cookies", "cookies.tmp"),
            ("mbox", "one\ntwo\n"),
            ("queue/a", "queue/a.tmp"),
            ("requests", "requests.tmp"),
            ("state", "state.tmp"),
            ("state.last", "old"),
        ];
        assert_eq!(contents(dir.path()), pairs(&after));
        assert!(commit.is_empty());
    }

    #[test]
    fn what_came_after_a_mark_is_taken_back() {
        let dir = prepared();
        let before = contents(dir.path());
        let mut commit = Commit::new();
        let mark = commit.mark();
        for _ in 0..2 {
            let mut append = Append::open(dir.path().join("mbox"), FILE_MODE).unwrap();
            append.write_all(b"two\n").unwrap();
            commit.append(append).unwrap();
        }
        add(&mut commit, dir.path()).unwrap();
        commit.back_to(mark);
        assert!(commit.is_empty());
        assert_eq!(contents(dir.path()), before);
    }

    #[test]
    fn each_failure_leaves_all_or_nothing() {
        let dir = prepared();
        let mut before = contents(dir.path());
        before.retain(|(name, _)| name != "state.last");
        for nth in 1.. {
            let dir = prepared();
            let armed = fault::arm(nth, Fault::Fail(ENOSPC));
            let mut commit = Commit::new();
            let added = add(&mut commit, dir.path());
            let failed = added.is_err() || commit.commit().is_err();
            let met = armed.was_met();
            drop(armed);
            drop(commit);
            if !met {
                break;
            }
            let mut now = contents(dir.path());
            assert!(failed || now.iter().any(|(name, _)| name == "requests.before"), "step {nth}");
            // The state before the one before may be lost, and what nobody reads any more may stay.
            now.retain(|(name, _)| name != "state.last" && name != "requests.before");
            let complete = now.iter().any(|(name, _)| name == "queue/a");
            let all = [
                ("cookies", "cookies.tmp"),
                ("gone", "x"),
                ("mbox", "one\ntwo\n"),
                ("queue/a", "queue/a.tmp"),
                ("requests", "requests.tmp"),
                ("state", "state.tmp"),
            ];
            let all = &pairs(&all)[..];
            let done = now.iter().all(|file| all.contains(file)) && now.len() >= all.len() - usize::from(!failed);
            assert!(now == before || (complete && done), "step {nth}: {now:?}");
        }
    }
}
