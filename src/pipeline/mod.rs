//! The handlers of GLOBAL_PIPELINE, one file each, and the walk through them.
