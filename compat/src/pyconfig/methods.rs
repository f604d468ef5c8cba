//! The methods of strings, lists, dictionaries and files.

use super::call::Given;
use super::item::{set_entry, Item};
use super::run::{Interpreter, Run};
use crate::codecs::{self, Errors};
use crate::value::UniStr;
use crate::ByteStr;
use std::cell::RefCell;

const OF_STRINGS: &[&str] = &[
    "lower",
    "upper",
    "capitalize",
    "strip",
    "lstrip",
    "rstrip",
    "startswith",
    "endswith",
    "isdigit",
    "join",
    "split",
    "splitlines",
    "replace",
    "find",
    "index",
    "count",
    "rfind",
    "encode",
    "decode",
];
const OF_LISTS: &[&str] = &["append", "extend", "insert", "index", "remove", "pop", "count", "reverse", "sort"];
const OF_DICTS: &[&str] = &[
    "has_key",
    "get",
    "keys",
    "iterkeys",
    "values",
    "itervalues",
    "items",
    "iteritems",
    "copy",
    "clear",
    "update",
    "setdefault",
    "pop",
];
const OF_FILES: &[&str] = &["read", "readline", "readlines", "xreadlines", "close"];

/// The methods of a value that can be called here.
pub(super) fn known_methods(object: &Item) -> &'static [&'static str] {
    match object {
        Item::Str(_) | Item::Unicode(_) => OF_STRINGS,
        Item::List(_) => OF_LISTS,
        Item::Tuple(_) => &["index", "count"],
        Item::Dict(_) => OF_DICTS,
        Item::File(_) => OF_FILES,
        _ => &[],
    }
}

type List = RefCell<Vec<Item>>;
type Entries = RefCell<Vec<(Item, Item)>>;

impl Interpreter<'_> {
    pub(super) fn call_method(&mut self, object: &Item, method: &str, given: &Given) -> Run<Item> {
        let found = match object {
            Item::Str(_) | Item::Unicode(_) => self.string_method(object, method, given)?,
            Item::List(items) => self.list_method(items, method, given)?,
            Item::Dict(entries) => self.dict_method(object, entries, method, given)?,
            Item::File(rest) => file_method(rest, method),
            Item::Tuple(_) if matches!(method, "index" | "count") => {
                let items = RefCell::new(self.members(object)?);
                self.list_method(&items, method, given)?
            }
            _ => None,
        };
        found.ok_or_else(|| self.unknown_method(object, method))
    }

    fn argument<'g>(&self, given: &'g Given, at: usize) -> Run<&'g Item> {
        given.positional.get(at).ok_or_else(|| self.raise("TypeError", "an argument is missing"))
    }

    fn text_argument(&self, given: &Given, at: usize) -> Run<ByteStr> {
        let item = self.argument(given, at)?;
        let text = item.text().cloned();
        text.ok_or_else(|| self.raise("TypeError", format!("a string is wanted, not {}", item.type_name())))
    }

    fn string_method(&mut self, object: &Item, method: &str, given: &Given) -> Run<Option<Item>> {
        let Some(text) = object.text().cloned() else { return Ok(None) };
        let unicode = matches!(object, Item::Unicode(_));
        let same_kind = |bytes: Vec<u8>| match unicode {
            true => Item::Unicode(UniStr(bytes.into())),
            false => Item::str(bytes),
        };
        Ok(Some(match method {
            "lower" if unicode => same_kind(UniStr(text).to_text().to_lowercase().into_bytes()),
            "upper" if unicode => same_kind(UniStr(text).to_text().to_uppercase().into_bytes()),
            "lower" => same_kind(text.to_ascii_lowercase()),
            "upper" => same_kind(text.to_ascii_uppercase()),
            "capitalize" if unicode => {
                let text = UniStr(text).to_text().to_lowercase();
                let mut chars = text.chars();
                let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
                same_kind((first + chars.as_str()).into_bytes())
            }
            "capitalize" => {
                let mut lower = text.to_ascii_lowercase();
                lower.iter_mut().take(1).for_each(|b| b.make_ascii_uppercase());
                same_kind(lower)
            }
            "strip" | "lstrip" | "rstrip" => same_kind(self.strip(&text, method, given)?),
            "startswith" | "endswith" => Item::Bool(self.has_affix(&text, method, given)?),
            "isdigit" => Item::Bool(!text.is_empty() && text.iter().all(u8::is_ascii_digit)),
            "join" => self.join(object, given)?,
            "split" | "splitlines" => {
                let parts = if method == "split" { self.split(&text, given)? } else { lines(&text) };
                self.take_room(parts.len() * 32)?;
                Item::list(parts.into_iter().map(same_kind).collect())
            }
            "replace" => {
                let (from, to) = (self.text_argument(given, 0)?, self.text_argument(given, 1)?);
                let out = replace(&text, &from, &to);
                self.take_room(out.len())?;
                same_kind(out)
            }
            "find" | "index" | "count" | "rfind" => return self.search(&text, method, given).map(Some),
            "encode" | "decode" => return self.recode(object, method, given).map(Some),
            _ => return Ok(None),
        }))
    }

    fn strip(&mut self, text: &[u8], method: &str, given: &Given) -> Run<Vec<u8>> {
        let chars = match given.positional.first() {
            None | Some(Item::None) => ByteStr::from(b"\t\n\x0b\x0c\r "),
            Some(_) => self.text_argument(given, 0)?,
        };
        let kept = |b: &u8| !chars.contains(b);
        let start = if method == "rstrip" { 0 } else { text.iter().position(kept).unwrap_or(text.len()) };
        let end = if method == "lstrip" { text.len() } else { text.iter().rposition(kept).map_or(start, |at| at + 1) };
        Ok(text.get(start..end).unwrap_or(&[]).to_vec())
    }

    fn has_affix(&mut self, text: &[u8], method: &str, given: &Given) -> Run<bool> {
        let affixes = match self.argument(given, 0)? {
            Item::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let has =
            |affix: &ByteStr| if method == "startswith" { text.starts_with(affix) } else { text.ends_with(affix) };
        Ok(affixes.iter().filter_map(Item::text).any(has))
    }

    fn join(&mut self, separator: &Item, given: &Given) -> Run<Item> {
        let sequence = self.argument(given, 0)?.clone();
        let mut joined: Option<Item> = None;
        for (at, item) in self.members(&sequence)?.into_iter().enumerate() {
            if item.text().is_none() {
                let text = format!("sequence item {at}: expected string, {} found", item.type_name());
                return Err(self.raise("TypeError", text));
            }
            joined = Some(match joined {
                None => item,
                Some(before) => {
                    let with_separator = self.binary("+", &before, separator)?;
                    self.binary("+", &with_separator, &item)?
                }
            });
        }
        Ok(joined.unwrap_or_else(|| Item::str("")))
    }

    fn split(&mut self, text: &[u8], given: &Given) -> Run<Vec<Vec<u8>>> {
        let limit = given.positional.get(1).and_then(Item::whole).and_then(|n| usize::try_from(n).ok());
        let limit = limit.unwrap_or(usize::MAX);
        if matches!(given.positional.first(), None | Some(Item::None)) {
            return Ok(split_blanks(text, limit));
        }
        let separator = self.text_argument(given, 0)?;
        if separator.is_empty() {
            return Err(self.raise("ValueError", "empty separator"));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while parts.len() < limit {
            let Some(at) = position(rest, &separator) else { break };
            parts.push(rest[..at].to_vec());
            rest = &rest[at + separator.len()..];
        }
        parts.push(rest.to_vec());
        Ok(parts)
    }

    fn search(&mut self, text: &[u8], method: &str, given: &Given) -> Run<Item> {
        let part = self.text_argument(given, 0)?;
        self.spend(text.len() / 64)?;
        let found = match method {
            "count" if part.is_empty() => return Ok(Item::Int(text.len() as i64 + 1)),
            "count" => {
                let (mut count, mut rest) = (0, text);
                while let Some(at) = position(rest, &part) {
                    count += 1;
                    rest = &rest[at + part.len()..];
                }
                return Ok(Item::Int(count));
            }
            "rfind" => (0..=text.len()).rev().find(|at| text[*at..].starts_with(&part)),
            _ => position(text, &part),
        };
        match found {
            Some(at) => Ok(Item::Int(at as i64)),
            None if method == "index" => Err(self.raise("ValueError", "substring not found")),
            None => Ok(Item::Int(-1)),
        }
    }

    fn recode(&mut self, object: &Item, method: &str, given: &Given) -> Run<Item> {
        let charset = match given.positional.first() {
            Some(_) => self.text_argument(given, 0)?,
            None => "us-ascii".into(),
        };
        let errors = match given.positional.get(1).and_then(Item::text).map(ByteStr::to_latin1).as_deref() {
            Some("replace") => Errors::Replace,
            Some("ignore") => Errors::Ignore,
            _ => Errors::Strict,
        };
        let result = match (object, method) {
            (Item::Str(bytes), "decode") => codecs::decode(bytes, &charset, errors).map(Item::Unicode),
            (Item::Unicode(text), "encode") => codecs::encode(text, &charset, errors).map(Item::str),
            _ => return Err(self.fail(format!("{method} of a {} is not understood in settings", object.type_name()))),
        };
        result.map_err(|error| self.raise("UnicodeError", error.to_string()))
    }

    fn list_method(&mut self, items: &List, method: &str, given: &Given) -> Run<Option<Item>> {
        self.take_room(16)?;
        let length = items.borrow().len();
        Ok(Some(match method {
            "append" => {
                let item = self.argument(given, 0)?.clone();
                items.borrow_mut().push(item);
                Item::None
            }
            "extend" => {
                let more = self.argument(given, 0)?.clone();
                let more = self.members(&more)?;
                self.take_room(more.len() * 16)?;
                items.borrow_mut().extend(more);
                Item::None
            }
            "insert" => {
                let at = self.argument(given, 0)?.whole().unwrap_or(0);
                let at = if at < 0 { at + length as i128 } else { at };
                let at = usize::try_from(at).map_or(0, |at| at.min(length));
                let item = self.argument(given, 1)?.clone();
                items.borrow_mut().insert(at, item);
                Item::None
            }
            "index" | "remove" => self.find_in_list(items, method, given)?,
            "pop" => {
                let last = Item::Int(-1);
                let index = given.positional.first().unwrap_or(&last);
                let message = if length == 0 { "pop from empty list" } else { "pop index out of range" };
                let at = self.list_index(length, index, message)?;
                items.borrow_mut().remove(at)
            }
            "count" => {
                let item = self.argument(given, 0)?;
                Item::Int(items.borrow().iter().filter(|found| found.equals(item)).count() as i64)
            }
            "reverse" => {
                items.borrow_mut().reverse();
                Item::None
            }
            "sort" if given.positional.is_empty() && given.named.is_empty() => {
                let mut sorted = items.borrow().clone();
                sorted.sort_by(Item::order);
                *items.borrow_mut() = sorted;
                Item::None
            }
            _ => return Ok(None),
        }))
    }

    fn find_in_list(&mut self, items: &List, method: &str, given: &Given) -> Run<Item> {
        let item = self.argument(given, 0)?;
        let found = items.borrow().iter().position(|found| found.equals(item));
        match (found, method) {
            (Some(at), "index") => Ok(Item::Int(at as i64)),
            (Some(at), _) => {
                items.borrow_mut().remove(at);
                Ok(Item::None)
            }
            (None, "index") => {
                let shown = self.repr(item)?;
                Err(self.raise("ValueError", format!("{shown} is not in list")))
            }
            (None, _) => Err(self.raise("ValueError", "list.remove(x): x not in list")),
        }
    }

    fn dict_method(&mut self, object: &Item, entries: &Entries, method: &str, given: &Given) -> Run<Option<Item>> {
        self.spend(entries.borrow().len() / 8)?;
        self.take_room(64)?;
        Ok(Some(match method {
            "has_key" => Item::Bool(object.entry(self.argument(given, 0)?).is_some()),
            "get" => {
                let default = given.positional.get(1).cloned().unwrap_or(Item::None);
                object.entry(self.argument(given, 0)?).unwrap_or(default)
            }
            "keys" | "iterkeys" => Item::list(object.entries().into_iter().map(|(key, _)| key).collect()),
            "values" | "itervalues" => Item::list(object.entries().into_iter().map(|(_, value)| value).collect()),
            "items" | "iteritems" => {
                Item::list(object.entries().into_iter().map(|(k, v)| Item::tuple(vec![k, v])).collect())
            }
            "copy" => Item::dict(entries.borrow().clone()),
            "clear" => {
                entries.borrow_mut().clear();
                Item::None
            }
            "update" => {
                let more = Given { positional: given.positional.clone(), named: given.named.clone() };
                let more = self.call_native("dict", &more)?;
                more.entries().into_iter().for_each(|(key, value)| set_entry(entries, key, value));
                Item::None
            }
            "setdefault" | "pop" => self.take_or_keep(object, entries, method, given)?,
            _ => return Ok(None),
        }))
    }

    fn take_or_keep(&mut self, object: &Item, entries: &Entries, method: &str, given: &Given) -> Run<Item> {
        let key = self.argument(given, 0)?.clone();
        self.check_key(&key)?;
        let default = given.positional.get(1).cloned();
        match (object.entry(&key), method) {
            (Some(value), "pop") => {
                entries.borrow_mut().retain(|(found, _)| !found.equals(&key));
                Ok(value)
            }
            (Some(value), _) => Ok(value),
            (None, "pop") => default.ok_or_else(|| self.key_error(&key)),
            (None, _) => {
                let value = default.unwrap_or(Item::None);
                set_entry(entries, key, value.clone());
                Ok(value)
            }
        }
    }
}

fn file_method(rest: &RefCell<ByteStr>, method: &str) -> Option<Item> {
    match method {
        "read" => Some(Item::Str(rest.replace(ByteStr::default()))),
        "readline" => {
            let text = rest.borrow().clone();
            let end = text.iter().position(|b| *b == b'\n').map_or(text.len(), |at| at + 1);
            rest.replace(text.slice_from(end));
            Some(Item::Str(text.slice(0..end)))
        }
        "readlines" | "xreadlines" => {
            let text = rest.replace(ByteStr::default());
            Some(Item::list(text.split_inclusive(|b| *b == b'\n').map(Item::str).collect()))
        }
        "close" => Some(Item::None),
        _ => None,
    }
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, part)
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    if from.is_empty() {
        return text.to_vec();
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = position(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn split_blanks(text: &[u8], limit: usize) -> Vec<Vec<u8>> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.iter().position(|b| !is_blank(b)) {
        rest = &rest[start..];
        if parts.len() == limit {
            parts.push(rest.to_vec());
            break;
        }
        let end = rest.iter().position(is_blank).unwrap_or(rest.len());
        parts.push(rest[..end].to_vec());
        rest = &rest[end..];
    }
    parts
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let line = |line: &[u8]| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line).to_vec()
    };
    text.split_inclusive(|b| *b == b'\n').map(line).collect()
}
