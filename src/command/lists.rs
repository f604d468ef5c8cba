//! `lists`: the site's public lists, and this one. Mailman/Commands/cmd_lists.py.

use super::{info, Session, Step, Words};
use crate::error::HandlerError;
use compat::list::{self, attributes, MailList};
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    lists
        See a list of the public mailing lists on this GNU Mailman server.
";

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    if !arguments.is_empty() {
        return Ok(session.usage(HELP));
    }
    let host = session.ctx.list.host_name();
    session.fill("Public mailing lists at %(hostname)s:", &[("hostname", Value::Str(host))]);
    let mut names = list::names(session.ctx.site)?;
    names.sort();
    let mut number = 1;
    for name in names {
        if let Some(values) = values(session, name)? {
            show(session, number, values);
            number += 1;
        }
    }
    Ok(Step::Continue)
}

/// What is said of a list: its name, its description and where to ask.
type Shown = [(&'static str, Value); 3];

/// `None` for a list that is not to be named here.
fn values(session: &Session<'_, '_>, name: ByteStr) -> Result<Option<Shown>, HandlerError> {
    if name == *session.ctx.list.name() {
        return Ok(Some(shown(session, session.ctx.list)));
    }
    let list = MailList::load(session.ctx.site, name)?;
    let by_host = session.ctx.site.settings.truth(settings::VIRTUAL_HOST_OVERVIEW);
    let is_elsewhere = by_host && list.host_name() != session.ctx.list.host_name();
    Ok((list.truth(attributes::ADVERTISED) && !is_elsewhere).then(|| shown(session, &list)))
}

fn shown(session: &Session<'_, '_>, list: &MailList) -> Shown {
    [
        ("realname", Value::Str(list.real_name())),
        ("description", info::description(session, list)),
        ("requestaddr", Value::Str(list.request_address())),
    ]
}

fn show(session: &mut Session<'_, '_>, number: i64, values: Shown) {
    if number > 1 {
        session.push("");
    }
    let [name, description, request] = values;
    session.fill("%(i)3d. List name:   %(realname)s", &[("i", Value::Int(number)), name]);
    session.fill("     Description: %(description)s", &[description]);
    session.fill("     Requests to: %(requestaddr)s", &[request]);
}
