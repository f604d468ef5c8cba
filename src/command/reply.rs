//! The reply to a message with commands: what they said, what was not understood, and the message itself.

use super::{Session, Step};
use crate::error::HandlerError;
use crate::notice::{NoticeText, UserNotification};
use crate::pipeline::autorespond;
use crate::text;
use compat::email::build;
use compat::email::message::Message;
use compat::site::{settings, wrap, Switch};
use compat::ByteStr;

const INTRODUCTION: &str = "\
The results of your email command are provided below.
Attached is your original message.
";

const NO_COMMANDS: &str = "\
No commands were found in this message.
To obtain instructions, send a message containing just the word \"help\".
";

/// How much of the original goes into the reply: nothing, its headers, or all (RESPONSE_INCLUDE_LEVEL).
const NOTHING: i64 = 0;
const HEADERS: i64 = 1;
const ALL: i64 = 2;

impl Session<'_, '_> {
    /// Sends what is to be sent. False: the message had no command and is dropped with a line in the log.
    pub(super) fn reply(&mut self, step: Step) -> Result<bool, HandlerError> {
        if step == Step::NoCommand && self.may_drop() {
            let id = self.ctx.message_id();
            self.ctx.log("vette", &[b"No command, message discarded, msgid: ", &id]);
            return Ok(false);
        }
        if self.respond {
            self.send()?;
        }
        Ok(true)
    }

    fn may_drop(&self) -> bool {
        let settings = &self.ctx.site.settings;
        self.ctx.has(Switch::DiscardWithoutCommand) && settings.truth(settings::DISCARD_MESSAGE_WITH_NO_COMMAND)
    }

    fn send(&mut self) -> Result<(), HandlerError> {
        let level = self.include_level();
        let charset = self.ctx.site.charset_or_ascii(&self.language);
        let results = build::mime_text(self.text(level), "plain", &charset)?;
        let named = self.return_address.clone().filter(|address| !address.is_empty());
        let recipient = named.unwrap_or_else(|| self.ctx.sender());
        let language = self.language.clone();
        // From here on the language is that of the reply.
        if !autorespond::may_answer(self.ctx, &recipient, &language)? {
            return Ok(());
        }
        let subject = self.ctx.words().say("The results of your email commands");
        let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
        let owner = self.ctx.list.owner_address();
        let mut reply = UserNotification::new(self.ctx.site, &[recipient], &owner, notice_text)?;
        let original = self.original(level, &charset)?;
        reply.attach("multipart/mixed", vec![results, original])?;
        reply.send(self.ctx.list, self.ctx.outbox)
    }

    fn include_level(&self) -> i64 {
        match self.ctx.has(Switch::ReplyIncludeLevel) {
            true => self.ctx.site.settings.int(settings::RESPONSE_INCLUDE_LEVEL).unwrap_or(ALL),
            false => ALL,
        }
    }

    pub(super) fn text(&self, level: i64) -> ByteStr {
        let words = self.ctx.words();
        let mut text = wrap(&words.say(INTRODUCTION), 70);
        if !self.results.is_empty() {
            add_section(&mut text, &words.say("- Results:"), pieces(&self.results));
        }
        let left = self.commands.get(self.line..).unwrap_or_default().iter();
        let left: Vec<ByteStr> = left.filter(|line| !text::strip(line).is_empty()).cloned().collect();
        if !left.is_empty() && level >= ALL {
            add_section(&mut text, &words.say("\n- Unprocessed:"), pieces(&left));
        }
        if left.is_empty() && self.results.is_empty() {
            add_section(&mut text, &wrap(&words.say(NO_COMMANDS), 70), pieces(&[]));
        }
        if !self.ignored.is_empty() && level >= ALL {
            add_section(&mut text, &words.say("\n- Ignored:"), text::each_line(&self.ignored));
        }
        add_section(&mut text, &words.say("\n- Done.\n\n"), pieces(&[]));
        ByteStr::new(text)
    }

    fn original(&mut self, level: i64, charset: &[u8]) -> Result<Message, HandlerError> {
        let words = self.ctx.words();
        if level == NOTHING {
            let text = words.say("Original message suppressed by Mailman site configuration\n");
            return Ok(build::mime_text(text, "plain", charset)?);
        }
        if level == HEADERS {
            let text = words.say("Message body suppressed by Mailman site configuration\n");
            self.ctx.msg.payload = text.into();
        }
        Ok(build::mime_message(self.ctx.msg.clone()))
    }
}

fn pieces(lines: &[ByteStr]) -> impl Iterator<Item = &[u8]> + Clone {
    lines.iter().map(|line| &line[..])
}

/// A heading, and lines with four blanks before each.
fn add_section<'t>(text: &mut Vec<u8>, heading: &[u8], lines: impl Iterator<Item = &'t [u8]> + Clone) {
    const LEAD: &[u8] = b"\n    ";
    text.push(b'\n');
    text.extend_from_slice(heading);
    text.reserve(lines.clone().map(|line| LEAD.len() + line.len()).sum());
    for line in lines {
        text.extend_from_slice(LEAD);
        text.extend_from_slice(line);
    }
}
