//! Text as the archiver has it: bytes in some charset, or characters; and what a page makes of either.
//!
//! Python mixes `str` and `unicode` freely here. Which of the two a value is shows in the archive's databases, in how
//! indices sort, and in which characters a page spells as `&#228;`.

use crate::text::either::Text;
use crate::text::html;
use crate::text::references::numeric_references;
use compat::codecs::{self, Errors};
use compat::ByteStr;

impl Text {
    /// `html_quote(text, lang)`: escaped, then written in the charset.
    pub fn quoted(&self, charset: &[u8]) -> ByteStr {
        self.map(html::escape_all).canonical(charset)
    }

    /// `CGIescape(text, lang)`: escaped except for entities that are there, then written in the charset.
    pub fn cgi_escaped(&self, site: &compat::site::Site, charset: &[u8]) -> ByteStr {
        match self {
            Text::Bytes(_) => self.map(|text| html::websafe(site, text)),
            Text::Unicode(_) => self.map(html::escape),
        }
        .canonical(charset)
    }

    /// `Utils.uncanonstr`: in the charset, or as numeric references where one character is not of it.
    pub fn canonical(&self, charset: &[u8]) -> ByteStr {
        match self {
            Text::Bytes(bytes) if is_plain(bytes, charset) => bytes.clone(),
            Text::Unicode(text) if is_plain(text.as_bytes(), charset) => text.as_str().into(),
            Text::Bytes(bytes) => match codecs::decode(bytes, charset, Errors::Strict) {
                Ok(_) => bytes.clone(),
                Err(_) => numeric_references(bytes.iter().map(|&byte| u32::from(byte))),
            },
            Text::Unicode(text) => match codecs::encode_str(text, charset, Errors::Strict) {
                Ok(bytes) => bytes.into(),
                Err(_) => numeric_references(text.chars().map(u32::from)),
            },
        }
    }
}

/// Whether this is ASCII and a charset in which ASCII stands for itself: most text by far, and then nothing is to be
/// converted.
pub fn is_plain(text: &[u8], charset: &[u8]) -> bool {
    const SUPERSETS: [&[u8]; 5] = [b"us-ascii", b"utf-8", b"iso-8859-", b"euc-", b"koi8-"];
    text.is_ascii() && SUPERSETS.iter().any(|known| charset.starts_with(known))
}

/// Addresses within a text made unreadable for harvesters: `re.sub(r'([-+,.\w]+)@([-+.\w]+)', r'\1' + at + r'\2', text)`.
pub fn obscure_addresses(text: &str, at: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, sign, end)) = find_address(rest.as_bytes()) {
        out.push_str(&rest[..start]);
        out.push_str(&rest[start..sign]);
        out.push_str(at);
        out.push_str(&rest[sign + 1..end]);
        rest = &rest[end..];
    }
    out + rest
}

/// The first address: where it begins, its `@`, and where it ends. All three are places of ASCII characters.
pub fn find_address(text: &[u8]) -> Option<(usize, usize, usize)> {
    let host_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"-+._".contains(byte);
    let user_byte = |byte: &u8| host_byte(byte) || *byte == b',';
    let mut from = 0;
    while let Some(sign) = memchr::memchr(b'@', text.get(from..)?).map(|at| from + at) {
        let before = text[from..sign].iter().rev().take_while(|byte| user_byte(byte)).count();
        let behind = text[sign + 1..].iter().take_while(|byte| host_byte(byte)).count();
        if before > 0 && behind > 0 {
            return Some((sign - before, sign, sign + 1 + behind));
        }
        from = sign + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_spelled_out() {
        let text = Text::Unicode("Jürgen <x> & €".into());
        assert_eq!(text.quoted(b"iso-8859-1"), "J&#252;rgen &lt;x&gt; &amp; &#8364;");
        assert_eq!(text.quoted(b"utf-8"), "Jürgen &lt;x&gt; &amp; €");
        assert_eq!(Text::Bytes(b"\xe4\x7f"[..].into()).canonical(b"us-ascii"), "&#228;\x7f");
        assert_eq!(Text::Unicode("\u{80}".into()).canonical(b"us-ascii"), "&#128;");
    }

    #[test]
    fn plain_text_is_what_a_conversion_would_give() {
        let ascii: Vec<u8> = (0..128).collect();
        for charset in ["us-ascii", "utf-8", "iso-8859-1", "iso-8859-15", "euc-jp", "euc-kr", "koi8-r", "iso-8859-99"] {
            assert!(is_plain(&ascii, charset.as_bytes()) && !is_plain(b"\xe4", charset.as_bytes()));
            if let Ok(text) = codecs::decode_string(&ascii, charset.as_bytes(), Errors::Strict) {
                assert_eq!(text.as_bytes(), ascii, "{charset}");
                assert_eq!(codecs::encode_str(&text, charset.as_bytes(), Errors::Strict).unwrap(), ascii, "{charset}");
            }
        }
        assert!(!is_plain(b"a", b"utf-16") && !is_plain(b"a", b"iso-2022-jp") && !is_plain(b"~", b"shift_jis"));
    }

    #[test]
    fn addresses_are_found_from_the_left() {
        assert_eq!(find_address(b"mail a.b+c@x.org, @no a@ d@e"), Some((5, 10, 16)));
        assert_eq!(find_address(b"@@ a@ @b"), None);
        assert_eq!(obscure_addresses("a@b c@d@e ä@f", " at "), "a at b c at d@e ä@f");
    }
}
