//! A member wants to leave.

use super::{name_of, Confirmation, Wish};
use crate::web::widgets::safe;
use crate::web::{Answer, Response, Texts};
use compat::list::pending::Pended;
use compat::list::MailList;
use compat::value::Value;
use compat::ByteStr;

pub(super) fn answer(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, pended: &Pended) -> Answer {
    let Some(address) = pended.content.first().and_then(Value::as_text) else { return Ok(ask.senseless(texts, &list)) };
    match ask.wish() {
        Wish::Look if !list.is_member(address) => gone(ask, list, texts),
        Wish::Look => Ok(prompt(ask, &list, address)),
        Wish::Cancel => {
            let list = ask.drop_record(list)?;
            let text = safe(&texts.say("You have canceled your unsubscription request."));
            Ok(ask.dropped(texts, &list, text))
        }
        Wish::Confirm => ask.carry_out(list, address, |texts, list| farewell(ask, texts, list)),
    }
}

fn gone(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>) -> Answer {
    let list = ask.drop_record(list)?;
    let text = texts.sentence(
        0x0964_09f8_47f7_e0b5,
        "This address is not on the mailing list. Perhaps it was taken off already, by the list administrator for instance.",
        &[],
    );
    Ok(ask.error(texts, &list, text))
}

fn prompt(ask: &Confirmation<'_>, list: &MailList, address: &ByteStr) -> Response {
    let texts = ask.visit.texts(&list.language_of(address));
    let values = [
        ("listname", safe(&list.real_name().to_string())),
        ("fullname", name_of(&texts, list, address, "<em>Not available</em>")),
        ("addr", safe(&texts.decode(address))),
    ];
    let text = texts.sentence(
        0xbca5_3fd7_3ee7_46cc,
        "Please confirm that you want to leave the mailing list <em>%(listname)s</em>. You are subscribed to it with \
         <ul><li><b>Real name:</b> %(fullname)s <li><b>Email address:</b> %(addr)s </ul> <p>If you want to stay, cancel the \
         request.",
        &values,
    );
    let buttons = [texts.say("Unsubscribe"), texts.say("Cancel and discard")];
    let title = texts.say("Confirm unsubscription request");
    ask.prompt(&texts, list, &title, text, maud::html! {}, [&buttons[0], &buttons[1]])
}

fn farewell(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList) -> Response {
    let url = ask.visit.absolute_list_url(list, "listinfo").to_string();
    let values = [("listname", safe(&list.real_name().to_string())), ("listinfourl", safe(&url))];
    let text = texts.sentence(
        0xad57_521f_f233_16c6,
        "You have successfully left the mailing list %(listname)s. Its <a href=\"%(listinfourl)s\">main page</a> is there \
         for you if you want to come back.",
        &values,
    );
    ask.done(texts, list, &texts.say("Unsubscription request confirmed"), text)
}
