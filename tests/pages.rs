//! Pages as CGI programs, asked as browsers and other people's scripts ask them: two owners at once, mass changes that
//! are only shown, downloads, the calls of well-known clients, and a site that has no Python at all.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use compat::format::url::{quote_plus, unquote};
use compat::list::{attributes, MailList};
use mailman2::testing::smtp_sink::{Answers, Sink};
use std::io::Write;
use std::process::Stdio;
use support::*;

/// A browser: its cookies, and what it asked for last.
struct Browser<'s> {
    site: &'s TestSite,
    cookies: Vec<(String, String)>,
}

/// An answer: the lines of its head, and its body.
struct Page {
    head: String,
    body: String,
}

impl Page {
    fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// The value of a field, as it stands on the page; entities that occur here are resolved.
    fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" ");
        let rest = self.body.split(&start).nth(1).unwrap_or_else(|| panic!("no field {name} in {}", self.body));
        let value = rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value");
        value.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")
    }
}

impl<'s> Browser<'s> {
    fn new(site: &'s TestSite) -> Browser<'s> {
        Browser { site, cookies: Vec::new() }
    }

    fn get(&mut self, program: &str, path: &str) -> Page {
        self.ask(program, path, None)
    }

    fn post(&mut self, program: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let quoted = |text: &str| quote_plus(text.as_bytes()).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", quoted(name), quoted(value))).collect();
        self.ask(program, path, Some(body.join("&")))
    }

    fn ask(&mut self, program: &str, path: &str, body: Option<String>) -> Page {
        let (info, query) = path.split_once('?').unwrap_or((path, ""));
        let mut command = self.site.command(MAILMAN2_RS, &["cgi", program]);
        command
            .env("GATEWAY_INTERFACE", "CGI/1.1")
            .env("REQUEST_METHOD", if body.is_some() { "POST" } else { "GET" })
            .env("HTTP_HOST", "lists.example.com")
            .env("SERVER_PORT", "80")
            .env("SCRIPT_NAME", format!("/mailman/{program}"))
            .env("PATH_INFO", unquote(info.as_bytes()).to_string())
            .env("QUERY_STRING", query)
            .env("REQUEST_URI", format!("/mailman/{program}{path}"))
            .env("REMOTE_ADDR", "192.0.2.7");
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        command.env("HTTP_COOKIE", cookies.join("; "));
        let body = body.unwrap_or_default();
        command.env("CONTENT_TYPE", "application/x-www-form-urlencoded").env("CONTENT_LENGTH", body.len().to_string());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        child.stdin.take().expect("its input").write_all(body.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("ended");
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
        let text = stdout(&output).replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").expect("a head");
        self.keep_cookies(head);
        Page { head: head.to_string(), body: body.to_string() }
    }

    fn keep_cookies(&mut self, head: &str) {
        for line in head.lines().filter_map(|line| line.strip_prefix("Set-Cookie: ")) {
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default().trim_matches('"').to_string();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_string(), value));
        }
    }
}

fn with_password() -> TestSite {
    let site = TestSite::new();
    let output = site.run(MAILMAN2_RS, &["change_pw", "-q", "-l", "garden", "-p", "pw"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    site
}

fn owner(site: &TestSite) -> Browser<'_> {
    let mut browser = Browser::new(site);
    let page = browser.post("admin", "/garden", &[("adminpw", "pw"), ("admlogin", "Let me in...")]);
    assert!(page.has("General Options"), "{}", page.body);
    browser
}

fn list(site: &TestSite) -> MailList {
    MailList::load(&site.site, "garden").expect("the list")
}

#[test]
fn two_owners_who_save_at_once_lose_nothing() {
    let site = with_password();
    let (mut first, mut second) = (owner(&site), owner(&site));
    let (one, two) = (first.get("admin", "/garden/general"), second.get("admin", "/garden/general"));
    let save = |browser: &mut Browser<'_>, page: &Page, description: &str, prefix: &str| {
        let (token, made_from) = (page.field("csrf_token"), page.field("made_from"));
        let fields = [
            ("csrf_token", token.as_str()),
            ("made_from", made_from.as_str()),
            ("description", description),
            ("subject_prefix", prefix),
            ("submit", "x"),
        ];
        browser.post("admin", "/garden/general", &fields)
    };
    let old = list(&site).str(attributes::DESCRIPTION).to_string();
    let prefix = one.field("subject_prefix");
    save(&mut first, &one, "By the first", &prefix);
    // The second changes something else, and sends the old description with it.
    let told = save(&mut second, &two, &old, "[second] ");
    assert!(told.has("Somebody else has changed <strong>description</strong>"), "{}", told.body);
    let now = list(&site);
    assert_eq!(now.str(attributes::DESCRIPTION), "By the first");
    assert_eq!(compat::format::text_of(now.get(attributes::SUBJECT_PREFIX).expect("a prefix")), "[second] ");
    // Both change the same: the later one's value waits in the field, and is stored when it is sent again.
    let told = save(&mut second, &two, "By the second", "[second] ");
    assert_eq!(list(&site).str(attributes::DESCRIPTION), "By the first");
    assert_eq!(told.field("description"), "By the second");
    save(&mut second, &told, "By the second", "[second] ");
    assert_eq!(list(&site).str(attributes::DESCRIPTION), "By the second");
    let history = first.get("admin", "/garden/history");
    assert!(
        history.has("option description:") && history.has("list administrator, from 192.0.2.7"),
        "{}",
        history.body
    );
}

#[test]
fn two_owners_change_settings_of_one_member() {
    let site = with_password();
    let (mut first, mut second) = (owner(&site), owner(&site));
    let (one, two) = (first.get("admin", "/garden/members"), second.get("admin", "/garden/members"));
    let save = |browser: &mut Browser<'_>, page: &Page, ticked: &str| {
        let (token, made_from) = (page.field("csrf_token"), page.field("made_from"));
        let ticked = format!("ann%40example.org_{ticked}");
        let fields = [
            ("csrf_token", token.as_str()),
            ("made_from", made_from.as_str()),
            ("user", "ann%40example.org"),
            ("ann%40example.org_realname", "Ann"),
            ("ann%40example.org_language", "en"),
            (ticked.as_str(), "on"),
            ("setmemberopts_btn", "x"),
        ];
        browser.post("admin", "/garden/members", &fields)
    };
    save(&mut first, &one, "mod");
    let told = save(&mut second, &two, "hide");
    assert!(told.has("Somebody else has changed settings of ann@example.org"), "{}", told.body);
    use compat::list::options::{CONCEAL_SUBSCRIPTION, MODERATE};
    let now = list(&site);
    assert!(now.option(b"ann@example.org", MODERATE) && now.option(b"ann@example.org", CONCEAL_SUBSCRIPTION));
}

#[test]
fn mass_changes_can_be_looked_at_first() {
    let site = with_password();
    let mut browser = Browser::new(&site);
    let names = "new@example.net\nann@example.org\nbad";
    let page =
        browser.post("admin", "/garden/members/add", &[("adminpw", "pw"), ("subscribees", names), ("dry_run", "1")]);
    assert!(page.has("Would join (1):") && page.has("<li>new@example.net"), "{}", page.body);
    assert!(page.has("ann@example.org -- Already a member") && page.has("bad -- Bad/Invalid email address"));
    assert!(!page.has("Successfully subscribed"));
    let page =
        browser.post("admin", "/garden/members/sync", &[("adminpw", "pw"), ("memberlist", names), ("dry_run", "1")]);
    assert!(!page.has("Would be removed"), "{}", page.body);
    let page = browser.post(
        "admin",
        "/garden/members/remove",
        &[("adminpw", "pw"), ("unsubscribees", names), ("dry_run", "1")],
    );
    assert!(page.has("Would be removed (1):") && page.has("Are no members:"), "{}", page.body);
    assert_eq!(list(&site).members(), ["ann@example.org"]);
    assert!(!site.log("subscribe").contains("new@example.net"));
}

#[test]
fn members_and_settings_can_be_taken_home() {
    let site = with_password();
    let mut browser = owner(&site);
    let csv = browser.get("admin", "/garden/export/members.csv");
    assert!(csv.head.contains("Content-Type: text/csv"), "{}", csv.head);
    let expected = "address,name,delivery,digest,mod,hide,ack,notmetoo,nodupes,plain,language\r\n";
    assert!(csv.body.replace("\r\n", "\n").starts_with(&expected.replace("\r\n", "\n")), "{}", csv.body);
    assert!(csv.has("ann@example.org,Ann,enabled,0,0,0,0,0,"), "{}", csv.body);
    let settings = browser.get("admin", "/garden/export/config.txt");
    assert!(settings.has("\nreal_name = 'Garden'") || settings.has("\nreal_name = 'garden'"), "{}", settings.body);
    let mut stranger = Browser::new(&site);
    let refused = stranger.get("admin", "/garden/export/members.csv");
    assert!(refused.has("admlogin") && !refused.has("ann@example.org"));
}

/// In the manner of scripts that fetch members letter by letter, and chunk by chunk.
#[test]
fn a_script_reads_members_by_letters_and_chunks() {
    let site = with_password();
    let mut browser = Browser::new(&site);
    let many: String = (0..40).map(|at| format!("b{at:02}@example.net\n")).collect();
    let page = browser.post("admin", "/garden/members/add", &[("adminpw", "pw"), ("subscribees", &many)]);
    assert!(
        page.has("<h5>Successfully subscribed:</h5>") && page.has("\n<ul>\n<li>b00@example.net\n"),
        "{}",
        page.body
    );
    let mut found = Vec::new();
    for letter in ["a", "b"] {
        for chunk in 0..3 {
            let page =
                browser.post("admin", &format!("/garden/members?letter={letter}&chunk={chunk}"), &[("adminpw", "pw")]);
            let mut names: Vec<String> = page
                .body
                .split("name=\"user\" type=\"HIDDEN\" value=\"")
                .skip(1)
                .filter_map(|rest| Some(unquote(rest.split('"').next()?.as_bytes()).to_string()))
                .collect();
            found.append(&mut names);
        }
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 41, "{found:?}");
}

/// In the manner of PEAR's Services_Mailman: everything by GET, with the password in the address.
#[test]
fn pear_subscribes_finds_and_removes_by_get() {
    let site = with_password();
    let mut browser = Browser::new(&site);
    let add = "/garden/members/add?subscribe_or_invite=0&send_welcome_msg_to_this_batch=0&\
               send_notifications_to_list_owner=0&subscribees=joe%40example.net&adminpw=pw";
    let page = browser.get("admin", add);
    assert!(page.has("<h5>Successfully subscribed:</h5>"), "{}", page.body);
    let page = browser.get("admin", "/garden/members?findmember=joe&setmemberopts_btn&adminpw=pw");
    assert!(page.has("joe--at--example.net") || page.has("joe%40example.net") && page.has("CHECKBOX"), "{}", page.body);
    let remove = "/garden/members/remove?send_unsub_ack_to_this_batch=0&send_unsub_notifications_to_list_owner=0&\
                  unsubscribees=joe%40example.net&adminpw=pw";
    assert!(browser.get("admin", remove).has("<h5>Successfully Unsubscribed:</h5>"));
    assert!(browser.get("admin", remove).has("Cannot unsubscribe non-members:"));
}

/// In the manner of Dolibarr, whose addresses come in the fields of uploads.
#[test]
fn a_sign_up_by_upload_fields_in_the_address() {
    let site = with_password();
    let mut browser = Browser::new(&site);
    let add = "/garden/members/add?subscribees_upload=kim%40example.net&adminpw=pw&subscribe_or_invite=0&\
               send_welcome_msg_to_this_batch=0&notification_to_list_owner=0";
    let page = browser.get("admin", add);
    assert!(page.has("Successfully subscribed") && page.has("<li>kim@example.net\n"), "{}", page.body);
    assert!(list(&site).is_member(b"kim@example.net"));
}

/// A site without Python, whole: a list made by page, mail in, held, approved by page, sent out, archived, read.
#[test]
fn a_site_without_python() {
    let sink = Sink::start(Answers::friendly()).expect("a mail server");
    let port = format!("SMTPPORT = {}", sink.port());
    let site = TestSite::with(&[
        "DEFAULT_ARCHIVE_PRIVATE = 1",
        "DEFAULT_GENERIC_NONMEMBER_ACTION = 1",
        "OWNERS_CAN_DELETE_THEIR_OWN_LISTS = 1",
        "SMTPHOST = '127.0.0.1'",
        &port,
    ]);
    assert_eq!(site.run(MAILMAN2_RS, &["mmsitepass", "sitepw"]).status.code(), Some(0));
    let mut browser = Browser::new(&site);
    let new = [
        ("listname", "roses"),
        ("owner", "rose@example.com"),
        ("autogen", "0"),
        ("password", "rosepw"),
        ("confirm", "rosepw"),
        ("auth", "sitepw"),
        ("langs", "en"),
        ("notify", "0"),
        ("moderate", "0"),
        ("doit", "Create List"),
    ];
    let made = browser.post("create", "", &new);
    assert!(made.has("roses"), "{}", made.body);
    let add = [("adminpw", "rosepw"), ("subscribees", "ida@example.org"), ("send_welcome_msg_to_this_batch", "0")];
    assert!(browser.post("admin", "/roses/members/add", &add).has("Successfully subscribed"));

    let mail = "From: Stranger <stranger@example.net>\nTo: roses@lists.example.com\nSubject: A cutting\n\
                Message-ID: <cutting@example.net>\nDate: Mon, 02 Mar 2026 11:58:00 +0000\n\nTake it in spring.\n";
    let mut intake =
        site.command(MAILMAN2_RS, &["mailman", "post", "roses"]).stdin(Stdio::piped()).spawn().expect("started");
    intake.stdin.take().expect("its input").write_all(mail.as_bytes()).expect("written");
    assert!(intake.wait().expect("ended").success());
    site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    let held = browser.post("admindb", "/roses", &[("adminpw", "rosepw"), ("admlogin", "x")]);
    assert!(held.has("A cutting") && held.has("stranger@example.net"), "{}", held.body);
    let page = browser.get("admindb", "/roses?msgid=1");
    assert!(page.has("Take it in spring.") && page.has("accesskey=\"a\""), "{}", page.body);
    let token = page.field("csrf_token");
    let decided =
        browser.post("admindb", "/roses", &[("csrf_token", &token), ("1", "1"), ("submit", "Submit All Data")]);
    assert!(decided.has("Database Updated...") && decided.has("There are no pending requests."), "{}", decided.body);
    site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    assert_eq!(site.queue("out").len(), 1, "{}", site.log("error"));
    for runner in ["Outgoing", "Arch"] {
        site.run(QRUNNER, &["-r", runner, "-o"]);
    }
    let sent = sink.received();
    assert_eq!(sent.len(), 1, "{}", site.log("smtp-failure"));
    assert_eq!(sent[0].recipients, ["ida@example.org"]);
    let archive = site.path("archives/private/roses.mbox/roses.mbox");
    assert!(std::fs::read_to_string(archive).expect("an mbox").contains("Take it in spring."));
    let login = [("username", "rose@example.com"), ("password", "rosepw"), ("submit", "x")];
    // A post whose date is far from today's stands in the volume of its arrival.
    let pages = site.path("archives/private/roses");
    let volume =
        names(&pages).into_iter().find(|name| pages.join(name).join("000000.html").exists()).expect("a volume");
    let address = format!("/roses/{volume}/000000.html");
    let article = browser.post("private", &address, &login);
    assert!(article.has("Take it in spring.") && article.has("A cutting"), "{}", article.body);
    let mut stranger = Browser::new(&site);
    assert!(!stranger.get("private", &address).has("Take it in spring."));
    let gone = browser.post("rmlist", "/roses", &[("password", "rosepw"), ("delarchives", "1"), ("doit", "x")]);
    assert!(gone.has("roses"), "{}", gone.body);
    assert!(!site.path("lists/roses").exists());
    assert!(site
        .path("Mailman")
        .read_dir()
        .is_ok_and(|files| { !files.flatten().any(|file| file.file_name() == "MailList.py") }));
}
