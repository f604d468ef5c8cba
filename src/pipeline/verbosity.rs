//! How often somebody posted recently (Utils.IsVerboseMember, 2.1.21).
//!
//! Each process counts by address over all lists, and forgets at its end.

use super::Context;
use crate::clock;
use crate::error::HandlerError;
use compat::list::attributes;
use compat::site::settings;
use std::cell::RefCell;
use std::collections::HashMap;

#[derive(Default)]
struct Recent {
    /// For each address the times until which its posts count.
    until: HashMap<Vec<u8>, Vec<f64>>,
    since_cleaning: i64,
}

thread_local! {
    static RECENT: RefCell<Recent> = RefCell::default();
}

/// Counts a post, and tells whether the address is of a member who is over the list's threshold.
pub fn is_verbose(ctx: &Context<'_>, address: &[u8]) -> Result<bool, HandlerError> {
    let threshold = ctx.list.float(attributes::MEMBER_VERBOSITY_THRESHOLD);
    if threshold <= 0.0 {
        return Ok(false);
    }
    let interval = ctx.list.float(attributes::MEMBER_VERBOSITY_INTERVAL);
    let limit = ctx.site.settings.int(settings::VERBOSE_CLEAN_LIMIT)?;
    let count = RECENT.with_borrow_mut(|recent| recent.count(address, clock::now(), interval, limit));
    Ok(ctx.list.is_member(address) && count as f64 > threshold)
}

impl Recent {
    fn count(&mut self, address: &[u8], now: f64, interval: f64, limit: i64) -> usize {
        let address = address.to_ascii_lowercase();
        let times = self.until.entry(address.clone()).or_default();
        times.push(now + interval);
        times.retain(|&until| until >= now);
        self.since_cleaning += 1;
        if self.since_cleaning >= limit {
            self.since_cleaning = 0;
            self.until.values_mut().for_each(|times| times.retain(|&until| until >= now));
            self.until.retain(|_, times| !times.is_empty());
        }
        self.until.get(&address).map_or(0, Vec::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_within_the_interval() {
        let mut recent = Recent::default();
        assert_eq!(recent.count(b"Anna@x", 0.0, 10.0, 100), 1);
        assert_eq!(recent.count(b"anna@x", 5.0, 10.0, 100), 2);
        assert_eq!(recent.count(b"anna@x", 11.0, 10.0, 100), 2);
        assert_eq!(recent.count(b"ben@x", 100.0, 10.0, 4), 1);
        assert_eq!(recent.until.len(), 1);
    }
}
