//! What is done at a point, and how it is judged.

use crate::support::*;
use compat::list::{attributes, LockedList, MailList};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::value::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::rc::Rc;

pub const MAILMAN: &str = env!("CARGO_BIN_EXE_mailman");
/// SHA-1 of `pw`.
pub const PASSWORD: &str = "1a91d62f7ca67399625a4368a6ab5d4a3baa6073";
pub const POST: &str =
    "From: ann@example.org\nTo: garden@lists.example.com\nSubject: x\nMessage-ID: <point@example.org>\n\nHello.\n";
/// By this the post is found again, whatever became of it.
pub const ID: &str = "<point@example.org>";

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
pub type Complaints = Box<dyn Fn(&TestSite) -> Vec<String>>;

/// Lets a program work that gets these words before its own; whether all went well.
pub type Drive = Box<dyn Fn(&Scenario, &TestSite, &[String]) -> bool>;

/// What is done, and what must come of it.
pub struct Scenario {
    pub name: &'static str,
    prepare: Box<dyn Fn(&TestSite)>,
    program: &'static str,
    args: Vec<String>,
    input: Box<dyn Fn(&TestSite) -> String>,
    pub environment: Vec<(&'static str, String)>,
    /// Where the program finds its site, below that of the test.
    pub folder: &'static str,
    /// For what is no call of a program that ends by itself.
    drive: Option<Drive>,
    /// Somebody calls the program again when it did not end well: a person, cron, a mail server, a browser.
    is_repeated: bool,
    /// What is wrong in the end.
    complaints: Complaints,
    /// How often what should be there once is there.
    copies: Box<dyn Fn(&TestSite) -> usize>,
}

impl Scenario {
    pub fn new(name: &'static str, program: &'static str, args: &[&'static str]) -> Scenario {
        Scenario {
            name,
            prepare: Box::new(|_| ()),
            program,
            args: args.iter().map(ToString::to_string).collect(),
            input: Box::new(|_| String::new()),
            environment: Vec::new(),
            folder: "",
            drive: None,
            is_repeated: true,
            complaints: Box::new(|_| Vec::new()),
            copies: Box::new(|_| 1),
        }
    }

    /// A runner takes its queue up again by itself.
    pub fn runner(name: &'static str, runner: &'static str) -> Scenario {
        Scenario { is_repeated: false, ..Scenario::new(name, QRUNNER, &["-r", runner, "-r", runner, "-o"]) }
    }

    pub fn prepare(self, prepare: impl Fn(&TestSite) + 'static) -> Scenario {
        Scenario { prepare: Box::new(prepare), ..self }
    }

    pub fn input(self, input: impl Fn(&TestSite) -> String + 'static) -> Scenario {
        Scenario { input: Box::new(input), ..self }
    }

    pub fn drive(self, drive: impl Fn(&Scenario, &TestSite, &[String]) -> bool + 'static) -> Scenario {
        Scenario { drive: Some(Box::new(drive)), ..self }
    }

    pub fn once(self, copies: impl Fn(&TestSite) -> usize + 'static) -> Scenario {
        Scenario { copies: Box::new(copies), ..self }
    }

    pub fn wrong(self, complaints: impl Fn(&TestSite) -> Vec<String> + 'static) -> Scenario {
        Scenario { complaints: Box::new(complaints), ..self }
    }

    pub fn command(&self, site: &TestSite, before: &[String]) -> Command {
        let args = self.args.iter().map(String::as_str);
        let words: Vec<&str> = before.iter().map(String::as_str).chain([self.program]).chain(args).collect();
        let mut command = site.command(words[0], &words[1..]);
        command
            .current_dir(site.path(self.folder))
            .env("MAILMAN_PREFIX", site.path(self.folder))
            .envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn call(&self, site: &TestSite, before: &[String]) -> bool {
        match &self.drive {
            Some(drive) => drive(self, site, before),
            None => self.call_once(site, before),
        }
    }

    /// Calls the program and waits for its end; whether it ended well.
    pub fn call_once(&self, site: &TestSite, before: &[String]) -> bool {
        let input = (self.input)(site);
        let mut command = self.command(site, before);
        if !self.environment.is_empty() {
            command.env("CONTENT_LENGTH", input.len().to_string());
        }
        let mut child = command.spawn().expect("it starts");
        // Who is killed has not read it all.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
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

pub fn run(scenario: &Scenario) {
    match has_strace() {
        true => scenario.run(),
        false => eprintln!("skipped: {} needs strace", scenario.name),
    }
}

/// Whether the holder of a lock is dead cannot be seen from every container.
pub fn forget_locks(site: &TestSite) {
    for lock in site.names_of_locks() {
        fs::remove_file(site.path("locks").join(lock)).expect("removed");
    }
}

/// Lets the runners that need no server work until their queues are empty.
pub fn drain(site: &TestSite) {
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
pub fn with(site: &TestSite, folder: &str, text: &str) -> usize {
    let holds = |name: &String| {
        let bytes = fs::read(site.path(folder).join(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    names(&site.path(folder)).iter().filter(|name| !name.ends_with(".tmp") && holds(name)).count()
}

pub fn enqueue(site: &TestSite, queue: QueueName, data: Metadata) {
    enqueue_text(site, queue, POST, data);
}

pub fn enqueue_text(site: &TestSite, queue: QueueName, text: &str, data: Metadata) {
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.path("qfiles"))));
    let data = data.with("listname", Value::str("garden"));
    outbox.enqueue(queue, &EntryMessage::Raw(text.into()), &data).expect("enqueued");
    outbox.commit().expect("committed");
}

/// How many pages of posts an archive has.
pub fn pages(site: &TestSite) -> usize {
    let volumes = names(&site.path("archives/private/garden"));
    volumes.iter().map(|volume| with(site, &format!("archives/private/garden/{volume}"), "Hello.")).sum()
}

/// What is wrong with an archive that should have a page for each of these, and the posts in its mbox.
pub fn in_archive(site: &TestSite, ids: &[&str]) -> Vec<String> {
    let pages = Some(pages(site)).filter(|pages| *pages < ids.len()).map(|pages| format!("{pages} pages"));
    let missing = ids.iter().filter(|id| !site.mbox().contains(**id)).map(|id| format!("{id} is not in the mbox"));
    pages.into_iter().chain(missing).collect()
}

pub fn with_list(site: &TestSite, change: impl FnOnce(&mut LockedList)) {
    let mut list = LockedList::open(&site.site, "garden", None).expect("the list");
    change(&mut list);
    list.save().expect("saved");
    list.unlock().expect("unlocked");
}

pub fn list(site: &TestSite) -> MailList {
    MailList::load(&site.site, "garden").expect("the list")
}

pub fn hold_one(site: &TestSite) {
    with_list(site, |list| {
        list.set(attributes::PASSWORD, Value::str(PASSWORD));
        hold(list, "ann@example.org", "x", POST);
    });
}

/// A held post that was decided about has neither a record nor a file.
pub fn leftovers_of_held_post(site: &TestSite) -> Vec<String> {
    let waiting = list(site).read_requests().expect("requests").len();
    let files = names(&site.path("data")).into_iter().filter(|name| name.starts_with("heldmsg-"));
    (0..waiting).map(|_| "a request".to_string()).chain(files).collect()
}

pub fn with_password(site: &TestSite) {
    with_list(site, |list| list.set(attributes::PASSWORD, Value::str(PASSWORD)));
}

pub fn missing_member(site: &TestSite, address: &str) -> Vec<String> {
    (!list(site).is_member(address.as_bytes())).then(|| format!("no member {address}")).into_iter().collect()
}

/// Cookies in mails to the outside that nobody awaits: their answer would be refused.
pub fn cookies_without_record(site: &TestSite) -> Vec<String> {
    let list = list(site);
    let mut unknown = Vec::new();
    for file in names(&site.path("qfiles/out")) {
        let bytes = fs::read(site.path("qfiles/out").join(&file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let cookies = text.split("confirm ").skip(1).filter_map(|rest| rest.get(..40));
        let cookies = cookies.filter(|cookie| cookie.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let is_unknown = |cookie: &&str| list.pend_look(cookie.as_bytes()).expect("readable").is_none();
        unknown.extend(cookies.filter(is_unknown).map(|cookie| format!("nobody awaits {cookie}")));
    }
    unknown
}

pub fn recipients() -> Metadata {
    Metadata::new().with("recips", Value::list(vec![Value::str("ann@example.org")]))
}
