//! One request to one program: what all page programs ask about a request, the site and its lists.
//!
//! Answers to the helpers of Mailman/Utils.py that read the CGI environment: `GetPathPieces`, `get_domain`,
//! `get_site_email`.

use super::form::{Blanks, Form};
use super::problem::Problem;
use super::request::Request;
use super::texts::Texts;
use crate::text::html::escape;
use compat::list::{ListError, LockedList, Looks, MailList};
use compat::lock::Holder;
use compat::site::{own, settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;
use std::time::Duration;

/// The longest list name where the site has no list yet.
const USUAL_NAME_LENGTH: usize = 20;

/// Whether an address is of this machine or of a private network, where a site's own proxies are.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || matches!(address.segments()[0] & 0xfe00, 0xfc00 | 0xfe00),
    }
}

/// A request with the program that it is for.
pub struct Visit<'a> {
    /// The site.
    pub site: &'a Rc<Site>,
    /// Lists that were looked at of late.
    pub lists: &'a Looks,
    /// The request.
    pub request: &'a Request,
    /// The program's name, such as `listinfo`.
    pub program: &'static str,
}

impl<'a> Visit<'a> {
    /// Whether the site's version has a change.
    pub fn has(&self, switch: Switch) -> bool {
        self.site.profile.has(switch)
    }

    /// The texts of a language.
    pub fn texts(&self, language: &[u8]) -> Texts<'a> {
        Texts::new(self.site, language)
    }

    /// The texts of the site's own language, for pages that belong to no list.
    pub fn site_texts(&self) -> Texts<'a> {
        self.texts(&self.site.server_language())
    }

    /// The language of the page: the field `language` where the site knows it, else the list's.
    pub fn language(&self, form: &Form, list: &MailList) -> ByteStr {
        self.asked_language(form).unwrap_or_else(|| list.preferred_language())
    }

    /// The same as a member's record keeps it: the list's own object, which may be a `unicode`.
    pub fn language_value(&self, form: &Form, list: &MailList) -> Value {
        self.asked_language(form).map_or_else(|| list.preferred_language_value(), Value::Str)
    }

    fn asked_language(&self, form: &Form) -> Option<ByteStr> {
        form.get("language").filter(|lang| self.site.is_language(lang)).cloned()
    }

    /// All fields of the request.
    ///
    /// # Errors
    /// The body is no form, or too large.
    pub fn form(&self, blanks: Blanks) -> Result<Form, Problem> {
        Ok(self.request.form(blanks)?)
    }

    /// The parts of the path behind the program's name; empty where there are none (`Utils.GetPathPieces`). A path that
    /// is cut short and a list name that is longer than any are logged.
    pub fn path(&self) -> Vec<ByteStr> {
        let path = self.request.path_info.clone().unwrap_or_default();
        let plain = path.iter().position(|byte| !(b'!'..=b'~').contains(byte)).unwrap_or(path.len());
        if plain < path.len() {
            self.log_malformed_path();
        }
        let parts = path[..plain].split(|&b| b == b'/').filter(|part| !part.is_empty());
        let mut parts: Vec<ByteStr> = parts.map(ByteStr::from).collect();
        if let Some(name) = parts.first_mut().filter(|_| self.has(Switch::LongListNameCut)) {
            self.cut(name);
        }
        parts
    }

    fn log_malformed_path(&self) {
        match self.has(Switch::PathAttackNamesRemote) {
            true => self.log(
                "error",
                &[
                    b"Warning: Possible malformed path attack domain=",
                    &escape(&self.domain()),
                    b" remote=",
                    &self.remote(),
                ],
            ),
            false => self.log("error", &[b"Warning: Possible malformed path attack."]),
        }
    }

    /// How many characters of a list's name are taken.
    pub(super) fn name_limit(&self) -> usize {
        let limit = self.site.settings.int(settings::MAX_LISTNAME_LENGTH).unwrap_or(0);
        usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or_else(|| self.longest_name())
    }

    fn cut(&self, name: &mut ByteStr) {
        let limit = self.name_limit();
        if name.len() > limit {
            self.log("mischief", &[b"Hostile listname: listname=", name, b": remote=", &self.remote()]);
            *name = ByteStr::new([&name[..limit], b"..."].concat());
        }
    }

    fn longest_name(&self) -> usize {
        let names = compat::list::names(self.site).unwrap_or_default();
        names.iter().map(|name| name.len()).max().unwrap_or(USUAL_NAME_LENGTH)
    }

    /// Opens the list that the path names first, without its lock.
    ///
    /// # Errors
    /// The path names none, there is no such list (which is logged), or it cannot be read.
    pub fn list(&self) -> Result<MailList, Problem> {
        let parts = self.path();
        self.list_named(parts.first().ok_or(Problem::InvalidOptions)?)
    }

    /// Opens a list by the name in an address, in whose letters case does not count.
    ///
    /// # Errors
    /// As [`Visit::list`].
    pub fn list_named(&self, name: &[u8]) -> Result<MailList, Problem> {
        let name = ByteStr::new(name.to_ascii_lowercase());
        match self.lists.look(self.site, name.clone()) {
            Ok(list) => Ok(list),
            Err(ListError::Unknown(_)) => {
                self.log_unknown_list(&name);
                Err(Problem::NoSuchList(name))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Some programs end the line with a line end of their own.
    fn log_unknown_list(&self, name: &ByteStr) {
        let ends_twice = ["admin", "admindb", "options", "private", "rmlist", "subscribe"].contains(&self.program);
        let end: &[u8] = if ends_twice { b"\": \n" } else { b"\": " };
        let program = self.program.as_bytes();
        match (self.has(Switch::PageLogNamesProgram), self.program) {
            (true, _) => self.log("error", &[program, b": No such list \"", name, end]),
            (false, "admin") => self.log("error", &[b"admin.py access for non-existent list: ", name]),
            (false, "roster") => self.log("error", &[b"roster: no such list \"", name, end]),
            (false, _) => self.log("error", &[b"No such list \"", name, end]),
        }
    }

    /// Takes the lock of a list that was opened without it, and reads what changed meanwhile.
    ///
    /// # Errors
    /// Somebody else kept the lock for longer than `MAILMAN2_RS_WEB_LOCK_TIMEOUT`.
    pub fn lock(&self, list: MailList) -> Result<LockedList, Problem> {
        let name = list.name().clone();
        LockedList::of(list, Some(self.lock_timeout())).map_err(|error| match error {
            ListError::LockTimeout { list } => Problem::Busy { holder: self.lock_holder(&list), list },
            ListError::Unknown(_) => Problem::NoSuchList(name),
            other => other.into(),
        })
    }

    /// How long a request waits for a list's lock.
    pub fn lock_timeout(&self) -> Duration {
        let seconds = own::int(&self.site.settings, settings::MAILMAN2_RS_WEB_LOCK_TIMEOUT);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1))
    }

    fn lock_holder(&self, list: &ByteStr) -> String {
        let file = [&list[..], b".lock"].concat();
        let path = self.site.settings.path(settings::LOCK_DIR).join(OsStr::from_bytes(&file));
        match Holder::of(&path).ok().flatten().and_then(|holder| holder.as_mailmanctl_reads()) {
            Some((host, pid)) => format!("process {pid} on {host}"),
            None => "another process".to_string(),
        }
    }

    /// Who asks, for log lines and notices. In a CGI program forwarding headers count where a proxy set them: one that the
    /// site names (`MAILMAN2_RS_TRUSTED_PROXIES`) or, where it names none, one on this machine or a private network.
    pub fn remote(&self) -> ByteStr {
        self.remote_or("unidentified origin")
    }

    /// The same with other words for nobody.
    pub fn remote_or(&self, nobody: &str) -> ByteStr {
        let request = self.request;
        let found = match self.has(Switch::PageRemoteForwarded) {
            true => self.forwarded().or_else(|| request.remote_addr.clone()),
            false => request.remote_host.clone().or_else(|| request.remote_addr.clone()),
        };
        let found = found.unwrap_or_else(|| nobody.into());
        ByteStr::new(found.iter().copied().filter(|byte| !byte.is_ascii_control()).collect::<Vec<_>>())
    }

    fn forwarded(&self) -> Option<ByteStr> {
        let forwarded = self.request.forwarded_for.clone()?;
        self.request.remote_addr.as_ref().is_none_or(|peer| self.is_proxy(peer)).then_some(forwarded)
    }

    fn is_proxy(&self, address: &[u8]) -> bool {
        match self.site.settings.strings(settings::MAILMAN2_RS_TRUSTED_PROXIES) {
            Ok(proxies) => proxies.iter().any(|proxy| **proxy == *address),
            Err(_) => std::str::from_utf8(address).is_ok_and(|address| address.parse().is_ok_and(is_near)),
        }
    }

    /// The client for counting what it does: of several addresses the last that is no proxy's, since anybody can put others
    /// before it.
    pub(super) fn counted_client(&self) -> ByteStr {
        let remote = self.remote();
        let addresses = remote.rsplit(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        let found = addresses.into_iter().find(|address| !self.is_proxy(address)).map(ByteStr::from);
        found.unwrap_or(remote)
    }

    /// The host that is visited (`Utils.get_domain`). Newer versions escape it there; here it is escaped where it is shown.
    pub fn domain(&self) -> ByteStr {
        let request = self.request;
        let host = request.host.as_ref().or(request.server_name.as_ref()).cloned().unwrap_or_default();
        let port = request.server_port.as_ref().filter(|port| !port.is_empty());
        let with_port = port.map(|port| [b":", &port[..]].concat());
        let host = with_port.and_then(|port| host.strip_suffix(&port[..])).unwrap_or(&host).to_ascii_lowercase();
        if self.site.settings.truth(settings::VIRTUAL_HOST_OVERVIEW) && !host.is_empty() {
            return ByteStr::new(host);
        }
        let of_url = self.site.settings.optional_str(settings::DEFAULT_URL);
        let of_url =
            of_url.as_deref().and_then(super::urls::origin_of).and_then(|url| crate::text::split_on(url, b"//").pop());
        let host = of_url.map(ByteStr::from).or_else(|| self.site.settings.optional_str(settings::DEFAULT_URL_HOST));
        ByteStr::new(host.unwrap_or_default().to_ascii_lowercase())
    }

    /// The address of the people who run the site, on the host that is visited (`Utils.get_site_email`).
    pub fn site_address(&self) -> ByteStr {
        let domain = self.domain();
        let hosts = self.site.settings.get(settings::VIRTUAL_HOSTS).and_then(Value::as_dict);
        let host = hosts.and_then(|hosts| hosts.get(&domain)).and_then(Value::as_text).cloned().unwrap_or(domain);
        let list = self.site.settings.str(settings::MAILMAN_SITE_LIST).unwrap_or_default();
        ByteStr::new([&list[..], b"@", &host].concat())
    }

    /// Says in what capacity, or as which member, this request changes something: for the history.
    pub fn act_as(&self, who: &str) {
        let who = format!("page {}, {who}, from {}", self.program, self.remote());
        self.site.set_actor(Some(who.into()));
    }

    /// Adds a line to a log.
    pub fn log(&self, name: &str, parts: &[&[u8]]) {
        self.site.log(name, parts.concat());
    }

    /// Notes that somebody was refused: a line of the security log, in versions that write it, and one attempt more of the
    /// client's network if there was a password. `user` where the page has one.
    pub fn log_denied(&self, user: Option<&[u8]>, list: &[u8], password: &[u8]) {
        if !password.is_empty() {
            self.count_wrong_password(list);
        }
        self.log_failure(user, list);
    }

    /// The line of the security log, which programs read that keep clients out.
    pub(super) fn log_failure(&self, user: Option<&[u8]>, list: &[u8]) {
        if !self.has(Switch::AuthFailuresLogged) {
            return;
        }
        let user = user.map(|user| [b" user=", user, b":"].concat()).unwrap_or_default();
        let program = self.program.as_bytes();
        self.log(
            "security",
            &[b"Authorization failed (", program, b"):", &user, b" list=", list, b": remote=", &self.remote()],
        );
    }

    /// The status after a wrong password.
    pub fn denied_status(&self) -> u16 {
        if self.has(Switch::PageUnauthorized) {
            401
        } else {
            200
        }
    }

    /// The status of a page about an unknown list.
    pub fn unknown_status(&self) -> u16 {
        if self.has(Switch::PageNotFound) {
            404
        } else {
            200
        }
    }
}
