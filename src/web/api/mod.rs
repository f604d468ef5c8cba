//! The JSON interface below `/mailman/api/`: lists, members, what is held and what becomes of it, settings.
//!
//! What people get from Mailman by reading its pages. Programs bring a token (`auth::token`) of the site or of one list;
//! every act goes through the rooms that pages, tools and mail commands use. `openapi.json` beside this file describes it
//! for programs, docs/api.md for people. Answers are JSON, faults `application/problem+json` (RFC 9457).

mod answer;
mod given;
mod held;
mod input;
mod lists;
mod members;
mod settings;
#[cfg(test)]
mod tests;

use super::request::Body;
use super::{Problem, Request, Response, Visit};
use crate::auth::token::{self, Token};
use crate::runner::panic_guard::guard;
use answer::{fault, json, Fault};
use compat::format::url::unquote;
use compat::list::{Looks, MailList};
use compat::site::Site;
use compat::ByteStr;
use given::Given;
use std::rc::Rc;

/// The longest body that is read.
const BODY_LIMIT: usize = 1 << 20;
/// The description for programs.
const OPENAPI: &str = include_str!("openapi.json");

/// What a request comes to.
type Outcome = Result<Response, Fault>;

/// A request with its parts.
struct Call<'a> {
    visit: &'a Visit<'a>,
    token: Token,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    method: String,
    /// The parts of the path behind `api`, decoded.
    path: Vec<ByteStr>,
}

/// Answers a request from the lists that were looked at of late; `path` is what follows `api` in its address, as it was sent. Never fails.
pub fn respond(site: &Rc<Site>, lists: &Looks, request: &Request, path: &[u8]) -> Response {
    let visit = Visit { site, lists, request, program: "api" };
    site.set_origin(Some(visit.remote()));
    let answer = guard(|| Ok(route(&visit, path)));
    site.set_origin(None);
    site.set_actor(None);
    match answer {
        Ok(Ok(response)) => response,
        Ok(Err(fault)) => fault.response(),
        Err(error) => failed(&visit, &error.to_string()),
    }
}

/// A fault of ours: the reason is for the error log, the number for whoever asks.
fn failed(visit: &Visit<'_>, reason: &str) -> Response {
    let number = compat::hex::hexlify(&compat::random::bytes::<4>());
    visit.log("error", &[b"api: request ", number.as_bytes(), b" failed: ", reason.as_bytes()]);
    fault(500, &format!("This could not be done; the site's error log has the reason under {number}.")).response()
}

fn route(visit: &Visit<'_>, path: &[u8]) -> Outcome {
    let path: Vec<ByteStr> = path.split(|&byte| byte == b'/').skip(1).map(unquote).collect();
    let method = match &visit.request.method[..] {
        b"HEAD" => "GET".to_string(),
        other => String::from_utf8_lossy(other).into_owned(),
    };
    if path.len() == 1 && path[0] == "openapi.json" {
        return only(&method, &["GET"]).map(|()| json(200, OPENAPI.to_string()));
    }
    let call = Call { visit, token: authorized(visit)?, method, path };
    visit.site.set_actor(Some(format!("api, token {}, from {}", call.token.id, visit.remote()).into()));
    call.answer()
}

/// Refuses methods that an address does not have.
fn only(method: &str, known: &[&'static str]) -> Result<(), Fault> {
    match known.contains(&method) {
        true => Ok(()),
        false => Err(Fault::method(known)),
    }
}

/// The token that the request brings.
fn authorized(visit: &Visit<'_>) -> Result<Token, Fault> {
    let given = visit.request.authorization.as_deref().unwrap_or_default();
    let is_bearer = given.len() > 7 && given[..7].eq_ignore_ascii_case(b"bearer ");
    let secret = if is_bearer { given[7..].trim_ascii() } else { b"" };
    let found = if secret.is_empty() { None } else { token::find(visit.site, secret).map_err(Problem::from)? };
    if found.is_none() && !secret.is_empty() {
        visit.log("security", &[b"Authorization failed (api): remote=", &visit.remote()]);
    }
    found.ok_or_else(Fault::unauthorized)
}

impl Call<'_> {
    fn answer(&self) -> Outcome {
        let parts: Vec<&[u8]> = self.path.iter().map(|part| &part[..]).collect();
        match parts[..] {
            [b"lists"] => self.by_method(&[("GET", &|| lists::all(self)), ("POST", &|| lists::make(self))]),
            [b"lists", list] => {
                self.by_method(&[("GET", &|| lists::one(self, list)), ("DELETE", &|| lists::remove(self, list))])
            }
            [b"lists", list, b"members"] => {
                self.by_method(&[("GET", &|| members::all(self, list)), ("POST", &|| members::add(self, list))])
            }
            [b"lists", list, b"members", member] => self.by_method(&[
                ("GET", &|| members::one(self, list, member)),
                ("PATCH", &|| members::change(self, list, member)),
                ("DELETE", &|| members::remove(self, list, member)),
            ]),
            [b"lists", list, b"held"] => self.by_method(&[("GET", &|| held::all(self, list))]),
            [b"lists", list, b"held", id] => {
                self.by_method(&[("GET", &|| held::one(self, list, id)), ("POST", &|| held::decide(self, list, id))])
            }
            [b"lists", list, b"settings"] => self.by_method(&[("GET", &|| settings::all(self, list))]),
            [b"lists", list, b"settings", name] => self.by_method(&[
                ("GET", &|| settings::one(self, list, name)),
                ("PUT", &|| settings::set(self, list, name)),
            ]),
            _ => Err(fault(404, "There is nothing at this address.")),
        }
    }

    fn by_method(&self, acts: &[(&'static str, &dyn Fn() -> Outcome)]) -> Outcome {
        let known: Vec<&'static str> = acts.iter().map(|(method, _)| *method).collect();
        only(&self.method, &known)?;
        if self.method != "GET" && !self.token.may_write {
            return Err(fault(403, "This token may only read."));
        }
        acts.iter()
            .find(|(method, _)| *method == self.method)
            .map_or_else(|| Err(Fault::method(&known)), |(_, act)| act())
    }

    /// Refuses tokens of one list: what concerns the site is not theirs.
    fn for_site(&self) -> Result<(), Fault> {
        match self.token.list {
            None => Ok(()),
            Some(_) => Err(fault(403, "This needs a token for all lists.")),
        }
    }

    /// Opens a list without its lock. A list that the token is not good for is not there.
    fn list(&self, name: &[u8]) -> Result<MailList, Fault> {
        let name = ByteStr::new(name.to_ascii_lowercase());
        let is_ours = self.token.covers(&name) && compat::list::exists(self.visit.site, &name);
        if !is_ours {
            return Err(fault(404, "There is no such list."));
        }
        Ok(self.visit.lists.look(self.visit.site, name).map_err(Problem::from)?)
    }

    /// The object that was sent.
    fn body(&self) -> Result<Vec<(String, Given)>, Fault> {
        let request = self.visit.request;
        let kind = request.content_type.as_deref().unwrap_or_default();
        let essence = kind.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        let bytes = match &request.body {
            Body::TooLarge => return Err(fault(413, "What was sent is too large.")),
            Body::Bytes(bytes) if bytes.len() > BODY_LIMIT => return Err(fault(413, "What was sent is too large.")),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Empty => ByteStr::default(),
        };
        if !essence.eq_ignore_ascii_case(b"application/json") {
            return Err(fault(415, "What is sent must be application/json."));
        }
        match Given::parse(&bytes) {
            Ok(Given::Object(fields)) => Ok(fields),
            Ok(other) => Err(fault(400, &format!("The body must be an object, not {}.", other.kind()))),
            Err(error) => Err(fault(400, &format!("The body is {error}."))),
        }
    }
}
