//! `rmlist`: removes a list, where the site lets owners do that.
//!
//! Answers to Mailman/Cgi/rmlist.py. The password is asked for again; no cookie counts here.

use super::login::warning;
use super::widgets::{form, link, password_box, radio, safe, submit};
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::auth::{authenticate, AuthContext};
use crate::lists::aliases::{self, AliasRequest};
use crate::lists::notices::ask_for_aliases;
use crate::lists::remove;
use compat::list::MailList;
use compat::site::settings;
use maud::{html, Markup};
use std::io;

/// Whose passwords remove a list.
const CONTEXTS: [AuthContext; 3] = [AuthContext::Creator, AuthContext::ListAdmin, AuthContext::SiteAdmin];

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let form = visit.form(Blanks::Dropped)?;
    let parts = visit.path();
    let Some(name) = parts.first() else {
        visit.log("error", &[b"Bad URL specification: None"]);
        let texts = visit.site_texts();
        let title = texts.say("Bad URL specification");
        let body = html! { h3 role="alert" { strong { (warning(&title)) } } hr; (visit.logos(&texts)) };
        return Ok(visit.page(&texts, &title, body));
    };
    let list = visit.list_named(name)?;
    let texts = visit.texts(&list.preferred_language());
    if !visit.site.settings.truth(settings::OWNERS_CAN_DELETE_THEIR_OWN_LISTS) {
        visit.log("mischief", &[b"Attempt to sneakily delete a list: ", list.name()]);
        let title = texts.say("You're being a sneaky list owner!");
        let body = html! { h3 role="alert" { strong { (warning(&title)) } } (visit.footer(&texts, &list)) };
        return Ok(visit.page(&texts, &title, body));
    }
    match form.has("doit") {
        true => process(visit, &texts, list, &form),
        false => Ok(question(visit, &texts, &list, true, None)),
    }
}

fn process(visit: &Visit<'_>, texts: &Texts<'_>, mut list: MailList, form: &Form) -> Answer {
    let password = form.stripped("password");
    visit.slow_down(None, list.name(), &password)?;
    if authenticate(&mut list, &CONTEXTS, &password, None).is_none() {
        visit.log_denied(None, list.name(), &password);
        let message = texts.say("You are not authorized to delete this mailing list");
        return Ok(question(visit, texts, &list, false, Some(&message)));
    }
    // The mail server must know before the list is gone.
    let by_hand = || ask_for_aliases(&list, AliasRequest::Remove).map_err(Problem::from);
    aliases::mta(visit.site)?.follow(&list, AliasRequest::Remove, by_hand)?;
    let mut problems = 0;
    for removable in remove::folders(visit.site, list.name(), form.int("delarchives").is_some_and(|answer| answer != 0))
    {
        match remove::remove(&removable.path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                problems += 1;
                let path = removable.path.display().to_string();
                visit.log("error", &[b"directory ", path.as_bytes(), b" not deleted due to permission problems"]);
            }
            Err(error) => return Err(Problem::from(error)),
        }
    }
    list.record(&[b"list removed"]);
    Ok(result(visit, texts, &list, problems == 0))
}

fn result(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, is_gone: bool) -> Response {
    let name = ("listname", safe(&list.name().to_string()));
    let text = match is_gone {
        true => texts.sentence(
            0x067c_c6cf_e7c7_c8f3,
            "The mailing list <b>%(listname)s</b> has been removed.",
            &[name],
        ),
        false => texts.sentence(
            0xf90b_1e58_27ea_1806,
            "Not all of the mailing list <b>%(listname)s</b> could be removed. The site's administrator at %(sitelist)s can \
             tell you more.",
            &[name, ("sitelist", safe(&visit.site_address().to_string()))],
        ),
    };
    let title = texts.say("Mailing list deletion results");
    let body = html! { h1 { (title) } p role="status" { (text) } hr; (visit.ways_back(texts)) };
    visit.page(texts, &title, body)
}

/// Asks for the password. The first time the list's footer stands below.
fn question(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    has_footer: bool,
    message: Option<&str>,
) -> Response {
    let real_name = list.real_name().to_string();
    let values = [("realname", real_name.as_str())];
    let title = texts.fill("Permanently remove mailing list %(realname)s", &values);
    let body = html! {
        h1 { (texts.html("Permanently remove mailing list <em>%(realname)s</em>", &[("realname", safe(&real_name))])) }
        @if let Some(message) = message { h3 role="alert" { strong { (warning(&texts.say("Error: "))) em { (message) } } } }
        p { (explanation(texts)) }
        (form(&visit.list_url(list, "rmlist").to_string(), fields(visit, texts, list)))
        @if has_footer { (visit.footer(texts, list)) }
    };
    visit.page(texts, &title, body)
}

fn explanation(texts: &Texts<'_>) -> Markup {
    texts.sentence(
        0xcef5_2f89_dc51_ac03,
        "Here you remove this mailing list for good. <strong>This cannot be undone.</strong> Members are not told, and mail \
         to the list will bounce. <p>You may remove the archives too. They are what remains of the list, so it is nearly \
         always better to keep them. <p>To be safe, you are asked for the list's password again.",
        &[],
    )
}

fn fields(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList) -> Markup {
    html! {
        label.field { span { (texts.say("List password:")) } (password_box("password", 20)) }
        fieldset {
            legend { (texts.say("Also delete archives?")) }
            label { (radio("delarchives", "0", true)) " " (texts.say("No")) } " "
            label { (radio("delarchives", "1", false)) " " (texts.say("Yes")) }
        }
        p { (link(
            &visit.list_url(list, "admin").to_string(),
            texts.html("<b>Cancel</b> and return to list administration", &[]),
        )) }
        p { (submit("doit", &texts.say("Delete this list"))) }
    }
}

impl Visit<'_> {
    /// The links below pages that belong to no list: to both overviews.
    pub fn ways_back(&self, texts: &Texts<'_>) -> Markup {
        let overview =
            |program: &str, label: &str| link(&self.program_url(program).to_string(), safe(&texts.say(label)));
        html! {
            (texts.say("Return to the ")) (overview("listinfo", "general list overview"))
            (texts.html("<br>Return to the ", &[])) (overview("admin", "administrative list overview"))
            (self.logos(texts))
        }
    }
}
