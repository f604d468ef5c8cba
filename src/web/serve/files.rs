//! Files that everybody may read: public archives and pictures.
//!
//! A public archive is a link to the private one's folder, and only such a link makes an archive public. No path leads
//! out of it; what else a link in it may point to is not shown. Attachments of posts were sent by anybody: they are shown,
//! if at all, in an origin of their own.

use crate::text::split_on;
use crate::web::response::{Content, Response};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where Debian has the pictures.
const DEBIAN_ICONS: &str = "/usr/share/images/mailman";
/// Sent with what a stranger may have written: nothing runs, nothing is loaded, no cookie is in reach.
const STRANGERS: &str = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";
/// Sent with the archive's own pages.
const PAGES: &str =
    "default-src 'none'; img-src 'self'; style-src 'self' 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/// A file of a public archive; `path` is what the address says, decoded. `known` is the client's `If-None-Match`.
pub fn archive(site: &Site, path: &[u8], target: &[u8], known: Option<&ByteStr>) -> Response {
    let Some(parts) = safe_parts(path) else { return not_found() };
    let Some((list, rest)) = parts.split_first() else { return not_found() };
    let link = site.settings.path(settings::PUBLIC_ARCHIVE_FILE_DIR).join(list);
    let Ok(root) = link.canonicalize() else { return not_found() };
    let mut file = root.clone();
    file.extend(rest);
    if file.is_dir() {
        let path_end = target.iter().position(|&byte| byte == b'?').unwrap_or(target.len());
        if !target[..path_end].ends_with(b"/") {
            return moved(&[&target[..path_end], b"/"].concat());
        }
        file.push("index.html");
    }
    match file.canonicalize() {
        Ok(file) if file.starts_with(&root) => {
            let is_strangers = rest.first().is_some_and(|first| *first == OsStr::new("attachments"));
            let mut response = send(&file, known);
            response.add("Content-Security-Policy", if is_strangers { STRANGERS } else { PAGES });
            response
        }
        _ => not_found(),
    }
}

/// A picture.
pub fn icon(site: &Site, path: &[u8], known: Option<&ByteStr>) -> Response {
    let Some([name]) = safe_parts(path).as_deref().and_then(|parts| <&[&OsStr; 1]>::try_from(parts).ok()).copied()
    else {
        return not_found();
    };
    let folders = [site.home.join("icons"), PathBuf::from(DEBIAN_ICONS)];
    let found = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.map_or_else(not_found, |file| send(&file, known))
}

/// The steps of a path; `None` where one of them could lead elsewhere.
fn safe_parts(path: &[u8]) -> Option<Vec<&OsStr>> {
    let parts: Vec<&[u8]> = split_on(path, b"/").into_iter().filter(|part| !part.is_empty()).collect();
    let is_safe = |part: &&[u8]| !part.starts_with(b".") && !part.contains(&0);
    parts.iter().all(is_safe).then(|| parts.into_iter().map(OsStr::from_bytes).collect())
}

fn send(path: &Path, known: Option<&ByteStr>) -> Response {
    let Some((file, about)) = open(path) else { return not_found() };
    let tag = ByteStr::from(format!("\"{:x}-{:x}-{:x}\"", about.mtime(), about.mtime_nsec(), about.len()));
    let mut response =
        match known.is_some_and(|known| split_on(known, b",").iter().any(|one| one.trim_ascii() == &tag[..])) {
            true => Response::new(type_of(path), Content::Bytes(Vec::new())).with_status(304),
            false => Response::new(type_of(path), Content::File(file, about.len())),
        }
        .public();
    response.add("ETag", tag);
    response
}

fn open(path: &Path) -> Option<(File, Metadata)> {
    let file = File::open(path).ok()?;
    let about = file.metadata().ok()?;
    about.is_file().then_some((file, about))
}

/// The archive's pages name their charset themselves.
fn type_of(path: &Path) -> &'static str {
    match path.extension().and_then(OsStr::to_str).unwrap_or_default() {
        "html" | "htm" => "text/html",
        "txt" | "mbox" => "text/plain",
        "gz" => "application/gzip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "css" => "text/css",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

fn moved(to: &[u8]) -> Response {
    let mut response = Response::text(301, "It is in a folder.\n");
    response.add("Location", to);
    response
}

fn not_found() -> Response {
    Response::text(404, "There is nothing at this address.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::{Origin, Version};
    use compat::value::Value;
    use std::os::unix::fs::symlink;

    fn statuses(paths: &[&str]) -> Vec<u16> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for dir in ["public", "private/open/2026-May", "private/closed"] {
            std::fs::create_dir_all(root.join(dir)).unwrap();
        }
        for file in ["private/open/index.html", "private/open/2026-May/000000.html", "private/closed/index.html"] {
            std::fs::write(root.join(file), "x").unwrap();
        }
        symlink(root.join("private/open"), root.join("public/open")).unwrap();
        symlink(root.join("private/closed/index.html"), root.join("private/open/leak.html")).unwrap();
        let site = Site::bare(root, Version { micro: 39 });
        let mut site = Rc::try_unwrap(site).ok().unwrap();
        let public = Value::str(root.join("public").to_str().unwrap());
        site.settings.set(settings::PUBLIC_ARCHIVE_FILE_DIR, public, Origin::BuiltIn);
        let status =
            |path: &&str| archive(&site, path.as_bytes(), format!("/pipermail/{path}").as_bytes(), None).status;
        paths.iter().map(status).collect()
    }

    use std::rc::Rc;

    #[test]
    fn no_path_leaves_a_public_archive() {
        assert_eq!(statuses(&["open/", "open/2026-May/000000.html", "open"]), [200, 200, 301]);
        let outside =
            ["closed/index.html", "open/../closed/index.html", "../private/closed/index.html", "open/leak.html"];
        assert_eq!(statuses(&outside), [404; 4]);
        assert_eq!(statuses(&["", "open/nothing", "open/.hidden", "open/a\0b"]), [404; 4]);
    }
}
