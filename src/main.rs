//! One program, many names: it acts as the command that it is called by.

fn main() {}
