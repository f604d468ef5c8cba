//! The texts of header and footer, filled in for a list or for one member.
//!
//! Answers to `decorate` in Mailman's `Handlers/Decorate.py` and to the values that its `process` gathers.

use super::error::DeliveryError;
use super::member::member_values;
use compat::format::{missing, missing_unicode, percent, percent_unicode, to_percent, FormatError, Lookup};
use compat::list::{attributes, Attribute, MailList};
use compat::names::Text;
use compat::pydict::KeyTable;
use compat::queue::Metadata;
use compat::site::{settings, Site, Switch};
use compat::value::{Dict, UniStr, Value};
use compat::ByteStr;

/// Header and footer, filled in: `str`, or `unicode` where a value was; empty for none.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    pub header: Value,
    pub footer: Value,
    /// A template could not be filled in, which is logged for every copy.
    pub broken: bool,
}

impl Texts {
    /// For what is not decorated.
    pub fn none() -> Self {
        Texts { header: Value::str(""), footer: Value::str(""), broken: false }
    }

    /// Neither header nor footer.
    pub fn is_empty(&self) -> bool {
        !self.header.is_true() && !self.footer.is_true()
    }
}

/// Makes the texts of one message.
pub struct TextMaker<'a> {
    site: &'a Site,
    list: &'a MailList,
    /// What every list says of itself, in the order of Python's literal. No more than these: a template could otherwise
    /// show a password.
    of_list: Vec<(&'static str, Value)>,
    extra: Option<&'a Dict>,
}

impl<'a> TextMaker<'a> {
    /// For an entry with this metadata.
    pub fn new(site: &'a Site, list: &'a MailList, data: &'a Metadata) -> Self {
        let extra = data.get("decoration-data").and_then(Value::as_dict);
        TextMaker { extra, ..TextMaker::of_list(site, list) }
    }

    /// With nothing but the list in it: for the header and the footer of a digest.
    pub fn of_list(site: &'a Site, list: &'a MailList) -> Self {
        let attribute = |name: Attribute<Text>| (name.as_str(), list.get(name).cloned().unwrap_or(Value::None));
        let of_list = vec![
            attribute(attributes::REAL_NAME),
            ("list_name", Value::Str(list.name().clone())),
            ("_internal_name", Value::Str(list.name().clone())),
            attribute(attributes::HOST_NAME),
            attribute(attributes::WEB_PAGE_URL),
            attribute(attributes::DESCRIPTION),
            attribute(attributes::INFO),
            ("cgiext", site.settings.get(settings::CGIEXT).cloned().unwrap_or_else(|| Value::str(""))),
        ];
        TextMaker { site, list, of_list, extra: None }
    }

    /// Header and footer of a post, for all or for one member.
    ///
    /// # Errors
    /// A template that Python fails to fill in.
    pub fn texts(&self, member: Option<&ByteStr>) -> Result<Texts, DeliveryError> {
        let member = member.map(|member| member_values(self.site, self.list, member)).unwrap_or_default();
        let values = Values { of_list: &self.of_list, member, extra: self.extra };
        let (header, broken) = self.fill_in(attributes::MSG_HEADER, b"non-digest header", &values)?;
        let (footer, also_broken) = self.fill_in(attributes::MSG_FOOTER, b"non-digest footer", &values)?;
        Ok(Texts { header, footer, broken: broken || also_broken })
    }

    /// One of the list's templates.
    ///
    /// # Errors
    /// A template that Python fails to fill in.
    pub fn text(&self, attribute: Attribute<Text>, what: &[u8]) -> Result<Value, DeliveryError> {
        let values = Values { of_list: &self.of_list, member: Vec::new(), extra: None };
        Ok(self.fill_in(attribute, what, &values)?.0)
    }

    /// A format that cannot be filled in is logged, and the text stays as it is; true then.
    fn fill_in(
        &self,
        attribute: Attribute<Text>,
        what: &[u8],
        values: &Values,
    ) -> Result<(Value, bool), DeliveryError> {
        let template = self.list.get(attribute).cloned().unwrap_or_else(|| Value::str(""));
        let text = template.as_text().cloned().unwrap_or_default();
        let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b;
        if self.site.profile.has(Switch::FooterBlankIsNone) && text.iter().all(blank) {
            return Ok((Value::str(""), false));
        }
        let asked =
            if self.list.truth(attributes::USE_DOLLAR_STRINGS) { ByteStr::from(to_percent(&text)) } else { text };
        let (filled, broken) = match interpolate(&template, &asked, values) {
            Ok(filled) => (map_text(filled, clean_line_ends), false),
            Err(error) if error.is_type_or_value() => {
                let error = error.to_string();
                self.site.log("error", [b"Exception while calculating ", what, b":\n", error.as_bytes()].concat());
                (like(&template, asked), true)
            }
            Err(error) => return Err(error.into()),
        };
        Ok(match self.site.profile.has(Switch::FooterFinalNewline) {
            true => (map_text(filled, end_line), broken),
            false => (filled, broken),
        })
    }
}

/// Whether header or footer can show the member: by a name, or with a conversion that shows all values (`100% sure`).
pub fn is_personal(list: &MailList) -> bool {
    let shows_all = |text: &[u8]| {
        let unnamed = |pair: &[u8]| matches!(pair, [b'%', next] if !matches!(next, b'(' | b'%'));
        text.windows(2).any(unnamed)
    };
    let names_member = |text: &[u8]| memchr::memmem::find(text, b"user_").is_some();
    [attributes::MSG_HEADER, attributes::MSG_FOOTER]
        .into_iter()
        .map(|name| list.str(name))
        .any(|text| names_member(&text) || shows_all(&text))
}

/// The names that a template may use, as Python's `SafeDict` has them: what is not there stays in the text.
struct Values<'a> {
    of_list: &'a [(&'static str, Value)],
    member: Vec<(&'static str, Value)>,
    extra: Option<&'a Dict>,
}

impl Values<'_> {
    fn find(&self, key: &[u8]) -> Option<Value> {
        let extra = self.extra.and_then(|extra| extra.get(key));
        let own = || self.member.iter().chain(self.of_list).find(|(name, _)| name.as_bytes() == key);
        extra.or_else(|| own().map(|(_, value)| value)).cloned()
    }
}

impl Lookup for Values<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        Some(self.find(key).unwrap_or_else(|| missing(key)))
    }

    fn lookup_unicode(&self, key: &[u8]) -> Option<Value> {
        Some(self.find(key).unwrap_or_else(|| missing_unicode(key)))
    }

    /// In the order of the dictionary that Python makes of the three.
    fn whole(&self) -> Option<Value> {
        let mut literal = KeyTable::for_literal(self.of_list.len());
        self.of_list.iter().for_each(|(name, _)| _ = literal.insert(ByteStr::from(*name)));
        let mut more = KeyTable::new();
        self.member.iter().for_each(|(name, _)| _ = more.insert(ByteStr::from(*name)));
        if let Some(extra) = self.extra {
            let mut keys = KeyTable::new();
            extra.iter().for_each(|(name, _)| _ = keys.insert(name.as_text().cloned().unwrap_or_default()));
            more.update(keys);
        }
        let mut all = KeyTable::new();
        all.update(literal);
        all.update(more);
        let item = |key: ByteStr| Some((key.clone(), self.find(&key)?));
        Some(Value::dict(all.into_keys().filter_map(item).collect()))
    }

    fn is_instance(&self) -> bool {
        true
    }
}

fn interpolate(template: &Value, text: &ByteStr, values: &Values) -> Result<Value, FormatError> {
    match template {
        Value::Unicode(_) => percent_unicode(&UniStr(text.clone()), values),
        _ => percent(text, values),
    }
}

fn like(template: &Value, text: ByteStr) -> Value {
    match template {
        Value::Unicode(_) => Value::Unicode(UniStr(text)),
        _ => Value::Str(text),
    }
}

fn map_text(value: Value, work: fn(&[u8]) -> Vec<u8>) -> Value {
    match value {
        Value::Str(text) => Value::Str(work(&text).into()),
        Value::Unicode(UniStr(text)) => Value::Unicode(UniStr(work(&text).into())),
        other => other,
    }
}

fn end_line(text: &[u8]) -> Vec<u8> {
    match text.ends_with(b"\n") {
        true => text.to_vec(),
        false => [text, b"\n"].concat(),
    }
}

/// `\r\n` becomes `\n`, and blanks before a line end go, except for one after `--` that makes a signature's line.
fn clean_line_ends(text: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let Some(body) = line.strip_suffix(b"\n") else {
            out.extend_from_slice(line);
            continue;
        };
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let end = body.iter().rposition(|&b| b != b' ').map_or(0, |at| at + 1);
        let kept = if end == 2 && body.starts_with(b"-- ") { 3 } else { end };
        out.extend_from_slice(body.get(..kept).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the reference: its mapping is an instance of a class.
    #[test]
    fn a_number_is_missed() {
        let values = Values { of_list: &[("info", Value::str("x"))], member: Vec::new(), extra: None };
        let complaint = |template: &str| percent(template.as_bytes(), &values).unwrap_err().to_string();
        assert_eq!(complaint("50 % discount"), "%d format: a number is required, not instance");
        assert_eq!(complaint("%(info)d"), "%d format: a number is required, not str");
        assert_eq!(complaint("5 %f"), "float argument required, not instance");
        assert_eq!(complaint("%s %s"), "not enough arguments for format string");
    }

    /// The right-hand sides come from the two `re.sub` of the reference.
    #[test]
    fn blanks_at_line_ends() {
        for (text, wanted) in [
            ("a  \nb \n", "a\nb\n"),
            ("-- \nx", "-- \nx"),
            ("--   \nx", "-- \nx"),
            ("a-- \n--x \n", "a--\n--x\n"),
            ("a \r\nb\r\n \r\n", "a\nb\n\n"),
            ("a  ", "a  "),
            (" -- \n", " --\n"),
            ("--\n  \n", "--\n\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&clean_line_ends(text.as_bytes())), wanted, "{text:?}");
        }
    }
}
