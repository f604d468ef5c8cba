//! The daily round over members whose delivery is stopped (cron/disabled): warnings, and an end to those who got all of
//! them.

use super::info::{midnight, BounceInfo};
use super::work::{Language, Work};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{outbox, save_with_mail};
use compat::list::pending::{Kind, Pended};
use compat::list::{attributes, DeliveryStatus, ListError, LockedList};
use compat::site::{Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// Stands for the bounce in the notice to the owners.
const NO_MESSAGE: &str = "[disabled by periodic sweep and cull, no message available]";

/// Whom the round is for.
pub struct Sweep<'a> {
    pub site: &'a Rc<Site>,
    pub who: Vec<DeliveryStatus>,
    /// Also those who are not due yet.
    pub force: bool,
}

impl Sweep<'_> {
    /// One list. Notices and list are saved together.
    ///
    /// # Errors
    /// A list that cannot be opened, or the machine.
    pub fn list(&self, name: &ByteStr, current_language: &mut Language) -> Result<(), HandlerError> {
        let mut list = LockedList::open(self.site, name.clone(), None)?;
        let mut outbox = outbox(self.site)?;
        let mut work = Work { site: self.site, list: &mut list, outbox: &mut outbox, current_language };
        self.disable_overdue(&mut work)?;
        for member in self.due(&mut work)? {
            work.log_plain(&[b"Notifying disabled member ", &member, b" for list: ", name]);
            self.notify(&mut work, &member)?;
        }
        save_with_mail(&mut list, &mut outbox)?;
        list.unlock_when_done();
        Ok(())
    }

    /// Members whose score is above the threshold by now: the owner may have lowered it. Old records are forgotten.
    fn disable_overdue(&self, work: &mut Work<'_>) -> Result<(), HandlerError> {
        let (stale_after, threshold) =
            (work.list.float(attributes::BOUNCE_INFO_STALE_AFTER), work.list.float(attributes::BOUNCE_SCORE_THRESHOLD));
        let mut overdue = Vec::new();
        for member in work.list.bouncing_members() {
            let Some(info) =
                record(work, &member).filter(|_| work.list.delivery_status(&member) == DeliveryStatus::Enabled)
            else {
                continue;
            };
            if info.day().map_or(0.0, midnight) + stale_after < midnight(clock::today()) {
                forgive(work.list.set_bounce_info(&member, None))?;
            } else if info.score() >= threshold {
                overdue.push((member, info));
            }
        }
        let message = Value::Str(work.current_language.words(self.site).say(NO_MESSAGE));
        for (member, mut info) in overdue {
            work.disable(&member, &mut info, &message)?;
            if work.list.is_member(&member) {
                work.list.set_bounce_info(&member, Some(info.to_value()))?;
            }
        }
        Ok(())
    }

    /// Members whose next warning is due. Newer versions give each disabled member a fresh cookie every time; older ones
    /// only those who had none.
    fn due(&self, work: &mut Work<'_>) -> Result<Vec<ByteStr>, HandlerError> {
        let interval = work.list.float(attributes::BOUNCE_YOU_ARE_DISABLED_WARNINGS_INTERVAL);
        let today = midnight(clock::today());
        let always = work.has(Switch::CookieForEveryDisabledMember);
        let mut due = Vec::new();
        for member in work.list.members_with_status(&self.who) {
            let known = record(work, &member);
            // Python 2 fails on a record without a cookie, which bounces before the member was stopped have left.
            let lacks_cookie = known.as_ref().is_none_or(|info| info.cookie().is_empty());
            let Some(mut info) = known.or_else(|| new_record(work, &member, today)) else { continue };
            if lacks_cookie && !always {
                self.give_cookie(work, &member, &mut info)?;
            }
            let last = info.last_notice().map_or(0.0, midnight);
            if self.force || today >= last + interval {
                due.push(member.clone());
            }
            if always {
                self.give_cookie(work, &member, &mut info)?;
            }
        }
        Ok(due)
    }

    fn give_cookie(&self, work: &mut Work<'_>, member: &ByteStr, info: &mut BounceInfo) -> Result<(), HandlerError> {
        let content = vec![Value::Str(work.list.name().clone()), Value::Str(member.clone())];
        let cookie = work.list.pend_new(&Pended { kind: Kind::ReEnable, content }, None)?;
        info.set("cookie", Value::Str(cookie));
        Ok(work.list.set_bounce_info(member, Some(info.to_value()))?)
    }

    fn notify(&self, work: &mut Work<'_>, member: &ByteStr) -> Result<(), HandlerError> {
        let Some(mut info) = record(work, member) else { return Ok(()) };
        // A member whose password is lost cannot be told it: Mailman takes him off the list instead.
        if info.notices_left() > 0 && work.list.password_of(member).is_none() {
            work.log_plain(&[b"NotAMemberError when sending disabled notice: ", member]);
            return work.remove_quietly(member);
        }
        work.next_notification(member, &mut info)?;
        match work.list.is_member(member) {
            true => Ok(work.list.set_bounce_info(member, Some(info.to_value()))?),
            false => Ok(()),
        }
    }
}

fn record(work: &Work<'_>, member: &[u8]) -> Option<BounceInfo> {
    work.list.bounce_info(member).and_then(BounceInfo::from_value)
}

/// Members who were stopped otherwise have no record yet. One that bounces have stopped should have one.
fn new_record(work: &Work<'_>, member: &ByteStr, today: f64) -> Option<BounceInfo> {
    if work.list.delivery_status(member) == DeliveryStatus::ByBounce {
        let line = [member, &b" disabled BYBOUNCE lacks bounce info, list: "[..], work.list.name()].concat();
        work.site.log("error", line);
        return None;
    }
    let mut info = BounceInfo::new(member, 0.0, clock::today(), work.warnings());
    info.reset(Value::Int(0), Value::Float(today), work.warnings());
    Some(info)
}

/// Records of somebody who left stay where they are.
fn forgive(result: Result<(), ListError>) -> Result<(), ListError> {
    match result {
        Err(ListError::NotAMember(_)) => Ok(()),
        other => other,
    }
}

impl BounceInfo {
    /// The day of the last warning.
    fn last_notice(&self) -> Option<super::info::Day> {
        match self.get("lastnotice").as_items()? {
            [year, month, day] => Some((year.as_int()?, month.as_int()?, day.as_int()?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::info::day_value;
    use super::*;

    #[test]
    fn the_last_notice_is_a_day() {
        let mut info = BounceInfo::new(&"a@b".into(), 1.0, (2026, 3, 1), Value::Int(3));
        assert_eq!(info.last_notice().map(|(year, _, _)| year), Some(1970));
        info.set("lastnotice", day_value((2026, 3, 2)));
        assert_eq!(info.last_notice(), Some((2026, 3, 2)));
    }
}
