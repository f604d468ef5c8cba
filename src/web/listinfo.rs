//! `listinfo`: the lists of a host, and a list's own page with the form to join it.
//!
//! Answers to Mailman/Cgi/listinfo.py. Nothing is changed, so nothing is locked.

use super::form_guard::Question;
use super::widgets::{hidden, input, password_box, radio, safe, submit, text_box};
use super::{Answer, Blanks, Problem, Response, Tags, Texts, Visit};
use compat::list::{attributes, MailList};
use maud::{html, Markup, PreEscaped};

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let Some(name) = parts.first() else { return overview(visit, None) };
    match visit.list_named(name) {
        Ok(list) => super::archive::public(visit, &list, &parts).unwrap_or_else(|| list_page(visit, &list)),
        Err(Problem::NoSuchList(name)) => {
            let message = visit.no_such_list(&visit.site_texts(), &name);
            Ok(overview(visit, Some(message))?.with_status(visit.unknown_status()))
        }
        Err(problem) => Err(problem),
    }
}

/// All lists of the host that want to be shown.
fn overview(visit: &Visit<'_>, message: Option<Markup>) -> Answer {
    let texts = visit.site_texts();
    let rows = visit.advertised("listinfo")?;
    let host = visit.domain().to_string();
    let title = texts.fill("%(hostname)s Mailing Lists", &[("hostname", &host)]);
    let owner = visit.site_address().to_string();
    let body = html! {
        h1 { (title) }
        @match &message {
            Some(message) => p.problem role="alert" { (message) },
            None => p { (texts.say("Welcome!")) },
        }
        p { (greeting(&texts, &host, rows.is_empty())) }
        @if !rows.is_empty() { (visit.overview_table(&texts, &rows)) }
        p { "The page of a list that is not shown here has the same address as this one, with a slash and the list's \
             name at its end." }
        p { "Those who run a list find its management on "
            a href=(visit.program_url("admin").to_string()) { (texts.say("the list admin overview page")) } "." }
        p { "Is there trouble with the lists? Write to " a href={ "mailto:" (owner) } { (owner) } "." }
        hr;
        (visit.logos(&texts))
    };
    Ok(visit.page(&texts, &title, body).public())
}

fn greeting(texts: &Texts<'_>, host: &str, is_empty: bool) -> Markup {
    let values = [("hostname", safe(host)), ("mailmanlink", safe("Mailman"))];
    match is_empty {
        true => {
            texts.sentence(0xedb4_a93e_f9b8_d65b, "No mailing list on %(hostname)s is shown to the public.", &values)
        }
        false => texts.sentence(
            0x079b_935c_d8f5_413f,
            "These are the public mailing lists on %(hostname)s. A list's name leads to its page, where you join it, \
             leave it, or change your options.",
            &values,
        ),
    }
}

fn list_page(visit: &Visit<'_>, list: &MailList) -> Answer {
    let form = visit.form(Blanks::Dropped)?;
    let texts = visit.texts(&visit.language(&form, list));
    let mut tags = visit.standard_tags(&texts, list);
    set_subscribe_tags(visit, &texts, list, &mut tags);
    set_other_tags(visit, &texts, list, &mut tags);
    match visit.tag_page(&texts, list, "listinfo.html", &tags)? {
        Some(page) => Ok(page.public()),
        None => Ok(own_page(visit, &texts, list, &tags).public()),
    }
}

/// The tags of the form to join.
fn set_subscribe_tags(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, tags: &mut Tags) {
    let offers_both = list.truth(attributes::DIGESTABLE) && list.truth(attributes::NONDIGESTABLE);
    let by_default = list.truth(attributes::DIGEST_IS_DEFAULT);
    let when = |shown: bool, value: Markup| if shown { value } else { Markup::default() };
    tags.set("mm-digest-radio-button", when(offers_both, radio("digest", "1", by_default)));
    tags.set("mm-undigest-radio-button", when(offers_both, radio("digest", "0", !by_default)));
    tags.set("mm-digest-question-start", when(!offers_both, PreEscaped("<!-- ".into())));
    tags.set("mm-digest-question-end", when(!offers_both, PreEscaped(" -->".into())));
    let as_mime = list.truth(attributes::MIME_IS_DEFAULT_DIGEST);
    tags.set("mm-plain-digests-button", radio("plain", "1", !as_mime));
    tags.set("mm-mime-digests-button", radio("mime", "1", as_mime));
    tags.set("mm-subscribe-box", text_box("email", "", 30));
    tags.set("mm-fullname-box", text_box("fullname", "", 30));
    tags.set("mm-new-password-box", password_box("pw", 15));
    tags.set("mm-confirm-password", password_box("pw-conf", 15));
    tags.set("mm-subscribe-button", submit("email-button", &texts.say("Subscribe")));
    let question = Question::ask(visit, texts);
    let start = visit.list_form_start(list, "subscribe");
    tags.set("mm-subscribe-form-start", html! { (start) (visit.guard_field(list, question.as_ref())) });
    tags.set("mm-captcha-ui", question.as_ref().map(|question| question.row(texts)).unwrap_or_default());
    tags.set("mm-recaptcha-ui", visit.recaptcha_row(texts));
}

/// The tags of the forms to the roster, to options and to other languages.
fn set_other_tags(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, tags: &mut Tags) {
    tags.set("mm-roster-form-start", visit.list_form_start(list, "roster"));
    tags.set("mm-roster-option", roster_fields(texts, list));
    tags.set("mm-options-form-start", visit.list_form_start(list, "options"));
    tags.set("mm-editing-options", options_fields(texts, list));
    tags.set("mm-info-button", submit("UserOptions", &texts.say("Edit Options")));
    tags.set("mm-displang-box", visit.language_button(texts, list));
    tags.set("mm-lang-form-start", visit.list_form_start(list, "listinfo"));
}

/// What leads to the roster: a button, or address and password where it is private.
fn roster_fields(texts: &Texts<'_>, list: &MailList) -> Markup {
    let language = hidden("language", &texts.language.to_string());
    let who = list.choice(attributes::PRIVATE_ROSTER);
    if who == 0 {
        return html! {
            (language) (texts.say("Click here for the list of ")) (list.real_name().to_string())
            (texts.say(" subscribers: ")) (submit("SubscriberRoster", &texts.say("Visit Subscriber list")))
        };
    }
    let whom = texts.say(if who == 1 { "Address:" } else { "Admin address:" });
    html! {
        (language)
        (super::policy::restriction(texts, &texts.say("The subscribers list"), who))
        label.field { span { (whom) } (text_box("roster-email", "", 20)) }
        label.field { span { (texts.say("Password: ")) } (password_box("roster-pw", 15)) }
        (submit("SubscriberRoster", &texts.say("Visit Subscriber List")))
    }
}

/// What leads to a member's options.
fn options_fields(texts: &Texts<'_>, list: &MailList) -> Markup {
    let is_open = list.choice(attributes::PRIVATE_ROSTER) == 0;
    let either = if is_open { texts.html("<b><i>either</i></b> ", &[]) } else { Markup::default() };
    let values = [("realname", safe(&list.real_name().to_string())), ("either", either)];
    html! {
        (texts.sentence(
            0xed71_4d19_de53_1063,
            "To leave %(realname)s, to get your password by email, or to change your options, %(either)sgive the \
             address that you joined with: <p><center> ",
            &values,
        ))
        (input("email", "TEXT", "", &[("size", "30"), ("aria-label", &texts.say("Your email address:"))])) "  " (submit("UserOptions", &texts.say("Unsubscribe or edit options")))
        (hidden("language", &texts.language.to_string()))
        (PreEscaped("</center>"))
        @if is_open {
            (texts.sentence(
                0xdde8_d79f_4766_09b2,
                "<p>... <b><i>or</i></b> choose yourself on the list of subscribers.",
                &[],
            ))
        }
        (texts.sentence(0x92db_db6a_322e_0504, " Without an address, you will be asked for it.", &[]))
    }
}

/// The page of a site that has no template of its own.
fn own_page(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, tags: &Tags) -> Response {
    let real_name = list.real_name().to_string();
    let has_both = list.truth(attributes::DIGESTABLE) && list.truth(attributes::NONDIGESTABLE);
    let post = list.posting_address().to_string();
    let heading = |text: String| html! { h2 { (text) } };
    let description = visit.description(list);
    let body = html! {
        @if list.offered_languages().len() > 1 {
            (tags.get("mm-lang-form-start")) (tags.get("mm-displang-box")) " " (tags.get("mm-list-langs"))
            (tags.get("mm-form-end"))
        }
        h1 { (real_name) @if !description.is_empty() { " -- " (tags.get("mm-list-description")) } }
        (heading(format!("About {real_name}")))
        div { (tags.get("mm-list-info")) }
        (archive_links(visit, list, tags))
        (heading(format!("Using {real_name}")))
        p { "To write to all members, send your email to " a href={ "mailto:" (post) } { (post) } "." }
        (heading(format!("Subscribing to {real_name}")))
        p { (tags.get("mm-list-subscription-msg")) }
        (tags.get("mm-subscribe-form-start"))
        (subscribe_fields(texts, tags, has_both))
        (tags.get("mm-form-end"))
        (heading(format!("{real_name} Subscribers")))
        (tags.get("mm-roster-form-start")) (tags.get("mm-roster-option")) (tags.get("mm-form-end"))
        (tags.get("mm-options-form-start")) (tags.get("mm-editing-options")) (tags.get("mm-form-end"))
        (tags.get("mm-mailman-footer"))
    };
    visit.page(texts, &format!("{real_name} Info Page"), body)
}

fn archive_links(visit: &Visit<'_>, list: &MailList, tags: &Tags) -> Markup {
    html! {
        p {
            (tags.get("mm-archive")) "Read the archive" (tags.get("/mm-archive")) " " (tags.get("mm-restricted-list-message"))
            @if let Some(search) = super::archive::search_url(visit, list) { " " a href=(search) { "Search it" } "." }
            @if super::archive::is_public(list) {
                " " a href={ (visit.list_url(list, "listinfo")) "/atom.xml" } { "Atom feed" } "."
            }
        }
    }
}

fn subscribe_fields(texts: &Texts<'_>, tags: &Tags, has_both: bool) -> Markup {
    let field = |label: &str, tag: &str| html! { label.field { span { (label) } (tags.get(tag)) } };
    html! {
        (field(&texts.say("Your email address:"), "mm-subscribe-box"))
        (field(&texts.say("Your name (optional):"), "mm-fullname-box"))
        p.note { "You may choose a password. Do not use one that is worth anything: it is sent by email now and then. \
                  Without one, a password is made for you. " (tags.get("mm-reminder")) }
        (field(&texts.say("Pick a password:"), "mm-new-password-box"))
        (field(&texts.say("Reenter password to confirm:"), "mm-confirm-password"))
        (field(&texts.say("Which language do you prefer to display your messages?"), "mm-list-langs"))
        @if has_both {
            fieldset {
                legend { (texts.say("Would you like to receive list mail batched in a daily digest?")) }
                label { (tags.get("mm-undigest-radio-button")) " " (texts.say("No")) } " "
                label { (tags.get("mm-digest-radio-button")) " " (texts.say("Yes")) }
            }
        }
        table { (tags.get("mm-captcha-ui")) (tags.get("mm-recaptcha-ui")) }
        p { (tags.get("mm-subscribe-button")) }
    }
}
