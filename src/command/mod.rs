//! Commands by mail: what people write to a list's -request, -join, -leave and -confirm addresses.
//!
//! A message's Subject and the first lines of its text are command lines, each a word and its arguments. Commands run
//! one after the other on the locked list and collect the lines of one reply. This answers to the class `Results` of
//! Mailman/Queue/CommandRunner.py and to Mailman/Commands, one file per command.

mod authority;
mod confirm;
mod echo;
mod end;
mod help;
mod info;
mod lines;
mod lists;
mod password;
mod reply;
mod resolve;
mod set;
mod subscribe;
mod table;
#[cfg(test)]
mod tests;
mod unsubscribe;
mod who;
mod words;

pub use resolve::site_command;

use crate::error::{Culprit, HandlerError};
use crate::membership::MembershipContext;
use crate::pipeline::Context;
use compat::email::address::parseaddr;
use compat::pattern::{Flags, Pattern};
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;
use resolve::Resolved;
use words::Words;

const NOT_A_MEMBER: &str = "You are not a member of the %(listname)s mailing list";

/// What one line came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A command ran; the next line may follow.
    Continue,
    /// A command ran and was the last.
    Stop,
    /// No command: what follows is somebody's signature.
    NoCommand,
    /// No command, but as this is the Subject that means nothing.
    NoCommandInSubject,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It had no command and nobody answers it, so that nothing is to be saved either.
    Dropped,
    /// It was answered; of the list nothing changed but whom it has answered.
    Told,
    /// Something was, or may have been, changed: of the list or of what waits beside it.
    Changed,
}

/// A command's work: it is given its arguments, and says whether lines after it count.
type Work = fn(&mut Session<'_, '_>, Words) -> Result<Step, HandlerError>;

/// A message with commands, while they run.
pub struct Session<'s, 'a> {
    ctx: &'s mut Context<'a>,
    /// The language of the reply, also where a command changes that of the moment.
    language: ByteStr,
    /// All command lines, the Subject first.
    commands: Vec<ByteStr>,
    /// The text whose lines nobody looks at.
    ignored: ByteStr,
    /// How many lines are dealt with.
    line: usize,
    /// How often another word of the Subject was tried.
    retries: u8,
    results: Vec<ByteStr>,
    /// Who gets the reply, where it is not the sender.
    return_address: Option<ByteStr>,
    /// False where another mail is answer enough.
    respond: bool,
    /// Whether a command ran that does more than to tell something.
    changes: bool,
    set: set::State,
}

/// Runs the commands of a message and writes the reply.
///
/// # Errors
/// A command failed in a way that is not the sender's business.
pub fn answer(ctx: &mut Context<'_>) -> Result<Outcome, HandlerError> {
    let mut session = Session::new(ctx)?;
    let step = session.run()?;
    Ok(match (session.reply(step)?, session.changes) {
        (false, _) => Outcome::Dropped,
        (true, false) => Outcome::Told,
        (true, true) => Outcome::Changed,
    })
}

impl<'s, 'a> Session<'s, 'a> {
    fn new(ctx: &'s mut Context<'a>) -> Result<Self, HandlerError> {
        let language = ctx.data.str("lang").unwrap_or_else(|| ctx.language.clone());
        let read = lines::read(ctx, &language)?;
        let mut session = Session {
            ctx,
            language,
            commands: read.commands,
            ignored: read.ignored,
            line: 0,
            retries: 0,
            results: Vec::new(),
            return_address: None,
            respond: true,
            changes: false,
            set: set::State::default(),
        };
        if read.has_other_parts {
            session.say("Ignoring non-text/plain MIME parts");
        }
        Ok(session)
    }

    /// What is to be run depends on the address that the message came to.
    fn run(&mut self) -> Result<Step, HandlerError> {
        let came_to = |key: &str| self.ctx.data.truth(key);
        self.changes = !came_to("torequest");
        if !self.changes {
            self.run_lines()
        } else if came_to("tojoin") {
            subscribe::process(self, Words::default())
        } else if came_to("toleave") {
            unsubscribe::process(self, Words::default())
        } else if came_to("toconfirm") {
            match self.cookie_of_address()? {
                Some(cookie) => confirm::process(self, Words::one(cookie)),
                None => Ok(Step::NoCommand),
            }
        } else {
            Ok(Step::NoCommand)
        }
    }

    /// Line after line up to the first that is none. The answer tells whether any was a command.
    fn run_lines(&mut self) -> Result<Step, HandlerError> {
        let mut found = Step::NoCommand;
        // A confirmation takes lines out of `commands`; the lines that are run stay as they were.
        for line in self.commands.clone() {
            let step = self.run_line(&line)?;
            if let Some(Step::Continue | Step::Stop) = step {
                found = step.unwrap_or(found);
            }
            self.line += 1;
            if let Some(Step::Stop | Step::NoCommand) = step {
                break;
            }
        }
        Ok(found)
    }

    /// `None` for an empty line.
    fn run_line(&mut self, line: &ByteStr) -> Result<Option<Step>, HandlerError> {
        let words = Words::of(line);
        if words.is_empty() {
            return Ok(None);
        }
        match resolve::resolve(self.ctx.site, self.line, &mut self.retries, words) {
            Resolved::Command(command, arguments) => {
                self.changes |= !command.only_tells;
                (command.work)(self, arguments).map(Some)
            }
            Resolved::SiteCommand(name) => Err(HandlerError::Unknown(name)),
            Resolved::Broken(name) => {
                Err(Culprit::Message("its command is no word").says(format!("{name:?} is no name of a module")))
            }
            Resolved::Unknown if self.line == 0 => Ok(Some(Step::NoCommandInSubject)),
            Resolved::Unknown => Ok(Some(Step::NoCommand)),
        }
    }

    /// The cookie in the first To header, where the -confirm address carries it.
    fn cookie_of_address(&self) -> Result<Option<ByteStr>, HandlerError> {
        let pattern = self.ctx.site.settings.str(settings::VERP_CONFIRM_REGEXP)?;
        let pattern =
            Pattern::new(&pattern, Flags::default()).map_err(HandlerError::at(settings::VERP_CONFIRM_REGEXP))?;
        let found = pattern.match_start(&self.ctx.header("to").unwrap_or_default())?;
        Ok(found.and_then(|found| found.named("cookie")))
    }

    /// A line of the reply.
    fn push(&mut self, line: impl Into<ByteStr>) {
        self.results.push(line.into());
    }

    /// A line in the language of now.
    fn say(&mut self, english: &str) {
        self.fill(english, &[]);
    }

    /// A line with values.
    fn fill(&mut self, english: &str, values: &[(&str, Value)]) {
        let line = self.ctx.words().fill(english, values);
        self.results.push(line);
    }

    /// How a command is to be used, as the last line of its answer.
    fn usage(&mut self, help: &str) -> Step {
        self.say("Usage:");
        self.say(help);
        Step::Stop
    }

    /// Some old catalogues fill in the sender's name by mistake, which is at hand where `from` was asked.
    fn say_not_a_member(&mut self, sender: Option<&ByteStr>) -> Step {
        let name = self.ctx.list.real_name();
        let mut values = vec![("listname", Value::Str(name))];
        values.extend(sender.map(|sender| ("realname", Value::Str(sender.clone()))));
        self.fill(NOT_A_MEMBER, &values);
        Step::Stop
    }

    /// The name and the address in From.
    fn from(&self) -> (ByteStr, ByteStr) {
        parseaddr(&self.ctx.header("from").unwrap_or_default())
    }

    fn address_of_from(&self) -> ByteStr {
        self.from().1
    }

    /// Changes a membership. The language may be another one afterwards.
    fn with_membership<T>(&mut self, work: impl FnOnce(&mut MembershipContext<'_>) -> T) -> T {
        let ctx = &mut *self.ctx;
        let language = ctx.language.clone();
        let mut membership = MembershipContext {
            site: ctx.site,
            list: &mut *ctx.list,
            outbox: &mut *ctx.outbox,
            dns: ctx.dns,
            language,
        };
        let outcome = work(&mut membership);
        ctx.language = membership.language;
        outcome
    }
}

/// What stands behind `address=`, where the argument is that.
fn address_argument(argument: &ByteStr) -> Option<ByteStr> {
    argument.starts_with(b"address=").then(|| argument.slice_from(8))
}
