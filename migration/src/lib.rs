//! Moving a site from Python's runners to ours, and proving that nothing was lost on the way.
