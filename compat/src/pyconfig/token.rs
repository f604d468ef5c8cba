//! Splits a source into Python 2's tokens.
//!
//! Lines and indentation are tokens, as in Python's own grammar: NEWLINE ends a statement, INDENT and DEDENT enclose a
//! block. Inside brackets and after a backslash lines go on. The input is bytes: a settings file may be in any charset,
//! and what is not ASCII can stand only in comments and strings.

use super::literal::{self, Literal};
use super::Fault;

/// Blocks and brackets may not nest deeper; Python has the same bound for blocks.
const MAX_NESTING: usize = 100;

/// One token's kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok {
    Name(String),
    Literal(Literal),
    Op(&'static str),
    Newline,
    Indent,
    Dedent,
    End,
}

/// A token and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub tok: Tok,
    pub line: usize,
}

/// Longest first, so that `**=` is not read as `**`.
const OPERATORS: &[&str] = &[
    "**=", "//=", ">>=", "<<=", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "<>", "+=", "-=", "*=", "/=", "%=",
    "&=", "|=", "^=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":",
    ".", "`", "=", ";", "@",
];

/// All tokens of a file; the last one is `End`.
pub(super) fn tokens(source: &[u8]) -> Result<Vec<Token>, Fault> {
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let mut tokenizer =
        Tokenizer { source, at: 0, line: 1, indents: vec![0], brackets: 0, line_begins: true, out: Vec::new() };
    tokenizer.run()?;
    Ok(tokenizer.out)
}

struct Tokenizer<'a> {
    source: &'a [u8],
    at: usize,
    line: usize,
    indents: Vec<usize>,
    brackets: usize,
    line_begins: bool,
    out: Vec<Token>,
}

impl Tokenizer<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        while self.peek(0).is_some() {
            if self.line_begins && self.brackets == 0 && !self.indentation()? {
                continue;
            }
            self.line_begins = false;
            self.token()?;
        }
        if self.brackets > 0 {
            return Err(self.fault("the file ends inside brackets"));
        }
        if !matches!(self.out.last().map(|token| &token.tok), None | Some(Tok::Newline | Tok::Dedent)) {
            self.push(Tok::Newline);
        }
        for _ in 1..self.indents.len() {
            self.push(Tok::Dedent);
        }
        self.push(Tok::End);
        Ok(())
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.get(self.at + ahead).copied()
    }

    fn push(&mut self, tok: Tok) {
        self.out.push(Token { tok, line: self.line });
    }

    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { line: self.line, message: message.into() }
    }

    /// Measures a line's indentation. False: the line was blank and is skipped.
    fn indentation(&mut self) -> Result<bool, Fault> {
        let mut column = 0;
        loop {
            match self.peek(0) {
                Some(b' ') => column += 1,
                Some(b'\t') => column = (column / 8 + 1) * 8,
                Some(b'\x0c') => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        match self.peek(0) {
            None => return Ok(false),
            Some(b'#' | b'\n' | b'\r') => {
                self.rest_of_blank_line();
                return Ok(false);
            }
            Some(_) => self.blocks(column)?,
        }
        Ok(true)
    }

    fn rest_of_blank_line(&mut self) {
        self.skip_comment();
        self.skip_newline();
    }

    fn skip_comment(&mut self) {
        if self.peek(0) == Some(b'#') {
            while !matches!(self.peek(0), None | Some(b'\n' | b'\r')) {
                self.at += 1;
            }
        }
    }

    /// One end of line in any of its forms.
    fn skip_newline(&mut self) {
        self.at += match (self.peek(0), self.peek(1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => return,
        };
        self.line += 1;
        self.line_begins = true;
    }

    fn blocks(&mut self, column: usize) -> Result<(), Fault> {
        let current = self.indents.last().copied().unwrap_or(0);
        if column > current {
            if self.indents.len() > MAX_NESTING {
                return Err(self.fault("blocks are nested too deeply"));
            }
            self.indents.push(column);
            self.push(Tok::Indent);
        }
        while self.indents.last().is_some_and(|indent| column < *indent) {
            self.indents.pop();
            self.push(Tok::Dedent);
        }
        match self.indents.last() == Some(&column) {
            true => Ok(()),
            false => Err(self.fault("this line's indentation fits no block above")),
        }
    }

    fn token(&mut self) -> Result<(), Fault> {
        match self.peek(0) {
            None => Ok(()),
            Some(b' ' | b'\t' | b'\x0c') => {
                self.at += 1;
                Ok(())
            }
            Some(b'#') => {
                self.skip_comment();
                Ok(())
            }
            Some(b'\n' | b'\r') => {
                self.end_of_line();
                Ok(())
            }
            Some(b'\\') => self.continuation(),
            Some(b'0'..=b'9') => self.number(),
            Some(b'.') if self.peek(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            Some(_) if self.quote_ahead().is_some() => self.string(),
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => {
                self.name();
                Ok(())
            }
            Some(byte) => self.operator(byte),
        }
    }

    fn end_of_line(&mut self) {
        if self.brackets == 0 {
            self.push(Tok::Newline);
        }
        self.skip_newline();
    }

    fn continuation(&mut self) -> Result<(), Fault> {
        self.at += 1;
        if !matches!(self.peek(0), Some(b'\n' | b'\r')) {
            return Err(self.fault("a backslash must end its line"));
        }
        self.skip_newline();
        self.line_begins = false;
        Ok(())
    }

    fn name(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.source[start..self.at]).into_owned();
        self.push(Tok::Name(name));
    }

    fn operator(&mut self, byte: u8) -> Result<(), Fault> {
        let rest = &self.source[self.at..];
        let Some(op) = OPERATORS.iter().find(|op| rest.starts_with(op.as_bytes())) else {
            return Err(self.fault(format!("the character {} has no place here", char::from(byte).escape_default())));
        };
        match *op {
            "(" | "[" | "{" if self.brackets >= MAX_NESTING => {
                return Err(self.fault("brackets are nested too deeply"));
            }
            "(" | "[" | "{" => self.brackets += 1,
            ")" | "]" | "}" => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.at += op.len();
        self.push(Tok::Op(op));
        Ok(())
    }

    /// Letters, digits and points; the sign of an exponent belongs to it.
    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let hex = self.peek(0) == Some(b'0') && matches!(self.peek(1), Some(b'x' | b'X'));
        while let Some(byte) = self.peek(0) {
            let exponent = !hex && matches!(byte, b'e' | b'E') && matches!(self.peek(1), Some(b'+' | b'-'));
            if !(byte.is_ascii_alphanumeric() || byte == b'.') {
                break;
            }
            self.at += if exponent { 2 } else { 1 };
        }
        let text = String::from_utf8_lossy(&self.source[start..self.at]).into_owned();
        let number = literal::number(&text).map_err(|message| self.fault(message))?;
        self.push(Tok::Literal(number));
        Ok(())
    }

    /// How many letters stand before a quote here: the prefix of a string.
    fn quote_ahead(&self) -> Option<usize> {
        let rest = &self.source[self.at..];
        let letters = rest.iter().take(2).take_while(|b| b"uUbBrR".contains(b)).count();
        (0..=letters).find(|n| matches!(rest.get(*n), Some(b'\'' | b'"')))
    }

    fn string(&mut self) -> Result<(), Fault> {
        let line = self.line;
        let length = self.quote_ahead().unwrap_or(0);
        let prefix = self.source[self.at..self.at + length].to_ascii_lowercase();
        self.at += length;
        let quote = self.source[self.at];
        let triple = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        self.at += if triple { 3 } else { 1 };
        let body = self.string_body(quote, triple)?;
        let value = literal::string(&prefix, &body).map_err(|message| self.fault(message))?;
        self.out.push(Token { tok: Tok::Literal(value), line });
        Ok(())
    }

    /// Up to the closing quotes, with line ends as Python sees them.
    fn string_body(&mut self, quote: u8, triple: bool) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        let closing = [quote; 3];
        loop {
            let rest = &self.source[self.at..];
            match rest.first() {
                None => return Err(self.fault("the file ends inside a string")),
                Some(_) if triple && rest.starts_with(&closing) => {
                    self.at += 3;
                    return Ok(body);
                }
                Some(byte) if !triple && *byte == quote => {
                    self.at += 1;
                    return Ok(body);
                }
                Some(b'\n' | b'\r') if !triple => return Err(self.fault("the line ends inside a string")),
                Some(b'\\') => {
                    body.push(b'\\');
                    self.at += 1;
                    self.string_byte(&mut body);
                }
                Some(_) => self.string_byte(&mut body),
            }
        }
    }

    fn string_byte(&mut self, body: &mut Vec<u8>) {
        match self.peek(0) {
            Some(b'\n' | b'\r') => {
                body.push(b'\n');
                self.skip_newline();
                self.line_begins = false;
            }
            Some(byte) => {
                body.push(byte);
                self.at += 1;
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> String {
        let show = |token: Token| match token.tok {
            Tok::Name(name) => name,
            Tok::Literal(_) => "#".to_string(),
            Tok::Op(op) => op.to_string(),
            Tok::Newline => "NL".to_string(),
            Tok::Indent => "IN".to_string(),
            Tok::Dedent => "DE".to_string(),
            Tok::End => "END".to_string(),
        };
        match tokens(source.as_bytes()) {
            Ok(tokens) => tokens.into_iter().map(show).collect::<Vec<_>>().join(" "),
            Err(fault) => format!("{}: {}", fault.line, fault.message),
        }
    }

    #[test]
    fn lines_blocks_and_brackets() {
        assert_eq!(kinds("a = 1 # x\n\n# y\nb=(2,\n 3)\n"), "a = # NL b = ( # , # ) NL END");
        assert_eq!(kinds("if a:\n  b\n\n  c\nd"), "if a : NL IN b NL c NL DE d NL END");
        assert_eq!(kinds("if a:\r\n\tb\r\n"), "if a : NL IN b NL DE END");
        assert_eq!(kinds("a = \\\n  1\nb"), "a = # NL b NL END");
        assert_eq!(kinds("x **= y <> z // 2"), "x **= y <> z // # NL END");
        assert_eq!(kinds("u'a' r\"b\" ur'''c\nd''' rb u br'x'"), "# # # rb u # NL END");
        assert_eq!(kinds(""), "END");
    }

    #[test]
    fn faults_have_lines() {
        assert_eq!(kinds("a\n  b\n c\n"), "3: this line's indentation fits no block above");
        assert_eq!(kinds("a = 'x\n"), "1: the line ends inside a string");
        assert_eq!(kinds("\n\na = '''x\n"), "4: the file ends inside a string");
        assert_eq!(kinds("a = (1\n"), "2: the file ends inside brackets");
        assert_eq!(kinds("a = 1 ?"), "1: the character ? has no place here");
        assert_eq!(kinds("a = \\ 1"), "1: a backslash must end its line");
    }
}
