//! A whole site moved: collected while it runs, restored under other paths and names, and gone on with.
#![allow(clippy::expect_used)]

mod support;

use compat::list::MailList;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::Site;
use compat::value::Value;
use mailman2::testing::smtp_sink::{Answers, Sink};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::rc::Rc;
use support::*;

fn post(number: u32, from: &str) -> String {
    format!(
        "From: {from}\nTo: garden@lists.example.com\nSubject: moss {number}\nMessage-ID: <m{number}@example.org>\n\n\
         Green, number {number}.\n"
    )
}

/// A site of 2.1.13 with something of everything.
fn full_site(port: u16) -> TestSite {
    let site = TestSite::with(&[&format!("SMTPPORT = {port}"), "ARCHIVE_TO_MBOX = 2"]);
    fs::write(site.path("Mailman/Version.py"), "VERSION = '2.1.13'\n").expect("written");
    // A post that is archived and waits for the digest and the mail server; one that is held for its stranger.
    site.enqueue(QueueName::In, "garden", &post(1, "ann@example.org"));
    site.enqueue(QueueName::In, "garden", &post(2, "stranger@example.net"));
    site.run(QRUNNER, &["-r", "Incoming", "-r", "Incoming", "-r", "Arch", "-o"]);
    assert_eq!(names(&site.path("data")).iter().filter(|name| name.starts_with("heldmsg-")).count(), 1);
    assert!(site.mbox().contains("<m1@example.org>"));
    for (number, queue) in QueueName::ALL.into_iter().enumerate() {
        // News would be posted, and mail in bad is nobody's business.
        if !matches!(queue, QueueName::News | QueueName::Retry | QueueName::Out) {
            site.enqueue(queue, "garden", &post(10 + number as u32, "ann@example.org"));
        }
    }
    fs::write(site.path("lists/garden").join(std::ffi::OsStr::from_bytes(b"\xfcber uns\n.html")), "<p>x")
        .expect("written");
    site
}

/// A folder with the archive `site.tar` of a site at rest.
fn archive_of(site: &TestSite) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("site.tar");
    let home = text(&site.path(""));
    let machine = text(&folder.path().join("machine"));
    let args = ["collect", home.trim_end_matches('/'), "--to", &text(&archive), "--last", "--machine", &machine];
    assert_eq!(call(&args).status.code(), Some(0));
    (folder, archive)
}

fn call(args: &[&str]) -> Output {
    Command::new(MAILMAN2_RS).args(args).env_remove("MAILMAN_PREFIX").env("TZ", "UTC").output().expect("it runs")
}

fn said(output: &Output) -> String {
    stdout(output) + &stderr(output)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Options that bring a site into another folder with other hosts.
fn elsewhere(site: &TestSite, new: &Path) -> Vec<String> {
    vec![
        "--path".to_string(),
        format!("{}={}", text(&site.path("")).trim_end_matches('/'), text(new)),
        "--email-host".to_string(),
        "lists.example.com=lists.new.example".to_string(),
        "--url-host".to_string(),
        "lists.example.com=www.new.example".to_string(),
    ]
}

fn restore(archive: &Path, options: &[String]) -> Output {
    let mut args = vec!["restore".to_string(), text(archive)];
    args.extend_from_slice(options);
    call(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The site goes on: mail that waited and mail that comes is delivered under the new name.
fn goes_on(new: &Path, sink: &Sink) {
    let run = |program: &str, args: &[&str]| {
        Command::new(program).args(args).env("MAILMAN_PREFIX", new).env("TZ", "UTC").output().expect("it runs")
    };
    let verified = run(MAILMAN2_RS, &["verify"]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    let mut wrapper = Command::new(MAILMAN2_RS);
    wrapper.args(["inject", "-l", "garden"]).env("MAILMAN_PREFIX", new);
    let file = new.join("letter");
    fs::write(&file, post(99, "ann@example.org")).expect("written");
    let injected = wrapper.arg(&file).output().expect("it runs");
    assert!(injected.status.success(), "{}", said(&injected));
    fs::remove_file(file).expect("removed");
    let unshunted = run(MAILMAN2_RS, &["unshunt"]);
    assert!(unshunted.status.success(), "{}", said(&unshunted));
    for _ in 0..8 {
        run(QRUNNER, &["-r", "Incoming", "-r", "Incoming", "-r", "Virgin", "-r", "Outgoing", "-r", "Outgoing", "-o"]);
    }
    let received = sink.received();
    let data = |id: &str| {
        let has = |data: &Vec<u8>| String::from_utf8_lossy(data).contains(id);
        received
            .iter()
            .filter_map(|one| one.data.clone())
            .find(has)
            .map(|data| String::from_utf8_lossy(&data).into_owned())
    };
    for id in ["<m1@example.org>", "<m99@example.org>"] {
        let log = fs::read_to_string(new.join("logs/error")).unwrap_or_default();
        assert!(data(id).is_some(), "{id} was not delivered; {log}");
    }
    let fresh = data("<m99@example.org>").expect("delivered");
    assert!(fresh.contains("List-Post: <mailto:garden@lists.new.example>"), "{fresh}");
    assert!(fresh.contains("http://www.new.example/"), "{fresh}");
}

#[test]
fn a_whole_site_moves() {
    let sink = Sink::start(Answers::friendly()).expect("a mail server");
    let site = full_site(sink.port());
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("site.tar");
    let home = text(&site.path(""));
    let machine = text(&folder.path().join("machine"));
    let collect = |more: &[&str]| {
        let to = text(&archive);
        call(&[&["collect", home.trim_end_matches('/'), "--to", &to, "--machine", &machine], more].concat())
    };
    // While a runner runs.
    let mut runner = site.spawn(QRUNNER, &["-r", "Arch"]);
    wait("the start", || site.log("qrunner").contains("started."));
    let live = collect(&[]);
    assert_eq!(live.status.code(), Some(0), "{}", said(&live));
    let refused = collect(&["--last"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    site.enqueue(QueueName::In, "garden", &post(50, "ann@example.org"));
    assert_eq!(collect(&[]).status.code(), Some(0));
    runner.signal(nix::sys::signal::Signal::SIGTERM);
    runner.status();
    let last = collect(&["--last", "--json"]);
    assert!(said(&last).contains("\"last\": true"), "{}", said(&last));
    let before = call_on(&site.path(""), &["verify", "--manifest", &text(&folder.path().join("before"))]);
    assert_eq!(before.status.code(), Some(0));

    let new = folder.path().join("new home");
    let options = elsewhere(&site, &new);
    let restored = restore(&archive, &options);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    assert!(said(&restored).contains("nothing was lost"), "{}", said(&restored));
    let moved = Site::open(&new).expect("a site");
    assert_eq!(moved.profile.version().to_string(), "2.1.13");
    let garden = MailList::load(&moved, "garden").expect("a list");
    assert_eq!(garden.host_name(), "lists.new.example");
    assert!(restore(&archive, &options).status.success(), "done again");
    // Nothing of the old place is needed any more.
    drop(site);
    goes_on(&new, &sink);
}

fn call_on(home: &Path, args: &[&str]) -> Output {
    Command::new(MAILMAN2_RS).args(args).env("MAILMAN_PREFIX", home).output().expect("it runs")
}

/// `collect site`, as somebody types it who stands beside the folder.
#[test]
fn a_site_is_named_from_where_one_stands() {
    let site = full_site(25);
    let home = site.path("");
    let (above, name) = (home.parent().expect("a folder"), home.file_name().expect("a name"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(MAILMAN2_RS);
    command
        .arg("collect")
        .arg(name)
        .args(["--last", "--machine", "/nonexistent", "--to"])
        .arg(folder.path().join("site.tar"));
    let collected = command.env_remove("MAILMAN_PREFIX").current_dir(above).output().expect("it runs");
    assert_eq!(collected.status.code(), Some(0), "{}", said(&collected));
    let restored = restore(&folder.path().join("site.tar"), &elsewhere(&site, &folder.path().join("new")));
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
}

#[test]
fn the_script_for_old_machines_makes_the_same() {
    let sink = Sink::start(Answers::friendly()).expect("a mail server");
    let site = full_site(sink.port());
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("site.tar");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/collect.sh");
    let home = text(&site.path(""));
    let collected =
        Command::new("sh").arg(script).arg(&archive).arg(home.trim_end_matches('/')).output().expect("a shell");
    assert!(said(&collected).contains("whole: "), "{}", said(&collected));
    let new = folder.path().join("new");
    let restored = restore(&archive, &elsewhere(&site, &new));
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    let same = |name: &str| {
        assert_eq!(names(&site.path(name)), names(&new.join(name)), "{name}");
    };
    ["qfiles/in", "qfiles/shunt", "qfiles/bounces", "lists/garden", "archives/private/garden"]
        .into_iter()
        .for_each(same);
    drop(site);
    goes_on(&new, &sink);
}

#[test]
fn a_plain_tar_opens_an_archive_and_sha1sum_proves_it() {
    let site = full_site(25);
    let (folder, archive) = archive_of(&site);
    let opened = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder.path()).output();
    let Ok(opened) = opened else {
        eprintln!("skipped: there is no tar");
        return;
    };
    assert!(opened.status.success(), "{}", said(&opened));
    let mut sums = Command::new("sha1sum");
    let checked =
        sums.args(["-c", "--quiet", "mailman2-rs/SHA1SUMS"]).current_dir(folder.path()).output().expect("sha1sum");
    assert!(checked.status.success(), "{}", said(&checked));
}

#[test]
fn an_archive_that_was_altered_makes_no_site() {
    let site = full_site(25);
    let (folder, archive) = archive_of(&site);
    let mut bytes = fs::read(&archive).expect("read");
    let at = bytes.windows(11).position(|window| window == b"Green, numb").expect("a post");
    bytes[at] = b'g';
    fs::write(&archive, &bytes).expect("written");
    let new = folder.path().join("new");
    let refused = restore(&archive, &elsewhere(&site, &new));
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("damaged or was altered"), "{}", said(&refused));
    assert!(!new.exists());
    fs::write(&archive, &bytes[..bytes.len() / 2]).expect("written");
    assert_eq!(restore(&archive, &elsewhere(&site, &new)).status.code(), Some(2));
    assert!(!new.exists());
}

#[test]
fn programs_and_units_are_put_where_there_are_none() {
    let site = full_site(25);
    let (folder, archive) = archive_of(&site);
    let (new, root) = (folder.path().join("new"), folder.path().join("root"));
    let mut options = elsewhere(&site, &new);
    options.extend(["--programs".to_string(), "--units".to_string(), text(&root)]);
    let restored = restore(&archive, &options);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    let unit = fs::read_to_string(root.join("etc/systemd/system/mailman2-rs.service")).expect("a unit");
    assert!(unit.contains(&format!("Environment=MAILMAN_PREFIX={}", text(&new))), "{unit}");
    let listed =
        Command::new(new.join("bin/list_lists")).arg("-b").env_remove("MAILMAN_PREFIX").output().expect("it runs");
    assert_eq!(stdout(&listed), "garden\nmailman\n", "{}", said(&listed));
    assert!(new.join("mail/mailman").is_file() && new.join("cgi-bin/listinfo").is_file());
}

/// Red Hat's layout has queues, logs and locks elsewhere; `--home` brings everything into the places that are usual there.
#[test]
fn folders_from_all_over_come_together() {
    let spool = tempfile::tempdir().expect("a folder");
    let at = |name: &str| text(&spool.path().join(name));
    let queues = QueueName::ALL.map(|queue| {
        let setting = compat::names::Named::<_, compat::names::Place>::name(&queue.setting()).to_string();
        format!("{setting} = '{}/{}'", at("qfiles"), queue.folder())
    });
    let mut lines: Vec<String> = queues.to_vec();
    lines.push(format!("QUEUE_DIR = '{}'\nLOG_DIR = '{}'\nLOCK_DIR = '{}'", at("qfiles"), at("log"), at("lock")));
    ["log", "lock", "qfiles"].iter().for_each(|name| fs::create_dir(spool.path().join(name)).expect("made"));
    let site = TestSite::with(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&spool.path().join("qfiles"))));
    let metadata = Metadata::new().with("listname", Value::str("garden"));
    let letter = EntryMessage::Raw(post(1, "ann@example.org").into());
    outbox.enqueue(QueueName::In, &letter, &metadata).expect("enqueued");
    outbox.commit().expect("committed");
    let (folder, archive) = archive_of(&site);
    let new = folder.path().join("new");
    let restored = restore(&archive, &["--home".to_string(), text(&new)]);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    assert!(said(&restored).contains("nothing was lost"), "{}", said(&restored));
    assert_eq!(names(&new.join("qfiles/in")), names(&spool.path().join("qfiles/in")));
    let ran = call_on(&new, &["qrunner", "-r", "Incoming", "-o"]);
    assert!(ran.status.success() && names(&new.join("qfiles/out")).len() == 1, "{}", said(&ran));
    assert!(new.join("logs").is_dir() && new.join("locks").is_dir());
}

#[test]
fn a_rehearsal_sends_nothing_and_changes_nothing() {
    // Nobody may connect to the site's own mail server.
    let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    server.set_nonblocking(true).expect("set");
    let site = full_site(server.local_addr().expect("an address").port());
    let before = files(&site.path(""));
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.html");
    let rehearsed =
        site.run(MAILMAN2_RS, &["rehearse", "--in", &text(folder.path()), "--html", &text(&page), "--archives"]);
    let said = said(&rehearsed);
    assert!(said.contains("in         ") && said.contains(" 0 after"), "{said}");
    assert!(said.contains("copies from garden-bounces@lists.example.com"), "{said}");
    assert!(fs::read_to_string(&page).expect("a page").contains("What would be sent"));
    assert_eq!(files(&site.path("")), before, "the site is only read");
    assert_eq!(names(folder.path()), ["page.html"], "the copy is gone");
    assert!(server.accept().is_err());
}

/// Every file with its contents.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).expect("a folder").flatten() {
            match item.file_type().expect("a kind").is_dir() {
                true => folders.push(item.path()),
                false => found.push((item.path(), fs::read(item.path()).unwrap_or_default())),
            }
        }
    }
    found.sort();
    found
}

/// The pages and JSON of a survey and of a check.
#[test]
fn reports_can_be_shown_to_others() {
    let site = TestSite::new();
    site.enqueue(QueueName::Shunt, "gone<b>", &post(1, "ann@example.org"));
    let page = |args: &[&str], name: &str| -> String {
        let file: PathBuf = site.path(name);
        site.run(MAILMAN2_RS, &[args, &["--html", &text(&file)]].concat());
        fs::read_to_string(file).expect("a page")
    };
    let survey = page(&["survey"], "survey.html");
    assert!(
        survey.find("Ready, with risks").expect("a verdict") < survey.find("shunted").expect("a finding"),
        "{survey}"
    );
    assert!(survey.contains("gone&lt;b&gt;") && !survey.contains("http"), "{survey}");
    let pickles = page(&["verify"], "verify.html");
    assert!(pickles.contains("Good: every pickle"), "{pickles}");
    let file = text(&site.path("manifest"));
    site.run(MAILMAN2_RS, &["verify", "--manifest", &file]);
    let account = page(&["verify", "--against", &file], "account.html");
    assert!(account.contains("Nothing was lost"), "{account}");
    let json = site.run(MAILMAN2_RS, &["verify", "--against", &file, "--json"]);
    assert!(stdout(&json).starts_with("{\"complete\": true, \"messages\": 1, \"there\": 1, "), "{}", stdout(&json));
    let json = site.run(MAILMAN2_RS, &["verify", "--json"]);
    assert!(stdout(&json).starts_with("{\"good\": true, "), "{}", stdout(&json));
}
