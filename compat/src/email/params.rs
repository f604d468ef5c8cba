//! Parameters of structured headers: `Content-Type: text/plain; charset="x"; format=flowed`.
//!
//! Answers to the parameter part of `email.message`. Python's splitting is a
//! little naive (a quote behind a backslash never counts, comments are not known), and everything here is as naive.

use super::message::Message;
use super::rfc2231::{decode_params, percent_encode, quote, unquote};
use super::text::{is_space, trim};
use crate::codecs::{self, Errors};
use crate::value::UniStr;
use crate::ByteStr;

/// Parameters beyond this many are not looked at: two bytes of a header are enough for one.
const MAX_PARAMS: usize = 20_000;

/// Why a parameter or a type can't be set.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ParamError {
    /// `set_boundary` on a message without Content-Type.
    #[error("No Content-Type header found")]
    NoContentType,
    /// `set_type` with something that has not exactly one slash.
    #[error("not a content type: {0:?}")]
    NotAType(ByteStr),
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// A plain value.
    Plain(ByteStr),
    /// An RFC 2231 value, Python's tuple `(charset, language, value)`: percent-decoded, still in its charset.
    Extended { charset: Option<ByteStr>, language: Option<ByteStr>, value: ByteStr },
}

/// What an RFC 2231 value may collapse to: a plain parameter stays `str`, an extended one becomes `unicode`.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// `str`
    Bytes(ByteStr),
    /// `unicode`
    Unicode(UniStr),
}

impl Text {
    /// The bytes, or the UTF-8 of a `unicode`.
    pub fn bytes(&self) -> &ByteStr {
        match self {
            Text::Bytes(bytes) | Text::Unicode(UniStr(bytes)) => bytes,
        }
    }

    /// Python's `if text:`.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }
}

impl Param {
    /// A plain value.
    pub fn plain(value: impl Into<ByteStr>) -> Self {
        Param::Plain(value.into())
    }

    fn is_empty(&self) -> bool {
        matches!(self, Param::Plain(value) if value.is_empty())
    }

    /// Without the quotes around the value.
    pub fn unquoted(self) -> Self {
        match self {
            Param::Plain(value) => Param::Plain(unquote(&value)),
            Param::Extended { charset, language, value } => {
                Param::Extended { charset, language, value: unquote(&value) }
            }
        }
    }

    /// `collapse_rfc2231_value`: what can't be decoded is replaced, a charset that nobody knows is taken for us-ascii.
    /// None where Python raises: the charset is a codec that makes no text.
    pub fn collapse(&self) -> Option<Text> {
        match self {
            Param::Plain(value) => Some(Text::Bytes(unquote(value))),
            Param::Extended { charset, value, .. } => {
                let raw = unquote(value);
                let charset = charset.as_deref().filter(|name| !name.is_empty()).unwrap_or(b"us-ascii");
                let text = match codecs::decode(&raw, charset, Errors::Replace) {
                    Err(error) if error.is_lookup() => codecs::decode(&raw, "us-ascii", Errors::Replace),
                    result => result,
                };
                text.ok().map(Text::Unicode)
            }
        }
    }

    /// As `%s` prints it, for `set_boundary`: an RFC 2231 value comes out as Python's tuple.
    pub fn as_printed(&self) -> ByteStr {
        match self {
            Param::Plain(value) => value.clone(),
            Param::Extended { charset, language, value } => {
                let repr = |part: &Option<ByteStr>| part.as_ref().map_or("None".to_owned(), repr);
                format!("({}, {}, {})", repr(charset), repr(language), repr_of(value)).into()
            }
        }
    }
}

fn repr(text: &ByteStr) -> String {
    repr_of(text)
}

/// Python's `repr` of a `str`.
pub(super) fn repr_of(text: &[u8]) -> String {
    let quote = if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = String::from(char::from(quote));
    for &byte in text {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if byte == quote => out.extend(['\\', char::from(byte)]),
            0x20..=0x7e => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(quote));
    out
}

impl Message {
    /// All parameters of a header, values unquoted; the first "parameter" is the header's main value.
    pub fn params(&self, header: &str) -> Option<Vec<(ByteStr, Param)>> {
        let params = self.params_preserved(header)?;
        Some(params.into_iter().map(|(name, value)| (name, value.unquoted())).collect())
    }

    fn params_preserved(&self, header: &str) -> Option<Vec<(ByteStr, Param)>> {
        let value = self.get_str(header)?;
        Some(decode_params(split_params(&value).into_iter().map(name_and_value).collect()))
    }

    /// One parameter of a header, unquoted.
    pub fn get_param(&self, name: &str, header: &str) -> Option<Param> {
        self.find_param(name.as_bytes(), header)
    }

    fn find_param(&self, name: &[u8], header: &str) -> Option<Param> {
        let params = self.params_preserved(header)?;
        let found = params.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.unquoted())
    }

    /// Sets a parameter; the header moves to the end of the headers when that changes it.
    pub fn set_param(&mut self, name: &str, value: &Param, header: &str) {
        self.set_param_named(name.as_bytes(), value, header);
    }

    fn set_param_named(&mut self, name: &[u8], value: &Param, header: &str) {
        let old = match self.get_str(header) {
            None if header.eq_ignore_ascii_case("content-type") => ByteStr::from("text/plain"),
            found => found.unwrap_or_default(),
        };
        let present = self.find_param(name, header).is_some_and(|value| !value.is_empty());
        let new = if present {
            let params = self.params(header).unwrap_or_default();
            join_params(params.iter().map(|(key, kept)| match key.eq_ignore_ascii_case(name) {
                true => format_param(name, Some(value)),
                false => format_param(key, Some(kept)),
            }))
        } else {
            join_params([old.to_vec(), format_param(name, Some(value))].into_iter())
        };
        self.rewrite(header, new);
    }

    /// Takes a parameter out; the header moves to the end of the headers when that changes it.
    pub fn del_param(&mut self, name: &str, header: &str) {
        let Some(params) = self.params(header) else { return };
        let kept = params.iter().filter(|(key, _)| !key.eq_ignore_ascii_case(name.as_bytes()));
        let new = join_params(kept.map(|(key, value)| format_param(key, Some(value))));
        self.rewrite(header, new);
    }

    fn rewrite(&mut self, header: &str, new: Vec<u8>) {
        if self.get_str(header).as_deref() != Some(&new[..]) {
            self.delete(header);
            self.append(header, new);
        }
    }

    /// Gives the header another main value and keeps its parameters. Content-Type brings MIME-Version with it.
    ///
    /// # Errors
    /// A header whose parameters Python fails on.
    pub fn set_type(&mut self, kind: &str, header: &str) -> Result<(), ParamError> {
        if kind.matches('/').count() != 1 {
            return Err(ParamError::NotAType(kind.into()));
        }
        if header.eq_ignore_ascii_case("content-type") {
            self.set_named("mime-version", "MIME-Version", "1.0");
        }
        let params = self.params(header).unwrap_or_default();
        self.delete(header);
        self.append(header, kind);
        for (name, value) in params.iter().skip(1) {
            self.set_param_named(name, value, header);
        }
        Ok(())
    }

    fn set_named(&mut self, old: &str, new: &str, value: &str) {
        self.delete(old);
        self.append(new, value);
    }

    /// The boundary of a multipart. White space at its end is not part of it.
    pub fn get_boundary(&self) -> Option<Text> {
        Some(match self.get_param("boundary", "content-type")?.collapse()? {
            Text::Bytes(text) => Text::Bytes(text.slice(0..strip_end(&text).len())),
            Text::Unicode(text) => Text::Unicode(UniStr(trim_unicode_end(&text.0))),
        })
    }

    /// Sets the boundary at the place where the Content-Type stands; the other parameters are written anew.
    ///
    /// # Errors
    /// A header whose parameters Python fails on.
    pub fn set_boundary(&mut self, boundary: &[u8]) -> Result<(), ParamError> {
        let mut params = self.params_preserved("content-type").ok_or(ParamError::NoContentType)?;
        let quoted = Param::plain([b"\"", boundary, b"\""].concat());
        let mut found = false;
        for (_, value) in params.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(b"boundary")) {
            *value = quoted.clone();
            found = true;
        }
        if !found {
            params.push((ByteStr::from("boundary"), quoted));
        }
        let new = ByteStr::new(join_all(params.iter().map(|(name, value)| print_param(name, value))));
        for (_, value) in self.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(b"content-type")) {
            *value = new.clone().into();
        }
        Ok(())
    }

    /// The name that the sender gave an attachment: `filename` of Content-Disposition, else `name` of Content-Type.
    pub fn get_filename(&self) -> Option<Text> {
        let found =
            self.get_param("filename", "content-disposition").or_else(|| self.get_param("name", "content-type"))?;
        Some(match found.collapse()? {
            Text::Bytes(text) => Text::Bytes(trim(&text).into()),
            Text::Unicode(text) => Text::Unicode(UniStr(trim_unicode(&text.0))),
        })
    }

    /// The charset parameter in lower case; none where it is not ASCII.
    pub fn content_charset(&self) -> Option<ByteStr> {
        let name = match self.get_param("charset", "content-type")? {
            Param::Plain(name) => name,
            Param::Extended { charset, value, .. } => {
                let charset = charset.as_deref().filter(|name| !name.is_empty()).unwrap_or(b"us-ascii");
                let decoded = codecs::decode(&value, charset, Errors::Strict).ok().map(|text| text.0);
                decoded.filter(|text| text.is_ascii()).unwrap_or(value)
            }
        };
        name.is_ascii().then(|| ByteStr::new(name.to_ascii_lowercase()))
    }

    /// The charset parameters of the message and all its parts.
    pub fn charsets(&self) -> Vec<Option<ByteStr>> {
        self.walk().map(Message::content_charset).collect()
    }
}

/// Splits at semicolons outside quotes; names before `=` in lower case, white space around both sides gone.
fn split_params(value: &[u8]) -> Vec<Vec<u8>> {
    let mut list = Vec::new();
    let mut rest = value;
    loop {
        let (param, next) = rest.split_at(param_end(rest));
        list.push(normal_param(param));
        match next.split_first() {
            Some((_, after)) if list.len() < MAX_PARAMS => rest = after,
            _ => return list,
        }
    }
}

/// The first semicolon that has an even number of quotes before it, or the end of the text.
fn param_end(text: &[u8]) -> usize {
    let mut quoted = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'"' if at == 0 || text[at - 1] != b'\\' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn normal_param(param: &[u8]) -> Vec<u8> {
    match param.iter().position(|&b| b == b'=') {
        None => trim(param).to_vec(),
        Some(at) => {
            let name = trim(&param[..at]).to_ascii_lowercase();
            trim(&[&name, &b"="[..], trim(&param[at + 1..])].concat()).to_vec()
        }
    }
}

fn name_and_value(param: Vec<u8>) -> (ByteStr, ByteStr) {
    match param.iter().position(|&b| b == b'=') {
        None => (trim(&param).into(), ByteStr::default()),
        Some(at) => (trim(&param[..at]).into(), trim(&param[at + 1..]).into()),
    }
}

/// `name="value"`; just the name where there is no value or an empty one.
pub(super) fn format_param(name: &[u8], value: Option<&Param>) -> Vec<u8> {
    match value {
        Some(Param::Plain(value)) if !value.is_empty() => [name, b"=\"", &quote(value), b"\""].concat(),
        None | Some(Param::Plain(_)) => name.to_vec(),
        Some(Param::Extended { charset, language, value }) => {
            let encoded = percent_encode(value);
            let value = match (charset, language) {
                (None, None) => encoded,
                (charset, language) => {
                    let charset = charset.as_deref().unwrap_or(b"None");
                    [charset, b"'", language.as_deref().unwrap_or_default(), b"'", &encoded].concat()
                }
            };
            [name, b"*=\"", &quote(&value), b"\""].concat()
        }
    }
}

fn print_param(name: &ByteStr, value: &Param) -> Vec<u8> {
    match value.is_empty() {
        true => name.to_vec(),
        false => [&name[..], b"=", &value.as_printed()].concat(),
    }
}

/// Joined by `; `, without what comes to nothing at the front.
fn join_params(params: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    for param in params {
        if !out.is_empty() {
            out.extend_from_slice(b"; ");
        }
        out.extend(param);
    }
    out
}

fn join_all(params: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    params.collect::<Vec<_>>().join(&b"; "[..])
}

/// `s.rstrip()`
fn strip_end(text: &[u8]) -> &[u8] {
    &text[..text.iter().rposition(|&b| !is_space(b)).map_or(0, |last| last + 1)]
}

fn is_unicode_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn trim_unicode_end(utf8: &ByteStr) -> ByteStr {
    match std::str::from_utf8(utf8) {
        Ok(text) => utf8.slice(0..text.trim_end_matches(is_unicode_space).len()),
        Err(_) => utf8.slice(0..strip_end(utf8).len()),
    }
}

fn trim_unicode(utf8: &ByteStr) -> ByteStr {
    let utf8 = trim_unicode_end(utf8);
    match std::str::from_utf8(&utf8) {
        Ok(text) => utf8.slice_from(text.len() - text.trim_start_matches(is_unicode_space).len()),
        Err(_) => trim(&utf8).into(),
    }
}
