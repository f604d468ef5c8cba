//! What can go wrong in a dialogue, told in the words of `smtplib`'s exceptions.
//!
//! A failure knows which command was in flight and so whether the *message* is to blame or the *connection*: only a
//! message that the server refused for good is given up, everything else is tried again.

use super::client::Refusal;
use super::reply::Reply;
use crate::delivery::pyrepr;
use compat::format::os_error;
use std::io;
use thiserror::Error;

/// The command that a reply answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// EHLO or HELO: `SMTPHeloError`
    Hello,
    /// STARTTLS
    StartTls,
    /// AUTH: `SMTPAuthenticationError`
    Auth,
    /// MAIL FROM: `SMTPSenderRefused`
    Mail,
    /// DATA and what follows it: `SMTPDataError`
    Data,
    /// A reply that could not be read.
    Unknown,
}

/// A failed transaction or connection.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SmtpError {
    /// `socket.error`: no connection came about. The text is Python's, such as `[Errno 111] Connection refused`.
    #[error("{0}")]
    Connect(String),
    /// `SMTPServerDisconnected`
    #[error("{0}")]
    Disconnected(String),
    /// `SMTPResponseException` and its subclasses: the server said no.
    #[error("{}", String::from_utf8_lossy(&pyrepr::of_reply(reply.code, &reply.text)))]
    Refused { command: Command, reply: Reply },
    /// `SMTPRecipientsRefused`: nobody was accepted.
    #[error("all recipients refused")]
    AllRefused(Vec<Refusal>),
    /// `SMTPException` itself: the server lacks what is needed.
    #[error("{0}")]
    Unsuitable(String),
}

impl SmtpError {
    pub fn closed() -> Self {
        SmtpError::Disconnected("Connection unexpectedly closed".into())
    }

    pub(super) fn closed_by(error: &io::Error) -> Self {
        SmtpError::Disconnected(format!("Connection unexpectedly closed: {}", errno_text(error)))
    }

    pub(super) fn not_connected() -> Self {
        SmtpError::Disconnected("Server not connected".into())
    }

    /// What Python says when it uses a connection that failed to open once more.
    pub fn never_connected() -> Self {
        SmtpError::Disconnected("please run connect() first".into())
    }

    pub(super) fn garbage(text: &str) -> Self {
        let reply = Reply { code: 500, text: text.as_bytes().to_vec() };
        SmtpError::Refused { command: Command::Unknown, reply }
    }

    pub(super) fn refused(command: Command, reply: Reply) -> Self {
        SmtpError::Refused { command, reply }
    }

    /// Whether the connection is to blame and of no more use.
    pub fn is_of_connection(&self) -> bool {
        matches!(
            self,
            SmtpError::Connect(_) | SmtpError::Disconnected(_) | SmtpError::Refused { command: Command::Unknown, .. }
        )
    }

    /// Whether the server refused this message for good. 552 counts as "too many recipients": a temporary matter.
    pub fn condemns_message(&self) -> bool {
        match self {
            SmtpError::Refused { command: Command::Mail | Command::Data, reply } => {
                reply.code >= 500 && reply.code != 552
            }
            _ => false,
        }
    }
}

/// `str()` of the `socket.error` that Python would have raised.
pub(super) fn errno_text(error: &io::Error) -> String {
    resolver_text(&os_error(error))
}

/// `socket.gaierror` shows the resolver's number, which Rust does not keep.
fn resolver_text(text: &str) -> String {
    let known = [
        (-2, "Name or service not known"),
        (-3, "Temporary failure in name resolution"),
        (-4, "Non-recoverable failure in name resolution"),
        (-5, "No address associated with hostname"),
    ];
    let found = known.iter().find(|(_, words)| text.ends_with(words));
    found.map_or_else(|| text.to_owned(), |(number, words)| format!("[Errno {number}] {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_read_as_in_python() {
        let refused = io::Error::from_raw_os_error(libc::ECONNREFUSED);
        assert_eq!(errno_text(&refused), "[Errno 111] Connection refused");
        assert_eq!(errno_text(&io::Error::from_raw_os_error(libc::EAGAIN)), "timed out");
        let name = "failed to lookup address information: Name or service not known";
        assert_eq!(errno_text(&io::Error::other(name)), "[Errno -2] Name or service not known");
    }

    #[test]
    fn only_the_message_itself_is_condemned() {
        let refused = |command, code| SmtpError::refused(command, Reply { code, text: Vec::new() });
        assert!(refused(Command::Data, 554).condemns_message());
        assert!(refused(Command::Mail, 550).condemns_message());
        assert!(!refused(Command::Data, 552).condemns_message());
        assert!(!refused(Command::Data, 451).condemns_message());
        assert!(!refused(Command::Auth, 535).condemns_message());
        assert!(!SmtpError::closed().condemns_message());
    }
}
