//! Names of settings and of list attributes, each with the kind of value that stands under it.
//!
//! Mailman finds both by text, where a misspelt name is found to be missing at best. Here a name is a constant of
//! [`crate::site::settings`] or [`crate::list::attributes`], and who reads it as what it is not does not compile. Names
//! that are known only at run time (a line of a file, the field of a form) go through [`by_name`].
//!
//! ```compile_fail
//! # let settings = compat::site::Settings::default();
//! settings.truth("NO_SUCH_SETTING");
//! ```

use std::fmt;
use std::marker::PhantomData;

/// Names of a site's settings.
#[derive(Clone, Copy, Debug)]
pub struct OfSite;
/// Names of a list's attributes.
#[derive(Clone, Copy, Debug)]
pub struct OfList;

/// A string, or `None` where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Text;
/// The path of a file or folder: a string that is also read as a path.
#[derive(Clone, Copy, Debug)]
pub struct Place;
/// A number.
#[derive(Clone, Copy, Debug)]
pub struct Number;
/// `True` or `False`, or a number in their place.
#[derive(Clone, Copy, Debug)]
pub struct Flag;
/// A list or tuple.
#[derive(Clone, Copy, Debug)]
pub struct Items;
/// A dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Table;
/// Whatever it is: a value of several kinds, or one that is not looked into.
#[derive(Clone, Copy, Debug)]
pub struct Any;

/// What a kind of value may be read as. Every value may be asked for whether Python takes it as true, hence [`Any`].
pub trait ReadAs<Wanted> {}
impl<K> ReadAs<Any> for K {}
impl ReadAs<Text> for Text {}
impl ReadAs<Text> for Place {}
impl ReadAs<Place> for Place {}
impl ReadAs<Number> for Number {}
impl ReadAs<Number> for Flag {}
impl ReadAs<Items> for Items {}
impl ReadAs<Table> for Table {}
impl ReadAs<Text> for Any {}
impl ReadAs<Number> for Any {}
impl ReadAs<Items> for Any {}
impl ReadAs<Table> for Any {}
impl ReadAs<Place> for Any {}

/// A name of the settings or attributes (`Of`), under which a value of kind `K` stands.
pub struct Name<Of, K> {
    text: &'static str,
    kind: PhantomData<(Of, K)>,
}

impl<Of, K> Name<Of, K> {
    pub(crate) const fn new(text: &'static str) -> Self {
        Name { text, kind: PhantomData }
    }

    /// The name as Mailman writes it.
    pub const fn as_str(self) -> &'static str {
        self.text
    }

    /// The same name for a table of names whose values are of several kinds.
    pub const fn any(self) -> Name<Of, Any> {
        Name::new(self.text)
    }
}

impl<Of, K> PartialEq for Name<Of, K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<Of, K> Eq for Name<Of, K> {}

impl<Of, K> Clone for Name<Of, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Of, K> Copy for Name<Of, K> {}

impl<Of, K> fmt::Debug for Name<Of, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl<Of, K> fmt::Display for Name<Of, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// A name that is known at run time only; what stands under it may be read as anything.
#[derive(Clone, Copy, Debug)]
pub struct ByName<'a>(&'a str);

/// A name that is known at run time only. One that is written in the program should be a constant instead.
pub fn by_name(name: &str) -> ByName<'_> {
    ByName(name)
}

/// What stands for a name of `Of` whose value can be read as `Wanted`.
pub trait Named<Of, Wanted> {
    /// The name as Mailman writes it.
    fn name(&self) -> &str;
}

impl<Of, K: ReadAs<Wanted>, Wanted> Named<Of, Wanted> for Name<Of, K> {
    fn name(&self) -> &str {
        self.text
    }
}

impl<Of, Wanted> Named<Of, Wanted> for ByName<'_> {
    fn name(&self) -> &str {
        self.0
    }
}
