//! `mailmanctl` as a file of its own, for those who install no links.

fn main() -> std::process::ExitCode {
    mailman2::cli::main("mailmanctl")
}
