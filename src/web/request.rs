//! One request as every page program sees it, whether a web server ran us as a CGI program or `serve` read it itself.
//!
//! Mailman takes everything from the CGI environment; the fields here are those of its variables that it reads. Bytes
//! stay bytes: a path, a query and a form arrive in the charset of the page that they were sent from.

use super::form::{Blanks, Form};
use super::multipart;
use compat::ByteStr;

/// The body of a request, read as far as its limit allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// There is none.
    #[default]
    Empty,
    /// All of it.
    Bytes(ByteStr),
    /// It is longer than the site allows and was not read.
    TooLarge,
}

/// A request. A variable that the web server did not set is `None` where Mailman tells this from an empty one.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `REQUEST_METHOD`
    pub method: ByteStr,
    /// `SCRIPT_NAME`: the path of the program.
    pub script_name: Option<ByteStr>,
    /// `PATH_INFO`: what follows the program in the path, already percent-decoded.
    pub path_info: Option<ByteStr>,
    /// `QUERY_STRING`
    pub query: ByteStr,
    /// `REQUEST_URI`: path and query as they were sent.
    pub uri: Option<ByteStr>,
    /// `HTTP_HOST`
    pub host: Option<ByteStr>,
    /// `SERVER_NAME`
    pub server_name: Option<ByteStr>,
    /// `SERVER_PORT`
    pub server_port: Option<ByteStr>,
    /// `REMOTE_ADDR`
    pub remote_addr: Option<ByteStr>,
    /// `REMOTE_HOST`, which some servers look up.
    pub remote_host: Option<ByteStr>,
    /// `HTTP_FORWARDED_FOR`, else `HTTP_X_FORWARDED_FOR`: what proxies say of the client.
    pub forwarded_for: Option<ByteStr>,
    /// `HTTP_AUTHORIZATION`; web servers do not hand it on to CGI programs.
    pub authorization: Option<ByteStr>,
    /// `HTTP_ORIGIN`: the site whose page made the browser send a form.
    pub origin: Option<ByteStr>,
    /// `HTTP_REFERER`: the page from which the browser came.
    pub referer: Option<ByteStr>,
    /// `HTTP_SEC_FETCH_SITE`: whether that was one of ours, in the browser's words; newer browsers say it over TLS.
    pub fetch_site: Option<ByteStr>,
    /// `HTTP_USER_AGENT`
    pub user_agent: Option<ByteStr>,
    /// `HTTP_COOKIE`
    pub cookies: ByteStr,
    /// Whether the client's connection to the server is encrypted.
    pub is_tls: bool,
    /// `CONTENT_TYPE`
    pub content_type: Option<ByteStr>,
    /// What came with a POST.
    pub body: Body,
}

/// Why a request has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// The body is neither urlencoded nor multipart.
    WrongType,
    /// The body is longer than the site allows.
    TooLarge,
}

impl Request {
    /// Whether the method is one that pages answer: GET, POST and HEAD, in any case.
    pub fn has_known_method(&self) -> bool {
        ["get", "post", "head"].iter().any(|known| self.method.eq_ignore_ascii_case(known.as_bytes()))
    }

    /// Whether the method is POST.
    pub fn is_post(&self) -> bool {
        self.method.eq_ignore_ascii_case(b"post")
    }

    /// Whether a browser for people sent it: all of them call themselves so.
    pub fn is_of_browser(&self) -> bool {
        self.user_agent.as_ref().is_some_and(|agent| agent.starts_with(b"Mozilla/"))
    }

    /// Whether the method is HEAD.
    pub fn is_head(&self) -> bool {
        self.method.eq_ignore_ascii_case(b"head")
    }

    /// The parameters of the URL alone. Where Mailman takes a parameter from the URL, a field of the body with the
    /// same name has no effect.
    pub fn url_parameters(&self) -> Form {
        Form::from_urlencoded(&self.query, Blanks::Kept)
    }

    /// Path and query as they were sent, else as they can be put together (`Utils.GetRequestURI`).
    pub fn full_path(&self) -> ByteStr {
        match &self.uri {
            Some(uri) => uri.clone(),
            None => {
                let part = |name: &Option<ByteStr>| name.clone().unwrap_or_default();
                ByteStr::new([&part(&self.script_name)[..], &part(&self.path_info)].concat())
            }
        }
    }

    /// All fields (`cgi.FieldStorage`): of a GET those of the URL; of a POST those of the body and then those of the URL,
    /// which come first where the body is multipart.
    ///
    /// # Errors
    /// The body is no form, or too long.
    pub fn form(&self, blanks: Blanks) -> Result<Form, FormError> {
        let mut of_url = Form::from_urlencoded(&self.query, blanks);
        if !self.is_post() {
            return Ok(of_url);
        }
        let body = match &self.body {
            Body::TooLarge => return Err(FormError::TooLarge),
            Body::Empty => ByteStr::default(),
            Body::Bytes(bytes) => bytes.clone(),
        };
        let kind = self.content_type.clone().unwrap_or_else(|| "application/x-www-form-urlencoded".into());
        let essence = kind.split(|&b| b == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
        if essence == b"application/x-www-form-urlencoded" {
            let mut form = Form::from_urlencoded(&body, blanks);
            form.extend(of_url);
            return Ok(form);
        }
        if !essence.starts_with(b"multipart/") {
            return Err(FormError::WrongType);
        }
        of_url.extend(multipart::parse(&kind, &body).ok_or(FormError::WrongType)?);
        Ok(of_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(kind: &str, body: &str, query: &str) -> Request {
        Request {
            method: "POST".into(),
            query: query.into(),
            content_type: Some(kind.into()),
            body: Body::Bytes(body.into()),
            ..Request::default()
        }
    }

    fn names(form: &Form) -> Vec<String> {
        form.fields().map(|field| format!("{}={}", field.name, field.value)).collect()
    }

    #[test]
    fn a_posts_fields_are_the_bodys_and_the_urls() {
        let request = post("application/x-www-form-urlencoded; charset=utf-8", "a=1&b=&a=2", "a=3&c=4");
        assert_eq!(names(&request.form(Blanks::Kept).unwrap()), ["a=1", "b=", "a=2", "a=3", "c=4"]);
        assert_eq!(names(&request.form(Blanks::Dropped).unwrap()), ["a=1", "a=2", "a=3", "c=4"]);
        assert_eq!(names(&request.url_parameters()), ["a=3", "c=4"]);
    }

    #[test]
    fn a_multipart_body_comes_after_the_url() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
        let request = post("multipart/form-data; boundary=x", body, "b=2");
        assert_eq!(names(&request.form(Blanks::Dropped).unwrap()), ["b=2", "a=1"]);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        assert_eq!(post("text/plain", "a=1", "").form(Blanks::Kept).unwrap_err(), FormError::WrongType);
        assert_eq!(post("multipart/form-data", "a=1", "").form(Blanks::Kept).unwrap_err(), FormError::WrongType);
        let large = Request { body: Body::TooLarge, ..post("application/x-www-form-urlencoded", "", "") };
        assert_eq!(large.form(Blanks::Kept).unwrap_err(), FormError::TooLarge);
    }

    #[test]
    fn a_get_has_no_body() {
        let request = Request { method: "get".into(), query: "a=1;b=2".into(), ..post("text/plain", "c=3", "") };
        assert_eq!(names(&request.form(Blanks::Kept).unwrap()), ["a=1", "b=2"]);
    }
}
