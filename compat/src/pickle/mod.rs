//! Python 2 pickles, read and written without loss and without ever running what they name.
//!
//! Answers to `cPickle` of Python 2.3 to 2.7. A pickle is a program for a small stack machine: push a value, mark a
//! place, gather what lies above the mark into a container, note an object in the memo, fetch it again. The
//! [loader](load) runs that program with every class name as a mere label:
//!
//! ```text
//! }q\x01(U\x01aK\x01u.      {'a': 1}   EMPTY_DICT  BINPUT 1  MARK  'a'  1  SETITEMS  STOP
//! ```
//!
//! Bounds, so that a hostile file costs no more than its own size times a constant: nesting ([`MAX_DEPTH`]), number
//! of containers and of values on the stack, size with all sharing undone, digits of a binary `long`. A length is
//! checked against what is there before anything is made. What contains itself is refused: Mailman never writes it.

mod arena;
mod error;
mod input;
mod layout;
mod loader;
mod memo;
mod opcode;

mod plain;
mod render;
mod skim;
mod text;
mod writer;

#[cfg(test)]
mod tests;

pub use arena::MAX_DEPTH;
pub use error::{PickleError, Reason};
pub use layout::Layout;
pub use loader::{load, load_laid_out};
pub use render::escape as escape_str;
pub use skim::{outline, Later, Outline};
pub use writer::{dump, dump_dict, dumps, Protocol};
