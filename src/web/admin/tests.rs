//! Requests to the pages of a list's owner, and what comes back. Markup is what programs look for (`//body/h5` and so on);
//! stored values are what Mailman stores.

use crate::auth::hex_digest;
use crate::demo::new_list::{create, NewList, NewMember};
use crate::demo::site;
use crate::web::request::{Body, Request};
use crate::web::{respond, Content, Response};
use compat::list::{attributes, LockedList, MailList};
use compat::site::Site;
use compat::value::Value;
use std::rc::Rc;

struct AdminSite {
    _folder: tempfile::TempDir,
    site: Rc<Site>,
}

impl AdminSite {
    fn new() -> AdminSite {
        let folder = tempfile::tempdir().unwrap();
        let site = site::create(folder.path(), &[]).unwrap();
        let members = ["anna@example.org", "ben@example.org", "carl@example.org"];
        let members = members.map(|address| NewMember { address, name: "Z & Y", digest: false });
        create(&site, &NewList { name: "garden", owners: &["rose@example.com"], members: &members }).unwrap();
        let mut list = LockedList::open(&site, "garden", None).unwrap();
        list.set(attributes::PASSWORD, Value::Str(hex_digest(b"pw")));
        list.save().unwrap();
        list.unlock().unwrap();
        AdminSite { _folder: folder, site }
    }

    fn post(&self, path: &str, body: &str, cookies: &str) -> Response {
        let request = Request {
            method: "POST".into(),
            path_info: Some(path.into()),
            uri: Some(format!("/mailman/admin{path}").as_str().into()),
            cookies: cookies.into(),
            body: Body::Bytes(body.into()),
            ..Request::default()
        };
        respond(&self.site, "admin", &request)
    }

    fn list(&self) -> MailList {
        MailList::load(&self.site, "garden").unwrap()
    }
}

fn text(response: &Response) -> String {
    match &response.content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("{other:?}"),
    }
}

fn cookie(response: &Response) -> String {
    let cookie = response.headers().find(|(name, _)| *name == "Set-Cookie").unwrap().1.to_string();
    cookie.split(';').next().unwrap().to_string()
}

#[test]
fn a_password_in_the_form_is_enough_and_a_cookie_needs_a_token() {
    let admin = AdminSite::new();
    let page = admin.post("/garden/general", "adminpw=wrong&description=no", "");
    assert_eq!((page.status, admin.list().str(attributes::DESCRIPTION).is_empty()), (401, true));
    let page = admin.post("/garden/general", "adminpw=pw&description=yes", "");
    assert_eq!((page.status, admin.list().str(attributes::DESCRIPTION)), (200, "yes".into()));
    let cookie = cookie(&page);
    let forged = text(&admin.post("/garden/general", "description=forged", &cookie));
    assert!(forged.contains("The form lifetime has expired") && admin.list().str(attributes::DESCRIPTION) == "yes");
    let start = text(&page).find("name=\"csrf_token\" type=\"HIDDEN\" value=\"").unwrap() + 41;
    let token = text(&page)[start..].split('"').next().unwrap().to_string();
    admin.post("/garden/general", &format!("description=signed&csrf_token={token}"), &cookie);
    // A token that was made in this second is not good yet, as in Mailman.
    assert!(["yes", "signed"].contains(&admin.list().str(attributes::DESCRIPTION).to_string().as_str()));
    assert!(text(&admin.post("/garden/logout", "", &cookie)).contains("name=\"admlogin\""));
}

#[test]
fn what_is_refused_is_said_beside_its_field_and_the_rest_is_kept() {
    let admin = AdminSite::new();
    let page =
        text(&admin.post("/garden/general", "adminpw=pw&real_name=Other&max_days_to_hold=9&owner=%3Cbad%3E", ""));
    assert!(page.matches("may differ from the list").count() == 2, "{page}");
    assert!(page.contains("<pre>Other</pre>") && page.contains("<pre>&lt;bad&gt;</pre>"));
    assert!(page.contains("<INPUT name=\"real_name\" type=\"TEXT\" value=\"Garden\""));
    assert_eq!((admin.list().int(attributes::MAX_DAYS_TO_HOLD), admin.list().strings(attributes::OWNER).len()), (9, 1));
}

#[test]
fn members_are_where_programs_look_for_them() {
    let admin = AdminSite::new();
    let page = text(&admin.post("/garden/members", "adminpw=pw", ""));
    let form = &page[page.find("<FORM action=\"").unwrap()..];
    let table = &form[form.find("<center><table width=\"90%\" border=\"2\">").unwrap()..];
    let row = &table[table.find("anna--at--example.org").unwrap()..];
    for wanted in [
        "<INPUT name=\"anna%40example.org_realname\" type=\"TEXT\" value=\"Z &amp; Y\" size=\"16\" >",
        "<INPUT name=\"user\" type=\"HIDDEN\" value=\"anna%40example.org\" >",
        "<td><center><INPUT name=\"anna%40example.org_nomail\" type=\"CHECKBOX\" value=\"off\" >",
        "<option value=\"en\" Selected>",
    ] {
        assert!(row.contains(wanted), "{wanted}\n{row}");
    }
    assert_eq!(row.split("</tr>").next().unwrap().matches("<td>").count(), 9);
}

#[test]
fn results_of_mass_changes_are_spelled_as_programs_read_them() {
    let admin = AdminSite::new();
    let page = text(&admin.post(
        "/garden/members/add",
        "adminpw=pw&subscribees=D+%3Cdora@example.org%3E%0Aanna@example.org&send_welcome_msg_to_this_batch=0",
        "",
    ));
    assert!(
        page.contains("<h5>Successfully subscribed:</h5>\n<ul>\n<li>D &lt;dora@example.org&gt;\n</ul>\n<p>"),
        "{page}"
    );
    assert!(page.contains("<h5>Error subscribing:</h5>\n<ul>\n<li>anna@example.org -- Already a member\n</ul>\n<p>"));
    let page = text(&admin.post("/garden/general", "adminpw=pw&unsubscribees_upload=dora@example.org%0Ax@y.z", ""));
    assert!(page.contains("<h5>Successfully Unsubscribed:</h5>\n<ul>\n<li>dora@example.org\n</ul>\n<p>"));
    assert!(page.contains("<h3><strong><font color=\"#ff0000\" size=\"+2\">Cannot unsubscribe non-members:</font>"));
    assert!(!admin.list().is_member(b"dora@example.org"));
}

#[test]
fn a_page_that_is_looked_at_saves_nothing() {
    let admin = AdminSite::new();
    // Showing members makes the server's language one of the list's, as in Mailman.
    let cookie = cookie(&admin.post("/garden/members", "adminpw=pw", ""));
    let file = admin.list().folder().join("config.pck");
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    for path in ["/garden/privacy/sender", "/garden/members", "/garden/passwords", "/garden/topics"] {
        assert_eq!(admin.post(path, "", &cookie).status, 200);
        assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), before, "{path}");
    }
}
