//! The tools of bin/ and cron/ beside Mailman's own: the same calls on two sites, and what they say and leave is equal.

#![allow(clippy::expect_used, clippy::panic)]

mod site_pair;

use site_pair::{site_pairs, SitePair};
use std::fs;
use std::path::Path;

const MANY: &str = "Ann Apple <Ann@Example.ORG>\nben@example.org\n\n\"Q. Quotes\" <q@example.org>\nben@EXAMPLE.org\nbad\nno@domain\ntwo words@example.org\nh[x@example.org\n<>\n";

/// A list on both sites, with members.
fn with_members(pair: &SitePair) {
    pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
    pair.feed("add_members", &["-w", "n", "-a", "n", "-r", "-", "garden"], MANY);
    pair.feed(
        "add_members",
        &["-w", "n", "-a", "n", "-d", "-", "garden"],
        "Dora <dora@example.org>\nemil@example.org\n",
    );
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn newlist_makes_what_python_makes() {
    for pair in site_pairs(&["MTA = 'Manual'"]) {
        pair.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        pair.run("newlist", &["-q", "Garden@www.example.net", "rose@example.com", " secret "]);
        pair.run(
            "newlist",
            &["--quiet", "-l", "de", "-u", "w.example.org", "-e", "m.example.org", "g2", "r@example.com", "x"],
        );
        pair.feed("newlist", &["told", "rose@example.com", "secret"], "\n");
        pair.feed("newlist", &["-q"], "asked\nrose@example.com\nsecret\n");
        pair.assert_equal_files("newlist");
        pair.misuse("newlist", &["-h"]);
        pair.misuse("newlist", &["--nonsense"]);
        pair.misuse("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        pair.misuse("newlist", &["-q", "-l", "xx", "n", "rose@example.com", "secret"]);
        pair.misuse("newlist", &["-q", "a/b", "rose@example.com", "secret"]);
        pair.misuse("newlist", &["-q", "a b", "rose@example.com", "secret"]);
        pair.misuse("newlist", &["-q", "n", "rose", "secret"]);
        pair.misuse("newlist", &["-q", "n", "rose@example.com", "  "]);
        pair.assert_equal_files("refused calls of newlist");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn newlist_and_rmlist_keep_postfix_maps() {
    let settings = [
        "MTA = 'Postfix'",
        "POSTFIX_STYLE_VIRTUAL_DOMAINS = ['virtual.example.net', 'Lists.example.com']",
        "VIRTUAL_MAILMAN_LOCAL_DOMAIN = 'localhost'",
        "POSTFIX_ALIAS_CMD = 'cp /dev/null data/aliases.db; true'",
        "POSTFIX_MAP_CMD = 'test -f'",
    ];
    for pair in site_pairs(&settings) {
        pair.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        pair.run("newlist", &["-q", "-e", "virtual.example.net", "one", "rose@example.com", "secret"]);
        pair.run("newlist", &["-q", "-e", "virtual.example.net", "two", "rose@example.com", "secret"]);
        pair.assert_equal_files("newlist with Postfix");
        pair.run("rmlist", &["one"]);
        pair.assert_equal_files("rmlist with Postfix");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_failing_command_of_postfix_is_told() {
    let settings = ["MTA = 'Postfix'", "POSTFIX_ALIAS_CMD = 'exit 3; '"];
    for pair in site_pairs(&settings) {
        let said = pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        assert_eq!(said.code, Some(1));
        pair.assert_equal_files("a failed map");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn rmlist_removes_what_python_removes() {
    for pair in site_pairs(&["MTA = 'Manual'"]) {
        for list in ["mailman", "garden", "garden2"] {
            pair.run("newlist", &["-q", list, "rose@example.com", "secret"]);
        }
        pair.with_each(|site| {
            for file in
                ["heldmsg-garden-1.pck", "heldmsg-garden-2.txt", "heldmsg-garden2-1.pck", "heldmsg-garden-x.pck"]
            {
                fs::write(site.join("data").join(file), "N.").expect("written");
            }
            fs::write(site.join("locks/garden.lock.host.1.0"), "x").expect("written");
            fs::write(site.join("locks/garden2.lock"), "x").expect("written");
        });
        pair.run("rmlist", &["Garden"]);
        pair.assert_equal_files("rmlist");
        pair.run("rmlist", &["-a", "garden"]);
        pair.run("rmlist", &["--archives", "garden2"]);
        pair.assert_equal_files("rmlist -a");
        pair.misuse("rmlist", &["garden"]);
        pair.misuse("rmlist", &[]);
        pair.misuse("rmlist", &["-h", "garden"]);
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn members_come_and_are_listed() {
    for pair in site_pairs(&["MTA = None"]) {
        with_members(&pair);
        pair.assert_equal_files("add_members");
        pair.run("newlist", &["-q", "shed", "rose@example.com", "secret"]);
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
            pair.run("list_members", args);
        }
        for args in [&[][..], &["-o"], &["garden", "shed"], &["--nomail=x", "garden"], &["--digest=x", "garden"]] {
            pair.misuse("list_members", args);
        }
        if pair.is_newest() {
            pair.misuse("list_members", &["-m", "-i", "garden"]);
            pair.run("list_members", &["-m", "garden"]);
            pair.run("list_members", &["-M", "-f", "garden"]);
        }
        for args in
            [&[][..], &["-b"], &["-a"], &["-V", "www.example.com"], &["-V", "example.com"], &["-b", "-V", "x.example"]]
        {
            pair.run("list_lists", args);
        }
        pair.misuse("list_lists", &["-x"]);
        for args in [
            &["example"][..],
            &["-w", "^ROSE", "ben"],
            &["-l", "garden", "-x", "shed", "."],
            &["-l", "nosuch", "."],
            &["-x", "garden", "-x", "shed", "."],
            &["["],
        ] {
            pair.run("find_member", args);
        }
        pair.misuse("find_member", &[]);
        pair.assert_equal_files("listings");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn notices_of_add_members_and_remove_members() {
    for pair in site_pairs(&["MTA = None"]) {
        pair.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        pair.run("newlist", &["-q", "-l", "de", "-e", "de.example.org", "garten", "rose@example.com", "secret"]);
        pair.feed("add_members", &["-r", "-", "-a", "y", "garten"], MANY);
        pair.feed("add_members", &["-d", "-", "--welcome-msg=y", "garten"], "Dora <dora@example.org>\n");
        if pair.is_newest() {
            pair.feed(
                "add_members",
                &["-n", "-w", "n", "-r", "-", "garten"],
                "no@example.org\nNo Mail <NO2@example.org>\n",
            );
            pair.with_each(|site| fs::write(site.join("data/text"), "Please come.\n\n").expect("written"));
            pair.feed(
                "add_members",
                &["-i", "-m", "data/text", "-r", "-", "garten"],
                "Ida <ida@example.org>\nben@example.org\nbad\n",
            );
        }
        pair.assert_equal_files("letters of add_members");
        pair.feed("remove_members", &["-f", "-", "garten", "nobody@example.org"], "dora@example.org\n");
        pair.run("remove_members", &["-n", "-N", "garten", "BEN@example.org"]);
        pair.run("remove_members", &["-f", "nowhere", "garten", "q@example.org"]);
        pair.run("remove_members", &["nosuch", "q@example.org"]);
        pair.run("remove_members", &["--fromall", "ann@example.org", "x@example.org"]);
        pair.misuse("remove_members", &[]);
        pair.misuse("remove_members", &["-a", "--fromall", "x"]);
        pair.run("remove_members", &["-a", "garten"]);
        pair.assert_equal_files("remove_members");
        pair.misuse("add_members", &["garten"]);
        pair.misuse("add_members", &["-r", "-", "-d", "-", "garten"]);
        pair.misuse("add_members", &["-r", "-", "-w", "x", "garten"]);
        pair.misuse("add_members", &["-r", "-", "nosuch"]);
        pair.misuse("add_members", &["-r", "-", "garten"]);
        pair.run("add_members", &["-r", "nowhere", "garten"]);
        pair.assert_equal_files("refused calls of add_members");
    }
}

/// Lines with anything in them.
const ODD: &str = "a%sb@c.de\na%db@c.de\na%(x)s@c.de\n%@c.de\na\"b@c.de\n\"a b\"@c.de\nb\u{fc}@c.de\na@\u{fc}.de\n\u{e4} <u@c.de>\n\
    =?utf-8?q?=C3=BC?= <e@c.de>\n  s@c.de  \n\ts2@c.de\n\u{c}\na'b@c.de\na`id`@c.de\na$(id)@c.de\na;b@c.de\na|b@c.de\na&b@c.de\n\
    a=b@c.de\n../a@c.de\na/b@c.de\na@@c.de\na@c@d.de\na@c..de\na@-c.de\na@c-.de\na@_c.de\na@c\n-a@c.de\n--a@c.de\n.a@c.de\n\
    a..b@c.de\na,b@c.de\na:b@c.de\nN <n@c.de> x\n<n2@c.de\nn3@c.de>\nn4@c.de (N, 4)\n(x) n5@c.de\n\"N \\\"6\" <n6@c.de>\nn7 at c.de\n\
    mailto:n8@c.de\nN9@C.DE\nn9@c.de\n# n10@c.de\nn11@c.de\r\n@c.de\na@\n\\@c.de\na\\b@c.de\nlast@c.de";

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn odd_addresses_are_taken_or_refused_alike() {
    for pair in site_pairs(&["MTA = None"]) {
        pair.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        pair.feed("add_members", &["-r", "-", "-w", "y", "-a", "y", "garden"], ODD);
        // Without a notice, where ours would be escaped.
        pair.feed("add_members", &["-r", "-", "-w", "n", "-a", "n", "garden"], "a\0b@c.de\nn12@c.de\rn13@c.de\n");
        pair.assert_equal_files("odd members");
        if pair.is_newest() {
            pair.run("newlist", &["-q", "shed", "rose@example.com", "secret"]);
            pair.feed("add_members", &["-i", "-r", "-", "shed"], ODD);
            pair.assert_equal_files("odd invitations");
        }
        for args in [&["garden"][..], &["-f", "garden"], &["-f", "-p", "garden"]] {
            pair.run("list_members", args);
        }
        for pattern in ["%", "^a.b@", "\u{fc}", "[(]"] {
            pair.run("find_member", &[pattern]);
        }
        pair.feed("remove_members", &["-f", "-", "garden", "a%sb@c.de", "\u{fc}@c.de"], ODD);
        pair.assert_equal_files("odd members leave");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn passwords_of_lists_and_of_the_site() {
    for pair in site_pairs(&["MTA = None"]) {
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        pair.run("newlist", &["-q", "-e", "other.example.org", "-l", "fr", "shed", "rose@example.com", "secret"]);
        pair.run("change_pw", &["-l", "Garden", "-p", "new one"]);
        pair.run("change_pw", &["-a", "-p", "newer"]);
        pair.run("change_pw", &["-d", "other.example.org", "-q", "--password=last"]);
        pair.run("change_pw", &["-p", "x"]);
        pair.misuse("change_pw", &["-l", "nosuch", "-p", "x"]);
        pair.misuse("change_pw", &["-p", ""]);
        pair.misuse("change_pw", &["-a", "word"]);
        pair.run("mmsitepass", &["secret"]);
        pair.run("mmsitepass", &["-c", "other"]);
        pair.misuse("mmsitepass", &["-x"]);
        pair.assert_equal_files("passwords");
    }
}

/// The file without our comments and theirs; choices stay.
fn assignments(text: &str) -> String {
    let keeps = |line: &&str| !line.starts_with("# ") || line.starts_with("# legal") || line.starts_with("#    ");
    let keeps_all =
        |line: &&str| keeps(line) && *line != "#" && !(line.starts_with("## ") && line.matches(':').count() == 2);
    text.lines().filter(keeps_all).map(|line| line.to_string() + "\n").collect()
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn config_list_writes_what_python_writes_and_reads_it() {
    let settings = ["MTA = None", "OWNERS_CAN_ENABLE_PERSONALIZATION = 1"];
    for pair in site_pairs(&settings) {
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        pair.run("newlist", &["-q", "-l", "de", "garten", "rose@example.com", "secret"]);
        pair.with_each(|site| {
            let values =
                "description = 'Gr\\xfc\\xdfe \"alle\"'\ninfo = '''one\ntwo \"2\"'''\nsubject_prefix = '[G %d] '\n\
                          topics = [('t', 'a.*', 'about a', 0)]\nheader_filter_rules = [('x: y', 3, False)]\n\
                          bounce_info_stale_after = 3\nowner = ['a@example.org', 'b@example.org']\n\
                          moderator = 'c@example.org\\n\\nd@example.org'\nadvertised = 0\narchive_private = 1\n\
                          filter_mime_types = 'Image/GIF\\nvideo'\nmax_message_size = '77'\nnew_member_options = 6\n\
                          unknown_thing = 1\nvolume = 4\nreply_to_address = 'bad'\nprivate_roster = 'x'\n\
                          ban_list = '^good.*\\nbad@example.org'\nmsg_footer = '%(real_name)s'\narchive = 1\n";
            fs::write(site.join("data/values"), values).expect("written");
        });
        for list in ["garden", "garten"] {
            for file in ["data/first", "data/second"] {
                pair.run("config_list", &["-o", file, list]);
                let read = |site: &std::path::Path| {
                    assignments(&String::from_utf8_lossy(&fs::read(site.join(file)).expect("read")))
                };
                let (theirs, ours) = (read(&pair.theirs), read(&pair.ours));
                for (ours, theirs) in ours.lines().zip(theirs.lines()) {
                    assert_eq!(ours, theirs, "{} {list}", pair.version);
                }
                assert_eq!(ours.len(), theirs.len());
                pair.run("config_list", &["-i", "data/values", list]);
            }
            // Each reads the other's file.
            fs::copy(pair.theirs.join("data/second"), pair.ours.join("data/theirs")).expect("copied");
            fs::copy(pair.ours.join("data/second"), pair.theirs.join("data/theirs")).expect("copied");
            pair.run("config_list", &["-i", "data/theirs", list]);
            pair.with_each(|site| {
                ["theirs", "first", "second"]
                    .iter()
                    .for_each(|file| fs::remove_file(site.join("data").join(file)).expect("gone"));
            });
        }
        pair.run("config_list", &["-c", "-v", "-i", "data/values", "garden"]);
        pair.run("config_list", &["-i", "nowhere", "garden"]);
        pair.misuse("config_list", &["-o", "-", "nosuch"]);
        pair.misuse("config_list", &["-i", "data/values"]);
        pair.misuse("config_list", &["garden"]);
        pair.assert_equal_files("config_list");
    }
}

/// Members whose delivery is stopped for each reason, with records of bounces old and new.
const STOPPED: &str = "
from Mailman import MailList, Pending
from Mailman.Bouncer import _BounceInfo
import time
mlist = MailList.MailList('garden')
def day(ago): return time.localtime(time.time() - ago * 86400)[:3]
def info(member, score, ago, left, noticed):
    record = _BounceInfo(member, score, day(ago), left)
    record.lastnotice = day(noticed)
    record.cookie = mlist.pend_new(Pending.RE_ENABLE, 'garden', member)
    mlist.setBounceInfo(member, record)
for name, status in (('user', 2), ('admin', 3), ('unknown', 1), ('lost', 4), ('due', 4), ('early', 4), ('last', 4)):
    mlist.setDeliveryStatus(name + '@example.org', status)
info('due@example.org', 5.0, 10, 2, 8)
info('early@example.org', 5.0, 3, 3, 2)
info('last@example.org', 5.0, 20, 0, 8)
info('high@example.org', 6.0, 1, 3, 1)
info('stale@example.org', 6.0, 30, 3, 30)
mlist.Save()
mlist.Unlock()
";

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn disabled_warns_and_removes_as_python_does() {
    for pair in site_pairs(&["MTA = None"]) {
        pair.run("newlist", &["-q", "mailman", "postmaster@example.com", "secret"]);
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        let names = ["user", "admin", "unknown", "lost", "due", "early", "last", "high", "stale", "fine"];
        let lines: String = names.iter().map(|name| format!("{name}@example.org\n")).collect();
        pair.feed("add_members", &["-w", "n", "-a", "n", "-r", "-", "garden"], &lines);
        pair.prepare(STOPPED);
        pair.run("cron/disabled", &[]);
        pair.assert_equal_files("disabled");
        // 2.1.13 dies of members without a record of bounces, and warns nobody then.
        if pair.is_newest() {
            pair.run("cron/disabled", &["-l", "garden", "-f", "--byadmin", "-b"]);
            pair.run("cron/disabled", &["-a"]);
            pair.run("cron/disabled", &["-a", "-f"]);
        }
        pair.run("cron/disabled", &["-f"]);
        pair.assert_equal_files("more of disabled");
        pair.misuse("cron/disabled", &["word"]);
        pair.misuse("cron/disabled", &["-h"]);
    }
}

/// What a list has gathered: a post, one in another charset, one with a part.
const GATHERED: &str = "\
From ann@example.org Tue Mar  3 12:00:00 2026
From: Ann <ann@example.org>
Subject: [Garden] roses
Message-ID: <1@example.org>
Date: Tue, 03 Mar 2026 12:00:00 +0000

Red ones.

From bob@example.org Tue Mar  3 13:00:00 2026
From: =?iso-8859-1?q?J=FCrgen?= <bob@example.org>
Subject: =?iso-8859-1?q?Gr=FC=DFe?=
Message-ID: <2@example.org>
Date: Tue, 03 Mar 2026 13:00:00 +0000
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe

";

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn digests_of_the_day_are_those_of_python() {
    for pair in site_pairs(&["MTA = None"]) {
        for list in ["mailman", "garden", "meadow", "forest"] {
            pair.run("newlist", &["-q", list, "rose@example.com", "secret"]);
            pair.feed("add_members", &["-w", "n", "-a", "n", "-d", "-", list], "ann@example.org\nbob@example.org\n");
        }
        let gather = |list: &str| pair.with_each(|site| gathered(site, list, GATHERED));
        pair.prepare(
            "
from Mailman import MailList
mlist = MailList.MailList('meadow')
mlist.digest_send_periodic = False
mlist.Save()
mlist.Unlock()
",
        );
        gather("garden");
        gather("meadow");
        pair.with_each(|site| gathered(site, "forest", ""));
        pair.run("cron/senddigests", &["-l", "forest", "-l", "meadow"]);
        pair.assert_equal_files("nothing to send");
        pair.run("cron/senddigests", &[]);
        pair.assert_equal_files("digests");
        gather("garden");
        if pair.is_newest() {
            pair.run("cron/senddigests", &["--exceptlist", "garden", "-e", "nonsense"]);
            pair.assert_equal_files("all but one");
        }
        pair.run("cron/senddigests", &["--listname=garden"]);
        pair.assert_equal_files("the second digest");
        pair.misuse("cron/senddigests", &["word"]);
        pair.misuse("cron/senddigests", &["-h"]);
    }
}

fn gathered(site: &Path, list: &str, text: &str) {
    fs::write(site.join("lists").join(list).join("digest.mbox"), text).expect("written");
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn messages_of_a_maildir_go_where_python_puts_them() {
    for pair in site_pairs(&["MTA = None", "USE_MAILDIR = 1"]) {
        pair.run("newlist", &["-q", "garden", "rose@example.com", "secret"]);
        pair.with_each(|site| {
            for folder in ["new", "cur", "tmp"] {
                fs::create_dir_all(site.join("qfiles/maildir").join(folder)).expect("made");
            }
            let suffixes = [
                "",
                "-bounces",
                "-admin",
                "-confirm+abc",
                "-join",
                "-leave",
                "-owner",
                "-request",
                "-subscribe",
                "-unsubscribe",
                "-other",
                "-BOUNCES",
            ];
            for (n, suffix) in suffixes.iter().enumerate() {
                let text = format!(
                    "Delivered-To: nobody@x\nEnvelope-To: garden{suffix}@lists.example.com\nSubject: {n}\n\nHello.\n"
                );
                fs::write(site.join(format!("qfiles/maildir/new/{n}.host")), text).expect("written");
            }
            fs::write(site.join("qfiles/maildir/new/99.host"), "Subject: to nobody\n\nHello.\n").expect("written");
        });
        pair.run("qrunner", &["-r", "Maildir", "-o"]);
        pair.assert_equal_files("the maildir");
    }
}
