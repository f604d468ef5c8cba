//! Programs that change a site are killed at one system call after the other, or one of their calls fails; then the work is
//! done again, and nothing may be lost, half done, or in the way.
//!
//! The program runs under strace, which injects the kill or the error. What must be so in the end is said of each program in
//! its scenario. The short form takes some points of each kind of call; with `MAILMAN2_RS_EVERY_POINT=1` in the environment
//! each is taken (`tests/long/run`). Without strace this says that it skips. How often a mail comes twice is printed: that
//! may be, where two files are on their way at once (docs/queue.md).
#![allow(clippy::expect_used)]

mod support;

use compat::list::{attributes, LockedList, MailList, NewMember};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::value::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use support::*;

const MAILMAN: &str = env!("CARGO_BIN_EXE_mailman");
/// SHA-1 of `pw`.
const PASSWORD: &str = "1a91d62f7ca67399625a4368a6ab5d4a3baa6073";
const POST: &str =
    "From: ann@example.org\nTo: garden@lists.example.com\nSubject: x\nMessage-ID: <point@example.org>\n\nHello.\n";
/// By this the post is found again, whatever became of it.
const ID: &str = "<point@example.org>";

/// What happens at a point, to which call, and at every which one of them in the short form.
const POINTS: [(&str, &str, usize); 11] = [
    ("rename", "signal=KILL", 1),
    ("unlink", "signal=KILL", 1),
    ("linkat", "signal=KILL", 1),
    ("mkdir", "signal=KILL", 1),
    ("fsync", "signal=KILL", 3),
    ("write", "signal=KILL", 7),
    ("rename", "error=EIO", 2),
    ("unlink", "error=EACCES", 3),
    ("fsync", "error=EIO", 3),
    ("write", "error=ENOSPC", 7),
    ("read", "error=EIO", 11),
];

/// What a site that was disturbed gives reason to complain of.
type Complaints = Box<dyn Fn(&TestSite) -> Vec<String>>;

/// What is done, and what must come of it.
struct Scenario {
    name: &'static str,
    prepare: Box<dyn Fn(&TestSite)>,
    program: &'static str,
    args: Vec<&'static str>,
    input: &'static str,
    environment: Vec<(&'static str, String)>,
    /// Somebody calls the program again when it did not end well: a person, cron, a mail server, a browser.
    is_repeated: bool,
    /// What is wrong in the end.
    complaints: Complaints,
    /// How often what should be there once is there.
    copies: Box<dyn Fn(&TestSite) -> usize>,
}

impl Scenario {
    fn new(name: &'static str, program: &'static str, args: &[&'static str]) -> Scenario {
        Scenario {
            name,
            prepare: Box::new(|_| ()),
            program,
            args: args.to_vec(),
            input: "",
            environment: Vec::new(),
            is_repeated: true,
            complaints: Box::new(|_| Vec::new()),
            copies: Box::new(|_| 1),
        }
    }

    /// A runner takes its queue up again by itself.
    fn runner(name: &'static str, runner: &'static str) -> Scenario {
        Scenario { is_repeated: false, ..Scenario::new(name, QRUNNER, &["-r", runner, "-r", runner, "-o"]) }
    }

    fn prepare(self, prepare: impl Fn(&TestSite) + 'static) -> Scenario {
        Scenario { prepare: Box::new(prepare), ..self }
    }

    fn input(self, input: &'static str) -> Scenario {
        Scenario { input, ..self }
    }

    fn once(self, copies: impl Fn(&TestSite) -> usize + 'static) -> Scenario {
        Scenario { copies: Box::new(copies), ..self }
    }

    fn wrong(self, complaints: impl Fn(&TestSite) -> Vec<String> + 'static) -> Scenario {
        Scenario { complaints: Box::new(complaints), ..self }
    }

    fn command(&self, site: &TestSite, before: &[String]) -> Command {
        let words: Vec<&str> =
            before.iter().map(String::as_str).chain([self.program]).chain(self.args.iter().copied()).collect();
        let mut command = site.command(words[0], &words[1..]);
        command.current_dir(site.path("")).envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn call(&self, site: &TestSite, before: &[String]) -> bool {
        let mut child = self.command(site, before).spawn().expect("it starts");
        // Who is killed has not read it all.
        let _ = child.stdin.take().expect("a pipe").write_all(self.input.as_bytes());
        child.wait().expect("it ends").success()
    }

    /// One point. Copies in the end, or nothing where the point was not reached.
    fn at(&self, call: &str, what: &str, nth: usize) -> Option<usize> {
        let site = TestSite::with(&["USE_MAILDIR = 1", "MAILMAN2_RS_WEB_LOCK_TIMEOUT = 5"]);
        for folder in ["new", "cur", "tmp"] {
            fs::create_dir_all(site.path("qfiles/maildir").join(folder)).expect("made");
        }
        (self.prepare)(&site);
        let trace = site.path("trace");
        let inject = format!("inject={call}:{what}:when={nth}");
        let out = trace.display().to_string();
        let strace =
            ["strace", "-f", "-qq", "-o", &out, "-e", &format!("trace={call}"), "-e", &inject].map(String::from);
        let is_done = self.call(&site, &strace);
        let log = fs::read_to_string(&trace).unwrap_or_default();
        let is_reached = log.contains("(INJECTED)") || log.contains("killed by SIGKILL");
        // Pages and some of Mailman's tools only say that something failed.
        if self.is_repeated && (!is_done || !(self.complaints)(&site).is_empty()) {
            forget_locks(&site);
            self.call(&site, &[]);
        }
        drain(&site);
        let at = format!("{}, {call} {what} {nth}", self.name);
        let complaints = (self.complaints)(&site);
        assert!(complaints.is_empty(), "{at}: {complaints:?}\n{}", site.log("error"));
        for queue in ["shunt", "bad"] {
            assert!(site.queue(queue).is_empty(), "{at}: {:?} in {queue}\n{}", site.queue(queue), site.log("error"));
        }
        let copies = (self.copies)(&site);
        assert!((1..=2).contains(&copies), "{at}: {copies} copies\n{}", site.log("error"));
        is_reached.then_some(copies)
    }

    fn run(&self) {
        let is_long = std::env::var_os("MAILMAN2_RS_EVERY_POINT").is_some();
        let (mut points, mut doubled) = (0, 0);
        for (call, what, step) in POINTS {
            for nth in (1..).step_by(if is_long { 1 } else { step }) {
                let Some(copies) = self.at(call, what, nth) else { break };
                points += 1;
                doubled += usize::from(copies > 1);
            }
        }
        println!("{}: {points} points, 0 lost, {doubled} doubled", self.name);
        assert!(points > 5, "{}: only {points} points", self.name);
    }
}

fn has_strace() -> bool {
    Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

fn run(scenario: &Scenario) {
    match has_strace() {
        true => scenario.run(),
        false => eprintln!("skipped: {} needs strace", scenario.name),
    }
}

/// Whether the holder of a lock is dead cannot be seen from every container.
fn forget_locks(site: &TestSite) {
    for lock in site.names_of_locks() {
        fs::remove_file(site.path("locks").join(lock)).expect("removed");
    }
}

/// Lets the runners that need no server work until their queues are empty.
fn drain(site: &TestSite) {
    const ARGS: [&str; 11] = ["-r", "Maildir", "-r", "Command", "-r", "Incoming", "-r", "Bounce", "-r", "Virgin", "-o"];
    for _ in 0..20 {
        forget_locks(site);
        site.run(QRUNNER, &ARGS);
        let is_empty = ["in", "commands", "bounces", "virgin"].iter().all(|queue| site.queue(queue).is_empty());
        if is_empty && names(&site.path("qfiles/maildir/new")).is_empty() {
            return;
        }
    }
}

/// Entries of a queue, or files of a folder, that have a text in them.
fn with(site: &TestSite, folder: &str, text: &str) -> usize {
    let holds = |name: &String| {
        let bytes = fs::read(site.path(folder).join(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    names(&site.path(folder)).iter().filter(|name| !name.ends_with(".tmp") && holds(name)).count()
}

fn enqueue(site: &TestSite, queue: QueueName, data: Metadata) {
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.path("qfiles"))));
    let data = data.with("listname", Value::str("garden"));
    outbox.enqueue(queue, &EntryMessage::Raw(POST.into()), &data).expect("enqueued");
    outbox.commit().expect("committed");
}

fn with_list(site: &TestSite, change: impl FnOnce(&mut LockedList)) {
    let mut list = LockedList::open(&site.site, "garden", None).expect("the list");
    change(&mut list);
    list.save().expect("saved");
    list.unlock().expect("unlocked");
}

fn list(site: &TestSite) -> MailList {
    MailList::load(&site.site, "garden").expect("the list")
}

fn hold_one(site: &TestSite) {
    with_list(site, |list| {
        list.set(attributes::PASSWORD, Value::str(PASSWORD));
        hold(list, "ann@example.org", "x", POST);
    });
}

/// A held post that was decided about has neither a record nor a file.
fn leftovers_of_held_post(site: &TestSite) -> Vec<String> {
    let waiting = list(site).read_requests().expect("requests").len();
    let files = names(&site.path("data")).into_iter().filter(|name| name.starts_with("heldmsg-"));
    (0..waiting).map(|_| "a request".to_string()).chain(files).collect()
}

fn recipients() -> Metadata {
    Metadata::new().with("recips", Value::list(vec![Value::str("ann@example.org")]))
}

#[test]
fn virgin_runner() {
    run(&Scenario::runner("VirginRunner", "Virgin")
        .prepare(|site| enqueue(site, QueueName::Virgin, recipients()))
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn retry_runner() {
    run(&Scenario::runner("RetryRunner", "Retry")
        .prepare(|site| enqueue(site, QueueName::Retry, recipients()))
        .once(|site| with(site, "qfiles/out", ID) + with(site, "qfiles/retry", ID)));
}

#[test]
fn maildir_runner() {
    run(&Scenario::runner("MaildirRunner", "Maildir")
        .prepare(|site| {
            let text = format!("Delivered-To: garden@lists.example.com\n{POST}");
            fs::write(site.path("qfiles/maildir/new/1"), text).expect("written");
        })
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn news_runner() {
    let (server, articles) = news_server();
    let clear = Arc::clone(&articles);
    let scenario = Scenario::runner("NewsRunner", "News").prepare(move |site| {
        clear.lock().expect("counted").clear();
        gateway(site, &server);
        enqueue(site, QueueName::News, Metadata::new());
    });
    run(&scenario.once(move |site| {
        // What waits is posted by a runner that is not disturbed.
        (0..4).for_each(|_| drop(site.run(QRUNNER, &["-r", "News", "-o"])));
        assert!(site.queue("news").is_empty(), "{:?}", site.queue("news"));
        articles.lock().expect("counted").iter().filter(|article| article.contains(ID)).count()
    }));
}

#[test]
fn gate_news() {
    let (server, _) = news_server();
    run(&Scenario::new("gate_news", MAILMAN2_RS, &["gate_news"])
        .prepare(move |site| {
            gateway(site, &server);
            with_list(site, |list| {
                list.set(attributes::GATEWAY_TO_MAIL, Value::Int(1));
                list.set(attributes::USENET_WATERMARK, Value::Int(0));
            });
        })
        .once(|site| {
            // The next call of cron gets what this one did not.
            forget_locks(site);
            site.run(MAILMAN2_RS, &["gate_news"]);
            drain(site);
            with(site, "qfiles/out", ID)
        }));
}

#[test]
fn new_list() {
    run(&Scenario::new("newlist", MAILMAN2_RS, &["newlist", "shed", "rose@example.com", "pw"])
        .wrong(|site| MailList::load(&site.site, "shed").err().map(|error| error.to_string()).into_iter().collect())
        .once(|site| with(site, "qfiles/out", "Your new mailing list: shed")));
}

#[test]
fn remove_list() {
    run(&Scenario::new("rmlist", MAILMAN2_RS, &["rmlist", "-a", "garden"]).prepare(hold_one).wrong(|site| {
        let rest = ["lists", "data", "archives/private", "archives/public"].into_iter();
        rest.flat_map(|folder| names(&site.path(folder))).filter(|name| name.contains("garden")).collect()
    }));
}

#[test]
fn remove_members() {
    run(&Scenario::new("remove_members", MAILMAN2_RS, &["remove_members", "garden", "ann@example.org"])
        .wrong(|site| list(site).regular_members().iter().map(ToString::to_string).collect())
        .once(|site| with(site, "qfiles/out", "You have been unsubscribed")));
}

#[test]
fn add_members() {
    run(&Scenario::new("add_members", MAILMAN2_RS, &["add_members", "-r", "-", "-w", "y", "garden"])
        .input("ben@example.net\n")
        .wrong(|site| {
            (!list(site).is_member(b"ben@example.net")).then(|| "no member".to_string()).into_iter().collect()
        })
        .once(|site| with(site, "qfiles/out", "Welcome to the")));
}

#[test]
fn config_list() {
    run(&Scenario::new("config_list", MAILMAN2_RS, &["config_list", "-i", "settings", "garden"])
        .prepare(|site| fs::write(site.path("settings"), "description = 'moss'\n").expect("written"))
        .wrong(|site| {
            let found = list(site).str(attributes::DESCRIPTION).to_string();
            Some(found).filter(|found| found != "moss").into_iter().collect()
        }));
}

#[test]
fn inject() {
    run(&Scenario::new("inject", MAILMAN2_RS, &["inject", "-l", "garden", "post"])
        .prepare(|site| fs::write(site.path("post"), POST).expect("written"))
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn discard() {
    run(&Scenario::new("discard", MAILMAN2_RS, &["discard", "data/heldmsg-garden-1.pck"])
        .prepare(hold_one)
        .wrong(leftovers_of_held_post));
}

#[test]
fn approve_at_the_command_line() {
    run(&Scenario::new("held approve", MAILMAN2_RS, &["held", "approve", "garden", "1"])
        .prepare(hold_one)
        .wrong(leftovers_of_held_post)
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn approve_on_the_page() {
    const FORM: &str = "adminpw=pw&1=1";
    let mut scenario = Scenario::new("admindb, approve", MAILMAN2_RS, &["cgi", "admindb"])
        .prepare(hold_one)
        .wrong(leftovers_of_held_post);
    let variables = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REQUEST_METHOD", "POST"),
        ("SCRIPT_NAME", "/mailman/admindb"),
        ("PATH_INFO", "/garden"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("HTTP_HOST", "lists.example.com"),
        ("REMOTE_ADDR", "127.0.0.1"),
    ];
    scenario.environment = variables.map(|(name, value)| (name, value.to_string())).to_vec();
    scenario.environment.push(("CONTENT_LENGTH", FORM.len().to_string()));
    run(&scenario.input(FORM).once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn intake() {
    run(&Scenario::new("mail/mailman post", MAILMAN, &["post", "garden"])
        .input(POST)
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn checkdbs() {
    run(&Scenario::new("checkdbs", MAILMAN2_RS, &["checkdbs"])
        .prepare(hold_one)
        .wrong(|site| {
            let waiting = list(site).read_requests().expect("requests").len();
            Some(format!("{waiting} wait")).filter(|_| waiting != 1).into_iter().collect()
        })
        .once(|site| with(site, "qfiles/out", "moderator request(s) waiting")));
}

#[test]
fn senddigests() {
    run(&Scenario::new("senddigests", MAILMAN2_RS, &["senddigests"])
        .prepare(|site| {
            with_list(site, |list| {
                let (address, password) = ("dora@example.org".into(), "pw".into());
                let dora = NewMember { address, password, language: None, name: None, digest: true };
                list.add_member(&dora).expect("added");
            });
            fs::write(site.path("lists/garden/digest.mbox"), format!("From ann@example.org  x\n{POST}\n"))
                .expect("made");
        })
        .wrong(|site| {
            let left = with(site, "lists/garden", ID);
            (left > 0).then(|| format!("{left} still to be sent")).into_iter().collect()
        })
        // The MIME digest; the plain one is an entry of its own.
        .once(|site| with(site, "qfiles/out", "multipart/mixed")));
}

/// The list is linked with the newsgroup of a server.
fn gateway(site: &TestSite, server: &str) {
    with_list(site, |list| {
        list.set(attributes::NNTP_HOST, Value::str(server));
        list.set(attributes::LINKED_NEWSGROUP, Value::str("misc.test"));
    });
}

/// A news server with one article, which takes what is posted.
fn news_server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let articles = Arc::new(Mutex::new(Vec::new()));
    let posted = Arc::clone(&articles);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let posted = Arc::clone(&posted);
            thread::spawn(move || drop(talk(stream, &posted)));
        }
    });
    (address, articles)
}

fn talk(mut stream: TcpStream, posted: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (head, body) = POST.split_once("\n\n").expect("a post");
    stream.write_all(b"200 ready\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "GROUP" => "211 1 1 1 misc.test\r\n".to_string(),
            "HEAD" => format!("221 head\r\n{}\r\n.\r\n", head.replace('\n', "\r\n")),
            "BODY" => format!("222 body\r\n{body}.\r\n"),
            "QUIT" => "205 bye\r\n".to_string(),
            "POST" => {
                stream.write_all(b"340 go on\r\n")?;
                let mut article = String::new();
                while !article.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut article)? == 0 {
                        return Ok(());
                    }
                }
                posted.lock().expect("counted").push(article);
                "240 taken\r\n".to_string()
            }
            _ => "200 ok\r\n".to_string(),
        };
        stream.write_all(answer.as_bytes())?;
    }
}
