//! Evaluates a site's settings files, which are Python 2 programs, without a Python.
//!
//! The subset is what such files are found to use; beyond it there is an error that names file, line and construct.

use std::path::PathBuf;

/// A settings file that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {message}", file.display())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}
