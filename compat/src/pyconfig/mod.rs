//! Evaluates a site's settings files, which are Python 2 programs, without a Python.
//!
//! `mm_cfg.py` may use all of Python; in practice it uses little: assignments, lists and dictionaries that are changed
//! in place, calls of `add_virtualhost`, a host name asked of the system, a condition, a loop. That is understood here,
//! in Python's order of evaluation and with Python's sharing of lists. Anything beyond is an error that names file,
//! line and construct: a setting is never guessed.
//!
//! The parts: `token` cuts the source into tokens; `parse`, `parse_expr` and `parse_display` make the tree of `ast`;
//! `run` executes statements, `eval` works out expressions; `builtins`, `methods`, `modules`, `paths` and `system` hold
//! what Python brings. All is bounded: steps, nesting, sizes, so that no file can hang or exhaust a runner.

mod ast;
mod builtins;
mod call;
mod eval;
mod import;
mod item;
mod literal;
mod methods;
mod modules;
mod operators;
mod parse;
mod parse_display;
mod parse_expr;
mod paths;
mod run;
mod scope;
mod system;
mod target;
mod token;

use crate::value::Value;
use std::path::{Path, PathBuf};

/// A settings file that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {message}", file.display())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// What a parser has to say about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    line: usize,
    message: String,
}

/// What `import Defaults` finds.
pub enum Defaults<'a> {
    /// The site's own file.
    File(&'a Path),
    /// Tables in its place.
    Table(Vec<(String, Value)>),
}

/// What to evaluate.
pub struct Request<'a> {
    /// The file's name, for errors and origins.
    pub file: &'a Path,
    /// Its content.
    pub source: &'a [u8],
    /// What Defaults is.
    pub defaults: Defaults<'a>,
    /// Where modules of the site's own are looked for.
    pub folders: Vec<PathBuf>,
}

/// One name after evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The file that gave it its value, or changed it last.
    pub file: PathBuf,
    /// The line in that file; 0 for a value out of a table.
    pub line: usize,
}

/// Everything that a settings file did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The names that hold data, sorted.
    pub settings: Vec<Setting>,
    /// The names that hold something else (a module, a function), sorted.
    pub others: Vec<String>,
    /// Calls of `email.Charset.add_charset`, as (name, header encoding, body encoding, output charset).
    pub charsets: Vec<[Value; 4]>,
}

/// The file name that stands for tables of defaults.
pub const TABLE: &str = "<built-in defaults>";

/// Evaluates a settings file.
///
/// # Errors
/// The statement that cannot be evaluated, with file and line, and what to write instead.
pub fn evaluate(request: Request<'_>) -> Result<Outcome, ConfigError> {
    run::evaluate(request)
}

#[cfg(test)]
mod tests;
