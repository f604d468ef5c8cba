//! Messages that the mail server refused for good are kept for a person to look at.
//!
//! When a server answers MAIL FROM or DATA with 5xx, Python drops the message and logs a success; when retries end, it
//! drops the message without a word. The logs and queues are the same here, but a copy of the entry stays below
//! `data/refused`, where nothing looks for entries by itself: message, metadata with the recipients concerned, the reason
//! under `refused_because` and the way back under `whichq`: `unshunt DATA_DIR/refused`, of either engine, sends them again.
//! `status` and `queues stuck` tell of them. Copies go after BAD_SHUNT_STALE_AFTER, as old shunted entries do.

use crate::clock;
use compat::durable;
use compat::email::Message;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueError};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the metadata have the server's words.
pub const REASON: &str = "refused_because";

/// Keeps a copy for these recipients, each with the server's words. It is there when the outbox is committed.
///
/// # Errors
/// An entry that cannot be written.
pub fn keep(
    site: &Site,
    msg: &Message,
    data: &Metadata,
    lost: &[(ByteStr, Vec<u8>)],
    outbox: &mut Outbox,
) -> Result<(), QueueError> {
    let dir = folder(site);
    take_old_away(site, &dir);
    let mut data = data.clone();
    for name in ["undelivered", "deliver_after", "deliver_until", "last_recip_count"] {
        data.remove(name);
    }
    data.set_strings("recips", lost.iter().map(|(recipient, _)| recipient.clone()));
    if let Some((_, reason)) = lost.first() {
        data.set(REASON, Value::str(&reason[..]));
    }
    data.set_str("whichq", site.settings.path(settings::OUTQUEUE_DIR).as_os_str().as_bytes());
    outbox.enqueue_in(&dir, &EntryMessage::Object(msg.to_value()), &data)?;
    Ok(())
}

/// Where they are kept.
pub fn folder(site: &Site) -> PathBuf {
    site.settings.path(settings::DATA_DIR).join("refused")
}

fn take_old_away(site: &Site, dir: &Path) {
    let age = site.settings.float(settings::BAD_SHUNT_STALE_AFTER).unwrap_or(7.0 * 86_400.0);
    let Some(limit) = clock::system().checked_sub(Duration::from_secs_f64(age.clamp(0.0, 1e9))) else { return };
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_old = entry.metadata().and_then(|about| about.modified()).is_ok_and(|time| age > 0.0 && time < limit);
        if is_old {
            let _ = durable::unlink(&entry.path()); // it will be tried again with the next one
        }
    }
}
