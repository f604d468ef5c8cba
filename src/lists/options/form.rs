//! Options out of the fields of a page (`handleForm` of Mailman/Gui/).
//!
//! A field that was not sent leaves its option as it is; a value that is refused stops no other. Nothing here knows HTML:
//! what is to be said about a value comes back as [`Complaint`]s, what is to be done as [`Action`]s.

use super::apply::{set_row, Outcome, Source};
use super::complaints::{Complaint, BAD_ADDRESS, BLANK_REPLY_TO, GATEWAY, INVALID};
use super::history::Before;
use super::valid::int;
use super::{filters, topics_form, Action, Category, Row, Rule, Widget};
use compat::format::text_of;
use compat::list::{attributes, MailList};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// The fields of a form as a browser sent them: names and values are bytes in the charset of the page.
pub trait Fields {
    /// The first value of a field.
    fn first(&self, name: &[u8]) -> Option<&[u8]>;

    /// All values of a field, in their order.
    fn all(&self, name: &[u8]) -> Vec<&[u8]>;

    /// Whether the field was sent at all.
    fn has(&self, name: &[u8]) -> bool {
        self.first(name).is_some()
    }
}

/// What became of a form.
#[derive(Debug, Default, PartialEq)]
pub struct Handled {
    pub complaints: Vec<Complaint>,
    /// To be done by the caller, in this order.
    pub actions: Vec<Action>,
}

/// Sets what the form of a category has. `charset` is the one that the request names, if it names one.
pub fn handle(list: &mut MailList, category: &Category, fields: &dyn Fields, charset: Option<&[u8]>) -> Handled {
    let before = Before::of(list, category.rows());
    let mut handled = Handled::default();
    match (category.key, category.sub) {
        ("topics", _) => topics_form::handle(list, fields, &mut handled.complaints),
        ("privacy", Some("spam")) => filters::handle(list, fields, charset, &mut handled.complaints),
        _ => {}
    }
    let site = Rc::clone(list.site());
    for row in category.rows().filter(|row| row.is_on(&site) && !has_own_fields(row)) {
        let Some(value) = value_of(row, fields) else { continue };
        match row.rule {
            Rule::Act(action) => act(row, action, &value, &mut handled),
            _ => {
                let outcome = set_row(list, row, &value, Source::Page);
                handled.complaints.extend(complaints(row, outcome));
            }
        }
    }
    match category.key {
        "general" => check_reply_to(list, &mut handled),
        "gateway" => check_gateway(list, &mut handled),
        _ => {}
    }
    before.record(list);
    handled
}

/// Topics and header filters are read item by item, and with topics what stands beside them.
fn has_own_fields(row: &Row) -> bool {
    matches!(row.rule, Rule::Topics | Rule::WithTopics | Rule::FilterRules)
}

/// An upload counts more than the field, unless it is empty. Of a field that was sent twice the first value counts.
fn value_of(row: &Row, fields: &dyn Fields) -> Option<Value> {
    let upload = [row.name.as_bytes(), b"_upload"].concat();
    if let Some(upload) = fields.first(&upload).filter(|upload| !upload.is_empty()) {
        return Some(Value::str(upload));
    }
    let first = fields.first(row.name.as_bytes())?;
    Some(match row.widget {
        Widget::Languages | Widget::MemberOptions => {
            Value::list(fields.all(row.name.as_bytes()).into_iter().map(Value::str).collect())
        }
        _ => Value::str(first),
    })
}

fn act(row: &'static Row, action: Action, value: &Value, handled: &mut Handled) {
    match int(value) {
        Ok(Value::Int(0)) => {}
        Ok(_) => handled.actions.push(action),
        Err(_) => handled.complaints.push(Complaint::error(row.name, &INVALID)),
    }
}

fn complaints(row: &'static Row, outcome: Outcome) -> Vec<Complaint> {
    match outcome {
        Outcome::Set(remarks) => remarks,
        Outcome::Refused(why) => vec![why],
        Outcome::BadAddress(bad) => {
            vec![Complaint::error(row.name, &BAD_ADDRESS).with("error", bad.clone()).with("val", bad)]
        }
        Outcome::Invalid | Outcome::Unknown | Outcome::NonStandard | Outcome::Failed => {
            vec![Complaint::error(row.name, &INVALID)]
        }
    }
}

/// `_postValidate` of General: answers to an explicit address need one.
fn check_reply_to(list: &mut MailList, handled: &mut Handled) {
    if lacks_reply_to(list) {
        list.set(attributes::REPLY_TO_ADDRESS, Value::str(""));
        list.set(attributes::REPLY_GOES_TO_LIST, Value::Int(0));
        handled.complaints.push(Complaint::error("reply_goes_to_list", &BLANK_REPLY_TO));
    }
}

/// `_postValidate` of Usenet: a gateway needs a server and a newsgroup.
fn check_gateway(list: &mut MailList, handled: &mut Handled) {
    if lacks_newsgroup(list) {
        list.set(attributes::GATEWAY_TO_NEWS, Value::Int(0));
        list.set(attributes::GATEWAY_TO_MAIL, Value::Int(0));
        handled.complaints.push(Complaint::error("gateway_to_news", &GATEWAY));
    }
}

fn lacks_reply_to(list: &MailList) -> bool {
    const EXPLICIT: i64 = 2;
    list.int(attributes::REPLY_GOES_TO_LIST) == EXPLICIT
        && crate::text::strip(&list.str(attributes::REPLY_TO_ADDRESS)).is_empty()
}

fn lacks_newsgroup(list: &MailList) -> bool {
    let is_named = |name| !list.get(name).map(text_of).unwrap_or_default().is_empty();
    let is_on = list.truth(attributes::GATEWAY_TO_NEWS) || list.truth(attributes::GATEWAY_TO_MAIL);
    is_on && !(is_named(attributes::NNTP_HOST) && is_named(attributes::LINKED_NEWSGROUP))
}

/// Whether a form of this category changes something even if it has none of its fields.
pub fn puts_right(list: &MailList, category: &[u8]) -> bool {
    match category {
        b"general" => lacks_reply_to(list),
        b"gateway" => lacks_newsgroup(list),
        _ => false,
    }
}

impl Fields for Vec<(ByteStr, ByteStr)> {
    fn first(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().find(|(own, _)| own[..] == *name).map(|(_, value)| &value[..])
    }

    fn all(&self, name: &[u8]) -> Vec<&[u8]> {
        self.iter().filter(|(own, _)| own[..] == *name).map(|(_, value)| &value[..]).collect()
    }
}
