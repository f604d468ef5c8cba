//! `edithtml`: the owner's own pages and mail texts of a list.
//!
//! Answers to Mailman/Cgi/edithtml.py. What is saved stands below the list's folder, by language, from where all programs
//! take it before the site's. Nothing that a browser would run is saved.

use super::access::Access;
use super::admin::meanwhile;
use super::login::warning;
use super::widgets::{form_end, form_start, hidden, link, named, resolved_text_area, safe, submit, text_area};
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::auth::csrf::FormOf;
use crate::auth::AuthContext;
use crate::text::suspicious::is_suspicious;
use compat::durable;
use compat::list::MailList;
use compat::site::Switch;
use compat::ByteStr;
use maud::{html, Markup};
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

const ACCESS: Access = Access {
    contexts: &[AuthContext::ListAdmin, AuthContext::SiteAdmin],
    harmless: &["VARHELP", "adminpw", "admlogin"],
    form: FormOf::Edithtml,
    signed: Switch::CsrfTokenOnAllForms,
};

/// Anybody of the group may write.
const FOLDER_MODE: u32 = 0o2775;
const FILE_MODE: u32 = 0o664;

/// A template that can be edited, and what it is.
struct Editable {
    name: &'static str,
    about: &'static str,
    /// The change that brought it, if it was not always there.
    since: Option<Switch>,
}

const fn always(name: &'static str, about: &'static str) -> Editable {
    Editable { name, about, since: None }
}

const fn later(name: &'static str, about: &'static str) -> Editable {
    Editable { name, about, since: Some(Switch::EdithtmlMore) }
}

const TEMPLATES: [Editable; 17] = [
    always("listinfo.html", "General list information page"),
    always("subscribe.html", "Subscribe results page"),
    always("options.html", "User specific options page"),
    always("subscribeack.txt", "Welcome email text file"),
    Editable { name: "masthead.txt", about: "Digest masthead", since: Some(Switch::EdithtmlMasthead) },
    later("postheld.txt", "User notice of held post"),
    later("approve.txt", "User notice of held subscription"),
    later("refuse.txt", "Notice of post refused by moderator"),
    later("invite.txt", "Invitation to join list"),
    later("verify.txt", "Request to confirm subscription"),
    later("unsub.txt", "Request to confirm unsubscription"),
    later("nomoretoday.txt", "User notice of autoresponse limit"),
    later("postack.txt", "User post acknowledgement"),
    later("disabled.txt", "Subscription disabled by bounce warning"),
    later("admlogin.html", "Admin/moderator login page"),
    later("private.html", "Private archive login page"),
    later("userpass.txt", "On demand password reminder"),
];

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let Some(name) = parts.first() else {
        let texts = visit.site_texts();
        let title = texts.say("List name is required.");
        return Ok(visit.page(&texts, &title, html! { h2 { (title) } }));
    };
    let mut list = visit.list_named(name)?;
    let form = visit.form(Blanks::Dropped)?;
    let proof = ACCESS.proof(visit, &list, &form)?;
    let Some(visitor) = ACCESS.log_in(visit, &mut list, &form)? else {
        return refusal(visit, &list, &form);
    };
    let language = language_asked(visit, &list, &form);
    let texts = visit.texts(&language);
    let response = match parts.get(1) {
        None => index(visit, &texts, &list),
        Some(name) => match editable(visit).find(|template| template.name.as_bytes() == &name[..]) {
            Some(template) => {
                let caller = (visitor.actor, proof.is_good_for(visitor.actor));
                edit(visit, &texts, &list, &form, template, caller)?
            }
            None => unknown(visit, &texts, &list, name),
        },
    };
    Ok(response.with_cookies(visitor.cookie))
}

/// The login page; a wrong password is reported with status 200, as in Mailman.
fn refusal(visit: &Visit<'_>, list: &MailList, form: &Form) -> Answer {
    if !form.has("admlogin") {
        return visit.admin_login_page(list, false, None);
    }
    visit.log_denied(None, list.name(), &form.value("adminpw"));
    let message = visit.texts(&list.preferred_language()).say("Authorization failed.");
    visit.admin_login_page(list, false, Some(&message))
}

/// Older versions know the list's own language only.
fn language_asked(visit: &Visit<'_>, list: &MailList, form: &Form) -> ByteStr {
    let asked = form.get("language").filter(|_| visit.has(Switch::EdithtmlLanguages));
    let asked = asked.filter(|language| list.is_available_language(language)).cloned();
    asked.unwrap_or_else(|| list.preferred_language())
}

fn editable<'a>(visit: &'a Visit<'_>) -> impl Iterator<Item = &'static Editable> + 'a {
    TEMPLATES.iter().filter(|template| template.since.is_none_or(|switch| visit.has(switch)))
}

fn index(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList) -> Response {
    let real_name = list.real_name().to_string();
    let title = texts.fill("%(realname)s -- HTML Page Editing", &[("realname", &real_name)]);
    let base = visit.list_url(list, "edithtml").to_string();
    let body = html! {
        h1 { (title) }
        h2 { (texts.say("Select page to edit:")) }
        ul { @for template in editable(visit) {
            li { (link(&format!("{base}/{}", template.name), safe(&texts.say(template.about)))) }
        } }
        (visit.footer(texts, list))
    };
    visit.page(texts, &title, body)
}

fn unknown(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, name: &[u8]) -> Response {
    let title = texts.say("Edit HTML : Error");
    let values = [("safetemplatename", safe(&texts.decode(name)))];
    let body = html! {
        h2 { (texts.html("%(safetemplatename)s: Invalid template", &values)) }
        (visit.footer(texts, list))
    };
    visit.page(texts, &title, body)
}

/// Saves what was sent, and shows the text as it is now.
fn edit(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    form: &Form,
    template: &Editable,
    (actor, is_genuine): (AuthContext, bool),
) -> Answer {
    let only_looks = form.has("langform") && visit.has(Switch::EdithtmlLanguages);
    let is_sent = !(form.is_empty() || only_looks);
    let mut waiting = None;
    let message = match (is_sent, is_genuine) {
        (false, _) => Markup::default(),
        (true, true) if is_changed_meanwhile(visit, texts, list, form, template)? => {
            waiting = form.get("html_code").map(|text| texts.decode(text));
            changed_meanwhile(texts)
        }
        (true, true) => save(visit, texts, list, form, template)?,
        (true, false) => {
            let text = texts.say("The form lifetime has expired. (request forgery check)");
            html! { h3 role="alert" { strong { (warning(&texts.say("Error: "))) em { (text) } } } }
        }
    };
    let about = texts.say(template.about);
    let real_name = list.real_name().to_string();
    let values = [("realname", real_name.as_str()), ("template_info", about.as_str())];
    let title = texts.fill("%(realname)s -- Edit html for %(template_info)s", &values);
    let body = html! {
        (message)
        h1 { (real_name) ":" }
        h1 { (about) }
        hr;
        (links(visit, texts, list))
        hr;
        (forms(visit, texts, list, template, (actor, waiting.as_deref()))?)
        (visit.footer(texts, list))
    };
    Ok(visit.page(texts, &title, body))
}

fn links(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList) -> Markup {
    let to = |program: &str, label: &str| link(&visit.list_url(list, program).to_string(), safe(&texts.say(label)));
    html! {
        p { (to("admin", "View or edit the list configuration information.")) }
        @if visit.has(Switch::EdithtmlLanguages) {
            p { (to("edithtml", "Edit the public HTML pages and text files")) }
        }
    }
}

/// Whether somebody else has saved the text since the form was made. Programs that do not say from what they made theirs
/// save in any case, as with Mailman.
fn is_changed_meanwhile(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    form: &Form,
    template: &Editable,
) -> Result<bool, Problem> {
    let Some(seen) = form.get(meanwhile::FIELD) else { return Ok(false) };
    let now = visit.template(texts, list, template.name, None)?.unwrap_or_default();
    Ok(seen[..] != *meanwhile::text_mark(now.0.as_bytes()).as_bytes())
}

fn changed_meanwhile(texts: &Texts<'_>) -> Markup {
    html! {
        h3 role="alert" { strong { (warning(&texts.say("Error: ")))
            em { "Somebody else has saved this text since you began. Yours is below and not saved; send it again to save it." } } }
        hr;
    }
}

/// `waiting`: a text that was not saved, to be shown in place of the one that is.
fn forms(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    template: &Editable,
    (actor, waiting): (AuthContext, Option<&str>),
) -> Result<Markup, Problem> {
    let url = format!("{}/{}", visit.list_url(list, "edithtml"), template.name);
    let token = visit.token_field(list, ACCESS.form, ACCESS.signed, actor)?;
    let text = visit.template(texts, list, template.name, None)?.unwrap_or_default();
    let area = if visit.has(Switch::TextAreaExact) { text_area } else { resolved_text_area };
    let is_other = texts.language != list.preferred_language();
    let offers_others = visit.has(Switch::EdithtmlLanguages) && list.offered_languages().len() > 1;
    Ok(html! {
        @if offers_others {
            (form_start(&url, false)) (token)
            (submit("editlang-button", &texts.say("Edit this template for"))) " "
            (visit.language_choice(texts, list)) (hidden("langform", "True"))
            (form_end())
            hr;
        }
        (form_start(&url, false)) (token)
        (hidden(meanwhile::FIELD, &meanwhile::text_mark(text.0.as_bytes())))
        (named(&area("html_code", waiting.unwrap_or(&text.0), 40, 75), template.name))
        p { (texts.say("When you are done making changes...")) }
        @if is_other { (hidden("language", &texts.language.to_string())) }
        (submit("submit", &texts.say("Submit Changes")))
        (form_end())
    })
}

/// Writes the text where programs look first; what is said about it.
fn save(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    form: &Form,
    template: &Editable,
) -> Result<Markup, Problem> {
    let said = |text: &str| html! { h3 role="status" { (texts.say(text)) } };
    let Some(text) = form.get("html_code") else {
        return Ok(html! { (said("Can't have empty html page.")) (said("HTML Unchanged.")) hr; });
    };
    if is_suspicious(&visit.site.profile, text) {
        let why = texts.sentence(
            0xd285_4f3b_bd99_fa26,
            "There is HTML in this page that a browser could run against your members, so the change was not made. Whoever \
             has a shell on the server can still make it.",
            &[],
        );
        return Ok(html! { h3 role="alert" { (why) } (said("Page Unchanged.")) hr; });
    }
    let folder = list.folder().join(OsStr::from_bytes(&texts.language));
    durable::mkdir(&folder, FOLDER_MODE)?;
    let temporary = folder.join(format!(".{}.{}", template.name, std::process::id()));
    durable::replace(&folder.join(template.name), &temporary, FILE_MODE, |file| file.write_all(text))?;
    Ok(html! { (said("HTML successfully updated.")) hr; })
}
