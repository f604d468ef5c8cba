//! Codecs against literals that Python wrote: errors with their texts, and what is replaced.

use super::*;

fn error(bytes: &[u8], charset: &str) -> String {
    decode(bytes, charset, Errors::Strict).unwrap_err().to_string()
}

#[test]
fn errors_read_as_python_writes_them() {
    assert_eq!(
        error(b"abc\xe4", "us-ascii"),
        "'ascii' codec can't decode byte 0xe4 in position 3: ordinal not in range(128)"
    );
    assert_eq!(error(b"\xff", "utf-8"), "'utf8' codec can't decode byte 0xff in position 0: invalid start byte");
    assert_eq!(error(b"x", "x-none"), "unknown encoding: x-none");
    assert_eq!(
        error(b"\x81", "windows-1252"),
        "'charmap' codec can't decode byte 0x81 in position 0: character maps to <undefined>"
    );
    assert_eq!(
        encode_str("a\u{e9}\u{20ac}b", "latin-1", Errors::Strict).unwrap_err().to_string(),
        "'latin-1' codec can't encode character u'\\u20ac' in position 2: ordinal not in range(256)"
    );
}

#[test]
fn names_are_found_as_python_finds_them() {
    assert_eq!(lookup("ISO 8859-15"), Some("iso8859-15"));
    // Codecs of Python's that are no charsets are known, but nothing is decoded by them.
    assert!(["hex", "base64", "zlib"].iter().all(|name| decode(b"6162", name, Errors::Replace).is_err()));
    assert_eq!(lookup("Latin1"), Some("iso8859-1"));
    assert_eq!(lookup("windows-1251"), Some("cp1251"));
    assert_eq!(lookup("ansi_x3.4-1968"), Some("ascii"));
    assert!(knows("--UTF8--") && !knows("utf.8") && !knows("viscii") && !knows(""));
}

#[test]
fn replacements_count_as_in_python() {
    let replaced = |bytes: &[u8]| decode_string(bytes, "utf-8", Errors::Replace).unwrap();
    assert_eq!(replaced(b"a\xe2\x82b\xc3"), "a\u{fffd}b\u{fffd}");
    assert_eq!(encode_str("\u{e9}\u{20ac}", "us-ascii", Errors::XmlCharRef).unwrap(), b"&#233;&#8364;");
    assert_eq!(encode_str("a\u{e9}b", "us-ascii", Errors::Ignore).unwrap(), b"ab");
}

#[test]
fn long_texts_are_encoded_in_pieces() {
    let text = "a".repeat(20_000) + "\u{20ac}\u{20ac}";
    assert_eq!(
        encode_str(&text, "latin-1", Errors::Strict).unwrap_err().to_string(),
        "'latin-1' codec can't encode characters in position 20000-20001: ordinal not in range(256)"
    );
    let around = "a".repeat(PIECE - 1) + "\u{20ac}\u{20ac}b";
    let replaced = encode_str(&around, "latin-1", Errors::Replace).unwrap();
    assert_eq!(replaced[PIECE - 1..], *b"??b");
    assert_eq!(encode_str(&around, "iso-8859-15", Errors::Strict).unwrap()[PIECE - 1..], *b"\xa4\xa4b");
}

#[test]
fn ascii_is_its_own_encoding_in_most_charsets() {
    assert_eq!(encode_str("a?", "cp037", Errors::Strict).unwrap(), b"\x81o");
    assert_eq!(encode_str("B-+", "mac-arabic", Errors::Strict).unwrap(), b"B\xad\xab");
    let same = |bytes: &[u8], from: &str, to: &str| is_same_in_both(bytes, from, to);
    assert!(same(b"abc", "us-ascii", "iso-8859-15") && same("\u{e4}".as_bytes(), "utf8", "UTF-8"));
    assert!(!same(b"abc", "utf-8", "cp037") && !same(b"abc", "utf-8", "x-none") && !same(b"\xe4", "utf-8", "utf-8"));
    assert!(!same(b"+", "utf-8", "utf-7") && !same(b"\xe4", "latin-1", "latin-1"));
}

#[test]
fn texts_are_recoded_line_by_line_as_whole() {
    let recoded = |bytes: &[u8], from: &str, to: &str| {
        let mut out = b">".to_vec();
        recode_to(&mut out, bytes, (from, to), Errors::Replace).map(|()| out)
    };
    // Python 2: unicode('gr\xc3\xbcn \xe2\x82\n\xac', 'utf-8', 'replace').encode('latin-1', 'replace')
    assert_eq!(recoded(b"gr\xc3\xbcn \xe2\x82\n\xac", "utf-8", "latin-1").unwrap(), b">gr\xfcn ?\n?");
    let long = b"gr\xc3\xbcn \xe2\x82\n\xac".repeat(PIECE);
    let whole = encode(&decode(&long, "utf-8", Errors::Replace).unwrap(), "latin-1", Errors::Replace).unwrap();
    assert!(recoded(&long, "utf-8", "latin-1").unwrap()[1..] == whole);
    let mut out = b">".to_vec();
    assert!(recode_to(&mut out, b"a\xe4", ("latin-1", "us-ascii"), Errors::Strict).is_err());
    assert!(recoded(b"\xe4", "x-none", "utf-8").is_err() && recoded(b"\xe4", "latin-1", "x-none").is_err());
    assert_eq!(out, b">");
    assert_eq!(recoded(b"", "x-none", "utf-8").unwrap(), b">");
}

#[test]
fn large_charsets_round_trip() {
    let text = UniStr::from("\u{3042}\u{4e00}a\u{20ac}");
    for charset in ["utf-8", "utf-7", "utf-16", "utf-32", "gb18030", "euc-kr", "cp949"] {
        let bytes = encode(&text, charset, Errors::Strict).unwrap();
        assert_eq!(decode(&bytes, charset, Errors::Strict).unwrap(), text, "{charset}");
    }
    assert_eq!(encode_str("a\u{3042}\nb", "iso-2022-jp", Errors::Strict).unwrap(), b"a\x1b$B$\"\x1b(B\nb");
    assert_eq!(encode_str("\u{5df1}~", "hz", Errors::Strict).unwrap(), b"~{<:~}~~");
    assert_eq!(encode_str("\u{ac03}", "euc-kr", Errors::Strict).unwrap(), b"\xa4\xd4\xa4\xa1\xa4\xbf\xa4\xa3");
    assert_eq!(decode_string(b"\xa1\xaa", "gb2312", Errors::Strict).unwrap(), "\u{2015}");
    assert_eq!(
        error(b"\x80a", "euc-jp"),
        "'euc_jp' codec can't decode bytes in position 0-1: illegal multibyte sequence"
    );
}

proptest::proptest! {
    #[test]
    fn nothing_breaks_it(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), at in 0..200_usize) {
        let charset = names::nth(at);
        if let Ok(text) = decode(&bytes, charset, Errors::Replace) {
            let _ = encode(&text, charset, Errors::Replace);
        }
    }
}
