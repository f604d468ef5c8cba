//! The tools.

use crate::scenario::*;
use crate::support::*;
use compat::list::{attributes, MailList};
use std::fs;

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
        .input(|_| "ben@example.net\n".to_string())
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

/// An archive that is made anew over the one that is there.
#[test]
fn arch() {
    run(&Scenario::new("arch --wipe", MAILMAN2_RS, &["arch", "-q", "--wipe", "garden"])
        .prepare(|site| {
            let second = POST.replace("point@", "second@");
            let mbox = site.path("archives/private/garden.mbox");
            fs::create_dir_all(&mbox).expect("made");
            let from = "From ann@example.org  Thu Nov 19 10:00:00 2026\n";
            fs::write(mbox.join("garden.mbox"), format!("{from}{POST}\n{from}{second}\n")).expect("written");
            let output = site.run(MAILMAN2_RS, &["arch", "-q", "garden"]);
            assert!(output.status.success(), "{}", stderr(&output));
        })
        .wrong(|site| in_archive(site, &[ID, "<second@example.org>"])));
}
