//! An attachment on disk: its name, its contents, its address.
//!
//! A name comes from the mail and is hostile: only letters, digits, `-`, `_` and `.` are left of it, and what lies before
//! a path separator is cut off, so that nothing is ever written outside the message's own folder.

use super::store::Store;
use super::{harmless, mimetypes, Sanitizer, Scrubber};
use crate::error::HandlerError;
use crate::text::html::websafe;
use crate::text::program::{self, split_extension};
use compat::durable;
use compat::email::generator;
use compat::email::message::Message;
use compat::list::archive_folder;
use compat::site::profile::Switch;
use compat::site::settings;
use compat::ByteStr;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

const FILE_MODE: u32 = 0o664;
/// How long a base name may be, so that number and extension still fit into 255 bytes.
const BASE_LIMIT: usize = 240;

impl Scrubber<'_> {
    /// Stores a part and gives its address in angle brackets. `filter_html`: an HTML part goes through the site's
    /// sanitizing command first.
    pub(super) fn save(&mut self, part: &mut Message, filter_html: bool) -> Result<ByteStr, HandlerError> {
        let kind = part.content_type();
        let name = part.get_filename().and_then(|name| self.one_line(&name).as_text().cloned()).unwrap_or_default();
        let (base, given) = split_extension(&name);
        let mut body = part.decoded_payload().unwrap_or_default();
        let mut extension = self.extension(&kind, given);
        // What is HTML by its type is escaped, goes through a command, or is stored on the site's own wish.
        if kind.as_bytes() != b"text/html" {
            extension = harmless::extension(&kind, extension, &body);
        }
        let base = self.base_name(base);
        let stem = self.store()?.free_stem(&base, &extension);
        match (&self.sanitizer, kind.as_bytes()) {
            (Sanitizer::Command(command), b"text/html") if filter_html => {
                let command = command.clone();
                body = self.sanitized(&command, &stem, &extension, &body)?;
                extension = b".txt".to_vec();
            }
            (_, b"message/rfc822") => body = self.whole_message(part)?,
            _ => {}
        }
        self.store()?.put(&base, &stem, &extension, &body)?;
        Ok(self.address(&stem, &extension))
    }

    /// The folder of this message's attachments, locked from the first one on.
    fn store(&mut self) -> Result<&mut Store, HandlerError> {
        let store = match self.store.take() {
            Some(store) => store,
            None => {
                let archive = archive_folder(self.site, self.list.name());
                Store::open(archive.join(OsStr::from_bytes(&self.folder)))?
            }
        };
        Ok(self.store.insert(store))
    }

    /// The file's extension, cleaned.
    fn extension(&self, kind: &[u8], given: &[u8]) -> Vec<u8> {
        let trust_given =
            self.site.settings.truth(settings::SCRUBBER_USE_ATTACHMENT_FILENAME_EXTENSION) && !given.is_empty();
        let found = match trust_given {
            true => given.to_vec(),
            false => guess(&String::from_utf8_lossy(kind), given),
        };
        match (found.is_empty(), kind) {
            (true, b"message/rfc822") => b".txt".to_vec(),
            (true, _) => b".bin".to_vec(),
            (false, _) => clean(&found),
        }
    }

    /// What the file is called, without its extension and number.
    fn base_name(&self, given: &[u8]) -> Vec<u8> {
        match given.is_empty() || self.site.settings.truth(settings::SCRUBBER_DONT_USE_ATTACHMENT_FILENAME) {
            true => b"attachment".to_vec(),
            false => self.clean_base(given),
        }
    }

    fn clean_base(&self, base: &[u8]) -> Vec<u8> {
        let last = base.rsplit(|b| b"/\\:".contains(b)).next().unwrap_or_default();
        let undotted = &last[last.iter().take_while(|&&b| b == b'.').count()..];
        let mut name = harmless::base(&clean(undotted));
        if self.site.profile.has(Switch::ScrubNameLimit) {
            name.truncate(BASE_LIMIT);
        }
        name
    }

    /// The site's command makes text of an HTML part.
    fn sanitized(
        &mut self,
        command: &[u8],
        stem: &[u8],
        extension: &[u8],
        html: &[u8],
    ) -> Result<ByteStr, HandlerError> {
        let temporary = self.store()?.path(&[stem, b"-tmp"].concat(), extension);
        durable::put_page(&temporary, FILE_MODE, html)?;
        let output = program::run_on(command, &temporary);
        durable::unlink_if_there(&temporary)?;
        let output = output?;
        if let Some(status) = output.status {
            self.site.log("error", format!("HTML sanitizer exited with non-zero status: {status}"));
        }
        Ok(output.text)
    }

    /// A nested message is stored as Python prints a list of one message, escaped: with brackets around it.
    fn whole_message(&self, part: &mut Message) -> Result<ByteStr, HandlerError> {
        let inner = part.parts_mut().first_mut().ok_or_else(|| super::no_text("message/rfc822"))?;
        let text = [b"[", &generator::as_bytes(inner, true, true)?[..], b"]"].concat();
        Ok(ByteStr::new(websafe(self.site, &text)))
    }

    fn address(&self, stem: &[u8], extension: &[u8]) -> ByteStr {
        let mut url = b"<".to_vec();
        url.extend_from_slice(&self.list.base_archive_url());
        if !url.ends_with(b"/") {
            url.push(b'/');
        }
        url.extend_from_slice(&[&self.folder[..], b"/", stem, extension, b">"].concat());
        ByteStr::new(url)
    }
}

/// The given extension where the type knows it, else the first that the type has.
fn guess(kind: &str, given: &[u8]) -> Vec<u8> {
    let known = mimetypes::extensions(kind);
    match known.iter().find(|e| e.as_bytes() == given).or(known.first()) {
        Some(extension) => extension.clone().into_bytes(),
        None => Vec::new(),
    }
}

/// Letters, digits, dot, dash and underscore are left.
fn clean(name: &[u8]) -> Vec<u8> {
    name.iter().copied().filter(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_could_lead_elsewhere() {
        assert_eq!(clean(b"../../etc/pass wd\n"), b"....etcpasswd");
        assert_eq!(guess("message/rfc822", b".mht"), b".mht");
        assert_eq!(guess("x-no/such", b".zip"), b"");
    }
}
