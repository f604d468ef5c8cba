//! A connection: lines in, answers out, mails into queues.

use super::command::{self, Command};
use super::data::Lines;
use super::transaction::Transaction;
use crate::intake::address::Addresses;
use compat::queue::ENTRY_LIMIT;
use compat::site::{settings, Site};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The size of a mail that may come, in bytes. Its queued form may be larger, and is bounded there.
const LARGEST: u64 = ENTRY_LIMIT;
/// Pieces of this size come from the connection and go into entries.
const PIECE: usize = 64 * 1024;

/// How much of everything a connection may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a command line.
    pub line: u64,
    /// Recipients of a mail.
    pub recipients: usize,
    /// Lines that are no commands, or come at the wrong time.
    pub mistakes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { line: 2048, recipients: 100, mistakes: 20 }
    }
}

/// Why a connection ends early.
enum End {
    Io(io::Error),
    /// After a last answer.
    Said,
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Io(error)
    }
}

/// Serves one connection to its end. `ends` is set when the program should end: then no further mail is begun.
///
/// # Errors
/// The connection broke. A mail that was not complete is in no queue.
pub fn serve(stream: impl Read + Write, limits: &Limits, ends: &AtomicBool) -> io::Result<()> {
    let mut stream = BufReader::with_capacity(PIECE, stream);
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => {
            let text = error.to_string().replace(char::is_control, " ");
            return stream.get_mut().write_all(format!("421 4.3.0 {text}\r\n").as_bytes());
        }
    };
    let mut session = Session {
        addresses: Addresses::new(&site),
        site,
        stream,
        answers: Vec::new(),
        limits,
        ends,
        mistakes: 0,
        is_greeted: false,
        mail: None,
    };
    match session.run() {
        Err(End::Io(error)) => Err(error),
        Ok(()) | Err(End::Said) => session.send(),
    }
}

struct Session<'a, S> {
    site: Rc<Site>,
    addresses: Addresses,
    stream: BufReader<S>,
    /// Answers that are sent when nothing more has come to be answered: commands may come many at once.
    answers: Vec<u8>,
    limits: &'a Limits,
    ends: &'a AtomicBool,
    mistakes: usize,
    is_greeted: bool,
    mail: Option<Transaction>,
}

impl<S: Read + Write> Session<'_, S> {
    fn run(&mut self) -> Result<(), End> {
        let host = self.site.settings.str(settings::DEFAULT_EMAIL_HOST).unwrap_or_default().to_latin1();
        self.say(&format!("220 {host} LMTP mailman2-rs"));
        loop {
            match self.line()? {
                None => return Ok(()),
                Some(Err(answer)) => self.mistake(answer)?,
                Some(Ok(line)) => match command::parse(&line) {
                    Ok(Command::Quit) => {
                        self.say("221 2.0.0 Bye");
                        return Ok(());
                    }
                    Ok(command) => self.obey(command, &host)?,
                    Err(answer) => self.mistake(answer)?,
                },
            }
        }
    }

    fn obey(&mut self, command: Command, host: &str) -> Result<(), End> {
        match command {
            Command::Lhlo => {
                self.is_greeted = true;
                self.mail = None;
                self.say(&format!(
                    "250-{host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {LARGEST}"
                ));
                Ok(())
            }
            Command::Mail { sender, size } => self.begin(sender, size),
            Command::Rcpt(address) => self.add(&address),
            Command::Data => self.data(),
            Command::Reset => {
                self.mail = None;
                self.say("250 2.0.0 Ok");
                Ok(())
            }
            Command::Verify => {
                self.say("252 2.5.2 Send a mail and see");
                Ok(())
            }
            Command::Noop | Command::Quit => {
                self.say("250 2.0.0 Ok");
                Ok(())
            }
        }
    }

    fn begin(&mut self, sender: Vec<u8>, size: u64) -> Result<(), End> {
        match () {
            () if !self.is_greeted => self.mistake("503 5.5.1 LHLO first"),
            () if self.mail.is_some() => self.mistake("503 5.5.1 One mail after the other"),
            () if self.ends.load(Ordering::SeqCst) => {
                self.say("421 4.3.2 Closing");
                Err(End::Said)
            }
            () if size > LARGEST => {
                self.say("552 5.3.4 The message is too large");
                Ok(())
            }
            () => {
                self.mail = Some(Transaction::new(sender));
                self.say("250 2.1.0 Ok");
                Ok(())
            }
        }
    }

    fn add(&mut self, address: &[u8]) -> Result<(), End> {
        let Some(mail) = &mut self.mail else { return self.mistake("503 5.5.1 MAIL first") };
        let answer = match mail.len() >= self.limits.recipients {
            true => "452 4.5.3 Too many recipients".to_string(),
            false => mail.add(&mut self.addresses, address),
        };
        self.say(&answer);
        Ok(())
    }

    fn data(&mut self) -> Result<(), End> {
        let Some(mail) = self.mail.take() else { return self.mistake("503 5.5.1 MAIL first") };
        if mail.len() == 0 {
            return self.mistake("503 5.5.1 No valid recipients");
        }
        let mut entries = match mail.begin(&self.site) {
            Ok(entries) => entries,
            Err(answer) => {
                self.say(&answer);
                return Ok(());
            }
        };
        self.say("354 Go ahead");
        self.send()?;
        let mut lines = Lines::new();
        let mut text = Vec::with_capacity(PIECE);
        while !lines.is_ended() {
            let piece = fill(&mut self.stream)?;
            if piece.is_empty() {
                // Nothing was promised: the entries go.
                return Err(End::Io(ErrorKind::UnexpectedEof.into()));
            }
            text.clear();
            let used = lines.read(piece, &mut text);
            self.stream.consume(used);
            entries.write(&text);
        }
        for answer in mail.end(entries) {
            self.say(&answer);
        }
        Ok(())
    }

    /// A line without its end; an answer where it is too long. `None`: the other side has gone.
    fn line(&mut self) -> Result<Option<Result<Vec<u8>, command::Answer>>, End> {
        if self.stream.buffer().is_empty() {
            self.send()?;
        }
        let mut line = Vec::new();
        let limit = self.limits.line;
        self.stream.by_ref().take(limit).read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\n") {
            Some(text) => Ok(Some(Ok(text.strip_suffix(b"\r").unwrap_or(text).to_vec()))),
            None if (line.len() as u64) < limit => Ok(None),
            None => {
                self.say("500 5.5.2 Line too long");
                Err(End::Said)
            }
        }
    }

    fn mistake(&mut self, answer: &str) -> Result<(), End> {
        self.mistakes += 1;
        self.say(answer);
        if self.mistakes < self.limits.mistakes {
            return Ok(());
        }
        self.say("421 4.7.0 Too many mistakes");
        Err(End::Said)
    }

    fn say(&mut self, answer: &str) {
        self.answers.extend_from_slice(answer.as_bytes());
        self.answers.extend_from_slice(b"\r\n");
    }

    fn send(&mut self) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(&self.answers)?;
        self.answers.clear();
        stream.flush()
    }
}

/// What has come, or comes next; empty where the other side has gone.
fn fill<S: Read>(stream: &mut BufReader<S>) -> io::Result<&[u8]> {
    while let Err(error) = stream.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    stream.fill_buf()
}
