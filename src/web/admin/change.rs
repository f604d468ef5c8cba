//! What a form of the owner's pages asks for, done in Mailman's order (`change_options` of Mailman/Cgi/admin.py).
//!
//! Passwords, mass subscriptions and removals are looked for in the form of any page, since programs send them to any.

use super::mass::DRY_RUN;
use super::meanwhile::{self, Meanwhile};
use super::notes::Notes;
use super::place::Place;
use super::CONTEXTS;
use crate::auth::{cookie, hex_digest};
use crate::digest;
use crate::dns::Stub;
use crate::error::HandlerError;
use crate::lists::options::form::{self, Fields};
use crate::lists::options::{Action, Category};
use crate::membership::by_owner::{self, NoChange, Obstacle, Person, Report, Subscription};
use crate::membership::{preview, rows, MembershipContext, Notices};
use crate::web::widgets::{exact, safe};
use crate::web::{Form, Problem, Texts, Visit};
use compat::email::address::formataddr;
use compat::list::{attributes, LockedList};
use compat::queue::Outbox;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup};
use std::collections::HashMap;

/// Everything that the form asks for.
///
/// # Errors
/// What stops the request; nothing of it is kept then.
pub(super) fn all(
    visit: &Visit<'_>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    place: &Place,
    form: &Form,
    notes: &mut Notes,
    cookies: &mut Vec<ByteStr>,
) -> Result<(), Problem> {
    let texts = visit.texts(&list.preferred_language());
    passwords(visit, list, form, &texts, notes, cookies);
    let fields = Indexed::new(form);
    if place.category != "members" {
        options(visit, list, outbox, place, form, &fields, notes)?;
    }
    let language = list.preferred_language();
    let texts = visit.texts(&language);
    let dns = Stub::new(visit.site);
    let mut ctx = MembershipContext { site: visit.site, list, outbox, dns: &dns, language };
    let mut members = Members { ctx: &mut ctx, form, texts: &texts, notes };
    members.subscribe()?;
    members.remove()?;
    // Newer versions leave the rest of the form alone where an address cannot be changed.
    if visit.has(Switch::AddressChangePage) && !members.change_address()? {
        return Ok(());
    }
    if visit.has(Switch::SyncPage) {
        members.synchronise()?;
    }
    members.moderate_all()?;
    members.set_rows(&fields)
}

/// New passwords, each given twice. Nobody is asked for the old one, and none can be taken away.
fn passwords(
    visit: &Visit<'_>,
    list: &mut LockedList,
    form: &Form,
    texts: &Texts<'_>,
    notes: &mut Notes,
    cookies: &mut Vec<ByteStr>,
) {
    let poster = ("newpostpw", "confirmpostpw", attributes::POST_PASSWORD, "Poster passwords did not match");
    let known = [
        Some(("newmodpw", "confirmmodpw", attributes::MOD_PASSWORD, "Moderator passwords did not match")),
        visit.has(Switch::ApprovePosterPassword).then_some(poster),
        Some(("newpw", "confirmpw", attributes::PASSWORD, "Administrator passwords did not match")),
    ];
    for (new, again, attribute, complaint) in known.into_iter().flatten() {
        let (new, again) = (form.stripped(new), form.stripped(again));
        if new.is_empty() && again.is_empty() {
            continue;
        }
        if new != again {
            notes.error(texts, safe(&texts.say(complaint)));
            continue;
        }
        list.set(attribute, Value::Str(hex_digest(&new)));
        list.record(&[b"new ", attribute.as_str().as_bytes(), b" of the list"]);
        if attribute == attributes::PASSWORD {
            // The old cookie has lost its worth with the old password.
            cookies.extend(cookie::make(list, CONTEXTS[0], None).map(|cookie| cookie.header_value()));
        }
    }
}

fn options(
    visit: &Visit<'_>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    place: &Place,
    form: &Form,
    fields: &Indexed<'_>,
    notes: &mut Notes,
) -> Result<(), Problem> {
    let Some(category) = Category::find(&place.category, place.sub.as_deref()) else { return Ok(()) };
    let charset = visit.request.content_type.as_deref().and_then(charset_of);
    let meanwhile = Meanwhile::of(list, category, form);
    let handled = form::handle(list, category, fields, charset);
    let texts = visit.texts(&list.preferred_language());
    meanwhile.keep(list, &texts, notes);
    for complaint in &handled.complaints {
        notes.complaint(&texts, complaint);
    }
    for action in handled.actions {
        notes.done(act(visit, list, outbox, &texts, action)?);
    }
    Ok(())
}

/// The charset that the type of a request names.
fn charset_of(content_type: &[u8]) -> Option<&[u8]> {
    let lower = content_type.to_ascii_lowercase();
    let start = crate::text::find(&lower, b"charset=")? + b"charset=".len();
    let name = &content_type[start..];
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let length = name.iter().take_while(|byte| is_of_name(byte)).count();
    (length > 0).then(|| &name[..length])
}

fn act(
    visit: &Visit<'_>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    texts: &Texts<'_>,
    action: Action,
) -> Result<Markup, Problem> {
    Ok(match action {
        Action::NewVolume => {
            digest::begin_volume(list);
            let number = |name| safe(&list.int(name).to_string());
            texts.sentence(
                0x66e7_fbfd_2e29_b4f4,
                "The next digest will be volume %(volume)s, number %(number)s.",
                &[("volume", number(attributes::VOLUME)), ("number", number(attributes::NEXT_DIGEST_NUMBER))],
            )
        }
        Action::SendDigest => match digest::send_now(visit.site, list, outbox)? {
            true => safe(&texts.say("A digest has been sent.")),
            false => safe(&texts.say("There was no digest to send.")),
        },
        Action::CatchUp => {
            list.set(attributes::USENET_WATERMARK, Value::None);
            safe(&texts.say("Mass catchup completed"))
        }
    })
}

/// The parts of a form that are about members.
struct Members<'a, 'd> {
    ctx: &'a mut MembershipContext<'d>,
    form: &'a Form,
    texts: &'a Texts<'a>,
    notes: &'a mut Notes,
}

impl Members<'_, '_> {
    /// A text that is typed or uploaded; both, one behind the other.
    fn text(&self, name: &str) -> ByteStr {
        ByteStr::new([&self.form.value(name)[..], &self.form.value(&format!("{name}_upload"))].concat())
    }

    /// A choice between no and yes; the list decides where there is none.
    fn choice(&self, name: &str) -> Option<bool> {
        self.form.int(name).map(|number| number != 0)
    }

    fn subscribe(&mut self) -> Result<(), HandlerError> {
        let text = self.text("subscribees");
        if text.is_empty() {
            return Ok(());
        }
        let how = Subscription {
            invite: self.choice("subscribe_or_invite") == Some(true),
            notices: Notices {
                member: self.choice("send_welcome_msg_to_this_batch"),
                owners: self.choice("send_notifications_to_list_owner"),
            },
            text: self.form.value("invitation"),
        };
        if self.is_dry_run() {
            let report = preview::subscribe_all(self.ctx, &text)?;
            self.tell_preview(&report);
            return Ok(());
        }
        let report = by_owner::subscribe_all(self.ctx, &text, &how)?;
        match how.invite {
            true => self.tell_joined(&report, "Successfully invited:", "Error inviting:"),
            false => self.tell_joined(&report, "Successfully subscribed:", "Error subscribing:"),
        }
        Ok(())
    }

    fn is_dry_run(&self) -> bool {
        !self.form.value(DRY_RUN).is_empty()
    }

    /// What would happen. Programs that look for what has happened find none of it.
    fn tell_preview(&mut self, report: &Report) {
        self.notes.done(html! { "Nothing was changed. This is what would happen:" });
        let joined: Vec<Markup> = report.joined.iter().map(|person| shown(self.texts, person)).collect();
        self.notes.list(&format!("Would join ({}):", joined.len()), &joined);
        let failed: Vec<Markup> = report.not_joined.iter().map(|(entry, why)| self.obstacle(entry, why)).collect();
        self.notes.list("Would be refused:", &failed);
        let left = self.addresses(&report.left);
        self.notes.list(&format!("Would be removed ({}):", left.len()), &left);
        let strangers = self.addresses(&report.not_left);
        self.notes.list("Are no members:", &strangers);
    }

    fn tell_joined(&mut self, report: &Report, success: &str, failure: &str) {
        let joined: Vec<Markup> = report.joined.iter().map(|person| shown(self.texts, person)).collect();
        self.notes.list(&self.texts.say(success), &joined);
        let failed: Vec<Markup> = report.not_joined.iter().map(|(entry, why)| self.obstacle(entry, why)).collect();
        self.notes.list(&self.texts.say(failure), &failed);
    }

    fn obstacle(&self, entry: &[u8], why: &Obstacle) -> Markup {
        let texts = self.texts;
        let reason = match why {
            Obstacle::AlreadyMember => texts.say("Already a member"),
            Obstacle::Blank | Obstacle::BadAddress => texts.say("Bad/Invalid email address"),
            Obstacle::Hostile => texts.say("Hostile address (illegal characters)"),
            Obstacle::Banned(pattern) => {
                texts.fill("Banned address (matched %(pattern)s)", &[("pattern", &texts.decode(pattern))])
            }
        };
        let entry = match why {
            Obstacle::Blank => maud::PreEscaped(texts.say("&lt;blank line&gt;")),
            _ => safe(&texts.decode(entry)),
        };
        maud::PreEscaped(format!("{} -- {}", entry.0, safe(&reason).0))
    }

    fn remove(&mut self) -> Result<(), HandlerError> {
        let text = self.text("unsubscribees");
        if text.is_empty() {
            return Ok(());
        }
        let notices = Notices {
            member: self.choice("send_unsub_ack_to_this_batch"),
            owners: self.choice("send_unsub_notifications_to_list_owner"),
        };
        if self.is_dry_run() {
            let report = preview::remove_all(self.ctx, &text);
            self.tell_preview(&report);
            return Ok(());
        }
        let report = by_owner::remove_all(self.ctx, &text, notices)?;
        self.tell_left(&report);
        let failed = self.addresses(&report.not_left);
        self.notes.red_list(&self.texts.say("Cannot unsubscribe non-members:"), &failed);
        Ok(())
    }

    fn tell_left(&mut self, report: &Report) {
        let left = self.addresses(&report.left);
        self.notes.list(&self.texts.say("Successfully Unsubscribed:"), &left);
    }

    fn addresses(&self, addresses: &[ByteStr]) -> Vec<Markup> {
        addresses.iter().map(|address| safe(&self.texts.decode(address))).collect()
    }

    /// Whether the rest of the form still counts.
    fn change_address(&mut self) -> Result<bool, HandlerError> {
        if !self.form.has("change_from") {
            return Ok(true);
        }
        let (old, new) = (self.form.value("change_from"), self.form.value("change_to"));
        let (from, to) = (self.texts.decode(&old), self.texts.decode(&new));
        let done = by_owner::change_address(self.ctx, &old, &new)?;
        let message = self.told(&done, &from, &to);
        self.notes.heading(message);
        if done.is_ok() {
            for (box_name, who, shown) in [("notice_old", &old, &from), ("notice_new", &new, &to)] {
                if self.form.value(box_name) == "yes" {
                    by_owner::tell_of_change(self.ctx, who, &old, &new)?;
                    let values = [("schange_from", safe(shown)), ("schange_to", safe(shown))];
                    self.notes.heading(self.texts.html(notice_sent(box_name), &values));
                }
            }
        }
        let ends = [Err(NoChange::Missing), Err(NoChange::Same), Err(NoChange::BadAddress)];
        Ok(!ends.contains(&done) && !matches!(done, Err(NoChange::TakenAlready)))
    }

    fn told(&self, done: &Result<(), NoChange>, from: &str, to: &str) -> Markup {
        let texts = self.texts;
        let mut values = vec![("schange_from", safe(from)), ("schange_to", safe(to))];
        let message = match done {
            Ok(()) => "Address %(schange_from)s changed to %(schange_to)s",
            Err(NoChange::Missing) => "You must provide both current and new addresses.",
            Err(NoChange::Same) => "Current and new addresses must be different.",
            Err(NoChange::TakenAlready) => "%(schange_to)s is already a list member.",
            Err(NoChange::BadAddress) => "%(schange_to)s is not a valid email address.",
            Err(NoChange::NotAMember) => "%(schange_from)s is not a member",
            Err(NoChange::Banned(pattern)) => {
                values.push(("spat", safe(&texts.decode(pattern))));
                "%(schange_to)s matches banned pattern %(spat)s"
            }
        };
        texts.html(message, &values)
    }

    fn synchronise(&mut self) -> Result<(), HandlerError> {
        let text = self.text("memberlist");
        if text.is_empty() {
            return Ok(());
        }
        if self.is_dry_run() {
            let report = preview::synchronise(self.ctx, &text)?;
            self.tell_preview(&report);
            return Ok(());
        }
        let report = by_owner::synchronise(self.ctx, &text)?;
        self.tell_joined(&report, "Successfully subscribed:", "Error subscribing:");
        self.tell_left(&report);
        Ok(())
    }

    fn moderate_all(&mut self) -> Result<(), HandlerError> {
        if !self.form.has("allmodbit_btn") {
            return Ok(());
        }
        match self.form.int("allmodbit_val") {
            Some(on @ (0 | 1)) => rows::moderate_all(self.ctx, on == 1),
            _ => {
                self.notes.error(self.texts, safe(&self.texts.say("Bad moderation flag value")));
                Ok(())
            }
        }
    }

    fn set_rows(&mut self, fields: &Indexed<'_>) -> Result<(), Problem> {
        if !self.form.has("setmemberopts_btn") {
            return Ok(());
        }
        let made_from = rows::Shown::parse_all(&self.form.value(meanwhile::FIELD));
        let report = rows::set_all(self.ctx, fields, &made_from)?;
        let texts = self.texts;
        for user in &report.gone {
            let values = [("user", safe(&texts.decode(user)))];
            self.notes.warning(texts, texts.html("Ignoring changes to deleted member: %(user)s", &values));
        }
        for user in &report.untouched {
            let user = exact(&texts.decode(user));
            self.notes.warning(texts, maud::html! { "The form says nothing about " (user) "; nothing was changed." });
        }
        for user in &report.changed_meanwhile {
            let user = exact(&texts.decode(user));
            let said = maud::html! { "Somebody else has changed settings of " (user) " since this page was made; they were kept." };
            self.notes.warning(texts, said);
        }
        let removed = self.addresses(&report.removed);
        self.notes.list(&texts.say("Successfully Removed:"), &removed);
        let reason = safe(&texts.say("Not subscribed"));
        let failed: Vec<Markup> = self.addresses(&report.not_removed);
        let failed: Vec<Markup> =
            failed.into_iter().map(|user| maud::PreEscaped(format!("{} -- {}", user.0, reason.0))).collect();
        self.notes.list(&texts.say("Error Unsubscribing:"), &failed);
        Ok(())
    }
}

fn notice_sent(box_name: &str) -> &'static str {
    match box_name {
        "notice_old" => "Notification sent to %(schange_from)s.",
        _ => "Notification sent to %(schange_to)s.",
    }
}

fn shown(texts: &Texts<'_>, person: &Person) -> Markup {
    let name = match &person.name {
        Value::Unicode(name) => name.to_text(),
        other => texts.decode(&compat::format::text_of(other)),
    };
    let shown = formataddr(name.as_bytes(), &person.address);
    safe(&String::from_utf8_lossy(&shown))
}

/// A form whose fields are found by name at once: the page of members has thousands.
pub(super) struct Indexed<'a> {
    fields: HashMap<&'a [u8], Vec<&'a [u8]>>,
}

impl<'a> Indexed<'a> {
    pub(super) fn new(form: &'a Form) -> Indexed<'a> {
        let mut fields: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
        for field in form.fields() {
            fields.entry(&field.name).or_default().push(&field.value);
        }
        Indexed { fields }
    }
}

impl Fields for Indexed<'_> {
    fn first(&self, name: &[u8]) -> Option<&[u8]> {
        self.fields.get(name)?.first().copied()
    }

    fn all(&self, name: &[u8]) -> Vec<&[u8]> {
        self.fields.get(name).cloned().unwrap_or_default()
    }
}
