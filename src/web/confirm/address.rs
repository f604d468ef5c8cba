//! A member wants to use another address, on this list or on all.

use super::{bad, name_of, unknown, Confirmation, Wish};
use crate::confirmation::{self, Confirmed};
use crate::dns::Closed;
use crate::membership::{MembershipContext, Refused};
use crate::notice::{outbox, save_with_mail};
use crate::web::widgets::safe;
use crate::web::{Answer, Problem, Response, Texts};
use compat::list::pending::Pended;
use compat::list::MailList;
use compat::value::Value;
use compat::ByteStr;

/// From which address to which, and whether on all lists.
struct Change {
    old: ByteStr,
    new: ByteStr,
    globally: bool,
}

pub(super) fn answer(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, pended: &Pended) -> Answer {
    let [Value::Str(old), Value::Str(new), globally] = &pended.content[..] else {
        return Ok(ask.senseless(texts, &list));
    };
    let change = Change { old: old.clone(), new: new.clone(), globally: globally.is_true() };
    match ask.wish() {
        Wish::Look if !list.is_member(&change.old) => gone(ask, list, texts),
        Wish::Look => Ok(prompt(ask, &list, &change)),
        Wish::Cancel => {
            let list = ask.drop_record(list)?;
            let text = safe(&texts.say("You have canceled your change of address request."));
            Ok(ask.dropped(texts, &list, text))
        }
        Wish::Confirm => confirm(ask, list, &change),
    }
}

fn gone(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>) -> Answer {
    let list = ask.drop_record(list)?;
    let text = texts.sentence(
        0xe690_cdde_7df0_bb12,
        "The address that was to be changed has left the list meanwhile, and so the request is void.",
        &[],
    );
    Ok(ask.error(texts, &list, text))
}

fn prompt(ask: &Confirmation<'_>, list: &MailList, change: &Change) -> Response {
    let texts = ask.visit.texts(&list.language_of(&change.old));
    let globally = if change.globally { texts.say("globally") } else { String::new() };
    let values = [
        ("listname", safe(&list.real_name().to_string())),
        ("fullname", name_of(&texts, list, &change.old, "<em>Not available</em>")),
        ("oldaddr", safe(&texts.decode(&change.old))),
        ("newaddr", safe(&texts.decode(&change.new))),
        ("globallys", safe(&globally)),
    ];
    let text = texts.sentence(
        0x3d81_367b_7380_71ee,
        "Please confirm that you want to change your address on the mailing list <em>%(listname)s</em>. You are subscribed \
         to it with <ul><li><b>Real name:</b> %(fullname)s <li><b>Old email address:</b> %(oldaddr)s </ul> and want to \
         %(globallys)s change to <ul><li><b>New email address:</b> %(newaddr)s </ul> <p>If you want to keep the old one, \
         cancel the request.",
        &values,
    );
    let buttons = [texts.say("Change address"), texts.say("Cancel and discard")];
    let title = texts.say("Confirm change of address request");
    ask.prompt(&texts, list, &title, text, maud::html! {}, [&buttons[0], &buttons[1]])
}

fn confirm(ask: &Confirmation<'_>, list: MailList, change: &Change) -> Answer {
    let visit = ask.visit;
    let mut list = visit.lock(list)?;
    let language = list.language_of(&change.old);
    let texts = visit.texts(&language);
    let mut outbox = outbox(visit.site)?;
    let mut ctx = MembershipContext { site: visit.site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
    let outcome = confirmation::process(&mut ctx, &ask.cookie, None);
    let page = outcome_page(ask, &texts, &list, change, outcome)?;
    save_with_mail(&mut list, &mut outbox)?;
    Ok(page)
}

fn outcome_page(
    ask: &Confirmation<'_>,
    texts: &Texts<'_>,
    list: &MailList,
    change: &Change,
    outcome: Result<Confirmed, Refused>,
) -> Result<Response, Problem> {
    let (old, new) = (safe(&texts.decode(&change.old)), safe(&texts.decode(&change.new)));
    let real_name = safe(&list.real_name().to_string());
    let owner = safe(&list.owner_address().to_string());
    let text = match outcome {
        Ok(_) => {
            let url = list.options_url(&change.new, false, true).to_string();
            let values = [("listname", real_name), ("oldaddr", old), ("newaddr", new), ("optionsurl", safe(&url))];
            let text = texts.sentence(
                0x1429_d305_1e0c_439f,
                "Your address on the mailing list %(listname)s is now <b>%(newaddr)s</b> instead of <b>%(oldaddr)s</b>. You \
                 can now <a href=\"%(optionsurl)s\">go on to your options</a>.",
                &values,
            );
            return Ok(ask.done(texts, list, &texts.say("Change of address request confirmed"), text));
        }
        Err(Refused::NotAMember) => return Ok(ask.too_late(texts, list)),
        Err(Refused::BadCookie(_)) => return Ok(unknown(ask.visit, texts, list, &ask.cookie)),
        Err(Refused::Banned { .. }) => texts.sentence(
            0x0569_978b_9682_b43f,
            "%(newaddr)s is banned from the list %(realname)s. If you think that this is a mistake, write to the list \
             owners at %(owneraddr)s.",
            &[("newaddr", new), ("realname", real_name), ("owneraddr", owner)],
        ),
        Err(Refused::AlreadyMember) => {
            let text = texts.sentence(
                0xafbc_67e3_9b5e_8af5,
                "%(newaddr)s is on the list %(realname)s already. Perhaps you confirm for the second time.",
                &[("newaddr", new), ("realname", real_name)],
            );
            return Ok(bad(ask.visit, texts, list, text));
        }
        Err(other) => return Err(other.into()),
    };
    Ok(ask.error(texts, list, text))
}
