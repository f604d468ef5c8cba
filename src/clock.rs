//! The time as Python's `time` module gives it.

use chrono::{Datelike, Local};
use std::time::{SystemTime, UNIX_EPOCH};

/// `time.time()`
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_micros() as f64 / 1e6)
}

/// `time.localtime()[:3]`
pub fn today() -> (i64, i64, i64) {
    let now = Local::now();
    (i64::from(now.year()), i64::from(now.month()), i64::from(now.day()))
}
