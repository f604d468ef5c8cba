//! A site's settings: what `mm_cfg.NAME` is in Mailman. Their names are the constants of this module.

mod names;

pub use names::*;

use crate::email::charset::{self, Encoding};
use crate::names::{by_name, Any, Items, Name, Named, Number, OfSite, Place, Text};
use crate::value::Value;
use crate::ByteStr;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The name of a setting whose value is of kind `K`.
pub type Setting<K> = Name<OfSite, K>;

/// Where a setting has its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of the site's own file.
    Line { file: PathBuf, line: usize },
    /// The site's Defaults.py.
    Defaults,
    /// The tables of this program.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Line { file, line } => write!(f, "{}:{line}", file.display()),
            Origin::Defaults => f.write_str("Defaults.py"),
            Origin::BuiltIn => f.write_str("built-in default"),
        }
    }
}

/// A setting that is missing or of the wrong kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Python: `AttributeError: 'module' object has no attribute`.
    #[error("setting {0} is not defined")]
    Missing(String),
    /// The value is not what its use needs.
    #[error("setting {name} ({origin}) should be {wanted}, not {found}")]
    Kind { name: String, origin: String, wanted: &'static str, found: &'static str },
}

#[derive(Clone, Debug)]
struct Held {
    value: Value,
    origin: Origin,
}

/// All settings of a site by name.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    by_name: HashMap<String, Held>,
    charsets: Vec<Charset>,
}

/// A call of `email.Charset.add_charset` in mm_cfg.py: it changes how the whole process encodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Charset {
    /// The charset's name.
    pub name: ByteStr,
    /// `None`, or email.Charset's numbers: 1 quoted-printable, 2 base64, 3 the shorter.
    pub header_encoding: Value,
    /// The same for bodies.
    pub body_encoding: Value,
    /// The output charset, or `None`.
    pub output_charset: Value,
}

impl Charset {
    /// Makes the process encode so from now on, as the call does in Python.
    pub(super) fn register(&self) {
        let encoding = |value: &Value| match value.as_int() {
            Some(1) => Some(Encoding::QuotedPrintable),
            Some(2) => Some(Encoding::Base64),
            Some(3) => Some(Encoding::Shortest),
            _ => None,
        };
        let output = self.output_charset.as_text().map(|name| &name[..]);
        charset::add_charset(&self.name, encoding(&self.header_encoding), encoding(&self.body_encoding), output);
    }
}

impl Settings {
    /// The value, if there is one.
    pub fn get(&self, name: impl Named<OfSite, Any>) -> Option<&Value> {
        self.by_name.get(name.name()).map(|setting| &setting.value)
    }

    /// Sets a value.
    pub fn set(&mut self, name: impl Named<OfSite, Any>, value: Value, origin: Origin) {
        self.by_name.insert(name.name().to_owned(), Held { value, origin });
    }

    /// Takes a setting away.
    pub fn remove(&mut self, name: impl Named<OfSite, Any>) {
        self.by_name.remove(name.name());
    }

    /// Where the value comes from.
    pub fn origin(&self, name: impl Named<OfSite, Any>) -> Option<&Origin> {
        self.by_name.get(name.name()).map(|setting| &setting.origin)
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The calls of `add_charset`, in order.
    pub fn charsets(&self) -> &[Charset] {
        &self.charsets
    }

    /// Sets them.
    pub fn set_charsets(&mut self, charsets: Vec<Charset>) {
        self.charsets = charsets;
    }

    /// A `str` (or a `unicode`, as its UTF-8).
    ///
    /// # Errors
    /// A setting that is missing, or of another kind; its name is in the error.
    pub fn str(&self, name: impl Named<OfSite, Text>) -> Result<ByteStr, SettingError> {
        self.typed(name.name(), "a string", |value| value.as_text().cloned())
    }

    /// A string, where `None`, `''` and a missing setting mean that there is none.
    pub fn optional_str(&self, name: impl Named<OfSite, Text>) -> Option<ByteStr> {
        self.get(by_name(name.name()))?.as_text().filter(|text| !text.is_empty()).cloned()
    }

    /// A whole number; a float with a fraction is none.
    ///
    /// # Errors
    /// A setting that is missing, or of another kind; its name is in the error.
    pub fn int(&self, name: impl Named<OfSite, Number>) -> Result<i64, SettingError> {
        let whole = |x: &f64| x.fract() == 0.0 && x.abs() < 9e15;
        self.typed(name.name(), "a whole number", |value| {
            value.as_int().or_else(|| value.as_float().filter(whole).map(|x| x as i64))
        })
    }

    /// Any number.
    ///
    /// # Errors
    /// A setting that is missing, or of another kind; its name is in the error.
    pub fn float(&self, name: impl Named<OfSite, Number>) -> Result<f64, SettingError> {
        self.typed(name.name(), "a number", Value::as_float)
    }

    /// Whether Python would take it as true; what is missing is false.
    pub fn truth(&self, name: impl Named<OfSite, Any>) -> bool {
        self.get(name).is_some_and(Value::is_true)
    }

    /// A path; empty where the setting is missing or no string.
    pub fn path(&self, name: impl Named<OfSite, Place>) -> PathBuf {
        let bytes = self.str(by_name(name.name())).map(|text| text.to_vec()).unwrap_or_default();
        PathBuf::from(OsString::from_vec(bytes))
    }

    /// A list or tuple of strings. Items of other kinds are left out, as comparing with them finds nothing.
    ///
    /// # Errors
    /// A setting that is missing, or of another kind; its name is in the error.
    pub fn strings(&self, name: impl Named<OfSite, Items>) -> Result<Vec<ByteStr>, SettingError> {
        self.typed(name.name(), "a list of strings", |value| {
            Some(value.as_items()?.iter().filter_map(|item| item.as_text().cloned()).collect())
        })
    }

    /// The value, or the error that it is not there.
    ///
    /// # Errors
    /// A setting that is missing.
    pub fn require(&self, name: impl Named<OfSite, Any>) -> Result<&Value, SettingError> {
        let name = name.name();
        self.get(by_name(name)).ok_or_else(|| SettingError::Missing(name.to_string()))
    }

    fn typed<T>(
        &self,
        name: &str,
        wanted: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, SettingError> {
        let value = self.require(by_name(name))?;
        read(value).ok_or_else(|| SettingError::Kind {
            name: name.to_string(),
            origin: self.origin(by_name(name)).map(Origin::to_string).unwrap_or_default(),
            wanted,
            found: value.type_name(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: Setting<Any> = Setting::new("X");
    const UNSET: Setting<Any> = Setting::new("Z");

    fn one(value: Value) -> Settings {
        let mut settings = Settings::default();
        settings.set(X, value, Origin::Line { file: "mm_cfg.py".into(), line: 3 });
        settings
    }

    #[test]
    fn typed_access() {
        assert_eq!(one(Value::Float(60.0)).int(X), Ok(60));
        assert_eq!(one(Value::Bool(true)).int(X), Ok(1));
        assert_eq!(one(Value::Int(2)).float(X), Ok(2.0));
        assert!(one(Value::str("no")).truth(X));
        assert!(!one(Value::Int(0)).truth(UNSET));
        assert_eq!(one(Value::str("/var/lib")).path(X), PathBuf::from("/var/lib"));
        let mixed = Value::tuple(vec![Value::str("from"), Value::None, Value::str("sender")]);
        assert_eq!(one(mixed).strings(X), Ok(vec!["from".into(), "sender".into()]));
        assert_eq!(one(Value::str("")).optional_str(X), None);
    }

    #[test]
    fn errors_say_where() {
        let error = one(Value::str("ten")).int(X).unwrap_err().to_string();
        assert_eq!(error, "setting X (mm_cfg.py:3) should be a whole number, not str");
        assert_eq!(one(Value::None).int(UNSET).unwrap_err().to_string(), "setting Z is not defined");
    }
}
