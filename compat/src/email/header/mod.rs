//! `email.header` of Python 2.7: header values in several charsets, folded and encoded, and decoded again.
//!
//! A [`Header`] is a list of chunks, each bytes in a charset. It is what Mailman's CookHeaders leaves in a message and
//! what queue entries hold pickled; where it is written, [`Header::encode`] decides every byte of the line.

mod decode;
mod split;
mod unsplit;

pub use decode::{decode_header, Decoded};

use super::charset::{Charset, CharsetError};
use super::text::trim_start;
use crate::codecs::{self, CodecError, Errors};
use crate::value::{Object, UniStr, Value};
use crate::{pydict, ByteStr};
use std::collections::HashMap;
use std::rc::Rc;
use unsplit::{Sight, Unsplit};

/// Python's `MAXLINELEN`.
pub const MAX_LINE_LEN: i64 = 76;
/// Where `encode` may cut a line of ASCII, best place first.
const SPLIT_CHARS: &[u8] = b";, ";
/// What a tab counts in a continuation.
const TAB_WIDTH: i64 = 8;

/// Why a header cannot be built or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// UnicodeError or LookupError from a charset.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The charset's name is not ASCII.
    #[error(transparent)]
    Charset(#[from] CharsetError),
    /// HeaderParseError: an encoded word whose base64 is broken.
    #[error("encoded word with broken base64")]
    EncodedWord,
    /// HeaderParseError: a line of the value looks like a header of its own.
    #[error("header value appears to contain an embedded header: {0:?}")]
    Embedded(ByteStr),
    /// A pickle that does not hold a header.
    #[error("not a pickled email.header.Header: {0}")]
    Pickled(&'static str),
}

impl HeaderError {
    /// Python's UnicodeError.
    pub fn is_unicode(&self) -> bool {
        matches!(self, HeaderError::Codec(error) if error.is_unicode())
    }

    /// What Mailman expects of a broken header: UnicodeError, LookupError or HeaderParseError.
    pub fn is_expected(&self) -> bool {
        match self {
            HeaderError::Codec(error) => error.is_unicode() || error.is_lookup(),
            HeaderError::EncodedWord | HeaderError::Embedded(_) => true,
            HeaderError::Charset(_) | HeaderError::Pickled(_) => false,
        }
    }
}

/// Text for a header: a Python `str` or a Python `unicode`.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// Bytes in the charset given with them.
    Bytes(&'a [u8]),
    /// Characters; the charset given with them is a wish.
    Unicode(&'a UniStr),
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Text::Bytes(bytes)
    }
}

impl<'a> From<&'a ByteStr> for Text<'a> {
    fn from(bytes: &'a ByteStr) -> Self {
        Text::Bytes(bytes)
    }
}

impl<'a> From<&'a UniStr> for Text<'a> {
    fn from(text: &'a UniStr) -> Self {
        Text::Unicode(text)
    }
}

/// The settings of a header: those arguments of Python's constructor that have defaults.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// The longest line; Python's default is 76.
    pub max_line_len: i64,
    /// The name of the field, which shares the first line.
    pub header_name: Option<&'a [u8]>,
    /// What continuation lines begin with.
    pub continuation_ws: &'a [u8],
}

impl Default for Layout<'_> {
    fn default() -> Self {
        Layout { max_line_len: MAX_LINE_LEN, header_name: None, continuation_ws: b" " }
    }
}

/// One piece of a header.
#[derive(Clone, Debug, PartialEq)]
struct Chunk {
    text: ByteStr,
    charset: Rc<Charset>,
}

/// `email.header.Header`
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    charset: Rc<Charset>,
    continuation_ws: ByteStr,
    first_line_len: i64,
    max_line_len: i64,
    chunks: Vec<Chunk>,
}

impl Header {
    /// A header without text. The charset is that of chunks which name none; None means us-ascii.
    pub fn empty(charset: Option<&Charset>, layout: &Layout) -> Self {
        let charset = charset.cloned().unwrap_or_else(Charset::us_ascii);
        let name_len = layout.header_name.map_or(0, |name| name.len() as i64 + 2);
        Header {
            charset: Rc::new(charset),
            continuation_ws: layout.continuation_ws.into(),
            first_line_len: layout.max_line_len - name_len,
            max_line_len: layout.max_line_len - expanded_len(layout.continuation_ws),
            chunks: Vec::new(),
        }
    }

    /// `Header(text, charset, ...)` with errors strict.
    ///
    /// # Errors
    /// Bytes that are not valid in their charset, or characters that no charset at hand has.
    pub fn new<'a>(text: impl Into<Text<'a>>, charset: Option<&Charset>, layout: &Layout) -> Result<Self, HeaderError> {
        let mut header = Header::empty(charset, layout);
        header.append(text, None, Errors::Strict)?;
        Ok(header)
    }

    /// `append(text, charset, errors)`: bytes must be valid in their charset and stay as they are; characters take the
    /// first of us-ascii, the given charset and utf-8 that has them all.
    ///
    /// # Errors
    /// Bytes that are not valid in their charset, or characters that no charset at hand has.
    pub fn append<'a>(
        &mut self,
        text: impl Into<Text<'a>>,
        charset: Option<&Charset>,
        errors: Errors,
    ) -> Result<(), HeaderError> {
        let charset = charset.map_or_else(|| Rc::clone(&self.charset), |charset| Rc::new(charset.clone()));
        let chunk = match text.into() {
            Text::Bytes(bytes) => chunk_of_bytes(bytes, charset, errors)?,
            Text::Unicode(text) => chunk_of_text(text, charset, errors)?,
        };
        self.chunks.push(chunk);
        Ok(())
    }

    /// `str(header)`, `header.encode()`
    ///
    /// # Errors
    /// A part that its charset cannot encode.
    pub fn encode(&self) -> Result<ByteStr, HeaderError> {
        self.encode_splitting_at(SPLIT_CHARS)
    }

    /// `header.encode(splitchars)`
    ///
    /// # Errors
    /// A part that its charset cannot encode.
    pub fn encode_splitting_at(&self, split_chars: &[u8]) -> Result<ByteStr, HeaderError> {
        let mut pieces: Vec<Chunk> = Vec::new();
        let mut last_len = 0;
        for chunk in &self.chunks {
            // What the chunk before left of its line, less the blank between two words.
            let left = self.first_line_len - last_len - 1;
            let frame = chunk.charset.encoded_header_len(b"") as i64;
            let room = if left < frame { self.first_line_len } else { left };
            self.split(chunk, room, split_chars, &mut pieces);
            last_len = pieces.last().map_or(0, |piece| piece.charset.encoded_header_len(&piece.text) as i64);
        }
        let value = self.join(&pieces);
        if has_embedded_header(&value) {
            return Err(HeaderError::Embedded(value.into()));
        }
        Ok(value.into())
    }

    /// `unicode(header)`
    ///
    /// # Errors
    /// A part that is not valid in its charset.
    pub fn to_unicode(&self) -> Result<UniStr, HeaderError> {
        let mut text = Vec::new();
        let mut last_is_plain = true;
        for (at, chunk) in self.chunks.iter().enumerate() {
            let is_plain = chunk.charset.is("us-ascii");
            if at > 0 && is_plain != last_is_plain {
                text.push(b' ');
            }
            last_is_plain = is_plain;
            let decoded = codecs::decode(&chunk.text, chunk.charset.name(), Errors::Strict)?;
            text.extend_from_slice(&decoded.0);
        }
        Ok(UniStr(text.into()))
    }

    /// Splits a chunk into pieces that fit on a line each, when encoded.
    fn split(&self, chunk: &Chunk, room: i64, split_chars: &[u8], pieces: &mut Vec<Chunk>) {
        let charset = &chunk.charset;
        let piece = |text: ByteStr| Chunk { text, charset: Rc::clone(charset) };
        let mut rest = Unsplit::new(chunk);
        let mut room = room;
        loop {
            let Sight { bytes, text, is_all } = rest.sight(room);
            let encoded = charset.output_of(&text);
            let encoded_len = charset.encoded_header_len(&encoded) as i64;
            if is_all && encoded_len <= room {
                return pieces.push(piece(encoded));
            }
            if charset.is("8bit") {
                return pieces.push(piece(chunk.text.clone()));
            }
            if charset.is("us-ascii") {
                return pieces.extend(self.split_ascii(chunk, room, split_chars));
            }
            // A part says nothing of the whole, except where nothing is encoded.
            let is_telling = is_all || charset.header_encoding.is_none();
            let fitting = match is_telling && encoded_len == bytes.len() as i64 {
                true => split::index(room, text.len()),
                false => split::longest_fitting(&text, charset, room),
            };
            if fitting == 0 && room == self.max_line_len {
                // Not even one character fits on a line of its own. Python recurses until it fails.
                return pieces.push(piece(charset.output_of(&rest.all())));
            }
            let (first, _) = text.split_at(fitting);
            let first = charset.to_splittable(&charset.input_of(&first));
            pieces.push(piece(charset.output_of(&first)));
            rest.advance(fitting);
            room = self.max_line_len;
        }
    }

    fn split_ascii<'c>(
        &self,
        chunk: &'c Chunk,
        room: i64,
        split_chars: &[u8],
    ) -> impl Iterator<Item = Chunk> + use<'c> {
        let widths = split::Widths { first: room, rest: self.max_line_len };
        let lines = split::split_ascii(&chunk.text, widths, &self.continuation_ws, split_chars);
        lines.into_pieces().map(|text| Chunk { text, charset: Rc::clone(&chunk.charset) })
    }

    /// Encodes the pieces and packs them into lines. All lines get the room of the first one; so does Python.
    fn join(&self, pieces: &[Chunk]) -> Vec<u8> {
        let joiner = [b"\n", self.continuation_ws.as_bytes()].concat();
        let (mut out, mut line) = (Vec::new(), None);
        for piece in pieces.iter().filter(|piece| !piece.text.is_empty()) {
            let word = piece.charset.header_encode(&piece.text);
            match line {
                Some(start) if (out.len() - start + word.len()) as i64 <= self.first_line_len => {
                    if !out[start..].ends_with(b" ") {
                        out.push(b' ');
                    }
                    out.extend_from_slice(&word);
                }
                _ => {
                    out.extend_from_slice(if line.is_some() { &joiner } else { b"" });
                    line = Some(out.len());
                    out.extend_from_slice(trim_start(&word));
                }
            }
        }
        out
    }

    /// From a pickled instance.
    ///
    /// # Errors
    /// A value that is no pickled header.
    pub fn from_value(value: &Value) -> Result<Self, HeaderError> {
        let object = value.as_object().ok_or(HeaderError::Pickled("not an instance"))?;
        let chunks = object.attribute("_chunks").and_then(Value::as_items);
        let chunks = chunks.ok_or(HeaderError::Pickled("no _chunks"))?;
        let number = |name: &str| object.attribute(name).and_then(Value::as_int);
        let charset = object.attribute("_charset").map(Charset::from_value).transpose()?;
        Ok(Header {
            charset: Rc::new(charset.unwrap_or_else(Charset::us_ascii)),
            continuation_ws: object
                .attribute("_continuation_ws")
                .and_then(Value::as_text)
                .cloned()
                .unwrap_or(" ".into()),
            first_line_len: number("_firstlinelen").unwrap_or(MAX_LINE_LEN),
            max_line_len: number("_maxlinelen").unwrap_or(MAX_LINE_LEN - 1),
            chunks: chunks.iter().map(chunk_from_value).collect::<Result<_, _>>()?,
        })
    }

    /// As an instance to pickle, its attributes in the order of Python's dictionary.
    pub fn to_value(&self) -> Value {
        let mut shared = SharedCharsets::default();
        let charset = shared.value(&self.charset);
        let mut chunk =
            |chunk: &Chunk| Value::tuple(vec![Value::Str(chunk.text.clone()), shared.value(&chunk.charset)]);
        let chunks = self.chunks.iter().map(&mut chunk).collect();
        let attributes = pydict::sorted(vec![
            ("_charset", charset),
            ("_continuation_ws", Value::Str(self.continuation_ws.clone())),
            ("_chunks", Value::list(chunks)),
            ("_firstlinelen", Value::Int(self.first_line_len)),
            ("_maxlinelen", Value::Int(self.max_line_len)),
        ]);
        Value::Object(Rc::new(Object::old_style("email.header", "Header", attributes)))
    }
}

/// Charsets that several chunks share stay one object in a pickle.
#[derive(Default)]
struct SharedCharsets(HashMap<*const Charset, Value>);

impl SharedCharsets {
    fn value(&mut self, charset: &Rc<Charset>) -> Value {
        self.0.entry(Rc::as_ptr(charset)).or_insert_with(|| charset.to_value()).clone()
    }
}

/// `make_header(decode_header(...))`
///
/// # Errors
/// A word that is not valid in the charset that it names.
pub fn make_header(words: &[Decoded], layout: &Layout) -> Result<Header, HeaderError> {
    let mut header = Header::empty(None, layout);
    for (text, charset) in words {
        let charset = charset.as_ref().map(Charset::new).transpose()?;
        header.append(text, charset.as_ref(), Errors::Strict)?;
    }
    Ok(header)
}

fn chunk_of_bytes(bytes: &[u8], charset: Rc<Charset>, errors: Errors) -> Result<Chunk, HeaderError> {
    if !charset.is("8bit") {
        let text = codecs::decode(bytes, codec(&charset.input_codec), errors)?;
        codecs::encode(&text, codec(&charset.output_codec), errors)?;
    }
    Ok(Chunk { text: bytes.into(), charset })
}

fn chunk_of_text(text: &UniStr, charset: Rc<Charset>, errors: Errors) -> Result<Chunk, HeaderError> {
    if charset.is("8bit") {
        return Ok(Chunk { text: text.0.clone(), charset });
    }
    for charset in [Rc::new(Charset::us_ascii()), charset] {
        match codecs::encode(text, codec(&charset.output_codec), errors) {
            Ok(bytes) => return Ok(Chunk { text: bytes.into(), charset }),
            Err(error) if error.is_unicode() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let bytes = codecs::encode(text, "utf-8", errors)?;
    Ok(Chunk { text: bytes.into(), charset: Rc::new(Charset::utf8()) })
}

fn codec(codec: &Option<ByteStr>) -> &[u8] {
    codec.as_ref().filter(|codec| !codec.is_empty()).map_or(b"us-ascii", ByteStr::as_bytes)
}

fn chunk_from_value(value: &Value) -> Result<Chunk, HeaderError> {
    match value.as_items() {
        Some([text, charset]) => {
            let text = text.as_text().ok_or(HeaderError::Pickled("a chunk without text"))?.clone();
            Ok(Chunk { text, charset: Rc::new(Charset::from_value(charset)?) })
        }
        _ => Err(HeaderError::Pickled("a chunk that is no pair")),
    }
}

fn expanded_len(white_space: &[u8]) -> i64 {
    white_space.iter().map(|&byte| if byte == b'\t' { TAB_WIDTH } else { 1 }).sum()
}

/// A line feed, then anything but blanks and tabs up to a colon: what would be a header of its own.
fn has_embedded_header(value: &[u8]) -> bool {
    value.split(|byte| matches!(byte, b' ' | b'\t')).any(|run| {
        let last_colon = memchr::memrchr(b':', run);
        memchr::memchr(b'\n', run).zip(last_colon).is_some_and(|(line_feed, colon)| colon > line_feed + 1)
    })
}

#[cfg(test)]
mod tests;
