//! Parses statements.
//!
//! A recursive descent over the tokens. What Python 2 has and settings files do not need (classes, generators,
//! decorators) is named in the error, with what to write instead; what Python would refuse is refused.

use super::ast::{Action, Definition, Expr, Handler, Kind, Statement, Try};
use super::parse_expr::Parser;
use super::token::Tok;
use super::Fault;
use std::rc::Rc;

/// Parses a whole file.
pub(super) fn parse(source: &[u8]) -> Result<Vec<Statement>, Fault> {
    let mut parser = Parser::new(super::token::tokens(source)?);
    let mut statements = Vec::new();
    while !parser.at_end() {
        if parser.take_newline() {
            continue;
        }
        parser.statement(&mut statements)?;
    }
    Ok(statements)
}

const AUGMENTED: &[&str] = &["+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^=", ">>=", "<<="];

impl Parser {
    fn statement(&mut self, out: &mut Vec<Statement>) -> Result<(), Fault> {
        self.deeper(|parser| match parser.compound()? {
            Some(statement) => {
                out.push(statement);
                Ok(())
            }
            None => parser.simple_line(out),
        })
    }

    fn compound(&mut self) -> Result<Option<Statement>, Fault> {
        let line = self.line();
        let action = match self.name_ahead() {
            Some("if") => self.if_statement()?,
            Some("for") => self.for_statement()?,
            Some("while") => self.while_statement()?,
            Some("try") => self.try_statement()?,
            Some("with") => self.with_statement()?,
            Some("def") => self.definition()?,
            Some("class") => return Err(self.unsupported("class", "settings can do without: assign plain values")),
            _ if self.is_op("@") => return Err(self.unsupported("a decorator", "write the plain function")),
            _ => return Ok(None),
        };
        Ok(Some(Statement { line, kind: action }))
    }

    /// Statements on one line, separated by semicolons.
    fn simple_line(&mut self, out: &mut Vec<Statement>) -> Result<(), Fault> {
        loop {
            let line = self.line();
            out.push(Statement { line, kind: self.simple()? });
            if !self.take_op(";") || matches!(self.peek(), Tok::Newline | Tok::End) {
                break;
            }
        }
        match self.take_newline() || self.at_end() {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn simple(&mut self) -> Result<Action, Fault> {
        let Some(word) = self.name_ahead().map(str::to_string) else {
            return self.expression_statement();
        };
        match word.as_str() {
            "pass" | "break" | "continue" => {
                self.advance();
                Ok(match word.as_str() {
                    "pass" => Action::Pass,
                    "break" => Action::Break,
                    _ => Action::Continue,
                })
            }
            "del" => self.delete(),
            "return" => self.return_statement(),
            "import" => self.import(),
            "from" => self.import_names(),
            "global" => self.global(),
            "print" => self.print(),
            "raise" => self.raise(),
            "assert" => self.assert(),
            "exec" => Err(self.unsupported("exec", "write the statements themselves")),
            "yield" => Err(self.unsupported("yield", "return a list")),
            _ => self.expression_statement(),
        }
    }

    fn expression_statement(&mut self) -> Result<Action, Fault> {
        let first = self.expression_list()?;
        if let Tok::Op(op) = *self.peek() {
            if AUGMENTED.contains(&op) {
                self.advance();
                self.check_target(&first)?;
                return Ok(Action::Augment(first, &op[..op.len() - 1], self.expression_list()?));
            }
        }
        let mut parts = vec![first];
        while self.take_op("=") {
            parts.push(self.expression_list()?);
        }
        match parts.pop() {
            Some(value) if parts.is_empty() => Ok(Action::Expression(value)),
            Some(value) => {
                parts.iter().try_for_each(|target| self.check_target(target))?;
                Ok(Action::Assign(parts, value))
            }
            None => Err(self.unexpected()),
        }
    }

    fn check_target(&self, target: &Expr) -> Result<(), Fault> {
        match &target.kind {
            Kind::Name(name) if name == "None" => Err(self.fault("None cannot be assigned to")),
            Kind::Name(_) | Kind::Attribute(..) | Kind::Index(..) | Kind::Slice(..) => Ok(()),
            Kind::Tuple(items) | Kind::List(items) => items.iter().try_for_each(|item| self.check_target(item)),
            _ => Err(self.fault("this cannot be assigned to")),
        }
    }

    fn delete(&mut self) -> Result<Action, Fault> {
        self.advance();
        let target = self.expression_list()?;
        self.check_target(&target)?;
        Ok(Action::Delete(vec![target]))
    }

    fn return_statement(&mut self) -> Result<Action, Fault> {
        self.advance();
        Ok(Action::Return(self.optional_list()?))
    }

    fn optional_list(&mut self) -> Result<Option<Expr>, Fault> {
        match self.peek() {
            Tok::Newline | Tok::End => Ok(None),
            Tok::Op(";") => Ok(None),
            _ => self.expression_list().map(Some),
        }
    }

    fn import(&mut self) -> Result<Action, Fault> {
        self.advance();
        let mut modules = Vec::new();
        loop {
            let module = self.dotted()?;
            let bound = if self.take_name("as") { Some(self.identifier()?) } else { None };
            modules.push((module, bound));
            if !self.take_op(",") {
                return Ok(Action::Import(modules));
            }
        }
    }

    fn dotted(&mut self) -> Result<String, Fault> {
        let mut name = String::new();
        while self.take_op(".") {
            name.push('.');
        }
        if self.name_ahead() == Some("import") {
            return Ok(name);
        }
        name.push_str(&self.identifier()?);
        while self.take_op(".") {
            name.push('.');
            name.push_str(&self.identifier()?);
        }
        Ok(name)
    }

    fn import_names(&mut self) -> Result<Action, Fault> {
        self.advance();
        let module = self.dotted()?;
        self.expect_name("import")?;
        if self.take_op("*") {
            return Ok(Action::From(module, Vec::new()));
        }
        let bracketed = self.take_op("(");
        let mut names = Vec::new();
        loop {
            let name = self.identifier()?;
            let bound = if self.take_name("as") { self.identifier()? } else { name.clone() };
            names.push((name, bound));
            if !self.take_op(",") || self.is_op(")") {
                break;
            }
        }
        if bracketed {
            self.expect_op(")")?;
        }
        Ok(Action::From(module, names))
    }

    fn global(&mut self) -> Result<Action, Fault> {
        self.advance();
        let mut names = vec![self.identifier()?];
        while self.take_op(",") {
            names.push(self.identifier()?);
        }
        Ok(Action::Global(names))
    }

    /// `print a, b` and `print >>file, a`.
    fn print(&mut self) -> Result<Action, Fault> {
        self.advance();
        let mut values = Vec::new();
        self.take_op(">>");
        while !matches!(self.peek(), Tok::Newline | Tok::End | Tok::Op(";")) {
            values.push(self.expression()?);
            if !self.take_op(",") {
                break;
            }
        }
        Ok(Action::Print(values))
    }

    fn raise(&mut self) -> Result<Action, Fault> {
        self.advance();
        if matches!(self.peek(), Tok::Newline | Tok::End | Tok::Op(";")) {
            return Ok(Action::Raise(None, None));
        }
        let kind = self.expression()?;
        let value = if self.take_op(",") { Some(self.expression()?) } else { None };
        Ok(Action::Raise(Some(kind), value))
    }

    fn assert(&mut self) -> Result<Action, Fault> {
        self.advance();
        let test = self.expression()?;
        let text = if self.take_op(",") { Some(self.expression()?) } else { None };
        Ok(Action::Assert(test, text))
    }

    /// What follows a colon: an indented block, or statements on the same line.
    fn block(&mut self) -> Result<Vec<Statement>, Fault> {
        self.expect_op(":")?;
        let mut body = Vec::new();
        if !self.take_newline() {
            self.simple_line(&mut body)?;
            return Ok(body);
        }
        self.expect(&Tok::Indent, "an indented block")?;
        while !self.take(&Tok::Dedent) {
            if self.at_end() {
                return Err(self.unexpected());
            }
            self.statement(&mut body)?;
        }
        Ok(body)
    }

    fn otherwise(&mut self) -> Result<Vec<Statement>, Fault> {
        match self.take_name("else") {
            true => self.block(),
            false => Ok(Vec::new()),
        }
    }

    fn if_statement(&mut self) -> Result<Action, Fault> {
        let mut branches = Vec::new();
        while branches.is_empty() || self.name_ahead() == Some("elif") {
            self.advance();
            let test = self.expression_list()?;
            branches.push((test, self.block()?));
        }
        Ok(Action::If(branches, self.otherwise()?))
    }

    fn for_statement(&mut self) -> Result<Action, Fault> {
        self.advance();
        let target = self.target_list()?;
        self.expect_name("in")?;
        let items = self.expression_list()?;
        let body = self.block()?;
        Ok(Action::For(target, items, body, self.otherwise()?))
    }

    fn while_statement(&mut self) -> Result<Action, Fault> {
        self.advance();
        let test = self.expression_list()?;
        let body = self.block()?;
        Ok(Action::While(test, body, self.otherwise()?))
    }

    fn try_statement(&mut self) -> Result<Action, Fault> {
        self.advance();
        let body = self.block()?;
        let mut handlers = Vec::new();
        while self.take_name("except") {
            handlers.push(self.handler()?);
        }
        let otherwise = self.otherwise()?;
        let finally = if self.take_name("finally") { self.block()? } else { Vec::new() };
        if handlers.is_empty() && finally.is_empty() {
            return Err(self.fault("try without except or finally"));
        }
        Ok(Action::Try(Box::new(Try { body, handlers, otherwise, finally })))
    }

    /// `except:`, `except E:`, `except E, e:`, `except E as e:`
    fn handler(&mut self) -> Result<Handler, Fault> {
        if self.is_op(":") {
            return Ok(Handler { kind: None, target: None, body: self.block()? });
        }
        let kind = Some(self.expression()?);
        let named = self.take_op(",") || self.take_name("as");
        let target = if named { Some(self.expression()?) } else { None };
        Ok(Handler { kind, target, body: self.block()? })
    }

    fn with_statement(&mut self) -> Result<Action, Fault> {
        self.advance();
        let context = self.expression()?;
        let target = if self.take_name("as") { Some(self.expression()?) } else { None };
        Ok(Action::With(context, target, self.block()?))
    }

    fn definition(&mut self) -> Result<Action, Fault> {
        self.advance();
        let name = self.identifier()?;
        self.expect_op("(")?;
        let (parameters, rest) = self.parameters(")")?;
        self.expect_op(")")?;
        let body = self.block()?;
        Ok(Action::Define(Rc::new(Definition { name, parameters, rest, body })))
    }
}
