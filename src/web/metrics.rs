//! `/metrics` of `serve`: the site's status for Prometheus.
//!
//! Numbers of queues and lists are nobody else's business: only a monitor on this machine gets them, and nothing that came
//! through a proxy.

use super::{Request, Response};
use crate::status;
use compat::site::Site;
use std::net::IpAddr;
use std::rc::Rc;

/// Answers the request.
pub fn answer(site: &Rc<Site>, request: &Request) -> Response {
    if !is_from_here(request) {
        return Response::text(404, "There is no such page.\n");
    }
    match status::metrics(site) {
        Ok(text) => Response::text(200, &text),
        Err(error) => {
            site.log("error", format!("metrics: {error}"));
            Response::text(500, "The status cannot be read; the error log says why.\n")
        }
    }
}

fn is_from_here(request: &Request) -> bool {
    let address = request.remote_addr.as_deref().and_then(|address| std::str::from_utf8(address).ok());
    let address = address.and_then(|address| address.parse::<IpAddr>().ok());
    request.forwarded_for.is_none() && address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(address: &str, forwarded: Option<&str>) -> Request {
        Request { remote_addr: Some(address.into()), forwarded_for: forwarded.map(Into::into), ..Request::default() }
    }

    #[test]
    fn only_monitors_on_this_machine_see_numbers() {
        assert!(is_from_here(&request("127.0.0.1", None)));
        assert!(is_from_here(&request("::1", None)));
        assert!(!is_from_here(&request("192.0.2.7", None)));
        assert!(!is_from_here(&request("127.0.0.1", Some("192.0.2.7"))));
        assert!(!is_from_here(&Request::default()));
    }
}
