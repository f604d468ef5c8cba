//! The lines that SMTP_LOG_EVERY_MESSAGE, SMTP_LOG_SUCCESS, SMTP_LOG_REFUSED and SMTP_LOG_EACH_FAILURE ask for.
//!
//! Each setting is a pair of a log's name and a format, or false. A format may name any header of the message.

use super::refused::{Refused, RefusedDict};
use compat::email::message::{HeaderValue, Message};
use compat::format::{percent_bytes, Lookup};
use compat::names::Any;
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;

/// What the formats may show.
pub struct Facts<'a> {
    pub msg: &'a Message,
    pub list: ByteStr,
    pub sender: ByteStr,
    pub size: usize,
    pub seconds: f64,
    pub recipients: usize,
    pub refused: &'a RefusedDict,
}

/// Writes the lines for one message. Success is logged only for posts: `tolist`.
pub fn write(site: &Site, facts: &Facts, to_list: bool) {
    line(site, settings::SMTP_LOG_EVERY_MESSAGE.any(), facts);
    if !facts.refused.is_empty() {
        line(site, settings::SMTP_LOG_REFUSED.any(), facts);
    } else if to_list {
        line(site, settings::SMTP_LOG_SUCCESS.any(), facts);
    }
    for (recipient, refused) in facts.refused.iter() {
        line(site, settings::SMTP_LOG_EACH_FAILURE.any(), &Failure { facts, recipient, refused });
    }
}

fn line(site: &Site, setting: Setting<Any>, values: &dyn Lookup) {
    let Some([log, format, ..]) = site.settings.get(setting).and_then(Value::as_items) else { return };
    let (Some(log), Some(format)) = (log.as_text(), format.as_text()) else { return };
    let text = percent_bytes(format, values).unwrap_or_else(|error| {
        format!("Bad format \"{format}\": {}: {error}", error.python_repr()).into_bytes().into()
    });
    site.log(&log.to_latin1(), text);
}

impl Lookup for Facts<'_> {
    /// `MsgSafeDict`: headers by `msg_` and `allmsg_`, `n/a` where there is none; other unknown names stay.
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        if let Some(header) = key.strip_prefix(b"msg_") {
            return Some(self.header(header).map_or_else(|| Value::str("n/a"), Value::Str));
        }
        if let Some(header) = key.strip_prefix(b"allmsg_") {
            return Some(self.headers(header));
        }
        Some(match key {
            b"time" => Value::Float(self.seconds),
            b"size" => Value::Int(self.size as i64),
            b"#recips" => Value::Int(self.recipients as i64),
            b"#refused" => Value::Int(self.refused.len() as i64),
            b"listname" => Value::Str(self.list.clone()),
            b"sender" => Value::Str(self.sender.clone()),
            _ => Value::str([b"%(", key, b")s"].concat()),
        })
    }
}

impl Facts<'_> {
    fn header(&self, name: &[u8]) -> Option<ByteStr> {
        self.msg.get_str(std::str::from_utf8(name).ok()?)
    }

    fn headers(&self, name: &[u8]) -> Value {
        let values = self.msg.get_all(std::str::from_utf8(name).unwrap_or_default());
        let texts: Vec<ByteStr> = values.into_iter().map(HeaderValue::text).collect();
        match texts.is_empty() {
            true => Value::str("n/a"),
            false => Value::str(texts.iter().map(|t| &t[..]).collect::<Vec<_>>().join(&b", "[..])),
        }
    }
}

/// One refusal, besides what is known of the message.
struct Failure<'a> {
    facts: &'a Facts<'a>,
    recipient: &'a [u8],
    refused: &'a Refused,
}

impl Lookup for Failure<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        match key {
            b"recipient" => Some(Value::str(self.recipient)),
            b"failcode" => Some(Value::Int(self.refused.code.into())),
            b"failmsg" => Some(Value::str(&self.refused.text[..])),
            _ => self.facts.lookup(key),
        }
    }
}
