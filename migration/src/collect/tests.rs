//! A site collected while it changes, with a disk that fails at each step, and archives that were damaged.

use super::*;
use crate::archive::{ArchiveError, Contents};
use crate::progress::Silent;
use crate::small_site::{enqueue, make, tree, AtRest};
use compat::durable::fault::{self, Fault};
use compat::queue::{QueueFolders, QueueName};
use std::fs;
use std::rc::Rc;

fn wish(is_last: bool, machine: &Path) -> Wish {
    Wish { is_last, archives: Archives::All, machine: machine.to_path_buf() }
}

/// A site and an empty machine around it.
struct Scene {
    folder: tempfile::TempDir,
    site: Rc<Site>,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let site = make(&folder.path().join("site"));
        Scene { folder, site }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("site.tar")
    }

    fn pass(&self, is_last: bool) -> Result<Collected, CollectError> {
        let wish = wish(is_last, &self.folder.path().join("machine"));
        to_file(&self.site, &AtRest, &wish, &self.file(), &mut Silent)
    }

    /// What an archive holds is what the site is.
    fn assert_whole(&self) {
        let contents = Contents::read(&self.file(), &mut Silent).unwrap();
        let site: Vec<(Vec<u8>, Vec<u8>)> = tree(&self.site.home)
            .into_iter()
            .filter(|(path, _)| !self.site.home.join(path).is_symlink())
            .map(|(path, bytes)| (archive::name_of(&self.site.home.join(path)), bytes))
            .collect();
        let held: Vec<(Vec<u8>, Vec<u8>)> =
            contents.files.iter().map(|(name, stored)| (name.clone(), contents.bytes(stored).unwrap())).collect();
        let mut site = site;
        site.sort();
        assert_eq!(held, site);
        assert_eq!(contents.links.len(), 1);
    }
}

#[test]
fn each_pass_brings_what_changed() {
    let scene = Scene::new();
    let first = scene.pass(false).unwrap();
    assert!(!first.is_again && first.brought == first.files && first.messages == 4, "{first:?}");
    scene.assert_whole();
    let home = scene.site.home.clone();
    fs::write(home.join("lists/garden/digest.mbox"), "another digest, longer than the first one was\n").unwrap();
    fs::remove_file(home.join("data/heldmsg-garden-1.txt")).unwrap();
    fs::write(home.join("lists/garden/config.pck.tmp.host.99"), "half").unwrap();
    enqueue(&Rc::new(QueueFolders::below(&home.join("qfiles"))), QueueName::Out, 9);
    let second = scene.pass(false).unwrap();
    assert_eq!((second.brought, second.gone, second.temporary, second.files), (2, 1, 1, first.files));
    fs::remove_file(home.join("lists/garden/config.pck.tmp.host.99")).unwrap();
    let last = scene.pass(true).unwrap();
    assert_eq!((last.brought, last.gone, last.is_last), (0, 0, true));
    scene.assert_whole();
    let contents = Contents::read(&scene.file(), &mut Silent).unwrap();
    assert!(contents.end.is_last && contents.messages.is_some_and(|text| text.ends_with(b"end\t4\n")));
}

#[test]
fn a_link_that_leads_out_is_told_and_not_followed() {
    let scene = Scene::new();
    let secret = scene.folder.path().join("secret");
    fs::write(&secret, "not the site's").unwrap();
    std::os::unix::fs::symlink(&secret, scene.site.home.join("data/way-out")).unwrap();
    let collected = scene.pass(false).unwrap();
    assert_eq!(collected.outward.len(), 1);
    let bytes = fs::read(scene.file()).unwrap();
    assert!(memchr::memmem::find(&bytes, b"not the site's").is_none());
}

#[test]
fn runners_that_run_stop_the_last_pass() {
    struct Busy;
    impl Engine for Busy {
        fn has_handler(&self, _: &Site, _: &compat::ByteStr) -> bool {
            true
        }
        fn has_runner(&self, _: &str) -> bool {
            true
        }
        fn processes(&self, _: &Site) -> Vec<crate::Process> {
            vec![crate::Process {
                pid: 7,
                uid: 0,
                program: "qrunner",
                is_python: true,
                command: String::new(),
                serves: Vec::new(),
            }]
        }
    }
    let scene = Scene::new();
    let wish = wish(true, Path::new("/nowhere"));
    let refused = to_file(&scene.site, &Busy, &wish, &scene.file(), &mut Silent).unwrap_err();
    assert!(refused.to_string().contains("(pid 7)") && !scene.file().exists());
}

#[test]
fn another_file_is_not_written_over() {
    let scene = Scene::new();
    fs::write(scene.file(), "somebody's letters").unwrap();
    assert!(scene.pass(false).is_err());
    assert_eq!(fs::read(scene.file()).unwrap(), b"somebody's letters");
}

#[test]
fn into_a_pipe() {
    let scene = Scene::new();
    let mut out = Vec::new();
    let wish = wish(true, Path::new("/nowhere"));
    to_pipe(&scene.site, &AtRest, &wish, &mut out, &mut Silent).unwrap();
    fs::write(scene.file(), out).unwrap();
    scene.assert_whole();
}

/// A kill or a full disk at any step, and the same call again: the archive is whole.
#[test]
fn a_collection_goes_on_where_it_was_stopped() {
    const ENOSPC: i32 = nix::errno::Errno::ENOSPC as i32;
    for fault in [Fault::CutOff, Fault::Fail(ENOSPC), Fault::FailOnward(ENOSPC)] {
        for nth in 1.. {
            let scene = Scene::new();
            let armed = fault::arm(nth, fault);
            let outcome = scene.pass(true);
            let was_met = armed.was_met();
            drop(armed);
            // Cut off behind its end it is whole all the same.
            if outcome.is_ok() || Contents::read(&scene.file(), &mut Silent).is_ok() {
                scene.assert_whole();
            }
            scene.pass(true).unwrap_or_else(|error| panic!("step {nth} {fault:?}: {error}"));
            scene.assert_whole();
            if !was_met {
                break;
            }
        }
    }
}

/// Every byte of every pickle of the site, wherever it stands in the archive, and a part of all others.
#[test]
fn no_damage_is_overlooked() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.site.home.join("archives")).unwrap();
    fs::remove_file(scene.site.home.join("lists/garden/digest.mbox")).unwrap();
    scene.pass(true).unwrap();
    let whole = fs::read(scene.file()).unwrap();
    let contents = Contents::read(&scene.file(), &mut Silent).unwrap();
    let mut inside = vec![false; whole.len()];
    for stored in contents.files.iter().filter(|(name, _)| name.ends_with(b".pck")).map(|(_, stored)| stored) {
        let from = usize::try_from(stored.at).unwrap();
        inside[from..from + usize::try_from(stored.member.size).unwrap()].fill(true);
    }
    assert!(inside.iter().filter(|inside| **inside).count() > 500);
    let damaged = scene.folder.path().join("damaged.tar");
    let before: Vec<(Vec<u8>, String)> = sums(&contents);
    for at in (0..whole.len()).filter(|at| inside[*at] || at % 23 == 0) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x04;
        fs::write(&damaged, bytes).unwrap();
        match Contents::read(&damaged, &mut Silent) {
            Err(_) => {}
            // Between the members, and behind the last.
            Ok(read) => assert!(!inside[at] && sums(&read) == before, "byte {at}"),
        }
    }
}

fn sums(contents: &Contents) -> Vec<(Vec<u8>, String)> {
    contents.files.iter().map(|(name, stored)| (name.clone(), stored.sum.clone())).collect()
}

#[test]
fn a_cut_archive_is_not_believed() {
    let scene = Scene::new();
    scene.pass(true).unwrap();
    let whole = fs::read(scene.file()).unwrap();
    let cut = scene.folder.path().join("cut.tar");
    // The last two blocks are the zeros that end a tar file.
    for length in (0..whole.len() - 1024).step_by(256) {
        fs::write(&cut, &whole[..length]).unwrap();
        let refused = Contents::read(&cut, &mut Silent);
        assert!(refused.is_err(), "{length} of {}", whole.len());
        let kind = refused.unwrap_err();
        assert!(
            matches!(kind, ArchiveError::Tar { .. } | ArchiveError::NoEnd { .. } | ArchiveError::NotOurs { .. }),
            "{kind}"
        );
    }
}
