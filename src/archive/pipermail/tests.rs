//! A whole step of archiving, cut off or failing at each of its steps, and done again.

use super::*;
use crate::testing::pipeline::{Fixture, NEW, OLD};
use compat::durable::fault::{self, Fault};
use compat::durable::Commit;
use compat::list::{archive_folder, archive_mbox};
use compat::site::profile::Version;
use compat::value::Value;
use std::fs;
use std::path::{Path, PathBuf};

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
    let begun = Begun::of(NEW);
    let mut cache = VolumeCache::default();
    for number in [1, 2] {
        begun.archive(&post(number, ""), &mut cache).unwrap();
    }
    begun
}

impl Begun {
    /// An archive that has not begun.
    fn of(version: Version) -> Begun {
        let fixture = Fixture::new(version, &[("archive_volume_frequency", Value::Int(1))], b"\n");
        let folder = archive_folder(&fixture.site, b"club");
        Begun { fixture, folder }
    }

    fn archive(&self, text: &ByteStr, cache: &mut VolumeCache) -> Result<(), HandlerError> {
        self.archive_as(text, cache, false)
    }

    /// A post on which an attempt was cut off.
    fn archive_again(&self, text: &ByteStr) -> Result<(), HandlerError> {
        self.archive_as(text, &mut VolumeCache::default(), true)
    }

    fn archive_as(&self, text: &ByteStr, cache: &mut VolumeCache, is_repeated: bool) -> Result<(), HandlerError> {
        let mut commit = Commit::new();
        let mut work = ArchiveJob::new(cache, &mut commit, is_repeated);
        archive_text(&self.fixture.site, &self.fixture.list, b"en", text.clone(), &mut work)?;
        Ok(commit.commit()?)
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
        let outcome = begun.archive(&third, &mut VolumeCache::default());
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
    let mut cache = VolumeCache::default();
    begun.archive(&post(3, ""), &mut cache).unwrap();
    let (_, other) = (begun.archive(&post(4, ""), &mut VolumeCache::default()), post(5, ""));
    begun.archive(&other, &mut cache).unwrap();
    let page = begun.read("2026-March/date.html");
    assert!((1..=5).all(|number| page.matches(&format!("Post {number}")).count() == 1), "{page}");
}

#[test]
fn a_broken_state_is_made_again() {
    let begun = begun();
    fs::write(begun.folder.join("pipermail.pck"), "garbage").unwrap();
    begun.archive(&post(3, ""), &mut VolumeCache::default()).unwrap();
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
        begun.archive(&post(3, ""), &mut VolumeCache::default()).unwrap();
        assert!(begun.is_whole(), "{kind}");
    }
}

impl Begun {
    /// The list's mbox, with these posts in it.
    fn write_mbox(&self, numbers: &[u32]) {
        let path = archive_mbox(&self.fixture.site, b"club");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let posts: Vec<ByteStr> = numbers.iter().map(|number| post(*number, "")).collect();
        fs::write(path, posts.iter().map(|post| &post[..]).collect::<Vec<_>>().concat()).unwrap();
    }

    /// The next post comes in, and stands in the mbox already.
    fn archive_third(&self, is_repeated: bool) -> Result<(), HandlerError> {
        let (mut cache, mut commit) = (VolumeCache::default(), Commit::new());
        let mut work = ArchiveJob::new(&mut cache, &mut commit, is_repeated);
        work.mbox_end = (post(1, "").len() * 2) as u64;
        archive_text(&self.fixture.site, &self.fixture.list, b"en", post(3, ""), &mut work)?;
        Ok(commit.commit()?)
    }

    fn remove(&self, name: &str) {
        let path = self.folder.join(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
}

#[test]
fn an_archive_without_a_volume_comes_back_from_the_mbox() {
    for has_database in [true, false] {
        let begun = begun();
        begun.write_mbox(&[1, 2, 3]);
        begun.remove("2026-March");
        begun.remove("2026-March.txt");
        if !has_database {
            begun.remove("database");
        }
        fs::write(begun.folder.join("pipermail.pck"), "garbage").unwrap();
        begun.archive_third(false).unwrap();
        assert!(begun.is_whole());
        assert!(begun.read("pipermail.pck").contains("I3\n"));
        let log = begun.fixture.log("error");
        assert!(
            log.contains("pipermail.pck is damaged and no volume is left; made again with 2 articles from "),
            "{log}"
        );
        assert!(!begun.folder.join("pipermail.pck.unfinished").exists());
    }
}

#[test]
fn lost_databases_come_back_from_the_mbox_under_the_old_numbers() {
    let damages: [&dyn Fn(&Path); 4] = [
        &|database| fs::remove_dir_all(database).unwrap(),
        &|database| fs::write(database.join("2026-March-article"), "no marshal").unwrap(),
        &|database| fs::write(database.join("2026-March-article"), "{").unwrap(),
        &|database| fs::write(database.join("2026-March-author"), "no marshal").unwrap(),
    ];
    for (nth, damage) in damages.iter().enumerate() {
        let begun = begun();
        // Not in the order in which they were archived.
        begun.write_mbox(&[2, 1, 3]);
        damage(&begun.folder.join("database"));
        fs::write(begun.folder.join("pipermail.pck"), "garbage").unwrap();
        begun.archive_third(false).unwrap();
        assert!(begun.is_whole(), "{nth}");
        let log = begun.fixture.log("error");
        let count = if nth == 3 { 0 } else { 2 };
        assert!(log.contains(&format!("databases of 2026-March; made again with {count} articles from ")), "{log}");
    }
}

#[test]
fn a_recovery_that_was_cut_off_is_completed() {
    for nth in 1.. {
        let begun = begun();
        begun.write_mbox(&[1, 2, 3]);
        begun.remove("database");
        fs::write(begun.folder.join("pipermail.pck"), "garbage").unwrap();
        let armed = fault::arm(nth, Fault::CutOff);
        let outcome = begun.archive_third(false);
        let met = armed.was_met();
        drop(armed);
        begun.forget_locks();
        if outcome.is_err() {
            begun.archive_third(true).unwrap_or_else(|e| panic!("step {nth}: {e}"));
        }
        assert!(begun.is_whole(), "step {nth}");
        assert!(begun.read("pipermail.pck").contains("I3\n"), "step {nth}: the next number");
        if !met {
            assert!(nth > 60, "{nth} steps are too few to be a recovery");
            break;
        }
    }
}

/// A post whose headers are what somebody else chose.
fn hostile(headers: &str) -> ByteStr {
    format!("From x Mon Mar  2 12:00:00 2026\n{headers}\n<script>alert(1)</script> http://x.y/\"onclick=\"z\n\n").into()
}

/// All files below a folder, by name, with their text.
fn files_below(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => found.extend(files_below(&entry.path())),
            kind if kind.is_file() => {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                found.push((entry.path().display().to_string(), text));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn what_posts_bring_along_stays_text() {
    for version in [OLD, NEW] {
        let begun = Begun::of(version);
        let mut cache = VolumeCache::default();
        let posts = [
            "From: <script>x</script>\nSubject: <script>y</script>\nMessage-ID: <a\"><script>z</script>@x>\n",
            "From: \"><img src=x onerror=y>\" <a@b>\nSubject: =?no-such?q?=FF<script>?=\nDate: never\n",
            "Subject: =?utf-8?b?//8=?= =?iso-2022-jp?q?=1B$B?=\nMessage-ID: ../../../etc\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n",
            "From: /../x\nSubject: /../../x\nMessage-ID: <same@x>\nDate: Fri, 1 Jan 2100 00:00:00 +0000\n",
            "From: b@x\nSubject: again\nMessage-ID: <same@x>\nDate: Mon, 99 Foo 0102 99:99:99 +9999\n",
            "Content-Type: text/plain; charset=\"../../x\"\nContent-Transfer-Encoding: base64\n",
        ];
        for headers in posts {
            begun.archive(&hostile(headers), &mut cache).unwrap_or_else(|e| panic!("{headers}: {e}"));
        }
        let pages: Vec<_> =
            files_below(&begun.folder).into_iter().filter(|(name, _)| name.ends_with(".html")).collect();
        assert!(pages.len() > 8, "{pages:?}");
        for (name, text) in pages {
            let bad = ["<script", "<img src=x", "\"onclick"].into_iter().find(|bad| text.contains(bad));
            assert_eq!(bad, None, "{name}: {text}");
        }
        assert_eq!(begun.folder.join("2100-January").exists(), version == OLD, "2.1.13 believes any date");
        assert!(begun.folder.join("1970-January").exists());
    }
}

/// Python's `strftime` refuses years before 1900; since 2.1.22 such a date does not count.
#[test]
fn a_post_from_antiquity() {
    let text = post(1, "").to_latin1().replace("Mar 2026 12:01:00 +0000", "Mar 102 10:00:00 UT");
    let old = Begun::of(OLD);
    assert_eq!(
        old.archive(&text.as_str().into(), &mut VolumeCache::default()).unwrap_err().to_string(),
        "year=102 is before 1900"
    );
    let new = Begun::of(NEW);
    new.archive(&text.as_str().into(), &mut VolumeCache::default()).unwrap();
    assert!(!new.folder.join("0102-March").exists());
}
