//! How far long work is, for whoever shows it to a person.

/// Hears of each step.
pub trait Progress {
    /// `done` of `of` steps of this work are done; `of` is 0 where nobody knows how many there are.
    fn at(&mut self, what: &str, done: u64, of: u64);
}

/// For who does not want to know.
pub struct Silent;

impl Progress for Silent {
    fn at(&mut self, _: &str, _: u64, _: u64) {}
}
