//! One connection: requests are read, answered and written, one after the other.

use super::files;
use super::head::{Head, Parsed};
use super::route::Route;
use crate::web::cgi::{body_limit, read_body};
use crate::web::request::Body;
use crate::web::response::{reason, Content, Response};
use crate::web::{self, Request};
use compat::list::Looks;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The most bytes of a request's head.
const MAX_HEAD: usize = 32 * 1024;
/// How long a head may take, from its first byte or from the last answer.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(120);
/// How long a client may take to accept more of an answer.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// How long a client may go on sending after it was answered for the last time.
const PARTING_TIME: Duration = Duration::from_secs(2);
/// The longest wait in one read, after which the clock is looked at.
const STEP: Duration = Duration::from_millis(250);
/// How many requests a connection may bring.
const MAX_REQUESTS: usize = 1000;

/// A connection, just accepted.
pub(super) struct Connection<'s> {
    pub site: &'s Rc<Site>,
    /// Lists that the thread looked at of late.
    pub lists: &'s Looks,
    pub stream: TcpStream,
    pub peer: SocketAddr,
    /// The port that is listened on.
    pub port: u16,
}

impl Connection<'_> {
    /// Answers what comes, as long as `may_wait` allows to wait for more. How many answers there were.
    pub fn serve(mut self, may_wait: impl Fn() -> bool) -> usize {
        let set_up = self.stream.set_read_timeout(Some(STEP)).and(self.stream.set_write_timeout(Some(WRITE_TIME)));
        if set_up.and(self.stream.set_nodelay(true)).is_err() {
            return 0;
        }
        let mut buffer = Vec::new();
        for answers in 0..MAX_REQUESTS {
            // A first request is waited for in any case.
            let patient = || answers == 0 || may_wait();
            match self.one(&mut buffer, &patient, &may_wait) {
                Ok(true) => {}
                Ok(false) => {
                    self.part();
                    return answers + 1;
                }
                // The client has gone, or sends nothing: nobody is left to be told.
                Err(_) => return answers,
            }
        }
        MAX_REQUESTS
    }

    /// Ends the connection so that the answer arrives: closed with unread bytes, the client would get a reset instead.
    fn part(&mut self) {
        let deadline = Instant::now() + PARTING_TIME;
        let mut rest = [0; 4096];
        if self.stream.shutdown(Shutdown::Write).is_ok() {
            while Instant::now() < deadline && matches!(self.stream.read(&mut rest), Ok(count) if count > 0) {}
        }
    }

    /// One request. Whether the connection goes on.
    fn one(
        &mut self,
        buffer: &mut Vec<u8>,
        patient: &dyn Fn() -> bool,
        may_wait: &dyn Fn() -> bool,
    ) -> io::Result<bool> {
        let head = match self.read_head(buffer, patient)? {
            Ok(head) => head,
            Err(status) => {
                self.write(Response::text(status, "This is no request that is understood here.\n"), false, false)?;
                return Ok(false);
            }
        };
        let body = match self.read_body(&head, buffer)? {
            Ok(body) => body,
            Err(status) => {
                self.write(Response::text(status, "The length of what you send must be told.\n"), false, false)?;
                return Ok(false);
            }
        };
        let goes_on = head.wants_more() && body != Body::TooLarge && may_wait();
        let is_head = head.method == "HEAD";
        let response = self.answer(&head, body);
        self.write(response, is_head, goes_on)?;
        Ok(goes_on)
    }

    /// A head, or the status that refuses what came.
    fn read_head(&mut self, buffer: &mut Vec<u8>, patient: &dyn Fn() -> bool) -> io::Result<Result<Head, u16>> {
        let deadline = Instant::now() + HEAD_TIME;
        loop {
            match Head::parse(buffer) {
                Parsed::Whole(head, length) => {
                    buffer.drain(..length);
                    return Ok(Ok(head));
                }
                Parsed::Malformed => return Ok(Err(400)),
                Parsed::Partial if buffer.len() >= MAX_HEAD => return Ok(Err(431)),
                Parsed::Partial => {}
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => buffer.extend_from_slice(&chunk[..count]),
                Err(error) if is_pause(&error) => {
                    if Instant::now() >= deadline || (buffer.is_empty() && !patient()) {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The body, or the status that refuses it.
    fn read_body(&mut self, head: &Head, buffer: &mut Vec<u8>) -> io::Result<Result<Body, u16>> {
        if head.get("Transfer-Encoding").is_some() {
            return Ok(Err(411));
        }
        let Some(length) = head.body_length() else { return Ok(Err(400)) };
        if length == 0 {
            return Ok(Ok(Body::Empty));
        }
        if head.says("Expect", "100-continue") {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let here = buffer.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        let first: Vec<u8> = buffer.drain(..here).collect();
        let rest = Timed { stream: &mut self.stream, deadline: Instant::now() + BODY_TIME };
        Ok(Ok(read_body(&mut first.chain(rest), Some(length), body_limit(self.site))))
    }

    fn answer(&self, head: &Head, body: Body) -> Response {
        let known = head.get("If-None-Match");
        match Route::of(self.site, &head.target) {
            Route::Program { name, script_name, path_info } => {
                let request = self.request(head, body, script_name, path_info);
                web::respond_from(self.site, self.lists, &name, &request)
            }
            Route::Api(path) => {
                let request = self.request(head, body, ByteStr::default(), ByteStr::default());
                web::api::respond(self.site, self.lists, &request, &path)
            }
            Route::Archive(path) => files::archive(self.site, &path, &head.target, known),
            Route::Icon(path) => files::icon(self.site, &path, known),
            Route::Front(to) => {
                let mut response = Response::text(302, "The lists are at listinfo.\n");
                response.add("Location", to);
                response
            }
            Route::Other(path) => match web::EXTRAS.iter().find(|extra| extra.path.as_bytes() == &path[..]) {
                Some(extra) => (extra.answer)(self.site, &self.request(head, body, path, ByteStr::default())),
                None => Response::text(404, "There is nothing at this address.\n"),
            },
        }
    }

    fn request(&self, head: &Head, body: Body, script_name: ByteStr, path_info: ByteStr) -> Request {
        let query = head.target.iter().position(|&byte| byte == b'?').map(|at| head.target.slice_from(at + 1));
        let cookies: Vec<&[u8]> = head.all("Cookie").map(|value| &value[..]).collect();
        let trusted = self.is_proxy(self.peer.ip());
        Request {
            method: head.method.clone(),
            script_name: Some(script_name),
            path_info: Some(path_info),
            query: query.unwrap_or_default(),
            uri: Some(head.target.clone()),
            host: head.get("Host").cloned(),
            server_name: Some("localhost".into()),
            server_port: Some(self.port.to_string().into()),
            remote_addr: Some(self.client(head).to_string().into()),
            remote_host: None,
            forwarded_for: None,
            authorization: head.get("Authorization").cloned(),
            origin: head.get("Origin").cloned(),
            referer: head.get("Referer").cloned(),
            user_agent: head.get("User-Agent").cloned(),
            fetch_site: head.get("Sec-Fetch-Site").cloned(),
            cookies: cookies.join(&b"; "[..]).into(),
            is_tls: trusted && head.says("X-Forwarded-Proto", "https"),
            content_type: head.get("Content-Type").cloned(),
            body,
        }
    }

    /// Who asks: behind proxies that the site names, the last address of X-Forwarded-For that is none of them.
    fn client(&self, head: &Head) -> IpAddr {
        let peer = self.peer.ip();
        if !self.is_proxy(peer) {
            return peer;
        }
        let all: Vec<&ByteStr> = head.all("X-Forwarded-For").collect();
        let addresses = all.into_iter().rev().flat_map(|line| line.rsplit(|&byte| byte == b','));
        let addresses = addresses.map_while(|text| std::str::from_utf8(text).ok()?.trim().parse::<IpAddr>().ok());
        addresses.into_iter().find(|address| !self.is_proxy(*address)).unwrap_or(peer)
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        let proxies = self.site.settings.strings(settings::MAILMAN2_RS_TRUSTED_PROXIES).unwrap_or_default();
        proxies.iter().any(|proxy| std::str::from_utf8(proxy).is_ok_and(|proxy| proxy.parse() == Ok(address)))
    }

    fn write(&mut self, response: Response, is_head: bool, goes_on: bool) -> io::Result<()> {
        let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status)).into_bytes();
        for (name, value) in response.headers() {
            out.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let connection = if goes_on { "keep-alive" } else { "close" };
        let length = response.length();
        out.extend(format!("Content-Length: {length}\r\nConnection: {connection}\r\n\r\n").bytes());
        match response.content {
            _ if is_head => self.stream.write_all(&out),
            Content::Bytes(bytes) => {
                out.extend_from_slice(&bytes);
                self.stream.write_all(&out)
            }
            content => {
                self.stream.write_all(&out)?;
                io::copy(&mut content.into_reader(), &mut self.stream).map(drop)
            }
        }
    }
}

/// A stream that is read until a moment.
struct Timed<'s> {
    stream: &'s mut TcpStream,
    deadline: Instant,
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Err(error) if is_pause(&error) && Instant::now() < self.deadline => {}
                other => return other,
            }
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
