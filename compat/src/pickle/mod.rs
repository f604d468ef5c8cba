//! Python 2 pickles, read and written without loss and without ever running what they name.

mod dict;
mod value;

pub use dict::Dict;
pub use value::{Construction, Global, Object, UniStr, Value};
