//! Whom the files belong to here: users and groups by their names, whatever their numbers were.

use crate::tar::Member;
use nix::unistd::{geteuid, Group, User};
use std::collections::HashMap;

/// Owners by the names of the old machine. Nothing but root may give files away.
pub struct Owners {
    old: (String, String),
    new: Option<(u32, u32)>,
    users: HashMap<Vec<u8>, Option<u32>>,
    groups: HashMap<Vec<u8>, Option<u32>>,
}

/// What the new machine lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingOwner {
    #[error("there is no user {0}")]
    User(String),
    #[error("there is no group {0}")]
    Group(String),
}

impl Owners {
    /// `old` and `new`: MAILMAN_USER and MAILMAN_GROUP there and here.
    ///
    /// # Errors
    /// The new ones do not exist: they must be made first.
    pub fn new(old: (String, String), new: (&str, &str)) -> Result<Owners, MissingOwner> {
        if !geteuid().is_root() {
            return Ok(Owners { old, new: None, users: HashMap::new(), groups: HashMap::new() });
        }
        let user = user(new.0.as_bytes()).ok_or_else(|| MissingOwner::User(new.0.to_owned()))?;
        let group = group(new.1.as_bytes()).ok_or_else(|| MissingOwner::Group(new.1.to_owned()))?;
        Ok(Owners { old, new: Some((user, group)), users: HashMap::new(), groups: HashMap::new() })
    }

    /// The list user and group, where files can be given to them.
    pub fn own(&self) -> Option<(u32, u32)> {
        self.new
    }

    /// Of a member: the list user's, another user's of that name, root's, or the list user's where there is nobody.
    pub fn of(&mut self, member: &Member) -> Option<(u32, u32)> {
        let (uid, gid) = self.new?;
        let (old_user, old_group) = (self.old.0.as_bytes(), self.old.1.as_bytes());
        let owner = match () {
            () if member.user == old_user => uid,
            () if member.uid == 0 => 0,
            () => self.users.entry(member.user.clone()).or_insert_with(|| user(&member.user)).unwrap_or(uid),
        };
        let of_group = match () {
            () if member.group == old_group => gid,
            () if member.gid == 0 => 0,
            () => self.groups.entry(member.group.clone()).or_insert_with(|| group(&member.group)).unwrap_or(gid),
        };
        Some((owner, of_group))
    }
}

fn user(name: &[u8]) -> Option<u32> {
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    User::from_name(name).ok().flatten().map(|user| user.uid.as_raw())
}

fn group(name: &[u8]) -> Option<u32> {
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}
