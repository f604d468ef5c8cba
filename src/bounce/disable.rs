//! A member's mail is stopped (`disableBouncingMember`), and the first warning goes out (`sendNextNotification`).
//!
//! Later warnings and the removal after the last one are cron's work (Mailman's cron/disabled).

use super::info::BounceInfo;
use super::work::Work;
use crate::error::HandlerError;
use compat::format::text_of;
use compat::list::pending::{Kind, Pended};
use compat::list::{attributes, DeliveryStatus};
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

impl Work<'_> {
    /// Disables a member, who gets a cookie to come back with.
    pub fn disable(&mut self, member: &ByteStr, info: &mut BounceInfo, message: &Value) -> Result<(), HandlerError> {
        let content = vec![Value::Str(self.list.name().clone()), Value::Str(member.clone())];
        let cookie = self.list.pend_new(&Pended { kind: Kind::ReEnable, content }, None)?;
        info.set("cookie", Value::Str(cookie));
        self.list.set_bounce_info(member, Some(info.to_value()))?;
        self.log_disabling(member, info);
        self.list.set_delivery_status(member, DeliveryStatus::ByBounce)?;
        self.list.record(&[b"settings of ", member, b": delivery off because of bounces"]);
        self.next_notification(member, info)?;
        match self.list.truth(attributes::BOUNCE_NOTIFY_OWNER_ON_DISABLE) {
            true => self.tell_owners(member, "disabled", message),
            false => Ok(()),
        }
    }

    fn log_disabling(&self, member: &ByteStr, info: &BounceInfo) {
        if self.site.settings.truth(settings::VERP_PROBES) {
            self.log(&[member, b" disabling due to probe bounce received"]);
        } else {
            let (score, limit) =
                (text_of(&info.get("score")), text_of(&self.attribute(attributes::BOUNCE_SCORE_THRESHOLD)));
            self.log(&[member, b" disabling due to bounce score ", &score, b" >= ", &limit]);
        }
    }

    /// The next warning; without any left the member goes.
    pub fn next_notification(&mut self, member: &ByteStr, info: &mut BounceInfo) -> Result<(), HandlerError> {
        if info.notices_left() > 0 {
            return self.warn(member, info);
        }
        let reason = self.list.delivery_status(member);
        self.remove(member)?;
        self.list.pend_use(&info.cookie())?;
        if reason == DeliveryStatus::ByBounce {
            self.log(&[member, b" deleted after exhausting notices"]);
        }
        let reason = match reason {
            DeliveryStatus::ByBounce => "BYBOUNCE",
            DeliveryStatus::ByUser => "BYUSER",
            DeliveryStatus::ByAdmin => "BYADMIN",
            DeliveryStatus::Unknown => "UNKNOWN",
            DeliveryStatus::Enabled => "invalid value",
        };
        self.log_to("subscribe", &[member, b" auto-unsubscribed [reason: ", reason.as_bytes(), b"]"]);
        Ok(())
    }
}
