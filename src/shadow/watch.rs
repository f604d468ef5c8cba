//! The events of a site's folders, in the order in which they happened: one instance of inotify tells of all.

use crate::signals::Signals;
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use nix::errno::Errno;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

/// A file was written, or took another's place.
const WRITTEN: AddWatchFlags = AddWatchFlags::IN_MOVED_TO.union(AddWatchFlags::IN_CLOSE_WRITE);
/// The files of a list whose change is one of its state.
const STATE: [&str; 4] = ["config.pck", "pending.pck", "request.pck", "digest.mbox"];

/// What happened to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry came.
    Came { queue: QueueName, base: String },
    /// A runner took it.
    Taken { queue: QueueName, base: String },
    /// The runner is done with it.
    Done { queue: QueueName, base: String },
    /// It was put back, or set aside.
    PutAway { queue: QueueName, base: String },
    /// A file in DATA_DIR was written.
    Data { name: String },
    /// A list's state was saved: the whole list, or a file beside it.
    Saved { list: String, is_list: bool },
    /// A list was removed.
    Removed { list: String },
    /// More happened than could be reported.
    Lost,
}

/// Where a watch is.
#[derive(Clone)]
enum Place {
    Queue(QueueName),
    Data,
    /// The folder of all lists.
    Lists,
    List(String),
}

/// Watches all queues, DATA_DIR, and the folders of lists.
pub struct Eyes {
    inotify: Inotify,
    lists: PathBuf,
    places: HashMap<WatchDescriptor, Place>,
}

impl Eyes {
    /// Begins to watch.
    ///
    /// # Errors
    /// A folder is missing, or the system has no watches left.
    pub fn open(site: &Site, folders: &QueueFolders) -> io::Result<Eyes> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let names = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE;
        let mut places = HashMap::new();
        for queue in QueueName::ALL {
            // Runners that run have made them all.
            let folder = folders.of(queue);
            let watch = inotify.add_watch(folder, names | AddWatchFlags::IN_MOVED_FROM);
            let watch = watch.map_err(|error| io::Error::other(format!("{}: {}", folder.display(), error.desc())))?;
            places.insert(watch, Place::Queue(queue));
        }
        places.insert(inotify.add_watch(&site.settings.path(settings::DATA_DIR), WRITTEN)?, Place::Data);
        let lists = site.settings.path(settings::LIST_DATA_DIR);
        let comes = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_MOVED_FROM;
        places.insert(inotify.add_watch(&lists, comes)?, Place::Lists);
        let mut eyes = Eyes { inotify, lists, places };
        for item in std::fs::read_dir(&eyes.lists)? {
            if let Ok(name) = item?.file_name().into_string() {
                eyes.watch_list(name)?;
            }
        }
        Ok(eyes)
    }

    /// What is no folder, or went away, is no list.
    fn watch_list(&mut self, list: String) -> io::Result<()> {
        let what = WRITTEN | AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_DELETE | AddWatchFlags::IN_ONLYDIR;
        match self.inotify.add_watch(&self.lists.join(&list), what) {
            Ok(watch) => {
                self.places.insert(watch, Place::List(list));
                Ok(())
            }
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            Err(error) => Err(io::Error::other(format!("{}: {}", self.lists.join(list).display(), error.desc()))),
        }
    }

    /// What happened, after no more than this time.
    ///
    /// # Errors
    /// What the system reports.
    pub fn wait(&mut self, limit: Duration, signals: &Signals) -> io::Result<Vec<Event>> {
        let timeout = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        let mut fds =
            [PollFd::new(self.inotify.as_fd(), PollFlags::POLLIN), PollFd::new(signals.fd(), PollFlags::POLLIN)];
        // An interrupted poll is as good as one that ended.
        let _ = poll(&mut fds, timeout);
        signals.hush();
        self.look()
    }

    /// All that happened until now.
    ///
    /// # Errors
    /// The system's.
    pub fn look(&mut self) -> io::Result<Vec<Event>> {
        let mut events = Vec::new();
        loop {
            match self.inotify.read_events() {
                Ok(some) => {
                    for event in some {
                        events.extend(self.event(event)?);
                    }
                }
                Err(Errno::EAGAIN) => return Ok(events),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn event(&mut self, event: InotifyEvent) -> io::Result<Option<Event>> {
        if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
            return Ok(Some(Event::Lost));
        }
        let Some(name) = event.name.and_then(|name| name.into_string().ok()) else { return Ok(None) };
        match self.places.get(&event.wd).cloned() {
            Some(Place::Queue(queue)) => Ok(entry(queue, &name, event.mask)),
            Some(Place::Data) => Ok(Some(Event::Data { name })),
            Some(Place::Lists) if event.mask.contains(AddWatchFlags::IN_MOVED_FROM) => {
                Ok(Some(Event::Removed { list: name }))
            }
            // What a new list was made of may have been written before it was watched.
            Some(Place::Lists) => {
                self.watch_list(name.clone()).map(|()| Some(Event::Saved { list: name, is_list: true }))
            }
            Some(Place::List(list)) => Ok(change(list, &name, event.mask)),
            None => Ok(None),
        }
    }
}

/// What is being written to is half of something, and will be reported once more. Mailman removes `config.pck` of no list that stays.
fn change(list: String, name: &str, what: AddWatchFlags) -> Option<Event> {
    match (what.contains(AddWatchFlags::IN_DELETE), name) {
        (true, "config.pck") => Some(Event::Removed { list }),
        (true, _) => None,
        (false, name) => STATE.contains(&name).then(|| Event::Saved { list, is_list: name == "config.pck" }),
    }
}

fn entry(queue: QueueName, name: &str, what: AddWatchFlags) -> Option<Event> {
    let comes = what.intersects(AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE);
    let (base, end) = name.rsplit_once('.')?;
    let base = base.to_string();
    match (end, comes) {
        ("pck", true) => Some(Event::Came { queue, base }),
        ("bak", true) => Some(Event::Taken { queue, base }),
        ("bak", false) if what.contains(AddWatchFlags::IN_MOVED_FROM) => Some(Event::PutAway { queue, base }),
        ("bak", false) => Some(Event::Done { queue, base }),
        _ => None,
    }
}
