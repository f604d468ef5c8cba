//! Texts in which names are filled in: which names, and what is wrong with them (`_convertString` of
//! Mailman/Gui/GUIBase.py).

use super::complaints::{Complaint, FIXED_NAMES, UNKNOWN_NAMES};
use super::valid::{text, Bad};
use super::Names;
use compat::format::{dollar_identifiers, percent_identifiers, to_dollar, to_percent};
use compat::list::{attributes, MailList};
use compat::value::Value;
use compat::ByteStr;

const LIST_NAMES: [&str; 8] =
    ["real_name", "list_name", "host_name", "web_page_url", "description", "info", "cgiext", "_internal_name"];
const MEMBER_NAMES: [&str; 5] = ["user_address", "user_delivered_to", "user_password", "user_name", "user_optionsurl"];
const REPLY_NAMES: [&str; 5] = ["listname", "listurl", "requestemail", "adminemail", "owneremail"];

/// The text, and a remark about names that nothing is known for. A format that lacks its last letter gets it.
pub(super) fn checked(
    list: &MailList,
    option: &'static str,
    names: Names,
    value: &Value,
) -> Result<(Value, Option<Complaint>), Bad> {
    let text = text(value)?;
    let is_dollar = list.truth(attributes::USE_DOLLAR_STRINGS);
    let used = if is_dollar { dollar_identifiers(text) } else { percent_identifiers(text) };
    let mut unknown: Vec<&[u8]> =
        used.iter().map(|name| &name[..]).filter(|name| !is_known(list, names, name)).collect();
    unknown.sort_unstable();
    if !unknown.is_empty() {
        let bad = unknown.join(&b", "[..]);
        return Ok((value.clone(), Some(Complaint::warning(option, &UNKNOWN_NAMES).with("bad", bad))));
    }
    let fixed = ByteStr::new(to_percent(&to_dollar(text)));
    match is_dollar || fixed == *text {
        true => Ok((value.clone(), None)),
        false => Ok((value.with_text(fixed), Some(Complaint::error(option, &FIXED_NAMES)))),
    }
}

fn is_known(list: &MailList, names: Names, used: &[u8]) -> bool {
    let own: &[&str] = if names == Names::Reply { &REPLY_NAMES } else { &LIST_NAMES };
    let personal: &[&str] =
        if names == Names::Post && list.truth(attributes::PERSONALIZE) { &MEMBER_NAMES } else { &[] };
    own.iter().chain(personal).any(|known| known.as_bytes() == used)
}
