//! A demonstration site in a temporary folder.
