//! A demonstration site in a temporary folder.

pub mod new_list;
