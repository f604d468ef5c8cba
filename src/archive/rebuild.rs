//! An archive made anew, or gone on with, from a list's mbox: the work of `bin/arch`.
//!
//! The mbox is read message by message, so that its size does not matter; what is in memory is a few volumes' worth of
//! short records. A broken message ends the work, as in Mailman, but what was archived before it is written.

use super::mbox::Messages;
use super::pipermail::{Added, Archive, Progress, VolumeCache};
use crate::error::HandlerError;
use compat::durable::{self, Commit};
use compat::list::{archive_folder, attributes, MailList};
use compat::site::Site;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Upper bound of the size of an archive relative to its mbox, even if that consists of short messages.
const ROOM: u64 = 16;

/// What to do with an mbox.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Take the old archive away first.
    pub wipe: bool,
    /// The number of the first message to archive, from 0.
    pub start: i64,
    /// The number of the last one.
    pub end: Option<i64>,
    /// Receives progress reports.
    pub progress: Option<Progress>,
}

/// Archives the messages of an mbox. The list is locked.
///
/// # Errors
/// A message cannot be archived, or the disk fails.
pub fn rebuild(site: &Rc<Site>, list: &MailList, mbox: File, wanted: Wanted) -> Result<(), HandlerError> {
    let old = if wanted.wipe { wipe(site, list, mbox.metadata()?.len())? } else { None };
    let outcome = add_to_archive(site, list, mbox, wanted);
    // Last, since file systems are slow to make files where as many were removed a moment ago.
    old.map_or(Ok(()), |old| durable::remove_tree(&old))?;
    outcome
}

fn add_to_archive(site: &Rc<Site>, list: &MailList, mbox: File, wanted: Wanted) -> Result<(), HandlerError> {
    let mut cache = VolumeCache::default();
    let language = list.preferred_language();
    let mut archive = Archive::open(site, list, &language, &mut cache)?;
    archive.tell_loss();
    if wanted.wipe {
        archive.make_anew();
    }
    if let Some(progress) = wanted.progress {
        archive.tell(progress);
    }
    let added = add_all(&mut archive, Messages::new(mbox, u64::MAX), &language, wanted);
    let mut commit = Commit::new();
    archive.close(&mut commit).and_then(|()| Ok(commit.commit()?)).and(added)
}

fn add_all(archive: &mut Archive<'_>, mut mbox: Messages, language: &[u8], wanted: Wanted) -> Result<(), HandlerError> {
    for _ in 0..wanted.start.max(0) {
        if mbox.next_message()?.is_none() {
            return Ok(());
        }
    }
    archive.counter = wanted.start.max(0);
    while let Some((position, message)) = mbox.next_message()? {
        archive.position = position;
        let number = archive.counter;
        if archive.add(message, language)? == Added::Archived && wanted.end.is_some_and(|end| number >= end) {
            break;
        }
    }
    Ok(())
}

/// Takes an archive away: out of sight, or altogether where there is no room for two; gives what is still to be removed.
/// Attachments of a list whose posts are scrubbed on the way in stay: they are not in its mbox.
fn wipe(site: &Site, list: &MailList, mbox_length: u64) -> io::Result<Option<PathBuf>> {
    let folder = archive_folder(site, list.name());
    let beside = archive_folder(site, &[&list.name()[..], b".mbox"].concat());
    let (attachments, saved) = (folder.join("attachments"), beside.join("attachments"));
    // They are there already if an earlier call was cut off.
    let keep =
        list.truth(attributes::SCRUB_NONDIGEST) && (durable::rename(&attachments, &saved).is_ok() || saved.exists());
    let old = beside.join("wiped");
    durable::remove_tree(&old)?;
    let has_room = durable::free_space(&beside).is_ok_and(|free| free > mbox_length.saturating_mul(ROOM));
    let is_aside = has_room && durable::rename(&folder, &old).is_ok();
    if !is_aside {
        durable::remove_tree(&folder)?;
    }
    if keep {
        durable::mkdir_all(&folder, super::pipermail::FOLDER_MODE)?;
        durable::rename(&saved, &attachments)?;
    }
    Ok(is_aside.then_some(old))
}

/// Opens an mbox to be read.
///
/// # Errors
/// It is not there, or may not be read.
pub fn open_mbox(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};
    use compat::value::Value;

    /// All that readers see of an archive, without the moment at which it was made.
    fn seen(folder: &Path) -> String {
        let names = ["2026-March.txt", "2026-March/000000.html", "2026-March/000002.html", "2026-March/thread.html"];
        let texts = names.map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
        texts.concat().lines().filter(|line| !line.contains("Archived: ")).collect::<Vec<_>>().join("\n")
    }

    /// Archives an mbox with this text; the archive's folder.
    fn archived(fixture: &Fixture, mbox: &str, wipe: bool) -> PathBuf {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mbox");
        std::fs::write(&path, mbox).unwrap();
        let wanted = Wanted { wipe, ..Wanted::default() };
        rebuild(&fixture.site, &fixture.list, open_mbox(&path).unwrap(), wanted).unwrap();
        archive_folder(&fixture.site, b"club")
    }

    #[test]
    fn an_archive_that_is_made_anew_is_the_same_again() {
        let fixture = Fixture::new(NEW, &[("archive_volume_frequency", Value::Int(1))], b"\n");
        let post = |number: u32| {
            format!(
                "From a@x Mon Mar  2 12:00:00 2026\nFrom: a@x\nSubject: {number}\nMessage-ID: <{number}@x>\n\
                 Date: Mon, 2 Mar 2026 12:0{number}:00 +0000\nIn-Reply-To: <0@x>\n\nbody of {number}\n\n"
            )
        };
        let mbox: String = (0..3).map(post).collect();
        let folder = archived(&fixture, &mbox, false);
        let first = seen(&folder);
        let old = folder.with_file_name("club.mbox").join("wiped");
        std::fs::create_dir_all(old.join("left over")).unwrap();
        std::fs::write(folder.join("2026-March/000009.html"), "old").unwrap();
        assert!((0..3).all(|number| first.matches(&format!("body of {number}")).count() >= 1), "{first}");
        assert_eq!(seen(&archived(&fixture, &mbox, true)), first);
        assert!(!folder.join("2026-March/000009.html").exists());
        assert!(!old.exists());
    }

    /// Python takes the first article of the id for the one of the other volume too, and its page there has no body.
    #[test]
    fn an_id_that_comes_again_has_all_its_pages() {
        let fixture = Fixture::new(NEW, &[("archive_volume_frequency", Value::Int(1))], b"\n");
        let post = |number: u32, month: &str| {
            format!(
                "From a@x Mon Mar  2 12:00:00 2026\nFrom: a@x\nSubject: {number}\nMessage-ID: <same@x>\n\
                 Date: Mon, 2 {month} 2026 12:0{number}:00 +0000\n\nbody of {number}\n\n"
            )
        };
        let posts = [(0, "Mar"), (1, "Mar"), (2, "Mar"), (3, "Feb")];
        let folder = archived(&fixture, &posts.map(|(number, month)| post(number, month)).concat(), true);
        for (number, month) in [(0, "March"), (1, "March"), (2, "March"), (3, "February")] {
            let page = std::fs::read_to_string(folder.join(format!("2026-{month}/00000{number}.html"))).unwrap();
            assert!(page.contains(&format!("<PRE>body of {number}\n")), "{page}");
        }
        assert!(!folder.join("2026-February/000000.html").exists());
    }

    /// All pages and texts below a folder, without the moment at which they were made.
    fn all_seen(folder: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.ends_with("database") || path.ends_with("pipermail.pck") => {}
                path if path.is_dir() => found.extend(all_seen(&path)),
                path => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push((path, text.lines().filter(|line| !line.contains("Archived: ")).collect()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn volumes_that_were_done_early_are_done_again_if_need_be() {
        let fixture = Fixture::new(NEW, &[("archive_volume_frequency", Value::Int(1))], b"\n");
        let post = |(number, month): (usize, &str)| {
            format!(
                "From a@x Mon Mar  2 12:00:00 2026\nFrom: a@x\nSubject: {number}\nMessage-ID: <{number}@x>\n\
                 Date: Mon, 2 {month} 2025 12:{number:02}:00 +0000\nReferences: <0@x>\n\nbody of {number}\n\n"
            )
        };
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Jan", "Aug", "Jan", "Feb", "Mar", "Apr", "Jan"];
        let mbox: String = months.into_iter().enumerate().map(post).collect();
        let added = all_seen(&archived(&fixture, &mbox, false));
        assert!(added.len() > 14 + 8 * 6, "{added:?}");
        assert_eq!(all_seen(&archived(&fixture, &mbox, true)), added);
    }
}
