//! Telling dpkg that a file of a package lives beside its place, so that an upgrade of the package does not undo a switch.
//!
//! Only the note is dpkg's business here; the files are moved by us, so that the place is never empty.

use std::io;
use std::path::Path;
use std::process::{Command, Output};

/// Whether a package owns this file. Where there is no dpkg, none does.
pub fn is_packaged(path: &Path) -> bool {
    let output = Command::new("dpkg-query").arg("-S").arg(path).output();
    output.is_ok_and(|output| output.status.success())
}

/// Notes that the package's file is at `beside`. Noted before, nothing changes.
///
/// # Errors
/// The system's: `dpkg-divert` cannot be run, or fails.
pub fn add(path: &Path, beside: &Path) -> io::Result<()> {
    run(|command| command.arg("--divert").arg(beside).arg("--add").arg(path))
}

/// Takes the note back.
///
/// # Errors
/// The system's: `dpkg-divert` cannot be run, or fails.
pub fn remove(path: &Path) -> io::Result<()> {
    run(|command| command.arg("--remove").arg(path))
}

/// Old versions move nothing unless they are asked to and do not know the option that says so.
fn run(arguments: impl Fn(&mut Command) -> &mut Command) -> io::Result<()> {
    let divert = |options: &[&str]| -> io::Result<Output> {
        let mut command = Command::new("dpkg-divert");
        command.args(["--quiet", "--local"]).args(options);
        arguments(&mut command).output()
    };
    let mut output = divert(&["--no-rename"])?;
    if String::from_utf8_lossy(&output.stderr).contains("unknown option") {
        output = divert(&[])?;
    }
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("dpkg-divert: {}", String::from_utf8_lossy(&output.stderr).trim()))),
    }
}
