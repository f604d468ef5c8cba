//! The names of users and groups by their numbers, each asked for once.

use nix::unistd::{Gid, Group, Uid, User};
use std::collections::HashMap;

/// Names that were asked for.
#[derive(Default)]
pub struct Names {
    users: HashMap<u32, Vec<u8>>,
    groups: HashMap<u32, Vec<u8>>,
}

impl Names {
    /// Of a user; nothing for one that the machine does not know.
    pub fn user(&mut self, uid: u32) -> Vec<u8> {
        let ask = || User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name.into_bytes());
        self.users.entry(uid).or_insert_with(|| ask().unwrap_or_default()).clone()
    }

    /// Of a group.
    pub fn group(&mut self, gid: u32) -> Vec<u8> {
        let ask = || Group::from_gid(Gid::from_raw(gid)).ok().flatten().map(|group| group.name.into_bytes());
        self.groups.entry(gid).or_insert_with(|| ask().unwrap_or_default()).clone()
    }
}
