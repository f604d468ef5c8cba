//! Python 2.7's regular expressions, on byte strings and on Unicode text.
//!
//! Site settings, list settings and ban lists hold patterns written for Python's `re`. They are parsed here by Python's
//! grammar (what Python refuses is refused, in its words) and handed to fancy-regex in a form that means the same
//! there. Python's engine has no limit; here a search that goes astray ends in [`TooMuch`].

mod ast;
mod cache;
mod emit;
mod escape;
mod parse;
mod source;

use crate::ByteStr;
use emit::Style;
use fancy_regex::{Captures, Regex, RegexBuilder};
use parse::Parsed;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

pub use cache::{count as count_compiled, forget as forget_compiled};

/// Flags of `re.compile`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `re.IGNORECASE`
    pub ignore_case: bool,
    /// `re.MULTILINE`
    pub multi_line: bool,
    /// `re.DOTALL`
    pub dot_all: bool,
    /// `re.VERBOSE`
    pub verbose: bool,
    /// `re.UNICODE`
    pub unicode: bool,
}

impl Flags {
    /// `re.IGNORECASE` alone, which most of Mailman's patterns are compiled with.
    pub const IGNORE_CASE: Flags =
        Flags { ignore_case: true, multi_line: false, dot_all: false, verbose: false, unicode: false };
}

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// `re.error`, with Python's text.
    #[error("{0}")]
    Syntax(String),
    /// Python takes it; the engine here does not.
    #[error("pattern is too large or too deep: {0}")]
    TooLarge(String),
}

impl PatternError {
    fn syntax(text: &str) -> Self {
        PatternError::Syntax(text.to_owned())
    }
}

/// A search that took too many steps, or a subject that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern takes too many steps on this text")]
pub struct TooMuch;

/// Longer subjects are not searched.
const MAX_SUBJECT: usize = 16 << 20;
/// How many times the engine may go back and try another way.
const BACKTRACK_LIMIT: usize = 5_000_000;
/// How large, in bytes, the compiled form of a part may be.
const SIZE_LIMIT: usize = 8 << 20;

/// A compiled pattern; clones share what is compiled.
#[derive(Clone)]
pub struct Pattern(Rc<Compiled>);

struct Compiled {
    parsed: Parsed,
    is_text: bool,
    /// Whether a `$` of it looks for a line feed at the subject's end.
    minds_line_feed: bool,
    /// For searching, and for matching at the start; each for subjects without and with a line feed at their end.
    /// A form is made when it is first needed.
    forms: [OnceCell<Result<Regex, String>>; 4],
}

/// Where a pattern matched. Positions are bytes of the subject.
#[derive(Clone, Debug)]
pub struct Match {
    groups: Vec<Option<(usize, usize)>>,
    names: Vec<(String, usize)>,
    /// The part of the subject in which all groups lie, and where it begins.
    part: ByteStr,
    part_start: usize,
}

impl Compiled {
    fn form(&self, anchored: bool, ends_in_line_feed: bool) -> Result<&Regex, &str> {
        let before_line_feed = self.minds_line_feed && ends_in_line_feed;
        let [search, search_line, at_start, at_start_line] = &self.forms;
        let cell = match (anchored, before_line_feed) {
            (false, false) => search,
            (false, true) => search_line,
            (true, false) => at_start,
            (true, true) => at_start_line,
        };
        cell.get_or_init(|| build(&self.emitted(anchored, before_line_feed))).as_ref().map_err(String::as_str)
    }

    /// The pattern in the engine's words.
    fn emitted(&self, anchored: bool, before_line_feed: bool) -> String {
        let has_groups = self.parsed.groups > 1;
        let style = Style { flags: self.parsed.flags, is_text: self.is_text, has_groups, before_line_feed, anchored };
        emit::emit(&self.parsed.body, style)
    }
}

impl Pattern {
    /// `re.compile(pattern, flags)` of a byte string. As in Python, one that was compiled recently is not compiled
    /// again.
    ///
    /// # Errors
    /// A pattern that `re.compile` refuses, or that is larger than our limit.
    pub fn new(pattern: &[u8], flags: Flags) -> Result<Self, PatternError> {
        cache::get_or_compile(pattern, flags, false, || {
            let points: Vec<u32> = pattern.iter().map(|&byte| u32::from(byte)).collect();
            Pattern::of(&points, flags, false)
        })
    }

    /// `re.compile(pattern, flags)` of a Unicode string; subjects are UTF-8.
    ///
    /// # Errors
    /// A pattern that `re.compile` refuses, or that is larger than our limit.
    pub fn new_text(pattern: &str, flags: Flags) -> Result<Self, PatternError> {
        cache::get_or_compile(pattern.as_bytes(), flags, true, || {
            let points: Vec<u32> = pattern.chars().map(u32::from).collect();
            Pattern::of(&points, flags, true)
        })
    }

    /// `re.compile(pattern, flags)` of a Unicode string that searches byte strings: a byte is the character of its number, so
    /// that characters beyond U+00FF match nothing.
    ///
    /// # Errors
    /// A pattern that `re.compile` refuses, or that is larger than our limit.
    pub fn new_for_bytes(pattern: &str, flags: Flags) -> Result<Self, PatternError> {
        let points: Vec<u32> = pattern.chars().map(u32::from).collect();
        match pattern.is_ascii() {
            true => Pattern::new(pattern.as_bytes(), flags),
            false => Pattern::of(&points, flags, false),
        }
    }

    fn of(points: &[u32], flags: Flags, is_text: bool) -> Result<Self, PatternError> {
        let parsed = parse::parse(points, flags, is_text)?;
        let mut compiled = Compiled { parsed, is_text, minds_line_feed: false, forms: Default::default() };
        compiled.minds_line_feed = compiled.emitted(false, false) != compiled.emitted(false, true);
        compiled.form(false, false).map_err(|text| PatternError::TooLarge(text.to_owned()))?;
        Ok(Pattern(Rc::new(compiled)))
    }

    /// `pattern.search(subject)`
    ///
    /// # Errors
    /// A search that took more steps than a pattern may.
    pub fn search(&self, subject: &[u8]) -> Result<Option<Match>, TooMuch> {
        self.run(&Subject::new(subject, self.0.is_text)?, false, 0)
    }

    /// `pattern.match(subject)`: at the start only.
    ///
    /// # Errors
    /// A search that took more steps than a pattern may.
    pub fn match_start(&self, subject: &[u8]) -> Result<Option<Match>, TooMuch> {
        self.run(&Subject::new(subject, self.0.is_text)?, true, 0)
    }

    /// Whether `search` finds anything.
    ///
    /// # Errors
    /// A search that took more steps than a pattern may.
    pub fn is_match(&self, subject: &[u8]) -> Result<bool, TooMuch> {
        let subject = Subject::new(subject, self.0.is_text)?;
        let regex = self.0.form(false, subject.bytes.ends_with(b"\n")).map_err(|_| TooMuch)?;
        regex.is_match(&subject.text).map_err(|_| TooMuch)
    }

    /// `pattern.finditer(subject)`: after an empty match the search goes on one character further.
    ///
    /// # Errors
    /// A search that took more steps than a pattern may.
    pub fn find_all(&self, subject: &[u8]) -> Result<Vec<Match>, TooMuch> {
        let text = Subject::new(subject, self.0.is_text)?;
        let mut found = Vec::new();
        let mut from = 0;
        while from <= subject.len() {
            let Some(next) = self.run(&text, false, from)? else { break };
            let (start, end) = next.span(0).unwrap_or_default();
            from = if end > start { end } else { self.after(subject, end) };
            found.push(next);
        }
        Ok(found)
    }

    /// `pattern.sub(lambda m: replacement, subject)`: an empty match right behind another one is left alone.
    ///
    /// # Errors
    /// A search that took more steps than a pattern may.
    pub fn replace_all(&self, subject: &[u8], replacement: &[u8]) -> Result<Vec<u8>, TooMuch> {
        let mut out = Vec::with_capacity(subject.len());
        let mut done = 0;
        for (at, found) in self.find_all(subject)?.iter().enumerate() {
            let (start, end) = found.span(0).unwrap_or_default();
            if at > 0 && start == end && start == done {
                continue;
            }
            out.extend_from_slice(subject.get(done..start).unwrap_or_default());
            out.extend_from_slice(replacement);
            done = end;
        }
        out.extend_from_slice(subject.get(done..).unwrap_or_default());
        Ok(out)
    }

    /// Where the character behind a position begins.
    fn after(&self, subject: &[u8], at: usize) -> usize {
        let is_tail = |byte: &u8| self.0.is_text && byte & 0xC0 == 0x80;
        at + 1 + subject.iter().skip(at + 1).take_while(|byte| is_tail(byte)).count()
    }

    fn run(&self, subject: &Subject, anchored: bool, from: usize) -> Result<Option<Match>, TooMuch> {
        let regex = self.0.form(anchored, subject.bytes.ends_with(b"\n")).map_err(|_| TooMuch)?;
        let found = regex.captures_from_pos(&subject.text, subject.inside(from)).map_err(|_| TooMuch)?;
        Ok(found.map(|captures| self.found(&captures, subject)))
    }

    fn found(&self, captures: &Captures, subject: &Subject) -> Match {
        let span = |group: fancy_regex::Match| (subject.outside(group.start()), subject.outside(group.end()));
        let groups: Vec<_> = (0..self.0.parsed.groups).map(|number| captures.get(number).map(span)).collect();
        let name = |name: &[u32]| name.iter().filter_map(|&point| char::from_u32(point)).collect();
        let start = groups.iter().flatten().map(|(start, _)| *start).min().unwrap_or_default();
        let end = groups.iter().flatten().map(|(_, end)| *end).max().unwrap_or_default();
        Match {
            groups,
            names: self.0.parsed.names.iter().map(|(text, number)| (name(text), *number)).collect(),
            part: subject.bytes.get(start..end).unwrap_or_default().into(),
            part_start: start,
        }
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pattern").field("parsed", &self.0.parsed).finish_non_exhaustive()
    }
}

fn build(pattern: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.backtrack_limit(BACKTRACK_LIMIT).delegate_size_limit(SIZE_LIMIT);
    builder.build().map_err(|error| error.to_string())
}

/// A subject as the engine sees it.
struct Subject<'a> {
    bytes: &'a [u8],
    text: Cow<'a, str>,
    /// Whether each character stands for one byte and not all are ASCII, so that positions differ.
    mapped: bool,
}

impl<'a> Subject<'a> {
    fn new(bytes: &'a [u8], is_text: bool) -> Result<Self, TooMuch> {
        if bytes.len() > MAX_SUBJECT {
            return Err(TooMuch);
        }
        if is_text || bytes.is_ascii() {
            return Ok(Subject { bytes, text: String::from_utf8_lossy(bytes), mapped: false });
        }
        let place = |byte: u8| if byte < 0x80 { u32::from(byte) } else { emit::BYTE_BASE + u32::from(byte) };
        let text: String = bytes.iter().filter_map(|&byte| char::from_u32(place(byte))).collect();
        Ok(Subject { bytes, text: Cow::Owned(text), mapped: true })
    }

    /// A position of the subject as one of the text.
    fn inside(&self, at: usize) -> usize {
        match self.mapped {
            true => self.text.char_indices().nth(at).map_or(self.text.len(), |(at, _)| at),
            false => at,
        }
    }

    /// A position of the text as one of the subject.
    fn outside(&self, at: usize) -> usize {
        match self.mapped {
            true => self.text.get(..at).map_or(at, |before| before.chars().count()),
            false => at,
        }
    }
}

impl Match {
    /// How many groups there are, the whole match counted as one.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// `match.span(number)`; None where the group took no part.
    pub fn span(&self, number: usize) -> Option<(usize, usize)> {
        self.groups.get(number).copied().flatten()
    }

    /// `match.group(number)`
    pub fn group(&self, number: usize) -> Option<ByteStr> {
        let within = |at: usize| at.saturating_sub(self.part_start);
        self.span(number).map(|(start, end)| self.part.slice(within(start)..within(end)))
    }

    /// `match.group('name')`
    pub fn named(&self, name: &str) -> Option<ByteStr> {
        let (_, number) = self.names.iter().find(|(known, _)| known == name)?;
        self.group(*number)
    }
}

/// `re.escape` of a byte string.
pub fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            0 => out.extend_from_slice(b"\\000"),
            byte if byte.is_ascii_alphanumeric() => out.push(byte),
            byte => out.extend([b'\\', byte]),
        }
    }
    out
}

#[cfg(test)]
mod tests;
