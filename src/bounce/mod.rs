//! Bounces: which member's mail came back, how often, and what follows from that.
//!
//! [`detectors`] read addresses out of a bounce, [`verp`] out of the address that it came to. They become [`events`] in
//! a file, because to count one the list must be locked; [`register`] counts them from time to time. Counting is
//! [`score`]; a score that is too high leads to [`disable`], or to a probe (in [`notices`]) whose own bounce disables.
//! This answers to Mailman's Queue/BounceRunner.py, Bouncer.py and the probes of Deliverer.py.

pub mod detectors;
mod disable;
mod events;
pub mod forecast;
pub mod info;
mod notices;
mod orphans;
mod probe;
mod register;
mod removal;
mod score;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod verp;
mod work;

pub use events::{BounceEvent, BounceEvents, EventsError};
pub use orphans::adopt;
pub use probe::probe_bounced;
pub use register::{Bounces, Counting};
pub use work::Language;
