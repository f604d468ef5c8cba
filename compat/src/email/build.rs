//! Setting payloads and charsets, and the messages that Mailman makes itself.
//!
//! Answers to the payload part of `email.message`, to `email.mime` and to the notification classes of
//! `Mailman.Message`. Which header comes where is visible on the wire, so the order of the steps is Python's.

use super::charset::{Charset, CharsetError};
use super::message::{HeaderValue, Message, Payload};
use super::params::{format_param, Param};
use super::transfer;
use crate::codecs::{self, CodecError, Errors};
use crate::value::{UniStr, Value};
use crate::{pydict, ByteStr};
use std::rc::Rc;

/// Why a payload can't be put into a charset.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum BuildError {
    /// A charset that is not one.
    #[error(transparent)]
    Charset(#[from] CharsetError),
    /// `UnicodeError` or `LookupError`
    #[error(transparent)]
    Codec(#[from] CodecError),
}

impl Message {
    /// `set_payload(payload)`, or `set_payload(payload, charset)`.
    ///
    /// # Errors
    /// A text that the charset cannot encode, or a charset that nobody knows.
    pub fn set_payload(&mut self, payload: impl Into<Payload>, charset: Option<&Charset>) -> Result<(), BuildError> {
        self.payload = payload.into();
        charset.map_or(Ok(()), |charset| self.set_charset(Some(charset)))
    }

    /// `set_charset`: adds the MIME headers that are missing and encodes the payload as the charset asks for. None only
    /// takes the charset parameter away.
    ///
    /// # Errors
    /// A text that the charset cannot encode, or a charset that nobody knows.
    pub fn set_charset(&mut self, charset: Option<&Charset>) -> Result<(), BuildError> {
        let Some(charset) = charset else {
            self.del_param("charset", "content-type");
            self.charset = None;
            return Ok(());
        };
        self.charset = Some(Rc::new(charset.clone()));
        self.name_charset(charset);
        if let Payload::Unicode(text) = &self.payload {
            self.payload = Payload::Str(codecs::encode(text, &charset.output_charset, Errors::Strict)?.into());
        }
        if charset.name() != *charset.get_output_charset() {
            self.encode_body(charset)?;
        }
        if !self.contains("Content-Transfer-Encoding") {
            match charset.get_body_encoding() {
                None => self.mark_7_or_8_bit(),
                Some(encoding) => {
                    self.encode_body(charset)?;
                    self.append("Content-Transfer-Encoding", encoding);
                }
            }
        }
        Ok(())
    }

    /// MIME-Version where it is missing, and the charset parameter.
    fn name_charset(&mut self, charset: &Charset) {
        if !self.contains("MIME-Version") {
            self.append("MIME-Version", "1.0");
        }
        let name = Param::Plain(charset.get_output_charset().clone());
        match self.contains("Content-Type") {
            false => self.add_header("Content-Type", Some(b"text/plain"), &[("charset", Some(name))]),
            true => self.set_param("charset", &name, "Content-Type"),
        }
    }

    fn encode_body(&mut self, charset: &Charset) -> Result<(), BuildError> {
        if let Payload::Str(text) = &self.payload {
            self.payload = Payload::Str(charset.body_encode(text)?);
        }
        Ok(())
    }

    /// `encode_7or8bit`
    fn mark_7_or_8_bit(&mut self) {
        let is_7_bit = match &self.payload {
            Payload::Str(text) | Payload::Unicode(UniStr(text)) => text.is_ascii(),
            _ => true,
        };
        self.append("Content-Transfer-Encoding", if is_7_bit { "7bit" } else { "8bit" });
    }

    /// `add_header(name, value, **params)`. Underscores in the names of parameters become hyphens. The parameters come
    /// in the order of Python's dictionary of them.
    pub fn add_header(&mut self, name: &str, value: Option<&[u8]>, params: &[(&str, Option<Param>)]) {
        let names: Vec<&[u8]> = params.iter().map(|(name, _)| name.as_bytes()).collect();
        let ordered = pydict::order(&names).into_iter().filter_map(|at| params.get(at));
        let rest = ordered.map(|(name, value)| format_param(name.replace('_', "-").as_bytes(), value.as_ref()));
        let pieces: Vec<Vec<u8>> = value.map(<[u8]>::to_vec).into_iter().chain(rest).collect();
        self.append(name, pieces.join(&b"; "[..]));
    }

    /// `get_payload(decode=True)`: none for a list; broken base64 stays as it is, an unknown encoding too. Of a
    /// `unicode` the UTF-8 is taken.
    pub fn decoded_payload(&self) -> Option<ByteStr> {
        let (Payload::Str(text) | Payload::Unicode(UniStr(text))) = &self.payload else {
            return None;
        };
        let encoding = self.get_str("content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
        let decoded = match &encoding[..] {
            b"quoted-printable" => Some(transfer::quopri_decode(text)),
            b"base64" => transfer::base64_decode(text).ok(),
            b"x-uuencode" | b"uuencode" | b"uue" | b"x-uue" => transfer::uu_decode(text).ok(),
            _ => None,
        };
        Some(decoded.map_or_else(|| text.clone(), ByteStr::from))
    }
}

/// `MIMEText(text, subtype, charset)`
///
/// # Errors
/// A text that the charset cannot encode, or a charset that nobody knows.
pub fn mime_text(text: impl Into<Payload>, subtype: &str, charset: &[u8]) -> Result<Message, BuildError> {
    let params = [("charset", Some(Param::plain(charset)))];
    let mut msg = mime_base("text", "MIMEText", &format!("text/{subtype}"), &params);
    msg.set_payload(text, Some(&Charset::new(charset)?))?;
    Ok(msg)
}

/// `MIMEMultipart(subtype)`, without parts.
pub fn mime_multipart(subtype: &str) -> Message {
    let mut msg = mime_base("multipart", "MIMEMultipart", &format!("multipart/{subtype}"), &[]);
    msg.payload = Payload::Parts(Vec::new());
    msg
}

/// `MIMEMessage(msg)`: a message as an attachment.
pub fn mime_message(enclosed: Message) -> Message {
    let mut msg = mime_base("message", "MIMEMessage", "message/rfc822", &[]);
    msg.attach(enclosed);
    msg.default_type = ByteStr::from("message/rfc822");
    msg
}

fn mime_base(module: &str, class: &str, kind: &str, params: &[(&str, Option<Param>)]) -> Message {
    let mut msg = Message::of_class(&format!("email.mime.{module}"), class);
    msg.add_header("Content-Type", Some(kind.as_bytes()), params);
    msg.append("MIME-Version", "1.0");
    msg
}

/// Whom a notification goes to.
pub enum Recipients {
    /// One address.
    One(ByteStr),
    /// A list; the To header names all.
    List(Vec<ByteStr>),
}

/// `UserNotification(recip, sender, subject, text, lang)`, its charset and the subject's `Header` made by the caller.
///
/// # Errors
/// A text or subject that the charset cannot encode.
pub fn user_notification(
    recipients: Recipients,
    sender: &[u8],
    subject: impl Into<HeaderValue>,
    text: Option<Payload>,
    charset: Option<&Charset>,
) -> Result<Message, BuildError> {
    let mut msg = Message::of_class("Mailman.Message", "UserNotification");
    if let Some(text) = text {
        msg.set_payload(text, charset)?;
    }
    msg.append("Subject", subject);
    msg.append("From", sender);
    let list = match recipients {
        Recipients::One(address) => vec![address],
        Recipients::List(addresses) => addresses,
    };
    msg.append("To", list.join(&b", "[..]));
    msg.extra.set("recips", Value::list(list.into_iter().map(Value::Str).collect()));
    Ok(msg)
}

/// `OwnerNotification`: a [`user_notification`] to the owners in the name of the site, addressed to the list's owner
/// address. `precedence_list` adds `Precedence: list`, as newer versions do.
///
/// # Errors
/// A text or subject that the charset cannot encode.
pub fn owner_notification(
    owners: Vec<ByteStr>,
    owner_address: &[u8],
    sender: &[u8],
    subject: impl Into<HeaderValue>,
    text: Option<Payload>,
    charset: Option<&Charset>,
    precedence_list: bool,
) -> Result<Message, BuildError> {
    let mut msg = user_notification(Recipients::List(owners), sender, subject, text, charset)?;
    msg.class = Message::of_class("Mailman.Message", "OwnerNotification").class;
    msg.set("To", owner_address);
    msg.extra.set("_sender", Value::str(sender));
    if precedence_list {
        msg.append("Precedence", "list");
    }
    Ok(msg)
}
