//! A pattern as Python's tokenizer hands it out: characters, and backslashes with what they protect.

use super::PatternError;

/// A character, or a backslash and the character behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Plain(u32),
    Escape(u32),
}

impl Token {
    /// Whether it is this very character.
    pub fn is(self, ch: char) -> bool {
        self == Token::Plain(u32::from(ch))
    }

    /// The character of an unprotected token.
    pub fn plain(self) -> Option<char> {
        match self {
            Token::Plain(point) => char::from_u32(point),
            Token::Escape(_) => None,
        }
    }

    /// Adds the token to a name or a message.
    pub fn push_to(self, text: &mut Vec<u32>) {
        match self {
            Token::Plain(point) => text.push(point),
            Token::Escape(point) => text.extend([u32::from('\\'), point]),
        }
    }
}

/// The tokens of a pattern, with one of them in view.
pub(super) struct Source<'a> {
    pattern: &'a [u32],
    at: usize,
    next: Option<Token>,
}

impl<'a> Source<'a> {
    /// A backslash at the end is an error as soon as it comes into view.
    pub fn new(pattern: &'a [u32]) -> Result<Self, PatternError> {
        let mut source = Source { pattern, at: 0, next: None };
        source.advance()?;
        Ok(source)
    }

    fn advance(&mut self) -> Result<(), PatternError> {
        self.next = match self.pattern.get(self.at) {
            None => None,
            Some(&point) if point == u32::from('\\') => {
                let protected = self.pattern.get(self.at + 1);
                let protected = protected.ok_or_else(|| PatternError::syntax("bogus escape (end of line)"))?;
                self.at += 2;
                Some(Token::Escape(*protected))
            }
            Some(&point) => {
                self.at += 1;
                Some(Token::Plain(point))
            }
        };
        Ok(())
    }

    /// The token in view.
    pub fn peek(&self) -> Option<Token> {
        self.next
    }

    /// Whether a character is in view.
    pub fn sees(&self, ch: char) -> bool {
        self.next.is_some_and(|token| token.is(ch))
    }

    /// Takes the token in view.
    pub fn take(&mut self) -> Result<Option<Token>, PatternError> {
        let token = self.next;
        self.advance()?;
        Ok(token)
    }

    /// Takes a character if it is in view.
    pub fn accept(&mut self, ch: char) -> Result<bool, PatternError> {
        let seen = self.sees(ch);
        if seen {
            self.advance()?;
        }
        Ok(seen)
    }

    /// Takes a plain character for which `fits` holds.
    pub fn accept_if(&mut self, fits: impl Fn(char) -> bool) -> Result<Option<char>, PatternError> {
        let seen = self.next.and_then(Token::plain).filter(|ch| fits(*ch));
        if seen.is_some() {
            self.advance()?;
        }
        Ok(seen)
    }

    /// Takes plain characters for which `fits` holds, up to a number of them.
    pub fn accept_while(&mut self, most: usize, fits: impl Fn(char) -> bool) -> Result<String, PatternError> {
        let mut text = String::new();
        while text.len() < most {
            match self.accept_if(&fits)? {
                Some(ch) => text.push(ch),
                None => break,
            }
        }
        Ok(text)
    }

    /// Where the source is, to come back to.
    pub fn mark(&self) -> (usize, Option<Token>) {
        (self.at, self.next)
    }

    /// Goes back to a mark.
    pub fn rewind(&mut self, (at, next): (usize, Option<Token>)) {
        self.at = at;
        self.next = next;
    }
}
