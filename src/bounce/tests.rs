//! Counting, whole.
