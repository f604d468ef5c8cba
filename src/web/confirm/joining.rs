//! Somebody wants to join: name, digests and language may still be changed.

use super::{real_name_box, unknown, Confirmation, Wish};
use crate::confirmation::{self, Confirmed};
use crate::dns::Stub;
use crate::lists::options::references;
use crate::membership::{MembershipContext, Refused, UserDesc};
use crate::notice::{outbox, save_with_mail};
use crate::web::widgets::{radio, safe, select};
use crate::web::{Answer, Problem, Response, Texts};
use compat::list::pending::Pended;
use compat::list::{attributes, MailList};
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup};

pub(super) fn answer(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, pended: &Pended) -> Answer {
    let Some(user) = pended.content.first().and_then(UserDesc::from_value) else {
        return Ok(ask.senseless(texts, &list));
    };
    match ask.wish() {
        Wish::Look => Ok(prompt(ask, &list, &user)),
        Wish::Cancel => {
            let list = ask.drop_record(list)?;
            let texts = ask.visit.texts(&user.language_on(&list));
            let text = safe(&texts.say("You have canceled your subscription request."));
            Ok(ask.dropped(&texts, &list, text))
        }
        Wish::Confirm => confirm(ask, list),
    }
}

fn prompt(ask: &Confirmation<'_>, list: &MailList, user: &UserDesc) -> Response {
    let texts = ask.visit.texts(&user.language_on(list));
    let list_name = list.real_name().to_string();
    let name = user.fullname.as_ref().map(|name| texts.name(name)).unwrap_or_default();
    let fields = html! {
        p.field { span { (texts.say("Your email address:")) } span { (safe(&texts.decode(&user.address))) } }
        label.field { span { (texts.say("Your real name:")) } (real_name_box(&name)) }
        @if list.truth(attributes::NONDIGESTABLE) && list.truth(attributes::DIGESTABLE) { (digest_choice(&texts, user)) }
        label.field { span { (texts.say("Preferred language:")) } (language_choice(&texts, list)) }
    };
    let go = texts.fill("Subscribe to list %(listname)s", &[("listname", &list_name)]);
    let stop = texts.say("Cancel my subscription request");
    let text = what_happens(ask, &texts, list, user);
    ask.prompt(&texts, list, &texts.say("Confirm subscription request"), text, fields, [&go, &stop])
}

fn what_happens(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList, user: &UserDesc) -> Markup {
    let invited = user.invitation.is_some() && ask.visit.has(Switch::InvitationNeedsNobody);
    let values = [("listname", safe(&list.real_name().to_string()))];
    match matches!(list.choice(attributes::SUBSCRIBE_POLICY), 2 | 3) && !invited {
        true => texts.sentence(
            0x071e_5345_53d2_d4a7,
            "Please confirm that you want to join the mailing list <em>%(listname)s</em>. You may still change what is \
             shown below. The list moderator then decides about your request, and you will be told. <p>Your password will \
             be sent to you by email when you are subscribed. <p>If you do not want to join after all, cancel the request.",
            &values,
        ),
        false => texts.sentence(
            0xcb88_deec_7507_5ec9,
            "Please confirm that you want to join the mailing list <em>%(listname)s</em>. You may still change what is \
             shown below; all your options are yours to change when you are subscribed. <p>Your password will be sent to \
             you by email; you can change it, too. <p>If you do not want to join after all, cancel the request.",
            &values,
        ),
    }
}

fn digest_choice(texts: &Texts<'_>, user: &UserDesc) -> Markup {
    let chosen = user.digest.as_ref().and_then(|digest| digest.as_int());
    let choice = |value: i64, label: &str| {
        html! { label { (radio("digests", &value.to_string(), chosen == Some(value))) (texts.say(label)) } }
    };
    html! { fieldset { legend { (texts.say("Receive digests?")) } (choice(0, "No")) " " (choice(1, "Yes")) } }
}

fn language_choice(texts: &Texts<'_>, list: &MailList) -> Markup {
    let languages = list.offered_languages();
    let chosen = if languages.contains(&texts.language) { texts.language.clone() } else { list.preferred_language() };
    let label = |lang: &ByteStr| (lang.to_string(), texts.language_name(lang));
    select("language", &languages.iter().map(label).collect::<Vec<_>>(), &chosen.to_string())
}

/// What the form changes of the request.
fn changes(ask: &Confirmation<'_>, language: Value, charset: &[u8]) -> UserDesc {
    let name = ask.form.get("realname").cloned();
    UserDesc {
        fullname: name.map(|name| Value::Unicode(references::resolved(&Value::Str(name), charset))),
        digest: ask.form.int("digests").map(Value::Int),
        language: Some(language),
        ..UserDesc::default()
    }
}

fn confirm(ask: &Confirmation<'_>, list: MailList) -> Answer {
    let visit = ask.visit;
    let language = visit.language(&ask.form, &list);
    let texts = visit.texts(&language);
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let changes = changes(ask, visit.language_value(&ask.form, &list), &texts.charset);
    let dns = Stub::new(visit.site);
    let mut ctx = MembershipContext {
        site: visit.site,
        list: &mut list,
        outbox: &mut outbox,
        dns: &dns,
        language: language.clone(),
    };
    let outcome = confirmation::process_from_page(&mut ctx, &ask.cookie, &changes);
    let page = outcome_page(ask, &texts, &list, outcome)?;
    save_with_mail(&mut list, &mut outbox)?;
    Ok(page)
}

fn outcome_page(
    ask: &Confirmation<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    outcome: Result<Confirmed, Refused>,
) -> Result<Response, Problem> {
    match outcome {
        Ok(Confirmed::Subscribed(user)) => Ok(welcome(ask, list, &user)),
        Ok(_) => {
            let values = [("listname", safe(&list.real_name().to_string()))];
            let text = texts.sentence(
                0xf2fc_d439_02cb_769c,
                "You have confirmed that you want to join the mailing list %(listname)s. The list moderator has your \
                 request now, and you will be told what was decided.",
                &values,
            );
            Ok(ask.done(texts, list, &texts.say("Awaiting moderator approval"), text))
        }
        Err(refused) => refusal(ask, texts, list, refused),
    }
}

fn welcome(ask: &Confirmation<'_>, list: &MailList, user: &UserDesc) -> Response {
    let texts = ask.visit.texts(&user.language_on(list));
    let url = list.options_url(&user.address, false, true).to_string();
    let values = [
        ("addr", safe(&texts.decode(&user.address))),
        ("listname", safe(&list.real_name().to_string())),
        ("optionsurl", safe(&url)),
    ];
    let text = texts.sentence(
        0x8f6c_9123_8e0e_f4e0,
        "You have successfully confirmed your subscription request: \"%(addr)s\" is on the mailing list %(listname)s now. An \
         email with your password and other things to know is on its way. <p>You can now <a href=\"%(optionsurl)s\">go on to \
         your options</a>.",
        &values,
    );
    ask.done(&texts, list, &texts.say("Subscription request confirmed"), text)
}

fn refusal(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList, refused: Refused) -> Result<Response, Problem> {
    let owner = [("owneraddr", safe(&list.owner_address().to_string()))];
    let text = match refused {
        Refused::NotAMember => return Ok(ask.too_late(texts, list)),
        Refused::BadCookie(_) => return Ok(unknown(ask.visit, texts, list, &ask.cookie)),
        Refused::AlreadyMember => safe(&texts.say("You are already a member of this mailing list!")),
        Refused::Banned { .. } => texts.sentence(
            0x6925_dfae_beda_6f8b,
            "You are banned from joining this list. If you think that this is a mistake, write to the list owners at \
             %(owneraddr)s.",
            &owner,
        ),
        Refused::HostileSubscription => texts.sentence(
            0xdca0_a54c_5438_160d,
            "You were not invited to this mailing list. The invitation is void now, and the administrators of both lists \
             have been told.",
            &[],
        ),
        other => return Err(other.into()),
    };
    Ok(ask.error(texts, list, text))
}
