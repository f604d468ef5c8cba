//! `DELIVERY_MODULE = 'Sendmail'`: messages are given to the program that SENDMAIL_CMD names.
//!
//! Answers to Mailman's `Handlers/Sendmail.py`, which refuses to work until somebody edits it, because it hands
//! addresses to a shell. Here no shell is involved: the program gets its arguments as they are, the message on standard
//! input, and nobody's address is taken for an option. A program that fails means: try these recipients again.

use super::decorate;
use super::direct::{addresses, Post, Report};
use super::error::DeliveryError;
use super::render::sender_headers;
use crate::process;
use compat::email::generator::as_bytes;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a call may take; then its group is ended, and its recipients are tried again.
const TIME_LIMIT: Duration = Duration::from_secs(600);
/// How long a child that the program left behind may go on reading the message.
const LAST_LINES: Duration = Duration::from_secs(5);
/// The exit status of a program that a signal ended, or the time limit.
const KILLED: i32 = 128;
/// Addresses for one call together are not much longer than this.
const MAX_CMDLINE: usize = 3000;

/// Delivery by a program.
pub struct Sendmail {
    words: Vec<ByteStr>,
}

impl Sendmail {
    /// Reads SENDMAIL_CMD: words between blanks.
    ///
    /// # Errors
    /// A setting that is missing or of another kind; for the module, one that is Python of the site's own.
    pub fn new(site: &Site) -> Result<Self, DeliveryError> {
        let command = site.settings.str(settings::SENDMAIL_CMD)?;
        let words = command.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(ByteStr::from);
        Ok(Sendmail { words: words.collect() })
    }

    /// Delivers to all recipients of the entry.
    pub fn deliver(&self, post: &mut Post) -> (Report, Result<(), DeliveryError>) {
        let mut report = Report::default();
        let result = self.deliver_to(post, &mut report);
        (report, result)
    }

    fn deliver_to(&self, post: &mut Post, report: &mut Report) -> Result<(), DeliveryError> {
        let recipients = addresses(post.data.get("recips"));
        if recipients.is_empty() {
            return Ok(());
        }
        let envelope_sender = post.data.str("envsender").unwrap_or_else(|| post.list.bounces_address());
        decorate::once(post.site, post.list, post.msg, post.data)?;
        let sender = post.msg.sender(post.site.sender_rules());
        sender_headers(post.site, post.list, &envelope_sender).into_iter().for_each(|header| header.apply(post.msg));
        let text = as_bytes(post.msg, false, true)?;
        for chunk in chunks(recipients) {
            let status = self.call(&envelope_sender, &chunk, &text)?;
            let outcome = if status == 0 { "success".to_owned() } else { format!("failure={status}") };
            let line = format!("post to {} from {sender}, size={}, {outcome}", post.list.name(), text.len());
            post.site.log("post", line);
            if status != 0 {
                report.temporary.extend(chunk);
            }
        }
        Ok(())
    }

    /// The exit status; 128 and more for a program that was killed.
    fn call(&self, sender: &ByteStr, recipients: &[ByteStr], text: &[u8]) -> Result<i32, DeliveryError> {
        let (program, options) = self.words.split_first().ok_or_else(|| fail("SENDMAIL_CMD is empty"))?;
        let mut command = Command::new(OsStr::from_bytes(program));
        command.args(options.iter().map(|word| OsStr::from_bytes(word)));
        command.args(["-oi", "-f"]).arg(OsStr::from_bytes(sender)).arg("--");
        command.args(recipients.iter().map(|recipient| OsStr::from_bytes(recipient)));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let failed = |error: io::Error| fail(&format!("{program}: {error}"));
        let mut child = process::spawn(&mut command).map_err(failed)?;
        let fed = process::feed(&mut child, text.to_vec());
        let status = process::wait_until(&mut child, Instant::now() + TIME_LIMIT).map_err(failed)?;
        let code = status.and_then(|status| status.code()).unwrap_or(KILLED);
        let written = fed.recv_timeout(LAST_LINES).unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()));
        // A program that did not read all of the message did not deliver it, whatever it says.
        Ok(if written.is_err() && code == 0 { 1 } else { code })
    }
}

fn fail(what: &str) -> DeliveryError {
    DeliveryError::Sendmail(what.to_owned())
}

fn chunks(recipients: Vec<ByteStr>) -> Vec<Vec<ByteStr>> {
    let (mut chunks, mut length) = (vec![Vec::new()], 0);
    for recipient in recipients {
        if length > MAX_CMDLINE {
            chunks.push(Vec::new());
            length = 0;
        }
        length += recipient.len() + 1;
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(recipient);
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_of_a_handy_length() {
        let recipients: Vec<ByteStr> = (0..500).map(|i| format!("u{i:03}@example.org").into()).collect();
        let cut = chunks(recipients.clone());
        assert_eq!(cut.concat(), recipients);
        assert!(
            cut.len() > 2 && cut.iter().all(|chunk| chunk.len() <= 177),
            "{:?}",
            cut.iter().map(Vec::len).collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_program_gets_the_message_and_its_status_counts() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("sendmail");
        let out = dir.path().join("out");
        std::fs::write(&script, format!("echo \"$@\" > {0}; cat >> {0}; exit 75\n", out.display())).unwrap();
        let sendmail = Sendmail { words: vec!["sh".into(), script.to_str().unwrap().into()] };
        let recipients = ["a@x".into(), "-b;rm@x".into()];
        assert_eq!(sendmail.call(&"l@x".into(), &recipients, b"Subject: x\n\n.\n").unwrap(), 75);
        assert_eq!(std::fs::read_to_string(out).unwrap(), "-oi -f l@x -- a@x -b;rm@x\nSubject: x\n\n.\n");
        assert!(Sendmail { words: vec!["/no/such/program".into()] }.call(&"l@x".into(), &[], b"").is_err());
    }
}
