//! A member as JSON: for tools with `--json`, and for programs that use the JSON interface.

use compat::list::{DeliveryStatus, MailList};
use compat::ByteStr;
use migration::json::Json;

/// Whether mail comes, and if not why, as bin/list_members names it.
const DELIVERY: [(&str, DeliveryStatus); 5] = [
    ("enabled", DeliveryStatus::Enabled),
    ("unknown", DeliveryStatus::Unknown),
    ("byuser", DeliveryStatus::ByUser),
    ("byadmin", DeliveryStatus::ByAdmin),
    ("bybounce", DeliveryStatus::ByBounce),
];

/// The status of a name.
pub fn delivery_named(word: &str) -> Option<DeliveryStatus> {
    DELIVERY.iter().find(|(name, _)| *name == word).map(|(_, status)| *status)
}

/// The name of a status.
pub fn delivery(status: DeliveryStatus) -> &'static str {
    DELIVERY.iter().find(|(_, known)| *known == status).map_or("unknown", |(name, _)| name)
}

/// What a list knows of a member.
pub fn member(list: &MailList, member: &ByteStr) -> Json {
    let text = |bytes: &[u8]| Json::text(String::from_utf8_lossy(bytes));
    let name = list.name_of(member).map(|name| compat::site::template::to_bytes(&name, b"utf-8")).unwrap_or_default();
    Json::Object(vec![
        ("address", text(&list.case_preserved(member).unwrap_or_else(|| member.clone()))),
        ("name", text(&name)),
        ("digest", Json::Bool(list.is_digest_member(member) == Some(true))),
        ("delivery", Json::text(delivery(list.delivery_status(member)))),
        ("options", Json::Int(list.options_of(member))),
        ("language", text(&list.language_of(member))),
    ])
}
