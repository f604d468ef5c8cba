//! What a member's own copy shows of the member: the values for header and footer, and the To header.
//!
//! Answers to the personal parts of Mailman's `Decorate.py` and `SMTPDirect.py`.

use super::error::DeliveryError;
use compat::codecs::{decode, encode, Errors};
use compat::email::address::formataddr;
use compat::email::charset::Charset;
use compat::email::header::{Header, Layout};
use compat::list::MailList;
use compat::site::Site;
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// The names that a header or footer may use for one member; of somebody who is no member only the address.
pub fn member_values(site: &Site, list: &MailList, recipient: &ByteStr) -> Vec<(&'static str, Value)> {
    let member = ByteStr::from(recipient.to_ascii_lowercase());
    let mut values = vec![("user_address", Value::Str(member.clone()))];
    let Some(delivered_to) = list.case_preserved(&member) else { return values };
    values.push(("user_delivered_to", Value::Str(delivered_to)));
    let Some(password) = list.password_of(&member) else { return values };
    values.push(("user_password", Value::Str(password)));
    let language = list.language_of(&member);
    let name = shown_name(site, list, &member, &language);
    values.push(("user_language", Value::Str(language)));
    values.push(("user_name", Value::Str(name.unwrap_or_else(|| member.clone()))));
    values.push(("user_optionsurl", Value::Str(list.options_url(&member, false, false))));
    values
}

/// The name in the charset of the member's language, where it can be written so. A `str` must be ASCII: Python
/// decodes it before it encodes it.
fn shown_name(site: &Site, list: &MailList, member: &ByteStr, language: &ByteStr) -> Option<ByteStr> {
    let charset = site.charset_or_ascii(language);
    match list.name_of(member)? {
        Value::Str(name) if !name.is_empty() && name.is_ascii() => Some(name),
        Value::Unicode(name) if !name.0.is_empty() => encode(&name, &charset, Errors::Strict).ok().map(ByteStr::from),
        _ => None,
    }
}

/// The To header of a fully personalised copy: the member's name, if there is one, and address.
///
/// # Errors
/// A name that no charset at hand can encode.
pub fn to_header(site: &Site, list: &MailList, recipient: &ByteStr) -> Result<ByteStr, DeliveryError> {
    let name = list.is_member(recipient).then(|| list.name_of(recipient)).flatten();
    let Some(name) = name.filter(Value::is_true) else { return Ok(recipient.clone()) };
    let charset = site.charset_or_ascii(&list.language_of(recipient));
    // Header tries us-ascii itself.
    let charset = if charset == "us-ascii" { ByteStr::from("iso-8859-1") } else { charset };
    let charset = Charset::new(&charset).map_err(compat::email::build::BuildError::from)?;
    let header = Header::new(&unicode_name(&name, &charset)?, Some(&charset), &Layout::default())?;
    Ok(formataddr(&header.encode()?, recipient))
}

fn unicode_name(name: &Value, charset: &Charset) -> Result<UniStr, DeliveryError> {
    match name {
        Value::Unicode(name) => Ok(name.clone()),
        other => {
            let codec = charset.input_codec.as_ref().map_or(&b"ascii"[..], |codec| codec.as_ref());
            Ok(decode(other.as_text().map(|t| &t[..]).unwrap_or_default(), codec, Errors::Replace)?)
        }
    }
}
