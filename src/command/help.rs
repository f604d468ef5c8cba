//! `help`: the list's help with all commands in it. Mailman/Commands/cmd_help.py.

use super::table::COMMANDS;
use super::{Session, Step, Words};
use crate::error::HandlerError;
use crate::notice::Template;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    help
        Print this help message.
";

pub fn process(session: &mut Session<'_, '_>, _arguments: Words) -> Result<Step, HandlerError> {
    let member = session.ctx.senders().into_iter().find(|sender| session.ctx.list.is_member(sender));
    if let Some(member) = member {
        session.say("You can access your personal options via the following url:");
        let url = session.ctx.list.options_url(&member, false, true);
        session.push(url);
        session.push("");
    }
    let text = text(session)?;
    session.push("help");
    session.push(text);
    Ok(Step::Continue)
}

fn text(session: &Session<'_, '_>) -> Result<ByteStr, HandlerError> {
    let (list, site) = (&*session.ctx.list, session.ctx.site);
    let values = [
        ("listname", Value::Str(list.real_name())),
        ("version", Value::Str(site.settings.str(settings::VERSION)?)),
        ("listinfo_url", Value::Str(list.script_url("listinfo", true))),
        ("requestaddr", Value::Str(list.request_address())),
        ("adminaddr", Value::Str(list.owner_address())),
        ("commands", Value::Str(commands(session))),
    ];
    Template { name: "help.txt", values: &values, language: Some(&session.language), raw: true }.for_list(list)
}

fn commands(session: &Session<'_, '_>) -> ByteStr {
    let words = session.ctx.words();
    let helps = COMMANDS.iter().filter_map(|command| (command.help)(session.ctx.list));
    ByteStr::new(helps.map(|help| words.say(help)).collect::<Vec<_>>().concat())
}
