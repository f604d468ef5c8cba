//! The switchboard: queue entries, slices, the life of `.bak` and `.psv` files.
