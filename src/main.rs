//! One program, many names: it acts as the command that it is called by.

fn main() -> std::process::ExitCode {
    mailman2::cli::main("mailman2-rs")
}
