//! What a new list is made of: every attribute that `MailList.InitVars` of the site's version sets, with the site's defaults.

use crate::clock;
use compat::format::{percent_args, FormatError};
use compat::pickle::{Dict, Value};
use compat::site::{Profile, SettingError, Site, Switch};
use compat::ByteStr;

/// Where an attribute's first value comes from.
enum From {
    /// A setting.
    Setting(&'static str),
    Int(i64),
    Text(&'static str),
    None,
    List,
    Dict,
}

use From::{Int, List, Setting, Text};

/// Attributes that every version sets, and whose value does not depend on the list.
const ALWAYS: &[(&str, From)] = &[
    ("accept_these_nonmembers", List),
    ("acceptable_aliases", Setting("DEFAULT_ACCEPTABLE_ALIASES")),
    ("admin_immed_notify", Setting("DEFAULT_ADMIN_IMMED_NOTIFY")),
    ("admin_member_chunksize", Setting("DEFAULT_ADMIN_MEMBER_CHUNKSIZE")),
    ("admin_notify_mchanges", Setting("DEFAULT_ADMIN_NOTIFY_MCHANGES")),
    ("admin_responses", From::Dict),
    ("administrivia", Setting("DEFAULT_ADMINISTRIVIA")),
    ("advertised", Setting("DEFAULT_LIST_ADVERTISED")),
    ("anonymous_list", Setting("DEFAULT_ANONYMOUS_LIST")),
    ("archive", Setting("DEFAULT_ARCHIVE")),
    ("archive_private", Setting("DEFAULT_ARCHIVE_PRIVATE")),
    ("archive_volume_frequency", Setting("DEFAULT_ARCHIVE_VOLUME_FREQUENCY")),
    ("autorespond_admin", Int(0)),
    ("autorespond_postings", Int(0)),
    ("autorespond_requests", Int(0)),
    ("autoresponse_admin_text", Text("")),
    ("autoresponse_graceperiod", Int(90)),
    ("autoresponse_postings_text", Text("")),
    ("autoresponse_request_text", Text("")),
    ("ban_list", List),
    ("bounce_info", From::Dict),
    ("bounce_info_stale_after", Setting("DEFAULT_BOUNCE_INFO_STALE_AFTER")),
    ("bounce_matching_headers", Setting("DEFAULT_BOUNCE_MATCHING_HEADERS")),
    ("bounce_notify_owner_on_disable", Setting("DEFAULT_BOUNCE_NOTIFY_OWNER_ON_DISABLE")),
    ("bounce_notify_owner_on_removal", Setting("DEFAULT_BOUNCE_NOTIFY_OWNER_ON_REMOVAL")),
    ("bounce_processing", Setting("DEFAULT_BOUNCE_PROCESSING")),
    ("bounce_score_threshold", Setting("DEFAULT_BOUNCE_SCORE_THRESHOLD")),
    ("bounce_unrecognized_goes_to_list_owner", Setting("DEFAULT_BOUNCE_UNRECOGNIZED_GOES_TO_LIST_OWNER")),
    ("bounce_you_are_disabled_warnings", Setting("DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS")),
    ("bounce_you_are_disabled_warnings_interval", Setting("DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS_INTERVAL")),
    ("collapse_alternatives", Setting("DEFAULT_COLLAPSE_ALTERNATIVES")),
    ("convert_html_to_plaintext", Setting("DEFAULT_CONVERT_HTML_TO_PLAINTEXT")),
    ("data_version", Setting("DATA_FILE_VERSION")),
    ("default_member_moderation", Setting("DEFAULT_DEFAULT_MEMBER_MODERATION")),
    ("delivery_status", From::Dict),
    ("description", Text("")),
    ("digest_footer", Setting("DEFAULT_DIGEST_FOOTER")),
    ("digest_header", Setting("DEFAULT_DIGEST_HEADER")),
    ("digest_is_default", Setting("DEFAULT_DIGEST_IS_DEFAULT")),
    ("digest_last_sent_at", Int(0)),
    ("digest_members", From::Dict),
    ("digest_send_periodic", Setting("DEFAULT_DIGEST_SEND_PERIODIC")),
    ("digest_size_threshhold", Setting("DEFAULT_DIGEST_SIZE_THRESHHOLD")),
    ("digest_volume_frequency", Setting("DEFAULT_DIGEST_VOLUME_FREQUENCY")),
    ("digestable", Setting("DEFAULT_DIGESTABLE")),
    ("discard_these_nonmembers", List),
    ("emergency", Int(0)),
    ("filter_action", Setting("DEFAULT_FILTER_ACTION")),
    ("filter_content", Setting("DEFAULT_FILTER_CONTENT")),
    ("filter_filename_extensions", Setting("DEFAULT_FILTER_FILENAME_EXTENSIONS")),
    ("filter_mime_types", Setting("DEFAULT_FILTER_MIME_TYPES")),
    ("first_strip_reply_to", Setting("DEFAULT_FIRST_STRIP_REPLY_TO")),
    ("forward_auto_discards", Setting("DEFAULT_FORWARD_AUTO_DISCARDS")),
    ("gateway_to_mail", Int(0)),
    ("gateway_to_news", Int(0)),
    ("generic_nonmember_action", Setting("DEFAULT_GENERIC_NONMEMBER_ACTION")),
    ("goodbye_msg", Text("")),
    ("header_filter_rules", List),
    ("hold_and_cmd_autoresponses", From::Dict),
    ("hold_these_nonmembers", List),
    ("include_list_post_header", Int(1)),
    ("include_rfc2369_headers", Int(1)),
    ("info", Text("")),
    ("language", From::Dict),
    ("last_post_time", Int(0)),
    ("linked_newsgroup", Text("")),
    ("max_days_to_hold", Setting("DEFAULT_MAX_DAYS_TO_HOLD")),
    ("max_message_size", Setting("DEFAULT_MAX_MESSAGE_SIZE")),
    ("max_num_recipients", Setting("DEFAULT_MAX_NUM_RECIPIENTS")),
    ("member_moderation_action", Int(0)),
    ("member_moderation_notice", Text("")),
    ("members", From::Dict),
    ("mime_is_default_digest", Setting("DEFAULT_MIME_IS_DEFAULT_DIGEST")),
    ("mod_password", From::None),
    ("moderator", List),
    ("msg_footer", Setting("DEFAULT_MSG_FOOTER")),
    ("msg_header", Setting("DEFAULT_MSG_HEADER")),
    ("new_member_options", Setting("DEFAULT_NEW_MEMBER_OPTIONS")),
    ("news_moderation", Int(0)),
    ("news_prefix_subject_too", Int(1)),
    ("next_digest_number", Int(1)),
    ("next_post_number", Int(1)),
    ("next_request_id", Int(1)),
    ("nntp_host", Setting("DEFAULT_NNTP_HOST")),
    ("nondigestable", Setting("DEFAULT_NONDIGESTABLE")),
    ("nonmember_rejection_notice", Text("")),
    ("obscure_addresses", Setting("DEFAULT_OBSCURE_ADDRESSES")),
    ("one_last_digest", From::Dict),
    ("pass_filename_extensions", Setting("DEFAULT_PASS_FILENAME_EXTENSIONS")),
    ("pass_mime_types", Setting("DEFAULT_PASS_MIME_TYPES")),
    ("passwords", From::Dict),
    ("personalize", Int(0)),
    ("postings_responses", From::Dict),
    ("preferred_language", Setting("DEFAULT_SERVER_LANGUAGE")),
    ("private_roster", Setting("DEFAULT_PRIVATE_ROSTER")),
    ("regular_exclude_lists", Setting("DEFAULT_REGULAR_EXCLUDE_LISTS")),
    ("regular_include_lists", Setting("DEFAULT_REGULAR_INCLUDE_LISTS")),
    ("reject_these_nonmembers", List),
    ("reply_goes_to_list", Setting("DEFAULT_REPLY_GOES_TO_LIST")),
    ("reply_to_address", Text("")),
    ("request_responses", From::Dict),
    ("require_explicit_destination", Setting("DEFAULT_REQUIRE_EXPLICIT_DESTINATION")),
    ("respond_to_post_requests", Int(1)),
    ("scrub_nondigest", Setting("DEFAULT_SCRUB_NONDIGEST")),
    ("send_goodbye_msg", Setting("DEFAULT_SEND_GOODBYE_MSG")),
    ("send_reminders", Setting("DEFAULT_SEND_REMINDERS")),
    ("send_welcome_msg", Setting("DEFAULT_SEND_WELCOME_MSG")),
    ("subscribe_policy", Setting("DEFAULT_SUBSCRIBE_POLICY")),
    ("topics", List),
    ("topics_bodylines_limit", Int(5)),
    ("topics_enabled", Int(0)),
    ("topics_userinterest", From::Dict),
    ("umbrella_list", Setting("DEFAULT_UMBRELLA_LIST")),
    ("umbrella_member_suffix", Setting("DEFAULT_UMBRELLA_MEMBER_ADMIN_SUFFIX")),
    ("unsubscribe_policy", Setting("DEFAULT_UNSUBSCRIBE_POLICY")),
    ("user_options", From::Dict),
    ("usernames", From::Dict),
    ("volume", Int(1)),
    ("welcome_msg", Text("")),
];

/// Those of newer versions, with the switch that came with them.
const LATER: &[(Switch, &str, From)] = &[
    (
        Switch::BounceOwnerNoticeOnIncrement,
        "bounce_notify_owner_on_bounce_increment",
        Setting("DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT"),
    ),
    (Switch::DmarcModeration, "dmarc_moderation_action", Setting("DEFAULT_DMARC_MODERATION_ACTION")),
    (Switch::DmarcModerationAddresses, "dmarc_moderation_addresses", List),
    (Switch::DmarcModeration, "dmarc_moderation_notice", Text("")),
    (Switch::DmarcNoneAction, "dmarc_none_moderation_action", Setting("DEFAULT_DMARC_NONE_MODERATION_ACTION")),
    (
        Switch::DmarcModeration,
        "dmarc_quarantine_moderation_action",
        Setting("DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION"),
    ),
    (Switch::DmarcInSpamDetect, "dmarc_wrapped_message_text", Setting("DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT")),
    (Switch::DropCc, "drop_cc", Setting("DEFAULT_DROP_CC")),
    (Switch::EquivalentDomains, "equivalent_domains", Setting("DEFAULT_EQUIVALENT_DOMAINS")),
    (Switch::FromIsList, "from_is_list", Setting("DEFAULT_FROM_IS_LIST")),
    (Switch::SenderHeaderSetting, "include_sender_header", Int(1)),
    (Switch::MemberVerbosity, "member_verbosity_interval", Setting("DEFAULT_MEMBER_VERBOSITY_INTERVAL")),
    (Switch::MemberVerbosity, "member_verbosity_threshold", Setting("DEFAULT_MEMBER_VERBOSITY_THRESHOLD")),
    (Switch::ApprovePosterPassword, "post_password", From::None),
    (Switch::RegularExcludeIgnore, "regular_exclude_ignore", Setting("DEFAULT_REGULAR_EXCLUDE_IGNORE")),
    (Switch::RespondToPostRequestsSetting, "respond_to_post_requests", Setting("DEFAULT_RESPOND_TO_POST_REQUESTS")),
    (Switch::SubscribeAutoApproval, "subscribe_auto_approval", Setting("DEFAULT_SUBSCRIBE_AUTO_APPROVAL")),
];

/// Why a list has no attributes.
#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    /// A default is missing, or of the wrong kind.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A default does not take what is to be filled in.
    #[error("{0}: {1}")]
    Format(&'static str, FormatError),
}

/// The attributes of a new list. `url_host` is the host of its first `web_page_url`.
pub fn initial(site: &Site, name: &ByteStr, owner: &[u8], url_host: Option<&[u8]>) -> Result<Dict, AttributeError> {
    let settings = &site.settings;
    // Data follow the version, whatever behaviour the site has asked for: its Python must know every attribute.
    let version = Profile::new(site.profile.version());
    let mut dict = Dict::new();
    for (name, from) in ALWAYS {
        dict.set(*name, first_value(site, from)?);
    }
    for (_, name, from) in LATER.iter().filter(|(switch, _, _)| version.has(*switch)) {
        dict.set(*name, first_value(site, from)?);
    }
    dict.set("created_at", Value::Float(clock::now()));
    dict.set("post_id", Value::Float(1.0));
    dict.set("owner", Value::list(vec![Value::str(owner)]));
    dict.set("real_name", Value::Str(capitalised(name)));
    let host = settings.optional_str("DEFAULT_HOST_NAME").map_or_else(|| settings.str("DEFAULT_EMAIL_HOST"), Ok)?;
    dict.set("host_name", Value::Str(host));
    dict.set("web_page_url", first_url(site, url_host.filter(|_| version.has(Switch::NewlistUrlHost)))?);
    let ascii = *site.charset_or_ascii(&site.server_language()) == *b"us-ascii";
    dict.set("encode_ascii_prefixes", Int(if ascii { 0 } else { 2 }).value());
    let prefix = filled("DEFAULT_SUBJECT_PREFIX", site, known_by_name(&dict, name))?;
    dict.set("subject_prefix", prefix);
    Ok(dict)
}

/// `DEFAULT_URL_PATTERN` with a host.
pub fn url_of_host(site: &Site, host: &[u8]) -> Result<Value, AttributeError> {
    filled("DEFAULT_URL_PATTERN", site, Value::str(host))
}

fn first_url(site: &Site, host: Option<&[u8]>) -> Result<Value, AttributeError> {
    if let Some(url) = site.settings.optional_str("DEFAULT_URL") {
        return Ok(Value::Str(url));
    }
    let usual = site.settings.str("DEFAULT_URL_HOST")?;
    url_of_host(site, host.unwrap_or(&usual))
}

fn filled(setting: &'static str, site: &Site, right: Value) -> Result<Value, AttributeError> {
    let format = site.settings.require(setting)?;
    percent_args(format, &right).map_err(|error| AttributeError::Format(setting, error))
}

/// All attributes, and the name that has none.
fn known_by_name(dict: &Dict, name: &ByteStr) -> Value {
    let mut known = dict.clone();
    known.set("_internal_name", Value::Str(name.clone()));
    Value::dict(known)
}

fn capitalised(name: &ByteStr) -> ByteStr {
    let mut bytes = name.to_vec();
    if let Some(first) = bytes.first_mut() {
        first.make_ascii_uppercase();
    }
    ByteStr::new(bytes)
}

fn first_value(site: &Site, from: &From) -> Result<Value, SettingError> {
    match from {
        From::Setting(name) => site.settings.require(name).cloned(),
        other => Ok(other.value()),
    }
}

impl From {
    fn value(&self) -> Value {
        match self {
            From::Int(n) => Value::Int(*n),
            From::Text(text) => Value::str(*text),
            From::List => Value::list(Vec::new()),
            From::Dict => Value::dict(Dict::new()),
            From::Setting(_) | From::None => Value::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    fn made(version: &str) -> Dict {
        let site = Site::bare(Path::new("/nowhere"), Version::parse(version).unwrap());
        initial(&site, &"garden".into(), b"rose@example.com", None).unwrap()
    }

    #[test]
    fn old_lists_get_what_old_mailman_knows() {
        let (old, new) = (made("2.1.13"), made("2.1.39"));
        assert_eq!(old.get(b"respond_to_post_requests"), Some(&Value::Int(1)));
        assert_eq!(new.get(b"respond_to_post_requests"), Some(&Value::Bool(true)));
        assert!(!old.contains(b"drop_cc") && new.contains(b"drop_cc"));
        assert_eq!((old.len(), new.len()), (OLD_ATTRIBUTES, NEW_ATTRIBUTES));
        assert_eq!(new.get(b"subject_prefix"), Some(&Value::str("[Garden] ")));
    }

    /// How many attributes a list has after `MailList.Create` of Python; languages and password come with [`super::super::create`].
    const OLD_ATTRIBUTES: usize = 129 - 2;
    const NEW_ATTRIBUTES: usize = 145 - 2;
}
