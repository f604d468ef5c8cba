//! The archive runner: dates put right, then the post goes to its list's archive. Mailman/Queue/ArchRunner.py.
//!
//! The list is locked before a header is touched, so that a post that has to wait for the lock stays as it is (Python
//! adds another X-List-Received-Date each time).

use super::{Disposition, Job, Runner};
use crate::archive::{self, ArchiveJob, Plan, VolumeCache};
use crate::clock;
use crate::error::{Culprit, RunnerError};
use compat::durable::{Commit, CommitError};
use compat::email::date::{formatdate, mktime_tz, parsedate_tz};
use compat::email::Message;
use compat::list::{ListError, LockedList};
use compat::queue::QueueName;
use compat::site::{settings, SettingError, Site, Switch};
use compat::ByteStr;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a post rests whose list is locked (by bin/arch, say, for hours).
const LOCKED_REST: Duration = Duration::from_secs(10);
/// How often an idle runner looks for what it need not keep any longer.
const LOOK_AT_CACHE: Duration = Duration::from_secs(30);

/// How long the posts of a list wait for one that is in doubt; somebody may have taken it out of the queue.
const DOUBT_LIMIT: Duration = Duration::from_secs(600);

/// Serves the queue `archive`.
#[derive(Default)]
pub struct ArchRunner {
    cache: VolumeCache,
    /// By list, a post on which the machine failed: it stays in the queue, and may be in the archive with all or a part of
    /// it. Whether it is can be told only as long as no other post of the list comes in between.
    in_doubt: HashMap<ByteStr, (Post, Instant)>,
}

/// By what a post is known again: its Message-ID and when it was received.
#[derive(Clone, Debug, PartialEq)]
struct Post(Option<ByteStr>, f64);

impl Runner for ArchRunner {
    fn name(&self) -> &'static str {
        "ArchRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Archive
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        let Some(received) = job.data.float("received_time") else {
            return Err(RunnerError::Given {
                words: "the metadata have no received_time".to_owned(),
                source: Culprit::Message("its metadata"),
            });
        };
        let post = Post(job.msg.get_str("message-id"), received);
        let Some(is_doubted) = self.is_in_doubt(job.list.name(), &post) else {
            return Ok(Disposition::Later(LOCKED_REST));
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
        let is_repeated = is_doubted || job.data.int("_bak_count").is_some_and(|count| count > 0);
        let mut work = ArchiveJob::new(&mut self.cache, &mut commit, is_repeated);
        let archived = archive::archive(job.site, &list, &language, job.msg, &plan, &mut work);
        let may_be_there = is_doubted || work.has_begun();
        let kept = archived.and_then(|()| commit_with(&mut list, commit));
        self.note(list.name(), post, kept.as_ref().err(), may_be_there);
        kept?;
        list.leave_committed();
        Ok(Disposition::Done)
    }

    fn periodic(&mut self) {
        self.cache.forget_old();
    }

    fn period(&self) -> Option<Duration> {
        (!self.cache.is_empty()).then_some(LOOK_AT_CACHE)
    }
}

impl ArchRunner {
    /// Whether this is a post in doubt. `None`: it has to wait for another that is.
    fn is_in_doubt(&mut self, list: &ByteStr, post: &Post) -> Option<bool> {
        self.in_doubt.retain(|_, (_, since)| since.elapsed() < DOUBT_LIMIT);
        match self.in_doubt.get(list) {
            Some((doubted, _)) if doubted == post => Some(true),
            Some(_) => None,
            None => Some(false),
        }
    }

    /// Notes how a post came out, and whether something of it may be in the archive.
    fn note(&mut self, list: &ByteStr, post: Post, error: Option<&RunnerError>, may_be_there: bool) {
        if error.is_some() {
            self.cache.forget_all();
        }
        match may_be_there && error.is_some_and(RunnerError::is_of_machine) {
            true => drop(self.in_doubt.insert(list.clone(), (post, Instant::now()))),
            false => drop(self.in_doubt.remove(list)),
        }
    }
}

fn commit_with(list: &mut LockedList, mut commit: Commit) -> Result<(), RunnerError> {
    let saved = list.save_with(&mut commit);
    let failed = |error: CommitError| RunnerError::Io { what: error.path.display().to_string(), source: error.source };
    commit.commit().map_err(failed)?;
    Ok(saved?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn others_of_the_list_wait_for_a_post_in_doubt() {
        let mut runner = ArchRunner::default();
        let (list, other) = (ByteStr::from("garden"), ByteStr::from("shed"));
        let post = |id: &str| Post(Some(id.into()), 1.5);
        let failed = |errno: Errno| RunnerError::Io {
            what: "x".to_string(),
            source: std::io::Error::from_raw_os_error(errno as i32),
        };
        runner.note(&list, post("<1@x>"), Some(&failed(Errno::ENOSPC)), true);
        let asked = |runner: &mut ArchRunner, list, id| runner.is_in_doubt(list, &post(id));
        assert_eq!(asked(&mut runner, &list, "<1@x>"), Some(true));
        assert_eq!(asked(&mut runner, &list, "<2@x>"), None);
        assert_eq!(asked(&mut runner, &other, "<2@x>"), Some(false));
        runner.note(&list, post("<1@x>"), None, true);
        assert_eq!(asked(&mut runner, &list, "<2@x>"), Some(false));
        runner.note(
            &list,
            post("<2@x>"),
            Some(&RunnerError::Given { words: "bad post".to_string(), source: Culprit::Message("its body") }),
            true,
        );
        assert_eq!(asked(&mut runner, &list, "<3@x>"), Some(false), "it was shunted");
        runner.note(&list, post("<3@x>"), Some(&failed(Errno::ENOSPC)), false);
        assert_eq!(asked(&mut runner, &list, "<4@x>"), Some(false), "nothing of it was written");
    }
}
