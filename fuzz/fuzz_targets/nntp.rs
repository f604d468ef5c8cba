//! Any bytes as all that a news server says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::news::nntp::Server;
use mailman2::news::reader::Reader;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, Sender};

thread_local! {
    static SERVER: (Sender<Vec<u8>>, SocketAddr) = serve();
}

/// A thread that says to each client the next text, and parts.
fn serve() -> (Sender<Vec<u8>>, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (texts, next) = mpsc::channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for text in next {
            let Ok((mut stream, _)) = listener.accept() else { continue };
            let _ = stream.write_all(&text);
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
    });
    (texts, address)
}

fuzz_target!(|data: &[u8]| {
    SERVER.with(|(texts, address)| {
        texts.send(data.to_vec()).expect("a server");
        let host = address.to_string();
        let server = Server { host: host.as_bytes(), user: Some("ann".into()), password: Some("secret".into()) };
        if data.len() % 2 == 0 {
            let _ = server.post(b"Subject: hello\n\n.\n");
            return;
        }
        let Ok(mut reader) = Reader::open(&server) else { return };
        let _ = (reader.group(b"misc.test"), reader.head(1), reader.body(1));
        reader.quit();
    });
});
