//! Answers: JSON, and faults as `application/problem+json`.

use crate::membership::Refused;
use crate::web::response::reason;
use crate::web::{Content, Problem, Response};
use compat::list::ListError;
use migration::json::Json;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is the request's fault, or the state of the list's.
    Said { status: u16, detail: String, header: Option<(&'static str, String)> },
    /// A problem that the pages know too.
    Problem(Problem),
}

/// A fault with its status.
pub(super) fn fault(status: u16, detail: &str) -> Fault {
    Fault::Said { status, detail: detail.to_string(), header: None }
}

/// An answer.
pub(super) fn json(status: u16, text: String) -> Response {
    Response::new("application/json", Content::Bytes(text.into_bytes())).with_status(status)
}

/// An answer of one value.
pub(super) fn value(status: u16, value: &Json) -> Response {
    json(status, format!("{value}\n"))
}

impl Fault {
    pub(super) fn unauthorized() -> Fault {
        let header = Some(("WWW-Authenticate", "Bearer".to_string()));
        Fault::Said { status: 401, detail: "A token is needed: Authorization: Bearer TOKEN.".to_string(), header }
    }

    pub(super) fn method(known: &[&'static str]) -> Fault {
        let header = Some(("Allow", known.join(", ")));
        Fault::Said { status: 405, detail: "This address does not answer this method.".to_string(), header }
    }

    pub(super) fn response(self) -> Response {
        let (status, detail, header) = match self {
            Fault::Said { status, detail, header } => (status, detail, header),
            Fault::Problem(problem) => of_problem(&problem),
        };
        let body = Json::Object(vec![
            ("type", Json::text("about:blank")),
            ("title", Json::text(reason(status))),
            ("status", Json::Int(status.into())),
            ("detail", Json::text(detail)),
        ]);
        let content = Content::Bytes(format!("{body}\n").into_bytes());
        let mut response = Response::new("application/problem+json", content).with_status(status);
        if let Some((name, value)) = header {
            response.set(name, value.as_str());
        }
        response
    }
}

fn of_problem(problem: &Problem) -> (u16, String, Option<(&'static str, String)>) {
    match problem {
        Problem::NoSuchList(_) => (404, "There is no such list.".to_string(), None),
        Problem::NotFound => (404, "There is nothing at this address.".to_string(), None),
        Problem::Busy { holder, .. } => {
            (503, format!("The list is busy: {holder} has its lock."), Some(("Retry-After", "10".to_string())))
        }
        Problem::TooMany => (429, "Too many requests.".to_string(), Some(("Retry-After", "600".to_string()))),
        other => (500, other.to_string(), None),
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        Fault::Problem(problem)
    }
}

impl From<ListError> for Fault {
    fn from(error: ListError) -> Fault {
        match error {
            ListError::NoSuchDelivery { .. } => fault(409, &error.to_string()),
            other => Fault::Problem(other.into()),
        }
    }
}

impl From<crate::error::HandlerError> for Fault {
    fn from(error: crate::error::HandlerError) -> Fault {
        Fault::Problem(error.into())
    }
}

impl From<Refused> for Fault {
    fn from(error: Refused) -> Fault {
        let status = match &error {
            Refused::AlreadyMember | Refused::AlreadyPending | Refused::Banned { .. } => 409,
            Refused::CantDigest | Refused::MustDigest => 409,
            Refused::NotAMember | Refused::RequestGone(_) => 404,
            Refused::BadEmail | Refused::HostileAddress => 400,
            _ => return Fault::Problem(error.into()),
        };
        fault(status, &error.to_string())
    }
}
