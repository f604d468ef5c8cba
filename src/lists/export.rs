//! Lists as XML: their options and their members (bin/export.py).
//!
//! Attributes of an element stand in the order of Python's dictionaries. Text is UTF-8; what a list holds as bytes is read
//! in the list's charset, where Mailman knows ASCII only.

use super::options::{show, Row, Widget, CATEGORIES};
use crate::text::html::escape_between_tags;
use chrono::{DateTime, Local};
use compat::base64;
use compat::codecs::{self, Errors};
use compat::format::{text_of, to_dollar};
use compat::list::{attributes, options, DeliveryStatus, MailList};
use compat::pydict;
use compat::random;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;
use sha1::{Digest, Sha1};
use std::io::{self, Write};

/// Texts that are shown as $-strings whatever the list has.
const DOLLAR_STRINGS: [&str; 7] = [
    "msg_header",
    "msg_footer",
    "digest_header",
    "digest_footer",
    "autoresponse_postings_text",
    "autoresponse_admin_text",
    "autoresponse_request_text",
];
/// Choices that Mailman calls `Toggle` and not `Radio`.
const TOGGLES: [&str; 17] = [
    "archive",
    "autorespond_postings",
    "autorespond_admin",
    "bounce_processing",
    "bounce_unrecognized_goes_to_list_owner",
    "bounce_notify_owner_on_bounce_increment",
    "bounce_notify_owner_on_disable",
    "bounce_notify_owner_on_removal",
    "digestable",
    "digest_personalize",
    "emergency",
    "nondigestable",
    "scrub_nondigest",
    "regular_exclude_ignore",
    "gateway_to_news",
    "gateway_to_mail",
    "news_prefix_subject_too",
];
const SALT_LENGTH: usize = 4;

/// How members' passwords are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    None,
    Plain,
    Sha,
    Ssha,
}

impl Scheme {
    /// All of them, in the order of Python's dictionary.
    pub const ALL: [(&'static str, Scheme); 4] =
        [("plain", Scheme::Plain), ("none", Scheme::None), ("ssha", Scheme::Ssha), ("sha", Scheme::Sha)];

    fn show(self, password: &[u8]) -> Vec<u8> {
        let digest = |salt: &[u8]| [&Sha1::digest([password, salt].concat())[..], salt].concat();
        match self {
            Scheme::None => b"{NONE}".to_vec(),
            Scheme::Plain => [b"{PLAIN}", password].concat(),
            Scheme::Sha => [&b"{SHA}"[..], &base64::encode(&digest(b""))].concat(),
            Scheme::Ssha => [&b"{SSHA}"[..], &base64::encode(&digest(&random::bytes::<SALT_LENGTH>()))].concat(),
        }
    }
}

/// Writes elements with their indentation.
pub struct Xml<'a> {
    out: &'a mut dyn Write,
    depth: usize,
}

type Attributes<'a> = &'a [(&'a str, &'a [u8])];

impl<'a> Xml<'a> {
    /// Begins the document.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn begin(out: &'a mut dyn Write) -> io::Result<Xml<'a>> {
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        let mut xml = Xml { out, depth: 0 };
        let schema = [
            ("xmlns:xsi", &b"http://www.w3.org/2001/XMLSchema-instance"[..]),
            ("xsi:noNamespaceSchemaLocation", b"ssi-1.0.xsd"),
        ];
        xml.open("mailman", &schema)?;
        Ok(xml)
    }

    /// Ends it.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn end(mut self) -> io::Result<()> {
        self.close("mailman")
    }

    fn line(&mut self, text: &[u8]) -> io::Result<()> {
        self.out.write_all(&b"    ".repeat(self.depth))?;
        self.out.write_all(text)?;
        self.out.write_all(b"\n")
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.line(&[&start(name, attributes)[..], b">"].concat())?;
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.depth -= 1;
        self.line(format!("</{name}>").as_bytes())
    }

    fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.line(&[&start(name, attributes)[..], b"/>"].concat())
    }

    /// An element with text; without any where there is no value.
    fn element(&mut self, name: &str, value: Option<&[u8]>, attributes: Attributes<'_>) -> io::Result<()> {
        let Some(value) = value else { return self.empty(name, attributes) };
        self.line(
            &[&start(name, attributes)[..], b">", &escape_between_tags(value), b"</", name.as_bytes(), b">"].concat(),
        )
    }

    /// An element with an element a value; without any where there are none.
    fn values(&mut self, name: &str, each: &str, values: &[Vec<u8>], attributes: Attributes<'_>) -> io::Result<()> {
        if values.is_empty() {
            return self.empty(name, attributes);
        }
        self.open(name, attributes)?;
        values.iter().try_for_each(|value| self.element(each, Some(value), &[]))?;
        self.close(name)
    }
}

/// `<NAME ATTRIBUTES` without its end. Quotation marks in values are left as they are, as Python's `escape` does.
fn start(name: &str, attributes: Attributes<'_>) -> Vec<u8> {
    let keys: Vec<&[u8]> = attributes.iter().map(|(key, _)| key.as_bytes()).collect();
    let mut out = [b"<", name.as_bytes()].concat();
    for at in pydict::order(&keys) {
        if let Some((key, value)) = attributes.get(at) {
            out.extend_from_slice(&[b" ", key.as_bytes(), b"=\"", &escape_between_tags(value), b"\""].concat());
        }
    }
    out
}

/// One list.
pub struct Export<'a> {
    pub list: &'a MailList,
    pub scheme: Scheme,
}

impl Export<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn write(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        xml.open("list", &[("name", self.list.name())])?;
        xml.open("configuration", &[])?;
        self.options(xml)?;
        xml.close("configuration")?;
        let mut members = self.list.members();
        members.sort();
        match members.is_empty() {
            true => xml.empty("roster", &[])?,
            false => {
                xml.open("roster", &[])?;
                members.iter().try_for_each(|member| self.member(xml, member))?;
                xml.close("roster")?;
            }
        }
        xml.close("list")
    }

    fn options(&self, xml: &mut Xml<'_>) -> io::Result<()> {
        for name in [attributes::PREFERRED_LANGUAGE, attributes::PASSWORD] {
            let value = self.list.get(name).filter(|value| **value != Value::None).map(|value| self.text(value));
            xml.element("option", value.as_deref(), &[("name", name.as_str().as_bytes()), ("type", b"string")])?;
        }
        let site = self.list.site();
        for key in site.settings.strings(settings::ADMIN_CATEGORIES).unwrap_or_default() {
            let categories = CATEGORIES.iter().filter(|category| category.key.as_bytes() == &key[..]);
            for row in categories.flat_map(|category| category.rows()) {
                if row.is_stored() && row.is_on(site) {
                    self.option(xml, row)?;
                }
            }
        }
        Ok(())
    }

    fn option(&self, xml: &mut Xml<'_>, row: &Row) -> io::Result<()> {
        let attributes = [("name", row.name.as_bytes()), ("type", kind(row).as_bytes())];
        let value = show::shown_value(self.list, row);
        match &value {
            Value::None => xml.empty("option", &attributes),
            Value::List(items) => {
                let items: Vec<Vec<u8>> = items.iter().map(|item| self.text(item)).collect();
                xml.values("option", "value", &items, &attributes)
            }
            value => {
                let text = self.text(value);
                let is_percent = DOLLAR_STRINGS.contains(&row.name) && !self.list.truth(attributes::USE_DOLLAR_STRINGS);
                let text = if is_percent { to_dollar(&text) } else { text };
                xml.element("option", Some(&text), &attributes)
            }
        }
    }

    fn member(&self, xml: &mut Xml<'_>, member: &ByteStr) -> io::Result<()> {
        let list = self.list;
        let own = list.case_preserved(member).filter(|own| own != member);
        let mut attributes = vec![("id", &member[..])];
        attributes.extend(own.as_ref().map(|own| ("original", &own[..])));
        xml.open("member", &attributes)?;
        xml.element("realname", list.name_of(member).map(|name| self.text(&name)).as_deref(), &[])?;
        let password = self.scheme.show(&list.password_of(member).unwrap_or_default());
        xml.element("password", Some(&self.text(&Value::str(password))), &[])?;
        xml.element("language", Some(&list.language_of(member)), &[])?;
        self.delivery(xml, member)?;
        for (option, flag) in flags(list) {
            let value: &[u8] = if list.option(member, flag) { b"True" } else { b"False" };
            xml.element(&option, Some(value), &[])?;
        }
        let topics: Vec<Vec<u8>> =
            list.topics_of(member).into_iter().map(|topic| self.text(&Value::Str(topic))).collect();
        xml.values("topics", "topic", &topics, &[])?;
        xml.close("member")
    }

    fn delivery(&self, xml: &mut Xml<'_>, member: &ByteStr) -> io::Result<()> {
        let list = self.list;
        let reason: Option<&[u8]> = match list.delivery_status(member) {
            DeliveryStatus::Enabled => None,
            DeliveryStatus::ByUser => Some(b"byuser"),
            DeliveryStatus::ByAdmin => Some(b"byadmin"),
            DeliveryStatus::ByBounce => Some(b"bybounce"),
            DeliveryStatus::Unknown => Some(b"unknown"),
        };
        let status: &[u8] = if reason.is_some() { b"disabled" } else { b"enabled" };
        let delivery: &[u8] = match list.is_digest_member(member) {
            Some(true) if list.option(member, options::DISABLE_MIME) => b"plain",
            Some(true) => b"mime",
            _ => b"regular",
        };
        let changed = Some(list.delivery_status_time(member)).filter(|changed| *changed != 0.0).map(iso_time);
        let mut attributes = vec![("status", status)];
        attributes.extend(reason.map(|reason| ("reason", reason)));
        attributes.push(("delivery", delivery));
        attributes.extend(changed.as_ref().map(|changed| ("changed", changed.as_bytes())));
        xml.empty("delivery", &attributes)
    }

    /// `unicode(value)` as UTF-8.
    fn text(&self, value: &Value) -> Vec<u8> {
        let bytes = match value {
            Value::Unicode(text) => return text.0.to_vec(),
            value => text_of(value),
        };
        codecs::decode(&bytes, self.list.charset(), Errors::Replace)
            .map_or_else(|_| bytes.to_vec(), |text| text.0.to_vec())
    }
}

fn kind(row: &Row) -> &'static str {
    match row.widget {
        Widget::Choice(_) if TOGGLES.contains(&row.name) => "bool",
        Widget::Choice(_) => "radio",
        Widget::Line(_) => "string",
        Widget::Text(..) => "text",
        Widget::Upload(..) => "upload",
        Widget::Email(_) => "email",
        Widget::Addresses(..) => "email_list",
        Widget::Patterns(..) => "email_list_ex",
        Widget::Host(_) => "host",
        Widget::Number(_) => "number",
        Widget::Language => "select",
        Widget::Languages | Widget::MemberOptions => "checkbox",
        Widget::Topics => "topics",
        Widget::FilterRules => "header_filter",
    }
}

/// The options of members that OPTINFO names, except for those that tell of digests.
fn flags(list: &MailList) -> Vec<(String, i64)> {
    let named = list.site().settings.get(settings::OPTINFO).and_then(Value::as_dict);
    let flag = |(name, flag): &(Value, Value)| Some((name.as_text()?.to_string(), flag.as_int()?));
    let flags = named.into_iter().flat_map(|named| named.iter()).filter_map(flag);
    flags.filter(|(name, _)| name != "digest" && name != "plain").collect()
}

/// `datetime.fromtimestamp(seconds).isoformat()`
fn iso_time(seconds: f64) -> String {
    let micros = (seconds * 1e6).round() as i64;
    let time = DateTime::from_timestamp_micros(micros).unwrap_or_default().with_timezone(&Local);
    let format = if micros % 1_000_000 == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_indented_and_escaped() {
        let mut out = Vec::new();
        let mut xml = Xml::begin(&mut out).unwrap();
        xml.element("option", Some(b"a < b & c"), &[("name", b"x"), ("type", b"text")]).unwrap();
        xml.values("option", "value", &[b"y".to_vec()], &[]).unwrap();
        xml.element("realname", None, &[]).unwrap();
        xml.end().unwrap();
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mailman xmlns:xsi=\"http://www.w3.org/2001/\
            XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"ssi-1.0.xsd\">\n    <option type=\"text\" name=\"x\">a \
            &lt; b &amp; c</option>\n    <option>\n        <value>y</value>\n    </option>\n    <realname/>\n</mailman>\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    /// Made by the functions of bin/export.py.
    #[test]
    fn passwords_by_scheme() {
        assert_eq!(Scheme::Sha.show(b"secret"), b"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
        assert_eq!(Scheme::Plain.show(b"secret"), b"{PLAIN}secret");
        assert_eq!(Scheme::Ssha.show(b"secret").len(), "{SSHA}".len() + 32);
    }
}
