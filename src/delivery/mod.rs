//! Delivery to the mail server: chunks of recipients, SMTP connections, VERP, personalised copies.
//!
//! This answers to Mailman's `Handlers/SMTPDirect.py`, `Handlers/Decorate.py` and `Handlers/Sendmail.py`, and to the
//! part of Python's `smtplib` that they use. What the server sees and what the logs say is as Python would have it;
//! what differs is how fast it goes: commands are pipelined where the server allows it, and several connections are
//! open at once.

pub mod pyrepr;
pub mod session;
pub mod sink;
pub mod smtp;
