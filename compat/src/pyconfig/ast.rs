//! The tree of a settings file.

use super::literal::Literal;
use std::rc::Rc;

/// An expression and its line.
#[derive(Debug)]
pub(super) struct Expr {
    pub line: usize,
    pub kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum Kind {
    Literal(Literal),
    Name(String),
    Attribute(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Box<Bounds>),
    Call(Box<Expr>, Arguments),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Unary(&'static str, Box<Expr>),
    Not(Box<Expr>),
    /// `a < b <= c`
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// `yes if test else no`, as test, yes, no
    Conditional(Box<[Expr; 3]>),
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Comprehension(Box<Comprehension>),
    Lambda(Rc<Definition>),
    /// Backquotes.
    Repr(Box<Expr>),
}

/// `[start:end:step]`
#[derive(Debug)]
pub(super) struct Bounds {
    pub start: Option<Expr>,
    pub end: Option<Expr>,
    pub step: Option<Expr>,
}

/// A comparison's operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// The arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub positional: Vec<Expr>,
    pub named: Vec<(String, Expr)>,
    /// `*sequence`
    pub star: Option<Box<Expr>>,
}

/// `[element for ... if ...]`, also in parentheses; `key` is there in `{key: element for ...}`.
#[derive(Debug)]
pub(super) struct Comprehension {
    pub key: Option<Expr>,
    pub element: Expr,
    pub clauses: Vec<Clause>,
}

/// A part of a comprehension.
#[derive(Debug)]
pub(super) enum Clause {
    For(Expr, Expr),
    If(Expr),
}

/// A function's parameters and body.
#[derive(Debug)]
pub(super) struct Definition {
    pub name: String,
    pub parameters: Vec<(String, Option<Expr>)>,
    /// `*rest`
    pub rest: Option<String>,
    pub body: Vec<Statement>,
}

/// A statement and its line.
#[derive(Debug)]
pub(super) struct Statement {
    pub line: usize,
    pub kind: Action,
}

/// What a statement does.
#[derive(Debug)]
pub(super) enum Action {
    Expression(Expr),
    /// Targets from left to right, then the value.
    Assign(Vec<Expr>, Expr),
    Augment(Expr, &'static str, Expr),
    Delete(Vec<Expr>),
    If(Vec<(Expr, Vec<Statement>)>, Vec<Statement>),
    For(Expr, Expr, Vec<Statement>, Vec<Statement>),
    While(Expr, Vec<Statement>, Vec<Statement>),
    Try(Box<Try>),
    With(Expr, Option<Expr>, Vec<Statement>),
    Define(Rc<Definition>),
    Return(Option<Expr>),
    /// Dotted names, each with the name that it is bound to.
    Import(Vec<(String, Option<String>)>),
    /// `from module import names`; no names means `*`.
    From(String, Vec<(String, String)>),
    Global(Vec<String>),
    Print(Vec<Expr>),
    Raise(Option<Expr>, Option<Expr>),
    Assert(Expr, Option<Expr>),
    Pass,
    Break,
    Continue,
}

/// `try` with all its parts.
#[derive(Debug)]
pub(super) struct Try {
    pub body: Vec<Statement>,
    pub handlers: Vec<Handler>,
    pub otherwise: Vec<Statement>,
    pub finally: Vec<Statement>,
}

/// `except kind, name:`
#[derive(Debug)]
pub(super) struct Handler {
    pub kind: Option<Expr>,
    pub target: Option<Expr>,
    pub body: Vec<Statement>,
}
