//! Delivery to the mail server: chunks of recipients, SMTP connections, VERP, personalised copies.
//!
//! This answers to Mailman's `Handlers/SMTPDirect.py`, `Handlers/Decorate.py` and `Handlers/Sendmail.py`, and to the
//! part of Python's `smtplib` that they use. What the server sees and what the logs say is as Python would have it;
//! what differs is how fast it goes: commands are pipelined where the server allows it, and several connections are
//! open at once.

pub mod connection;
pub mod decorate;
pub mod direct;
pub mod error;
mod job_queue;
pub mod member;
pub mod outcome;
pub mod plan;
pub mod progress;
pub mod pyrepr;
pub mod refused;
pub mod refused_mail;
pub mod render;
pub mod sendmail;
pub mod session;
pub mod smtp;
pub mod smtp_log;
#[cfg(test)]
mod tests;
pub mod texts;

use compat::site::{settings, Site};
use direct::{Direct, Post, Report};
use error::DeliveryError;
use sendmail::Sendmail;

/// What DELIVERY_MODULE names.
pub enum Delivery {
    /// `SMTPDirect`
    Direct(Box<Direct>),
    /// `Sendmail`
    Sendmail(Sendmail),
}

impl Delivery {
    /// Reads the settings. Another module is the site's own Python: that is refused, not ignored.
    ///
    /// # Errors
    /// A setting that is missing or of another kind; for the module, one that is Python of the site's own.
    pub fn new(site: &Site) -> Result<Self, DeliveryError> {
        let module = site.settings.str(settings::DELIVERY_MODULE)?;
        match &module[..] {
            b"SMTPDirect" => Ok(Delivery::Direct(Box::new(Direct::new(site)?))),
            b"Sendmail" => Ok(Delivery::Sendmail(Sendmail::new(site)?)),
            _ => Err(DeliveryError::Module(module)),
        }
    }

    /// Delivers an entry, until `stop` says so.
    pub fn deliver(&self, post: &mut Post, stop: &dyn Fn() -> bool) -> (Report, Result<(), DeliveryError>) {
        match self {
            Delivery::Direct(direct) => direct.deliver(post, stop),
            Delivery::Sendmail(sendmail) => sendmail.deliver(post),
        }
    }
}
