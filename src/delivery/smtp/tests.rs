//! The client against the sink, and the sink against lettre as a client that somebody else wrote.

use super::{quote_message, Client, Command, Login, Settings, SmtpError, Tls, Transaction};
use crate::testing::smtp_sink::{Answers, Sink};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::{Message, SmtpTransport, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::ServerConfig;
use std::sync::Arc;

/// A certificate for 127.0.0.1 that nobody trusts, with its key; made for these tests.
const PEM: &str = include_str!("../testdata/sink.pem");

fn server_tls() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(PEM.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(PEM.as_bytes()).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
}

fn offering(extensions: &[&str]) -> Answers {
    Answers {
        extensions: extensions.iter().map(|e| e.to_string()).collect(),
        login: Some(("list".into(), "secret".into())),
        tls: Some(server_tls()),
        ..Answers::default()
    }
}

fn settings(sink: &Sink, password: &str, tls: Option<Tls>) -> Settings {
    let login = Some(Login { user: b"list".to_vec(), password: password.into(), tls });
    Settings { login, ..Settings::plain("127.0.0.1", sink.port()) }
}

fn connect(settings: &Settings) -> Result<Client, SmtpError> {
    Client::open(settings)?.begin(settings)
}

fn tls() -> Option<Tls> {
    Some(Tls { hello: b"lists.example.com".to_vec(), trusted: None })
}

#[test]
fn the_strongest_method_is_taken() {
    for (offer, first_word) in [
        ("AUTH LOGIN PLAIN CRAM-MD5", "AUTH CRAM-MD5"),
        ("AUTH LOGIN PLAIN", "AUTH PLAIN AGxpc3QAc2VjcmV0"),
        ("AUTH=LOGIN", "AUTH LOGIN bGlzdA=="),
    ] {
        let sink = Sink::start(offering(&["SIZE", offer])).unwrap();
        connect(&settings(&sink, "secret", None)).unwrap().quit();
        assert_eq!(sink.commands()[1], first_word);
    }
}

/// The answer to the sink's challenge comes from Python's `smtplib`.
#[test]
fn cram_md5_answers_as_python() {
    let sink = Sink::start(offering(&["AUTH CRAM-MD5"])).unwrap();
    connect(&settings(&sink, "secret", None)).unwrap();
    assert_eq!(sink.commands()[2], "bGlzdCA2Yzc4YmEyY2RlNzc4M2M4NmYxNWJkZTc4YjRiNTM4NQ==");
}

#[test]
fn a_wrong_password_is_the_connections_fault() {
    let sink = Sink::start(offering(&["AUTH PLAIN"])).unwrap();
    let error = connect(&settings(&sink, "wrong", None)).err().unwrap();
    assert!(matches!(&error, SmtpError::Refused { command: Command::Auth, reply } if reply.code == 535));
    assert_eq!(error.to_string(), "(535, '5.7.8 no such user or wrong password')");
    assert!(!error.condemns_message());
}

#[test]
fn what_the_server_does_not_offer() {
    let sink = Sink::start(offering(&["AUTH GSSAPI"])).unwrap();
    let text = |settings: &Settings| connect(settings).err().map(|e| e.to_string());
    let found = text(&settings(&sink, "secret", None));
    assert_eq!(found.as_deref(), Some("No suitable authentication method found."));
    let found = text(&settings(&sink, "secret", tls()));
    assert_eq!(found.as_deref(), Some("STARTTLS extension not supported by server."));
    sink.set_answers(offering(&["SIZE"]));
    let found = text(&settings(&sink, "secret", None));
    assert_eq!(found.as_deref(), Some("SMTP AUTH extension not supported by server."));
}

#[test]
fn under_tls_everything_begins_anew() {
    let sink = Sink::start(offering(&["PIPELINING", "STARTTLS", "AUTH PLAIN"])).unwrap();
    let mut client = connect(&settings(&sink, "secret", tls())).unwrap();
    let data = quote_message(b"Subject: x\n\nbody\n");
    let recipients = [b"<anna@example.org>".to_vec()];
    let sent = client.send(&Transaction { sender: b"<l@example.com>", recipients: &recipients, data: &data, size: 0 });
    assert_eq!(sent, Ok(Vec::new()));
    client.quit();
    let commands = sink.commands();
    assert_eq!(commands[1..3], ["STARTTLS", "ehlo lists.example.com"]);
    assert_eq!(sink.wait_for(1)[0].data.as_deref(), Some(&b"Subject: x\r\n\r\nbody\r\n"[..]));
}

#[test]
fn certificates_are_checked_when_a_file_is_named() {
    let sink = Sink::start(offering(&["STARTTLS", "AUTH PLAIN"])).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("roots.pem");
    std::fs::write(&path, PEM).unwrap();
    let trusting = |trusted| settings(&sink, "secret", Some(Tls { hello: b"x".to_vec(), trusted: Some(trusted) }));
    assert!(connect(&trusting(dir.path().join("none.pem"))).is_err());
    assert_eq!(connect(&trusting(path)).err(), None);
}

fn lettre_to(sink: &Sink) -> lettre::transport::smtp::SmtpTransportBuilder {
    SmtpTransport::builder_dangerous("127.0.0.1").port(sink.port())
}

#[test]
fn lettre_gets_its_mail_through() {
    let sink = Sink::start(offering(&["PIPELINING", "8BITMIME", "AUTH PLAIN LOGIN"])).unwrap();
    let credentials = Credentials::new("list".into(), "secret".into());
    for method in [Mechanism::Plain, Mechanism::Login] {
        let transport = lettre_to(&sink).credentials(credentials.clone()).authentication(vec![method]).build();
        transport.send(&mail(".one\n..two\n")).unwrap();
        let got = sink.wait_for(1);
        assert_eq!(
            (got[0].sender.as_str(), &got[0].recipients[..]),
            ("anna@example.org", &["ben@example.net".to_owned()][..])
        );
        let text = String::from_utf8(got[0].data.clone().unwrap()).unwrap();
        assert!(text.contains("\r\n\r\n.one\r\n..two\r\n"), "{text}");
    }
}

#[test]
fn lettre_sees_the_refusals() {
    let sink = Sink::start(Answers { refuse_message: Some("554 5.7.1 bad".into()), ..Answers::friendly() }).unwrap();
    let error = lettre_to(&sink).build().send(&mail("x")).unwrap_err();
    assert!(error.is_permanent());
    assert_eq!(error.status().map(u16::from), Some(554));
}

fn mail(body: &str) -> Message {
    let builder = Message::builder().from("anna@example.org".parse().unwrap()).to("ben@example.net".parse().unwrap());
    builder.subject("x").body(body.to_owned()).unwrap()
}
