//! `registerBounce`: one bounce of one member is counted, and what the score says is done.

use super::info::{day_text, day_value, midnight, BounceInfo, Day};
use super::work::Work;
use crate::error::HandlerError;
use compat::format::{float_str, text_of};
use compat::list::{attributes, DeliveryStatus};
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;

/// What a bounce adds.
pub(super) const WEIGHT: f64 = 1.0;

/// What the first look at a bounce came to.
enum Counted {
    /// Nothing more is to be done.
    Ignored,
    /// The record as it is now; whether this was the first bounce of the day.
    Record(BounceInfo, bool),
}

impl Work<'_> {
    /// Counts a bounce. False: the address is no member's.
    pub fn register(&mut self, member: &ByteStr, day: Day, message: &Value) -> Result<bool, HandlerError> {
        if !self.list.is_member(member) {
            return Ok(false);
        }
        if let Counted::Record(mut info, first_today) = self.count(member, day) {
            self.judge(member, &mut info, first_today, message)?;
            // Somebody who gets no warnings has left by now.
            if self.list.is_member(member) {
                self.list.set_bounce_info(member, Some(info.to_value()))?;
            }
        }
        Ok(true)
    }

    fn count(&mut self, member: &ByteStr, day: Day) -> Counted {
        let Some(info) = self.list.bounce_info(member).and_then(BounceInfo::from_value) else {
            let info = BounceInfo::new(member, WEIGHT, day, self.warnings());
            self.log(&[member, b" bounce score: ", &text_of(&info.get("score"))]);
            return Counted::Record(info, true);
        };
        if self.list.delivery_status(member) != DeliveryStatus::Enabled {
            self.log(&[member, b" residual bounce received"]);
            return Counted::Ignored;
        }
        if info.day() == Some(day) {
            self.log(&[member, b" already scored a bounce for date ", day_text(day).as_bytes()]);
            return Counted::Record(info, false);
        }
        Counted::Record(self.another_day(member, info, day), true)
    }

    /// A bounce on another day than the last one: the score grows, or starts anew where the last one is long ago.
    fn another_day(&mut self, member: &ByteStr, mut info: BounceInfo, day: Day) -> BounceInfo {
        let last = info.day().map_or(0.0, midnight);
        if last + self.list.float(attributes::BOUNCE_INFO_STALE_AFTER) < midnight(day) {
            info.reset(Value::Float(WEIGHT), day_value(day), self.warnings());
            self.log(&[member, b" has stale bounce info, resetting"]);
        } else {
            let score = info.score() + WEIGHT;
            info.set("score", Value::Float(score));
            info.set("date", day_value(day));
            self.log(&[member, b" current bounce score: ", float_str(score).as_bytes()]);
        }
        info
    }

    /// Compares the score with the list's threshold; also when this bounce added nothing to it.
    fn judge(
        &mut self,
        member: &ByteStr,
        info: &mut BounceInfo,
        first_today: bool,
        message: &Value,
    ) -> Result<(), HandlerError> {
        if info.score() >= self.list.float(attributes::BOUNCE_SCORE_THRESHOLD) {
            return match self.site.settings.truth(settings::VERP_PROBES) {
                true => self.probe(member, info, message),
                false => self.disable(member, info, message),
            };
        }
        let tells = self.has(Switch::BounceOwnerNoticeOnIncrement)
            && self.list.truth(attributes::BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT);
        match tells && first_today {
            true => self.tell_owners(member, "bounce score incremented", message),
            false => Ok(()),
        }
    }

    /// Asks with a message of its own whether the address really fails.
    fn probe(&mut self, member: &ByteStr, info: &mut BounceInfo, message: &Value) -> Result<(), HandlerError> {
        let (score, limit) =
            (text_of(&info.get("score")), text_of(&self.attribute(attributes::BOUNCE_SCORE_THRESHOLD)));
        let list = self.list.name().clone();
        let parts: [&[u8]; 9] =
            [b"sending ", &list, b" list probe to: ", member, b" (score ", &score, b" >= ", &limit, b")"];
        self.site.log("bounce", parts.concat());
        self.send_probe(member, message)?;
        // An int, as Python's.
        info.reset(Value::Int(0), info.get("date"), info.get("noticesleft"));
        Ok(())
    }

    /// How many warnings a member gets.
    pub fn warnings(&self) -> Value {
        self.attribute(attributes::BOUNCE_YOU_ARE_DISABLED_WARNINGS)
    }
}
