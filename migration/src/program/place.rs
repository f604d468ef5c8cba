//! A place of Mailman's program files where ours stands while a site is switched; the original waits beside it.
//!
//! The original gets a second name (a hard link), then ours is renamed over the first. At every instant there is a whole
//! file in the place, and whatever was done before a crash is seen by looking. Back is one rename: the original comes
//! back with its inode, owner, permissions and times.

use super::{divert, shim};
use compat::durable;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The permissions of a program.
const PROGRAM_MODE: u32 = 0o755;

/// What stands in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ours {
    /// The file that Python runs and that becomes our program.
    Shim,
    /// A link to our program.
    Link(PathBuf),
    /// A copy of our page program, with the group and the set-group-id bit of the original: web servers do not follow
    /// links to programs everywhere.
    Copy(PathBuf),
}

/// What a page program of ours has in it.
pub const PAGE_PROGRAM_MARK: &[u8] = b"mailman2-rs: a page program under the name of one of Mailman's";
/// Larger files are no program of ours.
const MAX_PROGRAM: u64 = 256 << 20;

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `BIN_DIR/qrunner`, `BIN_DIR/mailmanctl`, or a program of `cgi-bin`.
    pub path: PathBuf,
    /// Whether dpkg knows of it.
    pub diverted: bool,
}

impl Place {
    /// Where the original waits; the shim looks there.
    pub fn beside(&self) -> PathBuf {
        with_end(&self.path, ".distrib")
    }

    /// What is done to put ours in place, for people; empty where it is.
    pub fn describe(&self, ours: &Ours) -> Vec<String> {
        if self.holds(ours) {
            return Vec::new();
        }
        let (path, beside) = (self.path.display(), self.beside().display().to_string());
        let mut steps = Vec::new();
        if self.diverted {
            steps.push(format!("dpkg-divert --local --no-rename --divert {beside} --add {path}"));
        }
        if self.path.exists() && !self.is_ours() {
            steps.push(format!("ln {path} {beside}"));
        }
        steps.push(match ours {
            Ours::Shim => format!("put the shim at {path}"),
            Ours::Link(program) => format!("ln -sf {} {path}", program.display()),
            Ours::Copy(program) => {
                format!("cp {} {path}, with the group and permissions of what is there", program.display())
            }
        });
        steps
    }

    /// Whether exactly this stands there.
    fn holds(&self, ours: &Ours) -> bool {
        match ours {
            Ours::Shim => fs::read(&self.path).is_ok_and(|text| text == shim::TEXT) && !self.path.is_symlink(),
            Ours::Link(program) => fs::read_link(&self.path).is_ok_and(|target| target == *program),
            Ours::Copy(program) => match (fs::read(&self.path), fs::read(program)) {
                (Ok(here), Ok(wanted)) => here == wanted,
                _ => false,
            },
        }
    }

    /// Whether anything of ours stands there.
    pub fn is_ours(&self) -> bool {
        let link = fs::read_link(&self.path).unwrap_or_default();
        link.file_name().is_some_and(|name| name == "mailman2-rs")
            || (!self.path.is_symlink() && (shim::is_ours(&self.path) || self.is_page_program()))
    }

    fn is_page_program(&self) -> bool {
        let program = durable::read_file(&self.path, MAX_PROGRAM);
        program.is_ok_and(|bytes| memchr::memmem::find(&bytes, PAGE_PROGRAM_MARK).is_some())
    }

    /// Puts ours in place. Done before, or half done, it does what is left.
    ///
    /// # Errors
    /// The site's files; a file beside that is neither the original nor put there by us.
    pub fn put(&self, ours: &Ours) -> io::Result<()> {
        if self.diverted {
            divert::add(&self.path, &self.beside())?;
        }
        if !self.is_ours() && self.path.symlink_metadata().is_ok() {
            self.keep_original()?;
        }
        if self.holds(ours) {
            return Ok(());
        }
        let temporary = with_end(&self.path, ".mailman2-rs.tmp");
        match ours {
            Ours::Shim => durable::replace(&self.path, &temporary, PROGRAM_MODE, |file| file.write_all(shim::TEXT)),
            Ours::Link(program) => {
                durable::unlink_if_there(&temporary)?;
                durable::symlink(program, &temporary)?;
                durable::rename(&temporary, &self.path)?;
                durable::sync_dir(durable::folder_of(&self.path))
            }
            Ours::Copy(program) => self.copy(program, &temporary),
        }
    }

    /// The group comes before the bits: changing it takes them away.
    fn copy(&self, program: &Path, temporary: &Path) -> io::Result<()> {
        let bytes = durable::read_file(program, MAX_PROGRAM)?;
        let written = with_end(temporary, ".part");
        durable::replace(temporary, &written, PROGRAM_MODE, |file| file.write_all(&bytes))?;
        if let Ok(original) = fs::metadata(self.beside()).or_else(|_| fs::metadata(&self.path)) {
            nix::unistd::chown(temporary, None, Some(original.gid().into()))?;
            fs::set_permissions(temporary, Permissions::from_mode(original.mode() & 0o7777))?;
        }
        durable::rename(temporary, &self.path)?;
        durable::sync_dir(durable::folder_of(&self.path))
    }

    /// The original gets its second name. What stands there already must be the same file, or the original of before,
    /// over whose place somebody put a newer one (an upgrade that knew of no diversion).
    fn keep_original(&self) -> io::Result<()> {
        let beside = self.beside();
        match (fs::symlink_metadata(&self.path)?, fs::symlink_metadata(&beside)) {
            (original, Ok(kept)) if (original.ino(), original.dev()) == (kept.ino(), kept.dev()) => return Ok(()),
            (_, Ok(_)) => {
                let text = format!("{} and {} are two different files", self.path.display(), beside.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
            }
            (_, Err(_)) => durable::link(&self.path, &beside)?,
        }
        durable::sync_dir(durable::folder_of(&self.path))
    }

    /// What is done to bring the original back, for people.
    pub fn describe_back(&self) -> Vec<String> {
        let (path, beside) = (self.path.display(), self.beside());
        let mut steps = match beside.symlink_metadata() {
            Ok(_) => vec![format!("mv {} {path}", beside.display())],
            Err(_) if self.is_ours() => vec![format!("rm {path}")],
            Err(_) => Vec::new(),
        };
        if self.diverted {
            steps.push(format!("dpkg-divert --local --no-rename --remove {path}"));
        }
        steps
    }

    /// Brings the original back. Done before, or half done, it does what is left.
    ///
    /// # Errors
    /// The site's files; a file in the place that is neither ours nor the original.
    pub fn take_back(&self) -> io::Result<()> {
        let beside = self.beside();
        match beside.symlink_metadata() {
            Ok(kept) => self.restore(&beside, &kept)?,
            Err(_) if self.is_ours() => durable::unlink(&self.path)?,
            Err(_) => {}
        }
        durable::unlink_if_there(&with_end(&self.path, ".mailman2-rs.tmp"))?;
        durable::sync_dir(durable::folder_of(&self.path))?;
        if self.diverted {
            divert::remove(&self.path)?;
        }
        Ok(())
    }

    fn restore(&self, beside: &Path, kept: &fs::Metadata) -> io::Result<()> {
        match fs::symlink_metadata(&self.path) {
            // Two names of one file: the switch had not come further. rename(2) would leave both.
            Ok(now) if (now.ino(), now.dev()) == (kept.ino(), kept.dev()) => durable::unlink(beside),
            Ok(_) if !self.is_ours() => {
                let text =
                    format!("{} is neither ours nor the original, which is {}", self.path.display(), beside.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, text))
            }
            _ => durable::rename(beside, &self.path),
        }
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
