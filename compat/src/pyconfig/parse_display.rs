//! Parses what stands in brackets: tuples, lists, dictionaries, comprehensions.

use super::ast::{Clause, Comprehension, Expr, Kind};
use super::parse_expr::Parser;
use super::Fault;

impl Parser {
    pub(super) fn parenthesis(&mut self, line: usize) -> Result<Expr, Fault> {
        self.advance();
        if self.take_op(")") {
            return Ok(Expr { line, kind: Kind::Tuple(Vec::new()) });
        }
        if self.name_ahead() == Some("yield") {
            return Err(self.unsupported("yield", "return a list"));
        }
        let mut value = self.expression_list()?;
        if self.name_ahead() == Some("for") {
            // A generator is as good as its list where it is used up at once.
            value = self.comprehension(line, None, value)?;
        }
        self.expect_op(")")?;
        Ok(value)
    }

    pub(super) fn list_display(&mut self, line: usize) -> Result<Expr, Fault> {
        self.advance();
        let mut items = Vec::new();
        while !self.is_op("]") {
            let item = self.expression()?;
            if items.is_empty() && self.name_ahead() == Some("for") {
                let whole = self.comprehension(line, None, item)?;
                self.expect_op("]")?;
                return Ok(whole);
            }
            items.push(item);
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op("]")?;
        Ok(Expr { line, kind: Kind::List(items) })
    }

    pub(super) fn dict_display(&mut self, line: usize) -> Result<Expr, Fault> {
        self.advance();
        let mut entries = Vec::new();
        while !self.is_op("}") {
            let key = self.expression()?;
            if !self.is_op(":") {
                return Err(self.unsupported("a set", "write a list"));
            }
            self.advance();
            let value = self.expression()?;
            if entries.is_empty() && self.name_ahead() == Some("for") {
                let whole = self.comprehension(line, Some(key), value)?;
                self.expect_op("}")?;
                return Ok(whole);
            }
            entries.push((key, value));
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op("}")?;
        Ok(Expr { line, kind: Kind::Dict(entries) })
    }

    pub(super) fn comprehension(&mut self, line: usize, key: Option<Expr>, element: Expr) -> Result<Expr, Fault> {
        let mut clauses = Vec::new();
        loop {
            if self.take_name("for") {
                let target = self.target_list()?;
                self.expect_name("in")?;
                clauses.push(Clause::For(target, self.or()?));
            } else if !clauses.is_empty() && self.take_name("if") {
                clauses.push(Clause::If(self.or()?));
            } else {
                break;
            }
        }
        Ok(Expr { line, kind: Kind::Comprehension(Box::new(Comprehension { key, element, clauses })) })
    }
}
