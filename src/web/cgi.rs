//! The door for web servers that start a program for each request (CGI/1.1): environment and standard input in, page on
//! standard output out.
//!
//! Answers to Mailman's C wrapper (src/cgi-wrapper.c) and scripts/driver. The process ends with the request; a SIGTERM,
//! which web servers send when a visitor goes away, waits until the work is done, so that no lock stays behind.

use super::request::{Body, Request};
use super::response::{reason, Content, Response};
use crate::signals::{Signal, Signals};
use compat::site::{own, settings, Site};
use compat::ByteStr;
use nix::sys::stat::{umask, Mode};
use nix::unistd::{getgid, Group};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::rc::Rc;

/// So much of a refused body is read, in bytes; whoever sends more gets the answer of the web server.
const MOST_DISCARDED: u64 = 1 << 30;
/// Exit code of Mailman's wrapper when the wrong group called it.
const WRONG_GROUP: i32 = 2;

/// Answers the request of this process as a program. The exit code.
pub fn run(program: &str) -> i32 {
    let _patience = Signals::listen(&[Signal::Terminate]);
    umask(Mode::from_bits_truncate(0o007));
    let (response, is_head, code) = match Site::find() {
        Ok(site) => match wrong_group(&site) {
            Some(page) => (page, false, WRONG_GROUP),
            None => {
                let request = from_environment(&site);
                (super::respond(&site, program, &request), request.is_head(), 0)
            }
        },
        Err(error) => {
            crate::stderr::Stderr::Real.write(&format!("{program}: {error}\n"));
            (Response::text(500, "This site's settings cannot be read. Its error log has the reason.\n"), false, 0)
        }
    };
    match write(response, is_head, &mut io::stdout().lock()) {
        Ok(()) => code,
        // The visitor has gone away.
        Err(_) => 1,
    }
}

/// Only the web server may run the program, where the site names its group (`MAILMAN2_RS_CGI_GROUP`): it has the rights
/// of the site's group.
fn wrong_group(site: &Site) -> Option<Response> {
    let wanted = site.settings.optional_str(settings::MAILMAN2_RS_CGI_GROUP)?.to_string();
    let name = Group::from_gid(getgid()).ok().flatten().map(|group| group.name).unwrap_or_default();
    (name != wanted).then(|| {
        let text = format!(
            "Group mismatch error: this program must be run as group \"{wanted}\", but the web server ran it as group \
             \"{name}\".\nLet the web server use that group, or change MAILMAN2_RS_CGI_GROUP in mm_cfg.py.\n"
        );
        site.log("error", text.trim_end());
        Response::text(500, &text)
    })
}

fn from_environment(site: &Rc<Site>) -> Request {
    let get = |name: &str| std::env::var_os(name).map(|value| ByteStr::new(value.into_vec()));
    let forwarded_for = get("HTTP_FORWARDED_FOR").or_else(|| get("HTTP_X_FORWARDED_FOR"));
    let mut request = Request {
        method: get("REQUEST_METHOD").unwrap_or_default(),
        script_name: get("SCRIPT_NAME"),
        path_info: get("PATH_INFO"),
        query: get("QUERY_STRING").unwrap_or_default(),
        uri: get("REQUEST_URI"),
        host: get("HTTP_HOST"),
        server_name: get("SERVER_NAME"),
        server_port: get("SERVER_PORT"),
        remote_addr: get("REMOTE_ADDR"),
        remote_host: get("REMOTE_HOST"),
        forwarded_for,
        authorization: get("HTTP_AUTHORIZATION"),
        origin: get("HTTP_ORIGIN"),
        referer: get("HTTP_REFERER"),
        user_agent: get("HTTP_USER_AGENT"),
        fetch_site: get("HTTP_SEC_FETCH_SITE"),
        cookies: get("HTTP_COOKIE").unwrap_or_default(),
        is_tls: get("HTTPS").is_some_and(|value| value.eq_ignore_ascii_case(b"on") || value == "1")
            || get("REQUEST_SCHEME").is_some_and(|scheme| scheme == "https"),
        content_type: get("CONTENT_TYPE"),
        body: Body::Empty,
    };
    if request.is_post() {
        let length = get("CONTENT_LENGTH").and_then(|text| std::str::from_utf8(&text).ok()?.trim().parse().ok());
        request.body = read_body(&mut io::stdin().lock(), length, body_limit(site));
        if request.body == Body::TooLarge {
            discard(&mut io::stdin().lock());
        }
    }
    request
}

/// Reads a refused body to its end: fcgiwrap takes a program that leaves some of it for one that failed.
fn discard(input: &mut dyn Read) {
    // Nothing is lost if it breaks off.
    let _ = io::copy(&mut input.take(MOST_DISCARDED), &mut io::sink());
}

/// `MAILMAN2_RS_WEB_BODY_LIMIT`: how many bytes of a body are read at most.
pub fn body_limit(site: &Site) -> u64 {
    u64::try_from(own::int(&site.settings, settings::MAILMAN2_RS_WEB_BODY_LIMIT)).unwrap_or(0)
}

/// Reads a body of a length; without one, all that comes. A body that breaks off counts as far as it came.
pub fn read_body(input: &mut dyn Read, length: Option<u64>, limit: u64) -> Body {
    if length.is_some_and(|length| length > limit) {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    // What was read before an error is what came.
    let _ = input.take(length.unwrap_or(limit + 1)).read_to_end(&mut bytes);
    match bytes.len() as u64 > limit {
        true => Body::TooLarge,
        false => Body::Bytes(bytes.into()),
    }
}

/// Writes an answer as CGI has it: `Status:` where it is not 200, cookies, the type, the rest.
///
/// # Errors
/// An error of the writer.
pub fn write(response: Response, is_head: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut head = Vec::new();
    if response.status != 200 {
        head.extend(format!("Status: {} {}\n", response.status, reason(response.status)).bytes());
    }
    for (name, value) in response.headers() {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\n"].concat());
    }
    head.extend(format!("Content-Length: {}\n\n", response.length()).bytes());
    out.write_all(&head)?;
    match response.content {
        // Mailman sends the page to a HEAD as well; the web server leaves it out.
        Content::Bytes(bytes) => out.write_all(&bytes)?,
        Content::File(..) | Content::Packed(..) if is_head => {}
        content => {
            io::copy(&mut content.into_reader(), out)?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_a_bound() {
        assert_eq!(read_body(&mut &b"abcdef"[..], Some(3), 10), Body::Bytes("abc".into()));
        assert_eq!(read_body(&mut &b"abc"[..], Some(9), 10), Body::Bytes("abc".into()));
        assert_eq!(read_body(&mut &b"abc"[..], Some(11), 10), Body::TooLarge);
        assert_eq!(read_body(&mut &b"abc"[..], None, 3), Body::Bytes("abc".into()));
        assert_eq!(read_body(&mut &b"abcd"[..], None, 3), Body::TooLarge);
    }

    #[test]
    fn an_answer_as_cgi_has_it() {
        let mut out = Vec::new();
        write(Response::text(404, "gone"), false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("Status: 404 Not Found\nContent-Type: text/plain; charset=utf-8\n"), "{text}");
        assert!(text.ends_with("\nContent-Length: 4\n\ngone"), "{text}");
    }
}
