//! Which part of the site an address names.
//!
//! The site's own settings say where its pages (`DEFAULT_URL_PATTERN`), public archives (`PUBLIC_ARCHIVE_URL`) and
//! pictures (`IMAGE_LOGOS`) are; the pages are also found where Mailman and Debian have them.

use crate::web::urls::path_of;
use compat::format::url::unquote;
use compat::site::{settings, Site};
use compat::ByteStr;

/// Where pages are on most sites.
const USUAL_BASES: [&[u8]; 2] = [b"/mailman/", b"/cgi-bin/mailman/"];

/// A part of the site.
#[derive(Debug, PartialEq)]
pub enum Route {
    /// A program, with its path and what follows it.
    Program { name: String, script_name: ByteStr, path_info: ByteStr },
    /// The interface for programs, with what follows `api` in the path, as it was sent.
    Api(ByteStr),
    /// A file of the public archives, by its path below them.
    Archive(ByteStr),
    /// A picture.
    Icon(ByteStr),
    /// The front door: the overview is elsewhere.
    Front(ByteStr),
    /// Anything else, by its path.
    Other(ByteStr),
}

impl Route {
    /// The part that a path names; the query is not part of it.
    pub fn of(site: &Site, target: &[u8]) -> Route {
        let path = &target[..target.iter().position(|byte| b"?#".contains(byte)).unwrap_or(target.len())];
        let own = base(site);
        for base in std::iter::once(&own[..]).chain(USUAL_BASES) {
            let Some(rest) = path.strip_prefix(base) else { continue };
            if let Some(api) = rest.strip_prefix(b"api").filter(|rest| rest.is_empty() || rest.starts_with(b"/")) {
                return Route::Api(api.into());
            }
            if let Some(route) = program(site, base, rest) {
                return route;
            }
        }
        if let Some(rest) = below(path, &archives(site)) {
            return Route::Archive(unquote(rest));
        }
        if let Some(rest) =
            site.settings.optional_str(settings::IMAGE_LOGOS).and_then(|icons| path.strip_prefix(path_of(&icons)))
        {
            return Route::Icon(unquote(rest));
        }
        let is_front = path == b"/" || own.strip_suffix(b"/").is_some_and(|base| path == base || path == &own[..]);
        match is_front {
            true => Route::Front(ByteStr::new([&own[..], b"listinfo"].concat())),
            false => Route::Other(path.into()),
        }
    }
}

/// The path of the site's pages; ends in a slash.
fn base(site: &Site) -> ByteStr {
    let pattern = site.settings.str(settings::DEFAULT_URL_PATTERN).unwrap_or_default();
    let mut path = path_of(&crate::text::replace(&pattern, b"%s", b"host")).to_vec();
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    ByteStr::new(path)
}

/// The path of the public archives, without the list's name.
fn archives(site: &Site) -> ByteStr {
    let pattern = site.settings.str(settings::PUBLIC_ARCHIVE_URL).unwrap_or_default();
    let url = crate::text::replace(&pattern, b"%(hostname)s", b"host");
    let end = crate::text::find(&url, b"%(listname)s").unwrap_or(url.len());
    path_of(&url[..end]).into()
}

fn below<'p>(path: &'p [u8], base: &[u8]) -> Option<&'p [u8]> {
    path.strip_prefix(base).filter(|_| base.len() > 1)
}

/// `PROGRAM[CGIEXT][/...]`
fn program(site: &Site, base: &[u8], rest: &[u8]) -> Option<Route> {
    let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
    let extension = site.settings.str(settings::CGIEXT).unwrap_or_default();
    let name = rest[..end].strip_suffix(&extension[..])?;
    let name = std::str::from_utf8(name).ok().filter(|name| crate::web::find(name).is_some())?;
    let script_name = ByteStr::new([base, &rest[..end]].concat());
    Some(Route::Program { name: name.to_string(), script_name, path_info: unquote(&rest[end..]) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    #[test]
    fn addresses_name_parts_of_the_site() {
        let site = Site::bare(Path::new("/nonexistent"), Version { micro: 39 });
        let route = |target: &str| Route::of(&site, target.as_bytes());
        let program = |name: &str, script: &str, info: &str| Route::Program {
            name: name.into(),
            script_name: script.into(),
            path_info: info.into(),
        };
        assert_eq!(route("/mailman/admin/a%20b?x=/y"), program("admin", "/mailman/admin", "/a b"));
        assert_eq!(route("/cgi-bin/mailman/listinfo"), program("listinfo", "/cgi-bin/mailman/listinfo", ""));
        assert_eq!(
            route("/pipermail/test/2026-March/000001.html"),
            Route::Archive("test/2026-March/000001.html".into())
        );
        assert_eq!(route("/icons/mailman.jpg"), Route::Icon("mailman.jpg".into()));
        for front in ["/", "/?x", "/mailman", "/mailman/"] {
            assert_eq!(route(front), Route::Front("/mailman/listinfo".into()), "{front}");
        }
        assert_eq!(route("/mailman/api/lists/a%2fb?x=/y"), Route::Api("/lists/a%2fb".into()));
        assert_eq!(route("/mailman/apis"), Route::Other("/mailman/apis".into()));
        assert_eq!(route("/mailman/nothing/x"), Route::Other("/mailman/nothing/x".into()));
        assert_eq!(route("/metrics?a"), Route::Other("/metrics".into()));
    }
}
