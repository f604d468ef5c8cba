//! Which site a command works on.

use super::SiteError;
use std::path::{Path, PathBuf};

/// Where Debian's package has the program files; its Defaults.py names the data's place.
pub(super) const DEBIAN_CODE: &str = "/usr/lib/mailman";
/// Where Debian has the data.
pub(super) const DEBIAN_DATA: &str = "/var/lib/mailman";

/// `MAILMAN_PREFIX`; else the folder above the command's own, if a site is there; else Debian's.
pub(super) fn home() -> Result<PathBuf, SiteError> {
    if let Some(prefix) = std::env::var_os("MAILMAN_PREFIX").filter(|prefix| !prefix.is_empty()) {
        return Ok(PathBuf::from(prefix));
    }
    let candidates = candidates();
    let found = candidates.iter().find(|folder| is_site(folder));
    found.cloned().ok_or_else(|| SiteError::NotFound {
        looked: candidates.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", "),
    })
}

/// The folder above the one in which this program's file is.
pub(super) fn above_program() -> Result<PathBuf, SiteError> {
    let program = PathBuf::from("/proc/self/exe");
    let file = std::env::current_exe().map_err(|error| SiteError::Io { path: program, error })?;
    let home = file.parent().and_then(Path::parent).unwrap_or(Path::new(DEBIAN_CODE));
    Ok(home.to_path_buf())
}

fn candidates() -> Vec<PathBuf> {
    let called = std::env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
    let running = std::env::current_exe().ok();
    let above = |path: PathBuf| Some(path.parent()?.parent()?.to_path_buf());
    let mut folders: Vec<PathBuf> =
        [called.and_then(absolute), running].into_iter().flatten().filter_map(above).collect();
    folders.extend([DEBIAN_CODE, DEBIAN_DATA].map(PathBuf::from));
    folders.dedup();
    folders
}

fn absolute(path: PathBuf) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

/// Whether a folder holds a site's program files or settings.
pub(super) fn is_site(folder: &Path) -> bool {
    ["mm_cfg.py", "Defaults.py", "Version.py"].iter().any(|name| folder.join("Mailman").join(name).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_settings() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_site(folder.path()));
        std::fs::create_dir(folder.path().join("Mailman")).unwrap();
        assert!(!is_site(folder.path()));
        std::fs::write(folder.path().join("Mailman/mm_cfg.py"), "").unwrap();
        assert!(is_site(folder.path()));
    }

    #[test]
    fn debian_comes_last() {
        assert_eq!(candidates().last(), Some(&PathBuf::from(DEBIAN_DATA)));
    }
}
