//! Page templates: read once for a session, filled in, and written in the charset of their language.
//!
//! Answers to `quick_maketext` of HyperArch.

use crate::error::HandlerError;
use compat::codecs::{self, Errors};
use compat::format::{self, FormatError, Lookup, Safe};
use compat::list::MailList;
use compat::site::template::Request;
use compat::site::{Site, Switch};
use compat::value::{UniStr, Value};
use compat::ByteStr;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::text::either::Text;

/// The templates in use, by name and language.
#[derive(Default)]
pub struct Templates {
    read: RefCell<HashMap<(String, ByteStr), Rc<Template>>>,
    /// How often one was broken.
    broken: Cell<u64>,
}

struct Template {
    text: ByteStr,
    path: String,
}

impl Templates {
    /// The filled template, in the charset of `lang`, characters that it lacks as numeric references.
    ///
    /// # Errors
    /// There is no such template.
    pub fn fill(
        &self,
        site: &Site,
        list: &MailList,
        lang: &ByteStr,
        name: &str,
        values: &dyn Lookup,
    ) -> Result<ByteStr, HandlerError> {
        let template = self.template(site, list, lang, name)?;
        let charset = site.charset_or_ascii(lang);
        let text = interpolate(&template.text, &charset, values).unwrap_or_else(|error| {
            self.broken.set(self.broken.get() + 1);
            if site.profile.has(Switch::ArchiveBrokenTemplateLogged) {
                site.log("error", format!("broken template: {}\n{error}", template.path));
            }
            Text::Bytes(template.text.clone())
        });
        Ok(text.canonical(&charset))
    }

    /// How often a template was broken; Mailman complains each time.
    pub fn broken(&self) -> u64 {
        self.broken.get()
    }

    /// A template as it is.
    ///
    /// # Errors
    /// There is no such template.
    pub fn raw(&self, site: &Site, list: &MailList, lang: &ByteStr, name: &str) -> Result<ByteStr, HandlerError> {
        Ok(self.template(site, list, lang, name)?.text.clone())
    }

    fn template(&self, site: &Site, list: &MailList, lang: &ByteStr, name: &str) -> Result<Rc<Template>, HandlerError> {
        let key = (name.to_string(), lang.clone());
        if let Some(template) = self.read.borrow().get(&key) {
            return Ok(Rc::clone(template));
        }
        let request = Request { values: None, raw: true, lang: Some(lang), list: Some(list.for_templates()) };
        let (text, path) = site.findtext(name, request)?;
        let text = text.as_text().cloned().unwrap_or_default();
        let template = Rc::new(Template { text, path: path.display().to_string() });
        self.read.borrow_mut().insert(key, Rc::clone(&template));
        Ok(template)
    }
}

/// Fills in; bytes and characters that do not mix are tried again as characters.
fn interpolate(template: &ByteStr, charset: &[u8], values: &dyn Lookup) -> Result<Text, FormatError> {
    let safe = Safe(values);
    let filled = match format::percent(template, &safe) {
        Err(FormatError::Unicode { .. }) => {
            let text = codecs::decode(template, charset, Errors::Replace).unwrap_or_default();
            format::percent_unicode(&text, &safe)
        }
        filled => filled,
    }?;
    Ok(match filled {
        Value::Unicode(UniStr(text)) => Text::Unicode(String::from_utf8_lossy(&text).into_owned()),
        value => Text::Bytes(value.as_text().cloned().unwrap_or_default()),
    })
}
