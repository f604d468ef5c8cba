//! The time: the one place that reads it.
//!
//! It comes from the C library, so that a test which puts another clock in its place (libfaketime) moves all of it. How
//! long something took is measured with `Instant` where it is measured, and is none of this.

use chrono::{DateTime, Datelike, Local, Utc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time as files have it.
pub fn system() -> SystemTime {
    SystemTime::now()
}

/// The time since 1970; zero before.
pub fn since_epoch() -> Duration {
    system().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// `time.time()`, to the microsecond as Python has it.
pub fn now() -> f64 {
    since_epoch().as_micros() as f64 / 1e6
}

/// `int(time.time())`
pub fn seconds() -> i64 {
    since_epoch().as_secs() as i64
}

/// The time by the zone of this process.
pub fn local() -> DateTime<Local> {
    system().into()
}

/// The time in UTC.
pub fn utc() -> DateTime<Utc> {
    system().into()
}

/// `time.localtime()[:3]`
pub fn today() -> (i64, i64, i64) {
    let now = local();
    (i64::from(now.year()), i64::from(now.month()), i64::from(now.day()))
}
