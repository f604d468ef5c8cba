//! Switches on small site trees: step by step, cut off at each step, and back bit for bit.

use super::*;
use crate::program::{shim, PAGE_PROGRAM_MARK};
use crate::Process;
use compat::durable::fault::{self, Fault};
use compat::pickle::{dumps, Protocol};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::rc::Rc;

const QRUNNER: &str = "#! /usr/bin/python\n# The original.\n";

struct AllOurs;

impl Engine for AllOurs {
    fn has_handler(&self, _: &Site, name: &ByteStr) -> bool {
        *name != "SpamAssassin"
    }

    fn has_runner(&self, class: &str) -> bool {
        class != "MaildirRunner"
    }

    fn processes(&self, _: &Site) -> Vec<Process> {
        Vec::new()
    }
}

/// A site without a mail, whose settings end without a newline.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Tree {
        let dir = tempfile::tempdir().unwrap();
        let folders = ["Mailman", "bin", "data", "lists/mailman", "locks", "logs", "archives/private", "templates/en"];
        folders.iter().for_each(|name| fs::create_dir_all(dir.path().join(name)).unwrap());
        let own = fs::metadata(dir.path()).unwrap();
        let user = nix::unistd::User::from_uid(own.uid().into()).unwrap().unwrap().name;
        let group = nix::unistd::Group::from_gid(own.gid().into()).unwrap().unwrap().name;
        let settings = format!(
            "from Defaults import *\nMAILMAN_USER = '{user}'\nMAILMAN_GROUP = '{group}'\nPYTHON = '/bin/sh'\n# no newline"
        );
        let config: Dict = [("data_version".into(), Value::Int(112))].into_iter().collect();
        let tree = Tree(dir);
        tree.write("Mailman/mm_cfg.py", settings);
        tree.write("Mailman/Version.py", "VERSION = '2.1.39'\n");
        tree.write("bin/qrunner", QRUNNER);
        tree.write("bin/mailmanctl", "#! /usr/bin/python\n# The master.\n");
        tree.write("program/mailman2-rs", "program");
        fs::write(tree.path("lists/mailman/config.pck"), dumps(&Value::dict(config), Protocol::P1).unwrap()).unwrap();
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn site(&self) -> Rc<Site> {
        Site::open(self.0.path()).unwrap()
    }

    fn wish(&self, runners: Option<&[&str]>, master: bool) -> Wish {
        let runners = runners.map(|names| names.iter().map(ToString::to_string).collect());
        Wish { runners, master, program: self.path("program/mailman2-rs"), accepted: Vec::new() }
    }

    fn switch(&self, runners: Option<&[&str]>, master: bool) {
        plan_switch(&self.site(), &AllOurs, &self.wish(runners, master)).unwrap().carry_out().unwrap();
    }

    fn back(&self) {
        plan_back(&self.site(), None).unwrap().carry_out().unwrap();
    }

    /// Every file with inode, mode and contents; of mm_cfg.py, which is written anew, mode and contents.
    fn everything(&self) -> BTreeMap<PathBuf, (u64, u32, Vec<u8>)> {
        let files =
            walkdir::WalkDir::new(self.0.path()).into_iter().flatten().filter(|item| !item.file_type().is_dir());
        let inode = |path: &Path, ino| if path.ends_with("mm_cfg.py") { 0 } else { ino };
        files
            .map(|item| {
                let about = item.metadata().unwrap();
                let contents = fs::read(item.path()).unwrap();
                (item.path().to_path_buf(), (inode(item.path(), about.ino()), about.mode(), contents))
            })
            .collect()
    }

    fn settings(&self) -> String {
        fs::read_to_string(self.path("Mailman/mm_cfg.py")).unwrap()
    }
}

#[test]
fn there_and_back_leaves_every_bit_as_it_was() {
    let tree = Tree::new();
    let before = tree.everything();
    for (runners, master) in [(None, false), (Some(&["OutgoingRunner"][..]), false), (None, true)] {
        tree.switch(runners, master);
        assert_eq!(fs::read(tree.path("bin/qrunner")).unwrap(), shim::TEXT);
        assert_eq!(fs::read_to_string(tree.path("bin/qrunner.distrib")).unwrap(), QRUNNER);
        assert_eq!(tree.path("bin/mailmanctl").is_symlink(), master);
        tree.back();
        assert_eq!(tree.everything(), before);
    }
}

#[test]
fn a_plan_changes_nothing_and_twice_is_once() {
    let tree = Tree::new();
    let before = tree.everything();
    let plan = plan_switch(&tree.site(), &AllOurs, &tree.wish(None, true)).unwrap();
    assert_eq!(plan.steps().len(), 5, "{:?}", plan.steps());
    assert_eq!(tree.everything(), before);
    plan.carry_out().unwrap();
    let after = tree.everything();
    let again = plan_switch(&tree.site(), &AllOurs, &tree.wish(None, true)).unwrap();
    assert!(again.steps().is_empty(), "{:?}", again.steps());
    again.carry_out().unwrap();
    assert_eq!(tree.everything(), after);
    tree.back();
    assert!(plan_back(&tree.site(), None).unwrap().steps().is_empty());
    tree.back();
    assert_eq!(tree.everything(), before);
}

#[test]
fn runners_move_one_by_one_in_both_directions() {
    let tree = Tree::new();
    let before = tree.everything();
    tree.switch(Some(&["Outgoing"]), false);
    assert!(tree.settings().contains("MAILMAN2_RS_RUNNERS = ['OutgoingRunner']\n"));
    tree.switch(Some(&["RetryRunner"]), false);
    assert!(tree.settings().contains("MAILMAN2_RS_RUNNERS = ['OutgoingRunner', 'RetryRunner']\n"));
    assert!(status(&tree.site()).contains("OutgoingRunner, RetryRunner"));
    plan_back(&tree.site(), Some(&["Retry".to_string()])).unwrap().carry_out().unwrap();
    assert!(tree.settings().contains("MAILMAN2_RS_RUNNERS = ['OutgoingRunner']\n"));
    assert!(tree.settings().contains("MAILMAN2_RS_PROGRAM"));
    plan_back(&tree.site(), Some(&["Outgoing".to_string()])).unwrap().carry_out().unwrap();
    assert_eq!(tree.everything(), before, "the last one takes everything along");
}

#[test]
fn what_would_stop_it_stops_it_before_anything_changes() {
    let tree = Tree::new();
    tree.write("lists/mailman/extend.py", "def extend(mlist): pass\n");
    let before = tree.everything();
    let refused = plan_switch(&tree.site(), &AllOurs, &tree.wish(None, false)).err().unwrap().to_string();
    assert!(refused.contains("[extend-py]"), "{refused}");
    let unknown = tree.wish(Some(&["MaildirRunner"]), false);
    let accepted = Wish { accepted: vec!["extend-py".to_string()], ..tree.wish(None, false) };
    assert!(plan_switch(&tree.site(), &AllOurs, &accepted).is_ok());
    assert!(plan_switch(&tree.site(), &AllOurs, &Wish { accepted: accepted.accepted, ..unknown }).is_err());
    assert_eq!(tree.everything(), before);
}

/// Cuts a change off before its N-th step, for each N.
fn cut_off_everywhere(prepare: impl Fn(&Tree), change: impl Fn(&Tree), check: impl Fn(&Tree)) {
    for nth in 1.. {
        let tree = Tree::new();
        prepare(&tree);
        let armed = fault::arm(nth, Fault::CutOff);
        change(&tree);
        let met = armed.was_met();
        drop(armed);
        assert!(tree.path("bin/qrunner").is_file(), "step {nth}: the place is never empty");
        check(&tree);
        if !met {
            assert!(nth > 5);
            return;
        }
    }
}

fn try_switch(tree: &Tree) {
    let plan = plan_switch(&tree.site(), &AllOurs, &tree.wish(Some(&["Outgoing"]), true));
    let _ = plan.and_then(|plan| plan.carry_out());
}

fn try_back(tree: &Tree) {
    let _ = plan_back(&tree.site(), None).and_then(|plan| plan.carry_out());
}

/// What a back from anywhere must leave: the original contents, and nothing else.
fn names_and_contents(tree: &Tree) -> Vec<(PathBuf, Vec<u8>)> {
    let root = tree.0.path();
    let all = tree.everything().into_iter();
    all.map(|(path, (_, _, contents))| (path.strip_prefix(root).unwrap().to_path_buf(), contents)).collect()
}

#[test]
fn a_switch_that_was_cut_off_can_be_finished_or_undone() {
    let original = names_and_contents(&Tree::new());
    cut_off_everywhere(
        |_| {},
        try_switch,
        |tree| {
            tree.switch(Some(&["Outgoing"]), true);
            assert_eq!(fs::read(tree.path("bin/qrunner")).unwrap(), shim::TEXT);
            assert_eq!(fs::read_to_string(tree.path("bin/qrunner.distrib")).unwrap(), QRUNNER);
            tree.back();
            assert_eq!(names_and_contents(tree), original);
        },
    );
    cut_off_everywhere(
        |_| {},
        try_switch,
        |tree| {
            tree.back();
            assert_eq!(names_and_contents(tree), original);
        },
    );
}

#[test]
fn a_way_back_that_was_cut_off_can_be_finished() {
    let original = names_and_contents(&Tree::new());
    cut_off_everywhere(
        |tree| tree.switch(None, true),
        try_back,
        |tree| {
            tree.back();
            assert_eq!(names_and_contents(tree), original);
        },
    );
}

#[test]
fn the_way_back_says_what_stays_on_hold() {
    let tree = Tree::new();
    tree.switch(None, true);
    assert_eq!(plan_back(&tree.site(), None).unwrap().warnings, [""; 0]);
    for name in ["qfiles/out/1.5+aa.hold", "qfiles/out/2.5+bb.hold", "qfiles/out/3.5+cc.pck", "qfiles/in/4.5+dd.hold"] {
        tree.write(name, "x");
    }
    let warnings = plan_back(&tree.site(), None).unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("1 on hold in ") && warnings[0].contains("qfiles/in,"), "{warnings:?}");
    assert!(warnings[1].starts_with("2 on hold in ") && warnings[1].contains("qfiles/out,"), "{warnings:?}");
    tree.back();
    assert!(tree.path("qfiles/out/1.5+aa.hold").exists());
    assert_eq!(plan_back(&tree.site(), None).unwrap().warnings.len(), 2, "also where nothing is left to do");
}

#[test]
fn a_stranger_in_the_place_is_not_overwritten() {
    let tree = Tree::new();
    tree.switch(None, false);
    // Somebody installed Mailman anew over our shim.
    tree.write("bin/qrunner", "# newer\n");
    assert!(plan_back(&tree.site(), None).unwrap().carry_out().is_err());
    assert!(plan_switch(&tree.site(), &AllOurs, &tree.wish(None, false)).unwrap().carry_out().is_err());
    assert_eq!(fs::read_to_string(tree.path("bin/qrunner")).unwrap(), "# newer\n");
    assert_eq!(fs::read_to_string(tree.path("bin/qrunner.distrib")).unwrap(), QRUNNER);
}

#[test]
fn pages_go_in_and_out_one_by_one() {
    let tree = Tree::new();
    for name in ["listinfo", "admin"] {
        tree.write(&format!("cgi-bin/{name}"), format!("the original {name}"));
        fs::set_permissions(tree.path(&format!("cgi-bin/{name}")), fs::Permissions::from_mode(0o2755)).unwrap();
    }
    tree.write("program/mailman2-cgi", [b"\x7fELF ", PAGE_PROGRAM_MARK].concat());
    let (site, program) = (tree.site(), tree.path("program/mailman2-cgi"));
    let listinfo = tree.path("cgi-bin/listinfo");
    let inode = fs::metadata(&listinfo).unwrap().ino();
    let go = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        pages::plan_switch(&site, Some(&names), &program).unwrap().carry_out().unwrap();
    };
    go(&["listinfo"]);
    go(&["listinfo"]);
    assert_eq!(fs::read(&listinfo).unwrap(), fs::read(&program).unwrap());
    assert_eq!(fs::metadata(&listinfo).unwrap().mode() & 0o7777, 0o2755);
    assert_eq!(fs::read(tree.path("cgi-bin/admin")).unwrap(), b"the original admin");
    assert!(status(&site).ends_with("pages of ours: listinfo\n"));
    // The way back of the runners leaves pages alone.
    plan_back(&site, None).unwrap().carry_out().unwrap();
    assert!(status(&site).ends_with("pages of ours: listinfo\n"));
    go(&["admin"]);
    pages::plan_back(&site, Some(&["admin".to_string()])).unwrap().carry_out().unwrap();
    assert!(status(&site).ends_with("pages of ours: listinfo\n"));
    pages::plan_back(&site, None).unwrap().carry_out().unwrap();
    assert_eq!(fs::metadata(&listinfo).unwrap().ino(), inode);
    assert!(!tree.path("data/mailman2-rs.switch").exists() && !tree.path("cgi-bin/listinfo.distrib").exists());
    assert!(matches!(pages::plan_back(&site, Some(&["nothing".into()])), Err(SwitchError::NoSuchPage(_))));
}
