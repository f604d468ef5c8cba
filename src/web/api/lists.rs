//! Lists: looked at, made, removed.

use super::answer::{fault, value, Fault};
use super::input::{Fields, Page};
use super::{Call, Outcome};
use crate::auth::hex_digest;
use crate::error::HandlerError;
use crate::lists::aliases::{self, AliasRequest};
use crate::lists::notices::{ask_for_aliases, welcome_owner};
use crate::lists::{create, described, remove, CreateError, NewList};
use crate::notice::mail_host_of;
use crate::web::{Content, Problem, Response};
use compat::list::{names, ListError, MailList};
use compat::random;
use compat::site::settings;
use compat::value::{Dict, Value};
use compat::ByteStr;
use migration::json::Json;

/// The length of a password that is made up.
const LENGTH: usize = 20;

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
    match MailList::look(call.visit.site, name.clone()) {
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

/// Makes a list, with its aliases. Without a password it gets one that nobody knows, unless its owner is told.
pub(super) fn make(call: &Call<'_>) -> Outcome {
    call.for_site()?;
    let fields = Fields::of(call, &["name", "owner", "password", "language", "url_host", "moderate", "notify"])?;
    let text = |name: &str| Ok::<_, Fault>(fields.text(name)?.map(ByteStr::from));
    let needed = |name: &str| text(name)?.ok_or_else(|| fault(400, &format!("{name} is needed.")));
    let site = call.visit.site;
    let (name, owner) = (ByteStr::new(needed("name")?.to_ascii_lowercase()), needed("owner")?);
    let password = text("password")?.unwrap_or_else(|| random::password(LENGTH, false));
    let language = text("language")?.unwrap_or_else(|| site.server_language());
    if !site.is_language(&language) {
        return Err(fault(400, "The site has no such language."));
    }
    if password.trim_ascii().is_empty() {
        return Err(fault(400, "The password cannot be empty."));
    }
    let (url_host, mail_host) = hosts(call, text("url_host")?)?;
    let new = NewList {
        name: &name,
        owner: &owner,
        password: hex_digest(password.trim_ascii()),
        language,
        mail_host,
        url_host,
    };
    let mut more = Dict::new();
    if let Some(moderate) = fields.truth("moderate")? {
        more.set("default_member_moderation", Value::Int(moderate.into()));
    }
    let notify = fields.truth("notify")?.unwrap_or(false);
    let letter = |list: &MailList, outbox: &mut _| match notify {
        true => welcome_owner(list, &owner, &password, outbox),
        false => Ok(()),
    };
    let list = create(site, &new, more, letter)?;
    follow(&list, AliasRequest::Add)?;
    Ok(value(201, &described::list(&list)))
}

/// The host of the list's pages, which must be one of the site's, and that of its addresses.
fn hosts(call: &Call<'_>, asked: Option<ByteStr>) -> Result<(ByteStr, ByteStr), Fault> {
    let site = call.visit.site;
    let usual = |setting| site.settings.str(setting).map_err(Problem::from);
    let url_host = match asked {
        Some(host) if mail_host_of(site, &host).is_none() => return Err(fault(400, "The site has no such host.")),
        Some(host) => host,
        None => usual(settings::DEFAULT_URL_HOST)?,
    };
    let mail_host = match mail_host_of(site, &url_host) {
        Some(host) => host,
        None => usual(settings::DEFAULT_EMAIL_HOST)?,
    };
    Ok((url_host, mail_host))
}

/// Removes a list; with the parameter `archives=true` its archives too.
pub(super) fn remove(call: &Call<'_>, name: &[u8]) -> Outcome {
    call.for_site()?;
    let parameters = call.visit.request.url_parameters();
    let with_archives = match parameters.get("archives").map(|text| &text[..]) {
        None | Some(b"false") => false,
        Some(b"true") => true,
        Some(_) => return Err(fault(400, "archives must be true or false.")),
    };
    if parameters.fields().any(|field| &field.name[..] != b"archives") {
        return Err(fault(400, "There is no such parameter."));
    }
    let list = call.list(name)?;
    // The mail server must know before the list is gone.
    follow(&list, AliasRequest::Remove)?;
    for item in remove::everything(call.visit.site, list.name(), with_archives).map_err(Problem::from)? {
        remove::remove(&item.path).map_err(Problem::from)?;
    }
    list.record(&[b"list removed"]);
    Ok(Response::new("application/json", Content::Bytes(Vec::new())).with_status(204))
}

fn follow(list: &MailList, request: AliasRequest) -> Result<(), Fault> {
    let by_hand = || ask_for_aliases(list, request).map_err(Problem::from);
    let mta = aliases::mta(list.site()).map_err(Problem::from)?;
    Ok(mta.follow(list, request, by_hand)?)
}

impl From<CreateError> for Fault {
    fn from(error: CreateError) -> Fault {
        match error {
            CreateError::Exists => fault(409, "There is a list of this name."),
            CreateError::BadName(_) | CreateError::BadOwner(_) => fault(400, &error.to_string()),
            other => Fault::Problem(HandlerError::cause(other).into()),
        }
    }
}
