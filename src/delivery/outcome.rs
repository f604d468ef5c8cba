//! What the server's answers mean: who was refused, for now or for good, and what the log `smtp-failure` says of it.
//!
//! Answers to the `except` clauses of `bulkdeliver` in Mailman's `SMTPDirect.py`.

use super::direct::Report;
use super::refused::{Refused, RefusedDict};
use super::session::Outcome;
use super::smtp::{Command, SmtpError};
use compat::site::Site;
use compat::ByteStr;

/// What one outcome means for each recipient of its transaction.
#[derive(Default)]
pub struct Verdict<'a> {
    pub refused: Vec<(&'a [u8], Refused)>,
    pub lost: Vec<(&'a [u8], Vec<u8>)>,
}

impl<'a> Verdict<'a> {
    pub fn of(recipients: &'a [Vec<u8>], outcome: &Outcome) -> Self {
        let all = recipients.iter().map(Vec::as_slice);
        match outcome {
            Ok(refusals) | Err(SmtpError::AllRefused(refusals)) => {
                let one = |nth: usize| recipients.get(nth).map(Vec::as_slice).unwrap_or_default();
                let refused = refusals.iter().map(|r| (one(r.nth), Refused::of(r.reply.code, &r.reply.text)));
                Verdict { refused: refused.collect(), lost: Vec::new() }
            }
            Err(error @ SmtpError::Refused { reply, .. }) if error.condemns_message() => {
                let reason = [reply.code.to_string().as_bytes(), b" ", &reply.text[..]].concat();
                Verdict { refused: Vec::new(), lost: all.map(|recipient| (recipient, reason.clone())).collect() }
            }
            Err(SmtpError::Refused { reply, .. }) => {
                let refused = Refused { try_again: true, ..Refused::of(reply.code, &reply.text) };
                Verdict { refused: all.map(|recipient| (recipient, refused.clone())).collect(), lost: Vec::new() }
            }
            Err(error) => {
                let refused = Refused::of(-1, error.to_string().as_bytes());
                Verdict { refused: all.map(|recipient| (recipient, refused.clone())).collect(), lost: Vec::new() }
            }
        }
    }
}

/// All verdicts so far.
pub struct Tally {
    pub refused: RefusedDict,
    pub lost: Vec<(Vec<u8>, Vec<u8>)>,
    /// Units, from the first, whose outcome is known.
    pub reported: usize,
}

impl Tally {
    pub fn add(&mut self, recipients: &[Vec<u8>], outcome: &Outcome) {
        let verdict = Verdict::of(recipients, outcome);
        let mut of_unit = RefusedDict::default();
        verdict.refused.into_iter().for_each(|(recipient, refused)| of_unit.insert(recipient, refused));
        self.refused.update(&of_unit);
        self.lost.extend(verdict.lost.into_iter().map(|(recipient, reason)| (recipient.to_vec(), reason)));
        self.reported += 1;
    }

    pub fn sort_into(&self, report: &mut Report) {
        for (recipient, refused) in self.refused.iter() {
            match refused.is_permanent() {
                true => report.permanent.push(recipient.into()),
                false => report.temporary.push(recipient.into()),
            }
        }
        report.lost =
            self.lost.iter().map(|(recipient, reason)| (recipient.as_slice().into(), reason.clone())).collect();
    }
}

/// The lines of `smtp-failure` about whole transactions.
pub struct FailureLog<'a> {
    pub site: &'a Site,
    pub message_id: ByteStr,
    pub login: bool,
}

impl FailureLog<'_> {
    pub fn write(&self, recipients: &[Vec<u8>], outcome: &Outcome) {
        let Err(error) = outcome else { return };
        if self.login {
            self.write_login_trouble(error);
        }
        let told = match error {
            SmtpError::AllRefused(_) => {
                let mut dict = RefusedDict::default();
                let refused = Verdict::of(recipients, outcome).refused;
                refused.into_iter().for_each(|(recipient, refused)| dict.insert(recipient, refused));
                [b"All recipients refused: ", &dict.repr()[..]].concat()
            }
            SmtpError::Refused { reply, .. } => {
                [format!("SMTP session failure: {}, ", reply.code).as_bytes(), &reply.text].concat()
            }
            other => format!("Low level smtp error: {other}").into_bytes(),
        };
        self.site.log("smtp-failure", [&told[..], b", msgid: ", &self.message_id].concat());
    }

    /// What Mailman's Connection says before the error goes on its way.
    fn write_login_trouble(&self, error: &SmtpError) {
        let what = match error {
            SmtpError::Refused { command: Command::StartTls, .. } => "SMTP TLS error",
            SmtpError::Unsuitable(text) if text.contains("TLS") => "SMTP TLS error",
            SmtpError::Refused { command: Command::Hello, .. } => "SMTP HELO error",
            SmtpError::Refused { command: Command::Auth, .. } => "SMTP AUTH error",
            SmtpError::Unsuitable(_) => "SMTP - no suitable authentication method found",
            _ => return,
        };
        self.site.log("smtp-failure", format!("{what}: {error}"));
    }
}
