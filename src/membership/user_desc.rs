//! Somebody who wants to join (Mailman.UserDesc.UserDesc), as pending.pck keeps him until he confirms.

use compat::list::{pending, MailList};
use compat::value::{Dict, Value};
use compat::ByteStr;

/// Who joins, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserDesc {
    /// The address as it was given.
    pub address: ByteStr,
    /// The name, `str` or `unicode`; empty where there is none.
    pub fullname: Option<Value>,
    /// `str` or `unicode`. A random one is made where there is none.
    pub password: Option<Value>,
    /// Whether digests are wanted: an int or a bool, which is kept as it is. The list decides where nothing is said.
    pub digest: Option<Value>,
    /// The list's own language where there is none.
    pub language: Option<Value>,
    /// The list that an invitation was for.
    pub invitation: Option<ByteStr>,
}

impl UserDesc {
    /// Somebody by his address alone.
    pub fn new(address: impl Into<ByteStr>) -> Self {
        UserDesc { address: address.into(), ..UserDesc::default() }
    }

    /// From the instance in a pending record; `None` for anything else.
    pub fn from_value(value: &Value) -> Option<UserDesc> {
        let object = value.as_object()?;
        let text = |name| object.attribute(name).and_then(Value::as_text).cloned();
        Some(UserDesc {
            address: text("address")?,
            fullname: object.attribute("fullname").cloned(),
            password: object.attribute("password").filter(|password| password.as_text().is_some()).cloned(),
            digest: object.attribute("digest").filter(|digest| **digest != Value::None).cloned(),
            language: object.attribute("language").filter(|language| language.as_text().is_some()).cloned(),
            invitation: text("invitation").filter(|list| !list.is_empty()),
        })
    }

    /// As Python pickles it: what is not known is no attribute.
    pub fn to_value(&self) -> Value {
        let string = |text: &Option<ByteStr>| text.clone().map(Value::Str);
        let known = [
            ("address", Some(Value::Str(self.address.clone()))),
            ("fullname", self.fullname.clone()),
            ("password", self.password.clone()),
            ("digest", self.digest.clone()),
            ("language", self.language.clone()),
            ("invitation", string(&self.invitation)),
        ];
        let mut attributes = Dict::new();
        for (name, value) in known {
            if let Some(value) = value {
                attributes.set(name, value);
            }
        }
        pending::user_desc(attributes)
    }

    /// The name, an empty `str` where there is none.
    pub(crate) fn name(&self) -> Value {
        self.fullname.clone().unwrap_or_else(|| Value::str(""))
    }

    /// The language that is spoken with him: the list's where he has none.
    pub fn language_on(&self, list: &MailList) -> ByteStr {
        let own = self.language.as_ref().and_then(Value::as_text).cloned();
        own.unwrap_or_else(|| list.preferred_language())
    }

    /// Whether digests are wanted.
    pub(super) fn is_digest(&self) -> bool {
        self.digest.as_ref().is_some_and(Value::is_true)
    }
}
