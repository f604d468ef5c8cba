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
