//! The tokens that show that a form was made by a page of this site.
//!
//! Mailman's ([`super::csrf`]) are a login cookie in another wrapping: whoever sees the source of a form has the login. Ours
//! are signed with the server's key, for one list, page, member, role and time, and are good for nothing else. Python's
//! pages cannot check them, so forms carry Mailman's as long as such a page is in place, and these are taken until the
//! last of them must have been sent.

use super::credential::address_of;
use super::csrf::{self, FormOf};
use super::server_key::ServerKey;
use super::AuthContext;
use crate::clock;
use compat::list::MailList;
use compat::site::{settings, Site};
use migration::switch::pages;
use std::io;

/// What our tokens begin with. Mailman's are hexadecimal.
const START: &str = "t1";
/// Longest token of ours that is read.
const LONGEST: usize = 256;

/// What a form's token shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: another site may have sent the form.
    None,
    /// A page of the list made the form for somebody who may use it.
    Page,
    /// A page of ours made it for somebody in this role.
    Role(&'static str),
}

impl Proof {
    /// Whether a form may change something for somebody who is let in as this.
    pub fn is_good_for(self, actor: AuthContext) -> bool {
        match self {
            Proof::None => false,
            Proof::Page => true,
            Proof::Role(role) => role == role_of(actor),
        }
    }
}

/// The site's administrator and the list's may do the same on a list's pages.
fn role_of(actor: AuthContext) -> &'static str {
    match actor {
        AuthContext::User => "user",
        AuthContext::ListModerator => "moderator",
        AuthContext::ListPoster => "poster",
        AuthContext::Creator => "creator",
        AuthContext::ListAdmin | AuthContext::SiteAdmin => "admin",
    }
}

/// Which tokens a site's forms carry, and which are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kinds {
    gives_own: bool,
    takes_mailmans: bool,
}

impl Kinds {
    /// As `MAILMAN2_RS_FORM_TOKENS` says; else by what is in place.
    fn of(site: &Site) -> io::Result<Kinds> {
        let wished = site.settings.optional_str(settings::MAILMAN2_RS_FORM_TOKENS);
        match wished.as_deref() {
            Some(b"own") => return Ok(Kinds { gives_own: true, takes_mailmans: false }),
            Some(b"mailman") => return Ok(Kinds { gives_own: false, takes_mailmans: true }),
            _ => {}
        }
        let pages = pages::mixture(site);
        let key_made = if pages.has_python { 0 } else { ServerKey::of(site)?.made };
        Ok(Kinds::of_pages(pages, key_made, clock::seconds() - lifetime(site)))
    }

    /// Forms of Mailman's may still be open if the last page changed hands, or the first token of ours was made, after
    /// the oldest time that counts.
    fn of_pages(pages: pages::Mixture, key_made: i64, oldest: i64) -> Kinds {
        let may_be_open = pages.changed.max(key_made) >= oldest;
        Kinds { gives_own: !pages.has_python, takes_mailmans: pages.has_python || may_be_open }
    }
}

fn lifetime(site: &Site) -> i64 {
    site.settings.float(settings::FORM_LIFETIME).unwrap_or(0.0) as i64
}

/// The value of a form's hidden field `csrf_token`, for somebody who was let in as this; `None` where no password can sign
/// one that Python understands.
///
/// # Errors
/// The server's key can be neither read nor made.
pub fn token(list: &MailList, form: FormOf<'_>, actor: AuthContext) -> io::Result<Option<String>> {
    if !Kinds::of(list.site())?.gives_own {
        return Ok(csrf::token(list, form));
    }
    let (role, issued) = (role_of(actor), clock::seconds());
    let signature = ServerKey::of(list.site())?.sign(&signed_text(list, form, role, issued));
    Ok(Some(format!("{START}.{issued}.{role}.{signature}")))
}

/// What a form's token shows. One of Mailman's that was made for a wrong role or member leaves a line in the log
/// `mischief`, as there.
///
/// # Errors
/// The server's key can be neither read nor made.
pub fn check(list: &MailList, token: &[u8], form: FormOf<'_>) -> io::Result<Proof> {
    if let Some(own) = Own::read(token) {
        let role = own.role.filter(|role| form.takes(role.as_bytes()));
        let age = clock::seconds().saturating_sub(own.issued);
        let Some(role) = role.filter(|_| (0..lifetime(list.site())).contains(&age)) else { return Ok(Proof::None) };
        let is_signed =
            ServerKey::of(list.site())?.is_signed(&signed_text(list, form, role, own.issued), own.signature);
        return Ok(if is_signed { Proof::Role(role) } else { Proof::None });
    }
    if token.is_empty() || !Kinds::of(list.site())?.takes_mailmans {
        return Ok(Proof::None);
    }
    Ok(if csrf::is_valid(list, token, form) { Proof::Page } else { Proof::None })
}

/// A token of ours, taken apart.
struct Own<'a> {
    issued: i64,
    /// `None` for a word that is no role.
    role: Option<&'static str>,
    signature: &'a [u8],
}

impl Own<'_> {
    /// `None` where it is none of ours.
    fn read(token: &[u8]) -> Option<Own<'_>> {
        if token.len() > LONGEST {
            return None;
        }
        let mut parts = token.split(|&byte| byte == b'.');
        parts.next().filter(|start| *start == START.as_bytes())?;
        let issued = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let role = parts.next()?;
        let role = ["user", "moderator", "admin"].into_iter().find(|known| known.as_bytes() == role);
        let signature = parts.next()?;
        parts.next().is_none().then_some(Own { issued, role, signature })
    }
}

/// What is signed. The member comes last, since an address may hold any byte.
fn signed_text(list: &MailList, form: FormOf<'_>, role: &str, issued: i64) -> Vec<u8> {
    let member = address_of(form.member()).to_ascii_lowercase();
    let issued = issued.to_string();
    [START.as_bytes(), list.name(), form.page().as_bytes(), role.as_bytes(), issued.as_bytes(), &member].join(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::hex_digest;
    use crate::auth::stamp::{sign, Stamp};
    use crate::testing::pipeline::{Fixture, NEW};
    use compat::value::{Dict, Value};
    use compat::ByteStr;
    use std::fs;
    use AuthContext::{ListAdmin, ListModerator, SiteAdmin, User};

    fn club() -> Fixture {
        let passwords: Dict = [(ByteStr::from("anna@example.org"), Value::str("rose"))].into_iter().collect();
        let attributes = [("password", Value::Str(hex_digest(b"secret"))), ("passwords", Value::dict(passwords))];
        Fixture::new(NEW, &attributes, b"\n\n")
    }

    fn made(fixture: &Fixture, form: FormOf<'_>, actor: AuthContext) -> String {
        token(&fixture.list, form, actor).unwrap().unwrap()
    }

    fn proof(fixture: &Fixture, token: &str, form: FormOf<'_>) -> Proof {
        check(&fixture.list, token.as_bytes(), form).unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_page_member_and_role() {
        let fixture = club();
        let ours = made(&fixture, FormOf::Admindb, ListModerator);
        let shown = proof(&fixture, &ours, FormOf::Admindb);
        assert_eq!(shown, Proof::Role("moderator"));
        assert!(shown.is_good_for(ListModerator) && !shown.is_good_for(ListAdmin) && !shown.is_good_for(User));
        for other in [FormOf::Admin, FormOf::Edithtml, FormOf::Options(b"anna@example.org")] {
            assert_eq!(proof(&fixture, &ours, other), Proof::None, "{other:?}");
        }
        let ours = made(&fixture, FormOf::Admin, ListAdmin);
        assert!(proof(&fixture, &ours, FormOf::Admin).is_good_for(SiteAdmin));
        assert_eq!(proof(&fixture, &ours, FormOf::Edithtml), Proof::None);
        let ours = made(&fixture, FormOf::Options(b"Anna@example.org"), User);
        assert_eq!(proof(&fixture, &ours, FormOf::Options(b"anna@example.org")), Proof::Role("user"));
        assert_eq!(proof(&fixture, &ours, FormOf::Options(b"bob@example.org")), Proof::None);
    }

    #[test]
    fn another_key_role_or_time_is_no_proof() {
        let fixture = club();
        let ours = made(&fixture, FormOf::Admindb, ListModerator);
        let signature = ours.rsplit('.').next().unwrap();
        let now = clock::seconds();
        for forged in [
            ours.replace("moderator", "admin"),
            ours.replace("moderator", "poster"),
            ours.replacen(&now.to_string(), &(now - 9).to_string(), 1),
            format!("t1.{now}.moderator."),
            format!("t1.{now}.moderator.{signature}.x"),
            format!("t1.x.moderator.{signature}"),
            format!("t1.{}.moderator.{signature}", i64::MIN),
            format!("t1.{}.moderator.{signature}", i64::MAX),
            ours[3..].to_string(),
            String::new(),
        ] {
            assert_eq!(proof(&fixture, &forged, FormOf::Admindb), Proof::None, "{forged}");
        }
        fs::remove_file(fixture.site.settings.path(settings::DATA_DIR).join("web/form-key")).unwrap();
        assert_eq!(proof(&fixture, &ours, FormOf::Admindb), Proof::None);
    }

    #[test]
    fn an_old_one_or_one_of_the_future_is_no_proof() {
        let fixture = club();
        let key = ServerKey::of(&fixture.site).unwrap();
        let aged = |age: i64| {
            let issued = clock::seconds() - age;
            let signature = key.sign(&signed_text(&fixture.list, FormOf::Admin, "admin", issued));
            proof(&fixture, &format!("t1.{issued}.admin.{signature}"), FormOf::Admin)
        };
        assert_eq!((aged(3590), aged(3601), aged(-60)), (Proof::Role("admin"), Proof::None, Proof::None));
    }

    #[test]
    fn a_token_makes_no_cookie() {
        let fixture = club();
        let ours = made(&fixture, FormOf::Options(b"anna@example.org"), User);
        let jar = |value: &str| {
            let pair = format!("club+user+anna--at--example.org={value}");
            crate::auth::cookie::Jar::parse(pair.as_bytes())
        };
        let is_cookie = |value: &str| crate::auth::cookie::check(&fixture.list, &jar(value), User, None).is_some();
        assert!(!is_cookie(&ours) && !is_cookie(ours.rsplit('.').next().unwrap()));
    }

    #[test]
    fn pythons_are_given_and_taken_as_pages_are_in_place() {
        let now = 1_700_000_000;
        let kinds = |has_python, changed, key_made| {
            let kinds = Kinds::of_pages(pages::Mixture { has_python, changed }, key_made, now - 3600);
            (kinds.gives_own, kinds.takes_mailmans)
        };
        assert_eq!(kinds(true, 0, 0), (false, true));
        assert_eq!(kinds(false, now - 3599, 0), (true, true));
        assert_eq!(kinds(false, 0, now - 3599), (true, true));
        assert_eq!(kinds(false, now - 3601, now - 3601), (true, false));
    }

    #[test]
    fn a_mixed_site_goes_from_pythons_tokens_to_ours() {
        let fixture = club();
        let page = fixture.site.settings.path(settings::BIN_DIR).parent().unwrap().join("cgi-bin/admin");
        let code = fixture.site.home.join("Mailman/Cgi/admin.py");
        for file in [&page, &code] {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let pythons = made(&fixture, FormOf::Admin, ListAdmin);
        assert!(pythons.starts_with("280200000069"), "{pythons}");
        // What `switch --web` leaves: the original waits beside ours. The form is still open.
        fs::write(page.with_file_name("admin.distrib"), "").unwrap();
        assert!(made(&fixture, FormOf::Admin, ListAdmin).starts_with("t1."));
        let issued = clock::seconds() - 5;
        let text = [&b"club+admin:"[..], &sign(&hex_digest(b"secret"), issued)].concat().into();
        assert_eq!(proof(&fixture, &Stamp { issued, text }.encode(), FormOf::Admin), Proof::Page);
    }
}
