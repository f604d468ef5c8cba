//! The `%` operator itself.
//!
//! One conversion is `%(name)#-5.3ld`: the name where the right side is a mapping, flags, width, precision, a length
//! letter that C needs and Python ignores, and the conversion. Widths and precisions come from templates that list
//! owners write; both are bounded.

use super::number::float_with;
use super::{repr, text_of, FormatError, Lookup};
use crate::value::{UniStr, Value};
use crate::ByteStr;

/// No conversion may be wider; Python would go on until memory ends.
const MAX_WIDTH: usize = 100_000;

/// `template % mapping`. The result is `unicode` when one of the values is.
///
/// # Errors
/// A name without a value, a value of the wrong type, or a format that Python refuses: [`FormatError`] is the
/// exception.
pub fn percent(template: &[u8], values: &dyn Lookup) -> Result<Value, FormatError> {
    Formatter::new(template, Right::Mapping(values), false).run()
}

/// The same for a `unicode` template.
///
/// # Errors
/// A name without a value, a value of the wrong type, or a format that Python refuses: [`FormatError`] is the
/// exception.
pub fn percent_unicode(template: &UniStr, values: &dyn Lookup) -> Result<Value, FormatError> {
    Formatter::new(&template.0, Right::Mapping(values), true).run()
}

/// `template % mapping` as bytes; a result that became `unicode` comes as its UTF-8.
///
/// # Errors
/// A name without a value, a value of the wrong type, or a format that Python refuses: [`FormatError`] is the
/// exception.
pub fn percent_bytes(template: &[u8], values: &dyn Lookup) -> Result<ByteStr, FormatError> {
    percent(template, values).map(|value| text_of(&value))
}

/// `template % right` for any right side: a tuple, a dictionary, or one value.
///
/// # Errors
/// What Python raises: too few or too many values, or a value of the wrong type.
pub fn percent_args(template: &Value, right: &Value) -> Result<Value, FormatError> {
    let unicode = matches!(template, Value::Unicode(_));
    let Some(text) = template.as_text() else {
        return Err(type_error(format!("unsupported operand type(s) for %: '{}'", template.type_name())));
    };
    let right = match right {
        Value::Tuple(items) => Right::Items(items),
        Value::Dict(dict) => Right::Mapping(&**dict),
        // A list can be indexed, which is all that Python asks of a mapping here.
        Value::List(_) => Right::Sequence(right),
        other => Right::Items(std::slice::from_ref(other)),
    };
    Formatter::new(text, right, unicode).run()
}

enum Right<'a> {
    Mapping(&'a dyn Lookup),
    Items(&'a [Value]),
    /// A list: it can be used as a whole, and has no names.
    Sequence(&'a Value),
}

#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

struct Formatter<'a> {
    template: &'a [u8],
    at: usize,
    right: Right<'a>,
    /// Which item comes next.
    used: usize,
    /// What the next conversion takes where the right side is a mapping: its whole, or the value of the last name.
    pending: Option<Value>,
    out: Vec<u8>,
    unicode: bool,
    template_is_unicode: bool,
}

fn type_error(text: impl Into<String>) -> FormatError {
    FormatError::Type(text.into())
}

fn value_error(text: impl Into<String>) -> FormatError {
    FormatError::Value(text.into())
}

impl<'a> Formatter<'a> {
    fn new(template: &'a [u8], right: Right<'a>, unicode: bool) -> Self {
        let out = Vec::with_capacity(template.len() + 64);
        let pending = match &right {
            Right::Mapping(values) => values.whole(),
            Right::Sequence(list) => Some((*list).clone()),
            Right::Items(_) => None,
        };
        Formatter { template, at: 0, right, used: 0, pending, out, unicode, template_is_unicode: unicode }
    }

    fn run(mut self) -> Result<Value, FormatError> {
        while let Some(rest) = self.template.get(self.at..).filter(|rest| !rest.is_empty()) {
            let length = memchr::memchr(b'%', rest).unwrap_or(rest.len());
            self.literal(&rest[..length])?;
            self.at += length;
            if self.next().is_some() {
                self.conversion()?;
            }
        }
        match self.right {
            Right::Items(items) if self.used < items.len() => {
                Err(type_error("not all arguments converted during string formatting"))
            }
            _ if self.unicode => Ok(Value::Unicode(UniStr(self.out.into()))),
            _ => Ok(Value::str(self.out)),
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.template.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn need(&mut self) -> Result<u8, FormatError> {
        self.next().ok_or_else(|| value_error("incomplete format"))
    }

    /// What stands between two conversions.
    fn literal(&mut self, text: &[u8]) -> Result<(), FormatError> {
        if self.unicode && !self.template_is_unicode {
            if let Some(at) = text.iter().position(|byte| !byte.is_ascii()) {
                return Err(FormatError::Unicode { byte: text[at], position: self.at + at });
            }
        }
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn conversion(&mut self) -> Result<(), FormatError> {
        if self.template.get(self.at) == Some(&b'(') {
            self.pending = Some(self.named()?);
        }
        let (spec, kind) = self.spec()?;
        if kind == b'%' {
            self.pad(&Spec { zero: false, ..spec }, b"", b"%");
            return Ok(());
        }
        let value = self.argument()?;
        self.convert(&spec, kind, &value)
    }

    /// `(name)`; parentheses inside the name count.
    fn named(&mut self) -> Result<Value, FormatError> {
        let values = match self.right {
            Right::Mapping(values) => values,
            Right::Items(_) => return Err(type_error("format requires a mapping")),
            Right::Sequence(_) => return Err(type_error("list indices must be integers, not str")),
        };
        let start = self.at + 1;
        let mut depth = 0usize;
        while let Some(byte) = self.next() {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 1 => {
                    let key = self.template.get(start..self.at - 1).unwrap_or(&[]);
                    let found = if self.unicode { values.lookup_unicode(key) } else { values.lookup(key) };
                    return found.ok_or_else(|| FormatError::Key(key.into()));
                }
                b')' => depth -= 1,
                _ => {}
            }
        }
        Err(value_error("incomplete format key"))
    }

    fn argument(&mut self) -> Result<Value, FormatError> {
        let found = match &self.right {
            Right::Items(items) => {
                self.used += 1;
                items.get(self.used - 1).cloned()
            }
            Right::Mapping(_) | Right::Sequence(_) => self.pending.take(),
        };
        found.ok_or_else(|| type_error("not enough arguments for format string"))
    }

    /// Flags, width, precision, length letter; then the conversion's letter.
    fn spec(&mut self) -> Result<(Spec, u8), FormatError> {
        let mut spec = Spec::default();
        let mut byte = self.need()?;
        loop {
            match byte {
                b'-' => spec.left = true,
                b'+' => spec.plus = true,
                b' ' => spec.blank = true,
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                _ => break,
            }
            byte = self.need()?;
        }
        (spec.width, byte) = self.width(&mut spec.left, byte)?;
        if byte == b'.' {
            let first = self.need()?;
            let (precision, next) = self.count(first, "prec too big")?;
            spec.precision = Some(precision.unsigned_abs() * usize::from(precision >= 0));
            byte = next;
        }
        if matches!(byte, b'h' | b'l' | b'L') {
            byte = self.need()?;
        }
        Ok((spec, byte))
    }

    fn width(&mut self, left: &mut bool, first: u8) -> Result<(usize, u8), FormatError> {
        let (width, next) = self.count(first, "width too big")?;
        // A negative width can only come through `*`, and means a minus flag.
        *left |= width < 0;
        Ok((width.unsigned_abs(), next))
    }

    /// Digits or `*`; the first byte after them comes too.
    fn count(&mut self, first: u8, too_big: &str) -> Result<(isize, u8), FormatError> {
        let bounded = |n: usize| if n > MAX_WIDTH { Err(value_error(too_big)) } else { Ok(n) };
        if first == b'*' {
            let n = match self.argument()? {
                Value::Int(n) => n,
                Value::Bool(b) => i64::from(b),
                _ => return Err(type_error("* wants int")),
            };
            bounded(usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX))?;
            return Ok((n as isize, self.need()?));
        }
        let (mut n, mut byte) = (0usize, first);
        while byte.is_ascii_digit() {
            n = bounded(n * 10 + usize::from(byte - b'0'))?;
            byte = self.need()?;
        }
        Ok((n as isize, byte))
    }

    fn convert(&mut self, spec: &Spec, kind: u8, value: &Value) -> Result<(), FormatError> {
        match kind {
            b's' => self.text(spec, value),
            b'r' => self.bounded_text(spec, &repr(value)),
            b'c' => self.character(spec, value),
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
                let (sign, body) = integer(spec, kind, value).map_err(|error| self.of_whole(value, error))?;
                self.add(spec, sign.as_bytes(), body.into_bytes())
            }
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                let (sign, body) = float(spec, kind, value).map_err(|error| self.of_whole(value, error))?;
                self.add(spec, sign.as_bytes(), body.into_bytes())
            }
            other => Err(value_error(format!(
                "unsupported format character '{}' (0x{other:x}) at index {}",
                char::from(if (32..=126).contains(&other) { other } else { b'?' }),
                self.at - 1
            ))),
        }
    }

    /// The mapping as a whole is no number, and Python names its type.
    fn of_whole(&self, value: &Value, error: FormatError) -> FormatError {
        match (error, &self.right, value) {
            (FormatError::Type(text), Right::Mapping(values), Value::Dict(_)) if values.is_instance() => {
                FormatError::Type(text.replace("not dict", "not instance"))
            }
            (error, ..) => error,
        }
    }

    fn text(&mut self, spec: &Spec, value: &Value) -> Result<(), FormatError> {
        if matches!(value, Value::Unicode(_)) && !self.unicode {
            self.become_unicode()?;
        }
        let text = text_of(value);
        if self.unicode && !matches!(value, Value::Unicode(_)) {
            ascii(&text)?;
        }
        self.bounded_text(spec, &text)
    }

    /// What stands already was bytes: it must be ASCII.
    fn become_unicode(&mut self) -> Result<(), FormatError> {
        ascii(&self.out)?;
        self.unicode = true;
        Ok(())
    }

    /// `%c`: one character, or its number.
    fn character(&mut self, spec: &Spec, value: &Value) -> Result<(), FormatError> {
        match (value.as_text(), value.as_int()) {
            (Some(text), _) if self.characters(value, text) == 1 => {
                self.text(&Spec { precision: None, ..*spec }, value)
            }
            (None, Some(number)) => {
                let too_large = || FormatError::Overflow("unsigned byte integer is greater than maximum".to_string());
                let byte = u8::try_from(number).map_err(|_| too_large())?;
                let plain = Spec { left: spec.left, width: spec.width, ..Spec::default() };
                let body = if self.unicode { char::from(byte).to_string().into_bytes() } else { vec![byte] };
                self.add(&plain, b"", body)
            }
            _ => Err(type_error("%c requires int or char")),
        }
    }

    fn characters(&self, value: &Value, text: &[u8]) -> usize {
        match value {
            Value::Unicode(text) => text.to_text().chars().count(),
            _ => text.len(),
        }
    }

    fn bounded_text(&mut self, spec: &Spec, text: &[u8]) -> Result<(), FormatError> {
        let cut = match spec.precision {
            Some(limit) => text.get(..self.offset(text, limit)).unwrap_or(text),
            None => text,
        };
        let plain = Spec { left: spec.left, width: spec.width, ..Spec::default() };
        self.pad(&plain, b"", cut);
        Ok(())
    }

    /// Where the first `count` characters end.
    fn offset(&self, text: &[u8], count: usize) -> usize {
        if !self.unicode {
            return count.min(text.len());
        }
        let starts = text.iter().enumerate().filter(|(_, b)| **b & 0xc0 != 0x80);
        starts.map(|(at, _)| at).nth(count).unwrap_or(text.len())
    }

    fn length(&self, text: &[u8]) -> usize {
        match self.unicode {
            true => text.iter().filter(|b| **b & 0xc0 != 0x80).count(),
            false => text.len(),
        }
    }

    fn add(&mut self, spec: &Spec, sign: &[u8], body: Vec<u8>) -> Result<(), FormatError> {
        self.pad(spec, sign, &body);
        Ok(())
    }

    /// Fills up to the width: zeros go between sign and digits, blanks outside.
    fn pad(&mut self, spec: &Spec, sign: &[u8], body: &[u8]) {
        let missing = spec.width.saturating_sub(self.length(sign) + self.length(body));
        let (before, zeros, after) = match (spec.left, spec.zero) {
            (true, _) => (0, 0, missing),
            (false, true) => (0, missing, 0),
            (false, false) => (missing, 0, 0),
        };
        self.out.extend(std::iter::repeat_n(b' ', before));
        self.out.extend_from_slice(sign);
        self.out.extend(std::iter::repeat_n(b'0', zeros));
        self.out.extend_from_slice(body);
        self.out.extend(std::iter::repeat_n(b' ', after));
    }
}

fn ascii(text: &[u8]) -> Result<(), FormatError> {
    match text.iter().enumerate().find(|(_, b)| !b.is_ascii()) {
        Some((position, &byte)) => Err(FormatError::Unicode { byte, position }),
        None => Ok(()),
    }
}

/// A number's sign and digits in base ten; a float is cut to its whole part.
fn whole_digits(kind: u8, value: &Value) -> Result<String, FormatError> {
    let kind = if kind == b'i' { b'd' } else { kind };
    match value {
        Value::Float(x) if x.is_finite() => Ok(format!("{:.0}", x.trunc())),
        Value::Long(digits) => Ok(digits.to_latin1()),
        other => other.as_int().map(|n| n.to_string()).ok_or_else(|| {
            type_error(format!("%{} format: a number is required, not {}", char::from(kind), other.type_name()))
        }),
    }
}

fn integer(spec: &Spec, kind: u8, value: &Value) -> Result<(String, String), FormatError> {
    let decimal = whole_digits(kind, value)?;
    let (negative, digits) = match decimal.strip_prefix('-') {
        Some(digits) => (digits != "0", digits.to_string()),
        None => (false, decimal),
    };
    let based = |n: u128| match kind {
        b'o' => format!("{n:o}"),
        b'x' => format!("{n:x}"),
        _ => format!("{n:X}"),
    };
    let mut digits = match kind {
        b'o' | b'x' | b'X' => based(digits.parse().map_err(|_| value_error("number too big for this conversion"))?),
        _ => digits,
    };
    let missing = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    digits.insert_str(0, &"0".repeat(missing));
    let prefix = match (spec.alternate, kind) {
        (true, b'o') if !digits.starts_with('0') => "0",
        (true, b'x') => "0x",
        (true, b'X') => "0X",
        _ => "",
    };
    Ok((format!("{}{prefix}", sign(spec, negative)), digits))
}

fn float(spec: &Spec, kind: u8, value: &Value) -> Result<(String, String), FormatError> {
    let x = value.as_float();
    let x = x.ok_or_else(|| type_error(format!("float argument required, not {}", value.type_name())))?;
    let text = float_with(x, kind, spec.precision.unwrap_or(6), spec.alternate);
    Ok(match text.strip_prefix('-') {
        Some(rest) => (sign(spec, true).to_string(), rest.to_string()),
        None => (sign(spec, false).to_string(), text),
    })
}

fn sign(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.plus, spec.blank) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

#[cfg(test)]
#[path = "percent_tests.rs"]
mod tests;
