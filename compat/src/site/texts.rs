//! English texts of our own for machines without Mailman's templates.

/// The text of a template.
pub(super) fn builtin(name: &str) -> Option<&'static str> {
    let _ = name;
    None
}
