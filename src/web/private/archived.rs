//! A file of a private archive: which one a path means, and how it is sent.
//!
//! A folder means its `index.html`; a file that is only there packed (`.gz`) is unpacked on the way. Large files are sent
//! piece by piece. Whatever a path or a link in the archive says, nothing outside the list's own folder is opened. What
//! came with mail, the attachments, is sent so that a browser treats it as from a site of its own: it can neither run
//! with the reader's login nor read other pages.

use crate::scrubber::mimetypes;
use crate::web::response::{Content, Response};
use crate::web::Answer;
use compat::list::MailList;
use compat::site::{settings, Site};
use flate2::read::MultiGzDecoder;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Seek};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The largest file that is unpacked, in bytes as unpacked: a small file can unpack to an enormous one.
const UNPACKED_LIMIT: u64 = 4 << 30;

/// For what came with mail: an origin of its own, no scripts, no forms.
const ATTACHMENT_POLICY: &str = "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'";

/// For pages of the archive, whose markup is the archiver's and the site's.
const PAGE_POLICY: &str = "object-src 'none'; base-uri 'none'; frame-ancestors 'self'; script-src 'self'";

/// What a path asks for.
pub struct Wanted {
    /// The path of the request.
    asked: String,
    /// The file that it means.
    path: PathBuf,
    /// Nothing outside this folder is opened.
    folder: PathBuf,
    is_mbox: bool,
}

impl Wanted {
    /// The file of a request's path, or the mbox of a list.
    pub fn new(site: &Site, asked: &[u8], mbox_of: Option<&MailList>) -> Wanted {
        Wanted::below(&site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR), asked, mbox_of)
    }

    fn below(archives: &Path, asked: &[u8], mbox_of: Option<&MailList>) -> Wanted {
        let start = asked.iter().position(|&byte| byte != b'/').unwrap_or(asked.len());
        let relative = &asked[start..];
        let first = relative.split(|&byte| byte == b'/').next().unwrap_or_default();
        let mut path = archives.join(OsStr::from_bytes(relative));
        let mut folder = archives.join(OsStr::from_bytes(first));
        if let Some(list) = mbox_of {
            let file = [&list.name()[..], b".mbox"].concat();
            folder = archives.join(OsStr::from_bytes(&file));
            path = folder.join(OsStr::from_bytes(&file));
        } else if path.is_dir() {
            path.push("index.html");
        }
        let packed = with_suffix(&path);
        if !path.exists() && packed.exists() {
            path = packed;
        }
        Wanted { asked: String::from_utf8_lossy(asked).into_owned(), path, folder, is_mbox: mbox_of.is_some() }
    }

    /// The file's path, for the error log.
    pub fn path(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }

    /// Whether this is the list's mbox.
    pub fn is_mbox(&self) -> bool {
        self.is_mbox
    }

    /// Whether this is the first page of a folder.
    pub fn is_index(&self) -> bool {
        self.path.ends_with("index.html")
    }

    /// The open file, if there is one inside the folder that may be read.
    pub fn open(&self) -> Option<File> {
        let folder = self.folder.canonicalize().ok()?;
        let path = self.path.canonicalize().ok()?;
        let file = path.starts_with(&folder).then(|| File::open(&path).ok())??;
        file.metadata().ok()?.is_file().then_some(file)
    }

    /// The file as an answer.
    ///
    /// # Errors
    /// The file cannot be read, or is packed and damaged.
    pub fn response(&self, file: File) -> Answer {
        let kind = match self.is_mbox {
            true => "text/plain",
            false => mimetypes::guess(&self.asked).unwrap_or("text/html"),
        };
        let content = match self.is_packed() {
            true => unpacked(file)?,
            false => {
                let length = file.metadata()?.len();
                Content::File(file, length)
            }
        };
        let mut response = Response::new(kind, content);
        let is_attachment = self.path.strip_prefix(&self.folder).is_ok_and(|below| below.starts_with("attachments"));
        response.add("Content-Security-Policy", if is_attachment { ATTACHMENT_POLICY } else { PAGE_POLICY });
        response.add("Vary", "Cookie");
        Ok(response)
    }

    fn is_packed(&self) -> bool {
        !self.is_mbox && self.path.extension().is_some_and(|extension| extension == "gz")
    }
}

fn with_suffix(path: &Path) -> PathBuf {
    let mut packed = path.as_os_str().to_os_string();
    packed.push(".gz");
    packed.into()
}

/// A packed file's content. It is unpacked twice: first to learn its length, which stands before it.
fn unpacked(mut file: File) -> io::Result<Content> {
    use io::Read;
    let mut counted = MultiGzDecoder::new(&file).take(UNPACKED_LIMIT + 1);
    let length = io::copy(&mut counted, &mut io::sink())?;
    if length > UNPACKED_LIMIT {
        return Err(io::Error::other("unpacks to more than is sent"));
    }
    file.rewind()?;
    Ok(Content::Packed(MultiGzDecoder::new(file), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::{Read, Write};

    fn wanted(root: &Path, asked: &str) -> Wanted {
        Wanted::below(root, asked.as_bytes(), None)
    }

    fn text(root: &Path, asked: &str) -> Option<String> {
        let mut text = String::new();
        wanted(root, asked).open()?.read_to_string(&mut text).ok()?;
        Some(text)
    }

    #[test]
    fn files_and_folders_of_the_list_alone() {
        let root = tempfile::tempdir().unwrap();
        let club = root.path().join("club");
        fs::create_dir_all(club.join("2026-March")).unwrap();
        fs::write(club.join("index.html"), "front").unwrap();
        fs::write(club.join("2026-March/index.html"), "march").unwrap();
        fs::write(root.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(root.path().join("secret"), club.join("link")).unwrap();
        assert_eq!(text(root.path(), "/club/").as_deref(), Some("front"));
        assert_eq!(text(root.path(), "/club/2026-March").as_deref(), Some("march"));
        for hidden in ["/club/link", "/club/none", "/club/index.html\0"] {
            assert_eq!(text(root.path(), hidden), None, "{hidden}");
        }
    }

    #[test]
    fn a_packed_file_is_sent_unpacked() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("club")).unwrap();
        let file = File::create(root.path().join("club/a.txt.gz")).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packer.write_all(b"text").unwrap();
        packer.finish().unwrap();
        let Content::Packed(mut content, length) =
            unpacked(wanted(root.path(), "/club/a.txt").open().unwrap()).unwrap()
        else {
            panic!("not packed");
        };
        let mut text = String::new();
        content.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), length), ("text", 4));
    }
}
