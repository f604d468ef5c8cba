//! `cgi PROGRAM`: a page program of Mailman's cgi-bin, called by a web server or a test.

use super::describe::word;
use super::tool::complain;
use super::Call;

/// The arguments of `cgi`.
pub fn command() -> clap::Command {
    clap::Command::new("cgi")
        .about("Answer a web server's request as one of Mailman's page programs")
        .long_about(
            "Answer a request in CGI's environment as one of Mailman's page programs, such as listinfo or admindb.",
        )
        .arg(word("PROGRAM", "The program").required(true))
        .after_long_help("Exit status: 0; 1 for a mistake in the arguments.")
}

/// Answers the request in the environment as the program that the first argument names.
pub fn run(call: &Call) -> i32 {
    match call.args.as_slice() {
        [program] => crate::web::cgi::run(program),
        _ => complain(&format!("usage: {} PROGRAM, with a request in CGI's environment\n", call.program)),
    }
}
