//! `mail/mailman`: what the mail server's aliases call. A file of its own, so that what runs with the group of the site
//! holds nothing but the intake.

fn main() -> std::process::ExitCode {
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    std::process::ExitCode::from(mailman2::intake::wrapper::answer_mail_server(&args))
}
