//! Root calls the tools on a site whose folders another user may write to, who has laid links there.
//!
//! Only root can try this, on a machine with a user `daemon`; the tests say that they skip otherwise.
#![allow(clippy::unwrap_used)]

use mailman2::demo::site;
use nix::unistd::{chown, geteuid, Gid, Group, Uid, User};
use std::fs;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LIST_USER: &str = "daemon";

/// A site of the list user's, and beside it a folder of root's.
struct World {
    folder: tempfile::TempDir,
    user: Uid,
    group: Gid,
}

impl World {
    /// `None` where this cannot be tried.
    fn new(settings: &[&str]) -> Option<World> {
        let user = User::from_name(LIST_USER).unwrap();
        let group = Group::from_name(LIST_USER).unwrap();
        let (Some(user), Some(group), true) = (user, group, geteuid().is_root()) else {
            eprintln!("skipped: not root, or no user {LIST_USER}");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), 0o755);
        let world = World { folder, user: user.uid, group: group.gid };
        fs::create_dir(world.site()).unwrap();
        site::create(&world.site(), &[]).unwrap();
        let settings_file = world.site().join("Mailman/mm_cfg.py");
        let mut text = fs::read_to_string(&settings_file).unwrap();
        text += &format!("MAILMAN_USER = '{LIST_USER}'\nMAILMAN_GROUP = '{LIST_USER}'\n");
        settings.iter().for_each(|line| text += &format!("{line}\n"));
        fs::write(settings_file, text).unwrap();
        world.give(&world.site());
        fs::create_dir(world.roots()).unwrap();
        set_mode(&world.roots(), 0o755);
        Some(world)
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn roots(&self) -> PathBuf {
        self.folder.path().join("roots")
    }

    /// A tree gets the list user's group, which may write to it, as an installed site has it.
    fn give(&self, path: &Path) {
        chown(path, Some(self.user), Some(self.group)).unwrap();
        if path.is_dir() {
            set_mode(path, 0o2775);
            fs::read_dir(path).unwrap().for_each(|entry| self.give(&entry.unwrap().path()));
        }
    }

    /// The list user puts a link to a folder of root's in the place of one of the site's.
    fn lay_link(&self, name: &str) {
        let place = self.site().join(name);
        fs::rename(&place, self.site().join("aside")).unwrap();
        symlink(self.roots(), &place).unwrap();
        std::os::unix::fs::lchown(&place, Some(self.user.as_raw()), Some(self.group.as_raw())).unwrap();
    }

    fn take_link_away(&self, name: &str) {
        fs::remove_file(self.site().join(name)).unwrap();
        fs::rename(self.site().join("aside"), self.site().join(name)).unwrap();
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailman2-rs"));
        command.args(words).env("MAILMAN_PREFIX", self.site()).current_dir(self.folder.path());
        command.output().unwrap()
    }

    fn must_run(&self, words: &[&str]) {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// All below a folder, with owner and mode.
    fn seen(&self, folder: &Path) -> Vec<String> {
        let mut seen = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let about = fs::symlink_metadata(&path).unwrap();
            seen.push(format!("{} {} {:o} {}", path.display(), about.uid(), about.mode(), about.len()));
            if about.is_dir() {
                seen.extend(self.seen(&path));
            }
        }
        seen.sort();
        seen
    }

    fn owner(&self, name: &str) -> u32 {
        fs::metadata(self.site().join(name)).unwrap().uid()
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn what_root_makes_belongs_to_the_list_user() {
    let Some(world) = World::new(&[]) else { return };
    world.must_run(&["newlist", "-q", "garden", "rose@example.com", "secret"]);
    let members = world.roots().join("members");
    fs::write(&members, "ann@example.org\n").unwrap();
    set_mode(&members, 0o600);
    world.must_run(&["add_members", "-w", "n", "-a", "n", "-r", members.to_str().unwrap(), "garden"]);
    let written = world.roots().join("options");
    world.must_run(&["config_list", "-o", written.to_str().unwrap(), "garden"]);
    assert_eq!(fs::metadata(&written).unwrap().uid(), 0);
    for name in ["lists/garden", "lists/garden/config.pck", "logs/subscribe"] {
        assert_eq!(world.owner(name), world.user.as_raw(), "{name}");
    }
    world.must_run(&["rmlist", "-a", "garden"]);
}

#[test]
fn no_tool_follows_a_link_of_the_list_user() {
    let Some(world) = World::new(&[]) else { return };
    world.must_run(&["newlist", "-q", "garden", "rose@example.com", "secret"]);
    fs::write(world.roots().join("error"), "root's own\n").unwrap();
    set_mode(&world.roots().join("error"), 0o600);
    let before = world.seen(&world.roots());
    let tools: [&[&str]; 9] = [
        &["newlist", "-q", "meadow", "rose@example.com", "secret"],
        &["mmsitepass", "secret"],
        &["check_perms", "-f"],
        &["list_members", "garden"],
        &["senddigests"],
        &["qrunner", "-r", "All", "-o"],
        &["unshunt"],
        &["genaliases"],
        &["mailmanctl", "stop"],
    ];
    for folder in ["lists", "data", "logs", "locks", "qfiles", "archives"] {
        world.lay_link(folder);
        for tool in tools {
            // It may do its work elsewhere or fail.
            world.run(tool);
            assert_eq!(world.seen(&world.roots()), before, "{tool:?} behind {folder}");
        }
        world.take_link_away(folder);
    }
}

#[test]
fn maps_that_root_made_before_are_handed_over() {
    let touch = "POSTFIX_ALIAS_CMD = '/usr/bin/id -u > /dev/null; /bin/sh -c \\'id -u > $0.seen; echo x >> $0.db\\''";
    let Some(world) = World::new(&["MTA = 'Postfix'", touch]) else { return };
    let map = world.site().join("data/aliases.db");
    fs::write(&map, "").unwrap();
    chown(&map, Some(Uid::from_raw(0)), Some(Gid::from_raw(0))).unwrap();
    set_mode(&map, 0o644);
    world.must_run(&["newlist", "-q", "garden", "rose@example.com", "secret"]);
    assert_eq!(world.owner("data/aliases.db"), world.user.as_raw());
    assert_eq!(fs::read_to_string(map).unwrap(), "x\n");
    let ran_as = fs::read_to_string(world.site().join("data/aliases.seen")).unwrap();
    assert_eq!(ran_as.trim(), world.user.as_raw().to_string());
}

#[test]
fn permissions_are_not_put_right_behind_a_link_in_the_way() {
    let Some(world) = World::new(&[]) else { return };
    let mbox = world.roots().join("x.mbox");
    fs::write(&mbox, "").unwrap();
    set_mode(&mbox, 0o600);
    let link = world.site().join("archives/private/x.mbox");
    symlink(world.roots(), &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(world.user.as_raw()), None).unwrap();
    fs::hard_link(&mbox, world.site().join("lists/mailman/next-digest")).unwrap();
    for folder in ["cgi-bin", "mail"] {
        fs::create_dir_all(world.site().join(folder)).unwrap();
    }
    fs::write(world.site().join("mail/mailman"), "").unwrap();
    let told = String::from_utf8(world.run(&["check_perms", "-f"]).stdout).unwrap();
    assert!(told.contains("x.mbox/x.mbox") && told.contains("next-digest"), "{told}");
    assert_eq!(fs::metadata(&mbox).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&mbox).unwrap().gid(), 0);
}

#[test]
fn root_stays_where_the_list_user_has_no_hold() {
    let Some(world) = World::new(&[]) else { return };
    set_mode(world.folder.path(), 0o700);
    world.must_run(&["newlist", "-q", "garden", "rose@example.com", "secret"]);
    assert_eq!(world.owner("lists/garden/config.pck"), 0);
}

#[test]
fn a_list_that_may_not_be_looked_into_is_named() {
    let Some(world) = World::new(&[]) else { return };
    world.must_run(&["newlist", "-q", "garden", "rose@example.com", "secret"]);
    let file = world.site().join("lists/garden/config.pck");
    set_mode(&file, 0o600);
    chown(&file, Some(Uid::from_raw(0)), None).unwrap();
    for tool in [&["list_members", "garden"][..], &["list_admins", "garden"], &["config_list", "-o", "-", "garden"]] {
        let output = world.run(tool);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{tool:?}");
        assert!(said.contains("garden/config.pck") && said.contains("as user daemon"), "{tool:?}: {said}");
    }
}
