//! A whole step of archiving, cut off or failing at each of its steps, and done again.

use super::*;
use crate::pipeline::fixture::{Fixture, NEW};
use compat::durable::fault::{self, Fault};
use std::fs;

const FULL: i32 = nix::errno::Errno::ENOSPC as i32;

fn post(number: u32, more: &str) -> ByteStr {
    format!(
        "From ann@example.org Mon Mar  2 12:00:00 2026\nFrom: Ann <ann@example.org>\nSubject: Post {number}\n\
         Message-ID: <post{number}@x>\nDate: Mon, 2 Mar 2026 12:0{number}:00 +0000\n{more}\nbody of {number}\n\n"
    )
    .into()
}

struct Begun {
    fixture: Fixture,
    folder: PathBuf,
}

/// An archive of two posts.
fn begun() -> Begun {
    let fixture = Fixture::new(NEW, &[("archive_volume_frequency", Value::Int(1))], b"\n");
    let folder = super::super::folder_of(&fixture.site, b"club");
    let begun = Begun { fixture, folder };
    let mut kept = Kept::default();
    for number in [1, 2] {
        begun.archive(&post(number, ""), &mut kept).unwrap();
    }
    begun
}

impl Begun {
    fn archive(&self, text: &ByteStr, kept: &mut Kept) -> Result<(), HandlerError> {
        self.archive_as(text, kept, false)
    }

    /// A post on which an attempt was cut off.
    fn archive_again(&self, text: &ByteStr) -> Result<(), HandlerError> {
        self.archive_as(text, &mut Kept::default(), true)
    }

    fn archive_as(&self, text: &ByteStr, kept: &mut Kept, is_repeated: bool) -> Result<(), HandlerError> {
        let mut together = Together::new();
        let mut desk = Desk { kept, together: &mut together, is_repeated };
        archive_text(&self.fixture.site, &self.fixture.list, b"en", text, &mut desk)?;
        Ok(together.commit()?)
    }

    /// The locks of a process that was killed run out.
    fn forget_locks(&self) {
        for entry in fs::read_dir(self.folder.join("database")).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains(".lock") {
                fs::remove_file(path).unwrap();
            }
        }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Whether all three posts are in every place.
    fn is_whole(&self) -> bool {
        let volume = "2026-March";
        let text = self.read("2026-March.txt");
        let in_pages = |kind: &str| {
            let page = self.read(&format!("{volume}/{kind}.html"));
            (1..=3).all(|number| page.matches(&format!("Post {number}")).count() == 1)
        };
        let has_page = |number: u32| {
            let page = self.read(&format!("{volume}/{:06}.html", number - 1));
            page.contains(&format!("body of {number}")) && page.contains("<!--endarticle-->")
        };
        ["date", "thread", "subject", "author"].into_iter().all(in_pages)
            && (1..=3).all(|number| text.matches(&format!("\n\nbody of {number}")).count() == 1)
            && (1..=3).all(has_page)
            && self.read("index.html").contains("March 2026")
    }
}

/// A step that failed is done again, as its entry is still in the queue: known as one that was begun before.
fn each_step(fault: Fault) {
    let third = post(3, "In-Reply-To: <post1@x>\n");
    for nth in 1.. {
        let begun = begun();
        let armed = fault::arm(nth, fault);
        let outcome = begun.archive(&third, &mut Kept::default());
        let met = armed.was_met();
        drop(armed);
        begun.forget_locks();
        if outcome.is_err() {
            begun.archive_again(&third).unwrap_or_else(|e| panic!("step {nth}: {e}"));
        }
        assert!(begun.is_whole(), "step {nth} of {fault:?}");
        assert!(begun.read("pipermail.pck").contains("I3\n"), "step {nth} of {fault:?}: the next number");
        if !met {
            assert!(nth > 30, "{nth} steps are too few to be a whole post");
            break;
        }
    }
}

#[test]
fn a_post_that_was_cut_off_is_completed() {
    each_step(Fault::CutOff);
}

#[test]
fn a_post_that_failed_is_completed() {
    each_step(Fault::Fail(FULL));
}

#[test]
fn what_is_kept_is_not_believed_when_the_files_changed() {
    let begun = begun();
    let mut kept = Kept::default();
    begun.archive(&post(3, ""), &mut kept).unwrap();
    let (_, other) = (begun.archive(&post(4, ""), &mut Kept::default()), post(5, ""));
    begun.archive(&other, &mut kept).unwrap();
    let page = begun.read("2026-March/date.html");
    assert!((1..=5).all(|number| page.matches(&format!("Post {number}")).count() == 1), "{page}");
}

#[test]
fn a_broken_state_is_made_again() {
    let begun = begun();
    fs::write(begun.folder.join("pipermail.pck"), "garbage").unwrap();
    begun.archive(&post(3, ""), &mut Kept::default()).unwrap();
    assert!(begun.is_whole());
    let aside = fs::read_dir(&begun.folder).unwrap().filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("pipermail.pck.broken-"))
    });
    assert_eq!(aside.count(), 1);
    assert!(begun.fixture.log("error").contains("pipermail.pck made again from 1 volumes, next number 2"));
}

#[test]
fn a_database_that_was_cut_off_is_mended() {
    for kind in ["date", "author", "subject", "thread"] {
        let begun = begun();
        let path = begun.folder.join(format!("database/2026-March-{kind}"));
        let data = fs::read(&path).unwrap();
        fs::write(&path, &data[..data.len() / 2]).unwrap();
        begun.archive(&post(3, ""), &mut Kept::default()).unwrap();
        assert!(begun.is_whole(), "{kind}");
    }
}
