//! A soak: posts over many lists under `mailmanctl` with all runners, and what that does to their memory and descriptors.
//!
//!     cargo build --release --bins && cargo run --release --example soak -- POSTS LISTS
//!
//! A site is made in a temporary folder (TMPDIR). Sizes are mixed; every 40th post comes from a stranger and is held, every
//! 20th is followed by a bounce; every list has an archive and a member with digests. A line is printed at every tenth of
//! the posts: for each runner memory, descriptors, and CPU time a post since the line before. In the end every post is
//! looked for at every member and in every archive. Nothing here is of use on a site that has mail.

use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::Site;
use compat::value::Value;
use mailman2::demo::new_list::{self, NewList, NewMember};
use mailman2::demo::site;
use mailman2::testing::smtp_sink::{Answers, Sink};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

const MEMBERS: [NewMember; 3] = [
    NewMember { address: "ann@example.org", name: "Ann", digest: false },
    NewMember { address: "ben@example.net", name: "Ben", digest: false },
    NewMember { address: "dora@example.org", name: "Dora", digest: true },
];
const REGULAR: u8 = 2;
/// So many entries wait at most: more than a runner's batch, and not so many that the queue's listing is what is measured.
const AHEAD: usize = 600;
const SIZES: [usize; 8] = [200, 500, 700, 1_000, 2_000, 4_000, 12_000, 30_000];
const RUNNERS: [&str; 5] = ["IncomingRunner", "OutgoingRunner", "ArchRunner", "VirginRunner", "BounceRunner"];

fn main() -> Outcome<()> {
    let number = |at: usize, usual: usize| std::env::args().nth(at).map_or(Ok(usual), |word| word.parse());
    let (posts, lists) = (number(1, 50_000)?, number(2, 1_000)?);
    let folder = tempfile::tempdir()?;
    let sink = Sink::start(Answers::friendly())?;
    let mut soak = Soak::begin(folder.path(), sink, posts, lists)?;
    let outcome = soak.run();
    soak.mailmanctl("stop")?;
    outcome?;
    soak.count()
}

struct Soak {
    folder: PathBuf,
    site: Rc<Site>,
    sink: Sink,
    posts: usize,
    lists: usize,
    /// Copies that the sink got, by the number of the post.
    copies: Vec<u8>,
    /// CPU time of each process at the last line, in seconds.
    cpu: BTreeMap<String, f64>,
}

impl Soak {
    fn begin(folder: &Path, sink: Sink, posts: usize, lists: usize) -> Outcome<Soak> {
        let port = format!("SMTPPORT = {}", sink.port());
        let site = site::create(folder, &[port, "REGISTER_BOUNCES_EVERY = 10".to_string()])?;
        for list in 0..lists {
            let name = name_of(list);
            new_list::create(&site, &NewList { name: &name, owners: &["rose@example.com"], members: &MEMBERS })?;
        }
        let folder = folder.to_path_buf();
        Ok(Soak { folder, site, sink, posts, lists, copies: vec![0; posts], cpu: BTreeMap::new() })
    }

    fn mailmanctl(&self, what: &str) -> Outcome<()> {
        let program = std::env::current_exe()?.with_file_name("../mailmanctl");
        let status = Command::new(program).args(["-q", "-u", what]).env("MAILMAN_PREFIX", &self.folder).status()?;
        if status.success() {
            return Ok(());
        }
        Err(format!("mailmanctl {what}: {status}").into())
    }

    fn run(&mut self) -> Outcome<()> {
        self.mailmanctl("start")?;
        println!("posts\tseconds\trunner\tMiB\tdescriptors\tCPU ms a post");
        let (start, tenth) = (Instant::now(), (self.posts / 10).max(1));
        for first in (0..self.posts).step_by(tenth) {
            let end = (first + tenth).min(self.posts);
            for post in first..end {
                if post % 50 == 0 {
                    self.wait_for_room(AHEAD)?;
                }
                self.send(post)?;
            }
            self.wait_for_room(0)?;
            self.tell(end, end - first, start.elapsed())?;
        }
        Ok(())
    }

    /// Waits until at most so many entries are in the queues.
    fn wait_for_room(&mut self, most: usize) -> Outcome<()> {
        loop {
            self.take_copies();
            let mut waiting = 0;
            for queue in ["in", "out", "archive", "virgin", "bounces"] {
                waiting += fs::read_dir(self.folder.join("qfiles").join(queue)).map_or(0, Iterator::count);
            }
            if waiting <= most {
                return Ok(());
            }
            sleep(Duration::from_millis(50));
        }
    }

    fn take_copies(&mut self) {
        for received in self.sink.wait_for(0) {
            let copies = received.data.as_deref().and_then(post_in).and_then(|post| self.copies.get_mut(post));
            if let Some(copies) = copies {
                *copies = copies.saturating_add(received.recipients.len() as u8);
            }
        }
    }

    fn send(&self, post: usize) -> Outcome<()> {
        let list = name_of(post % self.lists);
        let mut outbox = Outbox::new(Rc::new(QueueFolders::from_settings(&self.site.settings)?));
        let data = |kind: &str| Metadata::new().with("listname", Value::str(list.as_str())).with(kind, Value::Int(1));
        outbox.enqueue(QueueName::In, &EntryMessage::Raw(text_of(post, &list).into()), &data("tolist"))?;
        if post % 20 == 0 {
            let bounce = bounce(&list, post);
            outbox.enqueue(QueueName::Bounces, &EntryMessage::Raw(bounce.into()), &data("tobounces"))?;
        }
        Ok(outbox.commit().map(drop)?)
    }

    fn tell(&mut self, posts: usize, since: usize, time: Duration) -> Outcome<()> {
        for name in RUNNERS {
            let Some(process) = process_of(&self.folder, name) else { continue };
            let status = fs::read_to_string(process.join("status"))?;
            let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
            let memory: f64 = memory.unwrap_or("0").parse()?;
            let descriptors = fs::read_dir(process.join("fd"))?.count();
            let cpu = cpu_of(&process)?;
            let before = self.cpu.insert(name.to_string(), cpu).unwrap_or(0.0);
            let spent = (cpu - before) * 1000.0 / since as f64;
            let (seconds, memory) = (time.as_secs(), memory / 1024.0);
            println!("{posts}\t{seconds}\t{name}\t{memory:.1}\t{descriptors}\t{spent:.2}");
        }
        Ok(())
    }

    /// What became of the posts.
    fn count(&self) -> Outcome<()> {
        let wanted = |post: usize| if is_held(post) { 0 } else { REGULAR };
        let lost = (0..self.posts).filter(|post| self.copies[*post] < wanted(*post)).count();
        let doubled = (0..self.posts).filter(|post| self.copies[*post] > wanted(*post)).count();
        let mut archived = vec![0_u8; self.posts];
        for list in 0..self.lists {
            let mbox = fs::read(compat::list::archive_mbox(&self.site, name_of(list).as_bytes())).unwrap_or_default();
            for line in mbox.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"X-Number: ")) {
                if let Some(count) = number_in(line).and_then(|number| archived.get_mut(number)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let not_archived = (0..self.posts).filter(|post| archived[*post] != u8::from(!is_held(*post))).count();
        let held = fs::read_dir(self.folder.join("data"))?.flatten();
        let held = held.filter(|file| file.file_name().to_string_lossy().starts_with("heldmsg-")).count();
        let wanted_held = (0..self.posts).filter(|post| is_held(*post)).count();
        let shunted = fs::read_dir(self.folder.join("qfiles/shunt")).map_or(0, Iterator::count);
        println!(
            "lost {lost}, doubled {doubled}, not once in the archive {not_archived}, held {held} of {wanted_held}, shunted {shunted}"
        );
        match lost + not_archived + shunted + wanted_held.abs_diff(held) {
            0 => Ok(()),
            _ => Err("not all is well".into()),
        }
    }
}

fn name_of(list: usize) -> String {
    format!("list{list:04}")
}

fn is_held(post: usize) -> bool {
    post % 40 == 7
}

fn text_of(post: usize, list: &str) -> String {
    let sender = if is_held(post) { "stranger@example.com" } else { "ann@example.org" };
    let line = "Moss grows on the northern side of the wall, slowly.\n";
    let body = line.repeat(SIZES[post % SIZES.len()] / line.len() + 1);
    format!(
        "From: {sender}\nTo: {list}@lists.example.com\nSubject: post {post}\nX-Number: {post}\n\
         Message-ID: <{post}.soak@example.org>\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n\n{body}"
    )
}

fn bounce(list: &str, post: usize) -> String {
    format!(
        "From: MAILER-DAEMON@example.net\nTo: {list}-bounces@lists.example.com\nSubject: failed\n\
         Message-ID: <{post}.bounce@example.net>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"=b\"\n\n--=b\n\nIt failed.\n\n\
         --=b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.net\n\n\
         Final-Recipient: rfc822; gone{post}@example.net\nAction: failed\nStatus: 5.1.1\n\n--=b--\n"
    )
}

/// The number of a post as a list sends it on: with the list's name in the subject. Digests and notices have none there.
fn post_in(data: &[u8]) -> Option<usize> {
    let head = &data[..memchr::memmem::find(data, b"\r\n\r\n")?];
    memchr::memmem::find(head, b"\r\nSubject: [")?;
    number_in(head)
}

/// The number in the first line `X-Number: N`.
fn number_in(text: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"X-Number: ";
    let rest = &text[memchr::memmem::find(text, NAME)? + NAME.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// The folder in /proc of the site's runner.
fn process_of(folder: &Path, runner: &str) -> Option<PathBuf> {
    let wanted = format!("--runner={runner}:0:1");
    let qrunner = folder.join("bin/qrunner").display().to_string();
    let is_it = |path: &PathBuf| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|&byte| byte == 0).map(String::from_utf8_lossy).collect();
        words.contains(&wanted.as_str().into()) && words.iter().any(|word| *word == qrunner)
    };
    fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path()).find(is_it)
}

fn cpu_of(process: &Path) -> Outcome<f64> {
    let stat = fs::read_to_string(process.join("stat"))?;
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
}
