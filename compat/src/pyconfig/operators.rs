//! Evaluates operators: arithmetic, concatenation, `%`.

use super::item::Item;
use super::run::{Interpreter, Run, Stop};
use crate::format::{percent_args, FormatError};
use crate::value::UniStr;

/// Whole powers of fractions up to this are worked out.
const LARGEST_POWER: f64 = 1000.0;

impl Interpreter<'_> {
    pub(super) fn binary(&mut self, op: &str, left: &Item, right: &Item) -> Run<Item> {
        match (op, left, right) {
            ("%", Item::Str(_) | Item::Unicode(_), _) => self.format(left, right),
            ("+", Item::Str(_) | Item::Unicode(_), Item::Str(_) | Item::Unicode(_)) => self.concatenate(left, right),
            ("+", Item::List(a), Item::List(b)) => {
                let joined = [&a.borrow()[..], &b.borrow()[..]].concat();
                self.take_room(joined.len() * 16)?;
                Ok(Item::list(joined))
            }
            ("+", Item::Tuple(a), Item::Tuple(b)) => {
                self.take_room((a.len() + b.len()) * 16)?;
                Ok(Item::tuple([&a[..], &b[..]].concat()))
            }
            ("*", sequence, count) if sequence.length().is_some() && count.whole().is_some() => {
                self.repeat(sequence, count)
            }
            ("*", count, sequence) if sequence.length().is_some() && count.whole().is_some() => {
                self.repeat(sequence, count)
            }
            _ => self.arithmetic(op, left, right),
        }
    }

    fn arithmetic(&mut self, op: &str, left: &Item, right: &Item) -> Run<Item> {
        if let (Some(a), Some(b)) = (left.whole(), right.whole()) {
            let long = matches!(left, Item::Long(_)) || matches!(right, Item::Long(_));
            // True | True stays a bool; every other operation makes it a number.
            if let (Item::Bool(a), Item::Bool(b), "&" | "|" | "^") = (left, right, op) {
                return Ok(Item::Bool(match op {
                    "&" => a & b,
                    "|" => a | b,
                    _ => a ^ b,
                }));
            }
            return self.whole_arithmetic(op, a, b, long);
        }
        match (left.number(), right.number()) {
            (Some(a), Some(b)) if !matches!(op, "&" | "|" | "^" | "<<" | ">>") => self.float_arithmetic(op, a, b),
            _ => Err(self.operand_error(op, left, right)),
        }
    }

    fn operand_error(&self, op: &str, left: &Item, right: &Item) -> Stop {
        let text = match (op, left.text(), right.text()) {
            ("+", Some(_), None) => format!("cannot concatenate 'str' and '{}' objects", right.type_name()),
            _ => format!("unsupported operand type(s) for {op}: '{}' and '{}'", left.type_name(), right.type_name()),
        };
        self.raise("TypeError", text)
    }

    fn whole_arithmetic(&mut self, op: &str, a: i128, b: i128, long: bool) -> Run<Item> {
        if b == 0 && matches!(op, "/" | "//" | "%") {
            return Err(self.raise("ZeroDivisionError", "integer division or modulo by zero"));
        }
        let shift = || u32::try_from(b).ok().filter(|b| *b < 100);
        let result = match op {
            "+" => a.checked_add(b),
            "-" => a.checked_sub(b),
            "*" => a.checked_mul(b),
            "/" | "//" => floor_divide(a, b),
            "%" => floor_divide(a, b).and_then(|q| a.checked_sub(q.checked_mul(b)?)),
            "&" => Some(a & b),
            "|" => Some(a | b),
            "^" => Some(a ^ b),
            "<<" => shift().and_then(|n| a.checked_mul(1i128.checked_shl(n)?)),
            ">>" => u32::try_from(b).ok().map(|n| a >> n.min(127)),
            "**" if b < 0 => return self.float_arithmetic(op, a as f64, b as f64),
            "**" => u32::try_from(b).ok().and_then(|n| a.checked_pow(n)),
            _ => None,
        };
        match result {
            Some(value) => Ok(Item::integer(value, long)),
            None => Err(self.fail("this number is too large for a setting")),
        }
    }

    fn float_arithmetic(&mut self, op: &str, a: f64, b: f64) -> Run<Item> {
        if b == 0.0 && matches!(op, "/" | "//" | "%") {
            return Err(self.raise("ZeroDivisionError", "float division by zero"));
        }
        if op == "**" && a == 0.0 && b < 0.0 {
            return Err(self.raise("ZeroDivisionError", "0.0 cannot be raised to a negative power"));
        }
        if op == "**" && a < 0.0 && b.fract() != 0.0 {
            return Err(self.raise("ValueError", "negative number cannot be raised to a fractional power"));
        }
        // No setting needs roots, and pow() would bring the library of mathematics into each mail's process.
        if op == "**" && (b.fract() != 0.0 || b.abs() > LARGEST_POWER) {
            return Err(self.fail("this power is not evaluated"));
        }
        Ok(Item::Float(match op {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => (a / b).floor(),
            "%" => a - (a / b).floor() * b,
            _ => a.powi(b as i32),
        }))
    }

    pub(super) fn unary(&mut self, op: &str, value: &Item) -> Run<Item> {
        let long = matches!(value, Item::Long(_));
        match (op, value.whole(), value) {
            ("-", Some(n), _) => n.checked_neg().map(|n| Item::integer(n, long)),
            ("+", Some(n), _) => Some(Item::integer(n, long)),
            ("~", Some(n), _) => Some(Item::integer(!n, long)),
            ("-", None, Item::Float(x)) => Some(Item::Float(-x)),
            ("+", None, Item::Float(x)) => Some(Item::Float(*x)),
            _ => None,
        }
        .ok_or_else(|| self.raise("TypeError", format!("bad operand type for unary {op}: '{}'", value.type_name())))
    }

    fn concatenate(&mut self, left: &Item, right: &Item) -> Run<Item> {
        let parts = [left, right].map(|item| item.text().cloned().unwrap_or_default());
        self.take_room(parts[0].len() + parts[1].len())?;
        if let (Item::Str(_), Item::Str(_)) = (left, right) {
            return Ok(Item::str(parts.concat()));
        }
        for (item, part) in [left, right].into_iter().zip(&parts) {
            if matches!(item, Item::Str(_)) {
                self.check_ascii(part)?;
            }
        }
        Ok(Item::Unicode(UniStr(parts.concat().into())))
    }

    /// Bytes that meet unicode must be ASCII.
    pub(super) fn check_ascii(&self, text: &[u8]) -> Run<()> {
        match text.iter().enumerate().find(|(_, byte)| !byte.is_ascii()) {
            None => Ok(()),
            Some((position, &byte)) => {
                Err(self.raise("UnicodeDecodeError", FormatError::Unicode { byte, position }.to_string()))
            }
        }
    }

    fn repeat(&mut self, sequence: &Item, count: &Item) -> Run<Item> {
        let times = usize::try_from(count.whole().unwrap_or(0).max(0)).unwrap_or(usize::MAX);
        let length = sequence.length().unwrap_or(0);
        self.take_room(length.max(1).saturating_mul(times).saturating_mul(16))?;
        match sequence {
            Item::Str(s) => Ok(Item::str(s.repeat(times))),
            Item::Unicode(s) => Ok(Item::Unicode(UniStr(s.0.repeat(times).into()))),
            Item::Tuple(items) => Ok(Item::tuple(vec![&items[..]; times].concat())),
            Item::List(items) => Ok(Item::list(vec![&items.borrow()[..]; times].concat())),
            other => Err(self.operand_error("*", other, count)),
        }
    }

    fn format(&mut self, template: &Item, values: &Item) -> Run<Item> {
        let (template, values) = (self.value(template)?, self.value(values)?);
        match percent_args(&template, &values) {
            Ok(value) => {
                let item = Item::from_value(&value);
                self.take_room(item.length().unwrap_or(0))?;
                Ok(item)
            }
            Err(FormatError::Key(key)) => Err(self.key_error(&Item::Str(key))),
            Err(error) => Err(self.raise(error.exception(), error.to_string())),
        }
    }
}

/// Rounded towards minus infinity, as Python does.
fn floor_divide(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let exact = quotient.checked_mul(b)? == a;
    Some(if !exact && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}
