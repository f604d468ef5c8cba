//! What one more bounce would do to a member's score: shown by `explain-bounce`. The rules are those of [`super::score`].

use super::info::{midnight, BounceInfo, Day};
use super::score::WEIGHT;
use compat::format::float_str;
use compat::list::{attributes, DeliveryStatus, MailList};
use compat::ByteStr;

/// One line about an address on this list, for a bounce of this day.
pub fn forecast(list: &MailList, address: &ByteStr, day: Day) -> String {
    if !list.is_member(address) {
        return format!("no member of {}: not counted", list.name());
    }
    let Some(info) = list.bounce_info(address).and_then(BounceInfo::from_value) else {
        return becomes(list, WEIGHT, "the first bounce");
    };
    if list.delivery_status(address) != DeliveryStatus::Enabled {
        return "delivery is stopped already: not counted".to_string();
    }
    if info.day() == Some(day) {
        return becomes(list, info.score(), "one was counted today already");
    }
    let is_stale = info.day().map_or(0.0, midnight) + list.float(attributes::BOUNCE_INFO_STALE_AFTER) < midnight(day);
    match is_stale {
        true => becomes(list, WEIGHT, "what was counted before is stale"),
        false => becomes(list, info.score() + WEIGHT, "one more"),
    }
}

fn becomes(list: &MailList, score: f64, why: &str) -> String {
    let threshold = list.float(attributes::BOUNCE_SCORE_THRESHOLD);
    let end = if score >= threshold { "; that stops delivery, or sends a probe" } else { "" };
    format!("score would be {} of {} ({why}){end}", float_str(score), float_str(threshold))
}
