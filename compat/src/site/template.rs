//! Templates: the texts that Mailman sends and shows, as files that operators edit.
//!
//! Answers to `Utils.findtext` and `Utils.maketext`. Each language is looked for in four places (list, host, site,
//! distribution), each language before the next one; the first file found counts, and one that is there but cannot be
//! read is an error. Files are read at every use, so that an edit takes effect at once. Where a machine has no
//! templates at all (Mailman's Python was removed with them), short English texts of our own stand in.

use super::wrap::wrap_value;
use super::{texts, Site};
use crate::format::{percent, percent_unicode, FormatError, Lookup, Safe};
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the search needs to know of a list.
#[derive(Clone, Copy, Debug)]
pub struct ForList<'a> {
    /// The list's own folder.
    pub folder: &'a Path,
    /// Its `host_name`.
    pub host_name: &'a [u8],
    /// Its `preferred_language`.
    pub language: &'a [u8],
}

/// What to make of a template.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    /// The values; without them nothing is filled in.
    pub values: Option<&'a dyn Lookup>,
    /// Leave lines as they are.
    pub raw: bool,
    /// The language asked for.
    pub lang: Option<&'a [u8]>,
    /// The list.
    pub list: Option<ForList<'a>>,
}

/// A template that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No file, and no text of our own.
    #[error("[Errno 2] No template file found: '{0}'")]
    NotFound(String),
    /// It is there but cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
}

/// A template's text and where it was found, and in which language.
struct Found {
    text: ByteStr,
    path: PathBuf,
    lang: ByteStr,
}

impl Site {
    /// `Utils.maketext`: the text, filled in and wrapped. It is `unicode` where a value is.
    ///
    /// # Errors
    /// A template that is nowhere, cannot be read, or cannot be filled in.
    pub fn maketext(&self, name: &str, request: Request<'_>) -> Result<Value, TemplateError> {
        self.findtext(name, request).map(|(text, _)| text)
    }

    /// `Utils.findtext`: the same with the path of the file.
    ///
    /// # Errors
    /// A template that is nowhere, cannot be read, or cannot be filled in.
    pub fn findtext(&self, name: &str, request: Request<'_>) -> Result<(Value, PathBuf), TemplateError> {
        let found = self.find_template(name, &request)?;
        let text = match request.values {
            Some(values) => self.fill_template(&found, values),
            None => Value::Str(found.text),
        };
        let text = if request.raw { text } else { wrap_value(&text) };
        Ok((text, found.path))
    }

    fn find_template(&self, name: &str, request: &Request<'_>) -> Result<Found, TemplateError> {
        let folder = self.settings.path(settings::TEMPLATE_DIR);
        let mut folders = Vec::new();
        if let Some(list) = &request.list {
            folders.push(list.folder.to_path_buf());
            folders.extend(file_name(list.host_name).map(|host| folder.join(host)));
        }
        folders.extend([folder.join("site"), folder.clone()]);
        let server = self.server_language();
        let languages = [request.lang, request.list.map(|list| list.language), Some(&server)];
        for lang in languages.into_iter().flatten() {
            for folder in &folders {
                if let Some(found) = read_template(folder, lang, name)? {
                    return Ok(found);
                }
            }
        }
        // Python keeps the language that it tried last for what comes after.
        let english = read_template(&folder, b"en", name)?.map(|found| Found { lang: server.clone(), ..found });
        english.or_else(|| builtin(name, &server)).ok_or_else(|| TemplateError::NotFound(name.to_string()))
    }

    fn fill_template(&self, found: &Found, values: &dyn Lookup) -> Value {
        let safe = Safe(values);
        let filled = percent(&found.text, &safe).or_else(|error| match error {
            FormatError::Unicode { .. } => {
                let charset = self.charset_or_ascii(&found.lang);
                percent_unicode(&super::language::decode_replace(&found.text, &charset), &safe)
            }
            error => Err(error),
        });
        filled.unwrap_or_else(|error| {
            self.log("error", format!("broken template: {}\n{error}", found.path.display()));
            Value::Str(found.text.clone())
        })
    }
}

fn builtin(name: &str, lang: &ByteStr) -> Option<Found> {
    let text = texts::builtin(name)?;
    Some(Found { text: text.into(), path: PathBuf::from(name), lang: lang.clone() })
}

fn read_template(folder: &Path, lang: &[u8], name: &str) -> Result<Option<Found>, TemplateError> {
    let Some(language) = file_name(lang) else {
        return Ok(None);
    };
    let path = folder.join(language).join(name);
    match std::fs::read(&path) {
        Ok(text) => Ok(Some(Found { text: text.into(), path, lang: lang.into() })),
        Err(error) if error.raw_os_error() == Some(nix::libc::ENOENT) => Ok(None),
        Err(error) => Err(TemplateError::Io { path, error }),
    }
}

/// The longest name that a file system takes.
const LONGEST_NAME: usize = 255;

/// A name that comes from a list's settings, as one step of a path: it must not lead elsewhere, nor be longer than any.
pub(super) fn file_name(name: &[u8]) -> Option<&OsStr> {
    let plain = (1..=LONGEST_NAME).contains(&name.len())
        && !name.contains(&b'/')
        && !name.contains(&0)
        && name != b".."
        && name != b".";
    plain.then(|| OsStr::from_bytes(name))
}

/// For callers that want bytes: a `unicode` text is encoded to the charset, `?` for what it lacks.
pub fn to_bytes(text: &Value, charset: &[u8]) -> ByteStr {
    match text {
        Value::Unicode(text) => super::language::encode_replace(text, charset),
        other => crate::format::text_of(other),
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
