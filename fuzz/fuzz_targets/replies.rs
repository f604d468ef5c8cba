//! Any bytes as a reply of a mail server, and as a packet of a name server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::delivery::smtp::read_reply;
use mailman2::dns::message::Question;
use mailman2::dns::name::Name;
use mailman2::dns::Kind;

fuzz_target!(|data: &[u8]| {
    let mut rest = data;
    while !rest.is_empty() {
        let before = rest.len();
        if read_reply(&mut rest).is_err() || rest.len() == before {
            break;
        }
    }
    let name = Name::parse(b"_dmarc.example.com").expect("a name");
    for kind in [Kind::A, Kind::Txt] {
        let question = Question { id: 7, name: &name, kind };
        question.reply(data);
        let mut answer = question.wire();
        answer[2] |= 0x80;
        answer.extend_from_slice(data);
        question.reply(&answer);
    }
    let _ = Name::parse(data).map(|name| (name.text(), name.wire()));
});
