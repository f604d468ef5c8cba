//! The pages: a request in, a response out.
//!
//! Answers to Mailman/Cgi, Mailman/htmlformat.py and Mailman/HTMLFormatter.py. [`respond`] is the one way in, for CGI
//! programs ([`cgi`]), for the server of our own and for tests. Each program is a file or folder here and a row of
//! [`PROGRAMS`]. A program reads the request through its [`Visit`], asks the rooms that decide (`membership`,
//! `moderation`, `auth`, `lists`) and assembles a page; HTML is written with `maud`, which escapes each value, and with
//! [`widgets`]. Addresses, names and values of fields, buttons and cookies are Mailman's, since other programs use them;
//! the looks are a style sheet's.

mod access;
mod admin;
mod admindb;
pub mod api;
pub mod archive;
pub mod cgi;
pub mod clean;
mod confirm;
mod create;
mod edithtml;
pub mod form;
pub mod form_guard;
mod limits;
mod listinfo;
pub mod login;
mod metrics;
pub mod multipart;
mod options;
pub mod overview;
pub mod page;
pub mod policy;
mod private;
mod problem;
pub mod request;
pub mod response;
mod rmlist;
mod roster;
pub mod serve;
mod subscribe;
pub mod tags;
pub mod texts;
pub mod urls;
mod visit;
pub mod widgets;

pub use form::{Blanks, Form};
pub use problem::Problem;
pub use request::Request;
pub use response::{Content, Response};
pub use tags::Tags;
pub use texts::Texts;
pub use visit::Visit;

use crate::runner::panic_guard::guard;
use crate::text::html::escape;
use compat::hex::hexlify;
use compat::list::Looks;
use compat::random;
use compat::site::{Site, Switch};
use maud::{html, Markup};
use std::rc::Rc;
use texts::decode;
use widgets::safe;

/// What a program makes of a request.
pub type Answer = Result<Response, Problem>;

/// A program: its name in addresses and how it answers.
pub struct Program {
    /// The name, such as `listinfo`.
    pub name: &'static str,
    /// Makes the page.
    pub answer: fn(&Visit<'_>) -> Answer,
}

/// The programs, by name.
pub const PROGRAMS: &[Program] = &[
    Program { name: "admin", answer: admin::answer },
    Program { name: "admindb", answer: admindb::answer },
    Program { name: "confirm", answer: confirm::answer },
    Program { name: "create", answer: create::answer },
    Program { name: "edithtml", answer: edithtml::answer },
    Program { name: "listinfo", answer: listinfo::answer },
    Program { name: "options", answer: options::answer },
    Program { name: "private", answer: private::answer },
    Program { name: "rmlist", answer: rmlist::answer },
    Program { name: "roster", answer: roster::answer },
    Program { name: "subscribe", answer: subscribe::answer },
];

/// What `serve` answers besides pages, archives and icons.
pub struct Extra {
    /// The whole path, such as `/metrics`.
    pub path: &'static str,
    /// Makes the answer.
    pub answer: fn(&Rc<Site>, &Request) -> Response,
}

/// The extras of `serve`.
pub const EXTRAS: &[Extra] = &[Extra { path: "/metrics", answer: metrics::answer }];

/// The program of a name, if there is one.
pub fn find(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}

/// Answers a request to a program. Never fails: what goes wrong becomes a page that says so, and a line of the error log.
pub fn respond(site: &Rc<Site>, program: &str, request: &Request) -> Response {
    respond_from(site, &Looks::default(), program, request)
}

/// The same with the lists that a server looked at of late.
pub fn respond_from(site: &Rc<Site>, lists: &Looks, program: &str, request: &Request) -> Response {
    let Some(program) = find(program) else {
        return Response::text(404, "There is no such page.\n");
    };
    if !request.has_known_method() {
        let method = decode(&request.method, b"us-ascii");
        return Response::text(405, &format!("{method} method is not allowed\n"));
    }
    let visit = Visit { site, lists, request, program: program.name };
    site.set_origin(Some(visit.remote()));
    visit.act_as("somebody");
    let answer = guard(|| Ok((program.answer)(&visit)));
    site.set_origin(None);
    site.set_actor(None);
    let response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => visit.problem_page(problem),
        Err(fault) => visit.failed_page(&fault.to_string()),
    };
    match request.is_tls {
        true => response.with_secure_cookies(),
        false => response,
    }
}

impl Visit<'_> {
    /// The page about a problem. A program that shows another one catches the problem itself.
    pub fn problem_page(&self, problem: Problem) -> Response {
        let texts = self.site_texts();
        let page = |status: u16, message: Markup| self.error_page(&texts, None, message).with_status(status);
        match problem {
            Problem::NoSuchList(name) => page(self.unknown_status(), self.no_such_list(&texts, &name)),
            Problem::InvalidOptions => page(200, safe(&texts.say("Invalid options to CGI script"))),
            Problem::NotAForm => page(400, safe(&texts.say("Invalid options to CGI script."))),
            Problem::TooLarge => page(413, safe("What you sent is larger than this site accepts.")),
            Problem::NotFound => page(404, safe("There is nothing at this address.")),
            Problem::TooMany => {
                let mut response = page(429, safe("Too many requests from your network. Please try again later."));
                response.set("Retry-After", "600");
                response
            }
            Problem::Busy { list, holder } => {
                let list = decode(&list, b"us-ascii");
                let message = format!("The list {list} is busy: {holder} has its lock. Please try again in a moment.");
                self.log("error", &[self.program.as_bytes(), b": ", message.as_bytes()]);
                let mut response = page(503, safe(&message));
                response.set("Retry-After", "10");
                response
            }
            Problem::Failed(error) => self.failed_page(&error.to_string()),
        }
    }

    /// That there is no list of this name, with tags. A name that is longer than any is not shown whole: it would be a
    /// stranger's text on a page of the site.
    pub fn no_such_list(&self, texts: &Texts<'_>, name: &[u8]) -> Markup {
        let limit = self.name_limit();
        let is_cut = self.has(Switch::LongListNameCut) || name.len() <= limit;
        let name = if is_cut { name.to_vec() } else { [&name[..limit], b"..."].concat() };
        let name = &name[..];
        let name = decode(&escape(name), b"us-ascii");
        texts.html("No such list <em>%(safelistname)s</em>", &[("safelistname", maud::PreEscaped(name))])
    }

    /// A fault: a number for the visitor, the reason under the same number in the error log. Neither cookies nor forms
    /// are logged.
    fn failed_page(&self, reason: &str) -> Response {
        let number = hexlify(&random::bytes::<4>());
        let path = self.request.path_info.clone().unwrap_or_default();
        let path: Vec<u8> = path.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
        let line = [self.program.as_bytes(), &path, b": request ", number.as_bytes(), b" failed: ", reason.as_bytes()];
        self.log("error", &line);
        let body = html! {
            h2 { "Something went wrong" }
            p.problem role="alert" {
                "This page could not be made. If you write to the people who run this site, please name the number "
                strong { (number) } ": the site's error log says more under it."
            }
        };
        self.page(&self.site_texts(), "Something went wrong", body).with_status(500)
    }
}

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod desk_tests;
#[cfg(test)]
mod holes_tests;
#[cfg(test)]
mod owners_tests;
#[cfg(test)]
mod tests;
