//! Name, address, password of a member, the member's other lists, and leaving.

use super::Member;
use crate::auth::{cookie, AuthContext};
use crate::dns::Stub;
use crate::lists::options::references;
use crate::membership::watched::Watched;
use crate::membership::{address, elsewhere, MembershipContext, Notices, Refused};
use crate::moderation::requests::{self, Outcome};
use crate::notice::{outbox, save_with_mail};
use crate::web::widgets::{link, safe};
use crate::web::{Answer, Problem, Response};
use compat::list::{DeliveryStatus, LockedList, MailList};
use compat::queue::Outbox;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

/// The lists of this host on which the member is too.
pub(super) fn other_subscriptions(member: &mut Member<'_, '_>, list: &MailList) -> Answer {
    if !member.may_act_elsewhere {
        let note = member.texts.sentence(
            0xd070_a977_1823_9829,
            "The list administrator may not see on which other lists this member is.",
            &[],
        );
        member.note(note);
        return member.page(list, Markup::default());
    }
    let texts = &member.texts;
    let values = [("safeuser", texts.decode(&member.user)), ("hostname", list.host_name().to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let title = texts.fill("List subscriptions for %(safeuser)s on %(hostname)s", &values);
    let mut rows = vec![row(member, list)];
    for other in elsewhere::lists(list, &member.user)? {
        rows.push(row(member, &other));
    }
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let body = html! {
        h2 { (title) }
        p { (texts.sentence(
            0x1a58_deab_940c_3d1e,
            "The name of a list leads to your options there.",
            &[],
        )) }
        ol { @for (_, row) in &rows { li { (row) } } }
    };
    Ok(member.visit.page(texts, &title, body))
}

/// A list of the member's: its name to sort by, and the link to the options there.
fn row(member: &Member<'_, '_>, list: &MailList) -> (ByteStr, Markup) {
    let (texts, user) = (&member.texts, &member.user);
    let name = list.real_name();
    let url = member.visit.options_url(list, user, false).to_string();
    let is_stopped = list.delivery_status(user) != DeliveryStatus::Enabled;
    let has_digests = list.is_digest_member(user) == Some(true);
    let row = html! {
        (link(&url, safe(&name.to_string())))
        @if is_stopped { ", " (texts.say("nomail")) }
        @if has_digests { ", " (texts.say("digest")) }
    };
    (name, row)
}

/// What the form says of a new address.
enum NewAddress {
    /// Nothing.
    None,
    /// One that a mail will ask about.
    Wanted(ByteStr),
    /// It is refused, and so is all else.
    Refused(Markup),
}

/// Changes the name at once, and asks the new address whether it is meant.
pub(super) fn change_address(member: &mut Member<'_, '_>, list: &mut LockedList) -> Result<Markup, Problem> {
    let globally = may_change_all(
        member,
        "changeaddr-globally",
        0x773d_1e56_7d30_baf9,
        "The list administrator may not change name or address on this member's other lists. On this list they have been \
         changed.",
    );
    let name = new_name(member, list);
    let mut message = Markup::default();
    let wanted = match new_address(member, list, name.is_some(), globally, &mut message) {
        NewAddress::Refused(complaint) => return Ok(complaint),
        NewAddress::Wanted(address) => Some(address),
        NewAddress::None => None,
    };
    let mut outbox = outbox(member.visit.site)?;
    if let Some(address) = wanted {
        message = ask_new_address(member, list, &mut outbox, &address, globally, message)?;
    }
    if let Some(name) = &name {
        let watched = Watched::begin(list, &member.user);
        list.set_name(&member.user, name.clone())?;
        watched.end(list);
        message = html! { (message) (member.texts.say("Member name successfully changed. ")) };
    }
    save_with_mail(list, &mut outbox)?;
    if let Some(name) = name.filter(|_| globally) {
        elsewhere::change(list, &member.user, |other| other.set_name(&member.user, name.clone()))?;
    }
    Ok(message)
}

/// Whether a box "on all lists" is ticked and counts; it does not for the list's administrator, who is told so.
pub(super) fn may_change_all(member: &mut Member<'_, '_>, field: &str, key: u64, note: &str) -> bool {
    let is_ticked = !member.form.value(field).is_empty();
    if is_ticked && !member.may_act_elsewhere {
        let note = member.texts.sentence(key, note, &[]);
        member.note(note);
    }
    is_ticked && member.may_act_elsewhere
}

/// The name, if it is another than before. Without the field, a request of a program, it stays.
fn new_name(member: &Member<'_, '_>, list: &MailList) -> Option<Value> {
    let typed = member.form.get("fullname")?;
    let charset = &member.shown_in.charset;
    let name = references::resolved(&Value::Str(typed.clone()), charset);
    let is_known = match list.name_of(&member.user) {
        Some(Value::Unicode(known)) => known == name,
        // Python takes no `str` beyond ASCII for equal to a `unicode`.
        Some(known) => known.as_text().is_some_and(|known| known.is_ascii() && *known == name.0),
        None => name.0.is_empty(),
    };
    (!is_known).then_some(Value::Unicode(name))
}

fn new_address(
    member: &Member<'_, '_>,
    list: &MailList,
    has_name: bool,
    globally: bool,
    message: &mut Markup,
) -> NewAddress {
    let texts = &member.texts;
    let (new, again) = (member.form.value("new-address"), member.form.value("confirm-address"));
    let refuse = |text: &str| NewAddress::Refused(safe(&texts.say(text)));
    if new.is_empty() || again.is_empty() {
        let is_half = !(new.is_empty() && again.is_empty());
        return if is_half && !has_name { refuse("Addresses may not be blank") } else { NewAddress::None };
    }
    if new != again {
        return refuse("Addresses did not match!");
    }
    let written = list.case_preserved(&member.user).filter(|written| **written != *member.user.to_ascii_lowercase());
    if written.is_some_and(|written| written == new) {
        return refuse("You are already using that email address");
    }
    if list.is_member(&new) {
        let shown = safe(&texts.decode(&new));
        if !globally {
            return NewAddress::Refused(
                texts.html("The new address is already a member: %(newaddr)s", &[("newaddr", shown)]),
            );
        }
        let values = [
            ("newaddr", shown),
            ("listname", safe(&list.real_name().to_string())),
            ("safeuser", safe(&texts.decode(&member.user))),
        ];
        *message = texts.sentence(
            0xf569_dab8_b023_5feb,
            "The new address %(newaddr)s is a member of %(listname)s already, but you want it changed everywhere. Once it is \
             confirmed, every other list with %(safeuser)s is changed. ",
            &values,
        );
    }
    NewAddress::Wanted(new)
}

/// Whether the change is for all lists, as it is stored until it is confirmed.
fn stored(member: &Member<'_, '_>, globally: bool) -> Value {
    match member.form.get("changeaddr-globally") {
        None => Value::None,
        Some(value) if globally || value.is_empty() => Value::Str(value.clone()),
        Some(_) => Value::Bool(false),
    }
}

/// Mails the question to the new address; what is said about it.
fn ask_new_address(
    member: &Member<'_, '_>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    new: &ByteStr,
    globally: bool,
    before: Markup,
) -> Result<Markup, Problem> {
    let (texts, visit) = (&member.texts, member.visit);
    let old = list.case_preserved(&member.user).filter(|written| **written != *member.user.to_ascii_lowercase());
    let old = old.unwrap_or_else(|| member.user.clone());
    let dns = Stub::new(visit.site);
    let owner = safe(&list.owner_address().to_string());
    let mut ctx = MembershipContext { site: visit.site, list, outbox, dns: &dns, language: texts.language.clone() };
    let shown = ("newaddr", safe(&texts.decode(new)));
    Ok(match address::change(&mut ctx, &old, new, stored(member, globally)) {
        Ok(()) => {
            html! { (before) (texts.html("A confirmation message has been sent to %(newaddr)s. ", &[shown])) }
        }
        Err(Refused::BadEmail) => safe(&texts.say("Bad email address provided")),
        Err(Refused::HostileAddress) => safe(&texts.say("Illegal email address provided")),
        Err(Refused::AlreadyMember) => texts.html("%(newaddr)s is already a member of the list.", &[shown]),
        Err(Refused::Banned { .. }) => texts.sentence(
            0x5df8_54b9_b5a3_e85c,
            "%(newaddr)s is banned from this list. If you think that this is a mistake, write to the list owners at \
             %(owneraddr)s.",
            &[shown, ("owneraddr", owner)],
        ),
        Err(other) => return Err(other.into()),
    })
}

/// Sets a new password, on all lists of the host where that is asked for.
pub(super) fn change_password(member: &mut Member<'_, '_>, list: &mut LockedList) -> Result<Markup, Problem> {
    let texts = &member.texts;
    let settings = &member.visit.site.settings;
    if !member.may_act_elsewhere && !settings.truth(settings::OWNERS_CAN_CHANGE_MEMBER_PASSWORDS) {
        let message =
            texts.sentence(0x9c08_9c8b_bd89_c94e, "The list administrator may not change a member's password.", &[]);
        member.notes.push(super::tagged("Error: ", message));
        return Ok(Markup::default());
    }
    let strips = member.visit.has(compat::site::Switch::LoginStripped);
    let field = |name: &str| if strips { member.form.stripped(name) } else { member.form.value(name) };
    let (new, again) = (field("newpw"), field("confpw"));
    if new.is_empty() || again.is_empty() {
        return Ok(safe(&texts.say("Passwords may not be blank")));
    }
    if new != again {
        return Ok(safe(&texts.say("Passwords did not match!")));
    }
    let globally = may_change_all(
        member,
        "pw-globally",
        0x6228_4dcc_c3e4_8361,
        "The list administrator may not change the password on this member's other lists. On this list it has been changed.",
    );
    list.set_password(&member.user, &new)?;
    list.record(&[b"new password of ", &member.user]);
    list.save()?;
    if globally {
        elsewhere::change(list, &member.user, |other| {
            other.record(&[b"new password of ", &member.user]);
            other.set_password(&member.user, &new)
        })?;
    }
    // So that the browser is still logged in.
    member.cookies.extend(cookie::make(list, AuthContext::User, Some(&member.user)));
    Ok(safe(&member.texts.say("Password successfully changed.")))
}

/// Leaves the list, or asks for it where a moderator decides: the page about it. Or a message, where the box beside the
/// button was not ticked.
pub(super) fn leave(member: &Member<'_, '_>, list: &mut LockedList) -> Result<Result<Response, Markup>, Problem> {
    let texts = &member.texts;
    if member.form.value("unsubconfirm").is_empty() {
        return Ok(Err(texts.sentence(
            0xa5a9_bad5_b7fb_ea78,
            "You have not been unsubscribed! To leave the list, also tick the box below the <em>Unsubscribe</em> button.",
            &[],
        )));
    }
    let mut outbox = outbox(member.visit.site)?;
    let dns = Stub::new(member.visit.site);
    let mut ctx = MembershipContext {
        site: member.visit.site,
        list,
        outbox: &mut outbox,
        dns: &dns,
        language: texts.language.clone(),
    };
    let notices = Notices { member: Some(true), owners: None };
    let outcome = match requests::leave(&mut ctx, &member.user, Some("via the member options page"), notices) {
        // Somebody removed the member a moment ago.
        Err(Refused::NotAMember) => Outcome::Done,
        outcome => outcome?,
    };
    save_with_mail(list, &mut outbox)?;
    let title = texts.say("Unsubscription results");
    let body = html! {
        h2 { (title) }
        p role="status" { (said_of_leaving(member, list, &outcome)) }
        (member.visit.footer(texts, list))
    };
    Ok(Ok(member.visit.page(texts, &title, body)))
}

fn said_of_leaving(member: &Member<'_, '_>, list: &MailList, outcome: &Outcome) -> Markup {
    let address = |address: ByteStr| PreEscaped(safe(&address.to_string()).0);
    match outcome {
        Outcome::AwaitsModerator { .. } => member.texts.sentence(
            0xa033_8c3d_26c5_793c,
            "Your request to leave waits for the list moderators. An email will tell you what they decided.",
            &[],
        ),
        _ => member.texts.sentence(
            0x105b_43c4_b6d5_dc9a,
            "You are no longer on the list %(fqdn_listname)s. If you had digests, one more may come. If you have questions, \
             write to the list owners at %(owneraddr)s.",
            &[("fqdn_listname", address(list.posting_address())), ("owneraddr", address(list.owner_address()))],
        ),
    }
}
