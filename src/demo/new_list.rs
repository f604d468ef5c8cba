//! A new list, as Mailman's bin/newlist and bin/add_members would leave it: every attribute that 2.1.39 gives a list,
//! with the site's defaults. For the demonstration; a site in use makes its lists with Mailman's own tools.

use compat::durable;
use compat::pickle::{self, Dict, Protocol, Value};
use compat::site::{SettingError, Settings, Site};
use std::io::{self, Write};
use std::rc::Rc;
use std::time::SystemTime;

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

/// A member to be.
pub struct NewMember {
    pub address: &'static str,
    pub name: &'static str,
    pub digest: bool,
}

/// A list to be.
pub struct NewList<'a> {
    pub name: &'a str,
    pub owners: &'a [&'a str],
    pub members: &'a [NewMember],
}

use From::{Int, List, Setting, Text};

/// Attributes whose value does not depend on the list, as `InitVars` of 2.1.39 sets them.
const ATTRIBUTES: &[(&str, From)] = &[
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
    ("bounce_notify_owner_on_bounce_increment", Setting("DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT")),
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
    ("digest_send_periodic", Setting("DEFAULT_DIGEST_SEND_PERIODIC")),
    ("digest_size_threshhold", Setting("DEFAULT_DIGEST_SIZE_THRESHHOLD")),
    ("digest_volume_frequency", Setting("DEFAULT_DIGEST_VOLUME_FREQUENCY")),
    ("digestable", Setting("DEFAULT_DIGESTABLE")),
    ("discard_these_nonmembers", List),
    ("dmarc_moderation_action", Setting("DEFAULT_DMARC_MODERATION_ACTION")),
    ("dmarc_moderation_addresses", List),
    ("dmarc_moderation_notice", Text("")),
    ("dmarc_none_moderation_action", Setting("DEFAULT_DMARC_NONE_MODERATION_ACTION")),
    ("dmarc_quarantine_moderation_action", Setting("DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION")),
    ("dmarc_wrapped_message_text", Setting("DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT")),
    ("drop_cc", Setting("DEFAULT_DROP_CC")),
    ("emergency", Int(0)),
    ("encode_ascii_prefixes", Int(0)),
    ("equivalent_domains", Setting("DEFAULT_EQUIVALENT_DOMAINS")),
    ("filter_action", Setting("DEFAULT_FILTER_ACTION")),
    ("filter_content", Setting("DEFAULT_FILTER_CONTENT")),
    ("filter_filename_extensions", Setting("DEFAULT_FILTER_FILENAME_EXTENSIONS")),
    ("filter_mime_types", Setting("DEFAULT_FILTER_MIME_TYPES")),
    ("first_strip_reply_to", Setting("DEFAULT_FIRST_STRIP_REPLY_TO")),
    ("forward_auto_discards", Setting("DEFAULT_FORWARD_AUTO_DISCARDS")),
    ("from_is_list", Setting("DEFAULT_FROM_IS_LIST")),
    ("gateway_to_mail", Int(0)),
    ("gateway_to_news", Int(0)),
    ("generic_nonmember_action", Setting("DEFAULT_GENERIC_NONMEMBER_ACTION")),
    ("goodbye_msg", Text("")),
    ("header_filter_rules", List),
    ("hold_and_cmd_autoresponses", From::Dict),
    ("hold_these_nonmembers", List),
    ("include_list_post_header", Int(1)),
    ("include_rfc2369_headers", Int(1)),
    ("include_sender_header", Int(1)),
    ("info", Text("")),
    ("last_post_time", Int(0)),
    ("linked_newsgroup", Text("")),
    ("max_days_to_hold", Setting("DEFAULT_MAX_DAYS_TO_HOLD")),
    ("max_message_size", Setting("DEFAULT_MAX_MESSAGE_SIZE")),
    ("max_num_recipients", Setting("DEFAULT_MAX_NUM_RECIPIENTS")),
    ("member_moderation_action", Int(0)),
    ("member_moderation_notice", Text("")),
    ("member_verbosity_interval", Setting("DEFAULT_MEMBER_VERBOSITY_INTERVAL")),
    ("member_verbosity_threshold", Setting("DEFAULT_MEMBER_VERBOSITY_THRESHOLD")),
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
    ("personalize", Int(0)),
    ("post_password", From::None),
    ("postings_responses", From::Dict),
    ("preferred_language", Setting("DEFAULT_SERVER_LANGUAGE")),
    ("private_roster", Setting("DEFAULT_PRIVATE_ROSTER")),
    ("regular_exclude_ignore", Setting("DEFAULT_REGULAR_EXCLUDE_IGNORE")),
    ("regular_exclude_lists", Setting("DEFAULT_REGULAR_EXCLUDE_LISTS")),
    ("regular_include_lists", Setting("DEFAULT_REGULAR_INCLUDE_LISTS")),
    ("reject_these_nonmembers", List),
    ("reply_goes_to_list", Setting("DEFAULT_REPLY_GOES_TO_LIST")),
    ("reply_to_address", Text("")),
    ("request_responses", From::Dict),
    ("require_explicit_destination", Setting("DEFAULT_REQUIRE_EXPLICIT_DESTINATION")),
    ("respond_to_post_requests", Setting("DEFAULT_RESPOND_TO_POST_REQUESTS")),
    ("scrub_nondigest", Setting("DEFAULT_SCRUB_NONDIGEST")),
    ("send_goodbye_msg", Setting("DEFAULT_SEND_GOODBYE_MSG")),
    ("send_reminders", Setting("DEFAULT_SEND_REMINDERS")),
    ("send_welcome_msg", Setting("DEFAULT_SEND_WELCOME_MSG")),
    ("subscribe_auto_approval", Setting("DEFAULT_SUBSCRIBE_AUTO_APPROVAL")),
    ("subscribe_policy", Setting("DEFAULT_SUBSCRIBE_POLICY")),
    ("topics", List),
    ("topics_bodylines_limit", Int(5)),
    ("topics_enabled", Int(0)),
    ("topics_userinterest", From::Dict),
    ("umbrella_list", Setting("DEFAULT_UMBRELLA_LIST")),
    ("umbrella_member_suffix", Setting("DEFAULT_UMBRELLA_MEMBER_ADMIN_SUFFIX")),
    ("unsubscribe_policy", Setting("DEFAULT_UNSUBSCRIBE_POLICY")),
    ("volume", Int(1)),
    ("welcome_msg", Text("")),
];

/// Why a list could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NewListError {
    /// A default is missing.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Its files could not be written.
    #[error("list {name}: {source}")]
    Io { name: String, source: io::Error },
}

/// Makes a list: its folder, its archive's folders, its config.pck.
pub fn create(site: &Rc<Site>, list: &NewList<'_>) -> Result<(), NewListError> {
    let attributes = attributes(&site.settings, list)?;
    write(site, list.name, attributes).map_err(|source| NewListError::Io { name: list.name.to_string(), source })
}

fn write(site: &Site, name: &str, attributes: Dict) -> io::Result<()> {
    let folder = site.settings.path("LIST_DATA_DIR").join(name);
    let archives = site.settings.path("PRIVATE_ARCHIVE_FILE_DIR");
    for folder in [&folder, &archives.join(name), &archives.join(format!("{name}.mbox"))] {
        durable::mkdir_all(folder, 0o2775)?;
    }
    let bytes = pickle::dumps(&Value::dict(attributes), Protocol::P1)?;
    durable::replace(&folder.join("config.pck"), &folder.join("config.pck.tmp"), durable::FILE_MODE, |file| {
        file.write_all(&bytes)
    })
}

fn attributes(settings: &Settings, list: &NewList<'_>) -> Result<Dict, SettingError> {
    let mut dict = Dict::new();
    for (name, from) in ATTRIBUTES {
        dict.set(*name, first_value(settings, from)?);
    }
    let mut real_name = list.name.to_string();
    if let Some(first) = real_name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    dict.set("created_at", Value::Float(now.as_micros() as f64 / 1e6));
    dict.set("post_id", Value::Float(1.0));
    dict.set("subject_prefix", Value::str(format!("[{real_name}] ")));
    dict.set("real_name", Value::str(real_name));
    dict.set("host_name", settings.require("DEFAULT_EMAIL_HOST")?.clone());
    let url_host = settings.str("DEFAULT_URL_HOST")?.to_latin1();
    dict.set("web_page_url", Value::str(settings.str("DEFAULT_URL_PATTERN")?.to_latin1().replacen("%s", &url_host, 1)));
    dict.set("available_languages", Value::list(vec![settings.require("DEFAULT_SERVER_LANGUAGE")?.clone()]));
    dict.set("owner", Value::list(list.owners.iter().map(|owner| Value::str(*owner)).collect()));
    // Nobody can log in: no password has this for its SHA-1.
    dict.set("password", Value::str("-".repeat(40)));
    add_members(&mut dict, settings, list.members)?;
    Ok(dict)
}

fn first_value(settings: &Settings, from: &From) -> Result<Value, SettingError> {
    Ok(match from {
        From::Setting(name) => settings.require(name)?.clone(),
        From::Int(n) => Value::Int(*n),
        From::Text(text) => Value::str(*text),
        From::None => Value::None,
        From::List => Value::list(Vec::new()),
        From::Dict => Value::dict(Dict::new()),
    })
}

/// The dictionaries that together are the roster, keyed by the address in lower case.
fn add_members(dict: &mut Dict, settings: &Settings, members: &[NewMember]) -> Result<(), SettingError> {
    let collect = |value: &dyn Fn(&NewMember) -> Option<Value>| {
        let items = members.iter().filter_map(|member| Some((member.address.into(), value(member)?)));
        Value::dict(items.collect())
    };
    let language = settings.require("DEFAULT_SERVER_LANGUAGE")?.clone();
    let options = settings.require("DEFAULT_NEW_MEMBER_OPTIONS")?.clone();
    dict.set("members", collect(&|m| (!m.digest).then_some(Value::Int(0))));
    dict.set("digest_members", collect(&|m| m.digest.then_some(Value::Int(0))));
    dict.set("usernames", collect(&|m| Some(Value::str(m.name))));
    dict.set("passwords", collect(&|_| Some(Value::str("not-a-password"))));
    dict.set("language", collect(&|_| Some(language.clone())));
    dict.set("user_options", collect(&|_| Some(options.clone())));
    Ok(())
}
