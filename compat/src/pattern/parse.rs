//! Python 2.7's grammar of patterns (`sre_parse`), with its errors.

use super::ast::{width, Anchor, Node, Sequence, UNLIMITED};
use super::ast::{Item, Set};
use super::escape::{escape_in_set, escape_outside, Escaped};
use super::source::{Source, Token};
use super::{Flags, PatternError};

/// Nesting beyond this is refused; Python's own limit is a few hundred.
const MAX_DEPTH: usize = 60;
const MAX_GROUPS: usize = 100;

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct Parsed {
    pub body: Sequence,
    /// The flags, with those set inside the pattern.
    pub flags: Flags,
    /// Names of groups and their numbers.
    pub names: Vec<(Vec<u32>, usize)>,
    /// One more than the number of groups.
    pub groups: usize,
}

/// Parses a pattern; when `(?x)` turns up inside, the whole is parsed again with it, as Python does.
pub(super) fn parse(pattern: &[u32], flags: Flags, is_text: bool) -> Result<Parsed, PatternError> {
    let parsed = parse_once(pattern, flags, is_text)?;
    let parsed =
        if parsed.flags.verbose && !flags.verbose { parse_once(pattern, parsed.flags, is_text)? } else { parsed };
    check(&parsed.body, parsed.groups)?;
    if parsed.groups > MAX_GROUPS {
        return Err(PatternError::syntax("sorry, but this version only supports 100 named groups"));
    }
    Ok(parsed)
}

fn parse_once(pattern: &[u32], flags: Flags, is_text: bool) -> Result<Parsed, PatternError> {
    let source = Source::new(pattern)?;
    let mut parser = Parser { source, flags, is_text, groups: 1, open: Vec::new(), names: Vec::new(), template: false };
    let body = parser.alternatives(0)?;
    match parser.source.take()? {
        None if parser.template && has_repeat(&body) => {
            Err(PatternError::syntax("internal: unsupported template operator"))
        }
        None => Ok(Parsed { body, flags: parser.flags, names: parser.names, groups: parser.groups }),
        Some(token) if token.is(')') => Err(PatternError::syntax("unbalanced parenthesis")),
        Some(_) => Err(PatternError::syntax("bogus characters at end of regular expression")),
    }
}

/// What Python finds only when it compiles.
fn check(sequence: &[Node], groups: usize) -> Result<(), PatternError> {
    sequence.iter().try_for_each(|node| match node {
        Node::Branch(branches) => branches.iter().try_for_each(|branch| check(branch, groups)),
        Node::Group(_, body) => check(body, groups),
        Node::Repeat { body, .. } => check(std::slice::from_ref(body), groups),
        Node::Look { behind, body, .. } => {
            let (low, high) = width(body);
            if *behind && low != high {
                return Err(PatternError::syntax("look-behind requires fixed-width pattern"));
            }
            check(body, groups)
        }
        Node::Conditional { group, .. } if *group < 0 => {
            Err(PatternError::syntax("regular expression code size limit exceeded"))
        }
        // A pattern without groups may ask for any of the first hundred; it never finds one.
        Node::Conditional { group, .. } if *group >= if groups == 1 { 101 } else { groups as i64 } => {
            Err(PatternError::syntax("invalid SRE code"))
        }
        Node::Conditional { yes, no, .. } => {
            check(yes, groups)?;
            no.as_ref().map_or(Ok(()), |no| check(no, groups))
        }
        Node::Literal(_) | Node::Any | Node::Set(_) | Node::Anchor(_) | Node::Reference(_) => Ok(()),
    })
}

fn has_repeat(sequence: &[Node]) -> bool {
    sequence.iter().any(|node| match node {
        Node::Repeat { .. } => true,
        Node::Branch(branches) => branches.iter().any(|branch| has_repeat(branch)),
        Node::Group(_, body) | Node::Look { body, .. } => has_repeat(body),
        Node::Conditional { yes, no, .. } => has_repeat(yes) || no.as_ref().is_some_and(|no| has_repeat(no)),
        _ => false,
    })
}

pub(super) struct Parser<'a> {
    pub source: Source<'a>,
    flags: Flags,
    is_text: bool,
    groups: usize,
    open: Vec<usize>,
    names: Vec<(Vec<u32>, usize)>,
    /// `(?t)`, a flag for which Python has no code.
    template: bool,
}

/// How often something is repeated.
enum Count {
    Times(u64, u64),
    /// A brace that is only a brace.
    Brace,
}

impl Parser<'_> {
    /// `a|b|c`
    fn alternatives(&mut self, depth: usize) -> Result<Sequence, PatternError> {
        if depth > MAX_DEPTH {
            return Err(PatternError::TooLarge("groups are nested too deeply".to_owned()));
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.source.accept('|')? {
            branches.push(self.sequence(depth)?);
        }
        match branches.pop() {
            Some(only) if branches.is_empty() => Ok(only),
            last => {
                branches.extend(last);
                Ok(vec![Node::Branch(branches)])
            }
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Sequence, PatternError> {
        let mut nodes = Sequence::new();
        while !self.source.sees('|') && !self.source.sees(')') {
            let Some(token) = self.source.take()? else { break };
            if self.flags.verbose && self.skipped(token)? {
                continue;
            }
            self.item(token, &mut nodes, depth)?;
        }
        Ok(nodes)
    }

    /// Blanks and comments of verbose patterns.
    fn skipped(&mut self, token: Token) -> Result<bool, PatternError> {
        if token.is('#') {
            while self.source.take()?.is_some_and(|token| !token.is('\n')) {}
            return Ok(true);
        }
        Ok(token.plain().is_some_and(|ch| matches!(ch, ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C')))
    }

    fn item(&mut self, token: Token, nodes: &mut Sequence, depth: usize) -> Result<(), PatternError> {
        let point = match token {
            Token::Escape(point) => {
                nodes.push(self.escaped(point)?);
                return Ok(());
            }
            Token::Plain(point) => point,
        };
        match char::from_u32(point) {
            Some('[') => nodes.push(self.set()?),
            Some('.') => nodes.push(Node::Any),
            Some('^') => nodes.push(Node::Anchor(Anchor::Start)),
            Some('$') => nodes.push(Node::Anchor(Anchor::End)),
            Some('(') => nodes.extend(self.group(depth)?),
            Some('*') => self.repeat(Count::Times(0, UNLIMITED), nodes)?,
            Some('+') => self.repeat(Count::Times(1, UNLIMITED), nodes)?,
            Some('?') => self.repeat(Count::Times(0, 1), nodes)?,
            Some('{') => {
                let count = self.braces()?;
                self.repeat(count, nodes)?;
            }
            _ => nodes.push(Node::Literal(point)),
        }
        Ok(())
    }

    fn escaped(&mut self, point: u32) -> Result<Node, PatternError> {
        let (groups, open) = (self.groups, self.open.clone());
        Ok(match escape_outside(&mut self.source, point, self.is_text, groups)? {
            Escaped::Literal(point) => Node::Literal(point),
            Escaped::Class(class, negative) => {
                Node::Set(Set { negative: false, items: vec![Item::Class(class, negative)] })
            }
            Escaped::Anchor(anchor) => Node::Anchor(anchor),
            Escaped::Reference(group) if open.contains(&group) => {
                return Err(PatternError::syntax("cannot refer to open group"))
            }
            Escaped::Reference(group) => Node::Reference(group),
        })
    }

    /// Repeats the last node, if there is one that can be.
    fn repeat(&mut self, count: Count, nodes: &mut Sequence) -> Result<(), PatternError> {
        let Count::Times(min, max) = count else {
            nodes.push(Node::Literal(u32::from('{')));
            return Ok(());
        };
        match nodes.last() {
            None | Some(Node::Anchor(_)) => return Err(PatternError::syntax("nothing to repeat")),
            Some(Node::Repeat { .. }) => return Err(PatternError::syntax("multiple repeat")),
            Some(_) => {}
        }
        let lazy = self.source.accept('?')?;
        if let Some(body) = nodes.pop() {
            nodes.push(Node::Repeat { min, max, lazy, body: Box::new(body) });
        }
        Ok(())
    }

    /// `{m}`, `{m,}`, `{,n}`, `{m,n}`; anything else is a brace, and so is `{}`.
    fn braces(&mut self) -> Result<Count, PatternError> {
        if self.source.sees('}') {
            return Ok(Count::Brace);
        }
        let mark = self.source.mark();
        let low = self.source.accept_while(usize::MAX, |ch| ch.is_ascii_digit())?;
        let high = match self.source.accept(',')? {
            true => self.source.accept_while(usize::MAX, |ch| ch.is_ascii_digit())?,
            false => low.clone(),
        };
        if !self.source.accept('}')? {
            self.source.rewind(mark);
            return Ok(Count::Brace);
        }
        let min = times(&low)?.unwrap_or(0);
        match times(&high)?.unwrap_or(UNLIMITED) {
            max if max < min => Err(PatternError::syntax("bad repeat interval")),
            max => Ok(Count::Times(min, max)),
        }
    }

    fn set(&mut self) -> Result<Node, PatternError> {
        let negative = self.source.accept('^')?;
        let mut items = Vec::new();
        loop {
            let token = self.set_token()?;
            // A bracket that comes first is a member.
            if token.is(']') && !items.is_empty() {
                return Ok(Node::Set(Set { negative, items }));
            }
            let first = self.member(token)?;
            if !self.source.accept('-')? {
                items.push(first);
                continue;
            }
            let token = self.set_token()?;
            if token.is(']') {
                items.extend([first, Item::Literal(u32::from('-'))]);
                return Ok(Node::Set(Set { negative, items }));
            }
            match (first, self.member(token)?) {
                (Item::Literal(low), Item::Literal(high)) if low <= high => items.push(Item::Range(low, high)),
                _ => return Err(PatternError::syntax("bad character range")),
            }
        }
    }

    fn set_token(&mut self) -> Result<Token, PatternError> {
        self.source.take()?.ok_or_else(|| PatternError::syntax("unexpected end of regular expression"))
    }

    fn member(&mut self, token: Token) -> Result<Item, PatternError> {
        match token {
            Token::Plain(point) => Ok(Item::Literal(point)),
            Token::Escape(point) => escape_in_set(&mut self.source, point, self.is_text),
        }
    }

    /// What follows an opening parenthesis; comments and flags leave nothing.
    fn group(&mut self, depth: usize) -> Result<Option<Node>, PatternError> {
        if !self.source.accept('?')? {
            return self.capture(None, depth).map(Some);
        }
        if self.source.accept('P')? {
            return self.python_group(depth).map(Some);
        }
        if self.source.accept(':')? {
            let body = self.closed(depth)?;
            return Ok(Some(Node::Group(None, body)));
        }
        if self.source.accept('#')? {
            return self.comment().map(|()| None);
        }
        if ['=', '!', '<'].into_iter().any(|ch| self.source.sees(ch)) {
            return self.look(depth).map(Some);
        }
        if self.source.accept('(')? {
            return self.conditional(depth).map(Some);
        }
        self.inline_flags().map(|()| None)
    }

    fn capture(&mut self, name: Option<Vec<u32>>, depth: usize) -> Result<Node, PatternError> {
        let number = self.groups;
        self.groups += 1;
        if let Some(name) = name {
            if let Some(old) = self.named(&name) {
                let name = self.repr(&name);
                let text = format!("redefinition of group name {name} as group {number}; was group {old}");
                return Err(PatternError::Syntax(text));
            }
            self.names.push((name, number));
        }
        self.open.push(number);
        let body = self.closed(depth)?;
        self.open.retain(|open| *open != number);
        Ok(Node::Group(Some(number), body))
    }

    /// The inside of a group, and its closing parenthesis.
    fn closed(&mut self, depth: usize) -> Result<Sequence, PatternError> {
        let body = self.alternatives(depth + 1)?;
        self.close()?;
        Ok(body)
    }

    fn close(&mut self) -> Result<(), PatternError> {
        let closed = self.source.accept(')')?;
        closed.then_some(()).ok_or_else(|| PatternError::syntax("unbalanced parenthesis"))
    }

    /// `(?P<name>...)` and `(?P=name)`.
    fn python_group(&mut self, depth: usize) -> Result<Node, PatternError> {
        if self.source.accept('<')? {
            let name = self.name_up_to('>')?;
            if !is_name(&name) {
                let text = format!("bad character in group name {}", self.repr(&name));
                return Err(PatternError::Syntax(text));
            }
            return self.capture(Some(name), depth);
        }
        if self.source.accept('=')? {
            let name = self.name_up_to(')')?;
            if !is_name(&name) {
                let text = format!("bad character in backref group name {}", self.repr(&name));
                return Err(PatternError::Syntax(text));
            }
            return self.known(&name).map(Node::Reference);
        }
        let token = self.source.take()?.ok_or_else(|| PatternError::syntax("unexpected end of pattern"))?;
        let mut text: Vec<u32> = "unknown specifier: ?P".chars().map(u32::from).collect();
        token.push_to(&mut text);
        Err(PatternError::Syntax(text.into_iter().filter_map(char::from_u32).collect()))
    }

    fn name_up_to(&mut self, end: char) -> Result<Vec<u32>, PatternError> {
        let mut name = Vec::new();
        loop {
            match self.source.take()? {
                None => return Err(PatternError::syntax("unterminated name")),
                Some(token) if token.is(end) => break,
                Some(token) => token.push_to(&mut name),
            }
        }
        if name.is_empty() {
            return Err(PatternError::syntax("missing group name"));
        }
        Ok(name)
    }

    fn named(&self, name: &[u32]) -> Option<usize> {
        self.names.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
    }

    fn known(&self, name: &[u32]) -> Result<usize, PatternError> {
        self.named(name).ok_or_else(|| PatternError::Syntax(format!("unknown group name: {}", self.repr(name))))
    }

    fn comment(&mut self) -> Result<(), PatternError> {
        while self.source.peek().is_some_and(|token| !token.is(')')) {
            self.source.take()?;
        }
        self.close()
    }

    fn look(&mut self, depth: usize) -> Result<Node, PatternError> {
        let behind = self.source.accept('<')?;
        let sign = self.source.accept_if(|ch| matches!(ch, '=' | '!'))?;
        let sign = sign.ok_or_else(|| PatternError::syntax("syntax error"))?;
        let body = self.closed(depth)?;
        Ok(Node::Look { behind, negative: sign == '!', body })
    }

    fn conditional(&mut self, depth: usize) -> Result<Node, PatternError> {
        let name = self.name_up_to(')')?;
        let group = if is_name(&name) { self.known(&name)? as i64 } else { group_number(&name)? };
        if group == 0 {
            // `(?(0)...)` is an ordinary group in Python.
            return Ok(Node::Group(None, self.closed(depth)?));
        }
        if depth >= MAX_DEPTH {
            return Err(PatternError::TooLarge("groups are nested too deeply".to_owned()));
        }
        let yes = self.sequence(depth + 1)?;
        let no = if self.source.accept('|')? { Some(self.sequence(depth + 1)?) } else { None };
        if self.source.sees('|') {
            return Err(PatternError::syntax("conditional backref with more than two branches"));
        }
        self.close()?;
        if self.open.iter().any(|open| *open as i64 == group) {
            // Inside the group itself Python finds it unmatched, the engine would not.
            return Ok(Node::Group(None, no.unwrap_or_default()));
        }
        Ok(Node::Group(None, vec![Node::Conditional { group, yes, no }]))
    }

    /// `(?iLmsux)`: they hold for the whole pattern, wherever they stand.
    fn inline_flags(&mut self) -> Result<(), PatternError> {
        let letters = self.source.accept_while(usize::MAX, |ch| "iLmsxtu".contains(ch))?;
        for letter in letters.chars() {
            match letter {
                'i' => self.flags.ignore_case = true,
                'm' => self.flags.multi_line = true,
                's' => self.flags.dot_all = true,
                'x' => self.flags.verbose = true,
                'u' => self.flags.unicode = true,
                't' => self.template = true,
                // LOCALE: nobody sets one, and the C locale is what goes without it.
                _ => {}
            }
        }
        match self.source.take()? {
            Some(token) if token.is(')') && !letters.is_empty() => Ok(()),
            Some(_) if !letters.is_empty() => Err(PatternError::syntax("unknown extension")),
            _ => Err(PatternError::syntax("unexpected end of pattern")),
        }
    }

    /// Python's `repr` of a piece of the pattern.
    fn repr(&self, text: &[u32]) -> String {
        super::escape::repr(text, self.is_text)
    }
}

fn times(digits: &str) -> Result<Option<u64>, PatternError> {
    if digits.is_empty() {
        return Ok(None);
    }
    let times = digits.parse().ok().filter(|times| *times < UNLIMITED);
    times.map(Some).ok_or_else(|| PatternError::syntax("the repetition number is too large"))
}

fn is_name(name: &[u32]) -> bool {
    let is_letter = |point: &u32| char::from_u32(*point).is_some_and(|ch| ch.is_ascii_alphabetic() || ch == '_');
    let is_digit = |point: &u32| char::from_u32(*point).is_some_and(|ch| ch.is_ascii_digit());
    name.first().is_some_and(is_letter) && name.iter().all(|point| is_letter(point) || is_digit(point))
}

/// `int(name)`
fn group_number(name: &[u32]) -> Result<i64, PatternError> {
    let text: String = name.iter().filter_map(|point| char::from_u32(*point)).collect();
    let number = text.trim_matches(|ch: char| ch.is_ascii_whitespace() || ch == '\x0B').parse();
    number.map_err(|_| PatternError::syntax("bad character in group name"))
}
