//! Samples of each kind of bounce, made up for this: a row of each table, a message for each detector.

use super::simple::{Body, Row};
use super::{scan, simple_match, simple_warning, Finding};
use compat::email::parser::parse;
use compat::email::Message;
use compat::site::{Profile, Version};
use compat::ByteStr;

const OLD: Micro = Micro(13);
const NEW: Micro = Micro(39);

struct Micro(u8);

impl Micro {
    fn get(&self) -> Profile {
        Profile::new(Version { micro: self.0 })
    }
}

fn plain(headers: &str, body: &str) -> Message {
    parse(&ByteStr::from(format!("{headers}\n{body}")))
}

fn mixed(headers: &str, parts: &[&str]) -> Message {
    let parts: String = parts.iter().map(|part| format!("--cut\n{part}\n")).collect();
    parse(&ByteStr::from(format!(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n{headers}\n{parts}--cut--\n"
    )))
}

fn addresses(found: &[&str]) -> Finding {
    found.iter().map(|address| ByteStr::from(*address)).collect::<Vec<_>>().into()
}

fn check(msg: &Message, profile: &Micro, detector: &'static str, expected: &[&str]) {
    assert_eq!(scan(msg, &profile.get()), (Some(detector), addresses(expected)));
}

/// A row's sample: the text with its address, and a text that ends the row. Behind that, nothing is found.
fn check_rows<'a>(rows: impl Iterator<Item = &'a Row>, samples: &[(&str, &str)]) {
    let rows: Vec<&Row> = rows.collect();
    assert_eq!(rows.len(), samples.len());
    for (row, (text, end)) in rows.into_iter().zip(samples) {
        let found = |body: &str| Body::of(&plain("Subject: x\n", body)).first_match([row]);
        assert_eq!(found(text), [ByteStr::from("gone@example.org")], "{text}");
        assert_eq!(found(&text.to_uppercase()), [ByteStr::from("GONE@EXAMPLE.ORG")], "{text}");
        let (start, address) = text.split_once('\n').unwrap_or((text, ""));
        if !end.is_empty() && !start.contains("gone@") {
            assert!(found(&format!("{start}\n{end}\n{address}")).is_empty(), "{text}");
        }
        assert!(found(&format!("Nothing to see\n{address}")).is_empty() || start.contains("gone@"), "{text}");
    }
}

/// In the order of the table.
const MATCHES: [(&str, &str); 40] = [
    ("Here is your list of failed recipients:\n  <gone@example.org>\n", "Here is your returned mail"),
    ("- The following addresses had errors -\n(expanded from: <gone@example.org>)\n", "Transcript of session follows"),
    (
        "This message was created automatically by mail delivery software (X).\n RCPT TO: <gone@example.org>\n",
        "original message follows",
    ),
    ("Message from InterScan E-Mail VirusWall NT\nRCPT TO:<gone@example.org>\n", "End of message"),
    ("Failed addresses follow:\n <x> gone@example.org\n", "message text follows:"),
    (
        "This is the machine generated message from mail service.\n<gone@example.org>\n",
        "--- Below the next line is a copy of the message.",
    ),
    (
        "The following addresses did NOT receive a copy of your message:\n> gone@example.org\n",
        "--- Session Transcript ---",
    ),
    ("Intended recipient: gone@example.org\n", ""),
    ("Undeliverable Address: gone@example.org\n", ""),
    (
        "This message was created automatically by mail delivery\naddressed to 'gone@example.org'\n",
        "---- START OF RETURNED MESSAGE ----",
    ),
    ("User's mailbox is full: <gone@example.org>\n", ""),
    ("The email below could not be delivered to the following user:\n<gone@example.org>\n", "Old message:"),
    (
        "Unable to deliver message to the following address(es).\n<gone@example.org>: no\n",
        "--- Original message follows.",
    ),
    ("Delivery to the following recipients failed\n   gone@example.org\n", "----- Original message -----"),
    ("A message that you have sent could not be delivered\n <gone@example.org>\n", "---"),
    ("A message that you sent could not be delivered\ngone@example.org: no\n", "--- x"),
    ("Delevery to the following recipient was aborted\n. gone@example.org\n", "one two three"),
    ("Your message \ngone@example.org\n", "because:"),
    ("Unable to deliver message to:\n<gone@example.org>\n", "** End of message **"),
    ("Sorry, unable to deliver your message to\n gone@example.org x\n", "A copy of the original message"),
    ("A message could not be delivered to:\n\tgone@example.org\n", "Subject: y"),
    ("Invalid final delivery userid:\nto gone@example.org\n", "Original message follows."),
    ("---- Failed Recipients ----\n1 <gone@example.org>\n", "---- Mail ----"),
    ("A message that you sent could not be delivered\nto gone@example.org)\n", "---"),
    ("--> Error description:\nError-for: gone@example.org\n", "Error-End: 1"),
    ("Your message could not be delivered\n<gone@example.org>:\n", "-"),
    ("Your message could not be delivered to\ngone@example.org\n", ""),
    ("Your message has encountered delivery problems\naddressed to gone@example.org)\n", "Your message reads"),
    ("It did not reach the following recipient(s):\n gone@example.org\n", " "),
    ("This is the deliver program at x\ngone@example.org<>\n", "-"),
    ("This is the email server at x\nfor gone@example.org\n", "-"),
    ("- no such user here\ngone@example.org x\n", "There is no user"),
    ("The following recipient at x could not be reached\ngone@example.org\n", ""),
    ("Could not deliver message to:\nFailed Recipient: gone@example.org\n", " --"),
    ("--------Message not delivered\n gone@example.org\n", "--------Error Detail"),
    ("Your message to gone@example.org was automatically rejected\n", ""),
    ("A message that you sent was rejected\nby gone@example.org\n", "This is a copy of your message"),
    (
        "Message could not be delivered to some recipients.\nRecipient: [SMTP:gone@example.org]\n",
        "Message headers follow",
    ),
    (
        "The server wasn't able to deliver the following message\nTo: gone@example.org\n",
        "---Below this line is a copy of the message.",
    ),
    ("This is a delivery failure notification message\n-- gone@example.org\n", "The problem appears to be"),
];

const WARNINGS: [(&str, &str); 6] = [
    (
        "The address to which the message has not yet been delivered is\n  gone@example.org\n",
        "No action is required on your part",
    ),
    ("This is just a warning, you do not need to take any action\n", ""),
    ("Delivery attempts will continue to be made\n", ""),
    ("THIS IS A WARNING MESSAGE ONLY\ngone@example.org\n", "Message will be retried"),
    ("We will continue to try to deliver\n", ""),
    ("Message not yet been delivered\n<gone@example.org>\n", "No action is required on your part"),
];

#[test]
fn every_row_finds_its_sample_between_its_start_and_its_end() {
    check_rows(simple_match::rows(&NEW.get()), &MATCHES);
    for (_, (text, _)) in simple_warning::rows(&NEW.get()).zip(WARNINGS) {
        assert_eq!(scan(&plain("Subject: x\n", text), &NEW.get()), (Some("SimpleWarning"), Finding::Stop), "{text}");
    }
}

#[test]
fn older_versions_have_fewer_rows_and_another_heading() {
    assert_eq!((simple_match::rows(&OLD.get()).count(), simple_warning::rows(&OLD.get()).count()), (35, 5));
    let heading = plain("Subject: x\n", "The following addresses had errors\n<gone@example.org>\n");
    check(&heading, &NEW, "SimpleMatch", &["gone@example.org"]);
    assert_eq!(scan(&heading, &OLD.get()).1, Finding::Nothing);
    let warning = plain("Subject: x\n", WARNINGS[5].0);
    assert_eq!(scan(&warning, &OLD.get()).1, Finding::Nothing);
}

#[test]
fn newer_versions_drop_unlikely_addresses_and_hyphenated_domains_with_them() {
    let body = "Here is your list of failed recipients\n<gone@host-1.example>\n<ok@example.org>\n<no address>\n";
    let msg = plain("Subject: x\n", body);
    check(&msg, &NEW, "SimpleMatch", &["ok@example.org"]);
    let (_, Finding::Addresses(old)) = scan(&msg, &OLD.get()) else { panic!("nothing found") };
    assert_eq!(old.len(), 3);
}

#[test]
fn simple_matches_read_what_is_encoded() {
    let headers = "Content-Transfer-Encoding: base64\n";
    let msg = plain(headers, "RmFpbGVkIGFkZHJlc3NlcyBmb2xsb3c6CiBnb25lQGV4YW1wbGUub3JnCg==\n");
    check(&msg, &NEW, "SimpleMatch", &["gone@example.org"]);
}

fn report(blocks: &str) -> Message {
    let report = format!("Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{blocks}");
    mixed("", &["\nSorry.", &report, "Content-Type: message/rfc822\n\nSubject: y\n\nz"])
}

#[test]
fn status_reports_name_the_original_recipient_first() {
    let msg = report(
        "Original-Recipient: rfc822; Gone <gone@example.org>\nFinal-Recipient: rfc822;other@x\nAction: failed (5.1.1)\n\n\
         Final-Recipient: rfc822; second@example.org\nAction: FAILED\n\n\
         Final-Recipient: rfc822; fine@example.org\nAction: relayed\n\n\
         Final-Recipient: <third@example.org>\nAction: failed\n",
    );
    for profile in [OLD, NEW] {
        let (name, Finding::Addresses(mut found)) = scan(&msg, &profile.get()) else { panic!("nothing found") };
        found.sort();
        assert_eq!((name, found.len()), (Some("DSN"), 3));
        assert_eq!(found.join(&b" "[..]), b"gone@example.org second@example.org third@example.org");
    }
}

#[test]
fn one_delay_ends_a_report_whatever_else_it_says() {
    let failed = "Final-Recipient: rfc822; a@x\nAction: failed\n\n";
    let msg = report(&format!("{failed}Final-Recipient: rfc822; b@x\nAction: delayed\n"));
    assert_eq!(scan(&msg, &NEW.get()), (Some("DSN"), Finding::Stop));
}

#[test]
fn older_versions_want_reports_in_their_places_and_failures_by_their_name() {
    let error = report("Final-Recipient: rfc822; a@x\nAction: error\n");
    check(&error, &NEW, "DSN", &["a@x"]);
    assert_eq!(scan(&error, &OLD.get()).1, Finding::Nothing);
    let status = "Content-Type: message/delivery-status\n\nX: y\n\nFinal-Recipient: rfc822; a@x\nAction: failed\n";
    let misplaced = mixed("", &["\nfour", "\nparts", "\nhere", status]);
    check(&misplaced, &NEW, "DSN", &["a@x"]);
    assert_eq!(scan(&misplaced, &OLD.get()).1, Finding::Nothing);
    let inner = format!("Content-Type: multipart/report; boundary=in\n\n--in\n{status}\n--in--\n");
    check(&mixed("", &[&inner, "\nLegal talk."]), &OLD, "DSN", &["a@x"]);
    let forwarded = format!("Content-Type: message/rfc822\n\n{inner}");
    check(&mixed("", &[&forwarded, "\nLegal talk."]), &OLD, "DSN", &["a@x"]);
}

#[test]
fn qmail() {
    let body = "Hi. This is the mailer.\nSorry.\n\n<gone@example.org>:\nnobody <x@y>: z\n<two@example.org>:\n--- copy\n<no@x>:\n";
    check(&plain("Subject: x\n", body), &OLD, "Qmail", &["gone@example.org", "two@example.org"]);
    let later = plain("Subject: x\n", "Your mail message to the following\n\n<gone@example.org>:\n");
    check(&later, &NEW, "Qmail", &["gone@example.org"]);
    assert_eq!(scan(&later, &OLD.get()).1, Finding::Nothing);
}

#[test]
fn postfix() {
    let note = |body: &str| format!("Content-Type: text/plain\nContent-Description: NOTIFICATION\n\n{body}");
    for greeting in ["\t\tThe BNS Postfix program", "the smtp_gateway", "Failure reason:"] {
        let part = note(&format!("<early@x>: no\n{greeting}\n\n  <gone@example.org>: who?\n  <x>\n"));
        check(&mixed("", &["\nx", &part]), &NEW, "Postfix", &["gone@example.org"]);
    }
    assert_eq!(scan(&mixed("", &[&note("This is the Postfix program\n<a@x>: no\n")]), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn yahoo() {
    let old = "Message from yahoo.com.\n<gone@example.org>:\nfull\n--- Original message follows.\n<no@x>:\n";
    check(&plain("From: MAILER-DAEMON@yahoo.com\n", old), &OLD, "Yahoo", &["gone@example.org"]);
    let later = "Sorry, we were unable to deliver your message to the following address(es).\n\n<gone@example.org>:\n\
                 --- Below this line is a copy of the message\n<no@x>:\n";
    let later = plain("From: mailer-daemon@yahoo.example\n", later);
    check(&later, &NEW, "Yahoo", &["gone@example.org"]);
    assert_eq!(scan(&later, &OLD.get()).1, Finding::Nothing);
    assert_eq!(scan(&plain("From: x@yahoo.com\n", old), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn caiwireless_gives_one_address() {
    let text = "\nThe following recipients did not receive this message:\n\n <gone@example.org>\n <b@x>";
    check(&mixed("", &[text]), &NEW, "Caiwireless", &["gone@example.org"]);
    let other = "\nThe following recipients did not receive this message:\n\n nobody\n <b@x>";
    assert_eq!(scan(&mixed("", &[other]), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn exchange() {
    let body =
        "It did not reach the following recipient(s):\nJoe SMTP=gone@example.org; on Monday\nMSEXCH:x\nb@x on y\n";
    check(&plain("Subject: x\n", body), &NEW, "Exchange", &["gone@example.org"]);
    let body = "It did not reach the following recipient(s):\n  on gone@example.org on Monday\n";
    check(&plain("Subject: x\n", body), &NEW, "Exchange", &["gone@example.org"]);
}

#[test]
fn exim_names_addresses_in_headers() {
    let msg = plain("X-Failed-Recipients: gone@example.org,\n two@example.org\nX-Failed-Recipients: <three@x>\n", "");
    check(&msg, &NEW, "Exim", &["gone@example.org", "two@example.org", "three@x"]);
}

#[test]
fn netscape_wants_something_behind_its_text() {
    let text = "Content-Type: text/plain\n\nThis Message was undeliverable due to the following reason:\n\
                Please reply to <p@x>\nto <x> or <gone@example.org>";
    check(&mixed("", &[text, "\nx"]), &NEW, "Netscape", &["gone@example.org"]);
    assert_eq!(scan(&mixed("", &[text]), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn compuserve() {
    let sentence = "Your message could not be delivered";
    let body =
        format!("{sentence}\nInvalid receiver address: gone@example.org\n{sentence}\nInvalid receiver address: x\n");
    check(&plain("Subject: x\n", &body), &NEW, "Compuserve", &["gone@example.org"]);
}

#[test]
fn microsoft_gives_whole_lines() {
    let msg = mixed("", &["\nTranscript of session follows:\n  gone@example.org\nx", "\ny"]);
    check(&msg, &NEW, "Microsoft", &["  gone@example.org\n"]);
}

#[test]
fn groupwise() {
    let part = "Content-Type: text/plain\n\nx <gone@example.org> y\ntwo@example.org (z)\n no@x";
    let (name, Finding::Addresses(found)) = scan(&mixed("X-Mailer: Novell\n", &[part]), &NEW.get()) else {
        panic!("nothing found")
    };
    assert_eq!((name, found.len()), (Some("GroupWise"), 2));
    assert_eq!(scan(&mixed("X-Mailer: other\n", &[part]), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn smtp32() {
    for prefix in
        ["User mailbox exceeds x:", "Delivery failed 20:", "unknown user:", "undeliverable   to", "delivery userid:"]
    {
        let body = format!("{prefix} gone@example.org x\nOriginal message follows\nunknown user: no@x\n");
        check(&plain("X-Mailer: <SMTP32 v2>\n", &body), &NEW, "SMTP32", &["gone@example.org"]);
    }
}

#[test]
fn yale_is_guessed_at() {
    let body = "Message not delivered to the following:\n   joe  nobody\n--- Error Detail\n   ann  x\n";
    let from = |address: &str| plain(&format!("From: {address}\n"), body);
    check(&from("MAILER-DAEMON@mail.yale.edu"), &NEW, "Yale", &["joe@yale.edu", "joe@cs.yale.edu"]);
    assert_eq!(scan(&from("mailer-daemon@yale.com"), &NEW.get()).1, Finding::Nothing);
}

#[test]
fn llnl_takes_what_looks_like_it() {
    check(&plain("Subject: x\n", "write to me, gone@example.org, or not\n"), &NEW, "LLNL", &["gone@example.org"]);
}

#[test]
fn aol_screen_names() {
    let body =
        "Your mail to the following recipients could not be delivered:\n\n  joe\n  ann@example.org\n two words\nno\n";
    check(&plain("From: <x@AOL.com>\n", body), &NEW, "AOL", &["joe@aol.com", "ann@example.org"]);
}

#[test]
fn ordinary_mail_is_no_bounce() {
    assert_eq!(scan(&plain("Subject: Away\n", "I am away.\n"), &NEW.get()), (None, Finding::Nothing));
    assert_eq!(scan(&mixed("", &[]), &OLD.get()), (None, Finding::Nothing));
}
