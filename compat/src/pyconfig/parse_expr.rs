//! Parses expressions, by precedence climbing.

use super::ast::Action;
use super::ast::{Arguments, Bounds, Comparison, Definition, Expr, Kind, Statement};
use super::literal::Literal;
use super::token::{Tok, Token};
use super::Fault;
use std::rc::Rc;

/// Nesting, and lengths of chains such as `a + b + c`: both become depth when the tree is walked.
const MAX_DEPTH: usize = 60;
const MAX_CHAIN: usize = 100;

/// Words that cannot be names.
const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except", "exec", "finally",
    "for", "from", "global", "if", "import", "in", "is", "lambda", "not", "or", "pass", "print", "raise", "return",
    "try", "while", "with", "yield",
];

/// Operators of two sides, loosest first, comparisons apart.
const LEVELS: &[&[&str]] = &[&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "//", "%"]];

pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn new(tokens: Vec<Token>) -> Parser {
        Parser { tokens, at: 0, depth: 0 }
    }

    pub(super) fn peek(&self) -> &Tok {
        self.tokens.get(self.at).map_or(&Tok::End, |token| &token.tok)
    }

    pub(super) fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |token| token.line)
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn at_end(&self) -> bool {
        *self.peek() == Tok::End
    }

    pub(super) fn take(&mut self, tok: &Tok) -> bool {
        let found = self.peek() == tok;
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_newline(&mut self) -> bool {
        self.take(&Tok::Newline)
    }

    pub(super) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Tok::Op(found) if *found == op)
    }

    pub(super) fn take_op(&mut self, op: &str) -> bool {
        let found = self.is_op(op);
        self.at += usize::from(found);
        found
    }

    pub(super) fn name_ahead(&self) -> Option<&str> {
        match self.peek() {
            Tok::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.name_ahead() == Some(name);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, tok: &Tok, what: &str) -> Result<(), Fault> {
        match self.take(tok) {
            true => Ok(()),
            false => Err(self.fault(format!("{what} is missing here"))),
        }
    }

    pub(super) fn expect_op(&mut self, op: &'static str) -> Result<(), Fault> {
        self.expect(&Tok::Op(op), op)
    }

    pub(super) fn expect_name(&mut self, name: &str) -> Result<(), Fault> {
        self.expect(&Tok::Name(name.to_string()), name)
    }

    pub(super) fn identifier(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Tok::Name(name) if !KEYWORDS.contains(&name.as_str()) => {
                let name = name.clone();
                self.advance();
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { line: self.line(), message: message.into() }
    }

    pub(super) fn unexpected(&self) -> Fault {
        let what = match self.peek() {
            Tok::Name(name) => format!("the word {name}"),
            Tok::Literal(_) => "a value".to_string(),
            Tok::Op(op) => op.to_string(),
            Tok::Newline => "the end of the line".to_string(),
            Tok::Indent | Tok::Dedent => "this indentation".to_string(),
            Tok::End => "the end of the file".to_string(),
        };
        self.fault(format!("{what} does not fit here"))
    }

    pub(super) fn unsupported(&self, what: &str, instead: &str) -> Fault {
        self.fault(format!("{what} is not understood in settings; {instead}"))
    }

    /// Counts nesting around a part of the grammar that contains itself.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("expressions or blocks are nested too deeply"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// `a, b, c` without brackets is a tuple.
    pub(super) fn expression_list(&mut self) -> Result<Expr, Fault> {
        self.list_of(Parser::expression)
    }

    /// The targets of a `for`: no comparison, so that `in` is left.
    pub(super) fn target_list(&mut self) -> Result<Expr, Fault> {
        self.list_of(|parser| parser.deeper(|parser| parser.binary(0)))
    }

    fn list_of(&mut self, parse: impl Fn(&mut Self) -> Result<Expr, Fault>) -> Result<Expr, Fault> {
        let line = self.line();
        let first = parse(self)?;
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_op(",") {
            if !self.expression_ahead() {
                break;
            }
            items.push(parse(self)?);
        }
        Ok(Expr { line, kind: Kind::Tuple(items) })
    }

    fn expression_ahead(&self) -> bool {
        match self.peek() {
            Tok::Name(name) => !KEYWORDS.contains(&name.as_str()) || matches!(name.as_str(), "not" | "lambda"),
            Tok::Literal(_) => true,
            Tok::Op(op) => matches!(*op, "(" | "[" | "{" | "-" | "+" | "~" | "`"),
            _ => false,
        }
    }

    /// One expression, conditional and lambda included.
    pub(super) fn expression(&mut self) -> Result<Expr, Fault> {
        self.deeper(|parser| {
            let line = parser.line();
            if parser.take_name("lambda") {
                return parser.lambda(line);
            }
            let value = parser.or()?;
            if !parser.take_name("if") {
                return Ok(value);
            }
            let test = parser.or()?;
            parser.expect_name("else")?;
            let other = parser.expression()?;
            Ok(Expr { line, kind: Kind::Conditional(Box::new([test, value, other])) })
        })
    }

    fn lambda(&mut self, line: usize) -> Result<Expr, Fault> {
        let (parameters, rest) = self.parameters(":")?;
        self.expect_op(":")?;
        let value = self.expression()?;
        let body = vec![Statement { line, kind: Action::Return(Some(value)) }];
        let definition = Definition { name: "<lambda>".to_string(), parameters, rest, body };
        Ok(Expr { line, kind: Kind::Lambda(Rc::new(definition)) })
    }

    /// Parameters up to the closing token, which stays.
    #[allow(clippy::type_complexity)]
    pub(super) fn parameters(&mut self, close: &str) -> Result<(Vec<(String, Option<Expr>)>, Option<String>), Fault> {
        let (mut parameters, mut rest) = (Vec::new(), None);
        while !self.is_op(close) {
            if self.take_op("**") {
                return Err(self.unsupported("**keywords", "name the parameters"));
            }
            if self.take_op("*") {
                rest = Some(self.identifier()?);
            } else {
                let name = self.identifier()?;
                let default = if self.take_op("=") { Some(self.expression()?) } else { None };
                parameters.push((name, default));
            }
            if !self.take_op(",") {
                break;
            }
        }
        Ok((parameters, rest))
    }

    pub(super) fn or(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        let mut parts = vec![self.and()?];
        while self.take_name("or") {
            parts.push(self.and()?);
        }
        Ok(one_or(line, parts, Kind::Or))
    }

    fn and(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        let mut parts = vec![self.not()?];
        while self.take_name("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(line, parts, Kind::And))
    }

    fn not(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        if self.take_name("not") {
            let value = self.deeper(Parser::not)?;
            return Ok(Expr { line, kind: Kind::Not(Box::new(value)) });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        let first = self.binary(0)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.comparison_operator() {
            rest.push((operator, self.binary(0)?));
        }
        match rest.is_empty() {
            true => Ok(first),
            false => Ok(Expr { line, kind: Kind::Compare(Box::new(first), rest) }),
        }
    }

    fn comparison_operator(&mut self) -> Option<Comparison> {
        let operator = match self.peek() {
            Tok::Op("<") => Comparison::Less,
            Tok::Op("<=") => Comparison::LessOrEqual,
            Tok::Op(">") => Comparison::Greater,
            Tok::Op(">=") => Comparison::GreaterOrEqual,
            Tok::Op("==") => Comparison::Equal,
            Tok::Op("!=" | "<>") => Comparison::NotEqual,
            Tok::Name(name) if name == "in" => Comparison::In,
            Tok::Name(name) if name == "is" => Comparison::Is,
            Tok::Name(name) if name == "not" => Comparison::NotIn,
            _ => return None,
        };
        self.advance();
        match operator {
            Comparison::Is if self.take_name("not") => Some(Comparison::IsNot),
            Comparison::NotIn if !self.take_name("in") => {
                self.at -= 1;
                None
            }
            other => Some(other),
        }
    }

    fn binary(&mut self, level: usize) -> Result<Expr, Fault> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let line = self.line();
        let mut left = self.binary(level + 1)?;
        for _ in 0..MAX_CHAIN {
            let Tok::Op(op) = *self.peek() else { return Ok(left) };
            if !operators.contains(&op) {
                return Ok(left);
            }
            self.advance();
            let right = self.binary(level + 1)?;
            left = Expr { line, kind: Kind::Binary(op, Box::new(left), Box::new(right)) };
        }
        Err(self.fault("an expression has too many operators in a row"))
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        for op in ["-", "+", "~"] {
            if self.take_op(op) {
                let value = self.deeper(Parser::unary)?;
                return Ok(Expr { line, kind: Kind::Unary(op, Box::new(value)) });
            }
        }
        self.power()
    }

    fn power(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        let base = self.postfix()?;
        if !self.take_op("**") {
            return Ok(base);
        }
        let exponent = self.deeper(Parser::unary)?;
        Ok(Expr { line, kind: Kind::Binary("**", Box::new(base), Box::new(exponent)) })
    }

    /// Attributes, calls, indices.
    fn postfix(&mut self) -> Result<Expr, Fault> {
        let mut value = self.atom()?;
        for _ in 0..MAX_CHAIN {
            let line = self.line();
            let kind = if self.take_op(".") {
                Kind::Attribute(Box::new(value), self.identifier()?)
            } else if self.take_op("(") {
                Kind::Call(Box::new(value), self.arguments()?)
            } else if self.take_op("[") {
                self.subscript(value)?
            } else {
                return Ok(value);
            };
            value = Expr { line, kind };
        }
        Err(self.fault("an expression has too many attributes or calls in a row"))
    }

    fn arguments(&mut self) -> Result<Arguments, Fault> {
        let mut arguments = Arguments::default();
        while !self.is_op(")") {
            if self.take_op("**") {
                return Err(self.unsupported("**keywords", "write the arguments out"));
            }
            if self.take_op("*") {
                arguments.star = Some(Box::new(self.expression()?));
            } else {
                self.argument(&mut arguments)?;
            }
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op(")")?;
        Ok(arguments)
    }

    fn argument(&mut self, arguments: &mut Arguments) -> Result<(), Fault> {
        let value = self.expression()?;
        let named = self.is_op("=");
        match value.kind {
            Kind::Name(name) if named => {
                self.advance();
                arguments.named.push((name, self.expression()?));
            }
            _ if self.name_ahead() == Some("for") => {
                let line = value.line;
                arguments.positional.push(self.comprehension(line, None, value)?);
            }
            _ => arguments.positional.push(value),
        }
        Ok(())
    }

    fn subscript(&mut self, value: Expr) -> Result<Kind, Fault> {
        let start = if self.is_op(":") { None } else { Some(self.expression_list()?) };
        if !self.take_op(":") {
            self.expect_op("]")?;
            let index = start.ok_or_else(|| self.unexpected())?;
            return Ok(Kind::Index(Box::new(value), Box::new(index)));
        }
        let end = self.bound()?;
        let step = if self.take_op(":") { self.bound()? } else { None };
        self.expect_op("]")?;
        Ok(Kind::Slice(Box::new(value), Box::new(Bounds { start, end, step })))
    }

    fn bound(&mut self) -> Result<Option<Expr>, Fault> {
        match self.is_op(":") || self.is_op("]") {
            true => Ok(None),
            false => self.expression().map(Some),
        }
    }

    fn atom(&mut self) -> Result<Expr, Fault> {
        let line = self.line();
        let kind = match self.peek().clone() {
            Tok::Literal(first) => self.literals(first)?,
            Tok::Name(name) if !KEYWORDS.contains(&name.as_str()) => {
                self.advance();
                Kind::Name(name)
            }
            Tok::Op("(") => return self.parenthesis(line),
            Tok::Op("[") => return self.list_display(line),
            Tok::Op("{") => return self.dict_display(line),
            Tok::Op("`") => {
                self.advance();
                let value = self.expression_list()?;
                self.expect_op("`")?;
                Kind::Repr(Box::new(value))
            }
            _ => return Err(self.unexpected()),
        };
        Ok(Expr { line, kind })
    }

    /// Adjacent strings are one.
    fn literals(&mut self, first: Literal) -> Result<Kind, Fault> {
        self.advance();
        let mut whole = first;
        while let Tok::Literal(next) = self.peek().clone() {
            whole = join(whole, next).ok_or_else(|| self.unexpected())?;
            self.advance();
        }
        Ok(Kind::Literal(whole))
    }
}

fn one_or(line: usize, mut parts: Vec<Expr>, many: impl Fn(Vec<Expr>) -> Kind) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            Expr { line, kind: many(parts) }
        }
    }
}

fn join(left: Literal, right: Literal) -> Option<Literal> {
    use crate::value::UniStr;
    let wide = |s: &[u8]| crate::ByteStr::from(s).to_latin1();
    match (left, right) {
        (Literal::Str(a), Literal::Str(b)) => Some(Literal::Str([&a[..], &b[..]].concat().into())),
        (Literal::Unicode(a), Literal::Unicode(b)) => {
            Some(Literal::Unicode(UniStr([&a.0[..], &b.0[..]].concat().into())))
        }
        (Literal::Str(a), Literal::Unicode(b)) => Some(Literal::Unicode(UniStr((wide(&a) + &b.to_text()).into()))),
        (Literal::Unicode(a), Literal::Str(b)) => Some(Literal::Unicode(UniStr((a.to_text() + &wide(&b)).into()))),
        _ => None,
    }
}
