//! An HTTP server of our own, for a reverse proxy in front of it: the pages, public archives, icons.
//!
//! A fixed number of threads each wait for a connection and answer what comes on it; each has the site opened for itself.
//! Time and size of everything that a client sends are bounded, and a connection that nothing comes on is given up when
//! its thread is needed. Requests are parsed by `httparse`; a server library would start a thread per connection or bring
//! an asynchronous runtime, and the pages need neither.

mod connection;
mod files;
mod head;
mod route;

pub use head::Head;

use crate::sys;
use compat::list::Looks;
use compat::site::{Site, SiteError};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Number of threads unless the command says another.
pub const USUAL_THREADS: usize = 8;
/// How long a server that is stopping waits for requests in progress.
const PATIENCE: Duration = Duration::from_secs(20);
/// After how many answers a thread gives freed memory back.
const ANSWERS_A_TRIM: usize = 64;

/// What the threads share.
#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    /// Counts the calls to open the site anew.
    generation: AtomicUsize,
    /// Threads that answer somebody now.
    busy: AtomicUsize,
    threads: usize,
}

impl Shared {
    /// Whether a thread may wait for more on a connection: another one is free for whoever comes.
    fn has_room(&self) -> bool {
        self.busy.load(Ordering::Relaxed) < self.threads && !self.stopping.load(Ordering::Relaxed)
    }
}

/// A running server. It runs until [`Server::stop`], or the process ends.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts the threads. The site is opened once before, so that errors in its settings show here.
    ///
    /// # Errors
    /// The site cannot be opened, or a thread cannot be started.
    pub fn start(home: &Path, listener: TcpListener, threads: usize) -> Result<Server, ServeError> {
        Site::open(home)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { threads, ..Shared::default() });
        let mut server = Server { shared, address, threads: Vec::new() };
        for number in 0..threads {
            let worker = Worker {
                shared: Arc::clone(&server.shared),
                listener: listener.try_clone()?,
                home: home.to_path_buf(),
                port: address.port(),
            };
            let thread = std::thread::Builder::new().name(format!("page-{number}"));
            server.threads.push(thread.spawn(move || worker.run())?);
        }
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets each thread open the site and its logs anew before its next answer.
    pub fn reopen(&self) {
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes no new connections, and waits for the answers in work.
    pub fn stop(self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + PATIENCE;
        for thread in self.threads {
            while !thread.is_finished() && Instant::now() < deadline {
                // Wakes a thread that waits for a connection.
                let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A socket or a thread.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// One thread.
struct Worker {
    shared: Arc<Shared>,
    listener: TcpListener,
    home: PathBuf,
    port: u16,
}

impl Worker {
    fn run(&self) {
        let mut opened: Option<(usize, Rc<Site>, Looks)> = None;
        let mut answers = 0;
        while !self.shared.stopping.load(Ordering::Relaxed) {
            let Ok((stream, peer)) = self.listener.accept() else {
                // Out of descriptors, most likely: others will close theirs.
                std::thread::sleep(Duration::from_millis(100));
                continue;
            };
            if self.shared.stopping.load(Ordering::Relaxed) {
                return;
            }
            let generation = self.shared.generation.load(Ordering::Relaxed);
            if opened.as_ref().is_none_or(|(known, ..)| *known != generation) {
                // Settings that cannot be read leave the old ones in force.
                opened = Site::open(&self.home).ok().map(|site| (generation, site, Looks::default())).or(opened);
            }
            let Some((_, site, lists)) = &opened else { continue };
            self.shared.busy.fetch_add(1, Ordering::Relaxed);
            answers +=
                connection::Connection { site, lists, stream, peer, port: self.port }.serve(|| self.shared.has_room());
            self.shared.busy.fetch_sub(1, Ordering::Relaxed);
            if answers >= ANSWERS_A_TRIM {
                answers = 0;
                sys::give_memory_back();
            }
        }
    }
}

#[cfg(test)]
mod tests;
