//! Evaluates attribute access and calls.

use super::ast::{Arguments, Expr, Kind};
use super::item::{Function, Item};
use super::run::{Interpreter, Run, Step, Stop};
use super::scope::Scope;
use super::{methods, modules};
use std::collections::HashMap;
use std::rc::Rc;

/// Methods that change their list or dictionary.
const CHANGING: &[&str] =
    &["append", "extend", "insert", "remove", "pop", "sort", "reverse", "clear", "update", "setdefault"];

/// Evaluated arguments of a call.
#[derive(Default)]
pub(super) struct Given {
    pub positional: Vec<Item>,
    pub named: Vec<(String, Item)>,
}

impl Given {
    pub(super) fn of(positional: Vec<Item>) -> Given {
        Given { positional, named: Vec::new() }
    }

    /// A parameter by its place or its name.
    pub(super) fn get(&self, at: usize, name: &str) -> Option<&Item> {
        let named = self.named.iter().find(|(given, _)| given == name).map(|(_, item)| item);
        self.positional.get(at).or(named)
    }
}

impl Interpreter<'_> {
    pub(super) fn attribute(&mut self, object: &Item, name: &str) -> Run<Item> {
        match object {
            Item::Module(module) => self.module_attribute(module, name),
            Item::Namespace(namespace) => namespace
                .get(name)
                .ok_or_else(|| self.raise("AttributeError", format!("'module' object has no attribute '{name}'"))),
            Item::Tuple(items) if modules::struct_field(items.len(), name).is_some() => {
                let at = modules::struct_field(items.len(), name).unwrap_or(0);
                Ok(items.get(at).cloned().unwrap_or(Item::None))
            }
            other if methods::known_methods(other).contains(&name) => {
                Ok(Item::Method(Rc::new((other.clone(), name.to_string()))))
            }
            other => Err(self.unknown_method(other, name)),
        }
    }

    pub(super) fn unknown_method(&self, object: &Item, name: &str) -> Stop {
        let of = object.type_name();
        self.fail(format!("{name} of a {of} is not understood in settings; write the value that it should give"))
    }

    fn module_attribute(&mut self, module: &str, name: &str) -> Run<Item> {
        if (module, name) == ("sys", "path") {
            return Ok(self.path.clone());
        }
        if (module, name) == ("Mailman", "Defaults") {
            return self.defaults_module();
        }
        modules::attribute(module, name).ok_or_else(|| {
            self.fail(format!("{module}.{name} is not understood in settings; write the value that it should give"))
        })
    }

    pub(super) fn call_expression(&mut self, function: &Expr, arguments: &Arguments) -> Run<Item> {
        let callee = self.eval(function)?;
        let mut given = Given::of(self.eval_all(&arguments.positional)?);
        for (name, value) in &arguments.named {
            given.named.push((name.clone(), self.eval(value)?));
        }
        if let Some(star) = &arguments.star {
            let more = self.eval(star)?;
            given.positional.extend(self.members(&more)?);
        }
        if let Kind::Attribute(object, method) = &function.kind {
            if CHANGING.contains(&method.as_str()) {
                self.touch(object);
            }
        }
        if let Kind::Name(name) = &function.kind {
            self.touch_filled(name);
        }
        self.call(&callee, given)
    }

    /// The two functions of Defaults.py that fill a setting: it counts as set where they are called.
    fn touch_filled(&self, function: &str) {
        let filled = match function {
            "add_virtualhost" => "VIRTUAL_HOSTS",
            "add_language" => "LC_DESCRIPTIONS",
            _ => return,
        };
        self.scope.globals.touch(filled, self.line);
    }

    pub(super) fn call(&mut self, callee: &Item, given: Given) -> Run<Item> {
        match callee {
            Item::Function(function) => self.deeper(|this| this.call_function(function, given)),
            Item::Native(name) => self.call_native(name, &given),
            Item::Method(method) => self.call_method(&method.0, &method.1, &given),
            Item::Exception(class) => {
                let text = given.positional.first().and_then(|item| item.text().cloned());
                Ok(Item::Exception(Rc::new((class.0.clone(), text))))
            }
            other => Err(self.raise("TypeError", format!("'{}' object is not callable", other.type_name()))),
        }
    }

    fn call_function(&mut self, function: &Function, given: Given) -> Run<Item> {
        let locals = self.bind(function, given)?;
        let inner = Scope::of_call(Rc::clone(&function.globals), locals);
        let (outer, line) = (std::mem::replace(&mut self.scope, inner), self.line);
        let result = self.block(&function.definition.body);
        self.scope = outer;
        self.line = line;
        match result? {
            Step::Return(value) => Ok(value),
            _ => Ok(Item::None),
        }
    }

    /// Gives each parameter its value.
    fn bind(&mut self, function: &Function, given: Given) -> Run<HashMap<String, Item>> {
        let definition = &function.definition;
        let mut locals = HashMap::new();
        let mut positional = given.positional.into_iter();
        for ((name, _), item) in definition.parameters.iter().zip(positional.by_ref()) {
            locals.insert(name.clone(), item);
        }
        let rest: Vec<Item> = positional.collect();
        match &definition.rest {
            Some(name) => {
                locals.insert(name.clone(), Item::tuple(rest));
            }
            None if !rest.is_empty() => return Err(self.argument_error(function, "got too many arguments")),
            None => {}
        }
        for (name, item) in given.named {
            let known = definition.parameters.iter().any(|(parameter, _)| *parameter == name);
            if !known || locals.insert(name.clone(), item).is_some() {
                return Err(self.argument_error(function, &format!("got an unexpected keyword argument '{name}'")));
            }
        }
        self.fill_defaults(function, &mut locals)?;
        Ok(locals)
    }

    fn fill_defaults(&self, function: &Function, locals: &mut HashMap<String, Item>) -> Run<()> {
        let with_default = function.definition.parameters.iter().filter(|(_, default)| default.is_some());
        for ((name, _), item) in with_default.zip(&function.defaults) {
            locals.entry(name.clone()).or_insert_with(|| item.clone());
        }
        match function.definition.parameters.iter().all(|(name, _)| locals.contains_key(name)) {
            true => Ok(()),
            false => Err(self.argument_error(function, "got too few arguments")),
        }
    }

    fn argument_error(&self, function: &Function, what: &str) -> Stop {
        self.raise("TypeError", format!("{}() {what}", function.definition.name))
    }
}
