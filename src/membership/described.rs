//! A member as JSON: for tools with `--json`, and for programs that use the JSON interface.

use compat::list::{options, DeliveryStatus, MailList};
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

/// The bits by the names that Mailman's pages and tools have for them.
pub const FLAGS: [(&str, i64); 8] = [
    ("ack", options::ACKNOWLEDGE_POSTS),
    ("hide", options::CONCEAL_SUBSCRIPTION),
    ("mod", options::MODERATE),
    ("nmtopics", options::RECEIVE_NONMATCHING_TOPICS),
    ("nodupes", options::DONT_RECEIVE_DUPLICATES),
    ("noremind", options::SUPPRESS_PASSWORD_REMINDER),
    ("notmetoo", options::DONT_RECEIVE_OWN_POSTS),
    ("plain", options::DISABLE_MIME),
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
    let mut fields = vec![
        ("address", text(&list.case_preserved(member).unwrap_or_else(|| member.clone()))),
        ("name", text(&name)),
        ("digest", Json::Bool(list.is_digest_member(member) == Some(true))),
        ("delivery", Json::text(delivery(list.delivery_status(member)))),
        ("options", Json::Int(list.options_of(member))),
        ("language", text(&list.language_of(member))),
        ("topics", Json::array(&list.topics_of(member), |topic| text(topic))),
    ];
    fields.extend(FLAGS.map(|(name, bit)| (name, Json::Bool(list.option(member, bit)))));
    Json::Object(fields)
}
