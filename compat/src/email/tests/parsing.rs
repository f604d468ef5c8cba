//! Parsing.

use super::parsed;
use crate::email::params::Text;
use crate::email::{Message, Payload};
use proptest::prelude::*;

fn defects(msg: &Message) -> Vec<String> {
    msg.defects.iter().map(|defect| defect.as_object().unwrap().class().unwrap().name.to_latin1()).collect()
}

fn payload(msg: &Message) -> &str {
    std::str::from_utf8(msg.payload_str().unwrap()).unwrap()
}

#[test]
fn values_lose_white_space_in_front_and_line_ends_behind() {
    let msg = parsed("A:  one \r\nB:\n two\n three\n \nC: four\n\nbody");
    assert_eq!(msg.get_str("a").unwrap(), "one ");
    assert_eq!(msg.get_str("B").unwrap(), " two\n three\n ");
    assert_eq!(msg.get_str("c").unwrap(), "four");
    assert_eq!(payload(&msg), "body");
}

#[test]
fn the_first_line_that_is_no_header_starts_the_body() {
    let msg = parsed("A: one\nSubject : x\nB: two\n\nbody");
    assert!(msg.get("b").is_none());
    assert_eq!(payload(&msg), "Subject : x\nB: two\n\nbody");
}

#[test]
fn envelope_lines_by_their_place() {
    let msg = parsed("From a@b date\r\nA: one\nFrom middle\nB: two\nFrom last\n\nbody");
    assert_eq!(msg.unixfrom.clone().unwrap(), "From a@b date");
    assert_eq!(defects(&msg), ["MisplacedEnvelopeHeaderDefect"]);
    assert_eq!(payload(&msg), "From last\nbody");
}

#[test]
fn a_continuation_without_a_header_is_a_defect() {
    let msg = parsed(" lost\nA: one\n\nbody");
    assert_eq!(defects(&msg), ["FirstHeaderLineIsContinuationDefect"]);
    assert_eq!(msg.defects[0].as_object().unwrap().attribute("line").unwrap().as_str().unwrap(), &" lost\n");
    assert_eq!(msg.headers().len(), 1);
}

#[test]
fn line_ends_may_be_carriage_returns() {
    let msg = parsed("A: one\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rpart\r\n--b--\r");
    assert_eq!(msg.get_str("a").unwrap(), "one");
    assert_eq!(payload(&msg.parts()[0]), "part");
    assert_eq!(msg.epilogue.clone().unwrap(), "");
}

#[test]
fn preamble_and_epilogue() {
    let multipart = |body: &str| parsed(format!("Content-Type: multipart/mixed; boundary=b\n\n{body}"));
    let msg = multipart("pre\r\n--b\n\none\n--b \t\n--b\n\ntwo\r\n--b--\nepi\n");
    assert_eq!(msg.preamble.clone().unwrap(), "pre");
    assert_eq!(msg.epilogue.clone().unwrap(), "epi\n");
    assert_eq!(msg.parts().iter().map(payload).collect::<Vec<_>>(), ["one", "two"]);
    let unended = multipart("--b\n\none\n");
    assert_eq!((unended.preamble, unended.epilogue), (None, Some("".into())));
}

#[test]
fn the_epilogue_of_an_inner_multipart_loses_its_line_end_or_goes() {
    let inner = |end: &str| {
        let text = format!(
            "Content-Type: multipart/x; boundary=b\n\n--b\nContent-Type: multipart/y; boundary=c\n\n--c\n\nin\n--c--{end}--b--"
        );
        parsed(text).parts()[0].clone()
    };
    assert_eq!(inner("\n").epilogue, None);
    assert_eq!(inner("\n\n").epilogue.unwrap(), "");
    assert_eq!(inner("\nx\n").epilogue.unwrap(), "x");
}

#[test]
fn a_multipart_that_can_not_be_taken_apart() {
    let msg = parsed("Content-Type: multipart/mixed\n\n--b\n");
    assert_eq!(defects(&msg), ["NoBoundaryInMultipartDefect", "MultipartInvariantViolationDefect"]);
    assert_eq!(payload(&msg), "--b\n");
    let msg = parsed("Content-Type: multipart/mixed; boundary=b\n\ntext\n--b--\nmore");
    assert_eq!(defects(&msg), ["StartBoundaryNotFoundDefect", "MultipartInvariantViolationDefect"]);
    assert_eq!((payload(&msg), msg.epilogue.clone().unwrap()), ("text\n", "".into()));
}

#[test]
fn messages_in_messages() {
    let msg = parsed("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\ntext\n--b--\n");
    let part = &msg.parts()[0];
    assert_eq!(part.content_type(), "message/rfc822");
    assert_eq!(part.parts()[0].get_str("subject").unwrap(), "in");
    assert_eq!(payload(&part.parts()[0]), "text");
    let status = parsed("Content-Type: message/delivery-status\n\nA: b\n\n\nC: d\n");
    let blocks: Vec<usize> = status.parts().iter().map(|block| block.headers().len()).collect();
    assert_eq!(blocks, [1, 0, 1]);
}

#[test]
fn an_outer_boundary_ends_inner_parts() {
    let msg = parsed(
        "Content-Type: multipart/x; boundary=b\n\n--b\nContent-Type: multipart/y; boundary=c\n\n--c\n\nin\n--b\n\nlast\n--b--\n",
    );
    assert_eq!(msg.parts().len(), 2);
    assert_eq!(payload(&msg.parts()[0].parts()[0]), "in");
    assert_eq!(payload(&msg.parts()[1]), "last");
}

#[test]
fn payloads_are_windows_on_the_text() {
    let raw = crate::ByteStr::from("A: b\n\nlong body");
    let msg = crate::email::parser::parse(&raw);
    assert!(msg.payload_str().unwrap().same_object(&raw.slice(6..15)));
}

#[test]
fn parameters_as_python_splits_them() {
    let msg = parsed(concat!(
        "Content-Type: Text/HTML; Name=\"a\\\"b;c\"; charset*=us-ascii'en'UTF%2D8; x*1=\"2\"; x*0*=u'f'1%31; y\n",
        "Content-Disposition: attachment; filename*=iso-8859-1''caf%E9%20\n\n"
    ));
    assert_eq!(msg.content_type(), "text/html");
    assert_eq!(msg.content_charset().unwrap(), "utf-8");
    assert_eq!(msg.get_filename(), Some(Text::Unicode("café".into())));
    let names: Vec<String> = msg.params("content-type").unwrap().iter().map(|(name, _)| name.to_latin1()).collect();
    assert_eq!(names, ["Text/HTML", "name", "y", "x", "charset"]);
}

#[test]
fn five_hundred_levels_are_taken_apart_and_more_do_no_harm() {
    for levels in [500, 5000] {
        let mut text = String::new();
        for level in 0..levels {
            text += &format!("Content-Type: multipart/mixed; boundary=\"b{level}\"\n\n--b{level}\n");
        }
        text += "\nbottom\n";
        let mut msg = parsed(text);
        let depth = msg.walk().count();
        assert_eq!(depth, if levels == 500 { 501 } else { crate::email::message::MAX_DEPTH });
        let value = msg.to_value();
        assert_eq!(Message::from_value(&value).unwrap().walk().count(), depth);
        assert!(super::written(&mut msg).contains("bottom\n"));
        assert!(msg.clone() == msg);
    }
}

#[test]
fn very_many_parts_end_in_one() {
    let mut text = String::from("Content-Type: multipart/mixed; boundary=b\n\n");
    text += &"--b\n\n".repeat(250_000);
    let msg = parsed(text);
    assert!(msg.parts().len() < 200_001);
    assert!(matches!(&msg.parts().last().unwrap().payload, Payload::Str(text) if text.len() > 200_000));
}

#[test]
fn well_formed_mail_reads_as_another_parser_reads_it() {
    let text = concat!(
        "From: A <a@example.com>\r\nSubject: two\r\n lines\r\nMIME-Version: 1.0\r\n",
        "Content-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\n--=_x\r\nContent-Type: text/plain; charset=utf-8\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n--=_x\r\nContent-Type: application/x-y\r\n",
        "Content-Disposition: attachment; filename=\"f g\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--=_x--\r\n"
    );
    let ours = parsed(text);
    let theirs = mailparse::parse_mail(text.as_bytes()).unwrap();
    assert_eq!(ours.headers().len(), theirs.headers.len());
    assert_eq!(ours.parts().len(), theirs.subparts.len());
    for (part, other) in ours.parts().iter().zip(&theirs.subparts) {
        assert_eq!(part.content_type(), other.ctype.mimetype.as_str());
        let body = other.get_body_raw().unwrap();
        assert_eq!(&part.decoded_payload().unwrap()[..], body.strip_suffix(b"\r\n").unwrap_or(&body));
    }
    let name = theirs.subparts[1].get_content_disposition().params["filename"].clone();
    assert_eq!(ours.parts()[1].get_filename(), Some(Text::Bytes(name.into())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_give_a_message_that_can_be_written(pieces in proptest::collection::vec(0usize..20, 0..60)) {
        let alphabet: [&[u8]; 20] = [
            b"\n", b"\r", b"\r\n", b"--b", b"--", b"--\n", b"Content-Type: ", b"multipart/mixed; ", b"boundary=b\n", b" ",
            b"message/rfc822\n", b"message/delivery-status\n", b"From ", b"A: ", b":", b"\xff", b"\0", b"x*0*=", b"'", b"\"",
        ];
        let raw: Vec<u8> = pieces.iter().flat_map(|&at| alphabet[at].to_vec()).collect();
        let mut msg = parsed(raw);
        let value = msg.to_value();
        prop_assert_eq!(Message::from_value(&value).unwrap().to_value(), value);
        super::written(&mut msg);
    }
}
