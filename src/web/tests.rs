//! What every page program does alike.

use super::*;
use compat::site::Version;
use std::path::Path;

fn status_of(method: &str, program: &str) -> u16 {
    let site = Site::bare(Path::new("/nonexistent"), Version { micro: 39 });
    respond(&site, program, &Request { method: method.into(), ..Request::default() }).status
}

#[test]
fn unknown_programs_are_not_found() {
    assert_eq!(status_of("GET", "no-such-program"), 404);
    assert_eq!(status_of("GET", ""), 404);
}

#[test]
fn every_program_of_mailman_is_there() {
    assert!(PROGRAMS.iter().map(|program| program.name).eq(migration::switch::pages::NAMES));
}
