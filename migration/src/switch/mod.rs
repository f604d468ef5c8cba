//! Putting the runners in place, and taking them out again.
pub mod shim;
