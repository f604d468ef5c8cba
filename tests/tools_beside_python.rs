//! The tools of bin/ and cron/ beside Mailman's own: the same calls on two sites, and what they say and leave is equal.

#![allow(clippy::expect_used, clippy::panic)]

mod twins;

use std::fs;
use twins::{twins, Twins};

const MANY: &str = "Ann Apple <Ann@Example.ORG>\nben@example.org\n\n\"Q. Quotes\" <q@example.org>\nben@EXAMPLE.org\nbad\nno@domain\ntwo words@example.org\nh[x@example.org\n<>\n";

/// A list on both sites, with members.
fn with_members(twins: &Twins) {
    twins.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
    twins.feed("add_members", &["-w", "n", "-a", "n", "-r", "-", "garden"], MANY);
    twins.feed(
        "add_members",
        &["-w", "n", "-a", "n", "-d", "-", "garden"],
        "Dora <dora@example.org>\nemil@example.org\n",
    );
}

#[test]
fn newlist_makes_what_python_makes() {
    for twins in twins("newlist_makes_what_python_makes", &["MTA = 'Manual'"]) {
        twins.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        twins.run("newlist", &["-q", "Garden@www.example.net", "rose@example.com", " secret "]);
        twins.run(
            "newlist",
            &["--quiet", "-l", "de", "-u", "w.example.org", "-e", "m.example.org", "g2", "r@example.com", "x"],
        );
        twins.feed("newlist", &["told", "rose@example.com", "secret"], "\n");
        twins.feed("newlist", &["-q"], "asked\nrose@example.com\nsecret\n");
        twins.assert_equal_files("newlist");
        twins.misuse("newlist", &["-h"]);
        twins.misuse("newlist", &["--nonsense"]);
        twins.misuse("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        twins.misuse("newlist", &["-q", "-l", "xx", "n", "rose@example.com", "secret"]);
        twins.misuse("newlist", &["-q", "a/b", "rose@example.com", "secret"]);
        twins.misuse("newlist", &["-q", "a b", "rose@example.com", "secret"]);
        twins.misuse("newlist", &["-q", "n", "rose", "secret"]);
        twins.misuse("newlist", &["-q", "n", "rose@example.com", "  "]);
        twins.assert_equal_files("refused calls of newlist");
    }
}

#[test]
fn newlist_and_rmlist_keep_postfix_maps() {
    let settings = [
        "MTA = 'Postfix'",
        "POSTFIX_STYLE_VIRTUAL_DOMAINS = ['virtual.example.net', 'Lists.example.com']",
        "VIRTUAL_MAILMAN_LOCAL_DOMAIN = 'localhost'",
        "POSTFIX_ALIAS_CMD = 'cp /dev/null data/aliases.db; true'",
        "POSTFIX_MAP_CMD = 'test -f'",
    ];
    for twins in twins("newlist_and_rmlist_keep_postfix_maps", &settings) {
        twins.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        twins.run("newlist", &["-q", "-e", "virtual.example.net", "one", "rose@example.com", "secret"]);
        twins.run("newlist", &["-q", "-e", "virtual.example.net", "two", "rose@example.com", "secret"]);
        twins.assert_equal_files("newlist with Postfix");
        twins.run("rmlist", &["one"]);
        twins.assert_equal_files("rmlist with Postfix");
    }
}

#[test]
fn a_failing_command_of_postfix_is_told() {
    let settings = ["MTA = 'Postfix'", "POSTFIX_ALIAS_CMD = 'exit 3; '"];
    for twins in twins("a_failing_command_of_postfix_is_told", &settings) {
        let said = twins.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        assert_eq!(said.code, Some(1));
        twins.assert_equal_files("a failed map");
    }
}

#[test]
fn rmlist_removes_what_python_removes() {
    for twins in twins("rmlist_removes_what_python_removes", &["MTA = 'Manual'"]) {
        for list in ["mailman", "garden", "garden2"] {
            twins.run("newlist", &["-q", list, "rose@example.com", "secret"]);
        }
        twins.with_each(|site| {
            for file in
                ["heldmsg-garden-1.pck", "heldmsg-garden-2.txt", "heldmsg-garden2-1.pck", "heldmsg-garden-x.pck"]
            {
                fs::write(site.join("data").join(file), "N.").expect("written");
            }
            fs::write(site.join("locks/garden.lock.host.1.0"), "x").expect("written");
            fs::write(site.join("locks/garden2.lock"), "x").expect("written");
        });
        twins.run("rmlist", &["Garden"]);
        twins.assert_equal_files("rmlist");
        twins.run("rmlist", &["-a", "garden"]);
        twins.run("rmlist", &["--archives", "garden2"]);
        twins.assert_equal_files("rmlist -a");
        twins.misuse("rmlist", &["garden"]);
        twins.misuse("rmlist", &[]);
        twins.misuse("rmlist", &["-h", "garden"]);
    }
}

#[test]
fn members_come_and_are_listed() {
    for twins in twins("members_come_and_are_listed", &["MTA = None"]) {
        with_members(&twins);
        twins.assert_equal_files("add_members");
        twins.run("newlist", &["-q", "shed", "rose@example.com", "secret"]);
        for args in [
            &["garden"][..],
            &["-f", "-p", "garden"],
            &["-r", "Garden "],
            &["-d", "plain", "garden"],
            &["--digest=mime", "-f", "garden"],
            &["-n", "garden"],
            &["-n", "byadmin", "garden"],
            &["--nomail=enabled", "garden"],
            &["-i", "garden"],
            &["-u", "garden"],
            &["nosuch"],
            &["-o", "/nowhere/file", "garden"],
            &["-o", "data/members", "garden"],
        ] {
            twins.run("list_members", args);
        }
        for args in [&[][..], &["-o"], &["garden", "shed"], &["--nomail=x", "garden"], &["--digest=x", "garden"]] {
            twins.misuse("list_members", args);
        }
        if twins.is_newest() {
            twins.misuse("list_members", &["-m", "-i", "garden"]);
            twins.run("list_members", &["-m", "garden"]);
            twins.run("list_members", &["-M", "-f", "garden"]);
        }
        for args in
            [&[][..], &["-b"], &["-a"], &["-V", "www.example.com"], &["-V", "example.com"], &["-b", "-V", "x.example"]]
        {
            twins.run("list_lists", args);
        }
        twins.misuse("list_lists", &["-x"]);
        for args in [
            &["example"][..],
            &["-w", "^ROSE", "ben"],
            &["-l", "garden", "-x", "shed", "."],
            &["-l", "nosuch", "."],
            &["-x", "garden", "-x", "shed", "."],
            &["["],
        ] {
            twins.run("find_member", args);
        }
        twins.misuse("find_member", &[]);
        twins.assert_equal_files("listings");
    }
}

#[test]
fn letters_of_add_members_and_remove_members() {
    for twins in twins("letters_of_add_members_and_remove_members", &["MTA = None"]) {
        twins.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        twins.run("newlist", &["-q", "-l", "de", "-e", "de.example.org", "garten", "rose@example.com", "secret"]);
        twins.feed("add_members", &["-r", "-", "-a", "y", "garten"], MANY);
        twins.feed("add_members", &["-d", "-", "--welcome-msg=y", "garten"], "Dora <dora@example.org>\n");
        if twins.is_newest() {
            twins.feed(
                "add_members",
                &["-n", "-w", "n", "-r", "-", "garten"],
                "no@example.org\nNo Mail <NO2@example.org>\n",
            );
            twins.with_each(|site| fs::write(site.join("data/text"), "Please come.\n\n").expect("written"));
            twins.feed(
                "add_members",
                &["-i", "-m", "data/text", "-r", "-", "garten"],
                "Ida <ida@example.org>\nben@example.org\nbad\n",
            );
        }
        twins.assert_equal_files("letters of add_members");
        twins.feed("remove_members", &["-f", "-", "garten", "nobody@example.org"], "dora@example.org\n");
        twins.run("remove_members", &["-n", "-N", "garten", "BEN@example.org"]);
        twins.run("remove_members", &["-f", "nowhere", "garten", "q@example.org"]);
        twins.run("remove_members", &["nosuch", "q@example.org"]);
        twins.run("remove_members", &["--fromall", "ann@example.org", "x@example.org"]);
        twins.misuse("remove_members", &[]);
        twins.misuse("remove_members", &["-a", "--fromall", "x"]);
        twins.run("remove_members", &["-a", "garten"]);
        twins.assert_equal_files("remove_members");
        twins.misuse("add_members", &["garten"]);
        twins.misuse("add_members", &["-r", "-", "-d", "-", "garten"]);
        twins.misuse("add_members", &["-r", "-", "-w", "x", "garten"]);
        twins.misuse("add_members", &["-r", "-", "nosuch"]);
        twins.misuse("add_members", &["-r", "-", "garten"]);
        twins.run("add_members", &["-r", "nowhere", "garten"]);
        twins.assert_equal_files("refused calls of add_members");
    }
}

#[test]
fn passwords_of_lists_and_of_the_site() {
    for twins in twins("passwords_of_lists_and_of_the_site", &["MTA = None"]) {
        twins.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        twins.run("newlist", &["-q", "-e", "other.example.org", "-l", "fr", "shed", "rose@example.com", "secret"]);
        twins.run("change_pw", &["-l", "Garden", "-p", "new one"]);
        twins.run("change_pw", &["-a", "-p", "newer"]);
        twins.run("change_pw", &["-d", "other.example.org", "-q", "--password=last"]);
        twins.run("change_pw", &["-p", "x"]);
        twins.misuse("change_pw", &["-l", "nosuch", "-p", "x"]);
        twins.misuse("change_pw", &["-p", ""]);
        twins.misuse("change_pw", &["-a", "word"]);
        twins.run("mmsitepass", &["secret"]);
        twins.run("mmsitepass", &["-c", "other"]);
        twins.misuse("mmsitepass", &["-x"]);
        twins.assert_equal_files("passwords");
    }
}
