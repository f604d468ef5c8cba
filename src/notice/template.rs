//! Templates filled in, as bytes.

use crate::error::HandlerError;
use compat::list::MailList;
use compat::site::template::{to_bytes, ForList, Request};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;

/// What to take and how.
pub struct Template<'a> {
    /// The file, such as `postack.txt`.
    pub name: &'a str,
    /// What is filled in.
    pub values: &'a [(&'a str, Value)],
    /// The language that is tried first.
    pub language: Option<&'a [u8]>,
    /// Whether lines stay as they are.
    pub raw: bool,
}

impl Template<'_> {
    /// The template of a list: its own one, its host's, the site's.
    ///
    /// # Errors
    /// A template that is nowhere, cannot be read or cannot be filled in.
    pub fn for_list(&self, list: &MailList) -> Result<ByteStr, HandlerError> {
        self.make(list.site(), Some(list.for_templates()), &list.preferred_language())
    }

    /// The template of the site, for no list in particular.
    ///
    /// # Errors
    /// A template that is nowhere, cannot be read or cannot be filled in.
    pub fn for_site(&self, site: &Site) -> Result<ByteStr, HandlerError> {
        self.make(site, None, &site.server_language())
    }

    fn make(&self, site: &Site, list: Option<ForList<'_>>, otherwise: &[u8]) -> Result<ByteStr, HandlerError> {
        let values = self.values.to_vec();
        let request = Request { values: Some(&values), raw: self.raw, lang: self.language, list };
        let text = site.maketext(self.name, request)?;
        Ok(to_bytes(&text, &site.charset_or_ascii(self.language.unwrap_or(otherwise))))
    }
}

/// A template of a list in its own language, wrapped.
///
/// # Errors
/// A template that is nowhere, cannot be read or cannot be filled in.
pub fn template_for_list(list: &MailList, name: &str, values: &[(&str, ByteStr)]) -> Result<ByteStr, HandlerError> {
    let values: Vec<(&str, Value)> = values.iter().map(|(name, value)| (*name, Value::Str(value.clone()))).collect();
    Template { name, values: &values, language: None, raw: false }.for_list(list)
}
