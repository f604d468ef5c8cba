//! Pickled messages.

use super::parsed;
use crate::email::build::{mime_message, mime_multipart, mime_text, owner_notification, user_notification, Recipients};
use crate::email::charset::Charset;
use crate::email::header::{Header, Layout};
use crate::email::{HeaderValue, Message, Payload};
use crate::pickle;
use crate::value::{Dict, Object, Value};
use crate::ByteStr;

const PARSED: &[u8] =
    b"(cMailman.Message\nMessage\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x07SubjectU\x01xtq\x06(U\x0cCon\
    tent-typeU\x1bmultipart/mixed; boundary=atq\x07eU\x08_payloadq\x08]q\t(h\x01oq\n}q\x0b(h\x04]h\x08U\x01xU\
    \x08_charsetq\x0cNU\x08epilogueq\rNU\r_default_typeq\x0eU\ntext/plainq\x0fU\t_unixfromq\x10NU\x07defectsq\
    \x11]U\x0b__version__q\x12(K\x04K\x00K\x03tq\x13U\x08preambleq\x14Nubah\x0cNh\rU\x00h\x0eh\x0fh\x10Nh\x11\
    ]q\x15(cemail.errors\nFirstHeaderLineIsContinuationDefect\nq\x16oq\x17}q\x18U\x04lineq\x19U\x05 bad\nsbah\
    \x12h\x13h\x14U\x03preub.";

const TEXT: &[u8] =
    b"(cemail.mime.text\nMIMEText\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x0cContent-Typeq\x06U\x1btext/\
    plain; charset=\"utf-8\"tq\x07(U\x0cMIME-Versionq\x08U\x031.0q\ttq\n(U\x19Content-Transfer-Encodingq\x0bU\
    \x06base64q\x0ctq\reU\x08_payloadq\x0eU\tY2Fmw6kK\nU\x08_charsetq\x0f(cemail.charset\nCharset\nq\x10o}q\
    \x11(U\x0binput_codecq\x12U\x05utf-8q\x13U\rbody_encodingq\x14K\x02U\rinput_charsetq\x15h\x13U\x0fheader_\
    encodingq\x16K\x03U\x0eoutput_charsetq\x17U\x05utf-8q\x18U\x0coutput_codecq\x19h\x18ubU\r_default_typeq\
    \x1aU\ntext/plainq\x1bU\x08preambleq\x1cNU\x07defectsq\x1d]U\t_unixfromq\x1eNU\x08epilogueq\x1fNub.";

const MULTIPART: &[u8] =
    b"(cemail.mime.multipart\nMIMEMultipart\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x0cContent-Typeq\x06\
    U\x10multipart/digesttq\x07(U\x0cMIME-Versionq\x08U\x031.0q\ttq\neU\x08_payloadq\x0b]U\x08_charsetq\x0cNU\
    \r_default_typeq\rU\ntext/plainq\x0eU\x08preambleq\x0fNU\x07defectsq\x10]U\t_unixfromq\x11NU\x08epilogueq\
    \x12Nub.";

const ENCLOSED: &[u8] =
    b"(cemail.mime.message\nMIMEMessage\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x0cContent-Typeq\x06U\
    \x0emessage/rfc822tq\x07(U\x0cMIME-Versionq\x08U\x031.0q\ttq\neU\x08_payloadq\x0b]q\x0c(cMailman.Message\
    \nMessage\nq\roq\x0e}q\x0f(h\x04]q\x10(U\x01aU\x01btq\x11ah\x0bU\x01xU\x08_charsetq\x12NU\x08epilogueq\
    \x13NU\r_default_typeq\x14U\ntext/plainq\x15U\t_unixfromq\x16NU\x07defectsq\x17]U\x0b__version__q\x18(K\
    \x04K\x00K\x03tq\x19U\x08preambleq\x1aNubah\x12Nh\x14U\x0emessage/rfc822q\x1bh\x1aNh\x17]h\x16Nh\x13Nub.";

const USER: &[u8] =
    b"(cMailman.Message\nUserNotification\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x0cMIME-Versionq\x06U\
    \x031.0q\x07tq\x08(U\x0cContent-Typeq\tU\x1etext/plain; charset=\"us-ascii\"tq\n(U\x19Content-Transfer-En\
    codingq\x0bU\x047bitq\x0ctq\r(U\x07Subjectq\x0e(cemail.header\nHeader\nq\x0fo}q\x10(U\x08_charsetq\x11(ce\
    mail.charset\nCharset\nq\x12oq\x13}q\x14(U\x0binput_codecq\x15NU\rbody_encodingq\x16NU\rinput_charsetq\
    \x17U\x08us-asciiq\x18U\x0fheader_encodingq\x19NU\x0eoutput_charsetq\x1ah\x18U\x0coutput_codecq\x1bNubU\
    \x10_continuation_wsq\x1cU\x01 U\r_firstlinelenq\x1dKCU\x07_chunksq\x1e]q\x1f(U\x04subjq h\x13tq!aU\x0b_m\
    axlinelenq\"KKubtq#(U\x04Fromq$U\x03c@dq%tq&(U\x02Toq'U\x03a@bq(tq)eU\x08_payloadq*U\x04textq+h\x11h\x13U\
    \x08epilogueq,NU\r_default_typeq-U\ntext/plainq.U\t_unixfromq/NU\x07defectsq0]U\x06recipsq1]q2h(aU\x0b__v\
    ersion__q3(K\x04K\x00K\x03tq4U\x08preambleq5Nub.";

const OWNER: &[u8] =
    b"(cMailman.Message\nOwnerNotification\nq\x01oq\x02}q\x03(U\x08_headersq\x04]q\x05((U\x0cMIME-Versionq\x06U\
    \x031.0q\x07tq\x08(U\x0cContent-Typeq\tU\x1etext/plain; charset=\"us-ascii\"tq\n(U\x19Content-Transfer-En\
    codingq\x0bU\x047bitq\x0ctq\r(U\x07Subjectq\x0e(cemail.header\nHeader\nq\x0fo}q\x10(U\x08_charsetq\x11(ce\
    mail.charset\nCharset\nq\x12oq\x13}q\x14(U\x0binput_codecq\x15NU\rbody_encodingq\x16NU\rinput_charsetq\
    \x17U\x08us-asciiq\x18U\x0fheader_encodingq\x19NU\x0eoutput_charsetq\x1ah\x18U\x0coutput_codecq\x1bNubU\
    \x10_continuation_wsq\x1cU\x01 U\r_firstlinelenq\x1dKCU\x07_chunksq\x1e]q\x1f(U\x04subjq h\x13tq!aU\x0b_m\
    axlinelenq\"KKubtq#(U\x04Fromq$U\x1bmailman-bounces@example.comq%tq&(U\x02Toq'U\tl-owner@xq(tq)(U\nPreced\
    enceq*U\x04listq+tq,eU\x08_payloadq-U\x04textq.h\x11h\x13U\x08epilogueq/NU\r_default_typeq0U\ntext/plainq\
    1U\x07_senderq2h%U\t_unixfromq3NU\x07defectsq4]U\x06recipsq5]q6(U\x03o@xq7U\x03m@xq8eU\x0b__version__q9(K\
    \x04K\x00K\x03tq:U\x08preambleq;Nub.";

fn loaded(data: &[u8]) -> Value {
    pickle::load(&ByteStr::from(data)).unwrap().0
}

fn subject() -> Header {
    Header::new(&b"subj"[..], None, &Layout { header_name: Some(b"Subject"), ..Layout::default() }).unwrap()
}

#[test]
fn messages_made_here_have_the_attributes_of_python_s() {
    let odd = " bad\nSubject: x\nContent-type: multipart/mixed; boundary=a\n\npre\n--a\n\nx\n--a--\n";
    let ascii = Charset::us_ascii();
    let text = || Some(Payload::from("text"));
    let user = user_notification(Recipients::One("a@b".into()), b"c@d", subject(), text(), Some(&ascii));
    let owners = vec!["o@x".into(), "m@x".into()];
    let site = b"mailman-bounces@example.com";
    let owner = owner_notification(owners, b"l-owner@x", site, subject(), text(), Some(&ascii), true);
    let made = [
        (parsed(odd), PARSED),
        (mime_text("caf\u{e9}\n", "plain", b"utf-8").unwrap(), TEXT),
        (mime_multipart("digest"), MULTIPART),
        (mime_message(parsed("a: b\n\nx")), ENCLOSED),
        (user.unwrap(), USER),
        (owner.unwrap(), OWNER),
    ];
    for (message, golden) in made {
        assert_eq!(message.to_value(), loaded(golden));
    }
}

#[test]
fn attributes_come_in_python_s_order() {
    let keys = |value: &Value| -> Vec<Value> {
        value.as_object().unwrap().attributes().unwrap().iter().map(|(key, _)| key.clone()).collect()
    };
    assert_eq!(keys(&mime_multipart("digest").to_value()), keys(&loaded(MULTIPART)));
    let read = Message::from_value(&loaded(OWNER)).unwrap();
    assert_eq!(keys(&read.to_value()), keys(&loaded(OWNER)));
}

#[test]
fn what_is_read_is_written_back() {
    for golden in [PARSED, TEXT, MULTIPART, ENCLOSED, USER, OWNER] {
        let value = loaded(golden);
        let message = Message::from_value(&value).unwrap();
        assert_eq!(message.to_value(), value);
        let bytes = pickle::dumps(&message.to_value(), pickle::Protocol::P1).unwrap();
        assert_eq!(loaded(&bytes), value);
    }
    let owner = Message::from_value(&loaded(OWNER)).unwrap();
    assert!(matches!(owner.get("subject"), Some(HeaderValue::Header(_))));
    assert_eq!(owner.get_str("Subject").unwrap(), "subj");
    assert_eq!(owner.extra.len(), 2);
}

fn instance(attributes: Vec<(&str, Value)>) -> Value {
    let attributes: Dict = attributes.into_iter().map(|(name, value)| (ByteStr::from(name), value)).collect();
    Value::Object(std::rc::Rc::new(Object::old_style("email.Message", "Message", attributes)))
}

#[test]
fn odd_and_old_attributes_travel_along() {
    let header = Value::tuple(vec![Value::str("A"), Value::Float(1.5)]);
    let value = instance(vec![
        ("postamble", Value::str("")),
        ("preamble", Value::Int(3)),
        ("_headers", Value::list(vec![header])),
        ("_payload", Value::list(vec![Value::str("no message")])),
        ("_charset", Value::str("")),
        ("__version__", Value::tuple(vec![Value::Int(2)])),
    ]);
    let message = Message::from_value(&value).unwrap();
    assert_eq!(message.default_type, "text/plain");
    let back = message.to_value();
    let attributes = back.as_object().unwrap();
    for name in ["postamble", "preamble", "_headers", "_payload", "__version__"] {
        assert_eq!(attributes.attribute(name), value.as_object().unwrap().attribute(name), "{name}");
    }
    assert_eq!(attributes.attribute("defects"), None);
}

#[test]
fn what_is_no_message_is_refused() {
    assert!(Message::from_value(&Value::str("text")).is_err());
    assert!(Message::from_value(&instance(vec![])).is_err());
    assert!(Message::from_value(&instance(vec![("_headers", Value::list(vec![Value::None]))])).is_err());
    let mut deep = instance(vec![("_headers", Value::list(vec![]))]);
    for _ in 0..700 {
        deep = instance(vec![("_headers", Value::list(vec![])), ("_payload", Value::list(vec![deep]))]);
    }
    assert!(Message::from_value(&deep).is_err());
}
