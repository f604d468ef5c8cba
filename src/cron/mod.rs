//! What a site does once a day or once a month, beside its queues.
//!
//! Answers to the scripts of Mailman's cron/ that have no room of their own: `checkdbs`, `mailpasswds`, `nightly_gzip`
//! and `cull_bad_shunt`. Digests are in `digest`, members whose delivery is stopped in `bounce::sweep`, newsgroups in
//! `news`.

pub mod cull;
pub mod moderators;
pub mod reminders;
pub mod volume_texts;
