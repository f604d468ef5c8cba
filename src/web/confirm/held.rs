//! The sender of a held post may take it back.

use super::{bad, Confirmation, Wish};
use crate::dns::Closed;
use crate::error::HandlerError;
use crate::membership::{MembershipContext, Refused};
use crate::moderation::{decide_on_post, Action, Decision};
use crate::notice::{outbox, save_with_mail, Words};
use crate::text::header::one_line_in;
use crate::web::widgets::safe;
use crate::web::{Answer, Response, Texts};
use compat::list::pending::Pended;
use compat::list::requests::RequestKind;
use compat::list::{LockedList, MailList};
use compat::value::Value;
use compat::ByteStr;
use maud::html;

/// What the list keeps of a held post, as far as it is shown.
struct Post {
    sender: ByteStr,
    subject: ByteStr,
    reason: ByteStr,
}

impl Post {
    /// The post of a number; `None` where a moderator has decided already.
    fn find(list: &mut LockedList, id: i64) -> Result<Option<Post>, HandlerError> {
        let Some((RequestKind::HeldMessage, record)) = list.requests()?.get(id) else { return Ok(None) };
        let Some([_, sender, subject, reason, ..]) = record.as_items() else { return Ok(None) };
        let text = |value: &Value| value.as_text().cloned().unwrap_or_default();
        Ok(Some(Post { sender: text(sender), subject: text(subject), reason: text(reason) }))
    }

    /// The subject as one line of text.
    fn subject(&self) -> String {
        crate::web::texts::decode(&one_line_in(&self.subject, b"utf-8"), b"utf-8")
    }
}

pub(super) fn answer(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, pended: &Pended) -> Answer {
    let Some(id) = pended.content.first().and_then(Value::as_int) else { return Ok(ask.senseless(texts, &list)) };
    match ask.wish() {
        Wish::Look => prompt(ask, list, texts, id),
        Wish::Cancel => {
            let list = ask.drop_record(list)?;
            let text = texts.sentence(
                0x6814_bdf5_cebf_6248,
                "All right: the list moderator goes on to decide about this message.",
                &[],
            );
            Ok(ask.done(texts, &list, &texts.say("Continue awaiting approval"), text))
        }
        Wish::Confirm => discard(ask, list, texts, id),
    }
}

fn prompt(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, id: i64) -> Answer {
    let mut list = ask.visit.lock(list)?;
    let Some(post) = Post::find(&mut list, id)? else {
        let text = texts.sentence(
            0xf2ac_1212_3974_d499,
            "The list administrator has already decided about this message.",
            &[],
        );
        return Ok(bad(ask.visit, texts, &list, text));
    };
    let texts = ask.visit.texts(&list.language_of(&post.sender));
    let reason = Words::new(ask.visit.site, &texts.language).fill(&post.reason, &[]);
    let values = [
        ("listname", safe(&list.real_name().to_string())),
        ("sender", safe(&texts.decode(&post.sender))),
        ("subject", safe(&post.subject())),
        ("reason", safe(&texts.decode(&reason))),
    ];
    let text = texts.sentence(
        0x7fa4_4102_1fbd_3ee9,
        "Please confirm that you want to take back your message to the mailing list <em>%(listname)s</em>: <ul><li><b>\
         Sender:</b> %(sender)s <li><b>Subject:</b> %(subject)s <li><b>Reason:</b> %(reason)s </ul> <p>If you do not, the \
         list moderator goes on to decide about it.",
        &values,
    );
    let buttons = [texts.say("Cancel posting"), texts.say("Continue awaiting approval")];
    let title = texts.say("Cancel held message posting");
    Ok(ask.prompt(&texts, &list, &title, text, html! {}, [&buttons[0], &buttons[1]]))
}

fn discard(ask: &Confirmation<'_>, list: MailList, texts: &Texts<'_>, id: i64) -> Answer {
    let visit = ask.visit;
    let mut list = visit.lock(list)?;
    let was_there = list.pend_use(&ask.cookie)?.is_some();
    let post = Post::find(&mut list, id)?.filter(|_| was_there);
    let mut outbox = outbox(visit.site)?;
    let page = match post {
        None => too_late(ask, texts, &list, "n/a"),
        Some(post) => {
            let language = list.language_of(&post.sender);
            let texts = visit.texts(&language);
            let subject = post.subject();
            let comment = Words::new(visit.site, &language).say("Sender discarded message via web.");
            let decision = Decision { comment: Some(&comment), ..Decision::plain(Action::Discard) };
            let mut ctx =
                MembershipContext { site: visit.site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
            match decide_on_post(&mut ctx, id, &decision) {
                Ok(crate::moderation::Decided::Lost) | Err(Refused::RequestGone(_)) => {
                    too_late(ask, &texts, &list, &subject)
                }
                Ok(_) => discarded(ask, &texts, &list, &subject),
                Err(other) => return Err(other.into()),
            }
        }
    };
    save_with_mail(&mut list, &mut outbox)?;
    Ok(page)
}

fn discarded(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList, subject: &str) -> Response {
    let values = [("subject", safe(subject)), ("listname", safe(&list.real_name().to_string()))];
    let text = texts.sentence(
        0x07ee_af42_f7f1_bbc7,
        "You have successfully taken back your message with the Subject <em>%(subject)s</em>: it will not reach the mailing \
         list %(listname)s.",
        &values,
    );
    ask.done(texts, list, &texts.say("Posted message canceled"), text)
}

fn too_late(ask: &Confirmation<'_>, texts: &Texts<'_>, list: &MailList, subject: &str) -> Response {
    let text = texts.sentence(
        0x0d2e_7246_3853_8a76,
        "The message with the Subject <em>%(subject)s</em> is not held any more. Most likely the list moderator has decided \
         about it before you.",
        &[("subject", safe(subject))],
    );
    bad(ask.visit, texts, list, text)
}
