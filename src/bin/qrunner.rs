//! `qrunner` as a file of its own, for those who install no links.

fn main() {}
