//! `serve`: the pages over HTTP, for a reverse proxy in front.

use super::{matches, print, Call};
use crate::privileges;
use crate::runner::panic_guard;
use crate::signals::{Signal, Signals};
use crate::stderr::Stderr;
use crate::sys;
use crate::web::serve::{Server, USUAL_THREADS};
use clap::{Arg, ArgMatches, Command};
use compat::site::Site;
use std::net::TcpListener;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    match serve(&matches) {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}

/// The options of `serve`.
pub fn command() -> Command {
    Command::new("serve")
        .about("Serve the pages over HTTP, behind a reverse proxy")
        .after_long_help("Exit status: 0 after SIGTERM or Ctrl-C; 1 for an error.")
        .long_about(
            "Serve the site's pages, public archives and icons over HTTP until a SIGTERM or Ctrl-C. A SIGHUP reads the \
             settings again. Put a reverse proxy with TLS in front, and name it in MAILMAN2_RS_TRUSTED_PROXIES.",
        )
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS:PORT")
                .default_value("127.0.0.1:8085")
                .help("Where to listen; a socket that systemd hands over comes first"),
        )
        .arg(
            Arg::new("threads")
                .long("threads")
                .value_name("NUMBER")
                .value_parser(clap::value_parser!(u16).range(1..=256))
                .help(format!("How many requests are answered at once [default: {USUAL_THREADS}]")),
        )
}

fn serve(matches: &ArgMatches) -> Result<(), String> {
    let site = Site::find().map_err(|error| error.to_string())?;
    let listen = matches.get_one::<String>("listen").map_or("", String::as_str);
    let listener = match sys::inherited_listener() {
        Some(listener) => listener,
        None => TcpListener::bind(listen).map_err(|error| format!("{listen}: {error}"))?,
    };
    let threads = matches.get_one::<u16>("threads").map_or(USUAL_THREADS, |count| usize::from(*count));
    privileges::give_up_root(&site.settings, true).map_err(|error| error.to_string())?;
    panic_guard::listen();
    let signals = Signals::listen(&[Signal::Terminate, Signal::Interrupt, Signal::HangUp]);
    let signals = signals.map_err(|error| format!("signals: {error}"))?;
    let server = Server::start(&site.home, listener, threads).map_err(|error| error.to_string())?;
    print(&format!("Serving {} at http://{}/\n", site.home.display(), server.address()));
    loop {
        signals.sleep(None);
        if signals.take(Signal::HangUp) {
            server.reopen();
        }
        if signals.take(Signal::Terminate) || signals.take(Signal::Interrupt) {
            server.stop();
            return Ok(());
        }
    }
}
