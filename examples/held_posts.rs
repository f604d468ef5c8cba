//! Thousands of held posts: how long `admindb` takes to show them, and to decide all of them in one request.
//!
//!     cargo build --release --bins && cargo run --release --example held_posts -- POSTS RUNS
//!
//! A site is made in a temporary folder (TMPDIR) for each run: one list, POSTS held posts of as many senders as there are
//! posts divided by five. `admindb` runs as the CGI program that it is: the page is opened; a form as a browser would send it
//! gives each post one decision, approve, reject or discard in turn; and the page is opened again. Times are of whole
//! processes. What became of the posts is counted, and must add up.

use compat::email::parser::parse;
use compat::list::{attributes, Held, LockedList};
use compat::pickle::{self, Protocol};
use compat::site::Site;
use compat::value::{Dict, Value};
use mailman2::demo::new_list::{self, NewList};
use mailman2::demo::site;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// SHA-1 of `pw`.
const PASSWORD: &str = "1a91d62f7ca67399625a4368a6ab5d4a3baa6073";
const VARIABLES: [(&str, &str); 6] = [
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SCRIPT_NAME", "/mailman/admindb"),
    ("PATH_INFO", "/garden"),
    ("HTTP_HOST", "lists.example.com"),
    ("REMOTE_ADDR", "127.0.0.1"),
    ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
];

fn main() -> Outcome<()> {
    let number = |at: usize, usual: usize| std::env::args().nth(at).map_or(Ok(usual), |word| word.parse());
    let (posts, runs) = (number(1, 5_000)?, number(2, 3)?);
    println!("run\twhat\tms\tbytes of the page");
    for run in 1..=runs {
        let folder = tempfile::tempdir()?;
        let site = site::create(folder.path(), &[])?;
        hold(&site, posts)?;
        for what in ["open", "open again"] {
            tell(run, what, &page(folder.path(), "adminpw=pw")?);
        }
        tell(run, "decide all", &page(folder.path(), &decisions(posts))?);
        tell(run, "open, empty", &page(folder.path(), "adminpw=pw")?);
        count(&site, folder.path(), posts)?;
    }
    Ok(())
}

fn hold(site: &Rc<Site>, posts: usize) -> Outcome<()> {
    new_list::create(site, &NewList { name: "garden", owners: &["rose@example.com"], members: &[] })?;
    let mut list = LockedList::open(site, "garden", None)?;
    list.set(attributes::PASSWORD, Value::str(PASSWORD));
    for post in 0..posts {
        let sender = format!("sender{}@example.net", post / 5);
        let text = format!(
            "From: {sender}\nTo: garden@lists.example.com\nSubject: Post {post}\nMessage-ID: <{post}@example.net>\n\n{}",
            "Some words about slugs and lettuce.\n".repeat(40)
        );
        let held = Held {
            sender: sender.as_str().into(),
            subject: Value::str(format!("Post {post}").as_str()),
            reason: Value::str("Post by non-member to a members-only list"),
            metadata: Value::dict(Dict::from_iter([("listname".into(), Value::str("garden"))])),
        };
        let message = parse(&text.into());
        list.hold_message(held, |out, _| pickle::dump(&message.to_value(), Protocol::P2, out))?;
    }
    list.save()?;
    Ok(list.unlock()?)
}

/// A form that decides about each post, with the fields that a browser sends beside.
fn decisions(posts: usize) -> String {
    let mut form = String::from("adminpw=pw&submit=Submit+All+Data");
    for sender in 0..posts.div_ceil(5) {
        let quoted = format!("sender{sender}%2540example.net");
        // A String takes all that is written.
        let _ = write!(form, "&senderaction-{quoted}=0&senderforwardto-{quoted}=garden-owner&senderfilter-{quoted}=3");
    }
    for post in 0..posts {
        let _ = write!(form, "&sender{}%2540example.net={id}&{id}={}", post / 5, 1 + post % 3, id = post + 1);
    }
    form
}

struct Shown {
    milliseconds: f64,
    page: Vec<u8>,
}

/// Sends a form to the page, as a web server does.
fn page(folder: &Path, form: &str) -> Outcome<Shown> {
    let program = std::env::current_exe()?.with_file_name("../mailman2-rs");
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(["cgi", "admindb"])
        .envs(VARIABLES)
        .env("REQUEST_METHOD", "POST")
        .env("CONTENT_LENGTH", form.len().to_string())
        .env("MAILMAN_PREFIX", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child.stdin.take().ok_or("no pipe")?.write_all(form.as_bytes())?;
    let mut page = Vec::new();
    child.stdout.take().ok_or("no pipe")?.read_to_end(&mut page)?;
    let status = child.wait()?;
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    match status.success() && !page.starts_with(b"Status: 5") {
        true => Ok(Shown { milliseconds, page }),
        false => Err(String::from_utf8_lossy(&page).into_owned().into()),
    }
}

fn tell(run: usize, what: &str, shown: &Shown) {
    println!("{run}\t{what}\t{:.1}\t{}", shown.milliseconds, shown.page.len());
}

/// Approved posts are queued, rejected ones have a notice, and nothing is held any more.
fn count(site: &Rc<Site>, folder: &Path, posts: usize) -> Outcome<()> {
    let files = |below: &str, ending: &str| -> Outcome<usize> {
        let entries = fs::read_dir(folder.join(below))?.collect::<Result<Vec<_>, _>>()?;
        Ok(entries.iter().filter(|entry| entry.file_name().to_string_lossy().ends_with(ending)).count())
    };
    let found = [files("qfiles/in", ".pck")?, files("qfiles/virgin", ".pck")?, files("data", "")?];
    let waiting = compat::list::MailList::requests_of(site, &"garden".into())?.len();
    let expected = [posts.div_ceil(3), (posts + 1) / 3];
    match found[..2] == expected && waiting == 0 {
        true => Ok(()),
        false => Err(format!("queued, told and left in data: {found:?}, waiting: {waiting}").into()),
    }
}
