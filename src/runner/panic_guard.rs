//! Faults of this program, caught: a panic while one entry is worked on costs that entry's time and nothing else.

use crate::error::RunnerError;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From now on a panic is remembered with its place in the source instead of being written to a terminal that a runner
/// does not have.
pub fn listen() {
    set_hook(Box::new(|about| {
        let place = about.location().map(ToString::to_string).unwrap_or_default();
        PLACE.with(|kept| *kept.borrow_mut() = place);
    }));
}

/// Runs `work`; a panic becomes an error. What `work` changed is data of one entry, whole at any step, and is shunted.
pub fn guard<T>(work: impl FnOnce() -> Result<T, RunnerError>) -> Result<T, RunnerError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let place = PLACE.with(|kept| kept.take());
        Err(RunnerError::Panic(format!("{} at {place}", text_of(payload.as_ref()))))
    })
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "panic",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        let outcome: Result<(), _> = guard(|| panic!("number {}", 7));
        assert!(outcome.unwrap_err().to_string().contains("number 7"));
        assert_eq!(guard(|| Ok(3)).unwrap(), 3);
    }
}
