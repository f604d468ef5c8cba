//! `roster`: who is on a list.
//!
//! Answers to Mailman/Cgi/roster.py and `FormatUsers` of Mailman/HTMLFormatter.py. Nothing is changed, so nothing is locked.
//! Who may see it is the list's private_roster: everybody, members, or those who run the list. Members who want to be
//! hidden are shown to moderators and owners only.

use super::widgets::{link, safe, submit};
use super::{Answer, Blanks, Form, Tags, Texts, Visit};
use crate::auth::cookie::{Jar, SetCookie};
use crate::auth::{log_in, AuthContext};
use compat::list::{attributes, options, DeliveryStatus, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};
use AuthContext::{ListAdmin, ListModerator, SiteAdmin, User};

/// Those who run a list.
const STAFF: [AuthContext; 3] = [ListModerator, ListAdmin, SiteAdmin];

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`super::Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let mut list = visit.list()?;
    let form = visit.form(Blanks::Dropped)?;
    let texts = visit.texts(&visit.language(&form, &list));
    let mut reader = Reader::new(visit, &form);
    visit.slow_down(Some(&reader.address), list.name(), &reader.password)?;
    let shows_hidden = !reader.is(&mut list, &[User]) && reader.is(&mut list, &STAFF);
    let may_see = match list.choice(attributes::PRIVATE_ROSTER) {
        0 => true,
        1 => reader.is(&mut list, &[User, ListModerator, ListAdmin, SiteAdmin]),
        _ => reader.is(&mut list, &STAFF),
    };
    let response = if may_see {
        roster_page(visit, &texts, &list, shows_hidden)?
    } else {
        visit.log_denied(Some(&reader.address), list.name(), &reader.password);
        let real_name = list.real_name().to_string();
        let message = texts.fill("%(realname)s roster authentication failed.", &[("realname", &real_name)]);
        visit.error_page(&texts, Some(&list), safe(&message)).with_status(visit.denied_status())
    };
    Ok(response.with_cookies(reader.cookies.iter().map(SetCookie::header_value)))
}

/// Who asks, as far as cookies or a password prove it.
struct Reader {
    jar: Jar,
    address: ByteStr,
    password: ByteStr,
    /// What the browser is to keep. Each question may add one, as in Mailman.
    cookies: Vec<SetCookie>,
}

impl Reader {
    fn new(visit: &Visit<'_>, form: &Form) -> Reader {
        let strips = visit.has(Switch::LoginStripped);
        let field = |name: &str| if strips { form.stripped(name) } else { form.value(name) };
        let (address, password) = (field("roster-email"), field("roster-pw"));
        Reader { jar: Jar::parse(&visit.request.cookies), address, password, cookies: Vec::new() }
    }

    /// Whether the reader may act in one of these capacities.
    fn is(&mut self, list: &mut MailList, contexts: &[AuthContext]) -> bool {
        let user = contexts.contains(&User).then_some(&self.address[..]);
        let login = log_in(list, &self.jar, contexts, &self.password, user);
        let is_known = login.is_some();
        self.cookies.extend(login.and_then(|login| login.cookie));
        is_known
    }
}

fn roster_page(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, shows_hidden: bool) -> Answer {
    let mut tags = visit.standard_tags(texts, list);
    tags.set("mm-regular-users", members(visit, texts, list, list.regular_members(), shows_hidden));
    tags.set("mm-digest-users", members(visit, texts, list, list.digest_members(), shows_hidden));
    // Shown even where there is nothing to choose.
    tags.set("mm-displang-box", submit("displang-button", &texts.say("View this page in")));
    tags.set("mm-lang-form-start", visit.list_form_start(list, "roster"));
    match visit.tag_page(texts, list, "roster.html", &tags)? {
        Some(page) => Ok(page),
        None => Ok(own_page(visit, texts, &tags, &list.real_name().to_string())),
    }
}

/// The page of a site that has no template of its own.
fn own_page(visit: &Visit<'_>, texts: &Texts<'_>, tags: &Tags, real_name: &str) -> super::Response {
    let title = format!("{real_name} Subscribers");
    let body = html! {
        (tags.get("mm-lang-form-start")) (tags.get("mm-displang-box")) " " (tags.get("mm-list-langs"))
        (tags.get("mm-form-end"))
        h1 { (title) }
        p.note { "Your address leads to the page of your membership. Members in parentheses receive no mail at present." }
        h2 { (tags.get("mm-num-reg-users")) " members who receive each post" }
        (tags.get("mm-regular-users"))
        h2 { (tags.get("mm-num-digesters")) " members who receive digests" }
        (tags.get("mm-digest-users"))
        (tags.get("mm-mailman-footer"))
    };
    visit.page(texts, &title, body)
}

/// The members as a list, and how many are not shown.
fn members(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    mut members: Vec<ByteStr>,
    shows_hidden: bool,
) -> Markup {
    let total = members.len();
    members.retain(|member| shows_hidden || !list.option(member, options::CONCEAL_SUBSCRIPTION));
    members.sort_unstable();
    let hidden = match total - members.len() {
        0 => Markup::default(),
        1 => texts.html("<em>(1 private member not shown)</em>", &[]),
        count => {
            let text = texts.say("<em>(%(num_concealed)d private members not shown)</em>");
            PreEscaped(text.replace("%(num_concealed)d", &count.to_string()))
        }
    };
    html! {
        (hidden)
        ul { @for member in &members { li { (entry(visit, texts, list, member)) } } }
    }
}

/// A member's address as a link to the options; in parentheses where nothing is delivered.
fn entry(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, member: &ByteStr) -> Markup {
    let is_obscured = list.truth(attributes::OBSCURE_ADDRESSES);
    let url = visit.options_url(list, member, is_obscured).to_string();
    let written = list.case_preserved(member).filter(|_| visit.has(Switch::RosterCasePreserved));
    let address = written.unwrap_or_else(|| member.clone());
    let shown = if is_obscured { super::urls::obscured_text(&address) } else { address };
    let label = html! { (safe(&texts.decode(&shown))) (real_name(visit, texts, list, member)) };
    let link = link(&url, label);
    match list.delivery_status(member) {
        DeliveryStatus::Enabled => link,
        _ => html! { em { "(" (link) ")" } },
    }
}

/// ` (NAME)`, where the site shows names.
fn real_name(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, member: &[u8]) -> Markup {
    let is_shown = visit.site.settings.truth(settings::ROSTER_DISPLAY_REALNAME);
    let name = list.name_of(member).filter(|_| is_shown).map(|name| texts.name(&name));
    name.filter(|name| !name.is_empty()).map(|name| safe(&format!(" ({name})"))).unwrap_or_default()
}
