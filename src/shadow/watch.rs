//! The events of a site's folders, in the order in which they happened: one instance of inotify tells of all.

use crate::signals::Signals;
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// What happened to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry came.
    Came { queue: QueueName, base: String },
    /// A runner took it.
    Taken { queue: QueueName, base: String },
    /// The runner is done with it.
    Done { queue: QueueName, base: String },
    /// A file in DATA_DIR was written.
    Data { name: String },
    /// More happened than could be told.
    Lost,
}

/// Where a watch is.
#[derive(Clone, Copy)]
enum Place {
    Queue(QueueName),
    Data,
}

/// Watches all queues, and DATA_DIR.
pub struct Eyes {
    inotify: Inotify,
    places: Vec<(WatchDescriptor, Place)>,
}

impl Eyes {
    /// Begins to watch.
    ///
    /// # Errors
    /// A folder is missing, or the system has no watches left.
    pub fn open(site: &Site, folders: &QueueFolders) -> io::Result<Eyes> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let names = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE;
        let mut places = Vec::new();
        for queue in QueueName::ALL {
            // Runners that run have made them all.
            let folder = folders.of(queue);
            let watch = inotify.add_watch(folder, names | AddWatchFlags::IN_MOVED_FROM);
            let watch = watch.map_err(|error| io::Error::other(format!("{}: {}", folder.display(), error.desc())))?;
            places.push((watch, Place::Queue(queue)));
        }
        let written = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CLOSE_WRITE;
        places.push((inotify.add_watch(&site.settings.path(settings::DATA_DIR), written)?, Place::Data));
        Ok(Eyes { inotify, places })
    }

    /// What happened, after no more than this time.
    ///
    /// # Errors
    /// The system's.
    pub fn wait(&self, limit: Duration, signals: &Signals) -> io::Result<Vec<Event>> {
        let timeout = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        let mut fds =
            [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN), PollFd::new(signals.fd(), PollFlags::POLLIN)];
        // An interrupted poll is as good as one that ended.
        let _ = poll(&mut fds, timeout);
        signals.hush();
        match self.inotify.read_events() {
            Ok(events) => Ok(events.into_iter().filter_map(|event| self.event(event)).collect()),
            Err(nix::errno::Errno::EAGAIN) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn event(&self, event: InotifyEvent) -> Option<Event> {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            return Some(Event::Lost);
        }
        let name = event.name?.into_string().ok()?;
        let place = self.places.iter().find(|(watch, _)| *watch == event.wd)?.1;
        let Place::Queue(queue) = place else { return Some(Event::Data { name }) };
        let comes = event.mask.intersects(AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE);
        let (base, end) = name.rsplit_once('.')?;
        let base = base.to_string();
        match (end, comes) {
            ("pck", true) => Some(Event::Came { queue, base }),
            ("bak", true) => Some(Event::Taken { queue, base }),
            ("bak", false) => Some(Event::Done { queue, base }),
            _ => None,
        }
    }
}
