//! A mail server that keeps what it gets: for tests, and for the demonstration in the README.
//!
//! It listens on a loopback port of the system's choice, knows PIPELINING, SIZE, AUTH and STARTTLS, and can be told to
//! refuse senders, recipients and messages, or to hang up. It never passes mail on.

use compat::email::transfer::base64_decode_unpadded;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Nobody sends longer lines or larger messages to a demonstration.
const MAX_LINE: u64 = 1 << 20;
const MAX_MESSAGE: usize = 1 << 28;

/// How the sink answers. Replies are whole lines without the line end; addresses have no angle brackets.
#[derive(Clone, Default)]
pub struct Answers {
    /// Instead of 220; the connection is closed after it.
    pub greeting: Option<String>,
    /// At MAIL FROM, by address or `*`.
    pub refuse_sender: HashMap<String, String>,
    /// At RCPT TO, by address or `*`.
    pub refuse_recipient: HashMap<String, String>,
    /// At DATA.
    pub refuse_data: Option<String>,
    /// After the final dot.
    pub refuse_message: Option<String>,
    /// The connection is cut at DATA.
    pub cut_at_data: bool,
    /// The connection is cut after this number of messages.
    pub cut_after: Option<usize>,
    /// Messages wait for [`Sink::release`] before they are answered.
    pub hold: bool,
    /// What EHLO offers; without any, EHLO is not known.
    pub extensions: Vec<String>,
    /// After STARTTLS.
    pub tls: Option<Arc<ServerConfig>>,
    /// User and password for AUTH.
    pub login: Option<(String, String)>,
}

impl Answers {
    /// A friendly server with PIPELINING, 8BITMIME and SIZE.
    pub fn friendly() -> Self {
        let extensions = ["PIPELINING", "8BITMIME", "SIZE 100000000"].map(String::from).to_vec();
        Answers { extensions, ..Answers::default() }
    }
}

/// One transaction as the sink saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub sender: String,
    pub recipients: Vec<String>,
    /// Refused recipients and the reply they got.
    pub refused: Vec<(String, String)>,
    /// The message, without doubled dots; nothing where DATA was not completed.
    pub data: Option<Vec<u8>>,
}

#[derive(Default)]
struct Record {
    transactions: Vec<Received>,
    /// Every command line of every connection, in the order of their coming.
    commands: Vec<String>,
    connections: usize,
    /// Messages that are there but not answered yet, and how many of them may be.
    held: usize,
    released: usize,
}

struct Shared {
    answers: Mutex<Answers>,
    record: Mutex<Record>,
    news: Condvar,
    stop: AtomicBool,
}

impl Shared {
    fn wait_while(&self, mut unmet: impl FnMut(&mut Record) -> bool) -> MutexGuard<'_, Record> {
        let guard = lock(&self.record);
        self.news.wait_while(guard, |record| unmet(record)).unwrap_or_else(PoisonError::into_inner)
    }

    /// A message is there: waits until it may be answered.
    fn hold(&self) {
        lock(&self.record).held += 1;
        self.news.notify_all();
        let mut record = self.wait_while(|record| record.released == 0);
        record.released -= 1;
        record.held -= 1;
    }
}

/// The running server; it stops when dropped.
pub struct Sink {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Sink {
    /// Listens on a port of the system's choice on 127.0.0.1.
    ///
    /// # Errors
    /// The system's: an address that is taken, say.
    pub fn start(answers: Answers) -> io::Result<Sink> {
        Sink::listen("127.0.0.1:0", answers)
    }

    /// Listens on an address that was asked for.
    ///
    /// # Errors
    /// The system's: an address that is taken, say.
    pub fn listen(address: &str, answers: Answers) -> io::Result<Sink> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            answers: Mutex::new(answers),
            record: Mutex::default(),
            news: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let inside = Arc::clone(&shared);
        thread::Builder::new().name("smtp-sink".into()).spawn(move || accept(&listener, &inside))?;
        Ok(Sink { shared, address })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How it answers from now on; a connection that is open asks again at every command.
    pub fn set_answers(&self, answers: Answers) {
        *lock(&self.shared.answers) = answers;
    }

    /// All transactions so far that were completed or refused.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.record).transactions.clone()
    }

    /// Forgets what it got so far.
    pub fn forget(&self) {
        let mut record = lock(&self.shared.record);
        record.transactions.clear();
        record.commands.clear();
    }

    /// All command lines so far.
    pub fn commands(&self) -> Vec<String> {
        lock(&self.shared.record).commands.clone()
    }

    pub fn connections(&self) -> usize {
        lock(&self.shared.record).connections
    }

    /// Waits until there are this many transactions, and takes them all.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        std::mem::take(&mut self.shared.wait_while(|record| record.transactions.len() < count).transactions)
    }

    /// Waits until a command came so often.
    pub fn wait_for_commands(&self, count: usize, command: &str) {
        drop(self.shared.wait_while(|record| record.commands.iter().filter(|c| *c == command).count() < count));
    }

    /// Waits until this many messages are waiting for their answer.
    pub fn wait_for_held(&self, count: usize) {
        drop(self.shared.wait_while(|record| record.held < count));
    }

    /// Messages that wait for their answer.
    pub fn held(&self) -> usize {
        lock(&self.shared.record).held
    }

    /// Lets this many more of them be answered.
    pub fn release(&self, count: usize) {
        lock(&self.shared.record).released += count;
        self.shared.news.notify_all();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the listener; it may be gone already
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for socket in listener.incoming() {
        if shared.stop.load(Ordering::SeqCst) {
            return;
        }
        let (Ok(socket), shared) = (socket, Arc::clone(shared)) else { continue };
        let _ = thread::Builder::new().spawn(move || serve(socket, &shared)); // no thread: the peer sees a closed socket
    }
}

fn serve(socket: TcpStream, shared: &Shared) {
    lock(&shared.record).connections += 1;
    let closer = socket.try_clone();
    let _ = socket.set_nodelay(true);
    let _ = Session::new(Box::new(socket), shared).run(); // the peer went away
    if let Ok(socket) = closer {
        linger(socket);
    }
}

/// Closes without a reset: the peer sees the end of the stream, whatever it was about to say.
fn linger(mut socket: TcpStream) {
    let _ = socket.shutdown(std::net::Shutdown::Write);
    let _ = socket.set_read_timeout(Some(std::time::Duration::from_secs(2)));
    let mut rest = [0; 4096];
    while matches!(socket.read(&mut rest), Ok(1..)) {}
}

trait Socket: Read + Write + Send {}
impl<T: Read + Write + Send> Socket for T {}

enum Next {
    GoOn,
    Secure,
    Close,
}

struct Session<'a> {
    stream: BufReader<Box<dyn Socket>>,
    out: Vec<u8>,
    shared: &'a Shared,
    current: Option<Received>,
    messages: usize,
}

impl<'a> Session<'a> {
    fn new(socket: Box<dyn Socket>, shared: &'a Shared) -> Self {
        let stream = BufReader::with_capacity(64 * 1024, socket);
        Session { stream, out: Vec::new(), shared, current: None, messages: 0 }
    }

    fn run(mut self) -> io::Result<()> {
        if let Some(greeting) = self.answers(|a| a.greeting.clone()) {
            self.say(&greeting);
            return self.flush();
        }
        self.say("220 sink.example.test ESMTP");
        while let Some(line) = self.line()? {
            match self.command(&line)? {
                Next::GoOn => {}
                Next::Secure => self = self.secure()?,
                Next::Close => break,
            }
        }
        self.flush()
    }

    fn answers<T>(&self, ask: impl FnOnce(&Answers) -> T) -> T {
        ask(&lock(&self.shared.answers))
    }

    fn say(&mut self, reply: &str) {
        self.out.extend_from_slice(reply.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        self.stream.get_mut().write_all(&out)?;
        self.stream.get_mut().flush()
    }

    /// The next command line; what was said so far goes out when there is nothing more to read.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if !self.stream.buffer().contains(&b'\n') {
            self.flush()?;
        }
        self.stream.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            return Ok(None);
        }
        lock(&self.shared.record).commands.push(text.clone());
        self.shared.news.notify_all();
        Ok(Some(text))
    }

    fn command(&mut self, line: &str) -> io::Result<Next> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(),
            "HELO" => self.say("250 sink.example.test"),
            "STARTTLS" if self.answers(|a| a.tls.is_some()) => return Ok(Next::Secure),
            "AUTH" => self.auth(argument)?,
            "MAIL" => self.mail(path(argument)),
            "RCPT" => self.rcpt(path(argument)),
            "DATA" => return self.data(),
            "RSET" => {
                self.finish_refused();
                self.say("250 2.0.0 ok");
            }
            "NOOP" => self.say("250 2.0.0 ok"),
            "QUIT" => {
                self.finish_refused();
                self.say("221 2.0.0 bye");
                return Ok(Next::Close);
            }
            _ => self.say("500 5.5.2 not known"),
        }
        Ok(Next::GoOn)
    }

    fn hello(&mut self) {
        let extensions = self.answers(|a| a.extensions.clone());
        let Some((last, others)) = extensions.split_last() else { return self.say("502 5.5.1 not known") };
        self.say("250-sink.example.test");
        others.iter().for_each(|extension| self.say(&format!("250-{extension}")));
        self.say(&format!("250 {last}"));
    }

    fn secure(mut self) -> io::Result<Self> {
        self.say("220 2.0.0 go ahead");
        self.flush()?;
        let Some(config) = self.answers(|a| a.tls.clone()) else { return Ok(self) };
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let socket = StreamOwned::new(connection, self.stream.into_inner());
        let mut session = Session::new(Box::new(socket), self.shared);
        session.messages = self.messages;
        Ok(session)
    }

    /// Accepts any method whose secret decodes to the user and the password; CRAM-MD5 is only shown, not checked.
    fn auth(&mut self, argument: &str) -> io::Result<()> {
        let Some((user, password)) = self.answers(|a| a.login.clone()) else {
            self.say("503 5.5.1 no need");
            return Ok(());
        };
        let words: Vec<&str> = argument.split(' ').collect();
        let good = match words.as_slice() {
            ["PLAIN", secret] => plain_text(secret) == format!("\0{user}\0{password}"),
            ["LOGIN"] => self.challenge("VXNlcm5hbWU6")? == user && self.challenge("UGFzc3dvcmQ6")? == password,
            ["LOGIN", name] => plain_text(name) == user && self.challenge("UGFzc3dvcmQ6")? == password,
            ["CRAM-MD5"] => self.challenge("PDEuMkBleGFtcGxlPg==")?.starts_with(&format!("{user} ")),
            _ => false,
        };
        self.say(if good { "235 2.7.0 welcome" } else { "535 5.7.8 no such user or wrong password" });
        Ok(())
    }

    fn challenge(&mut self, text: &str) -> io::Result<String> {
        self.say(&format!("334 {text}"));
        Ok(self.line()?.map(|line| plain_text(&line)).unwrap_or_default())
    }

    fn mail(&mut self, sender: String) {
        if let Some(reply) = self.answers(|a| look_up(&a.refuse_sender, &sender)) {
            self.record(Received { sender, ..Received::default() });
            return self.say(&reply);
        }
        self.current = Some(Received { sender, ..Received::default() });
        self.say("250 2.1.0 sender ok");
    }

    fn rcpt(&mut self, recipient: String) {
        let refusal = self.answers(|a| look_up(&a.refuse_recipient, &recipient));
        let Some(current) = &mut self.current else { return self.say("503 5.5.1 need MAIL first") };
        match refusal {
            Some(reply) => {
                current.refused.push((recipient, reply.clone()));
                self.say(&reply);
            }
            None => {
                current.recipients.push(recipient);
                self.say("250 2.1.5 recipient ok");
            }
        }
    }

    fn data(&mut self) -> io::Result<Next> {
        let Some(mut current) = self.current.take().filter(|c| !c.recipients.is_empty() || !c.refused.is_empty())
        else {
            self.say("503 5.5.1 need RCPT first");
            return Ok(Next::GoOn);
        };
        let cut = self.answers(|a| a.cut_at_data);
        let refusal = match current.recipients.is_empty() {
            true => Some("554 5.5.1 no valid recipients".to_owned()),
            false => self.answers(|a| a.refuse_data.clone()),
        };
        if cut || refusal.is_some() {
            self.record(current);
            self.say(&refusal.unwrap_or_default());
            return Ok(if cut { Next::Close } else { Next::GoOn });
        }
        self.say("354 go ahead");
        self.flush()?;
        current.data = Some(self.message()?);
        self.record(current);
        if self.answers(|a| a.hold) {
            self.shared.hold();
        }
        let reply = self.answers(|a| a.refuse_message.clone()).unwrap_or_else(|| "250 2.0.0 accepted".into());
        self.say(&reply);
        self.messages += 1;
        Ok(if self.answers(|a| a.cut_after == Some(self.messages)) { Next::Close } else { Next::GoOn })
    }

    fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        loop {
            let start = message.len();
            self.stream.by_ref().take(MAX_LINE).read_until(b'\n', &mut message)?;
            let line = message.get(start..).unwrap_or_default();
            if line.is_empty() || message.len() > MAX_MESSAGE {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" {
                message.truncate(start);
                return Ok(message);
            }
            if line.starts_with(b".") {
                message.remove(start);
            }
        }
    }

    /// A transaction that ends without DATA is of interest when somebody was refused.
    fn finish_refused(&mut self) {
        if let Some(current) = self.current.take().filter(|c| !c.refused.is_empty()) {
            self.record(current);
        }
    }

    fn record(&self, transaction: Received) {
        lock(&self.shared.record).transactions.push(transaction);
        self.shared.news.notify_all();
    }
}

fn plain_text(base64: &str) -> String {
    String::from_utf8_lossy(&base64_decode_unpadded(base64.as_bytes()).unwrap_or_default()).into_owned()
}

/// What stands between angle brackets.
fn path(argument: &str) -> String {
    let inside = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(argument, |(address, _)| address).to_owned()
}

fn look_up(table: &HashMap<String, String>, address: &str) -> Option<String> {
    table.get(address).or_else(|| table.get("*")).cloned()
}
