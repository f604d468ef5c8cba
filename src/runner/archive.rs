//! The archive runner: dates put right, then the post goes to its list's archive. Mailman/Queue/ArchRunner.py.
//!
//! The list is locked before a header is touched, so that a post that has to wait for the lock stays as it is (Python
//! adds another X-List-Received-Date each time).

use super::{Disposition, Job, Runner};
use crate::archive::{self, ArchiveJob, Plan, VolumeCache};
use crate::clock;
use crate::error::RunnerError;
use compat::durable::Commit;
use compat::email::date::{formatdate, mktime_tz, parsedate_tz};
use compat::email::Message;
use compat::list::ListError;
use compat::queue::QueueName;
use compat::site::{settings, SettingError, Site, Switch};
use std::time::Duration;

/// How long a post rests whose list is locked (by bin/arch, say, for hours).
const LOCKED_REST: Duration = Duration::from_secs(10);
/// How often an idle runner looks for what it need not keep any longer.
const LOOK_AT_CACHE: Duration = Duration::from_secs(30);

/// Serves the queue `archive`.
#[derive(Default)]
pub struct ArchRunner {
    cache: VolumeCache,
    /// The disk failed on the last post, which stays in the queue, when all of it was written.
    is_in_doubt: bool,
}

impl Runner for ArchRunner {
    fn name(&self) -> &'static str {
        "ArchRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Archive
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        let Some(received) = job.data.float("received_time") else {
            return Err(RunnerError::Failed("the metadata have no received_time".to_string()));
        };
        let plan = Plan::of(job.site, &job.list)?;
        let timeout =
            Duration::from_secs_f64(job.site.settings.float(settings::LIST_LOCK_TIMEOUT)?.clamp(0.0, 86400.0));
        let mut list = match job.list.lock(timeout) {
            Err(ListError::LockTimeout { .. }) => return Ok(Disposition::Later(LOCKED_REST)),
            other => other?,
        };
        put_dates_right(job.site, job.msg, received as i64)?;
        let language = match job.site.profile.has(Switch::ArchiveInListLanguage) {
            true => list.preferred_language(),
            false => job.language.clone(),
        };
        let mut commit = Commit::new();
        let is_repeated = self.is_in_doubt || job.data.int("_bak_count").is_some_and(|count| count > 0);
        let mut work = ArchiveJob::new(&mut self.cache, &mut commit, is_repeated);
        archive::archive(job.site, &list, &language, job.msg, &plan, &mut work)?;
        let saved = list.save_with(&mut commit);
        let committed = commit.commit();
        self.is_in_doubt = committed.is_err();
        if let Err(error) = committed {
            self.cache.forget_all();
            return Err(RunnerError::Io { what: error.path.display().to_string(), source: error.source });
        }
        saved?;
        list.link_public_archive()?;
        list.unlock()?;
        Ok(Disposition::Done)
    }

    fn periodic(&mut self) {
        self.cache.forget_old();
    }

    fn period(&self) -> Option<Duration> {
        (!self.cache.is_empty()).then_some(LOOK_AT_CACHE)
    }
}

/// Replaces a date that is missing or not to be believed, and notes when the post was received.
fn put_dates_right(site: &Site, msg: &mut Message, received: i64) -> Result<(), SettingError> {
    let original = msg.get_str("date").filter(|date| !date.is_empty());
    let received_date = formatdate(received, false);
    let believed = match &original {
        None => false,
        Some(date) => match site.settings.int(settings::ARCHIVER_CLOBBER_DATE_POLICY)? {
            1 => false,
            2 => is_sane(date, site.settings.float(settings::ARCHIVER_ALLOWABLE_SANE_DATE_SKEW)?),
            _ => true,
        },
    };
    if !believed {
        msg.delete("date");
        msg.delete("x-original-date");
        msg.append("Date", received_date.as_str());
        if let Some(date) = original {
            msg.append("X-Original-Date", date);
        }
    }
    msg.append("X-List-Received-Date", received_date.as_str());
    Ok(())
}

/// Whether a date can be read and is not further than `skew` seconds from now.
fn is_sane(date: &[u8], skew: f64) -> bool {
    let now = clock::since_epoch().as_secs_f64();
    parsedate_tz(date).as_ref().and_then(mktime_tz).is_some_and(|then| (now - then as f64).abs() <= skew)
}
