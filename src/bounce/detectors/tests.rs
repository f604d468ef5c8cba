//! Samples of each kind of bounce.
