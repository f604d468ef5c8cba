//! The second door: an LMTP server (RFC 2033), for mail servers that should not start a process for each mail.
//!
//! Each connection has a thread and reads the site's settings anew, so that nothing has to be told to reload. What each
//! recipient gets is an entry as the wrapper writes it, on the disk before the answer. Who may connect is decided by the
//! socket's permissions.

mod command;
mod data;
mod session;
mod transaction;

pub use session::{serve, Limits};

use crate::privileges;
use crate::signals::{Signal, Signals};
use crate::sys;
use compat::site::Site;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::stat::{umask, Mode};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The number of connections at once; more wait in the kernel.
const CONNECTIONS: usize = 32;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(300);
/// How long an end waits for mails on their way.
const LAST_MAILS: Duration = Duration::from_secs(20);
/// How often it is looked whether a connection may be taken, while there are too many.
const PAUSE: Duration = Duration::from_millis(20);

/// Where the server listens.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A socket of the file system with its mode.
    Unix(PathBuf, u32),
    /// A host and a port.
    Tcp(String),
    /// A socket that systemd opened.
    Given,
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// A connection of either kind.
trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

impl Listener {
    fn open(place: &Place) -> io::Result<Listener> {
        let listener = match place {
            Place::Unix(path, mode) => unix(path, *mode).map(Listener::Unix),
            Place::Tcp(address) => TcpListener::bind(address).map(Listener::Tcp),
            Place::Given => given(),
        }?;
        match &listener {
            Listener::Unix(socket) => socket.set_nonblocking(true)?,
            Listener::Tcp(socket) => socket.set_nonblocking(true)?,
        }
        Ok(listener)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Unix(socket) => socket.as_fd(),
            Listener::Tcp(socket) => socket.as_fd(),
        }
    }

    fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Listener::Unix(socket) => socket.accept().and_then(|(stream, _)| of_unix(stream)),
            Listener::Tcp(socket) => socket.accept().and_then(|(stream, _)| of_tcp(stream)),
        }
    }
}

fn of_unix(stream: UnixStream) -> io::Result<Box<dyn Stream>> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    Ok(Box::new(stream))
}

fn of_tcp(stream: TcpStream) -> io::Result<Box<dyn Stream>> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    Ok(Box::new(stream))
}

/// A socket that a server before this one left is taken away; anything else of that name is not.
fn unix(path: &Path, mode: u32) -> io::Result<UnixListener> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.file_type().is_socket() => match UnixStream::connect(path) {
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "a server listens there already")),
            Err(_) => fs::remove_file(path)?,
        },
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a file that is no socket is there")),
        Err(_) => {}
    }
    // The permissions come with the socket: by its name root might set those of something else.
    let usual = umask(Mode::from_bits_truncate(0o777 & !mode));
    let listener = UnixListener::bind(path);
    umask(usual);
    listener
}

fn given() -> io::Result<Listener> {
    let fd = sys::given_socket().ok_or_else(|| io::Error::other("systemd gave no socket"))?;
    let listener = UnixListener::from(fd);
    match listener.local_addr() {
        Ok(_) => Ok(Listener::Unix(listener)),
        Err(_) => Ok(Listener::Tcp(TcpListener::from(std::os::fd::OwnedFd::from(listener)))),
    }
}

/// Serves until SIGTERM or SIGINT, then lets the mails that are on their way come to their end.
///
/// # Errors
/// The place cannot be listened at.
pub fn run(place: &Place) -> io::Result<()> {
    let signals = Signals::listen(&[Signal::Terminate, Signal::Interrupt])?;
    let listener = Listener::open(place)?;
    // Each connection looks for its site again, and says why there is none.
    if let Ok(site) = Site::find() {
        privileges::give_up_root(&site.settings, true).map_err(io::Error::other)?;
    }
    let served = Arc::new(AtomicUsize::new(0));
    let ends = Arc::new(AtomicBool::new(false));
    while !(signals.take(Signal::Terminate) || signals.take(Signal::Interrupt)) {
        if served.load(Ordering::SeqCst) >= CONNECTIONS {
            signals.sleep(Some(PAUSE));
            continue;
        }
        wait(&listener, &signals);
        match listener.accept() {
            Ok(stream) => spawn(stream, &served, &ends),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // No file descriptor is free, say: a pause lets one become so.
            Err(_) => signals.sleep(Some(PAUSE)),
        }
    }
    ends.store(true, Ordering::SeqCst);
    let start = Instant::now();
    while served.load(Ordering::SeqCst) > 0 && start.elapsed() < LAST_MAILS {
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn wait(listener: &Listener, signals: &Signals) {
    let mut fds = [PollFd::new(listener.fd(), PollFlags::POLLIN), PollFd::new(signals.fd(), PollFlags::POLLIN)];
    // An interrupted poll is as good as one that ended.
    let _ = poll(&mut fds, PollTimeout::NONE);
}

fn spawn(stream: Box<dyn Stream>, served: &Arc<AtomicUsize>, ends: &Arc<AtomicBool>) {
    struct Place(Arc<AtomicUsize>);
    impl Drop for Place {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    served.fetch_add(1, Ordering::SeqCst);
    let place = Place(Arc::clone(served));
    let ends = Arc::clone(ends);
    let started = std::thread::Builder::new().name("lmtp".to_string()).spawn(move || {
        let _place = place;
        // What went wrong with a connection the other side sees, and tries again.
        let _ = serve(stream, &Limits::default(), &ends);
    });
    // Without a thread the stream is closed, and the other side tries again.
    drop(started);
}
