//! The program files of a site, in whose places a switch puts ours: where they are, whose they are, how one is replaced.

pub mod divert;
mod layout;
mod place;
pub mod shim;

pub use layout::{qrunners, Layout};
pub use place::{Ours, Place, PAGE_PROGRAM_MARK};

/// The file in DATA_DIR that says what a switch changed.
pub const JOURNAL_NAME: &str = "mailman2-rs.switch";
/// The one that says what a restore has done.
pub const RESTORE_JOURNAL_NAME: &str = "mailman2-rs.restored";
/// The manifest that `verify --against` takes, in DATA_DIR.
pub const MANIFEST_NAME: &str = "mailman2-rs.manifest";

/// `IncomingRunner` for `Incoming`, as qrunner takes both.
pub fn full_name(name: &str) -> String {
    if name.ends_with("Runner") {
        return name.to_string();
    }
    format!("{name}Runner")
}
