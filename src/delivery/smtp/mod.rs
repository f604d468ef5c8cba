//! An SMTP client in the manner of Python 2.7's `smtplib`, with pipelining.
//!
//! It is blocking, keeps the bytes of every reply, and has one result per command. The words on the wire are those of
//! `smtplib` (`ehlo`, `mail FROM:<x> size=N`, `rcpt TO:<y>`, `data`), and so are the texts of its errors, which end up
//! in the log `smtp-failure`.

mod auth;
mod client;
mod error;
mod host;
mod reply;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use client::{Client, Refusal, Transaction};
pub use error::{Command, SmtpError};
pub use host::hello_name;
pub use reply::{read_reply, Reply};
pub use wire::{end_message, quote_address, quote_lines, quote_message, Quoting};

use std::time::Duration;

/// Where the server is and how to talk to it. The same for all connections of a delivery.
#[derive(Clone, Debug)]
pub struct Settings {
    /// SMTPHOST; with `host:port` where the port is 0.
    pub host: String,
    /// SMTPPORT; 0 is the library's default, 25.
    pub port: u16,
    /// What EHLO says: the machine's full name, or its address in brackets.
    pub hello: Vec<u8>,
    /// SMTP_AUTH and what belongs to it.
    pub login: Option<Login>,
    /// Python waits forever; a server that hangs must not stop the runner for good.
    pub timeout: Duration,
    /// Whether commands may be sent in groups where the server offers PIPELINING.
    pub pipelining: bool,
    /// SMTPLIB_DEBUG_LEVEL above 0: the dialogue goes to standard error.
    pub debug: bool,
}

/// SMTP_USER, SMTP_PASSWD, SMTP_USE_TLS.
#[derive(Clone, Debug)]
pub struct Login {
    /// SMTP_USER
    pub user: Vec<u8>,
    /// SMTP_PASSWD
    pub password: Vec<u8>,
    /// SMTP_USE_TLS, where it is set.
    pub tls: Option<Tls>,
}

/// How STARTTLS is done.
#[derive(Clone, Debug)]
pub struct Tls {
    /// SMTP_HELO_HOST: the name in the EHLO after STARTTLS.
    pub hello: Vec<u8>,
    /// A file of certificates to check the server against. Mailman checks none, and so it is without this.
    pub trusted: Option<std::path::PathBuf>,
}

impl Settings {
    /// A plain connection, for tests and tools.
    pub fn plain(host: &str, port: u16) -> Self {
        Settings {
            host: host.to_owned(),
            port,
            hello: b"localhost.localdomain".to_vec(),
            login: None,
            timeout: Duration::from_secs(600),
            pipelining: true,
            debug: false,
        }
    }
}
