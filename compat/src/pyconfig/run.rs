//! Executes statements, one after the other.

use super::ast::{Action, Expr, Handler, Statement, Try};
use super::item::{Function, Item};
use super::parse::parse;
use super::scope::{Namespace, Scope};
use super::{ConfigError, Defaults, Fault, Outcome, Request, Setting};
use crate::value::Value;
use crate::ByteStr;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

/// No settings file needs more; a loop that would never end meets it within a second.
const MAX_STEPS: u64 = 1_000_000;
/// Bytes and items that all values together may take while they are made.
const MAX_ROOM: usize = 64 << 20;
/// Expressions, blocks and calls within each other.
const MAX_DEPTH: usize = 200;

/// What ends an evaluation early.
#[derive(Debug)]
pub(super) enum Stop {
    /// A Python exception; `except` may catch it.
    Raise(Raised),
    /// Beyond what is understood: nothing catches it.
    Fail(ConfigError),
}

/// A Python exception on its way.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    pub kind: String,
    pub text: ByteStr,
    pub file: Rc<PathBuf>,
    pub line: usize,
}

/// How a statement ended.
pub(super) enum Step {
    Next,
    Break,
    Continue,
    Return(Item),
}

pub(super) type Run<T> = Result<T, Stop>;

pub(super) struct Interpreter<'a> {
    pub scope: Scope,
    pub line: usize,
    pub defaults: Defaults<'a>,
    pub folders: Vec<PathBuf>,
    /// `sys.path`, which files append to.
    pub path: Item,
    pub modules: HashMap<String, Rc<Namespace>>,
    pub charsets: Vec<[Value; 4]>,
    caught: Option<Raised>,
    steps: u64,
    room: usize,
    depth: usize,
}

/// Evaluates a file and collects its names.
pub(super) fn evaluate(request: Request<'_>) -> Result<Outcome, ConfigError> {
    let main = Namespace::new(request.file.to_path_buf());
    let mut interpreter = Interpreter {
        scope: Scope::of_file(Rc::clone(&main)),
        line: 1,
        defaults: request.defaults,
        folders: request.folders,
        path: Item::list(Vec::new()),
        modules: HashMap::new(),
        charsets: Vec::new(),
        caught: None,
        steps: 0,
        room: 0,
        depth: 0,
    };
    match interpreter.file(request.source, &main) {
        Ok(()) => Ok(Outcome { settings: settings(&main), others: others(&main), charsets: interpreter.charsets }),
        Err(Stop::Fail(error)) => Err(error),
        Err(Stop::Raise(raised)) => Err(raised.into_error()),
    }
}

impl Raised {
    fn into_error(self) -> ConfigError {
        let message = format!("Python stops here too: {}: {}", self.kind, self.text);
        ConfigError { file: self.file.to_path_buf(), line: self.line, message }
    }
}

fn others(namespace: &Namespace) -> Vec<String> {
    let names = namespace.names.borrow();
    let mut others: Vec<String> =
        names.iter().filter(|(_, slot)| slot.item.to_value().is_none()).map(|(name, _)| name.clone()).collect();
    others.sort();
    others
}

fn settings(namespace: &Namespace) -> Vec<Setting> {
    let names = namespace.names.borrow();
    let mut settings: Vec<Setting> = names
        .iter()
        .filter_map(|(name, slot)| {
            let value = slot.item.to_value()?;
            Some(Setting { name: name.clone(), value, file: slot.file.to_path_buf(), line: slot.line })
        })
        .collect();
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    settings
}

impl Interpreter<'_> {
    /// Runs a file in its namespace.
    pub(super) fn file(&mut self, source: &[u8], namespace: &Rc<Namespace>) -> Run<()> {
        let statements = parse(source).map_err(|Fault { line, message }| {
            Stop::Fail(ConfigError { file: namespace.file().to_path_buf(), line, message })
        })?;
        let outer = std::mem::replace(&mut self.scope, Scope::of_file(Rc::clone(namespace)));
        let line = self.line;
        let result = self.deeper(|this| this.block(&statements));
        self.scope = outer;
        self.line = if result.is_ok() { line } else { self.line };
        result.map(|_| ())
    }

    /// An error at the current place: what was met, and what to do instead.
    pub(super) fn fail(&self, message: impl Into<String>) -> Stop {
        let file = self.scope.globals.file().to_path_buf();
        Stop::Fail(ConfigError { file, line: self.line, message: message.into() })
    }

    /// A Python exception at the current place.
    pub(super) fn raise(&self, kind: &str, text: impl Into<ByteStr>) -> Stop {
        let file = self.scope.globals.file();
        Stop::Raise(Raised { kind: kind.to_string(), text: text.into(), file, line: self.line })
    }

    /// Counts work; what cost more than one step says so.
    pub(super) fn spend(&mut self, steps: usize) -> Run<()> {
        self.steps = self.steps.saturating_add(steps as u64);
        match self.steps > MAX_STEPS {
            true => Err(self.fail("this runs for too long; settings should end soon")),
            false => Ok(()),
        }
    }

    /// Counts memory that a new value takes.
    pub(super) fn take_room(&mut self, size: usize) -> Run<()> {
        self.room = self.room.saturating_add(size);
        match self.room > MAX_ROOM {
            true => Err(self.fail("the values here grow too large")),
            false => Ok(()),
        }
    }

    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail("expressions or calls are nested too deeply"));
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    pub(super) fn block(&mut self, statements: &[Statement]) -> Run<Step> {
        for statement in statements {
            self.line = statement.line;
            self.spend(1)?;
            match self.deeper(|this| this.statement(&statement.kind))? {
                Step::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Step::Next)
    }

    fn statement(&mut self, action: &Action) -> Run<Step> {
        match action {
            Action::If(branches, otherwise) => return self.if_statement(branches, otherwise),
            Action::For(target, items, body, otherwise) => return self.for_loop(target, items, body, otherwise),
            Action::While(test, body, otherwise) => return self.while_loop(test, body, otherwise),
            Action::Try(parts) => return self.try_statement(parts),
            Action::With(context, target, body) => return self.with_statement(context, target.as_ref(), body),
            Action::Return(value) => {
                let value = value.as_ref().map_or(Ok(Item::None), |value| self.eval(value))?;
                return Ok(Step::Return(value));
            }
            Action::Break => return Ok(Step::Break),
            Action::Continue => return Ok(Step::Continue),
            Action::Pass => {}
            simple => self.simple(simple)?,
        }
        Ok(Step::Next)
    }

    fn simple(&mut self, action: &Action) -> Run<()> {
        match action {
            Action::Expression(value) => self.eval(value).map(|_| ()),
            Action::Assign(targets, value) => {
                let value = self.eval(value)?;
                targets.iter().try_for_each(|target| self.assign(target, value.clone()))
            }
            Action::Augment(target, op, value) => self.augment(target, op, value),
            Action::Delete(targets) => targets.iter().try_for_each(|target| self.delete(target)),
            Action::Define(definition) => {
                let function = self.function(definition)?;
                self.scope.set(&definition.name, function, self.line);
                Ok(())
            }
            Action::Import(modules) => modules.iter().try_for_each(|(name, bound)| self.import(name, bound.as_deref())),
            Action::From(module, names) => self.import_from(module, names),
            Action::Global(names) => {
                self.scope.declared.borrow_mut().extend(names.iter().cloned());
                Ok(())
            }
            // What Python would print here disturbs the web pages; the values are still worked out.
            Action::Print(values) => values.iter().try_for_each(|value| self.eval(value).map(|_| ())),
            Action::Raise(kind, value) => self.raise_statement(kind.as_ref(), value.as_ref()),
            Action::Assert(test, text) => self.assert(test, text.as_ref()),
            _ => Ok(()),
        }
    }

    pub(super) fn function(&mut self, definition: &Rc<super::ast::Definition>) -> Run<Item> {
        let defaults = definition.parameters.iter().filter_map(|(_, default)| default.as_ref());
        let defaults = defaults.map(|default| self.eval(default)).collect::<Run<Vec<Item>>>()?;
        let globals = Rc::clone(&self.scope.globals);
        Ok(Item::Function(Rc::new(Function { definition: Rc::clone(definition), globals, defaults })))
    }

    fn if_statement(&mut self, branches: &[(Expr, Vec<Statement>)], otherwise: &[Statement]) -> Run<Step> {
        for (test, body) in branches {
            if self.eval(test)?.is_true() {
                return self.block(body);
            }
        }
        self.block(otherwise)
    }

    fn for_loop(&mut self, target: &Expr, items: &Expr, body: &[Statement], otherwise: &[Statement]) -> Run<Step> {
        let items = self.eval(items)?;
        for item in self.members(&items)? {
            self.spend(1)?;
            self.assign(target, item)?;
            match self.block(body)? {
                Step::Break => return Ok(Step::Next),
                Step::Return(value) => return Ok(Step::Return(value)),
                Step::Next | Step::Continue => {}
            }
        }
        self.block(otherwise)
    }

    fn while_loop(&mut self, test: &Expr, body: &[Statement], otherwise: &[Statement]) -> Run<Step> {
        while self.eval(test)?.is_true() {
            self.spend(1)?;
            match self.block(body)? {
                Step::Break => return Ok(Step::Next),
                Step::Return(value) => return Ok(Step::Return(value)),
                Step::Next | Step::Continue => {}
            }
        }
        self.block(otherwise)
    }

    fn with_statement(&mut self, context: &Expr, target: Option<&Expr>, body: &[Statement]) -> Run<Step> {
        let file = self.eval(context)?;
        if !matches!(file, Item::File(_)) {
            return Err(self.fail("with is understood for open files only"));
        }
        if let Some(target) = target {
            self.assign(target, file)?;
        }
        self.block(body)
    }

    fn try_statement(&mut self, parts: &Try) -> Run<Step> {
        let depth = self.depth;
        let scope = self.scope.clone();
        let result = match self.block(&parts.body) {
            Err(Stop::Raise(raised)) => {
                // Whatever was entered when it was raised is left.
                self.depth = depth;
                self.scope = scope;
                self.handle(raised, &parts.handlers)
            }
            Ok(Step::Next) => self.block(&parts.otherwise),
            other => other,
        };
        if matches!(result, Err(Stop::Fail(_))) {
            return result;
        }
        match self.block(&parts.finally)? {
            Step::Next => result,
            other => Ok(other),
        }
    }

    fn handle(&mut self, raised: Raised, handlers: &[Handler]) -> Run<Step> {
        for handler in handlers {
            let matches = match &handler.kind {
                Some(kind) => {
                    let kind = self.eval(kind)?;
                    self.catches(&kind, &raised.kind)?
                }
                None => true,
            };
            if matches {
                if let Some(target) = &handler.target {
                    let caught = Item::Exception(Rc::new((raised.kind.clone(), Some(raised.text.clone()))));
                    self.assign(target, caught)?;
                }
                let outer = self.caught.replace(raised);
                let result = self.block(&handler.body);
                self.caught = outer;
                return result;
            }
        }
        Err(Stop::Raise(raised))
    }

    fn catches(&self, kind: &Item, raised: &str) -> Run<bool> {
        match kind {
            Item::Exception(class) => Ok(super::builtins::is_kind_of(raised, &class.0)),
            Item::Tuple(kinds) => kinds.iter().try_fold(false, |found, kind| Ok(found || self.catches(kind, raised)?)),
            other => Err(self.fail(format!("except wants an exception, not a {}", other.type_name()))),
        }
    }

    fn raise_statement(&mut self, kind: Option<&Expr>, value: Option<&Expr>) -> Run<()> {
        let Some(kind) = kind else {
            return Err(match self.caught.clone() {
                Some(raised) => Stop::Raise(raised),
                None => self.raise("TypeError", "nothing to raise"),
            });
        };
        let kind = self.eval(kind)?;
        let value = value.map(|value| self.eval(value)).transpose()?;
        let text = value.and_then(|value| value.text().cloned());
        match kind {
            Item::Exception(exception) => {
                let text = text.or_else(|| exception.1.clone()).unwrap_or_default();
                Err(self.raise(&exception.0, text))
            }
            other => Err(self.fail(format!("raise wants an exception, not a {}", other.type_name()))),
        }
    }

    fn assert(&mut self, test: &Expr, text: Option<&Expr>) -> Run<()> {
        if self.eval(test)?.is_true() {
            return Ok(());
        }
        let text = text.map(|text| self.eval(text)).transpose()?;
        Err(self.raise("AssertionError", text.and_then(|text| text.text().cloned()).unwrap_or_default()))
    }

    /// What a loop goes over.
    pub(super) fn members(&mut self, item: &Item) -> Run<Vec<Item>> {
        let Some(members) = item.members() else {
            return Err(self.raise("TypeError", format!("'{}' object is not iterable", item.type_name())));
        };
        self.spend(members.len() / 8)?;
        Ok(members)
    }
}
