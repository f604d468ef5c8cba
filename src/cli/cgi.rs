//! `cgi PROGRAM`: a page program of Mailman's cgi-bin, called by a web server or a test.

use super::tool::complain;
use super::Call;

/// Answers the request in the environment as the program that the first argument names.
pub fn run(call: &Call) -> i32 {
    match call.args.as_slice() {
        [program] => crate::web::cgi::run(program),
        _ => complain(&format!("usage: {} PROGRAM, with a request in CGI's environment\n", call.program)),
    }
}
