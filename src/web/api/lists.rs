//! Lists.

use super::answer::{value, Fault};
use super::input::Page;
use super::{Call, Outcome};
use crate::lists::described;
use crate::web::Problem;
use compat::list::{names, ListError, MailList};
use compat::ByteStr;
use migration::json::Json;

/// The lists that the token is good for, by name. A list that cannot be read is left out, and logged.
pub(super) fn all(call: &Call<'_>) -> Outcome {
    let page = Page::of(call, &[])?;
    let mut known = names(call.visit.site).map_err(Problem::from)?;
    known.retain(|name| call.token.covers(name));
    known.sort();
    let one = |name: &ByteStr| one_of(call, name);
    Ok(value(200, &page.json("lists", &known, one)))
}

fn one_of(call: &Call<'_>, name: &ByteStr) -> Json {
    match MailList::load(call.visit.site, name.clone()) {
        Ok(list) => described::list(&list),
        Err(error) => {
            if !matches!(error, ListError::Unknown(_)) {
                call.visit.log("error", &[b"api: ", error.to_string().as_bytes()]);
            }
            Json::Object(vec![("list", Json::text(name.to_string())), ("readable", Json::Bool(false))])
        }
    }
}

/// One list.
pub(super) fn one(call: &Call<'_>, name: &[u8]) -> Result<crate::web::Response, Fault> {
    Ok(value(200, &described::list(&call.list(name)?)))
}
