//! What a site is doing right now, for people, monitors and metrics: the master and its runners, the queues, what went out
//! and what was refused, what waits for moderators, who holds a lock, how much room the disks have.
//!
//! Everything is read and nothing touched. [`Status::gather`] looks, [`text`], [`json`] and [`prometheus`] show it;
//! `serve` answers `/metrics` with [`metrics`].

mod json;
mod judge;
mod locks;
mod logs;
mod processes;
mod prometheus;
mod queues;
mod text;
mod waiting;

pub use judge::{Level, Problem};
pub use locks::HeldLock;
pub use logs::{Traffic, HOURS};
pub use processes::{Process, RunnerState};
pub use queues::QueueState;
pub use waiting::Waiting;

use crate::clock;
use compat::durable;
use compat::names::Place;
use compat::site::settings::Setting;
use compat::site::{settings, SettingError, Site};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// Why a site's status cannot be determined.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The settings do not say where things are.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A folder cannot be read.
    #[error("{}: {}", path.display(), compat::format::os_error(source))]
    Io { path: PathBuf, source: std::io::Error },
}

/// A place on a disk with the bytes that are free there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// What is kept there.
    pub what: &'static str,
    pub path: PathBuf,
    pub free: u64,
}

/// All of it, as it was at one moment.
#[derive(Clone, Debug)]
pub struct Status {
    pub now: SystemTime,
    /// Mailman's version whose site this is.
    pub version: String,
    pub master: Option<Process>,
    /// One for each slice that the settings name, and any other that runs.
    pub runners: Vec<RunnerState>,
    pub queues: Vec<QueueState>,
    pub traffic: Traffic,
    pub waiting: Waiting,
    pub locks: Vec<HeldLock>,
    pub rooms: Vec<Room>,
}

impl Status {
    /// Looks at a site.
    ///
    /// # Errors
    /// A setting is missing, or a folder cannot be read.
    pub fn gather(site: &Rc<Site>) -> Result<Status, StatusError> {
        let now = clock::system();
        let master = processes::master(site);
        let since = master.as_ref().map_or(now, |master| master.since);
        Ok(Status {
            now,
            version: site.settings.str(settings::VERSION)?.to_string(),
            runners: processes::runners(site, master.as_ref(), &logs::restarts(site, since), now),
            master,
            queues: queues::all(site, now)?,
            traffic: logs::traffic(site, now),
            waiting: waiting::all(site)?,
            locks: locks::all(site, now)?,
            rooms: rooms(site),
        })
    }

    /// What is not as it should be, the worst first.
    pub fn problems(&self) -> Vec<Problem> {
        judge::problems(self)
    }

    /// For people.
    pub fn text(&self) -> String {
        text::of(self)
    }

    /// For programs.
    pub fn json(&self) -> migration::json::Json {
        json::of(self)
    }

    /// The text format of Prometheus.
    pub fn prometheus(&self) -> String {
        prometheus::of(self)
    }
}

/// What `/metrics` answers.
///
/// # Errors
/// As [`Status::gather`].
pub fn metrics(site: &Rc<Site>) -> Result<String, StatusError> {
    Status::gather(site).map(|status| status.prometheus())
}

fn rooms(site: &Site) -> Vec<Room> {
    let places = [
        ("queues", settings::QUEUE_DIR),
        ("lists", settings::LIST_DATA_DIR),
        ("archives", settings::PRIVATE_ARCHIVE_FILE_DIR),
        ("logs", settings::LOG_DIR),
    ];
    let room = |(what, setting): (&'static str, Setting<Place>)| {
        let path = site.settings.path(setting);
        let free = durable::free_space(&path).ok()?;
        Some(Room { what, path, free })
    };
    places.into_iter().filter_map(room).collect()
}

/// How long something has been so.
fn age(since: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(since).unwrap_or_default()
}
