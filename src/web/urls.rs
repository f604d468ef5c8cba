//! Addresses of pages: `Utils.ScriptURL`, `MailList.GetOptionsURL`. Quoting is in `compat::format::url`.

use super::Visit;
use compat::format::percent_args;
use compat::format::url::{obscure, quote};
use compat::list::{attributes, MailList};
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

/// `Utils.ObscureEmail(address, for_text=1)`: `ann at example.org`.
pub fn obscured_text(address: &[u8]) -> ByteStr {
    ByteStr::new(crate::text::replace(address, b"@", b" at "))
}

impl Visit<'_> {
    /// `Utils.ScriptURL`: the address of a program of the request's host.
    pub fn program_url(&self, program: &str) -> ByteStr {
        let host = Value::Str(self.domain());
        let pattern = self.site.settings.str(settings::DEFAULT_URL_PATTERN).unwrap_or_default();
        let filled = percent_args(&Value::Str(pattern.clone()), &host).ok();
        let mut base = filled.and_then(|url| url.as_text().map(|url| url.to_vec())).unwrap_or_else(|| pattern.to_vec());
        if !base.ends_with(b"/") {
            base.push(b'/');
        }
        self.script_url(program, &base, false)
    }

    /// `GetScriptURL`: the address of a program for a list, relative to this request where that is possible.
    pub fn list_url(&self, list: &MailList, program: &str) -> ByteStr {
        self.list_url_with(list, program, false)
    }

    /// The same in full, as mails and some forms have it.
    pub fn absolute_list_url(&self, list: &MailList, program: &str) -> ByteStr {
        self.list_url_with(list, program, true)
    }

    fn list_url_with(&self, list: &MailList, program: &str, absolute: bool) -> ByteStr {
        let program = self.script_url(program, &list.str(attributes::WEB_PAGE_URL), absolute);
        ByteStr::new([&program[..], b"/", list.name()].concat())
    }

    /// `GetOptionsURL`: the address of a member's options.
    pub fn options_url(&self, list: &MailList, member: &[u8], is_obscured: bool) -> ByteStr {
        let member = if is_obscured { obscure(member) } else { member.into() };
        let member = quote(&member.to_ascii_lowercase());
        ByteStr::new([&self.list_url(list, "options")[..], b"/", &member].concat())
    }

    /// The address of a program below `base`: relative, where the request's own path begins with the base's.
    fn script_url(&self, program: &str, base: &[u8], absolute: bool) -> ByteStr {
        let extension = self.site.settings.str(settings::CGIEXT).unwrap_or_default();
        let own = self.request.full_path();
        let below = own.strip_prefix(path_of(base)).filter(|_| !absolute);
        let start = below.map_or_else(|| base.to_vec(), |below| b"../".repeat(depth(below)));
        ByteStr::new([&start[..], program.as_bytes(), &extension].concat())
    }
}

/// How many slashes stand before the query.
fn depth(path: &[u8]) -> usize {
    let end = path.iter().position(|&b| b == b'?').filter(|&at| at > 0).unwrap_or(path.len());
    path[..end].iter().filter(|&&b| b == b'/').count()
}

/// `urlparse(url)[2]`: the path of an address, or all of it where it is nothing but a path.
pub fn path_of(url: &[u8]) -> &[u8] {
    let rest = match crate::text::find(url, b"//") {
        Some(at) => {
            let after = &url[at + 2..];
            &after[after.iter().position(|&b| b == b'/').unwrap_or(after.len())..]
        }
        None => url,
    };
    &rest[..rest.iter().position(|b| b";?#".contains(b)).unwrap_or(rest.len())]
}

/// Scheme and host of an address, such as `https://lists.example.com`; `None` where it has none.
pub fn origin_of(url: &[u8]) -> Option<&[u8]> {
    let host = crate::text::find(url, b"//")? + 2;
    let end = url[host..].iter().position(|&b| b == b'/').map_or(url.len(), |at| host + at);
    Some(&url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_their_sign() {
        assert_eq!(obscured_text(b"a@b@c"), "a at b at c");
    }

    #[test]
    fn parts_of_addresses() {
        assert_eq!(path_of(b"http://h/mailman/"), b"/mailman/");
        assert_eq!(path_of(b"http://h"), b"");
        assert_eq!(path_of(b"/cgi-bin/x?y"), b"/cgi-bin/x");
        assert_eq!(origin_of(b"https://h:8/x"), Some(&b"https://h:8"[..]));
        assert_eq!(depth(b"admin/test/general/?x=/"), 3);
        assert_eq!(depth(b"admin"), 0);
    }
}
