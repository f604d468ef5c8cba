//! One connection and the transactions on it: `smtplib.SMTP` with commands in groups (PIPELINING, RFC 2920).

use super::auth;
use super::error::{Command, SmtpError};
use super::host;
use super::reply::Reply;
use super::stream::Stream;
use super::{Settings, Tls};
use std::collections::HashMap;

/// Commands of a group stay below what socket buffers hold, else both sides could wait for each other.
const GROUP_BYTES: usize = 32 * 1024;

const DATA: &[u8] = b"data\r\n";

/// The end of what `quote_message` makes.
const FINAL_DOT: &[u8] = b".\r\n";

/// One message for one sender and some recipients; see `quote_address` and `quote_message`.
#[derive(Clone, Copy, Debug)]
pub struct Transaction<'a> {
    /// In angle brackets.
    pub sender: &'a [u8],
    /// In angle brackets.
    pub recipients: &'a [Vec<u8>],
    /// With CRLF, doubled dots and the final dot.
    pub data: &'a [u8],
    /// What SIZE announces: the length before the line ends were changed, as in Python.
    pub size: usize,
}

/// A recipient, by its place in the transaction, that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub nth: usize,
    pub reply: Reply,
}

/// An open connection that has said hello.
pub struct Client {
    stream: Stream,
    /// EHLO keywords in lower case, with their parameters. Empty after HELO.
    extensions: HashMap<Vec<u8>, Vec<u8>>,
    pipelining: bool,
    greeting: Reply,
}

/// What came back for the envelope. `data` is there where DATA was sent.
struct Envelope {
    mail: Reply,
    recipients: Vec<Reply>,
    data: Option<Reply>,
}

impl Client {
    /// Connects and reads the greeting, whose code is not looked at, as in Mailman.
    ///
    /// # Errors
    /// A server that cannot be reached or does not greet within the time limit.
    pub fn open(settings: &Settings) -> Result<Client, SmtpError> {
        let mut stream = Stream::new(host::connect(settings)?, settings.debug);
        let greeting = stream.reply()?;
        Ok(Client { stream, extensions: HashMap::new(), pipelining: false, greeting })
    }

    /// Says hello, and logs in where that is wanted.
    ///
    /// # Errors
    /// A refusal, a failed login, or a connection that broke.
    pub fn begin(mut self, settings: &Settings) -> Result<Client, SmtpError> {
        self.hello(&settings.hello)?;
        if let Some(login) = &settings.login {
            if let Some(tls) = &login.tls {
                self = self.secure(&settings.host, tls)?;
            }
            auth::login(&mut self, login)?;
        }
        self.pipelining = settings.pipelining && self.extension("pipelining").is_some();
        Ok(self)
    }

    /// What the server said first.
    pub fn greeting(&self) -> &Reply {
        &self.greeting
    }

    /// EHLO, and HELO where the server does not know that.
    fn hello(&mut self, name: &[u8]) -> Result<(), SmtpError> {
        let reply = self.ask(&[b"ehlo ", name].concat())?;
        self.extensions.clear();
        if reply.code == 250 {
            self.extensions = extensions(&reply.text);
        }
        if reply.is_positive() {
            return Ok(());
        }
        if reply.code == -1 && reply.text.is_empty() {
            return Err(SmtpError::not_connected());
        }
        let reply = self.ask(&[b"helo ", name].concat())?;
        if reply.is_positive() {
            return Ok(());
        }
        Err(SmtpError::refused(Command::Hello, reply))
    }

    fn secure(mut self, host: &str, tls: &Tls) -> Result<Client, SmtpError> {
        if self.extension("starttls").is_none() {
            return Err(SmtpError::Unsuitable("STARTTLS extension not supported by server.".into()));
        }
        let reply = self.ask(b"STARTTLS")?;
        if reply.code != 220 {
            return Err(SmtpError::refused(Command::StartTls, reply));
        }
        let mut client = Client { stream: self.stream.secure(host, tls)?, extensions: HashMap::new(), ..self };
        client.hello(&tls.hello)?;
        Ok(client)
    }

    /// The parameters of an extension that the server offers.
    pub(super) fn extension(&self, keyword: &str) -> Option<Vec<u8>> {
        self.extensions.get(keyword.as_bytes()).cloned()
    }

    /// A command and its reply.
    pub(super) fn ask(&mut self, command: &[u8]) -> Result<Reply, SmtpError> {
        self.stream.send(&[command, b"\r\n"].concat())?;
        self.stream.reply()
    }

    /// Sends a message: `smtplib.SMTP.sendmail`. Returns the recipients that were refused while others were not.
    ///
    /// # Errors
    /// A refusal of the sender, of all recipients or of the message; a connection that broke or was silent too long.
    pub fn send(&mut self, transaction: &Transaction) -> Result<Vec<Refusal>, SmtpError> {
        let refusals = self.open_data(transaction)?;
        self.send_data(transaction.data, refusals)
    }

    /// The same up to the final dot: the server has everything, but does not answer for it yet. [`Client::finish`] must
    /// follow.
    ///
    /// # Errors
    /// A refusal of the sender, of all recipients or of the message; a connection that broke or was silent too long.
    pub fn send_without_end(&mut self, transaction: &Transaction) -> Result<Vec<Refusal>, SmtpError> {
        let refusals = self.open_data(transaction)?;
        self.stream.send(transaction.data.strip_suffix(FINAL_DOT).unwrap_or(transaction.data))?;
        Ok(refusals)
    }

    /// The message whose envelope was accepted with these refusals, to its end.
    ///
    /// # Errors
    /// A refusal of DATA or of the message, or a connection that broke.
    pub fn send_data(&mut self, data: &[u8], refusals: Vec<Refusal>) -> Result<Vec<Refusal>, SmtpError> {
        self.stream.send(data)?;
        self.close_data(refusals)
    }

    /// Whether an envelope may follow a message at once: RFC 2920 lets a message begin a group of commands.
    pub fn is_pipelining(&self) -> bool {
        self.pipelining
    }

    /// The message whose envelope was accepted, and in the same breath the envelope of the next one. Two answers must be
    /// read then: [`Client::message_answer`] and [`Client::envelope_answer`].
    ///
    /// # Errors
    /// A refusal of DATA or of the message, or a connection that broke.
    pub fn send_data_and_envelope(&mut self, data: &[u8], next: &Transaction) -> Result<(), SmtpError> {
        let mut group = self.mail_command(next);
        next.recipients.iter().for_each(|recipient| group.extend_from_slice(&rcpt_command(recipient)));
        group.extend_from_slice(DATA);
        if data.len() > GROUP_BYTES {
            self.stream.send(data)?;
            return self.stream.send(&group);
        }
        self.stream.send(&[data, &group].concat())
    }

    /// What the server says to the message that was sent last. There is no RSET after a refusal: it would hit the next.
    ///
    /// # Errors
    /// A refusal of the message, or a connection that broke.
    pub fn message_answer(&mut self, refusals: Vec<Refusal>) -> Result<Vec<Refusal>, SmtpError> {
        let answer = self.stream.reply()?;
        match answer.code {
            250 => Ok(refusals),
            _ => Err(SmtpError::refused(Command::Data, answer)),
        }
    }

    /// What it says to the envelope that came with that message.
    ///
    /// # Errors
    /// A refusal of the sender or of all recipients, or a connection that broke.
    pub fn envelope_answer(&mut self, next: &Transaction) -> Result<Vec<Refusal>, SmtpError> {
        let mail = self.stream.reply()?;
        let recipients = next.recipients.iter().map(|_| self.stream.reply()).collect::<Result<_, _>>()?;
        let data = Some(self.stream.reply()?);
        self.judge(Envelope { mail, recipients, data }, next)
    }

    /// The final dot and its answer.
    ///
    /// # Errors
    /// A refusal of the sender, of all recipients or of the message; a connection that broke or was silent too long.
    pub fn finish(&mut self, refusals: Vec<Refusal>) -> Result<Vec<Refusal>, SmtpError> {
        self.stream.send(FINAL_DOT)?;
        self.close_data(refusals)
    }

    /// Everything before the message: sender, recipients, DATA.
    ///
    /// # Errors
    /// A refusal of the sender, of all recipients or of the message; a connection that broke or was silent too long.
    pub fn open_data(&mut self, transaction: &Transaction) -> Result<Vec<Refusal>, SmtpError> {
        let envelope = self.envelope(transaction)?;
        self.judge(envelope, transaction)
    }

    /// Whether the message may follow.
    fn judge(&mut self, envelope: Envelope, transaction: &Transaction) -> Result<Vec<Refusal>, SmtpError> {
        if envelope.mail.code != 250 {
            return self.abandon(envelope.data, SmtpError::refused(Command::Mail, envelope.mail));
        }
        let refusals = refusals(envelope.recipients);
        if refusals.len() == transaction.recipients.len() {
            return self.abandon(envelope.data, SmtpError::AllRefused(refusals));
        }
        let answer = match envelope.data {
            Some(answer) => answer,
            None => self.ask(b"data")?,
        };
        match answer.code {
            354 => Ok(refusals),
            _ => self.abandon(None, SmtpError::refused(Command::Data, answer)),
        }
    }

    fn close_data(&mut self, refusals: Vec<Refusal>) -> Result<Vec<Refusal>, SmtpError> {
        match self.message_answer(refusals) {
            Err(refused @ SmtpError::Refused { command: Command::Data, .. }) => self.abandon(None, refused),
            answer => answer,
        }
    }

    /// RSET after a failure. A server that hangs up instead of answering makes that the error, as in Python.
    fn abandon<T>(&mut self, data: Option<Reply>, error: SmtpError) -> Result<T, SmtpError> {
        if data.is_some_and(|answer| answer.code == 354) {
            // DATA was on its way with the recipients, and the server wants a message for nobody (RFC 2920, 3.1).
            self.ask(b".")?;
        }
        self.ask(b"rset")?;
        Err(error)
    }

    fn envelope(&mut self, transaction: &Transaction) -> Result<Envelope, SmtpError> {
        match self.pipelining {
            true => self.envelope_in_groups(transaction),
            false => self.envelope_step_by_step(transaction),
        }
    }

    fn envelope_step_by_step(&mut self, transaction: &Transaction) -> Result<Envelope, SmtpError> {
        self.stream.send(&self.mail_command(transaction))?;
        let mail = self.stream.reply()?;
        let mut recipients = Vec::new();
        if mail.code == 250 {
            for recipient in transaction.recipients {
                self.stream.send(&rcpt_command(recipient))?;
                recipients.push(self.stream.reply()?);
            }
        }
        Ok(Envelope { mail, recipients, data: None })
    }

    fn envelope_in_groups(&mut self, transaction: &Transaction) -> Result<Envelope, SmtpError> {
        let mut group = self.mail_command(transaction);
        let (mut waiting, mut replies) = (1, Vec::with_capacity(transaction.recipients.len() + 2));
        for recipient in transaction.recipients {
            if group.len() + recipient.len() > GROUP_BYTES {
                self.exchange(&mut group, &mut waiting, &mut replies)?;
            }
            group.extend_from_slice(&rcpt_command(recipient));
            waiting += 1;
        }
        group.extend_from_slice(DATA);
        waiting += 1;
        self.exchange(&mut group, &mut waiting, &mut replies)?;
        let data = replies.pop();
        let mut replies = replies.into_iter();
        Ok(Envelope { mail: replies.next().unwrap_or_default(), recipients: replies.collect(), data })
    }

    fn exchange(
        &mut self,
        group: &mut Vec<u8>,
        waiting: &mut usize,
        replies: &mut Vec<Reply>,
    ) -> Result<(), SmtpError> {
        self.stream.send(group)?;
        for _ in 0..*waiting {
            replies.push(self.stream.reply()?);
        }
        group.clear();
        *waiting = 0;
        Ok(())
    }

    fn mail_command(&self, transaction: &Transaction) -> Vec<u8> {
        let mut command = [b"mail FROM:", transaction.sender].concat();
        if self.extensions.contains_key(&b"size"[..]) {
            command.extend_from_slice(format!(" size={}", transaction.size).as_bytes());
        }
        command.extend_from_slice(b"\r\n");
        command
    }

    /// Says good-bye and waits for the answer, as Python does.
    pub fn quit(mut self) {
        let _ = self.ask(b"quit"); // nothing depends on it any more
    }
}

fn rcpt_command(recipient: &[u8]) -> Vec<u8> {
    [b"rcpt TO:", recipient, b"\r\n"].concat()
}

fn refusals(replies: Vec<Reply>) -> Vec<Refusal> {
    let numbered = replies.into_iter().enumerate();
    numbered.filter(|(_, reply)| !matches!(reply.code, 250 | 251)).map(|(nth, reply)| Refusal { nth, reply }).collect()
}

/// The lines after the first, as `smtplib.SMTP.ehlo` reads them. `AUTH=` is how old servers offered it.
fn extensions(text: &[u8]) -> HashMap<Vec<u8>, Vec<u8>> {
    let mut found: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    for line in text.split(|&b| b == b'\n').skip(1) {
        let end = line.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'-')).unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        if keyword.is_empty() || keyword.starts_with(b"-") {
            continue;
        }
        let keyword = keyword.to_ascii_lowercase();
        if keyword == b"auth" {
            let all = found.entry(keyword).or_default();
            all.push(b' ');
            all.extend_from_slice(rest.strip_prefix(b"=").unwrap_or(rest));
        } else {
            found.insert(keyword, rest.trim_ascii().to_vec());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_read_as_smtplib_does() {
        let found = extensions(b"host size=1\nSIZE 1000\nPipelining\nAUTH=LOGIN\nauth PLAIN CRAM-MD5\n-x\n8BITMIME");
        let get = |name: &str| found.get(name.as_bytes()).map(|v| String::from_utf8_lossy(v).into_owned());
        assert_eq!(get("size").as_deref(), Some("1000"));
        assert_eq!(get("pipelining").as_deref(), Some(""));
        assert_eq!(get("auth").as_deref(), Some(" LOGIN  PLAIN CRAM-MD5"));
        assert_eq!(get("8bitmime").as_deref(), Some(""));
        assert_eq!(found.len(), 4);
    }
}
