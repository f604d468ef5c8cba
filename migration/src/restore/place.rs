//! Files of an archive put in their places: written beside, given to their owner, renamed. One that is there already, whole,
//! stays; nothing is written through a link that stands below a folder of the site.

use super::owners::Owners;
use super::rewrite::{matter, rewritten, LARGEST_PAGE};
use super::settings::Change;
use crate::archive::{digits, sum, Contents, Stored};
use crate::tar::Member;
use compat::durable::{self, NewFile};
use sha1::{Digest, Sha1};
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where no member says it.
const FOLDER_MODE: u32 = 0o2775;
/// Larger lists and entries there are none; larger pages are left as they are.
const LARGEST: u64 = 2 << 30;
/// Added to the name of a file that is being written.
const BESIDE: &str = ".mailman2-rs.tmp";

/// Where a file goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The setting whose folder it lies in.
    pub root: &'static str,
    /// That folder here, and the file below it.
    pub folder: PathBuf,
    pub below: PathBuf,
}

impl Target {
    /// The whole path.
    pub fn path(&self) -> PathBuf {
        match self.below.as_os_str().is_empty() {
            true => self.folder.clone(),
            false => self.folder.join(&self.below),
        }
    }
}

/// Puts things in place.
pub struct Placer<'a> {
    pub contents: &'a Contents,
    pub change: &'a Change,
    pub owners: Owners,
    /// Whether pages of archives get the new hosts.
    pub with_pages: bool,
    /// Folders that are known to be folders.
    known: HashSet<PathBuf>,
    /// Files that were changed inside.
    pub changed: usize,
}

impl<'a> Placer<'a> {
    /// Of one archive.
    pub fn new(contents: &'a Contents, change: &'a Change, owners: Owners, with_pages: bool) -> Placer<'a> {
        Placer { contents, change, owners, with_pages, known: HashSet::new(), changed: 0 }
    }

    /// Makes the folder of a target and those above it, down from the site's own folder.
    ///
    /// # Errors
    /// The disk is full, or a link or file stands in the way.
    pub fn folder(&mut self, target: &Target, mode: Option<u32>) -> io::Result<()> {
        self.root(&target.folder)?;
        let mut path = target.folder.clone();
        for part in target.below.components() {
            path.push(part);
            self.one_folder(&path)?;
        }
        match mode {
            Some(mode) if !target.below.as_os_str().is_empty() => durable::set_mode(&path, mode & 0o3777),
            _ => Ok(()),
        }
    }

    /// The folder that a setting names may be a link: it is the machine's own.
    fn root(&mut self, folder: &Path) -> io::Result<()> {
        if self.known.contains(folder) {
            return Ok(());
        }
        if !folder.is_dir() {
            durable::mkdir_all(folder, FOLDER_MODE)?;
            self.give(folder)?;
        }
        self.known.insert(folder.to_path_buf());
        Ok(())
    }

    fn one_folder(&mut self, path: &Path) -> io::Result<()> {
        if self.known.contains(path) {
            return Ok(());
        }
        match fs::symlink_metadata(path) {
            Ok(about) if about.is_dir() => {}
            Ok(_) => {
                let text = format!("{} is in the way: no folder", path.display());
                return Err(io::Error::new(ErrorKind::AlreadyExists, text));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                durable::mkdir(path, FOLDER_MODE)?;
                self.give(path)?;
            }
            Err(error) => return Err(error),
        }
        self.known.insert(path.to_path_buf());
        Ok(())
    }

    /// Gives what was made here to the list user.
    ///
    /// # Errors
    /// It can't be given away.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        self.owners.own().map_or(Ok(()), |(uid, gid)| durable::set_owner(path, uid, gid))
    }

    /// The owner of a folder as its member has it.
    ///
    /// # Errors
    /// It can't be given away.
    pub fn give_as(&mut self, path: &Path, member: &Member) -> io::Result<()> {
        self.owners.of(member).map_or(Ok(()), |(uid, gid)| durable::set_owner(path, uid, gid))
    }

    /// Puts a file in its place.
    ///
    /// # Errors
    /// The disk is full, or something else stands there.
    pub fn file(&mut self, target: &Target, stored: &Stored) -> io::Result<()> {
        let above = target.below.parent().unwrap_or(Path::new("")).to_path_buf();
        self.folder(&Target { below: above, ..target.clone() }, None)?;
        let path = target.path();
        match self.new_contents(target, stored)? {
            Some(bytes) => {
                self.changed += 1;
                if has(&path, bytes.len() as u64, &sum(&bytes)) {
                    return self.settle(&path, stored);
                }
                self.write(&path, stored, |file| file.write_all(&bytes))
            }
            None if has(&path, stored.member.size, &stored.sum) => self.settle(&path, stored),
            None => {
                let contents = self.contents;
                self.write(&path, stored, |file| contents.copy(stored, |piece| file.write_all(piece)))
            }
        }
    }

    /// What is inside and has to be changed.
    fn new_contents(&self, target: &Target, stored: &Stored) -> io::Result<Option<Vec<u8>>> {
        let Some(matter) = matter(target.root, &target.below) else { return Ok(None) };
        let is_page = matter == super::rewrite::Matter::Page;
        let limit = if is_page { LARGEST_PAGE } else { LARGEST };
        if stored.member.size > limit || is_page && !self.with_pages {
            return Ok(None);
        }
        Ok(rewritten(matter, &self.contents.bytes(stored)?, self.change))
    }

    fn write(
        &mut self,
        path: &Path,
        stored: &Stored,
        fill: impl FnOnce(&mut NewFile) -> io::Result<()>,
    ) -> io::Result<()> {
        if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "a folder is in the way"));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(BESIDE);
        let beside = PathBuf::from(beside);
        let mut file = NewFile::create_over(&beside, stored.member.mode & 0o777)?;
        fill(&mut file)?;
        file.flush()?;
        if let Some((uid, gid)) = self.owners.of(&stored.member) {
            durable::set_owner(&beside, uid, gid)?;
        }
        durable::set_times(&beside, time(stored))?;
        // All of it is brought to the disk before the settings are.
        file.publish_unsynced(path)
    }

    /// A file that is there already gets what a killed restore may have left out.
    fn settle(&mut self, path: &Path, stored: &Stored) -> io::Result<()> {
        self.owners.of(&stored.member).map_or(Ok(()), |(uid, gid)| durable::set_owner(path, uid, gid))
    }

    /// Makes a link anew.
    ///
    /// # Errors
    /// The disk is full, or a file stands there.
    pub fn link(&mut self, target: &Target, to: &Path) -> io::Result<()> {
        let above = target.below.parent().unwrap_or(Path::new("")).to_path_buf();
        self.folder(&Target { below: above, ..target.clone() }, None)?;
        let path = target.path();
        match fs::read_link(&path) {
            Ok(now) if now == to => return Ok(()),
            Ok(_) => durable::unlink(&path)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        durable::symlink(to, &path)
    }
}

fn time(stored: &Stored) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(stored.member.modified).unwrap_or(0))
}

/// Whether a file with these contents is there.
pub fn has(path: &Path, size: u64, wanted: &str) -> bool {
    let Ok(mut file) = durable::open_regular(path) else { return false };
    if !file.metadata().is_ok_and(|about| about.len() == size) {
        return false;
    }
    let (mut hash, mut buffer) = (Sha1::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return digits(hash.finalize().as_slice()) == wanted,
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(_) => return false,
        }
    }
}
