//! The end of the demonstration: the site's pages in a browser, and each mail that they cause.

use super::{during, show, DemoError, LIST};
use crate::auth::hex_digest;
use crate::signals::{Signal, Signals};
use crate::testing::smtp_sink::Sink;
use crate::web::serve::{Server, USUAL_THREADS};
use compat::list::{attributes, LockedList};
use compat::site::Site;
use compat::value::Value;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

/// Where the pages are, if the port is free.
const USUAL_ADDRESS: &str = "127.0.0.1:8085";
/// The password of the list's owners.
const PASSWORD: &str = "slugs";

/// The socket of the server to be: the site's settings name its port.
pub(super) struct Door(TcpListener);

impl Door {
    /// Takes the usual port, or any.
    pub fn open() -> Result<Door, DemoError> {
        let listener = TcpListener::bind(USUAL_ADDRESS).or_else(|_| TcpListener::bind("127.0.0.1:0"));
        listener.map(Door).map_err(during("socket for the pages"))
    }

    /// Lines for mm_cfg.py, so that addresses in mails and pages lead here.
    pub fn settings(&self) -> Vec<String> {
        let port = self.0.local_addr().map_or(0, |address| address.port());
        vec![
            format!("DEFAULT_URL_HOST = 'localhost:{port}'"),
            "add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)".to_string(),
            "VIRTUAL_HOST_OVERVIEW = No".to_string(),
        ]
    }

    /// Serves the pages and tells of each mail, until Ctrl-C.
    pub fn show(self, site: &Rc<Site>, sink: &Sink, say: &dyn Fn(&str)) -> Result<(), DemoError> {
        let signals = Signals::listen(&[Signal::Interrupt, Signal::Terminate]).map_err(during("signals"))?;
        set_password(site)?;
        let server = Server::start(&site.home, self.0, USUAL_THREADS)?;
        let port = server.address().port();
        say(&format!(
            "\nOpen http://localhost:{port}/mailman/listinfo/{LIST} in a browser. Mails that you cause are shown here.\nThe \
             owners' password is \"{PASSWORD}\". Ctrl-C ends everything."
        ));
        let mut told = sink.received().len();
        while !signals.take(Signal::Interrupt) && !signals.take(Signal::Terminate) {
            signals.sleep(Some(Duration::from_millis(200)));
            let received = sink.received();
            received.iter().skip(told).for_each(|mail| say(&show(mail)));
            told = received.len();
        }
        server.stop();
        Ok(())
    }
}

fn set_password(site: &Rc<Site>) -> Result<(), DemoError> {
    let failed =
        |error: compat::list::ListError| during("password of the list")(std::io::Error::other(error.to_string()));
    let mut list = LockedList::open(site, LIST, None).map_err(failed)?;
    list.set(attributes::PASSWORD, Value::Str(hex_digest(PASSWORD.as_bytes())));
    list.save().map_err(failed)
}
