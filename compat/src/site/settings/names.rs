//! The names of all settings, by the kind of their values.
//!
//! They are those of the tables of [`crate::site::defaults`] and of [`crate::site::own`]; a test holds both equal. The
//! numbers to which Mailman gives names in mixed case (`Digests`, `On`) are left out: nobody asks for them.

use super::Setting;
use crate::names::{Any, Flag, Items, Number, Place, Table, Text};

/// Makes a constant of each name, and the table of them.
macro_rules! settings {
    ($($kind:ident { $($name:ident)* })*) => {
        $($(
            #[doc = concat!("`", stringify!($name), "`")]
            pub const $name: Setting<$kind> = Setting::new(stringify!($name));
        )*)*
        /// All of them, each with its kind.
        pub const ALL: &[(&str, &str)] = &[$($((stringify!($name), stringify!($kind)),)*)*];
    };
}

settings! {
    Text {
        ACCEPTABLE_LISTNAME_CHARACTERS
        ARCHIVE_SCRUBBER
        CGIEXT
        DEFAULT_ACCEPTABLE_ALIASES
        DEFAULT_BOUNCE_MATCHING_HEADERS
        DEFAULT_CHARSET
        DEFAULT_DIGEST_FOOTER
        DEFAULT_DIGEST_HEADER
        DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT
        DEFAULT_EMAIL_HOST
        DEFAULT_EQUIVALENT_DOMAINS
        DEFAULT_HOST_NAME
        DEFAULT_MSG_FOOTER
        DEFAULT_MSG_HEADER
        DEFAULT_NNTP_HOST
        DEFAULT_SERVER_LANGUAGE
        DEFAULT_SUBJECT_PREFIX
        DEFAULT_UMBRELLA_MEMBER_ADMIN_SUFFIX
        DEFAULT_URL
        DEFAULT_URL_HOST
        DEFAULT_URL_PATTERN
        DELIVERY_MODULE
        DMARC_ORGANIZATIONAL_DOMAIN_DATA_URL
        HOME_PAGE
        HTML_TO_PLAIN_TEXT_COMMAND
        IMAGE_LOGOS
        MAILMAN2_RS_BEHAVIOUR
        MAILMAN2_RS_CGI_GROUP
        MAILMAN2_RS_CONTENT_POLICY
        MAILMAN2_RS_FORM_TOKENS
        MAILMAN2_RS_HISTORY
        MAILMAN2_RS_STYLESHEET
        MAILMAN2_RS_WEB_PASSWORD_AS_TOKEN
        MAILMAN_GROUP
        MAILMAN_SITE_LIST
        MAILMAN_URL
        MAILMAN_USER
        MASTER_LOCK_FILE
        MTA
        NNTP_PASSWORD
        NNTP_USERNAME
        NORMALIZE_FORM
        POSTFIX_ALIAS_CMD
        POSTFIX_MAP_CMD
        PUBLIC_ARCHIVE_URL
        RCPT_BASE64_HEADER_NAME
        RECAPTCHA_SECRET_KEY
        RECAPTCHA_SITE_KEY
        SHORTCUT_ICON
        SMTPHOST
        SMTP_HELO_HOST
        SMTP_PASSWD
        SMTP_USER
        SUBSCRIBE_FORM_SECRET
        VERP_CONFIRM_FORMAT
        VERP_CONFIRM_REGEXP
        VERP_FORMAT
        VERP_PROBE_FORMAT
        VERP_PROBE_REGEXP
        VERP_REGEXP
        VERSION
        VIRTUAL_MAILMAN_LOCAL_DOMAIN
        WEB_ADMINITEM_COLOR
        WEB_ADMINPW_COLOR
        WEB_ALINK_COLOR
        WEB_BG_COLOR
        WEB_ERROR_COLOR
        WEB_HEADER_COLOR
        WEB_HEAD_ADD
        WEB_HIGHLIGHT_COLOR
        WEB_LINK_COLOR
        WEB_SUBHEADER_COLOR
        WEB_VLINK_COLOR
    }
    Place {
        ARCHQUEUE_DIR
        BADQUEUE_DIR
        BAD_SHUNT_ARCHIVE_DIRECTORY
        BIN_DIR
        BOUNCEQUEUE_DIR
        CMDQUEUE_DIR
        DATA_DIR
        EXEC_PREFIX
        INQUEUE_DIR
        LISTCREATOR_PW_FILE
        LIST_DATA_DIR
        LOCK_DIR
        LOG_DIR
        MAILDIR_DIR
        MAILMAN2_RS_PROGRAM
        MAILMAN2_RS_PUBLIC_SUFFIX_FILE
        MAILMAN2_RS_PYTHON
        MAILMAN2_RS_RESOLV_CONF
        MAILMAN2_RS_SMTP_TLS_CAFILE
        MESSAGES_DIR
        NEWSQUEUE_DIR
        OUTQUEUE_DIR
        PIDFILE
        PREFIX
        PRIVATE_ARCHIVE_FILE_DIR
        PUBLIC_ARCHIVE_FILE_DIR
        PYTHON
        QUEUE_DIR
        RETRYQUEUE_DIR
        SCRIPTS_DIR
        SENDMAIL_CMD
        SHUNTQUEUE_DIR
        SITE_PW_FILE
        SPAM_DIR
        TEMPLATE_DIR
        VAR_PREFIX
        VIRGINQUEUE_DIR
        WRAPPER_DIR
    }
    Number {
        ACCEPT
        ADMINDB_PAGE_TEXT_LIMIT
        ADMIN_PASSWORD_LENGTH
        ALPHA
        APPROVE
        ARCHIVER_ALLOWABLE_SANE_DATE_SKEW
        ARCHIVER_CLOBBER_DATE_POLICY
        ARCHIVE_HTML_SANITIZER
        ARCHIVE_TO_MBOX
        AUTHENTICATION_COOKIE_LIFETIME
        BAD_SHUNT_STALE_AFTER
        BETA
        DATA_FILE_VERSION
        DEFAULT_ADMIN_MEMBER_CHUNKSIZE
        DEFAULT_ARCHIVE_PRIVATE
        DEFAULT_ARCHIVE_VOLUME_FREQUENCY
        DEFAULT_BOUNCE_INFO_STALE_AFTER
        DEFAULT_BOUNCE_SCORE_THRESHOLD
        DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS
        DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS_INTERVAL
        DEFAULT_DIGEST_SIZE_THRESHHOLD
        DEFAULT_DIGEST_VOLUME_FREQUENCY
        DEFAULT_DMARC_MODERATION_ACTION
        DEFAULT_FILTER_ACTION
        DEFAULT_FROM_IS_LIST
        DEFAULT_GENERIC_NONMEMBER_ACTION
        DEFAULT_MAIL_COMMANDS_MAX_LINES
        DEFAULT_MAX_DAYS_TO_HOLD
        DEFAULT_MAX_MESSAGE_SIZE
        DEFAULT_MAX_NUM_RECIPIENTS
        DEFAULT_MEMBER_VERBOSITY_INTERVAL
        DEFAULT_MEMBER_VERBOSITY_THRESHOLD
        DEFAULT_NEW_MEMBER_OPTIONS
        DEFAULT_PRIVATE_ROSTER
        DEFAULT_REPLY_GOES_TO_LIST
        DEFAULT_SUBSCRIBE_POLICY
        DEFAULT_UNSUBSCRIBE_POLICY
        DEFER
        DELIVERY_RETRY_PERIOD
        DELIVERY_RETRY_WAIT
        DISCARD
        DMARC_RESOLVER_LIFETIME
        DMARC_RESOLVER_TIMEOUT
        FINAL
        FORM_LIFETIME
        GAMMA
        HEX_VERSION
        HOLD
        LIST_LOCK_LIFETIME
        LIST_LOCK_TIMEOUT
        MAILMAN2_RS_ENTRY_LIMIT
        MAILMAN2_RS_PYTHON_TIMEOUT
        MAILMAN2_RS_SMTP_CONNECTIONS
        MAILMAN2_RS_SMTP_TIMEOUT
        MAILMAN2_RS_WEB_ADDRESS_LIMIT
        MAILMAN2_RS_WEB_BODY_LIMIT
        MAILMAN2_RS_WEB_LOCK_TIMEOUT
        MAILMAN2_RS_WEB_NETWORK_LIMIT
        MAILMAN2_RS_WEB_PASSWORD_LIMIT
        MAJOR_REV
        MAX_AUTORESPONSES_PER_DAY
        MAX_DELIVERY_THREADS
        MAX_LISTNAME_LENGTH
        MEMBER_PASSWORD_LENGTH
        MICRO_REV
        MINOR_REV
        PENDING_FILE_SCHEMA_VERSION
        PENDING_REQUEST_LIFE
        QFILE_SCHEMA_VERSION
        QRUNNER_SLEEP_TIME
        RC
        REGISTER_BOUNCES_EVERY
        REJECT
        REL_LEVEL
        REL_SERIAL
        REQUESTS_FILE_SCHEMA_VERSION
        RESPONSE_INCLUDE_LEVEL
        SMTPLIB_DEBUG_LEVEL
        SMTPPORT
        SMTP_MAX_RCPTS
        SMTP_MAX_SESSIONS_PER_CONNECTION
        SSENDER
        SSENDERTIME
        STIME
        SUBSCRIBE
        SUBSCRIBE_FORM_MIN_TIME
        TEXTFIELDWIDTH
        UNSUBSCRIBE
        VERBOSE_CLEAN_LIMIT
        VERP_DELIVERY_INTERVAL
    }
    Flag {
        ALLOW_CROSS_DOMAIN_SIBLING
        ALLOW_OPEN_SUBSCRIBE
        ALLOW_RFC2369_OVERRIDES
        ALLOW_SENDER_OVERRIDES
        ALLOW_SITE_ADMIN_COOKIES
        ARCHIVER_OBSCURES_EMAILADDRS
        BLOCK_SPAMHAUS_LISTED_DBL_SUBSCRIBE
        BLOCK_SPAMHAUS_LISTED_IP_SUBSCRIBE
        BROKEN_BROWSER_WORKAROUND
        DEFAULT_ADMINISTRIVIA
        DEFAULT_ADMIN_IMMED_NOTIFY
        DEFAULT_ADMIN_NOTIFY_MCHANGES
        DEFAULT_ANONYMOUS_LIST
        DEFAULT_ARCHIVE
        DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT
        DEFAULT_BOUNCE_NOTIFY_OWNER_ON_DISABLE
        DEFAULT_BOUNCE_NOTIFY_OWNER_ON_REMOVAL
        DEFAULT_BOUNCE_PROCESSING
        DEFAULT_BOUNCE_UNRECOGNIZED_GOES_TO_LIST_OWNER
        DEFAULT_COLLAPSE_ALTERNATIVES
        DEFAULT_CONVERT_HTML_TO_PLAINTEXT
        DEFAULT_DEFAULT_MEMBER_MODERATION
        DEFAULT_DIGESTABLE
        DEFAULT_DIGEST_IS_DEFAULT
        DEFAULT_DIGEST_SEND_PERIODIC
        DEFAULT_DMARC_NONE_MODERATION_ACTION
        DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION
        DEFAULT_DROP_CC
        DEFAULT_FILTER_CONTENT
        DEFAULT_FIRST_STRIP_REPLY_TO
        DEFAULT_FORWARD_AUTO_DISCARDS
        DEFAULT_LIST_ADVERTISED
        DEFAULT_MIME_IS_DEFAULT_DIGEST
        DEFAULT_NONDIGESTABLE
        DEFAULT_OBSCURE_ADDRESSES
        DEFAULT_REGULAR_EXCLUDE_IGNORE
        DEFAULT_REQUIRE_EXPLICIT_DESTINATION
        DEFAULT_RESPOND_TO_POST_REQUESTS
        DEFAULT_SCRUB_NONDIGEST
        DEFAULT_SEND_GOODBYE_MSG
        DEFAULT_SEND_REMINDERS
        DEFAULT_SEND_WELCOME_MSG
        DEFAULT_SUBSCRIBE_OR_INVITE
        DEFAULT_UMBRELLA_LIST
        DISABLE_COMMAND_LOCALE_CSET
        DISCARD_MESSAGE_WITH_NO_COMMAND
        DISPLAY_HELD_SUMMARY_SORT_BUTTONS
        GZIP_ARCHIVE_TXT_FILES
        HOLD_MESSAGES_AS_PICKLES
        LIST_LOCK_DEBUGGING
        MAILMAN2_RS_HELD_POST_LINK
        OLD_STYLE_PREFIXING
        OWNERS_CAN_CHANGE_MEMBER_PASSWORDS
        OWNERS_CAN_DELETE_THEIR_OWN_LISTS
        OWNERS_CAN_ENABLE_PERSONALIZATION
        OWNERS_CAN_PRESERVE_FILTERED_MESSAGES
        PENDINGDB_LOCK_DEBUGGING
        PUBLIC_MBOX
        QRUNNER_SAVE_BAD_MESSAGES
        REFUSE_SECOND_PENDING
        REMOVE_DKIM_HEADERS
        ROSTER_DISPLAY_REALNAME
        SCRUBBER_DONT_USE_ATTACHMENT_FILENAME
        SCRUBBER_USE_ATTACHMENT_FILENAME_EXTENSION
        SMTP_AUTH
        SMTP_USE_TLS
        SYNC_AFTER_WRITE
        USER_FRIENDLY_PASSWORDS
        USE_ENVELOPE_SENDER
        USE_MAILDIR
        VERP_CONFIRMATIONS
        VERP_PASSWORD_REMINDERS
        VERP_PERSONALIZED_DELIVERIES
        VERP_PROBES
        VIRTUAL_HOST_OVERVIEW
        WARN_MEMBER_OF_SUBSCRIBE
    }
    Items {
        ADMIN_CATEGORIES
        ANONYMOUS_LIST_KEEP_HEADERS
        DEFAULT_FILTER_FILENAME_EXTENSIONS
        DEFAULT_FILTER_MIME_TYPES
        DEFAULT_PASS_FILENAME_EXTENSIONS
        DEFAULT_PASS_MIME_TYPES
        DEFAULT_REGULAR_EXCLUDE_LISTS
        DEFAULT_REGULAR_INCLUDE_LISTS
        DEFAULT_SUBSCRIBE_AUTO_APPROVAL
        GLOBAL_BAN_LIST
        GLOBAL_PIPELINE
        KNOWN_SPAMMERS
        MAILMAN2_RS_RUNNERS
        MAILMAN2_RS_TRUSTED_PROXIES
        MIME_DIGEST_KEEP_HEADERS
        NNTP_REMOVE_HEADERS
        NNTP_REWRITE_DUPLICATE_HEADERS
        OWNER_PIPELINE
        PLAIN_DIGEST_KEEP_HEADERS
        POSTFIX_STYLE_VIRTUAL_DOMAINS
        QRUNNERS
        SENDER_HEADERS
        SMTP_LOG_EACH_FAILURE
        SMTP_LOG_EVERY_MESSAGE
        SMTP_LOG_REFUSED
        SMTP_LOG_SUCCESS
        VERBATIM_ENCODING
    }
    Table {
        BROKEN_BROWSER_REPLACEMENTS
        CAPTCHAS
        LC_DESCRIPTIONS
        OPTINFO
        VIRTUAL_HOSTS
    }
    Any {
        MAILMAN2_RS_MAIL_GROUP
        PRIVATE_EXTERNAL_ARCHIVER
        PUBLIC_EXTERNAL_ARCHIVER
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::names::by_name;
    use crate::site::own::OWN_SETTINGS;
    use crate::site::{defaults, Version};
    use crate::value::Value;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn fits(kind: &str, value: &Value) -> bool {
        match kind {
            "Text" | "Place" => value.as_text().is_some(),
            "Number" | "Flag" => value.as_float().is_some(),
            "Items" => value.as_items().is_some(),
            "Table" => value.as_dict().is_some(),
            kind => kind == "Any",
        }
    }

    #[test]
    fn each_name_is_in_a_table_and_its_value_of_its_kind() {
        let versions = (13..=39).map(|micro| defaults::settings(Version { micro }, Path::new("/srv/x")));
        let mut known: BTreeSet<String> = OWN_SETTINGS.iter().map(|own| own.name.to_string()).collect();
        for settings in versions {
            for (name, kind) in ALL {
                let value = settings.get(by_name(name));
                assert!(value.is_none_or(|value| *value == Value::None || fits(kind, value)), "{name}: {value:?}");
            }
            known.extend(settings.names().into_iter().map(str::to_string));
        }
        known.retain(|name| !name.contains(|c: char| c.is_ascii_lowercase()));
        let constants: BTreeSet<String> = ALL.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(constants.len(), ALL.len());
        assert_eq!(constants, known);
    }
}
