//! What cron calls.

use crate::scenario::*;
use crate::support::*;
use compat::list::{DeliveryStatus, NewMember};
use compat::value::Value;
use mailman2::bounce::info::BounceInfo;
use std::fs;

#[test]
fn checkdbs() {
    run(&Scenario::new("checkdbs", MAILMAN2_RS, &["checkdbs"])
        .prepare(hold_one)
        .wrong(|site| {
            let waiting = list(site).read_requests().expect("requests").len();
            Some(format!("{waiting} wait")).filter(|_| waiting != 1).into_iter().collect()
        })
        .once(|site| with(site, "qfiles/out", "moderator request(s) waiting")));
}

#[test]
fn senddigests() {
    run(&Scenario::new("senddigests", MAILMAN2_RS, &["senddigests"])
        .prepare(|site| {
            with_list(site, |list| {
                let (address, password) = ("dora@example.org".into(), compat::value::Value::str("pw"));
                let dora = NewMember { address, password, language: None, name: None, digest: true };
                list.add_member(&dora).expect("added");
            });
            fs::write(site.path("lists/garden/digest.mbox"), format!("From ann@example.org  x\n{POST}\n"))
                .expect("made");
        })
        .wrong(|site| {
            let left = with(site, "lists/garden", ID);
            (left > 0).then(|| format!("{left} still to be sent")).into_iter().collect()
        })
        // The MIME digest; the plain one is an entry of its own.
        .once(|site| with(site, "qfiles/out", "multipart/mixed")));
}

/// The warning goes out, and is counted.
#[test]
fn disabled() {
    run(&Scenario::new("disabled", MAILMAN2_RS, &["disabled"])
        .prepare(|site| {
            with_list(site, |list| {
                let info = BounceInfo::new(&"ann@example.org".into(), 6.0, (2026, 11, 1), Value::Int(3));
                list.set_bounce_info(b"ann@example.org", Some(info.to_value())).expect("noted");
                list.set_delivery_status(b"ann@example.org", DeliveryStatus::ByBounce).expect("set");
            });
        })
        .wrong(|site| {
            let left = list(site)
                .bounce_info(b"ann@example.org")
                .and_then(BounceInfo::from_value)
                .map(|info| info.notices_left());
            (left != Some(2))
                .then(|| format!("left: {left:?}"))
                .into_iter()
                .chain(cookies_without_record(site))
                .collect()
        })
        .once(|site| with(site, "qfiles/out", "ann@example.org")));
}
