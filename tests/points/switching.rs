//! Our runners into the place of Python's and back, a new site, a new version.

use crate::scenario::*;
use crate::support::*;
use compat::list::MailList;
use compat::site::Site;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const PYTHONS: [(&str, &str); 2] =
    [("bin/qrunner", "#! /bin/sh\n# The original.\n"), ("bin/mailmanctl", "#! /bin/sh\n# The master.\n")];

fn with_programs(site: &TestSite) {
    fs::create_dir_all(site.path("bin")).expect("made");
    for (name, text) in PYTHONS {
        fs::write(site.path(name), text).expect("written");
        fs::set_permissions(site.path(name), fs::Permissions::from_mode(0o755)).expect("set");
    }
    let settings = site.path("Mailman/mm_cfg.py");
    fs::copy(&settings, site.path("mm_cfg.py.before")).expect("copied");
}

fn switch(site: &TestSite) {
    with_programs(site);
    let output = site.run(MAILMAN2_RS, &SWITCH);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
}

const SWITCH: [&str; 4] = ["switch", "--master", "--program", MAILMAN2_RS];

/// What is not as Python had it.
fn not_as_before(site: &TestSite) -> Vec<String> {
    let text = |name: &str| fs::read_to_string(site.path(name)).unwrap_or_default();
    let programs = PYTHONS.iter().filter(|(name, original)| text(name) != *original).map(|(name, _)| name.to_string());
    let settings = (text("Mailman/mm_cfg.py") != text("mm_cfg.py.before")).then(|| "mm_cfg.py".to_string());
    let journal = site.path("data/mailman2-rs.switch").exists().then(|| "the journal".to_string());
    let beside = ["bin", "Mailman", "data"].into_iter().flat_map(|folder| names(&site.path(folder)));
    let beside = beside.filter(|name| name.ends_with(".distrib") || name.contains(".tmp"));
    programs.chain(settings).chain(journal).chain(beside).collect()
}

/// Wherever it was cut off, it is completed, and the way back leaves every file as it was.
#[test]
fn switch_to_ours() {
    run(&Scenario::new("switch", MAILMAN2_RS, &SWITCH).prepare(with_programs).wrong(|site| {
        let is_ours = stdout(&site.run(MAILMAN2_RS, &["switch", "--status"])).contains("mailmanctl: ours");
        (!is_ours).then(|| "not switched".to_string()).into_iter().collect()
    }));
}

#[test]
fn back_to_python() {
    run(&Scenario::new("back", MAILMAN2_RS, &["back"]).prepare(switch).wrong(not_as_before));
}

#[test]
fn cut_off_and_back() {
    run(&Scenario::new("switch, then back", MAILMAN2_RS, &SWITCH)
        .prepare(with_programs)
        .drive(|scenario, site, before| {
            let is_done = scenario.call_once(site, before);
            site.run(MAILMAN2_RS, &["back"]);
            is_done
        })
        .wrong(not_as_before));
}

#[test]
fn update() {
    run(&Scenario::new("update", MAILMAN2_RS, &["update"]).prepare(old_version).wrong(|site| {
        let noted = fs::read_to_string(site.path("data/last_mailman_version")).unwrap_or_default();
        let version = (noted != "0x20127f0\n").then(|| format!("version {noted}"));
        version.into_iter().chain(missing_member(site, "ann@example.org")).collect()
    }));
}

fn old_version(site: &TestSite) {
    fs::write(site.path("data/last_mailman_version"), "0x2010df0\n").expect("written");
}

#[test]
fn set_up_a_site() {
    const ARGS: [&str; 12] = [
        "setup",
        "--batch",
        "--email-host",
        "lists.example.com",
        "--owner",
        "rose@example.com",
        "--password-file",
        "../password",
        "--list",
        "shed",
        "--mta",
        "manual",
    ];
    let mut scenario = Scenario::new("setup", MAILMAN2_RS, &ARGS)
        .prepare(|site| {
            for folder in ["Mailman", "locks", "logs"] {
                fs::create_dir_all(site.path("fresh").join(folder)).expect("made");
            }
            // With users that there are on this machine.
            fs::copy(site.path("Mailman/mm_cfg.py"), site.path("fresh/Mailman/mm_cfg.py")).expect("copied");
            fs::write(site.path("password"), "a long password\n").expect("written");
        })
        .wrong(|site| match Site::open(&site.path("fresh")) {
            Ok(site) => ["mailman", "shed"]
                .iter()
                .filter_map(|name| MailList::load(&site, *name).err()?.to_string().into())
                .collect(),
            Err(error) => vec![error.to_string()],
        });
    scenario.folder = "fresh";
    run(&scenario);
}
