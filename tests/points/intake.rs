//! Mail that comes in.

use crate::scenario::*;
use crate::support::*;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

#[test]
fn intake() {
    run(&Scenario::new("mail/mailman post", MAILMAN, &["post", "garden"])
        .input(|_| POST.to_string())
        .once(|site| with(site, "qfiles/out", ID)));
}

/// The mail server keeps what it has no answer for, and comes again.
#[test]
fn lmtp() {
    run(&Scenario::new("lmtp", MAILMAN2_RS, &["lmtp", "--listen", "unix:lmtp"])
        .drive(serve_one)
        .once(|site| with(site, "qfiles/out", ID)));
}

/// Starts the server, hands a mail in, and ends the server; whether the mail was taken.
fn serve_one(scenario: &Scenario, site: &TestSite, before: &[String]) -> bool {
    let _ = fs::remove_file(site.path("lmtp"));
    let mut server = Running(scenario.command(site, before).spawn().expect("it starts"));
    let is_taken = connected(site, &mut server).is_some_and(|stream| hand_in(stream).is_some_and(|taken| taken));
    end(&mut server);
    is_taken
}

fn connected(site: &TestSite, server: &mut Running) -> Option<UnixStream> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE && server.0.try_wait().ok()?.is_none() {
        if let Ok(stream) = UnixStream::connect(site.path("lmtp")) {
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            return Some(stream);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

/// Whether the server said that it has the mail; nothing where it went away.
fn hand_in(mut stream: UnixStream) -> Option<bool> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut answer = || {
        let mut line = String::new();
        while line.is_empty() || line.as_bytes().get(3) == Some(&b'-') {
            line.clear();
            lines.read_line(&mut line).ok().filter(|read| *read > 0)?;
        }
        Some(line)
    };
    answer()?;
    for line in ["LHLO client", "MAIL FROM:<ann@example.org>", "RCPT TO:<garden@lists.example.com>", "DATA"] {
        stream.write_all(format!("{line}\r\n").as_bytes()).ok()?;
        if !answer()?.starts_with(['2', '3']) {
            return Some(false);
        }
    }
    stream.write_all(format!("{}.\r\n", POST.replace('\n', "\r\n")).as_bytes()).ok()?;
    Some(answer()?.starts_with("250"))
}

/// Asks the server to end: the child, where strace stands before it.
fn end(server: &mut Running) {
    let pid = server.0.id();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let child = children.split_whitespace().next().and_then(|text| text.parse().ok());
    let target = nix::unistd::Pid::from_raw(child.unwrap_or(pid as i32));
    let _ = nix::sys::signal::kill(target, nix::sys::signal::Signal::SIGTERM);
    server.status();
}
