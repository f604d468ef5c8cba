//! `info`: the list in six lines. Mailman/Commands/cmd_info.py.

use super::{Session, Step, Words};
use crate::error::HandlerError;
use compat::list::{attributes, MailList};
use compat::value::Value;

pub const HELP: &str = "
    info
        Get information about this mailing list.
";

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    if !arguments.is_empty() {
        session.say(HELP);
        return Ok(Step::Stop);
    }
    let description = description(session, session.ctx.list);
    let list = &*session.ctx.list;
    let values = [
        ("listname", Value::Str(list.real_name())),
        ("description", description),
        ("postaddr", Value::Str(list.posting_address())),
        ("requestaddr", Value::Str(list.request_address())),
        ("owneraddr", Value::Str(list.owner_address())),
        ("listurl", Value::Str(list.script_url("listinfo", true))),
    ];
    session.fill("List name:    %(listname)s", &values);
    session.fill("Description:  %(description)s", &values);
    session.fill("Postings to:  %(postaddr)s", &values);
    session.fill("List Helpbot: %(requestaddr)s", &values);
    session.fill("List Owners:  %(owneraddr)s", &values);
    session.fill("More information: %(listurl)s", &values);
    Ok(Step::Continue)
}

/// A list's description, or a word for none.
pub fn description(session: &Session<'_, '_>, list: &MailList) -> Value {
    match list.get(attributes::DESCRIPTION).filter(|text| text.is_true()) {
        Some(text) => text.clone(),
        None => Value::Str(session.ctx.words().say("n/a")),
    }
}
