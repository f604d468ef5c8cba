//! A site with two lists for tests of pages, and requests to it.

use super::request::{Body, Request};
use super::{respond, Content, Response};
use crate::auth::hex_digest;
use crate::demo::new_list::{create, NewList, NewMember};
use crate::demo::site;
use compat::list::{attributes, LockedList, MailList};
use compat::site::{settings, Site};
use compat::value::Value;
use std::fs;
use std::rc::Rc;

/// The site; its lists `garden` and `kitchen` have the password `pw`, their member Anna `rose`.
pub(super) struct Desk {
    _folder: tempfile::TempDir,
    pub(super) site: Rc<Site>,
}

impl Desk {
    pub(super) fn new(settings: &[(&str, &str)]) -> Desk {
        Desk::of_version("2.1.39", settings)
    }

    /// The same as another version of Mailman would have it.
    pub(super) fn of_version(version: &str, settings: &[(&str, &str)]) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let settings: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        site::create(folder.path(), &settings).unwrap();
        fs::write(folder.path().join("Mailman/Version.py"), format!("VERSION = '{version}'\n")).unwrap();
        let site = Site::open(folder.path()).unwrap();
        let members = [NewMember { address: "anna@example.org", name: "Anna", digest: false }];
        for name in ["garden", "kitchen"] {
            create(&site, &NewList { name, owners: &["rose@example.com"], members: &members }).unwrap();
            let mut list = LockedList::open(&site, name, None).unwrap();
            list.set(attributes::PASSWORD, Value::Str(hex_digest(b"pw")));
            list.set_password(b"anna@example.org", b"rose").unwrap();
            list.save().unwrap();
            list.unlock().unwrap();
        }
        Desk { _folder: folder, site }
    }

    pub(super) fn send(&self, program: &str, path: &str, fields: &str, from: &str) -> Response {
        let from = Request { remote_addr: Some(from.into()), ..Request::default() };
        self.send_as("", program, path, fields, from)
    }

    pub(super) fn get(&self, program: &str, path: &str, query: &str) -> Response {
        let method = "GET".into();
        self.ask(program, Request { method, path_info: Some(path.into()), query: query.into(), ..Request::default() })
    }

    pub(super) fn ask(&self, program: &str, request: Request) -> Response {
        respond(&self.site, program, &request)
    }

    /// Sends a form with cookies; `more` completes the request.
    pub(super) fn send_as(&self, cookies: &str, program: &str, path: &str, fields: &str, more: Request) -> Response {
        self.ask(
            program,
            Request {
                method: "POST".into(),
                path_info: Some(path.into()),
                body: Body::Bytes(fields.into()),
                cookies: cookies.into(),
                ..more
            },
        )
    }

    /// The cookies that a login brings.
    pub(super) fn log_in(&self, program: &str, path: &str, fields: &str) -> String {
        cookies(&self.send(program, path, fields, "192.0.2.1"))
    }

    pub(super) fn change(&self, act: impl FnOnce(&mut LockedList)) {
        let mut list = LockedList::open(&self.site, "garden", None).unwrap();
        act(&mut list);
        list.save().unwrap();
        list.unlock().unwrap();
    }

    pub(super) fn list(&self) -> MailList {
        MailList::load(&self.site, "garden").unwrap()
    }

    /// The string that the newest letter asks to confirm.
    pub(super) fn cookie(&self) -> String {
        let entries = fs::read_dir(self.site.settings.path(settings::QUEUE_DIR).join("virgin")).unwrap();
        let texts =
            entries.map(|entry| String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).into_owned());
        let found = texts.filter_map(|text| text.split("confirm ").nth(1).map(|rest| rest[..40].to_string()));
        found.last().unwrap()
    }

    pub(super) fn description(&self) -> String {
        MailList::load(&self.site, "garden").unwrap().str(attributes::DESCRIPTION).to_string()
    }

    pub(super) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.site.settings.path(settings::LOG_DIR).join(name)).unwrap_or_default()
    }
}

/// The body of an answer.
pub(super) fn text(response: &Response) -> String {
    match &response.content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("{other:?}"),
    }
}

/// The cookies that an answer sets, as a browser sends them back.
pub(super) fn cookies(response: &Response) -> String {
    let lines = response.headers().filter(|(name, _)| *name == "Set-Cookie").map(|(_, line)| line.to_string());
    lines.map(|line| line.split(';').next().unwrap_or_default().to_string()).collect::<Vec<_>>().join("; ")
}

/// A header of an answer.
pub(super) fn header(response: &Response, name: &str) -> String {
    let found = response.headers().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.to_string()).unwrap_or_default()
}
