//! Python's own functions, and those of its modules.

use super::call::Given;
use super::item::{set_entry, Item};
use super::modules::exception;
use super::run::{Interpreter, Run, Stop};
use crate::format;
use crate::value::{UniStr, Value};
use crate::ByteStr;
use std::cell::RefCell;
use std::rc::Rc;

/// `range` gives no longer lists.
const MAX_RANGE: usize = 100_000;

/// Exceptions and what they are kinds of.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Exception", ""),
    ("StandardError", "Exception"),
    ("ArithmeticError", "StandardError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "StandardError"),
    ("AttributeError", "StandardError"),
    ("EnvironmentError", "StandardError"),
    ("IOError", "EnvironmentError"),
    ("OSError", "EnvironmentError"),
    ("ImportError", "StandardError"),
    ("LookupError", "StandardError"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("NameError", "StandardError"),
    ("RuntimeError", "StandardError"),
    ("SyntaxError", "StandardError"),
    ("TypeError", "StandardError"),
    ("ValueError", "StandardError"),
    ("UnicodeError", "ValueError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("SystemExit", ""),
    ("socket.error", "IOError"),
    ("re.error", "Exception"),
];

const FUNCTIONS: &[&str] = &[
    "abs",
    "bool",
    "chr",
    "dict",
    "execfile",
    "filter",
    "float",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "list",
    "long",
    "map",
    "max",
    "min",
    "open",
    "file",
    "ord",
    "range",
    "reload",
    "repr",
    "reversed",
    "round",
    "sorted",
    "str",
    "sum",
    "tuple",
    "unicode",
    "xrange",
    "zip",
    "any",
    "all",
    "callable",
    "type",
];

/// Names that Python knows and settings should do without.
pub(super) fn is_unsupported(name: &str) -> bool {
    const REFUSED: &[&str] = &[
        "set",
        "frozenset",
        "eval",
        "compile",
        "object",
        "property",
        "super",
        "globals",
        "locals",
        "vars",
        "dir",
        "input",
        "raw_input",
        "__import__",
        "setattr",
        "delattr",
        "id",
        "hash",
        "iter",
        "next",
        "enumerate",
        "slice",
        "staticmethod",
        "classmethod",
        "hex",
        "oct",
        "pow",
        "divmod",
        "cmp",
        "apply",
        "buffer",
        "bytearray",
        "complex",
        "format",
        "intern",
        "issubclass",
        "memoryview",
        "reduce",
        "unichr",
        "basestring",
        "bytes",
        "__file__",
        "exit",
        "quit",
    ];
    REFUSED.contains(&name)
}

/// What a name means that no file has set.
pub(super) fn lookup(name: &str) -> Option<Item> {
    match name {
        "True" => Some(Item::Bool(true)),
        "False" => Some(Item::Bool(false)),
        "None" => Some(Item::None),
        "__name__" => Some(Item::str("Mailman.mm_cfg")),
        _ if FUNCTIONS.contains(&name) => Some(Item::native(name)),
        _ => EXCEPTIONS.iter().find(|(known, _)| *known == name).map(|(known, _)| exception(known)),
    }
}

/// Whether an exception is caught where `class` is.
pub(super) fn is_kind_of(kind: &str, class: &str) -> bool {
    let mut kind = kind;
    while !kind.is_empty() {
        if kind == class {
            return true;
        }
        kind = EXCEPTIONS.iter().find(|(known, _)| *known == kind).map_or("", |(_, parent)| parent);
    }
    false
}

impl Interpreter<'_> {
    pub(super) fn call_native(&mut self, name: &str, given: &Given) -> Run<Item> {
        match name.split_once('.') {
            None => self.call_builtin(name, given),
            Some(("os", rest)) => match rest.strip_prefix("path.") {
                Some(function) => self.call_path(function, given),
                None => self.call_os(rest, given),
            },
            Some(("string", method)) => {
                let (item, rest) = self.split_first(given)?;
                // string.join(list, separator) has its arguments the other way round.
                if method == "join" {
                    let separator = rest.positional.first().cloned().unwrap_or(Item::str(" "));
                    return self.call_method(&separator, "join", &Given::of(vec![item]));
                }
                self.call_method(&item, method, &rest)
            }
            Some(("email", _)) => self.add_charset(given),
            _ => self.call_system(name, given),
        }
    }

    fn split_first(&self, given: &Given) -> Run<(Item, Given)> {
        match given.positional.split_first() {
            Some((first, rest)) => Ok((first.clone(), Given::of(rest.to_vec()))),
            None => Err(self.raise("TypeError", "an argument is missing")),
        }
    }

    fn call_builtin(&mut self, name: &str, given: &Given) -> Run<Item> {
        match name {
            "dict" => return self.make_dict(given),
            "range" | "xrange" => return self.range(given),
            "open" | "file" => return self.open(given),
            "execfile" => return self.execfile(given),
            "max" | "min" | "sorted" | "reversed" | "sum" | "any" | "all" | "zip" | "map" | "filter" => {
                return self.call_over_sequences(name, given);
            }
            "list" | "tuple" if given.positional.is_empty() => {
                return Ok(if name == "list" { Item::list(Vec::new()) } else { Item::tuple(Vec::new()) });
            }
            "str" | "unicode" if given.positional.is_empty() => return Ok(Item::str("")),
            "int" | "long" | "bool" | "float" if given.positional.is_empty() => return Ok(Item::Int(0)),
            "isinstance" | "getattr" | "hasattr" => return self.call_about_objects(name, given),
            _ => {}
        }
        let (item, rest) = self.split_first(given)?;
        match name {
            "len" => match item.length() {
                Some(length) => Ok(Item::Int(length as i64)),
                None => Err(self.raise("TypeError", format!("object of type '{}' has no len()", item.type_name()))),
            },
            "list" => self.members(&item).map(Item::list),
            "tuple" => self.members(&item).map(Item::tuple),
            "reload" => Ok(item),
            "repr" => self.repr(&item).map(Item::str),
            "callable" => Ok(Item::Bool(matches!(item, Item::Function(_) | Item::Native(_) | Item::Method(_)))),
            "type" => Err(self.fail("type() is not understood in settings; write the value that fits")),
            "str" => self.make_str(&item),
            "unicode" => self.make_unicode(&item, &rest),
            _ => self.convert_number(name, &item, &rest),
        }
    }

    fn make_str(&mut self, item: &Item) -> Run<Item> {
        match item {
            Item::Exception(exception) => Ok(Item::Str(exception.1.clone().unwrap_or_default())),
            Item::Unicode(text) if text.0.is_ascii() => Ok(Item::Str(text.0.clone())),
            Item::Unicode(_) => Err(self.raise("UnicodeEncodeError", "'ascii' codec can't encode this text")),
            other => Ok(Item::Str(format::text_of(&self.value(other)?))),
        }
    }

    fn make_unicode(&mut self, item: &Item, rest: &Given) -> Run<Item> {
        if let (Item::Str(_), Some(charset)) = (item, rest.get(0, "encoding")) {
            return self.call_method(item, "decode", &Given::of(vec![charset.clone()]));
        }
        let text = format::text_of(&self.value(item)?);
        if !matches!(item, Item::Unicode(_)) {
            self.check_ascii(&text)?;
        }
        Ok(Item::Unicode(UniStr(text)))
    }

    fn convert_number(&mut self, name: &str, item: &Item, rest: &Given) -> Run<Item> {
        match (name, item) {
            ("bool", item) => Ok(Item::Bool(item.is_true())),
            ("int" | "long", Item::Str(text) | Item::Unicode(UniStr(text))) => {
                let base = rest.get(0, "base").and_then(Item::whole).unwrap_or(10);
                self.parse_int(text, base, name == "long")
            }
            ("int" | "long", Item::Float(x)) if x.abs() < 1e30 => Ok(Item::integer(x.trunc() as i128, name == "long")),
            ("int" | "long", item) if item.whole().is_some() => {
                Ok(Item::integer(item.whole().unwrap_or(0), name == "long"))
            }
            ("float", Item::Str(text) | Item::Unicode(UniStr(text))) => {
                let parsed = text.to_latin1().trim().parse().map(Item::Float);
                parsed.map_err(|_| self.raise("ValueError", format!("could not convert string to float: {text}")))
            }
            ("abs", item) if item.whole().is_some_and(|n| n >= 0) => self.unary("+", item),
            ("abs", item) if item.whole().is_some() => self.unary("-", item),
            ("chr", Item::Float(_)) => Err(self.raise("TypeError", "integer argument expected, got float")),
            (_, item) if item.number().is_some() => self.convert_float(name, item.number().unwrap_or(0.0), rest),
            ("ord", Item::Unicode(text)) if item.length() == Some(1) => {
                Ok(Item::Int(text.to_text().chars().next().map_or(0, |c| i64::from(u32::from(c)))))
            }
            ("ord", Item::Str(text)) if text.len() == 1 => Ok(Item::Int(i64::from(text[0]))),
            (_, item) => {
                let text = format!("{name}() does not take a {}", item.type_name());
                Err(self.raise("TypeError", text))
            }
        }
    }

    fn convert_float(&mut self, name: &str, x: f64, rest: &Given) -> Run<Item> {
        match name {
            "float" => Ok(Item::Float(x)),
            "abs" => Ok(Item::Float(x.abs())),
            "round" => {
                let places = rest.get(0, "ndigits").and_then(Item::whole).unwrap_or(0).clamp(0, 20) as usize;
                let scale = 10f64.powi(places as i32);
                Ok(Item::Float((x * scale).round() / scale))
            }
            "chr" if (0.0..256.0).contains(&x) => Ok(Item::str(vec![x as u8])),
            "chr" => Err(self.raise("ValueError", "chr() arg not in range(256)")),
            _ => Err(self.raise("TypeError", format!("{name}() does not take this number"))),
        }
    }

    fn parse_int(&mut self, text: &ByteStr, base: i128, long: bool) -> Run<Item> {
        let digits = text.to_latin1();
        let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
        let plain = digits.trim().trim_end_matches(|c| long && matches!(c, 'l' | 'L'));
        match base.and_then(|base| i128::from_str_radix(plain, base).ok()) {
            Some(value) => Ok(Item::integer(value, long)),
            None => {
                let shown = format::repr(&Value::Str(text.clone()));
                Err(self.raise("ValueError", format!("invalid literal for int() with base 10: {shown}")))
            }
        }
    }

    fn make_dict(&mut self, given: &Given) -> Run<Item> {
        let dict = RefCell::default();
        match given.positional.first() {
            Some(other @ Item::Dict(_)) => other.entries().into_iter().for_each(|(k, v)| set_entry(&dict, k, v)),
            Some(pairs) => {
                for pair in self.members(pairs)? {
                    match self.members(&pair)?.as_slice() {
                        [key, value] => set_entry(&dict, key.clone(), value.clone()),
                        _ => return Err(self.raise("ValueError", "dictionary update sequence element is no pair")),
                    }
                }
            }
            None => {}
        }
        given.named.iter().for_each(|(name, value)| set_entry(&dict, Item::str(name.as_str()), value.clone()));
        Ok(Item::Dict(Rc::new(dict)))
    }

    fn range(&mut self, given: &Given) -> Run<Item> {
        let numbers: Option<Vec<i128>> = given.positional.iter().map(Item::whole).collect();
        let (start, end, step) = match numbers.as_deref() {
            Some([end]) => (0, *end, 1),
            Some([start, end]) => (*start, *end, 1),
            Some([start, end, step]) if *step != 0 => (*start, *end, *step),
            _ => return Err(self.raise("TypeError", "range() integer arguments expected")),
        };
        let mut items = Vec::new();
        let mut at = start;
        while (step > 0 && at < end) || (step < 0 && at > end) {
            if items.len() >= MAX_RANGE {
                return Err(self.fail("this range is too long for settings"));
            }
            items.push(Item::integer(at, false));
            at = at.saturating_add(step);
        }
        self.take_room(items.len() * 16)?;
        Ok(Item::list(items))
    }

    fn call_about_objects(&mut self, name: &str, given: &Given) -> Run<Item> {
        let (Some(object), Some(second)) = (given.positional.first(), given.positional.get(1)) else {
            return Err(self.raise("TypeError", format!("{name} expected 2 arguments")));
        };
        if name == "isinstance" {
            return self.is_instance(object, second).map(Item::Bool);
        }
        let attribute = second.text().map(ByteStr::to_latin1).unwrap_or_default();
        let found = match object {
            Item::Namespace(namespace) => namespace.get(&attribute),
            Item::Module(module) => super::modules::attribute(module, &attribute),
            other => return Err(self.fail(format!("{name} of a {} is not understood in settings", other.type_name()))),
        };
        match (name, found, given.positional.get(2)) {
            ("hasattr", found, _) => Ok(Item::Bool(found.is_some())),
            (_, Some(item), _) => Ok(item),
            (_, None, Some(default)) => Ok(default.clone()),
            _ => Err(self.raise("AttributeError", format!("'module' object has no attribute '{attribute}'"))),
        }
    }

    fn is_instance(&mut self, object: &Item, class: &Item) -> Run<bool> {
        match class {
            Item::Native(class) => {
                Ok(object.type_name() == &**class || (&**class, object.type_name()) == ("int", "bool"))
            }
            Item::Tuple(classes) => {
                classes.iter().try_fold(false, |found, class| Ok(found || self.is_instance(object, class)?))
            }
            _ => Err(self.fail("isinstance is understood for Python's own types only")),
        }
    }

    fn call_over_sequences(&mut self, name: &str, given: &Given) -> Run<Item> {
        let (first, rest) = self.split_first(given)?;
        match name {
            "map" | "filter" => return self.map_or_filter(name, &first, &rest),
            "zip" => return self.zip(given),
            "max" | "min" if !rest.positional.is_empty() => return self.extreme(name, given.positional.clone()),
            _ => {}
        }
        let mut members = self.members(&first)?;
        match name {
            "max" | "min" => self.extreme(name, members),
            "sorted" => {
                if !given.named.is_empty() || !rest.positional.is_empty() {
                    return Err(self.fail("sorted with more than a list is not understood in settings"));
                }
                members.sort_by(Item::order);
                Ok(Item::list(members))
            }
            "reversed" => {
                members.reverse();
                Ok(Item::list(members))
            }
            "sum" => members.iter().try_fold(Item::Int(0), |sum, item| self.binary("+", &sum, item)),
            "any" => Ok(Item::Bool(members.iter().any(Item::is_true))),
            _ => Ok(Item::Bool(members.iter().all(Item::is_true))),
        }
    }

    fn extreme(&mut self, name: &str, members: Vec<Item>) -> Run<Item> {
        let found = match name {
            "max" => members.into_iter().rev().max_by(Item::order),
            _ => members.into_iter().min_by(Item::order),
        };
        found.ok_or_else(|| self.raise("ValueError", format!("{name}() arg is an empty sequence")))
    }

    fn map_or_filter(&mut self, name: &str, function: &Item, rest: &Given) -> Run<Item> {
        let [sequence] = rest.positional.as_slice() else {
            return Err(self.fail(format!("{name} is understood for one list only")));
        };
        let mut out = Vec::new();
        for item in self.members(sequence)? {
            self.spend(1)?;
            let result = match function {
                Item::None => item.clone(),
                function => self.call(function, Given::of(vec![item.clone()]))?,
            };
            match name {
                "map" => out.push(result),
                _ if result.is_true() => out.push(item),
                _ => {}
            }
        }
        self.take_room(out.len() * 16)?;
        Ok(Item::list(out))
    }

    fn zip(&mut self, given: &Given) -> Run<Item> {
        let sequences = given.positional.iter().map(|item| self.members(item)).collect::<Run<Vec<_>>>()?;
        let length = sequences.iter().map(Vec::len).min().unwrap_or(0);
        let row = |at: usize| Item::tuple(sequences.iter().filter_map(|items| items.get(at).cloned()).collect());
        Ok(Item::list((0..length).map(row).collect()))
    }

    fn open(&mut self, given: &Given) -> Run<Item> {
        let mode = given.get(1, "mode").and_then(Item::text).map(ByteStr::to_latin1).unwrap_or_default();
        if mode.contains(['w', 'a', '+']) {
            return Err(self.fail("settings must not write files"));
        }
        let path = self.path_argument(given)?;
        let content = self.read(&path)?;
        Ok(Item::File(Rc::new(RefCell::new(content.into()))))
    }

    fn add_charset(&mut self, given: &Given) -> Run<Item> {
        let mut call = [Value::None, Value::None, Value::None, Value::None];
        let names = ["charset", "header_enc", "body_enc", "output_charset"];
        for (at, (name, place)) in names.into_iter().zip(&mut call).enumerate() {
            if let Some(item) = given.get(at, name) {
                *place = self.value(item)?;
            }
        }
        if call[0].as_str().is_none() {
            return Err(self.raise("TypeError", "add_charset wants the charset's name"));
        }
        if call[2].as_int() == Some(3) {
            return Err(self.raise("ValueError", "SHORTEST not allowed for body_enc"));
        }
        self.charsets.push(call);
        Ok(Item::None)
    }

    pub(super) fn unsupported_call(&self, name: &str) -> Stop {
        self.fail(format!("{name} is not understood in settings; write the value that it should give"))
    }
}
