//! Archives: the mbox of a list, and its Pipermail pages.
