//! Setting payloads, charsets and parameters.

use super::{parsed, written};
use crate::email::build::mime_text;
use crate::email::charset::Charset;
use crate::email::params::Param;
use crate::email::{Message, Payload};
use crate::value::UniStr;

fn with_charset(headers: &str, text: &[u8], charset: &str) -> String {
    let mut msg = parsed(headers);
    msg.set_payload(text.to_vec(), Some(&Charset::new(charset).unwrap())).unwrap();
    written(&mut msg)
}

fn new_mail(charset: &str, encoding: &str, body: &str) -> String {
    format!(
        "Subject: s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\"{charset}\"\nContent-Transfer-Encoding: {encoding}\n\n{body}"
    )
}

#[test]
fn a_charset_brings_headers_and_an_encoding() {
    let new = |text: &[u8], charset: &str| with_charset("Subject: s\n\n", text, charset);
    assert_eq!(new(b"caf\xc3\xa9\n", "utf-8"), new_mail("utf-8", "base64", "Y2Fmw6kK\n"));
    assert_eq!(new(b"caf\xe9", "us-ascii"), new_mail("us-ascii", "8bit", "caf\u{e9}"));
    assert_eq!(new(b"caf\xe9 = x \n", "iso-8859-1"), new_mail("iso-8859-1", "quoted-printable", "caf=E9 =3D x=20\n"));
    assert_eq!(new(b"abc", "euc-kr"), new_mail("euc-kr", "base64", "YWJj\n"));
}

#[test]
fn an_encoding_that_is_there_stays_and_the_type_moves_to_the_end() {
    let old = "Content-Type: text/plain; x=y\nSubject: s\nContent-Transfer-Encoding: 8bit\n\n";
    assert_eq!(
        with_charset(old, b"caf\xe9", "koi8-r"),
        "Subject: s\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\nContent-Type: text/plain; x=y; charset=\"koi8-r\"\n\ncaf\u{e9}"
    );
}

#[test]
fn unicode_is_encoded_to_the_charset() {
    let mut msg = parsed("Subject: s\n\n");
    msg.set_payload(UniStr::from("café"), Some(&Charset::utf8())).unwrap();
    assert_eq!(written(&mut msg), new_mail("utf-8", "base64", "Y2Fmw6k=\n"));
    assert!(msg.set_payload(UniStr::from("café"), Some(&Charset::us_ascii())).is_err());
}

#[test]
fn a_text_keeps_python_s_order_of_headers() {
    let names = |msg: &Message| msg.headers().map(|(name, _)| name.to_latin1()).collect::<Vec<_>>();
    let text = |charset: &[u8]| mime_text("abc", "plain", charset).unwrap();
    assert_eq!(names(&text(b"utf-8")), ["Content-Type", "MIME-Version", "Content-Transfer-Encoding"]);
}

#[test]
fn a_charset_that_is_sent_as_another_one_moves_the_type() {
    let body = with_charset("Subject: s\n\n", b"\xa4\xa2\n", "euc-jp");
    assert_eq!(body, new_mail("iso-2022-jp", "7bit", "\x1b$B$\"\x1b(B\n"));
    let text = mime_text("abc", "plain", b"euc-jp").unwrap();
    let names: Vec<String> = text.headers().map(|(name, _)| name.to_latin1()).collect();
    assert_eq!(names, ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]);
}

#[test]
fn parameters_are_set_quoted_and_taken_away() {
    let mut msg = parsed("Content-Type: text/plain; x=y\n\n");
    msg.add_header("X", Some(b"v"), &[("some_thing", Some(Param::plain("a \"b\""))), ("other", None)]);
    assert_eq!(msg.get_str("x").unwrap(), "v; other; some-thing=\"a \\\"b\\\"\"");
    msg.set_param("X", &Param::plain("a b"), "Content-Type");
    assert_eq!(msg.get_str("content-type").unwrap(), "text/plain; X=\"a b\"");
    msg.del_param("x", "content-type");
    assert_eq!(msg.get_str("content-type").unwrap(), "text/plain");
    assert!(msg.set_type("text", "Content-Type").is_err());
}

#[test]
fn set_boundary_prints_an_rfc_2231_value_as_python_s_tuple() {
    let mut msg = parsed("Content-type: multipart/mixed; x*=us-ascii'en'a; y=\"z\"\n\nrest");
    msg.set_boundary(b"q").unwrap();
    assert_eq!(
        msg.get_str("content-type").unwrap(),
        "multipart/mixed; y=\"z\"; x=('us-ascii', 'en', '\"a\"'); boundary=\"q\""
    );
    assert!(Message::new().set_boundary(b"q").is_err());
}

#[test]
fn payloads_are_decoded_where_they_can_be() {
    let decoded = |encoding: &str, body: &str| {
        parsed(format!("Content-Transfer-Encoding: {encoding}\n\n{body}")).decoded_payload().unwrap().to_latin1()
    };
    assert_eq!(decoded("Base64", "aGVs\nbG8="), "hello");
    assert_eq!(decoded("base64", "a"), "a");
    assert_eq!(decoded("quoted-printable", "a=3Db=\nc"), "a=bc");
    assert_eq!(decoded("x-uue", "begin 644 f\n#86)C\n`\nend\n"), "abc");
    assert_eq!(decoded("odd", "a=3D"), "a=3D");
    let mut list = Message::new();
    list.payload = Payload::Parts(vec![]);
    assert_eq!(list.decoded_payload(), None);
}

#[test]
fn header_access() {
    let mut msg = parsed("A: 1\nB: 2\na: 3\n\n");
    assert_eq!(msg.get_all_str("A"), ["1", "3"]);
    assert!(msg.replace_header("a", "4") && !msg.replace_header("c", "5"));
    msg.append("b", "6");
    msg.delete("B");
    let names: Vec<String> = msg.headers().map(|(name, value)| format!("{name}={}", value.text())).collect();
    assert_eq!(names, ["A=4", "a=3"]);
}

#[test]
fn lines_of_all_texts() {
    let msg = parsed(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\r\ntwo\rthree\n--b\nContent-Type: a/b\n\nfour\n--b--\n",
    );
    let lines: Vec<String> = msg.body_lines(false).map(|line| line.to_latin1()).collect();
    assert_eq!(lines, ["one\r\n", "two\rthree", "four"]);
    assert_eq!(msg.typed_parts("text", Some("plain")).count(), 1);
    assert_eq!(msg.typed_parts("a", None).count(), 1);
}
