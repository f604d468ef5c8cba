//! `private`: the archive of a list, for those who may read it.
//!
//! Answers to Mailman/Cgi/private.py. Members, moderators, owners and the site's administrator log in with a password; what
//! the path names below the folder of private archives is then sent as it is. Nothing is changed, so nothing is locked.

mod archived;

use super::{archive, Answer, Blanks, Form, Problem, Visit};
use crate::auth::cookie::{Jar, SetCookie};
use crate::auth::{log_in, AuthContext};
use archived::Wanted;
use compat::list::{attributes, MailList};
use compat::site::Switch;
use compat::ByteStr;
use maud::html;

/// In which capacities the archive may be read, in the order in which they are tried.
const READERS: [AuthContext; 4] =
    [AuthContext::User, AuthContext::ListModerator, AuthContext::ListAdmin, AuthContext::SiteAdmin];

/// The fingerprint of the sentence that a password was mailed, if it was a member's.
const REMINDED: u64 = 0x18a7_6e51_d071_8d05;

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let texts = visit.site_texts();
    if parts.is_empty() {
        let body = html! { h3 { (texts.say("You must specify a list.")) } };
        return Ok(visit.page(&texts, &texts.say("Private Archive Error"), body));
    }
    let path = visit.request.path_info.clone().unwrap_or_default();
    if leaves_its_folder(&path) {
        visit.log("mischief", &[b"Private archive hostile path: ", &path]);
        let message = texts.say("Private archive - \"./\" and \"../\" not allowed in URL.");
        return Ok(visit.page(&texts, &message, html! { h2 { (message) } }));
    }
    let (name, is_mbox) = list_of(&parts);
    let mut list = visit.list_named(&name)?;
    let wanted = Wanted::new(visit.site, &path, is_mbox.then_some(&list));
    let form = visit.form(Blanks::Dropped)?;
    let strips = visit.has(Switch::LoginStripped);
    let user = if strips { form.stripped("username") } else { form.value("username") };
    let jar = Jar::parse(&visit.request.cookies);
    visit.slow_down(Some(&user), list.name(), &form.value("password"))?;
    let Some(login) = log_in(&mut list, &jar, &READERS, &form.value("password"), Some(&user)) else {
        let action = action(visit, &list, &parts, &wanted);
        return login_page(visit, list, &form, &user, &action);
    };
    let response = match wanted.open() {
        Some(file) => wanted.response(file)?,
        None if archive::is_search(&parts) => archive::search(visit, &list, &visit.list_url(&list, "private"))?,
        None => not_found(visit, &list, &user, &wanted),
    };
    Ok(response.with_cookies(login.cookie.iter().map(SetCookie::header_value)))
}

/// Whether a part of the path is `.` or `..`.
fn leaves_its_folder(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/').any(|part| part == b"." || part == b"..")
}

/// The list whose archive is asked for, and whether its mbox is: `/club.mbox/club.mbox`.
fn list_of(parts: &[ByteStr]) -> (ByteStr, bool) {
    let name = ByteStr::new(parts.first().map(|name| name.to_ascii_lowercase()).unwrap_or_default());
    let stem = name.strip_suffix(b".mbox");
    match (stem, parts.get(1).and_then(|file| file.strip_suffix(b".mbox"))) {
        (Some(stem), Some(file)) if stem == file => (stem.into(), true),
        _ => (name, false),
    }
}

/// Where the login form goes: the address of what is wanted. A folder's ends in a slash, so that the links of its page
/// lead on from there.
fn action(visit: &Visit<'_>, list: &MailList, parts: &[ByteStr], wanted: &Wanted) -> ByteStr {
    let mut action = visit.absolute_list_url(list, "private").to_vec();
    if wanted.is_mbox() && visit.has(Switch::PrivateMboxLogin) {
        action.extend_from_slice(b".mbox");
    }
    for part in parts.iter().skip(1) {
        action.push(b'/');
        action.extend_from_slice(part);
    }
    if wanted.is_index() && parts.last().is_some_and(|part| *part != b"index.html"[..]) {
        action.push(b'/');
    }
    ByteStr::new(action)
}

/// Asks who is there, or mails a password that was forgotten.
fn login_page(visit: &Visit<'_>, mut list: MailList, form: &Form, user: &ByteStr, action: &ByteStr) -> Answer {
    let texts = visit.texts(&list.preferred_language());
    let mut message = None;
    let mut status = 200;
    if form.has("submit") {
        message = Some(texts.say("Authorization failed."));
        status = visit.denied_status();
        visit.log_denied(Some(user), list.name(), &form.value("password"));
    }
    if form.has("login-remind") && visit.has(Switch::PrivateReminder) {
        message = Some(match user.is_empty() {
            true => texts.say("Please enter your email address"),
            false => {
                let ours = "If you are a member of this list, your password is on its way to you by email.";
                texts.sentence(REMINDED, ours, &[]).0
            }
        });
        visit.limit("login-remind", user)?;
        remind(visit, &mut list, user)?;
    }
    let page = visit.private_login_page(&list, &texts.decode(action), message.as_deref())?;
    Ok(page.with_status(status))
}

/// Mails a member's password. That somebody is no member is not shown, only logged.
fn remind(visit: &Visit<'_>, list: &mut MailList, user: &ByteStr) -> Result<(), Problem> {
    if !list.is_member(user) {
        if !user.is_empty() && list.choice(attributes::PRIVATE_ROSTER) != 0 {
            visit.log("mischief", &[b"Reminder attempt of non-member w/ private rosters: ", user]);
        }
        return Ok(());
    }
    let language = list.preferred_language();
    visit.mail_password(list, user, &language)
}

/// That there is no such file, in the reader's language.
fn not_found(visit: &Visit<'_>, list: &MailList, user: &[u8], wanted: &Wanted) -> super::Response {
    visit.log("error", &[b"Private archive file not found: ", wanted.path()]);
    let texts = visit.texts(&list.language_of(user));
    let message = texts.say("Private archive file not found");
    let status = if visit.has(Switch::PrivateFileNotFound) { 404 } else { 200 };
    visit.page(&texts, &message, html! { h2 { (message) } }).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(path: &str) -> (String, bool) {
        let parts: Vec<ByteStr> = path.split('/').map(ByteStr::from).collect();
        let (name, is_mbox) = list_of(&parts);
        (name.to_string(), is_mbox)
    }

    #[test]
    fn which_list_is_meant() {
        assert_eq!(list("Club/2026-March/000000.html"), ("club".to_string(), false));
        assert_eq!(list("Club.mbox/club.mbox"), ("club".to_string(), true));
        assert_eq!(list("club.mbox/other.mbox"), ("club.mbox".to_string(), false));
        assert_eq!(list("club.mbox"), ("club.mbox".to_string(), false));
    }

    #[test]
    fn paths_that_lead_out_are_known() {
        for path in ["/club/..", "/club/./x", "/../x", ".."] {
            assert!(leaves_its_folder(path.as_bytes()), "{path}");
        }
        for path in ["/club/...", "/club/a..b/", "/club//x"] {
            assert!(!leaves_its_folder(path.as_bytes()), "{path}");
        }
    }
}
