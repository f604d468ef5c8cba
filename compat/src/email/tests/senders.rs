//! Who sent it.

use super::parsed;
use crate::email::sender::SenderRules;
use crate::ByteStr;

const NEW: SenderRules = SenderRules { sender_first: false, decode_first: false, keep_case: false };

fn sender(text: &str, rules: SenderRules) -> String {
    parsed(text).sender(rules).to_latin1()
}

fn senders(text: &str, rules: SenderRules) -> Vec<String> {
    let headers: [Option<ByteStr>; 4] = [Some("from".into()), None, Some("reply-to".into()), Some("sender".into())];
    parsed(text).senders(&headers, rules).iter().map(ByteStr::to_latin1).collect()
}

#[test]
fn the_first_header_with_an_address_counts() {
    let doe = "From: \"Doe, J\" <J@X.org>\nSender: s@t\n\n";
    assert_eq!(sender(doe, NEW), "j@x.org");
    assert_eq!(sender(doe, SenderRules { keep_case: true, ..NEW }), "J@X.org");
    assert_eq!(sender(doe, SenderRules { sender_first: true, ..NEW }), "s@t");
    assert_eq!(sender("From: \nSender: s@t\n\n", NEW), "s@t");
    assert_eq!(sender("From x@Y z\nSubject: a\n\n", NEW), "x@y");
    assert_eq!(sender("From \n\n", NEW), "");
    assert_eq!(sender("\n", NEW), "");
    assert_eq!(sender("From: Joe (nobody)\nSender: s@t\n\n", NEW), "joe");
}

#[test]
fn all_senders_in_order() {
    let text = "From: a\n <b@c>\nFrom: d@e, f@g\nReply-To: r@s\nSender: s@t\n\n";
    assert_eq!(senders(text, NEW), ["b@c", "d@e", "f@g", "r@s", "s@t"]);
    assert_eq!(senders("From x@Y z\nSubject: a\n\n", NEW), ["x@y"]);
}

#[test]
fn old_mailman_decodes_names_first() {
    // 2.1.13
    let old = SenderRules { decode_first: true, ..NEW };
    let text = "From: =?utf-8?q?a=2Cb?= <c@d>\n\n";
    assert_eq!((sender(text, NEW), sender(text, old)), ("c@d".into(), "a".into()));
    assert_eq!(senders(text, old), ["a", "c@d"]);
}
