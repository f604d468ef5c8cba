//! What settings ask of the machine: its name, its users, the environment.

use super::call::Given;
use super::item::Item;
use super::run::{Interpreter, Run};
use crate::clock;
use crate::ByteStr;
use nix::unistd::{Gid, Group, Uid, User};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

impl Interpreter<'_> {
    pub(super) fn call_os(&mut self, function: &str, given: &Given) -> Run<Item> {
        match function {
            "getenv" => {
                let name = given.positional.first().and_then(Item::text).cloned().unwrap_or_default();
                let default = given.get(1, "default").cloned().unwrap_or(Item::None);
                let value = std::env::var_os(std::ffi::OsStr::from_bytes(&name));
                Ok(value.map_or(default, |value| Item::str(value.into_vec())))
            }
            "uname" => {
                let uname = nix::sys::utsname::uname().map_err(|error| self.raise("OSError", error.desc()))?;
                let parts = [uname.sysname(), uname.nodename(), uname.release(), uname.version(), uname.machine()];
                Ok(Item::tuple(parts.into_iter().map(|part| Item::str(part.as_bytes())).collect()))
            }
            "getuid" => Ok(Item::Int(i64::from(Uid::current().as_raw()))),
            "geteuid" => Ok(Item::Int(i64::from(Uid::effective().as_raw()))),
            "getpid" => Ok(Item::Int(i64::from(std::process::id()))),
            _ => Err(self.unsupported_call(&format!("os.{function}"))),
        }
    }

    pub(super) fn call_system(&mut self, name: &str, given: &Given) -> Run<Item> {
        match name {
            "socket.gethostname" => Ok(Item::Str(self.host_name()?)),
            "socket.getfqdn" => {
                let name = given.get(0, "name").and_then(Item::text).cloned().unwrap_or_default();
                Ok(Item::str(crate::host::full_name(&name.to_latin1())))
            }
            "pwd.getpwnam" | "pwd.getpwuid" => self.user(given),
            "grp.getgrnam" | "grp.getgrgid" => self.group(given),
            "re.compile" => self.pattern(given),
            "re.escape" => Ok(Item::str(escaped(given.positional.first().and_then(Item::text)))),
            "time.time" => {
                let since = clock::system().duration_since(std::time::UNIX_EPOCH);
                Ok(Item::Float(since.map(|since| since.as_secs_f64()).unwrap_or(0.0)))
            }
            // Debian's later packages make utf-8 the encoding of everything; here bytes stay bytes.
            "sys.setdefaultencoding" => Ok(Item::None),
            _ => Err(self.unsupported_call(name)),
        }
    }

    fn host_name(&self) -> Run<ByteStr> {
        let name = nix::unistd::gethostname().map_err(|error| self.raise("socket.error", error.desc()))?;
        Ok(name.into_vec().into())
    }

    fn user(&mut self, given: &Given) -> Run<Item> {
        let found = match given.positional.first() {
            Some(item) if item.whole().is_some() => User::from_uid(Uid::from_raw(item.whole().unwrap_or(0) as u32)),
            Some(item) => User::from_name(&item.text().cloned().unwrap_or_default().to_latin1()),
            None => return Err(self.raise("TypeError", "an argument is missing")),
        };
        let Some(user) = found.ok().flatten() else {
            return Err(self.raise("KeyError", "'getpwnam(): name not found'"));
        };
        let text = |path: std::path::PathBuf| Item::str(path.into_os_string().into_vec());
        Ok(Item::tuple(vec![
            Item::str(user.name),
            Item::str("x"),
            Item::Int(i64::from(user.uid.as_raw())),
            Item::Int(i64::from(user.gid.as_raw())),
            Item::str(user.gecos.into_bytes()),
            text(user.dir),
            text(user.shell),
        ]))
    }

    fn group(&mut self, given: &Given) -> Run<Item> {
        let found = match given.positional.first() {
            Some(item) if item.whole().is_some() => Group::from_gid(Gid::from_raw(item.whole().unwrap_or(0) as u32)),
            Some(item) => Group::from_name(&item.text().cloned().unwrap_or_default().to_latin1()),
            None => return Err(self.raise("TypeError", "an argument is missing")),
        };
        let Some(group) = found.ok().flatten() else {
            return Err(self.raise("KeyError", "'getgrnam(): name not found'"));
        };
        let members = group.mem.into_iter().map(Item::str).collect();
        let id = Item::Int(i64::from(group.gid.as_raw()));
        Ok(Item::tuple(vec![Item::str(group.name), Item::str("x"), id, Item::list(members)]))
    }

    /// A pattern stays text; its flags go in front of it.
    fn pattern(&mut self, given: &Given) -> Run<Item> {
        let Some(pattern) = given.positional.first().and_then(Item::text).cloned() else {
            return Err(self.raise("TypeError", "first argument must be string or compiled pattern"));
        };
        let flags = given.get(1, "flags").and_then(Item::whole).unwrap_or(0);
        let letters: String = [(2, 'i'), (8, 'm'), (16, 's'), (32, 'u'), (64, 'x')]
            .iter()
            .filter(|f| flags & f.0 != 0)
            .map(|f| f.1)
            .collect();
        match letters.is_empty() {
            true => Ok(Item::Str(pattern)),
            false => Ok(Item::str([format!("(?{letters})").as_bytes(), &pattern].concat())),
        }
    }
}

fn escaped(text: Option<&ByteStr>) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text.iter().flat_map(|text| text.iter()) {
        if !byte.is_ascii_alphanumeric() {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}
