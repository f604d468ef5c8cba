//! `create`: makes a list, for whoever knows the list creator's or the site's password.
//!
//! Answers to Mailman/Cgi/create.py.

use super::login::warning;
use super::widgets::{checkbox, form, link, password_box, radio, safe, submit, text_box};
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::auth::hex_digest;
use crate::auth::password::{is_site_password, SitePassword};
use crate::error::HandlerError;
use crate::lists::aliases::{self, AliasRequest};
use crate::lists::notices::{ask_for_aliases, welcome_owner};
use crate::lists::{self, CreateError, NewList};
use compat::list::{self, MailList};
use compat::queue::Outbox;
use compat::random;
use compat::site::settings;
use compat::value::{Dict, Value};
use compat::ByteStr;
use maud::{html, Markup};

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let form = visit.form(Blanks::Dropped)?;
    let texts = visit.site_texts();
    let parts = visit.path();
    if !parts.is_empty() {
        let shown: Vec<String> = parts.iter().map(|part| format!("'{part}'")).collect();
        visit.log("error", &[b"Bad URL specification: [", shown.join(", ").as_bytes(), b"]"]);
        let title = texts.say("Bad URL specification");
        return Ok(page(visit, &texts, &title, html! { h3 role="alert" { strong { (warning(&title)) } } }));
    }
    if !form.has("doit") {
        return Ok(question(visit, &texts, &Form::default(), None));
    }
    visit.slow_down(None, b"", &form.stripped("auth"))?;
    let order = match Order::read(visit, &texts, &form) {
        Ok(order) => order,
        Err(complaint) => return Ok(question(visit, &texts, &form, Some(complaint))),
    };
    match make(visit, &texts, &order)? {
        Ok(list) => Ok(result(visit, &texts, &list, &order)),
        Err(complaint) => Ok(question(visit, &texts, &form, Some(complaint))),
    }
}

/// What is to be made.
struct Order {
    name: ByteStr,
    owner: ByteStr,
    password: ByteStr,
    languages: Vec<ByteStr>,
    moderates: Value,
    tells_owner: bool,
    url_host: ByteStr,
    mail_host: ByteStr,
}

impl Order {
    /// Reads the form, for whoever may make lists: nobody else hears which lists there are. What is wrong with it is said in
    /// the order in which Mailman looks.
    fn read(visit: &Visit<'_>, texts: &Texts<'_>, form: &Form) -> Result<Order, Markup> {
        let name = ByteStr::new(form.stripped("listname").to_ascii_lowercase());
        let owner = form.stripped("owner");
        let shown = [("safelistname", safe(&texts.decode(&name)))];
        let plain = |text: &str| safe(&texts.say(text));
        if !may_create(visit, &form.stripped("auth")) {
            visit.count_wrong_password(b"");
            visit.log_failure(None, &name);
            return Err(plain("You are not authorized to create new mailing lists"));
        }
        if name.contains(&b'@') {
            return Err(texts.html("List name must not include \"@\": %(safelistname)s", &shown));
        }
        if list::exists(visit.site, &name) {
            return Err(texts.html("List already exists: %(safelistname)s", &shown));
        }
        if name.is_empty() {
            return Err(plain("You forgot to enter the list name"));
        }
        if owner.is_empty() {
            return Err(plain("You forgot to specify the list owner"));
        }
        let password = password(visit, texts, form)?;
        let (url_host, mail_host) = hosts(visit, texts)?;
        let known = form.all("langs").into_iter().filter(|language| visit.site.is_language(language));
        Ok(Order {
            name,
            owner,
            password,
            languages: known.collect(),
            moderates: moderates(visit, form),
            tells_owner: form.int("notify").unwrap_or(0) != 0,
            url_host,
            mail_host,
        })
    }
}

/// The list's first password: the one that was given twice, or a random one.
fn password(visit: &Visit<'_>, texts: &Texts<'_>, form: &Form) -> Result<ByteStr, Markup> {
    let (password, again) = (form.stripped("password"), form.stripped("confirm"));
    if form.int("autogen").unwrap_or(0) != 0 {
        if !password.is_empty() || !again.is_empty() {
            return Err(texts.sentence(
                0x00e4_8067_9507_e9bf,
                "To have a password made for you, leave both fields of the initial password empty.",
                &[],
            ));
        }
        let settings = &visit.site.settings;
        let length = settings.int(settings::ADMIN_PASSWORD_LENGTH).unwrap_or(10).clamp(1, 255);
        return Ok(random::password(length as usize, settings.truth(settings::USER_FRIENDLY_PASSWORDS)));
    }
    if password != again {
        return Err(safe(&texts.say("Initial list passwords do not match")));
    }
    match password.is_empty() {
        true => Err(texts.html("The list password cannot be empty<!-- ignore -->", &[])),
        false => Ok(password),
    }
}

fn may_create(visit: &Visit<'_>, password: &[u8]) -> bool {
    let is = |which| is_site_password(visit.site, which, password);
    !password.is_empty() && (is(SitePassword::Creator) || is(SitePassword::Administrator))
}

/// The hosts of the new list's pages and addresses.
fn hosts(visit: &Visit<'_>, texts: &Texts<'_>) -> Result<(ByteStr, ByteStr), Markup> {
    let settings = &visit.site.settings;
    let host = visit.domain();
    let mail_host = crate::notice::mail_host_of(visit.site, &host);
    if settings.truth(settings::VIRTUAL_HOST_OVERVIEW) && mail_host.is_none() {
        let shown = [("safehostname", safe(&host.to_string()))];
        return Err(texts.html("Unknown virtual host: %(safehostname)s", &shown));
    }
    let mail_host = mail_host.unwrap_or_else(|| settings.str(settings::DEFAULT_EMAIL_HOST).unwrap_or_default());
    Ok((host, mail_host))
}

/// Whether new members are moderated: what the form says, else the site's setting as it is.
fn moderates(visit: &Visit<'_>, form: &Form) -> Value {
    let usual =
        || visit.site.settings.get(settings::DEFAULT_DEFAULT_MEMBER_MODERATION).cloned().unwrap_or(Value::Int(0));
    form.int("moderate").map_or_else(usual, Value::Int)
}

/// Makes the list with its aliases, and tells the owner. What is wrong with its name or owner is for the person at the page.
fn make(visit: &Visit<'_>, texts: &Texts<'_>, order: &Order) -> Result<Result<MailList, Markup>, Problem> {
    let server = visit.site.server_language();
    let new = NewList {
        name: &order.name,
        owner: &order.owner,
        password: hex_digest(&order.password),
        language: server.clone(),
        mail_host: order.mail_host.clone(),
        url_host: order.url_host.clone(),
    };
    let languages = if order.languages.is_empty() { vec![server] } else { order.languages.clone() };
    let languages = Value::list(languages.into_iter().map(Value::Str).collect());
    let more = [("available_languages", languages), ("default_member_moderation", order.moderates.clone())];
    let more: Dict = more.into_iter().map(|(name, value)| (ByteStr::from(name), value)).collect();
    let letter = |list: &MailList, outbox: &mut Outbox| match order.tells_owner {
        true => welcome_owner(list, &order.owner, &order.password, outbox),
        false => Ok(()),
    };
    let list = match lists::create(visit.site, &new, more, letter) {
        Ok(list) => list,
        Err(error) => return refused(visit, texts, order, error).map(Err),
    };
    let by_hand = || ask_for_aliases(&list, AliasRequest::Add).map_err(Problem::from);
    aliases::mta(visit.site)?.follow(&list, AliasRequest::Add, by_hand)?;
    Ok(Ok(list))
}

fn refused(visit: &Visit<'_>, texts: &Texts<'_>, order: &Order, error: CreateError) -> Result<Markup, Problem> {
    let said = |text: &str, value: &ByteStr| texts.html(text, &[("s", safe(&texts.decode(value)))]);
    Ok(match error {
        CreateError::Exists => {
            texts.html("List already exists: %(listname)s", &[("listname", safe(&texts.decode(&order.name)))])
        }
        CreateError::BadName(name) => said("Illegal list name: %(s)s", &name),
        CreateError::BadOwner(owner) if owner.is_empty() => said("Bad owner email address: %(s)s", &order.owner),
        CreateError::BadOwner(owner) => said("Bad owner email address: %(s)s", &owner),
        CreateError::List(error) => {
            visit.log("error", &[b"create: ", error.to_string().as_bytes()]);
            texts.sentence(
                0x8462_5415_3a56_b4ed,
                "The list could not be made. The site's administrator finds the reason in the error log.",
                &[],
            )
        }
        other => return Err(HandlerError::cause(other).into()),
    })
}

fn result(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, order: &Order) -> Response {
    let values = [("listname", safe(&list.name().to_string())), ("owner", safe(&texts.decode(&order.owner)))];
    let text = match order.tells_owner {
        true => texts.sentence(
            0xd419_d283_d3e1_45d5,
            "The mailing list <b>%(listname)s</b> has been made, and its owner <b>%(owner)s</b> has been told. You can now:",
            &values,
        ),
        // Mailman says that the owner was told even if not.
        false => texts.html("The mailing list <b>%(listname)s</b> has been made. You can now:", &values),
    };
    let to =
        |program: &str, label: &str| link(&visit.absolute_list_url(list, program).to_string(), safe(&texts.say(label)));
    let another = link(&visit.program_url("create").to_string(), safe(&texts.say("Create another list")));
    let title = texts.say("Mailing list creation results");
    let body = html! {
        h1 { (title) }
        p role="status" { (text) }
        ul {
            li { (to("listinfo", "Visit the list's info page")) }
            li { (to("admin", "Visit the list's admin page")) }
            li { (another) }
        }
    };
    page(visit, texts, &title, body)
}

fn page(visit: &Visit<'_>, texts: &Texts<'_>, title: &str, body: Markup) -> Response {
    visit.page(texts, title, html! { (body) hr; (visit.ways_back(texts)) })
}

/// The form, with what was typed before and what is wrong with it.
fn question(visit: &Visit<'_>, texts: &Texts<'_>, typed: &Form, complaint: Option<Markup>) -> Response {
    let host = visit.domain().to_string();
    let title = texts.fill("Create a %(hostname)s Mailing List", &[("hostname", &host)]);
    let error = |text: Markup| html! { h3 role="alert" { strong { (warning(&texts.say("Error: "))) em { (text) } } } };
    let explanation = texts.sentence(
        0x5498_3e34_68a7_d69c,
        "Here you make a new mailing list. Its name becomes its address for posts, in lower case, and cannot be changed \
         later. <p>The owner gets an email with the list's password, and can change it and name more owners. To have a \
         password made, choose that below and leave its fields empty. <p>For this you need the list creator's password of \
         this site, or that of the site's administrator.",
        &[],
    );
    let body = html! {
        h1 { (title) }
        @if let Some(complaint) = complaint { (error(complaint)) }
        p { (explanation) }
        (form(&visit.program_url("create").to_string(), fields(visit, texts, typed)))
    };
    page(visit, texts, &title, body)
}

fn fields(visit: &Visit<'_>, texts: &Texts<'_>, typed: &Form) -> Markup {
    let text = |name: &str| text_box(name, &texts.decode(&typed.value(name)), 30);
    let field = |label: &str, input: Markup| html! { label.field { span { (texts.say(label)) } (input) } };
    let yes_no = |name: &str, is_yes: bool| {
        html! {
            label { (radio(name, "0", !is_yes)) " " (texts.say("No")) } " "
            label { (radio(name, "1", is_yes)) " " (texts.say("Yes")) }
        }
    };
    let choice = |legend: Markup, choice: Markup| html! { fieldset { legend { (legend) } (choice) } };
    let quarantine = texts.sentence(
        0xb720_5e14_1280_f51e,
        "Shall the first posts of new members be held for a moderator? With <em>Yes</em> they are.",
        &[],
    );
    html! {
        h2 { (texts.say("List Identity")) }
        (field("Name of list:", text("listname")))
        (field("Initial list owner address:", text("owner")))
        (choice(safe(&texts.say("Auto-generate initial list password?")),
            yes_no("autogen", typed.int("autogen").unwrap_or(0) != 0)))
        (field("Initial list password:", password_box("password", 30)))
        (field("Confirm initial password:", password_box("confirm", 30)))
        h2 { (texts.say("List Characteristics")) }
        (choice(quarantine, yes_no("moderate", moderates(visit, typed).is_true())))
        (choice(languages_legend(visit, texts), languages(visit, texts)))
        (choice(safe(&texts.say("Send \"list created\" email to list owner?")),
            yes_no("notify", typed.int("notify").unwrap_or(1) != 0)))
        hr;
        (field("List creator's (authentication) password:", password_box("auth", 30)))
        p { (submit("doit", &texts.say("Create List"))) " " (submit("clear", &texts.say("Clear Form"))) }
    }
}

fn languages_legend(visit: &Visit<'_>, texts: &Texts<'_>) -> Markup {
    let usual = texts.language_name(&visit.site.server_language());
    texts.sentence(
        0x3827_5d57_5fb5_03e0,
        "Languages of the list. <p>If you choose none, the list has the site's language, %(deflang)s",
        &[("deflang", safe(&usual))],
    )
}

/// All languages of the site by their names in its own language, which is chosen.
fn languages(visit: &Visit<'_>, texts: &Texts<'_>) -> Markup {
    let server = visit.site.server_language();
    let mut languages: Vec<(String, ByteStr)> =
        visit.site.language_codes().into_iter().map(|language| (texts.language_name(&language), language)).collect();
    languages.sort();
    html! {
        @for (name, language) in &languages {
            label { (checkbox("langs", &language.to_string(), *language == server)) " " (name) } " "
        }
    }
}
