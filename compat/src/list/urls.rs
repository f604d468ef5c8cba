//! The web addresses of a list, and its languages.

use super::MailList;
use crate::format::{percent_bytes, url};
use crate::list::attributes;
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;

impl MailList {
    /// `GetScriptURL`. A runner has no request to be relative to, and `SCRIPT_NAME` is empty: the relative form is the
    /// script's name alone where `web_page_url` has no path, and the absolute one otherwise.
    pub fn script_url(&self, script: &str, absolute: bool) -> ByteStr {
        let base = self.str(attributes::WEB_PAGE_URL);
        let relative = !absolute && url_parts(&base).2.is_empty();
        let start = if relative { ByteStr::default() } else { base };
        let extension = self.site.settings.str(settings::CGIEXT).unwrap_or_default();
        ByteStr::new([&start[..], script.as_bytes(), &extension, b"/", &self.name].concat())
    }

    /// `GetOptionsURL`
    pub fn options_url(&self, user: &[u8], obscure: bool, absolute: bool) -> ByteStr {
        let user = if obscure { url::obscure(user) } else { ByteStr::from(user) };
        let quoted = url::quote(&user.to_ascii_lowercase());
        ByteStr::new([&self.script_url("options", absolute)[..], b"/", &quoted].concat())
    }

    /// `GetBaseArchiveURL`
    pub fn base_archive_url(&self) -> ByteStr {
        let private = ByteStr::new([&self.script_url("private", true)[..], b"/"].concat());
        if self.truth(attributes::ARCHIVE_PRIVATE) {
            return private;
        }
        let settings = &self.site.settings;
        let host = Some(url_parts(&private).1).filter(|host| !host.is_empty()).map(ByteStr::from);
        let host = host.or_else(|| settings.optional_str(settings::DEFAULT_URL_HOST)).unwrap_or_default();
        let values = [("listname", Value::Str(self.name.clone())), ("hostname", Value::Str(host))];
        let format = settings.str(settings::PUBLIC_ARCHIVE_URL).unwrap_or_default();
        let mut address = percent_bytes(&format, &values).map_or_else(|_| format.to_vec(), |filled| filled.to_vec());
        if !address.ends_with(b"/") {
            address.push(b'/');
        }
        ByteStr::new(address)
    }

    /// `preferred_language`
    pub fn preferred_language(&self) -> ByteStr {
        self.get(attributes::PREFERRED_LANGUAGE).and_then(Value::as_text).cloned().unwrap_or_default()
    }

    /// The same as the file holds it: a `unicode` where a tool left it so. Python hands on this very object.
    pub fn preferred_language_value(&self) -> Value {
        self.get(attributes::PREFERRED_LANGUAGE)
            .filter(|value| value.as_text().is_some())
            .cloned()
            .unwrap_or(Value::str(""))
    }

    /// The charset of the list's language, us-ascii where the site does not know the language.
    pub fn charset(&self) -> ByteStr {
        self.site.charset_or_ascii(&self.preferred_language())
    }

    /// The charset of a language.
    pub fn charset_of(&self, lang: &[u8]) -> ByteStr {
        self.site.charset_or_ascii(lang)
    }

    /// `GetAvailableLanguages`: those of the list and the server's, as far as the site knows them.
    pub fn available_languages(&self) -> Vec<ByteStr> {
        let mut langs = self.strings(attributes::AVAILABLE_LANGUAGES);
        let server = self.site.server_language();
        if !langs.contains(&server) {
            langs.push(server);
        }
        langs.retain(|lang| self.site.is_language(lang));
        langs
    }

    /// The same, as pages ask for it: in Python the call adds the server's language to the list's own, which is then saved
    /// with whatever else is.
    pub fn offered_languages(&self) -> Vec<ByteStr> {
        self.language_asked.set(true);
        self.available_languages()
    }

    /// Whether a language is among [`MailList::available_languages`].
    pub fn is_available_language(&self, lang: &[u8]) -> bool {
        let listed = || self.get(attributes::AVAILABLE_LANGUAGES).and_then(Value::as_items).unwrap_or(&[]).iter();
        self.site.is_language(lang)
            && (self.site.server_language() == *lang || listed().any(|one| one.as_text().is_some_and(|l| *l == *lang)))
    }
}

/// `urlparse.urlparse(url)[:3]`: scheme, host, path.
pub fn url_parts(url: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let is_scheme = |s: &[u8]| !s.is_empty() && s.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    let colon = url.iter().position(|&b| b == b':').filter(|&at| is_scheme(&url[..at]));
    // What looks like a port is none: `host:80` has no scheme.
    let port = |rest: &[u8]| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit);
    let (scheme, rest) = match colon {
        Some(at) if url[..at] == *b"http" || !port(&url[at + 1..]) => (&url[..at], &url[at + 1..]),
        _ => (&b""[..], url),
    };
    let (host, rest) = match rest.strip_prefix(b"//") {
        Some(rest) => rest.split_at(rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len())),
        None => (&b""[..], rest),
    };
    let end = rest.iter().position(|b| b"?#;".contains(b)).unwrap_or(rest.len());
    (scheme, host, &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_cut_as_urlparse_does() {
        let parts = |url: &'static str| url_parts(url.as_bytes());
        assert_eq!(parts("http://h.example/mailman/"), (&b"http"[..], &b"h.example"[..], &b"/mailman/"[..]));
        assert_eq!(parts("//h/x?y"), (&b""[..], &b"h"[..], &b"/x"[..]));
        assert_eq!(parts("h.example/x"), (&b""[..], &b""[..], &b"h.example/x"[..]));
        assert_eq!(parts("host:80"), (&b""[..], &b""[..], &b"host:80"[..]));
        assert_eq!(parts(""), (&b""[..], &b""[..], &b""[..]));
    }
}
