//! The notices about bounces: the warning to a disabled member, the probe, the notice to the owners.

use super::info::{day_text, day_value, BounceInfo};
use super::work::Work;
use crate::clock;
use crate::error::{Culprit, HandlerError};
use crate::notice::{NoticeText, Template, UserNotification};
use compat::email::build::{mime_message, mime_text};
use compat::email::Message;
use compat::format::percent_bytes;
use compat::list::pending::{Kind, Pended};
use compat::list::DeliveryStatus;
use compat::queue::Metadata;
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;

impl Work<'_> {
    /// The warning to a member who was disabled. It counts.
    pub fn warn(&mut self, member: &ByteStr, info: &mut BounceInfo) -> Result<(), HandlerError> {
        let language = self.list.language_of(member);
        let text = self.warning(member, info, &language)?;
        let notice_text = NoticeText { subject: None, text: Some(&text), language: Some(&language) };
        let from = self.list.request_address();
        let mut notice = UserNotification::new(self.site, std::slice::from_ref(member), &from, notice_text)?;
        notice.message.set("Subject", [&b"confirm "[..], &info.cookie()].concat());
        notice.without_precedence = self.has(Switch::BounceWarningNoPrecedence);
        notice.send(self.list, self.outbox)?;
        info.set("noticesleft", Value::Int(info.notices_left() - 1));
        info.set("lastnotice", day_value(clock::today()));
        Ok(())
    }

    fn warning(&self, member: &ByteStr, info: &BounceInfo, language: &[u8]) -> Result<ByteStr, HandlerError> {
        let confirm = [&self.list.script_url("confirm", true)[..], b"/", &info.cookie()].concat();
        let values = [
            ("listname", Value::Str(self.list.real_name())),
            ("noticesleft", info.get("noticesleft")),
            ("confirmurl", Value::str(confirm)),
            ("optionsurl", Value::Str(self.list.options_url(member, false, true))),
            ("password", Value::Str(self.list.password_of(member).unwrap_or_default())),
            ("owneraddr", Value::Str(self.list.owner_address())),
            ("reason", Value::str(self.reason(member, info))),
        ];
        Template { name: "disabled.txt", values: &values, language: Some(language), raw: false }.for_list(self.list)
    }

    /// Why; after bounces also when the last one came.
    fn reason(&self, member: &[u8], info: &BounceInfo) -> Vec<u8> {
        let words = self.current_language.words(self.site);
        match self.list.delivery_status(member) {
            DeliveryStatus::ByUser => words.say("by yourself").to_vec(),
            DeliveryStatus::ByAdmin => words.say("by the list administrator").to_vec(),
            DeliveryStatus::ByBounce => {
                let date = info.day().map(day_text).unwrap_or_default();
                let last = " The last bounce received from you was dated %(date)s";
                let when = words.fill(last, &[("date", Value::str(date.as_str()))]);
                [&words.say("due to excessive bounces")[..], &when].concat()
            }
            DeliveryStatus::Enabled | DeliveryStatus::Unknown => words.say("for unknown reasons").to_vec(),
        }
    }

    /// `sendProbe`: a mail whose own bounce proves that the address fails. Its envelope carries a token.
    pub fn send_probe(&mut self, member: &ByteStr, message: &Value) -> Result<(), HandlerError> {
        let language = self.list.language_of(member);
        let text = self.probe_text(member, &language)?;
        let content = vec![Value::Str(member.clone()), message.clone()];
        let token = self.list.pend_new(&Pended { kind: Kind::ProbeBounce, content }, None)?;
        let from = self.probe_address(&token)?;
        let words = crate::notice::Words::new(self.site, &language);
        let name = Value::Str(self.list.real_name());
        let subject = words.fill("%(listname)s mailing list probe message", &[("listname", name)]);
        let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
        let mut notice = UserNotification::new(self.site, std::slice::from_ref(member), &from, notice_text)?;
        let charset = self.site.charset_or_ascii(&language);
        notice.attach("multipart/mixed", vec![mime_text(text, "plain", &charset)?, enclosed(message)?])?;
        notice.envelope_sender = Some(from);
        let mut more = Metadata::new();
        more.set_bool("verp", false);
        more.set_str("probe_token", token);
        notice.send_with(self.list, self.outbox, more)
    }

    fn probe_text(&self, member: &ByteStr, language: &[u8]) -> Result<ByteStr, HandlerError> {
        let values = [
            ("listname", Value::Str(self.list.real_name())),
            ("address", Value::Str(member.clone())),
            ("optionsurl", Value::Str(self.list.options_url(member, false, true))),
            ("owneraddr", Value::Str(self.list.owner_address())),
        ];
        Template { name: "probe.txt", values: &values, language: Some(language), raw: false }.for_list(self.list)
    }

    fn probe_address(&self, token: &ByteStr) -> Result<ByteStr, HandlerError> {
        let bounces = [&self.list.name()[..], b"-bounces"].concat();
        let values = [("bounces", Value::str(bounces)), ("token", Value::Str(token.clone()))];
        let format = self.site.settings.str(settings::VERP_PROBE_FORMAT)?;
        let local = percent_bytes(&format, &values).map_err(|error| {
            Culprit::Setting("VERP_PROBE_FORMAT").says(format!("VERP_PROBE_FORMAT: {}", error.python_repr()))
        })?;
        Ok(ByteStr::new([&local[..], b"@", &self.list.host_name()].concat()))
    }

    /// Tells the owners what was done about a member, with the bounce. The words follow the process, the template the
    /// list.
    pub fn tell_owners(&mut self, member: &ByteStr, did: &str, message: &Value) -> Result<(), HandlerError> {
        let words = self.current_language.words(self.site);
        let site_list = self.site.settings.str(settings::MAILMAN_SITE_LIST)?;
        let site_owner = ByteStr::new([&site_list[..], b"@", &self.list.host_name()].concat());
        let nothing = || Value::str("");
        let values = [
            ("listname", Value::Str(self.list.real_name())),
            ("addr", Value::Str(member.clone())),
            ("negative", nothing()),
            ("did", Value::Str(words.say(did))),
            ("but", nothing()),
            ("reenable", nothing()),
            ("owneraddr", Value::Str(site_owner.clone())),
        ];
        let text = Template { name: "bounce.txt", values: &values, language: None, raw: false }.for_list(self.list)?;
        let (subject, language) = (words.say("Bounce action notification"), self.list.preferred_language());
        let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
        let mut notice = UserNotification::new(self.site, &[self.list.owner_address()], &site_owner, notice_text)?;
        let text = mime_text(text, "plain", &self.list.charset())?;
        notice.attach("multipart/mixed", vec![text, enclosed(message)?])?;
        notice.send(self.list, self.outbox)
    }
}

/// The bounce as an attachment. Very old events hold its text alone.
fn enclosed(message: &Value) -> Result<Message, HandlerError> {
    match message {
        Value::Str(text) => Ok(mime_text(text.clone(), "plain", b"us-ascii")?),
        value => match Message::from_value(value) {
            Ok(message) => Ok(mime_message(message)),
            Err(error) => Err(HandlerError::cause(error)),
        },
    }
}
