//! An archive whose `pipermail.pck` is damaged, with the whole program: nothing is lost, nothing doubled, no address changes,
//! and Python goes on with what was made again.

#![allow(clippy::expect_used, clippy::panic)]

mod site_pair;
mod support;

use compat::queue::QueueName;
use site_pair::site_pairs;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::*;

fn post(number: usize) -> String {
    format!(
        "From: ann@example.org\nSubject: post {number}\nMessage-ID: <post{number}@example.org>\n\
         Date: Mon, 2 Mar 2026 12:0{number}:00 +0000\n\nbody of {number}\n"
    )
}

fn archive(site: &TestSite, number: usize) {
    site.enqueue(QueueName::Archive, "garden", &post(number));
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert!(site.queue("archive").is_empty() && site.queue("shunt").is_empty(), "post {number}");
}

/// Each post is once in each place, under its number.
fn assert_whole(archive: &Path, count: usize) {
    let read = |name: &Path| fs::read_to_string(name).unwrap_or_default();
    let volume = archive.join("2026-March");
    let text = read(&archive.join("2026-March.txt"));
    for number in 0..count {
        let page = read(&volume.join(format!("{number:06}.html")));
        assert!(page.contains(&format!("body of {number}\n")), "{number}: {page}");
        assert_eq!(text.matches(&format!("\nbody of {number}\n")).count(), 1, "{text}");
        for kind in ["date", "author", "subject", "thread"] {
            let index = read(&volume.join(format!("{kind}.html")));
            assert_eq!(index.matches(&format!("\"{number:06}.html\"")).count(), 1, "{kind}: {index}");
        }
    }
    assert!(!volume.join(format!("{count:06}.html")).exists());
}

#[test]
fn what_is_lost_comes_back_from_the_mbox() {
    let losses: [(&[&str], &str); 3] = [
        (&[], "made again from 1 volumes, next number 3"),
        (&["2026-March", "2026-March.txt"], "is damaged and no volume is left; made again with 3 articles from "),
        (&["database"], "is lost and so are databases of 2026-March; made again with 3 articles from "),
    ];
    for (lost, told) in losses {
        // The clock of these posts is behind ours.
        let site = TestSite::with(&["ARCHIVER_CLOBBER_DATE_POLICY = 0"]);
        (0..3).for_each(|number| archive(&site, number));
        let folder = site.path("archives/private/garden");
        assert_whole(&folder, 3);
        lost.iter().map(|name| folder.join(name)).for_each(|path| remove(&path));
        fs::write(folder.join("pipermail.pck"), "(dp1\nS'arch").expect("damaged");
        archive(&site, 3);
        assert_whole(&folder, 4);
        assert_eq!(site.mbox().matches("Message-ID: <post3@").count(), 1);
        assert!(site.log("error").contains(told), "{}", site.log("error"));
        archive(&site, 4);
        assert_whole(&folder, 5);
    }
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
}

/// Puts a post into the archive, or into its queue.
fn script(number: usize, is_queued: bool) -> String {
    let text = post(number);
    let archived = "mlist.Lock()\nmlist.ArchiveMail(msg)\nmlist.Save()\nmlist.Unlock()";
    let queued = "get_switchboard(mm_cfg.ARCHQUEUE_DIR).enqueue(msg, listname='garden')";
    format!(
        "from Mailman import MailList, Message\nimport email\nfrom Mailman.Queue.sbcache import get_switchboard\n\
         msg = email.message_from_string({text:?}, Message.Message)\nmlist = MailList.MailList('garden', lock=0)\n{}\n",
        if is_queued { queued } else { archived }
    )
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn python_goes_on_with_it() {
    let settings = ["ARCHIVER_CLOBBER_DATE_POLICY = 0", "MTA = None"];
    for pair in site_pairs(&settings) {
        let site: &PathBuf = &pair.ours;
        let ask = |script: &str| {
            let output = pair.ask(site, script);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        pair.run("newlist", &["-q", "mailman", "rose@example.com", "secret"]);
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        (0..3).for_each(|number| ask(&script(number, false)));
        let folder = site.join("archives/private/garden");
        assert_whole(&folder, 3);
        remove(&folder.join("database"));
        fs::write(folder.join("pipermail.pck"), "no pickle").expect("damaged");
        fs::create_dir_all(site.join("qfiles/archive")).expect("made");
        ask(&script(3, true));
        let run = Command::new(QRUNNER).args(["-r", "Arch", "-o"]).env("MAILMAN_PREFIX", site).output();
        assert!(run.expect("the program runs").status.success());
        assert_whole(&folder, 4);
        ask(&script(4, false));
        assert_whole(&folder, 5);
    }
}
