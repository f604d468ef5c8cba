//! `email.charset.Charset` of Python 2.7: how a charset is written in headers and bodies.
//!
//! The tables live once per process, because `mm_cfg.py` may change them (`email.Charset.add_charset(...)`) for
//! everything that follows.

use super::transfer;
use crate::base64;
use crate::codecs::{self, CodecError, Errors};
use crate::value::{Object, Value};
use crate::{pydict, ByteStr};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{OnceLock, PoisonError, RwLock};

/// The characters of `=?`, `?q?` and `?=`.
const FRAME_LEN: usize = 7;

/// How text is made seven-bit. The numbers are those that pickles hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// quoted-printable; `Q` in headers.
    QuotedPrintable = 1,
    /// base64; `B` in headers.
    Base64 = 2,
    /// The shorter of both, in headers only.
    Shortest = 3,
}

/// Why a charset cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharsetError {
    /// email.errors.CharsetError: the name is not ASCII.
    #[error("charset name is not ASCII: {0:?}")]
    Name(ByteStr),
    /// A pickled charset without the attributes of one.
    #[error("not a pickled email.charset.Charset: {0}")]
    Pickled(&'static str),
}

/// A charset and its properties in mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charset {
    /// The name under which it was asked for, in its canonical form.
    pub input_charset: ByteStr,
    /// How it is written in headers; None: as it is.
    pub header_encoding: Option<Encoding>,
    /// How it is written in bodies; None: as it is.
    pub body_encoding: Option<Encoding>,
    /// What it is converted to before it is sent.
    pub output_charset: ByteStr,
    /// Python's codec for it; None (us-ascii): text passes without conversion.
    pub input_codec: Option<ByteStr>,
    /// Python's codec for the output charset.
    pub output_codec: Option<ByteStr>,
}

/// Text on its way through a [`super::header::Header`]: characters where the codec is known, else bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Splittable {
    Bytes(ByteStr),
    Text(Vec<u32>),
}

const QP: Option<Encoding> = Some(Encoding::QuotedPrintable);
const B64: Option<Encoding> = Some(Encoding::Base64);
const SHORTEST: Option<Encoding> = Some(Encoding::Shortest);

/// Header encoding, body encoding, output charset.
type Properties = (Option<Encoding>, Option<Encoding>, Option<Vec<u8>>);

const QUOTED: &str = "iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-9 iso-8859-10 iso-8859-13 iso-8859-14 \
                      iso-8859-15 iso-8859-16 windows-1252 viscii";

/// Name and properties.
type Row = (&'static str, Option<Encoding>, Option<Encoding>, Option<&'static str>);

/// The others that Python knows.
const CHARSETS: &[Row] = &[
    ("us-ascii", None, None, None),
    ("big5", B64, B64, None),
    ("gb2312", B64, B64, None),
    ("euc-jp", B64, None, Some("iso-2022-jp")),
    ("shift_jis", B64, None, Some("iso-2022-jp")),
    ("iso-2022-jp", B64, None, None),
    ("koi8-r", B64, B64, None),
    ("utf-8", SHORTEST, B64, Some("utf-8")),
    ("8bit", None, B64, Some("utf-8")),
];

/// Latin alphabets by their number; each is known as `latin_N` and `latin-N`.
const LATIN: &[(&str, &str)] = &[
    ("1", "iso-8859-1"),
    ("2", "iso-8859-2"),
    ("3", "iso-8859-3"),
    ("4", "iso-8859-4"),
    ("5", "iso-8859-9"),
    ("6", "iso-8859-10"),
    ("7", "iso-8859-13"),
    ("8", "iso-8859-14"),
    ("9", "iso-8859-15"),
    ("10", "iso-8859-16"),
];

const ALIASES: &[(&str, &str)] =
    &[("cp949", "ks_c_5601-1987"), ("euc_jp", "euc-jp"), ("euc_kr", "euc-kr"), ("ascii", "us-ascii")];

const CODECS: &[(&str, Option<&str>)] =
    &[("gb2312", Some("eucgb2312_cn")), ("big5", Some("big5_tw")), ("us-ascii", None)];

struct Registry {
    charsets: HashMap<Vec<u8>, Properties>,
    aliases: HashMap<Vec<u8>, Vec<u8>>,
    codecs: HashMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Registry {
    fn as_shipped() -> Self {
        let bytes = |text: &str| text.as_bytes().to_vec();
        let quoted = QUOTED.split(' ').map(|name| (bytes(name), (QP, QP, None)));
        let others = CHARSETS.iter().map(|(name, head, body, out)| (bytes(name), (*head, *body, out.map(bytes))));
        let latin =
            LATIN.iter().flat_map(|(n, to)| ["-", "_"].map(|sep| (bytes(&format!("latin{sep}{n}")), bytes(to))));
        Registry {
            charsets: quoted.chain(others).collect(),
            aliases: latin.chain(ALIASES.iter().map(|(from, to)| (bytes(from), bytes(to)))).collect(),
            codecs: CODECS.iter().map(|(name, codec)| (bytes(name), codec.map(bytes))).collect(),
        }
    }

    fn alias<'a>(&'a self, name: &'a [u8]) -> &'a [u8] {
        self.aliases.get(name).map_or(name, Vec::as_slice)
    }

    fn codec(&self, name: &[u8]) -> Option<ByteStr> {
        self.codecs.get(name).map_or(Some(name.into()), |codec| codec.as_deref().map(ByteStr::from))
    }

    fn knows(&self, name: &[u8]) -> bool {
        self.aliases.contains_key(name) || self.charsets.contains_key(name)
    }
}

fn registry() -> &'static RwLock<Registry> {
    static REGISTRY: OnceLock<RwLock<Registry>> = OnceLock::new();
    REGISTRY.get_or_init(|| RwLock::new(Registry::as_shipped()))
}

fn change(edit: impl FnOnce(&mut Registry)) {
    edit(&mut registry().write().unwrap_or_else(PoisonError::into_inner));
}

/// `email.charset.add_charset`: for this process from now on. Python refuses [`Encoding::Shortest`] for bodies; the
/// caller tells the operator.
pub fn add_charset(name: &[u8], header: Option<Encoding>, body: Option<Encoding>, output: Option<&[u8]>) {
    change(|registry| {
        registry.charsets.insert(name.to_vec(), (header, body, output.map(<[u8]>::to_vec)));
    });
}

/// `email.charset.add_alias`
pub fn add_alias(alias: &[u8], canonical: &[u8]) {
    change(|registry| {
        registry.aliases.insert(alias.to_vec(), canonical.to_vec());
    });
}

/// `email.charset.add_codec`
pub fn add_codec(charset: &[u8], codec: Option<&[u8]>) {
    change(|registry| {
        registry.codecs.insert(charset.to_vec(), codec.map(<[u8]>::to_vec));
    });
}

impl Charset {
    /// The charset of a name.
    ///
    /// # Errors
    /// A name that is not ASCII, on which Python fails.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Self, CharsetError> {
        let name = name.as_ref();
        if !name.is_ascii() {
            return Err(CharsetError::Name(name.into()));
        }
        Ok(Charset::of(&registry().read().unwrap_or_else(PoisonError::into_inner), &name.to_ascii_lowercase()))
    }

    fn of(registry: &Registry, name: &[u8]) -> Self {
        // Only a name that the tables do not list is looked up as a codec; so `latin1` becomes `iso8859-1`, which
        // they do not list either, and goes out as base64.
        let name = if registry.knows(name) { name } else { codecs::lookup(name).map_or(name, str::as_bytes) };
        let input = registry.alias(name);
        let listed = registry.charsets.get(input).cloned();
        let (header_encoding, body_encoding, output) = listed.unwrap_or((SHORTEST, B64, None));
        let output = output.filter(|name| !name.is_empty()).unwrap_or_else(|| input.to_vec());
        let output = registry.alias(&output);
        Charset {
            input_charset: input.into(),
            header_encoding,
            body_encoding,
            output_charset: output.into(),
            input_codec: registry.codec(input),
            output_codec: registry.codec(output),
        }
    }

    /// us-ascii, the charset of a header that names none.
    pub fn us_ascii() -> Self {
        Charset::of(&registry().read().unwrap_or_else(PoisonError::into_inner), b"us-ascii")
    }

    /// utf-8, which takes what no other charset does.
    pub fn utf8() -> Self {
        Charset::of(&registry().read().unwrap_or_else(PoisonError::into_inner), b"utf-8")
    }

    /// `str(charset)`
    pub fn name(&self) -> ByteStr {
        self.input_charset.to_ascii_lowercase().into()
    }

    /// `charset == 'name'`
    pub fn is(&self, name: &str) -> bool {
        self.input_charset.eq_ignore_ascii_case(name.as_bytes())
    }

    /// `get_output_charset()`
    pub fn get_output_charset(&self) -> &ByteStr {
        if self.output_charset.is_empty() {
            &self.input_charset
        } else {
            &self.output_charset
        }
    }

    /// `get_body_encoding()`: the name of the transfer encoding; None where Python answers with the function that
    /// looks for 8-bit bytes and writes `7bit` or `8bit`.
    pub fn get_body_encoding(&self) -> Option<&'static str> {
        match self.body_encoding {
            Some(Encoding::QuotedPrintable) => Some("quoted-printable"),
            Some(Encoding::Base64 | Encoding::Shortest) => Some("base64"),
            None => None,
        }
    }

    /// `convert(bytes)`: from the input codec to the output codec.
    ///
    /// # Errors
    /// Bytes that are not valid in the input codec, or characters that the output codec does not have.
    pub fn convert<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, CodecError> {
        match (&self.input_codec, &self.output_codec) {
            (Some(input), Some(output)) if input != output => {
                let text = codecs::decode(bytes, input, Errors::Strict)?;
                codecs::encode(&text, output, Errors::Strict).map(Cow::Owned)
            }
            _ => Ok(Cow::Borrowed(bytes)),
        }
    }

    /// `body_encode(bytes)`: converted, then quoted-printable, base64 or as it is.
    ///
    /// # Errors
    /// Bytes that are not valid in the input codec, or characters that the output codec does not have.
    pub fn body_encode(&self, bytes: &[u8]) -> Result<ByteStr, CodecError> {
        let bytes = self.convert(bytes)?;
        Ok(match self.body_encoding {
            Some(Encoding::Base64) => transfer::base64_body_encode(&bytes).into(),
            Some(Encoding::QuotedPrintable) => transfer::quopri_body_encode(&bytes).into(),
            _ => bytes.into_owned().into(),
        })
    }

    /// `header_encode(bytes)` of bytes in the output charset.
    pub fn header_encode(&self, bytes: &[u8]) -> ByteStr {
        let charset = self.get_output_charset();
        match self.effective_header_encoding(bytes) {
            Some(Encoding::Base64) => transfer::base64_header_encode(bytes, charset).into(),
            Some(_) => transfer::quopri_header_encode(bytes, charset).into(),
            None => bytes.into(),
        }
    }

    /// `encoded_header_len(bytes)`
    pub fn encoded_header_len(&self, bytes: &[u8]) -> usize {
        let frame = self.get_output_charset().len() + FRAME_LEN;
        match self.effective_header_encoding(bytes) {
            Some(Encoding::Base64) => base64::encoded_len(bytes) + frame,
            Some(_) => transfer::quopri_header_len(bytes) + frame,
            None => bytes.len(),
        }
    }

    /// The shorter encoding where the shortest is asked for; at a tie it is quoted-printable.
    fn effective_header_encoding(&self, bytes: &[u8]) -> Option<Encoding> {
        match self.header_encoding {
            SHORTEST if base64::encoded_len(bytes) < transfer::quopri_header_len(bytes) => B64,
            SHORTEST => QP,
            fixed => fixed,
        }
    }

    /// `to_splittable(bytes)`
    pub(crate) fn to_splittable(&self, bytes: &ByteStr) -> Splittable {
        let decoded = self.input_codec.as_ref().map(|codec| codecs::decode(bytes, codec, Errors::Replace));
        match decoded {
            Some(Ok(text)) => Splittable::Text(codecs::points(&text.0).collect()),
            _ => Splittable::Bytes(bytes.clone()),
        }
    }

    /// `from_splittable(text, True)`: in the output charset.
    pub(crate) fn output_of(&self, text: &Splittable) -> ByteStr {
        encoded(text, self.output_codec.as_ref())
    }

    /// `from_splittable(text, False)`: in the input charset.
    pub(crate) fn input_of(&self, text: &Splittable) -> ByteStr {
        encoded(text, self.input_codec.as_ref())
    }

    /// From a pickled instance.
    ///
    /// # Errors
    /// A value that is no pickled charset.
    pub fn from_value(value: &Value) -> Result<Self, CharsetError> {
        if let Value::Str(name) = value {
            // Python before 2.3 kept the bare name; its reader makes a Charset of it, and so does this.
            return Charset::new(name);
        }
        let object = value.as_object().ok_or(CharsetError::Pickled("not an instance"))?;
        let text = |name: &str| object.attribute(name).and_then(Value::as_text).cloned();
        let encoding = |name: &str| encoding_of(object.attribute(name));
        let input = text("input_charset").ok_or(CharsetError::Pickled("no input_charset"))?;
        Ok(Charset {
            header_encoding: encoding("header_encoding"),
            body_encoding: encoding("body_encoding"),
            output_charset: text("output_charset").unwrap_or_default(),
            input_codec: text("input_codec"),
            output_codec: text("output_codec"),
            input_charset: input,
        })
    }

    /// As an instance to pickle, its attributes in the order of Python's dictionary.
    pub fn to_value(&self) -> Value {
        let codec = |codec: &Option<ByteStr>| codec.clone().map_or(Value::None, Value::Str);
        let number = |encoding: Option<Encoding>| encoding.map_or(Value::None, |e| Value::Int(e as i64));
        let attributes = pydict::sorted(vec![
            ("input_charset", Value::Str(self.input_charset.clone())),
            ("header_encoding", number(self.header_encoding)),
            ("body_encoding", number(self.body_encoding)),
            ("output_charset", Value::Str(self.output_charset.clone())),
            ("input_codec", codec(&self.input_codec)),
            ("output_codec", codec(&self.output_codec)),
        ]);
        Value::Object(Rc::new(Object::old_style("email.charset", "Charset", attributes)))
    }
}

/// Characters without a place in the charset become `?`.
fn encoded(text: &Splittable, codec: Option<&ByteStr>) -> ByteStr {
    let points = match text {
        Splittable::Bytes(bytes) => return bytes.clone(),
        Splittable::Text(points) => codecs::to_unistr(points.iter().copied()),
    };
    let encoded = codec.and_then(|codec| codecs::encode(&points, codec, Errors::Replace).ok());
    // Python goes on with the unicode text where the codec is missing; its UTF-8 stands for it here.
    encoded.map_or(points.0, ByteStr::from)
}

fn encoding_of(value: Option<&Value>) -> Option<Encoding> {
    match value.and_then(Value::as_int) {
        Some(1) => QP,
        Some(2) => B64,
        Some(3) => SHORTEST,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_codecs_as_in_python() {
        let latin = Charset::new("Latin-1").unwrap();
        assert_eq!((latin.name(), latin.header_encoding), ("iso-8859-1".into(), QP));
        // Python's own name for it is not in its table.
        let odd = Charset::new("latin1").unwrap();
        assert_eq!((odd.name(), odd.header_encoding, odd.body_encoding), ("iso8859-1".into(), SHORTEST, B64));
        let chinese = Charset::new("gb2312").unwrap();
        assert_eq!(chinese.input_codec, Some("eucgb2312_cn".into()));
        let japanese = Charset::new("euc-jp").unwrap();
        assert_eq!((japanese.output_charset, japanese.body_encoding), ("iso-2022-jp".into(), None));
        assert_eq!(Charset::us_ascii().input_codec, None);
        assert!(Charset::new(b"\xe4").is_err());
    }

    #[test]
    fn bodies_are_converted_and_encoded() {
        assert_eq!(Charset::utf8().body_encode(b"abc\n").unwrap(), "YWJjCg==\n");
        assert_eq!(Charset::new("iso-8859-1").unwrap().body_encode(b"\xe4=\n").unwrap(), "=E4=3D\n");
        assert_eq!(Charset::new("euc-jp").unwrap().body_encode(b"\xa4\xa2").unwrap(), "\x1b$B$\"\x1b(B");
    }

    #[test]
    fn a_site_may_change_a_charset() {
        add_charset(b"x-test-site", SHORTEST, None, Some(b"utf-8"));
        let charset = Charset::new("X-Test-Site").unwrap();
        assert_eq!((charset.body_encoding, charset.output_charset), (None, "utf-8".into()));
        add_alias(b"x-test-alias", b"x-test-site");
        assert!(Charset::new("x-test-alias").unwrap().is("x-test-site"));
    }
}
