//! Evaluates expressions.

use super::ast::{Bounds, Clause, Comparison, Comprehension, Expr, Kind};
use super::builtins;
use super::item::{set_entry, Item};
use super::run::{Interpreter, Run, Stop};
use crate::format;
use crate::value::{UniStr, Value};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

impl Interpreter<'_> {
    pub(super) fn eval(&mut self, expr: &Expr) -> Run<Item> {
        self.spend(1)?;
        self.deeper(|this| this.eval_kind(expr))
    }

    fn eval_kind(&mut self, expr: &Expr) -> Run<Item> {
        match &expr.kind {
            Kind::Literal(literal) => Ok(Item::from_literal(literal)),
            Kind::Name(name) => self.name(name),
            Kind::Attribute(object, name) => {
                let object = self.eval(object)?;
                self.attribute(&object, name)
            }
            Kind::Index(object, index) => {
                let (object, index) = (self.eval(object)?, self.eval(index)?);
                self.index(&object, &index)
            }
            Kind::Slice(object, bounds) => {
                let object = self.eval(object)?;
                self.slice(&object, bounds)
            }
            Kind::Call(function, arguments) => self.call_expression(function, arguments),
            Kind::Lambda(definition) => self.function(definition),
            Kind::Repr(value) => {
                let value = self.eval(value)?;
                self.repr(&value).map(Item::str)
            }
            _ => self.eval_composite(expr),
        }
    }

    fn eval_composite(&mut self, expr: &Expr) -> Run<Item> {
        match &expr.kind {
            Kind::Binary(op, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                self.binary(op, &left, &right)
            }
            Kind::Unary(op, value) => {
                let value = self.eval(value)?;
                self.unary(op, &value)
            }
            Kind::Not(value) => Ok(Item::Bool(!self.eval(value)?.is_true())),
            Kind::Compare(first, rest) => self.compare_chain(first, rest),
            Kind::And(parts) => self.first_that(parts, false),
            Kind::Or(parts) => self.first_that(parts, true),
            Kind::Conditional(parts) => {
                let [test, yes, no] = &**parts;
                let chosen = if self.eval(test)?.is_true() { yes } else { no };
                self.eval(chosen)
            }
            Kind::Tuple(items) => self.eval_all(items).map(Item::tuple),
            Kind::List(items) => self.eval_all(items).map(Item::list),
            Kind::Dict(entries) => self.dict_display(entries),
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
            _ => Ok(Item::None),
        }
    }

    pub(super) fn eval_all(&mut self, items: &[Expr]) -> Run<Vec<Item>> {
        self.take_room(items.len() * 16)?;
        items.iter().map(|item| self.eval(item)).collect()
    }

    fn name(&self, name: &str) -> Run<Item> {
        let found = self.scope.get(name).or_else(|| builtins::lookup(name));
        found.ok_or_else(|| match builtins::is_unsupported(name) {
            true => self.fail(format!("{name} is not understood in settings; write the value itself")),
            false => self.raise("NameError", format!("name '{name}' is not defined")),
        })
    }

    /// The first value that is as true as wanted, else the last one.
    fn first_that(&mut self, parts: &[Expr], wanted: bool) -> Run<Item> {
        let mut value = Item::None;
        for part in parts {
            value = self.eval(part)?;
            if value.is_true() == wanted {
                break;
            }
        }
        Ok(value)
    }

    fn dict_display(&mut self, entries: &[(Expr, Expr)]) -> Run<Item> {
        let dict = RefCell::default();
        for (key, value) in entries {
            // Python 2 works out the value before the key.
            let value = self.eval(value)?;
            let key = self.eval(key)?;
            self.check_key(&key)?;
            self.take_room(64)?;
            set_entry(&dict, key, value);
        }
        Ok(Item::Dict(Rc::new(dict)))
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Run<Item> {
        let mut entries = Vec::new();
        self.clauses(&comprehension.clauses, comprehension, &mut entries)?;
        if comprehension.key.is_none() {
            return Ok(Item::list(entries.into_iter().map(|(_, element)| element).collect()));
        }
        let dict = RefCell::default();
        entries.into_iter().for_each(|(key, value)| set_entry(&dict, key, value));
        Ok(Item::Dict(Rc::new(dict)))
    }

    fn clauses(&mut self, clauses: &[Clause], whole: &Comprehension, out: &mut Vec<(Item, Item)>) -> Run<()> {
        match clauses.split_first() {
            None => {
                self.take_room(16)?;
                let key = whole.key.as_ref().map_or(Ok(Item::None), |key| self.eval(key))?;
                out.push((key, self.eval(&whole.element)?));
                Ok(())
            }
            Some((Clause::If(test), rest)) => match self.eval(test)?.is_true() {
                true => self.clauses(rest, whole, out),
                false => Ok(()),
            },
            Some((Clause::For(target, items), rest)) => {
                let items = self.eval(items)?;
                for item in self.members(&items)? {
                    self.spend(1)?;
                    // Python 2 leaves the loop's name behind.
                    self.assign(target, item)?;
                    self.deeper(|this| this.clauses(rest, whole, out))?;
                }
                Ok(())
            }
        }
    }

    fn compare_chain(&mut self, first: &Expr, rest: &[(Comparison, Expr)]) -> Run<Item> {
        let mut left = self.eval(first)?;
        for (operator, right) in rest {
            let right = self.eval(right)?;
            if !self.compare(*operator, &left, &right)? {
                return Ok(Item::Bool(false));
            }
            left = right;
        }
        Ok(Item::Bool(true))
    }

    fn compare(&mut self, operator: Comparison, left: &Item, right: &Item) -> Run<bool> {
        if matches!(
            operator,
            Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual
        ) {
            self.check_mixed(left, right)?;
        }
        Ok(match operator {
            Comparison::Equal => left.equals(right),
            Comparison::NotEqual => !left.equals(right),
            Comparison::Is => left.is(right),
            Comparison::IsNot => !left.is(right),
            Comparison::In => self.contains(right, left)?,
            Comparison::NotIn => !self.contains(right, left)?,
            Comparison::Less => left.order(right) == Ordering::Less,
            Comparison::LessOrEqual => left.order(right) != Ordering::Greater,
            Comparison::Greater => left.order(right) == Ordering::Greater,
            Comparison::GreaterOrEqual => left.order(right) != Ordering::Less,
        })
    }

    /// Bytes beside unicode must be ASCII.
    fn check_mixed(&self, left: &Item, right: &Item) -> Run<()> {
        match (left, right) {
            (Item::Str(bytes), Item::Unicode(_)) | (Item::Unicode(_), Item::Str(bytes)) => self.check_ascii(bytes),
            _ => Ok(()),
        }
    }

    fn contains(&mut self, container: &Item, item: &Item) -> Run<bool> {
        if let Some(text) = container.text() {
            let Some(part) = item.text() else {
                let text = format!("'in <string>' requires string as left operand, not {}", item.type_name());
                return Err(self.raise("TypeError", text));
            };
            self.check_mixed(container, item)?;
            return Ok(part.is_empty() || text.windows(part.len()).any(|window| *window == part[..]));
        }
        if let Item::Dict(entries) = container {
            self.check_key(item)?;
            self.spend(entries.borrow().len() / 8)?;
            return Ok(container.entry(item).is_some());
        }
        match self.members(container) {
            Ok(members) => Ok(members.iter().any(|member| member.equals(item))),
            Err(Stop::Raise(_)) => {
                let text = format!("argument of type '{}' is not iterable", container.type_name());
                Err(self.raise("TypeError", text))
            }
            Err(other) => Err(other),
        }
    }

    /// `object[index]`
    pub(super) fn index(&mut self, object: &Item, index: &Item) -> Run<Item> {
        match object {
            Item::Dict(entries) => {
                self.spend(entries.borrow().len() / 8)?;
                object.entry(index).ok_or_else(|| self.key_error(index))
            }
            Item::Str(_) | Item::Unicode(_) | Item::Tuple(_) | Item::List(_) => {
                let kind = if object.text().is_some() { "string" } else { object.type_name() };
                let members = self.members(object)?;
                let at = self.list_index(members.len(), index, &format!("{kind} index out of range"))?;
                Ok(members.get(at).cloned().unwrap_or(Item::None))
            }
            other => {
                Err(self.raise("TypeError", format!("'{}' object has no attribute '__getitem__'", other.type_name())))
            }
        }
    }

    pub(super) fn key_error(&self, key: &Item) -> Stop {
        let text = key.to_value().map(|key| format::repr(&key)).unwrap_or_default();
        self.raise("KeyError", text)
    }

    fn slice(&mut self, object: &Item, bounds: &Bounds) -> Run<Item> {
        if let Some(step) = &bounds.step {
            return self.slice_with_step(object, bounds, step);
        }
        let length = object.length().filter(|_| !matches!(object, Item::Dict(_)));
        let Some(length) = length else {
            return Err(self.raise("TypeError", format!("'{}' object cannot be sliced", object.type_name())));
        };
        let (start, end) = self.bounds(bounds, length)?;
        self.take_room(end - start)?;
        Ok(match object {
            Item::Str(s) => Item::Str(s.slice(start..end)),
            Item::Unicode(s) => {
                let part: String = s.to_text().chars().skip(start).take(end - start).collect();
                Item::Unicode(UniStr(part.into()))
            }
            Item::Tuple(items) => Item::tuple(items[start..end].to_vec()),
            Item::List(items) => Item::list(items.borrow()[start..end].to_vec()),
            _ => Item::None,
        })
    }

    /// Only the whole turned round occurs: `[::-1]`.
    fn slice_with_step(&mut self, object: &Item, bounds: &Bounds, step: &Expr) -> Run<Item> {
        let step = self.eval(step)?.whole();
        if bounds.start.is_some() || bounds.end.is_some() || step != Some(-1) {
            return Err(self.fail("a slice with a step is not understood in settings; write the items"));
        }
        let mut members = self.members(object)?;
        members.reverse();
        Ok(match object {
            Item::Str(s) => Item::str(s.iter().rev().copied().collect::<Vec<u8>>()),
            Item::Tuple(_) => Item::tuple(members),
            Item::List(_) => Item::list(members),
            other => return Err(self.fail(format!("a {} cannot be turned round in settings", other.type_name()))),
        })
    }

    /// The data of an item; what is no data cannot be shown or formatted.
    pub(super) fn value(&self, item: &Item) -> Run<Value> {
        item.to_value().ok_or_else(|| self.fail(format!("a {} cannot be used here", item.type_name())))
    }

    pub(super) fn repr(&self, item: &Item) -> Run<crate::ByteStr> {
        Ok(format::repr(&self.value(item)?))
    }
}
