//! Executes assignment, augmented assignment and deletion.

use super::ast::{Bounds, Expr, Kind};
use super::item::{set_entry, Item};
use super::run::{Interpreter, Run};

impl Interpreter<'_> {
    pub(super) fn assign(&mut self, target: &Expr, value: Item) -> Run<()> {
        match &target.kind {
            Kind::Name(name) => {
                self.scope.set(name, value, self.line);
                Ok(())
            }
            Kind::Tuple(targets) | Kind::List(targets) => self.unpack(targets, &value),
            Kind::Index(object, index) => {
                let container = self.eval(object)?;
                let index = self.eval(index)?;
                self.touch(object);
                self.set_index(&container, index, value)
            }
            Kind::Slice(object, bounds) => {
                let container = self.eval(object)?;
                self.touch(object);
                self.set_slice(&container, bounds, &value)
            }
            Kind::Attribute(object, name) => match self.eval(object)? {
                Item::Namespace(namespace) => {
                    namespace.set(name, value, self.line);
                    Ok(())
                }
                other => Err(self.fail(format!(
                    "changing {name} of a {} cannot be followed: code of Mailman is not changed by settings here",
                    other.type_name()
                ))),
            },
            _ => Err(self.fail("this cannot be assigned to")),
        }
    }

    /// A list that is changed through its name counts as set on this line.
    pub(super) fn touch(&self, object: &Expr) {
        if let (Kind::Name(name), None) = (&object.kind, &self.scope.locals) {
            self.scope.globals.touch(name, self.line);
        }
    }

    fn unpack(&mut self, targets: &[Expr], value: &Item) -> Run<()> {
        let values = self.members(value)?;
        if values.len() > targets.len() {
            return Err(self.raise("ValueError", "too many values to unpack"));
        }
        if values.len() < targets.len() {
            let few = values.len();
            let plural = if few == 1 { "" } else { "s" };
            return Err(self.raise("ValueError", format!("need more than {few} value{plural} to unpack")));
        }
        targets.iter().zip(values).try_for_each(|(target, value)| self.assign(target, value))
    }

    fn set_index(&mut self, container: &Item, index: Item, value: Item) -> Run<()> {
        match container {
            Item::List(items) => {
                let at = self.list_index(items.borrow().len(), &index, "list assignment index out of range")?;
                items.borrow_mut()[at] = value;
                Ok(())
            }
            Item::Dict(entries) => {
                self.check_key(&index)?;
                self.spend(entries.borrow().len() / 8)?;
                self.take_room(64)?;
                set_entry(entries, index, value);
                Ok(())
            }
            other => {
                Err(self.raise("TypeError", format!("'{}' object does not support item assignment", other.type_name())))
            }
        }
    }

    /// Keys must not be lists or dictionaries.
    pub(super) fn check_key(&self, key: &Item) -> Run<()> {
        match key {
            Item::List(_) | Item::Dict(_) => {
                Err(self.raise("TypeError", format!("unhashable type: '{}'", key.type_name())))
            }
            Item::Tuple(items) => items.iter().try_for_each(|item| self.check_key(item)),
            _ => Ok(()),
        }
    }

    /// An index that may count from the end.
    pub(super) fn list_index(&self, length: usize, index: &Item, out_of_range: &str) -> Run<usize> {
        let Some(at) = index.whole() else {
            let text = format!("list indices must be integers, not {}", index.type_name());
            return Err(self.raise("TypeError", text));
        };
        let at = if at < 0 { at + length as i128 } else { at };
        match usize::try_from(at) {
            Ok(at) if at < length => Ok(at),
            _ => Err(self.raise("IndexError", out_of_range)),
        }
    }

    /// The two ends of a plain slice, cut to the length.
    pub(super) fn bounds(&mut self, bounds: &Bounds, length: usize) -> Run<(usize, usize)> {
        let start = self.bound(bounds.start.as_ref(), length, 0)?;
        let end = self.bound(bounds.end.as_ref(), length, length)?;
        Ok((start, end.max(start)))
    }

    fn bound(&mut self, bound: Option<&Expr>, length: usize, missing: usize) -> Run<usize> {
        let Some(bound) = bound else { return Ok(missing) };
        match self.eval(bound)? {
            Item::None => Ok(missing),
            item => match item.whole() {
                Some(at) if at < 0 => Ok(usize::try_from(at + length as i128).unwrap_or(0)),
                Some(at) => Ok(usize::try_from(at).map_or(length, |at| at.min(length))),
                None => {
                    Err(self.raise("TypeError", "slice indices must be integers or None or have an __index__ method"))
                }
            },
        }
    }

    fn set_slice(&mut self, container: &Item, bounds: &Bounds, value: &Item) -> Run<()> {
        let Item::List(items) = container else {
            let text = format!("'{}' object does not support slice assignment", container.type_name());
            return Err(self.raise("TypeError", text));
        };
        if bounds.step.is_some() {
            return Err(self.fail("assigning to a slice with a step is not understood in settings; assign the items"));
        }
        let values = self.members(value)?;
        let length = items.borrow().len();
        let (start, end) = self.bounds(bounds, length)?;
        self.take_room(values.len() * 16)?;
        items.borrow_mut().splice(start..end, values);
        Ok(())
    }

    pub(super) fn augment(&mut self, target: &Expr, op: &str, value: &Expr) -> Run<()> {
        let old = self.eval(target)?;
        let value = self.eval(value)?;
        // `list += x` changes the list itself, which others may hold.
        if let (Item::List(items), "+") = (&old, op) {
            let more = self.members(&value)?;
            self.take_room(more.len() * 16)?;
            items.borrow_mut().extend(more);
            return self.assign(target, old);
        }
        let new = self.binary(op, &old, &value)?;
        self.assign(target, new)
    }

    pub(super) fn delete(&mut self, target: &Expr) -> Run<()> {
        match &target.kind {
            Kind::Name(name) => match self.scope.delete(name) {
                true => Ok(()),
                false => Err(self.raise("NameError", format!("name '{name}' is not defined"))),
            },
            Kind::Tuple(targets) | Kind::List(targets) => targets.iter().try_for_each(|target| self.delete(target)),
            Kind::Index(object, index) => {
                let container = self.eval(object)?;
                let index = self.eval(index)?;
                self.touch(object);
                self.delete_index(&container, &index)
            }
            Kind::Slice(object, bounds) => {
                let container = self.eval(object)?;
                self.touch(object);
                self.set_slice(&container, bounds, &Item::tuple(Vec::new()))
            }
            _ => Err(self.fail("this cannot be deleted")),
        }
    }

    fn delete_index(&mut self, container: &Item, index: &Item) -> Run<()> {
        match container {
            Item::List(items) => {
                let at = self.list_index(items.borrow().len(), index, "list assignment index out of range")?;
                items.borrow_mut().remove(at);
                Ok(())
            }
            Item::Dict(entries) => {
                let found = entries.borrow().iter().position(|(key, _)| key.equals(index));
                match found {
                    Some(at) => {
                        entries.borrow_mut().remove(at);
                        Ok(())
                    }
                    None => Err(self.key_error(index)),
                }
            }
            other => {
                Err(self.raise("TypeError", format!("'{}' object doesn't support item deletion", other.type_name())))
            }
        }
    }
}
