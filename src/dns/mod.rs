//! Names looked up in the DNS: DMARC policies and block lists. What Mailman leaves to dnspython.
//!
//! Handlers do not speak to the network; they get a [`Dns`] and ask it. [`Stub`] is the one that asks the servers of
//! `/etc/resolv.conf`; [`Closed`] is for runners that have no business with the DNS. A stub resolver needs no more than
//! one question and one answer, so the few records that matter are read here (`message`), with every length checked.
//! Answers are not kept, as dnspython keeps none by default: the servers of `/etc/resolv.conf` do that better.

mod exchange;
pub mod message;
pub mod name;
mod servers;
mod stub;
pub mod suffixes;

pub use stub::Stub;

use compat::ByteStr;
use std::time::Duration;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An IPv4 address.
    A = 1,
    /// A text.
    Txt = 16,
}

/// The time that a question may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one server's answer.
    pub one_server: Duration,
    /// For everything.
    pub in_all: Duration,
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that it is about, as text with a dot at its end.
    pub name: ByteStr,
    /// Its class; 1 is the internet's.
    pub class: u16,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An IPv4 address.
    Address([u8; 4]),
    /// The other name that its name stands for.
    Alias(ByteStr),
    /// A text, its strings joined.
    Text(ByteStr),
    /// Something that was not asked for.
    Other,
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All records of the answer, in the server's order.
    pub records: Vec<Record>,
    /// The name behind all aliases; there is at least one record of the kind that was asked for about it.
    pub final_name: ByteStr,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// There is no such name.
    #[error("The DNS query name does not exist.")]
    NoSuchName,
    /// There is the name, but nothing of the kind.
    #[error("The DNS response does not contain an answer to the question.")]
    NoAnswer,
    /// Every server refused, failed, or spoke nonsense.
    #[error("All nameservers failed to answer the query.")]
    NoServers,
    /// No server answered in time.
    #[error("The DNS operation timed out.")]
    TimedOut,
    /// The name became too long by a DNAME.
    #[error("The DNS query name is too long after DNAME substitution.")]
    TooLongByAlias,
    /// Two dots in a row.
    #[error("A DNS label is empty.")]
    EmptyLabel,
    /// More than 63 bytes between two dots.
    #[error("A DNS label is > 63 octets long.")]
    LongLabel,
    /// More than 255 bytes in all.
    #[error("A DNS name is > 255 octets long.")]
    LongName,
    /// A backslash that stands for nothing.
    #[error("An escaped code in a text format of DNS name is invalid.")]
    BadEscape,
}

/// Somebody who knows the DNS.
pub trait Dns {
    /// The records of this name.
    ///
    /// # Errors
    /// There are none, or nobody says.
    fn ask(&self, name: &[u8], kind: Kind, limits: Limits) -> Result<Answer, DnsError>;

    /// The organisational domain of a domain, by the public suffix list.
    fn organisational_domain(&self, domain: &[u8]) -> ByteStr;
}

/// Nobody: for runners whose handlers ask nothing.
pub struct Closed;

impl Dns for Closed {
    fn ask(&self, _name: &[u8], _kind: Kind, _limits: Limits) -> Result<Answer, DnsError> {
        Err(DnsError::NoServers)
    }

    fn organisational_domain(&self, domain: &[u8]) -> ByteStr {
        domain.into()
    }
}
