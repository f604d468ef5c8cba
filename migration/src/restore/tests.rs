//! A site restored under other paths and names, with a disk that fails at each step, and archives that want to write elsewhere.

use super::*;
use crate::archive::{About, End, END, SITE, SUMS};
use crate::collect::{self, Archives};
use crate::progress::Silent;
use crate::small_site::{make, tree, AtRest};
use crate::tar::{header, padding, Kind, Member};
use compat::durable::fault::{self, Fault};
use compat::queue::QueueFolders;
use compat::queue::{look, QueueName};
use std::fs;

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    /// A site that was collected.
    fn new() -> Scene {
        let scene = Scene { folder: tempfile::tempdir().unwrap() };
        let site = make(&scene.path("old"));
        let wish = collect::Wish { is_last: true, archives: Archives::All, machine: scene.path("machine") };
        fs::create_dir_all(scene.path("machine/etc")).unwrap();
        fs::write(scene.path("machine/etc/aliases"), "garden: x\n").unwrap();
        collect::to_file(&site, &AtRest, &wish, &scene.archive(), &mut Silent).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn archive(&self) -> PathBuf {
        self.path("site.tar")
    }

    fn wish(&self) -> Wish {
        let host = |old: &str, new: &str| HostMap(vec![(old.to_string(), new.to_string())]);
        Wish {
            paths: vec![(self.path("old"), self.path("new")), (self.path("old/qfiles"), self.path("spool"))],
            email_hosts: host("old.example", "new.example"),
            url_hosts: host("www.old.example", "lists.new.example"),
            with_pages: true,
            user: nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().map(|user| user.name),
            group: nix::unistd::Group::from_gid(nix::unistd::getegid()).unwrap().map(|group| group.name),
            ..Wish::default()
        }
    }

    fn restore(&self) -> Result<Restored, RestoreError> {
        restore(&self.archive(), &self.wish(), &mut Silent)
    }
}

#[test]
fn a_site_moves() {
    let scene = Scene::new();
    // Nothing may be looked up in the old place.
    fs::rename(scene.path("old"), scene.path("away")).unwrap();
    let restored = scene.restore().unwrap();
    let site = &restored.site;
    assert_eq!((site.home.clone(), site.profile.version().to_string()), (scene.path("new"), "2.1.13".to_string()));
    assert!(!restored.was_done && restored.changed == 4 && restored.left_out.is_empty(), "{}", restored.changed);
    assert_eq!(site.settings.path(names::QUEUE_DIR), scene.path("spool"));
    assert_eq!(site.settings.str(names::DEFAULT_EMAIL_HOST).unwrap(), "new.example");
    let page = fs::read_to_string(scene.path("new/archives/private/garden/index.html")).unwrap();
    assert!(page.contains("http://lists.new.example/pipermail"), "{page}");
    let link = fs::read_link(scene.path("new/archives/public/garden")).unwrap();
    assert_eq!(link, scene.path("new/archives/private/garden"));
    assert_eq!(fs::read(scene.path("new/old-machine/etc/aliases")).unwrap(), b"garden: x\n");
    let folders = QueueFolders::from_settings(&site.settings).unwrap();
    let shunted = look::look(&folders, QueueName::Shunt).unwrap();
    let entry = look::read(&shunted[0].path(&folders)).unwrap();
    assert_eq!(entry.metadata.str("whichq").unwrap().to_latin1(), scene.path("spool/in").to_string_lossy());
    let account = verify::compare(site, &restored.manifest).unwrap();
    assert_eq!((account.messages, account.there), (4, 4));
    let config = crate::verify::check(site, &mut Silent).unwrap();
    assert!(config.is_good(), "{config:?}");
}

#[test]
fn under_the_same_paths_no_byte_changes() {
    let scene = Scene::new();
    let before = tree(&scene.path("old"));
    fs::rename(scene.path("old"), scene.path("away")).unwrap();
    let restored = restore(&scene.archive(), &Wish::default(), &mut Silent).unwrap();
    assert_eq!(restored.changed, 0);
    let mut after = tree(&scene.path("old"));
    after.retain(|path, _| !path.starts_with(OLD_MACHINE));
    assert_eq!(after, before);
}

#[test]
fn what_is_done_is_left_alone() {
    let scene = Scene::new();
    scene.restore().unwrap();
    // Mail was worked on meanwhile.
    let spool = scene.path("spool/in");
    let entry = fs::read_dir(&spool).unwrap().flatten().next().unwrap().path();
    fs::remove_file(&entry).unwrap();
    assert!(scene.restore().unwrap().was_done);
    assert!(!entry.exists(), "a message that was handled must not come back");
    let other = Wish { with_pages: false, ..scene.wish() };
    assert!(matches!(restore(&scene.archive(), &other, &mut Silent), Err(RestoreError::Occupied { .. })));
}

#[test]
fn no_site_is_written_over() {
    let scene = Scene::new();
    for (name, text) in [("new/Mailman/mm_cfg.py", "X = 1\n"), ("new/lists/other/config.pck", "x")] {
        fs::create_dir_all(scene.path(name).parent().unwrap()).unwrap();
        fs::write(scene.path(name), text).unwrap();
        assert!(matches!(scene.restore(), Err(RestoreError::Occupied { .. })), "{name}");
        assert_eq!(fs::read(scene.path(name)).unwrap(), text.as_bytes());
        fs::remove_dir_all(scene.path("new")).unwrap();
    }
}

#[test]
fn an_archive_of_a_running_site_is_for_trials() {
    let scene = Scene { folder: tempfile::tempdir().unwrap() };
    let site = make(&scene.path("old"));
    let wish = collect::Wish { is_last: false, archives: Archives::None, machine: scene.path("machine") };
    collect::to_file(&site, &AtRest, &wish, &scene.archive(), &mut Silent).unwrap();
    assert!(matches!(scene.restore(), Err(RestoreError::Live(_))));
    let trial = Wish { may_be_live: true, ..scene.wish() };
    restore(&scene.archive(), &trial, &mut Silent).unwrap();
    assert!(!scene.path("new/archives/private/garden").exists());
}

/// A kill or a full disk at any step: no program takes what is there for a site, and the same call makes one.
#[test]
fn a_restore_goes_on_where_it_was_stopped() {
    const ENOSPC: i32 = nix::errno::Errno::ENOSPC as i32;
    let scene = Scene::new();
    scene.restore().unwrap();
    let whole = (tree(&scene.path("new")), tree(&scene.path("spool")));
    for fault in [Fault::CutOff, Fault::FailOnward(ENOSPC), Fault::Fail(ENOSPC)] {
        for nth in 1.. {
            for folder in ["new", "spool"] {
                fs::remove_dir_all(scene.path(folder)).unwrap();
            }
            let armed = fault::arm(nth, fault);
            let outcome = scene.restore();
            let was_met = armed.was_met();
            drop(armed);
            let is_there = scene.path("new/Mailman/mm_cfg.py").exists();
            assert!(outcome.is_err() || is_there, "step {nth} {fault:?}");
            if is_there {
                // Only what sweeps up is left to do.
                assert_eq!((tree(&scene.path("new")), tree(&scene.path("spool"))), whole, "step {nth} {fault:?}");
            }
            scene.restore().unwrap_or_else(|error| panic!("step {nth} {fault:?}: {error}"));
            assert_eq!((tree(&scene.path("new")), tree(&scene.path("spool"))), whole, "step {nth} {fault:?}");
            if !was_met {
                break;
            }
        }
    }
}

/// An archive of these members, with right sums.
fn forged(scene: &Scene, members: &[(Member, &[u8])]) -> PathBuf {
    let home = scene.path("old");
    let about = About { id: "1".to_string(), home: home.clone(), version: "2.1.13".to_string(), ..About::default() };
    let settings = archive::name_of(&home.join("Mailman/mm_cfg.py"));
    let settings = Member { path: settings, ..Member::note("", 23, 0) };
    let text = b"from Defaults import *\n";
    let (mut out, mut sums, mut files) = (Vec::new(), String::new(), 0);
    let about = about.text();
    let site = (Member::note(SITE, about.len(), 0), &about[..]);
    for (member, bytes) in [site, (settings, &text[..])].iter().chain(members) {
        out.extend(header(member));
        out.extend_from_slice(bytes);
        out.resize(out.len() + padding(member.size), 0);
        if member.kind == Kind::File {
            let name = String::from_utf8_lossy(&member.path).into_owned();
            files += usize::from(!name.starts_with(archive::OURS));
            sums.push_str(&format!("{}  {name}\n", archive::sum(bytes)));
        }
    }
    let end = End { is_last: true, files, sums: archive::sum(sums.as_bytes()) }.text();
    for (name, bytes) in [(SUMS, sums.as_bytes()), (END, &end)] {
        out.extend(header(&Member::note(name, bytes.len(), 0)));
        out.extend_from_slice(bytes);
        out.resize(out.len() + padding(bytes.len() as u64), 0);
    }
    out.resize(out.len() + 1024, 0);
    let path = scene.path("forged.tar");
    fs::write(&path, out).unwrap();
    path
}

fn member(path: PathBuf, kind: Kind, target: &str, size: u64) -> Member {
    let path = archive::name_of(&path);
    Member { path, kind, target: target.as_bytes().to_vec(), size, ..Member::note("", 0, 0) }
}

#[test]
fn no_name_leads_out_of_the_site() {
    let scene = Scene { folder: tempfile::tempdir().unwrap() };
    let data = scene.path("old/data");
    let file = |path: PathBuf| (member(path, Kind::File, "", 2), &b"hi"[..]);
    let link = |path: PathBuf, to: &str| (member(path, Kind::Link, to, 0), &b""[..]);
    let outside = scene.path("outside");
    let to_outside = outside.to_string_lossy().into_owned();
    for members in [
        vec![file(data.join("../../../outside/file"))],
        vec![link(data.join("way"), &to_outside), file(data.join("way/file"))],
        vec![file(data.join("way")), file(data.join("way/file"))],
        vec![(member(data.join("pipe"), Kind::Other(b'6'), "", 0), &b""[..])],
        vec![(member(data.join("twin"), Kind::Twin, "etc/passwd", 0), &b""[..])],
    ] {
        let refused = restore(&forged(&scene, &members), &scene.wish(), &mut Silent);
        assert!(matches!(refused, Err(RestoreError::Archive(_))), "{members:?}");
        assert!(!outside.exists() && !scene.path("new").exists());
    }
    // A link that leads out is left out, wherever it says that it leads.
    for to in [&to_outside[..], "../../outside", "/etc/passwd"] {
        let restored = restore(&forged(&scene, &[link(data.join("way"), to)]), &scene.wish(), &mut Silent).unwrap();
        assert_eq!(restored.left_out.len(), 1, "{to}");
        assert!(scene.path("new/data/way").symlink_metadata().is_err());
        fs::remove_dir_all(scene.path("new")).unwrap();
    }
}

#[test]
fn nothing_is_written_through_a_link_that_waits_in_the_place() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("new/archives/private")).unwrap();
    fs::create_dir_all(scene.path("outside")).unwrap();
    std::os::unix::fs::symlink(scene.path("outside"), scene.path("new/archives/private/garden.mbox")).unwrap();
    assert!(matches!(scene.restore(), Err(RestoreError::Io { .. })));
    assert_eq!(fs::read_dir(scene.path("outside")).unwrap().count(), 0);
    assert!(!scene.path("new/Mailman/mm_cfg.py").exists());
}
