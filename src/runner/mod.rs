//! The runners: the common loop, and one file a runner.
