//! The functions of `os.path` that settings files call.

use super::call::Given;
use super::item::Item;
use super::run::{Interpreter, Run};
use crate::ByteStr;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

impl Interpreter<'_> {
    pub(super) fn call_path(&mut self, function: &str, given: &Given) -> Run<Item> {
        let texts: Option<Vec<&ByteStr>> = given.positional.iter().map(Item::text).collect();
        let Some((first, rest)) = texts.as_ref().and_then(|texts| texts.split_first()) else {
            return Err(self.raise("TypeError", "a path must be a string"));
        };
        let path = Path::new(OsStr::from_bytes(first));
        let cut = first.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        let (head, tail) = (first.slice(0..cut), first.slice_from(cut));
        Ok(match function {
            "join" => Item::str(join(first, rest)),
            "exists" => Item::Bool(path.exists()),
            "isfile" => Item::Bool(path.is_file()),
            "isdir" => Item::Bool(path.is_dir()),
            "basename" => Item::Str(tail),
            "dirname" => Item::Str(without_slashes(&head)),
            "split" => Item::tuple(vec![Item::Str(without_slashes(&head)), Item::Str(tail)]),
            "splitext" => {
                let stem = tail.iter().take_while(|b| **b == b'.').count();
                let dot = tail.iter().rposition(|b| *b == b'.').filter(|at| *at >= stem).unwrap_or(tail.len());
                Item::tuple(vec![Item::Str(first.slice(0..cut + dot)), Item::Str(first.slice_from(cut + dot))])
            }
            _ if path.is_absolute() => Item::str(normal(path)),
            _ => return Err(self.fail("this path is not absolute; write it in full")),
        })
    }
}

/// `os.path.join`
fn join(first: &[u8], rest: &[&ByteStr]) -> Vec<u8> {
    let mut path = first.to_vec();
    for part in rest {
        if part.starts_with(b"/") {
            path.clear();
        } else if !path.is_empty() && !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend_from_slice(part);
    }
    path
}

/// The head of a path loses its final slashes, unless it is nothing else.
fn without_slashes(head: &ByteStr) -> ByteStr {
    let kept = head.iter().rposition(|b| *b != b'/').map_or(head.len(), |at| at + 1);
    head.slice(0..kept)
}

/// `os.path.normpath` of an absolute path: links are not looked at.
fn normal(path: &Path) -> Vec<u8> {
    let mut out = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::Normal(part) => out.push(part),
            _ => {}
        }
    }
    out.into_os_string().into_vec()
}
