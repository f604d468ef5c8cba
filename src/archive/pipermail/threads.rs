//! Threads: which article another one answers to.
//!
//! Answers to `get_parent_info` of `pipermail.py`. Threads never leave their volume. 2.1.13 takes the first word alone:
//! In-Reply-To if there is one, else References; its look-up by subject never finds anything.

use super::article::Article;
use super::summary::ArticleSummary;
use super::volume_data::VolumeData;
use crate::error::HandlerError;
use compat::site::profile::Switch;
use compat::site::Site;
use compat::ByteStr;

/// The article that this one answers to, if it is in the volume.
///
/// # Errors
/// The index of subjects cannot be sorted.
pub fn parent_of(
    volume: &mut VolumeData,
    article: &Article,
    site: &Site,
) -> Result<Option<ArticleSummary>, HandlerError> {
    let by_subject = site.profile.has(Switch::ArchiveThreadBySubject);
    let mut parent = Some(article.in_reply_to.clone()).filter(|id| !id.is_empty());
    if by_subject {
        parent = parent.filter(|id| volume.summaries.find(id).is_some());
    }
    if parent.is_none() {
        parent = latest(volume, &article.references);
    }
    let mut slot = parent.and_then(|id| volume.summaries.find(&id));
    if slot.is_none() && by_subject {
        slot = volume.subject.first_with(&article.thread_subject().to_value())?;
    }
    Ok(slot.and_then(|slot| volume.summary(slot).cloned()))
}

/// Of the references that are archived here the latest by date; of two of one date the first.
fn latest(volume: &mut VolumeData, references: &[ByteStr]) -> Option<ByteStr> {
    let mut best: Option<(ByteStr, ByteStr)> = None;
    for id in references {
        let Some(summary) = volume.summaries.find(id).and_then(|slot| volume.summary(slot)) else { continue };
        if best.as_ref().is_none_or(|(date, _)| summary.date > *date) {
            best = Some((summary.date.clone(), summary.msgid.clone()));
        }
    }
    best.map(|(_, id)| id)
}
