//! The page programs for a web server's `cgi-bin`: this file under the eleven names of Mailman's.
//!
//! It acts by the exact name that it was called by, without Mailman's `CGIEXT`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let called = std::env::args_os().next().unwrap_or_default();
    let name = std::path::Path::new(&called).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default();
    if mailman2::web::find(name).is_none() {
        // `switch --web` knows a program of ours by these words in it.
        eprintln!("{}", String::from_utf8_lossy(migration::program::PAGE_PROGRAM_MARK));
    }
    ExitCode::from(u8::try_from(mailman2::web::cgi::run(name)).unwrap_or(1))
}
