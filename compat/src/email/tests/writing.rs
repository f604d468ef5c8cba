//! Writing.

use super::{parsed, written};
use crate::email::generator::{self, Options};
use crate::email::{HeaderValue, Message, Payload};
use crate::value::{UniStr, Value};

fn again(text: &str) -> String {
    written(&mut parsed(text))
}

#[test]
fn the_headers_of_the_outermost_message_are_folded() {
    let text = concat!(
        "Subject: short\nX:  \n folded\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com;\n",
        "\th=from:to; bh=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQ=; b=xyz\n\nbody"
    );
    let expected = concat!(
        "Subject: short\nX: folded\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com;\n",
        " h=from:to; bh=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQ=; b=xyz\n\nbody"
    );
    assert_eq!(again(text), expected);
    let ids = "0123456789012345678901234567890@example";
    assert_eq!(
        again(&format!("References: <{ids}.com> <{ids}.org>\n\n")),
        format!("References: <{ids}.com>\n <{ids}.org>\n\n")
    );
}

#[test]
fn values_with_8_bits_and_headers_of_parts_stay() {
    let long = format!("Subject: {}caf\u{e9}", "word ".repeat(20));
    assert_eq!(
        written(&mut parsed(format!("{long}\n\n").chars().map(|c| c as u8).collect::<Vec<u8>>())),
        long + "\n\n"
    );
    let part = format!("Subject: {}", "word ".repeat(20));
    let text =
        format!("Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n{part}\n\ntwo\n--b--\nepi\n");
    assert_eq!(again(&text), text);
}

#[test]
fn from_lines_are_marked_where_asked() {
    let mut msg = parsed("From a@b date\nX: y\n\nFrom x\n>From y\nFrom");
    assert_eq!(generator::as_bytes(&mut msg, true, true).unwrap(), b"From a@b date\nX: y\n\n>From x\n>From y\nFrom");
    assert_eq!(generator::as_bytes(&mut msg, false, false).unwrap(), b"X: y\n\nFrom x\n>From y\nFrom");
    assert_eq!(
        again("Content-Type: message/rfc822\n\nA: b\n\nFrom x\n"),
        "Content-Type: message/rfc822\n\nA: b\n\n>From x\n"
    );
}

#[test]
fn an_envelope_line_is_made_up() {
    let text = generator::as_bytes(&mut parsed("A: b\n\n"), true, false).unwrap();
    let line = text.split(|&b| b == b'\n').next().unwrap();
    assert!(line.starts_with(b"From nobody ") && line.len() == "From nobody ".len() + 24);
}

#[test]
fn an_inner_multipart_gets_the_blank_line_of_late_python() {
    let outer = "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
    let inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--c--\n";
    assert_eq!(again(&format!("{outer}{inner}--b--\n")), format!("{outer}{inner}\n--b--\n"));
}

#[test]
fn blocks_of_a_delivery_status() {
    let text = "Content-Type: message/delivery-status\n\nA: b\n\nC: d\n";
    assert_eq!(again(text), text);
}

#[test]
fn a_missing_boundary_is_made_and_kept() {
    let mut msg = Message::new();
    msg.append("Content-Type", "multipart/mixed; x=\"y\"");
    msg.attach(parsed("\none"));
    let text = written(&mut msg);
    let boundary = msg.get_boundary().unwrap().bytes().to_latin1();
    assert_eq!(
        text,
        format!(
            "Content-Type: multipart/mixed; x=\"y\";\n boundary=\"{boundary}\"\n\n--{boundary}\n\none\n--{boundary}--\n"
        )
    );
    assert_eq!(written(&mut msg), text);
}

#[test]
fn what_python_refuses_is_refused_in_its_words() {
    let with = |change: &dyn Fn(&mut Message)| {
        let mut msg = parsed("Subject: s\n\nx");
        change(&mut msg);
        written(&mut msg)
    };
    let unicode = || UniStr::from("café");
    let header = |value: Value| with(&|msg| msg.headers.push(("X".into(), HeaderValue::Other(value.clone()))));
    let payload = |payload: Payload, kind: &str| {
        with(&|msg| {
            msg.payload = payload.clone();
            msg.set_type(kind, "Content-Type").unwrap();
        })
    };
    let injected = with(&|msg| msg.append("X", "a\nb: c"));
    assert_eq!(injected, "HeaderParseError: header value appears to contain an embedded header: 'a\\nb: c'");
    assert_eq!(header(Value::Unicode(unicode())), "Subject: s\nX: =?utf-8?b?Y2Fmw6k=?=\n\nx");
    assert_eq!(header(Value::Int(5)), "TypeError: object of type 'int' has no len()");
    assert_eq!(header(Value::None), "Subject: s\nX: \n\nx");
    assert_eq!(
        payload(Payload::Unicode(unicode()), "text/plain"),
        "UnicodeEncodeError: 'ascii' codec can't encode character u'\\xe9' in position 3: ordinal not in range(128)"
    );
    assert_eq!(payload(Payload::Parts(vec![]), "a/b"), "TypeError: string payload expected: <type 'list'>");
    assert_eq!(payload(Payload::Parts(vec![]), "message/rfc822"), "IndexError: list index out of range");
    let none = payload(Payload::None, "message/rfc822");
    assert_eq!(none, "TypeError: write() argument 1 must be string or buffer, not None");
    let none = payload(Payload::None, "message/delivery-status");
    assert_eq!(none, "TypeError: 'NoneType' object is not iterable");
    let number = payload(Payload::Other(Value::Int(5)), "multipart/mixed");
    assert_eq!(number, "AttributeError: 'int' object has no attribute 'get_content_maintype'");
    let typeless = with(&|msg| {
        msg.payload = Payload::None;
        msg.default_type = "multipart/mixed".into();
    });
    assert_eq!(typeless, "HeaderParseError: No Content-Type header found");
}

/// A boundary is given once all parts are written: here the second part of the outer one cannot be.
#[test]
fn a_message_that_cannot_be_written_has_the_boundaries_that_were_reached() {
    let mut msg = parsed("Content-Type: multipart/mixed\n\n");
    let good = parsed("Content-Type: multipart/digest\n\n");
    let mut bad = parsed("X: a\n\n");
    bad.append("X", "a\nb: c");
    let inner = |msg: &Message, at: usize| msg.parts()[at].get_boundary().is_some();
    msg.payload = Payload::Parts(vec![good.clone(), bad, good]);
    msg.parts_mut().iter_mut().step_by(2).for_each(|part| part.payload = Payload::Parts(vec![parsed("A: b\n\nx")]));
    let options = Options { fold_parts_at: 78, ..Options::mailman(false, false) };
    assert!(generator::flatten_to(&mut msg, options, &mut std::io::sink()).is_err());
    assert_eq!((inner(&msg, 0), inner(&msg, 2), msg.get_boundary().is_some()), (true, false, false));
    msg.parts_mut()[1].delete("X");
    assert!(generator::flatten_to(&mut msg, options, &mut std::io::sink()).is_ok());
    assert_eq!((inner(&msg, 0), inner(&msg, 2), msg.get_boundary().is_some()), (true, true, true));
}

#[test]
fn a_write_that_fails_is_an_error() {
    let mut small = [0u8; 10];
    let result =
        generator::flatten_to(&mut parsed("A: b\n\nlonger text"), Options::mailman(false, false), &mut &mut small[..]);
    assert_eq!(result.unwrap_err().exception(), "IOError");
}
