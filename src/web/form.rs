//! The fields of a form, as Python's `cgi.FieldStorage` reads them.

use compat::format::url::unquote_plus;
use compat::ByteStr;

/// The most fields that are read of one form. A members page with the largest chunk that Mailman offers has fewer.
const MAX_FIELDS: usize = 100_000;

/// Whether a field without a value counts as sent (`keep_blank_values`). Of a multipart body they always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blanks {
    /// It is there, and empty.
    Kept,
    /// It is as if it had not been sent.
    Dropped,
}

/// One field as it was sent, in the charset of the page that it was sent from.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: ByteStr,
    /// Its value; of an uploaded file the content.
    pub value: ByteStr,
    /// The name of an uploaded file.
    pub file_name: Option<ByteStr>,
}

/// All fields in the order in which they were sent. A field that is sent twice counts with its first value unless
/// [`Form::all`] is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    fields: Vec<Field>,
}

impl Form {
    /// Reads `a=1&b=2`; a semicolon separates as well.
    pub fn from_urlencoded(text: &[u8], blanks: Blanks) -> Form {
        let mut form = Form::default();
        for pair in text.split(|&b| b == b'&' || b == b';').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|&b| b == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            if !value.is_empty() || blanks == Blanks::Kept {
                form.push(Field { name: unquote_plus(&pair[..at]), value: unquote_plus(value), file_name: None });
            }
        }
        form
    }

    /// Adds a field, unless there are too many already.
    pub fn push(&mut self, field: Field) {
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(field);
        }
    }

    /// Adds the fields of another form.
    pub fn extend(&mut self, other: Form) {
        other.fields.into_iter().for_each(|field| self.push(field));
    }

    /// All fields.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// Whether there is any field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether a field was sent (`has_key`).
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The first value of a field (`getfirst(name)`).
    pub fn get(&self, name: &str) -> Option<&ByteStr> {
        self.get_bytes(name.as_bytes())
    }

    /// The same for a name that is no text, such as an address in the name of a field.
    pub fn get_bytes(&self, name: &[u8]) -> Option<&ByteStr> {
        self.fields.iter().find(|field| field.name == *name).map(|field| &field.value)
    }

    /// The first value of a field, empty where it was not sent (`getfirst(name, '')`).
    pub fn value(&self, name: &str) -> ByteStr {
        self.get(name).cloned().unwrap_or_default()
    }

    /// The same without blanks around it.
    pub fn stripped(&self, name: &str) -> ByteStr {
        ByteStr::from(crate::text::strip(&self.value(name)))
    }

    /// The value as a number, where it is one as Python's `int()` reads it.
    pub fn int(&self, name: &str) -> Option<i64> {
        let text = self.stripped(name);
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    /// All values of a field (`getlist`).
    pub fn all(&self, name: &str) -> Vec<ByteStr> {
        self.all_bytes(name.as_bytes())
    }

    /// The same for a name that is no text.
    pub fn all_bytes(&self, name: &[u8]) -> Vec<ByteStr> {
        self.fields.iter().filter(|field| field.name == *name).map(|field| field.value.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unquoted() {
        let form = Form::from_urlencoded(b"a%20b=c+d%E4&&x&y=&=z&a%20b=second;n=%4", Blanks::Kept);
        assert_eq!(form.get("a b"), Some(&ByteStr::from(&b"c d\xe4"[..])));
        assert_eq!(form.all("a b").len(), 2);
        assert_eq!(form.get("x"), Some(&ByteStr::default()));
        assert_eq!(form.value("n"), "%4");
        assert!(form.has("") && !form.has("z"));
    }

    #[test]
    fn blank_fields_may_not_count() {
        let form = Form::from_urlencoded(b"x&y=&z=1", Blanks::Dropped);
        assert!(!form.has("x") && !form.has("y") && form.has("z"));
    }

    #[test]
    fn numbers() {
        let form = Form::from_urlencoded(b"a=+1+&b=x&c=-2&d=", Blanks::Kept);
        assert_eq!([form.int("a"), form.int("b"), form.int("c"), form.int("d")], [Some(1), None, Some(-2), None]);
    }

    #[test]
    fn a_form_has_a_bound() {
        let form = Form::from_urlencoded(&b"a=1&".repeat(MAX_FIELDS + 5), Blanks::Kept);
        assert_eq!(form.fields().count(), MAX_FIELDS);
    }
}
