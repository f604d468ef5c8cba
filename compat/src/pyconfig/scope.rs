//! Names and what they are bound to.

use super::item::Item;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

/// A value with the place that gave it to its name.
#[derive(Clone)]
pub(super) struct Slot {
    pub item: Item,
    pub file: Rc<PathBuf>,
    pub line: usize,
}

/// The global names of one file.
pub(super) struct Namespace {
    file: RefCell<Rc<PathBuf>>,
    pub names: RefCell<HashMap<String, Slot>>,
}

impl Namespace {
    pub(super) fn new(file: PathBuf) -> Rc<Namespace> {
        Rc::new(Namespace { file: RefCell::new(Rc::new(file)), names: RefCell::default() })
    }

    /// The file that is being run in these names.
    pub(super) fn file(&self) -> Rc<PathBuf> {
        Rc::clone(&self.file.borrow())
    }

    /// Another file goes on in the same names (`execfile`); gives back the one before.
    pub(super) fn enter(&self, file: Rc<PathBuf>) -> Rc<PathBuf> {
        self.file.replace(file)
    }

    pub(super) fn get(&self, name: &str) -> Option<Item> {
        self.names.borrow().get(name).map(|slot| slot.item.clone())
    }

    pub(super) fn set(&self, name: &str, item: Item, line: usize) {
        let slot = Slot { item, file: self.file(), line };
        self.names.borrow_mut().insert(name.to_string(), slot);
    }

    /// A value that was changed in place counts as given here.
    pub(super) fn touch(&self, name: &str, line: usize) {
        if let Some(slot) = self.names.borrow_mut().get_mut(name) {
            slot.line = line;
            slot.file = self.file();
        }
    }
}

/// The names that a function or the file itself sees.
#[derive(Clone)]
pub(super) struct Scope {
    pub globals: Rc<Namespace>,
    pub locals: Option<Rc<RefCell<HashMap<String, Item>>>>,
    pub declared: Rc<RefCell<HashSet<String>>>,
}

impl Scope {
    pub(super) fn of_file(globals: Rc<Namespace>) -> Scope {
        Scope { globals, locals: None, declared: Rc::default() }
    }

    pub(super) fn of_call(globals: Rc<Namespace>, locals: HashMap<String, Item>) -> Scope {
        Scope { globals, locals: Some(Rc::new(RefCell::new(locals))), declared: Rc::default() }
    }

    fn is_local(&self, name: &str) -> bool {
        self.locals.is_some() && !self.declared.borrow().contains(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<Item> {
        let local = self.locals.as_ref().and_then(|locals| locals.borrow().get(name).cloned());
        local.or_else(|| self.globals.get(name))
    }

    pub(super) fn set(&self, name: &str, item: Item, line: usize) {
        match &self.locals {
            Some(locals) if self.is_local(name) => {
                locals.borrow_mut().insert(name.to_string(), item);
            }
            _ => self.globals.set(name, item, line),
        }
    }

    /// Whether there was such a name.
    pub(super) fn delete(&self, name: &str) -> bool {
        match &self.locals {
            Some(locals) if self.is_local(name) => locals.borrow_mut().remove(name).is_some(),
            _ => self.globals.names.borrow_mut().remove(name).is_some(),
        }
    }
}
