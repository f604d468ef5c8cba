//! Every option of a list that config_list knows, in its order: name, kind, choices, and what it is for.
//!
//! Names, kinds, choices and order are those of Mailman/Gui/; the sentences are our own.

use super::{Category, Condition, Kind, Row};
use compat::site::Switch;

const NO_YES: &[&str] = &["No", "Yes"];

const fn row(name: &'static str, kind: Kind, about: &'static str) -> Row {
    Row { name, kind, about, condition: Condition::Always }
}

const fn since(switch: Switch, row: Row) -> Row {
    Row { condition: Condition::Since(switch), ..row }
}

const fn allowed(setting: &'static str, row: Row) -> Row {
    Row { condition: Condition::Setting(setting), ..row }
}

/// All of them.
pub const CATEGORIES: &[Category] = &[
    Category {
        key: "general",
        about: "What the list is, and how it behaves.",
        rows: &[
            row("real_name", Kind::String, "The name of the list as it is shown. Only its capitals may be changed."),
            row("owner", Kind::EmailList, "Addresses of those who run the list."),
            row("moderator", Kind::EmailList, "Addresses of those who decide about held posts and requests."),
            row("description", Kind::String, "What the list is for, in a few words."),
            row("info", Kind::Text, "What the list is for, in a few paragraphs of HTML for its page."),
            row("subject_prefix", Kind::String, "What is put in front of the Subject of posts."),
            since(
                Switch::FromIsList,
                row(
                    "from_is_list",
                    Kind::Choice(&["No", "Munge From", "Wrap Message"]),
                    "Whether the list stands in From instead of the author.",
                ),
            ),
            row("anonymous_list", Kind::Choice(NO_YES), "Whether authors are hidden."),
            row("first_strip_reply_to", Kind::Choice(NO_YES), "Whether an author's own Reply-To is removed."),
            row("reply_goes_to_list", Kind::Choice(&["Poster", "This list", "Explicit address"]), "Where answers go."),
            row("reply_to_address", Kind::Email, "Where answers go if that is an explicit address."),
            row("umbrella_list", Kind::Choice(NO_YES), "Whether the members of this list are lists."),
            row(
                "umbrella_member_suffix",
                Kind::String,
                "What is added to the address of a member that is a list, to reach those who run it.",
            ),
            row("send_reminders", Kind::Choice(NO_YES), "Whether members get their password once a month."),
            row("welcome_msg", Kind::Text, "What new members read first."),
            row("send_welcome_msg", Kind::Choice(NO_YES), "Whether new members are welcomed."),
            row("goodbye_msg", Kind::Text, "What members read who leave."),
            row("send_goodbye_msg", Kind::Choice(NO_YES), "Whether members who leave get a goodbye."),
            row(
                "admin_immed_notify",
                Kind::Choice(NO_YES),
                "Whether moderators hear of each request at once, besides once a day.",
            ),
            row("admin_notify_mchanges", Kind::Choice(NO_YES), "Whether owners hear of members who come and go."),
            row("respond_to_post_requests", Kind::Choice(NO_YES), "Whether an author hears that a post is held."),
            row("emergency", Kind::Choice(NO_YES), "Whether every post is held for now."),
            row("new_member_options", Kind::Checkbox, "Options of new members, as a sum of bits."),
            row("administrivia", Kind::Choice(NO_YES), "Whether posts that look like commands are held."),
            row("max_message_size", Kind::Number, "Longer posts are held; in kilobytes, 0 for no limit."),
            row("admin_member_chunksize", Kind::Number, "How many members a page of the web interface shows."),
            row("host_name", Kind::Host, "The host of the list's addresses."),
            allowed(
                "ALLOW_RFC2369_OVERRIDES",
                row(
                    "include_rfc2369_headers",
                    Kind::Choice(NO_YES),
                    "Whether posts carry the List- headers of RFC 2369.",
                ),
            ),
            row("include_list_post_header", Kind::Choice(NO_YES), "Whether List-Post is among them."),
            allowed(
                "ALLOW_SENDER_OVERRIDES",
                row("include_sender_header", Kind::Choice(NO_YES), "Whether Sender becomes the address for bounces."),
            ),
            since(
                Switch::DropCc,
                row("drop_cc", Kind::Choice(NO_YES), "Whether members who get no second copy leave Cc."),
            ),
            row("max_days_to_hold", Kind::Number, "After so many days held posts are discarded; 0 for never."),
        ],
    },
    Category {
        key: "language",
        about: "Languages.",
        rows: &[
            row("preferred_language", Kind::Select, "The language of the list."),
            row("available_languages", Kind::Checkbox, "Languages among which members may choose."),
            row(
                "encode_ascii_prefixes",
                Kind::Choice(&["Never", "Always", "As needed"]),
                "Whether a prefix of plain letters is encoded.",
            ),
        ],
    },
    Category {
        key: "nondigest",
        about: "Posts that are delivered one by one.",
        rows: &[
            row("nondigestable", Kind::Choice(NO_YES), "Whether members may get posts one by one."),
            allowed(
                "OWNERS_CAN_ENABLE_PERSONALIZATION",
                row(
                    "personalize",
                    Kind::Choice(&["No", "Yes", "Full Personalization"]),
                    "Whether each member gets a copy of his own.",
                ),
            ),
            row("msg_header", Kind::Text, "What stands above each post."),
            row("msg_footer", Kind::Text, "What stands below each post."),
            row(
                "scrub_nondigest",
                Kind::Choice(NO_YES),
                "Whether attachments are stored in the archive, and links sent instead.",
            ),
            row(
                "regular_exclude_lists",
                Kind::EmailList,
                "Lists whose members get no copy if those lists are addressed too.",
            ),
            since(
                Switch::RegularExcludeIgnore,
                row(
                    "regular_exclude_ignore",
                    Kind::Choice(NO_YES),
                    "Whether such a list counts only if the author is a member there.",
                ),
            ),
            row(
                "regular_include_lists",
                Kind::EmailList,
                "Lists whose members get a copy too unless those lists are addressed.",
            ),
        ],
    },
    Category {
        key: "digest",
        about: "Digests.",
        rows: &[
            row("digestable", Kind::Choice(NO_YES), "Whether members may get digests."),
            row("digest_is_default", Kind::Choice(&["Regular", "Digest"]), "What new members get."),
            row("mime_is_default_digest", Kind::Choice(&["Plain", "MIME"]), "Which kind of digest new members get."),
            row("digest_size_threshhold", Kind::Number, "A digest goes out when it is so long, in kilobytes."),
            row("digest_send_periodic", Kind::Choice(NO_YES), "Whether a digest goes out every day, long or not."),
            row("digest_header", Kind::Text, "What stands at the top of a digest."),
            row("digest_footer", Kind::Text, "What stands at the bottom of a digest."),
            row(
                "digest_volume_frequency",
                Kind::Choice(&["Yearly", "Monthly", "Quarterly", "Weekly", "Daily"]),
                "How often a new volume of digests begins.",
            ),
        ],
    },
    Category {
        key: "privacy",
        about: "Who may join, and who may see it.",
        rows: &[
            row(
                "advertised",
                Kind::Choice(NO_YES),
                "Whether the list is shown to those who ask which lists there are.",
            ),
            row(
                "subscribe_policy",
                Kind::Choice(&["None", "Confirm", "Require approval", "Confirm and approve"]),
                "What somebody has to do who wants to join.",
            ),
            since(
                Switch::SubscribeAutoApproval,
                row(
                    "subscribe_auto_approval",
                    Kind::EmailListEx,
                    "Addresses and patterns of those who need no approval to join.",
                ),
            ),
            row("unsubscribe_policy", Kind::Choice(NO_YES), "Whether a moderator must approve that a member leaves."),
            row("ban_list", Kind::EmailListEx, "Addresses and patterns of those who may not join."),
            row(
                "private_roster",
                Kind::Choice(&["Anyone", "List members", "List admin only"]),
                "Who may see who is a member.",
            ),
            row(
                "obscure_addresses",
                Kind::Choice(NO_YES),
                "Whether addresses are shown in a form that robots do not find.",
            ),
        ],
    },
    Category {
        key: "privacy",
        about: "Who may post.",
        rows: &[
            row("default_member_moderation", Kind::Choice(NO_YES), "Whether posts of new members are moderated."),
            since(
                Switch::MemberVerbosity,
                row(
                    "member_verbosity_threshold",
                    Kind::Number,
                    "After so many posts within the interval a member is moderated; 0 for never.",
                ),
            ),
            since(
                Switch::MemberVerbosity,
                row("member_verbosity_interval", Kind::Number, "That interval, in seconds."),
            ),
            row(
                "member_moderation_action",
                Kind::Choice(&["Hold", "Reject", "Discard"]),
                "What becomes of posts of moderated members.",
            ),
            row("member_moderation_notice", Kind::Text, "What the author reads whose post is rejected for that."),
            since(
                Switch::DmarcModeration,
                row(
                    "dmarc_moderation_action",
                    Kind::Choice(&["Accept", "Munge From", "Wrap Message", "Reject", "Discard"]),
                    "What becomes of posts from domains whose DMARC policy forbids us to send them on.",
                ),
            ),
            since(
                Switch::DmarcModeration,
                row(
                    "dmarc_quarantine_moderation_action",
                    Kind::Choice(NO_YES),
                    "Whether that holds for p=quarantine too.",
                ),
            ),
            since(
                Switch::DmarcNoneAction,
                row("dmarc_none_moderation_action", Kind::Choice(NO_YES), "Whether that holds for p=none too."),
            ),
            since(
                Switch::DmarcModeration,
                row("dmarc_moderation_notice", Kind::Text, "What the author reads whose post is rejected for that."),
            ),
            since(
                Switch::DmarcModerationAddresses,
                row(
                    "dmarc_moderation_addresses",
                    Kind::EmailListEx,
                    "Addresses and patterns of those to whose posts it is done in any case.",
                ),
            ),
            since(
                Switch::DmarcInSpamDetect,
                row("dmarc_wrapped_message_text", Kind::Text, "What stands in front of a wrapped message."),
            ),
            since(
                Switch::EquivalentDomains,
                row("equivalent_domains", Kind::Text, "Domains that stand for each other in addresses of members."),
            ),
            row(
                "accept_these_nonmembers",
                Kind::EmailListEx,
                "Addresses, patterns and lists of others whose posts pass.",
            ),
            row("hold_these_nonmembers", Kind::EmailListEx, "Others whose posts are held."),
            row("reject_these_nonmembers", Kind::EmailListEx, "Others whose posts are rejected."),
            row("discard_these_nonmembers", Kind::EmailListEx, "Others whose posts are discarded."),
            row(
                "generic_nonmember_action",
                Kind::Choice(&["Accept", "Hold", "Reject", "Discard"]),
                "What becomes of posts of all others.",
            ),
            row("forward_auto_discards", Kind::Choice(NO_YES), "Whether moderators get what is discarded."),
            row("nonmember_rejection_notice", Kind::Text, "What others read whose post is rejected."),
        ],
    },
    Category {
        key: "privacy",
        about: "To whom posts may be addressed.",
        rows: &[
            row("require_explicit_destination", Kind::Choice(NO_YES), "Whether the list must be named in To or Cc."),
            row("acceptable_aliases", Kind::Text, "Other addresses by which it may be named, as patterns."),
            row("max_num_recipients", Kind::Number, "Posts to so many recipients are held; 0 for no limit."),
        ],
    },
    Category {
        key: "privacy",
        about: "Posts that are held for their headers.",
        rows: &[
            row("header_filter_rules", Kind::HeaderFilter, "Patterns with what becomes of posts that match."),
            row("bounce_matching_headers", Kind::Text, "Headers with patterns; posts that match are held."),
        ],
    },
    Category {
        key: "bounce",
        about: "Members whose mail comes back.",
        rows: &[
            row("bounce_processing", Kind::Choice(NO_YES), "Whether bounces are counted."),
            row("bounce_score_threshold", Kind::Number, "With this score a member's delivery stops."),
            row("bounce_info_stale_after", Kind::Number, "After so many days without a bounce the score is forgotten."),
            row(
                "bounce_you_are_disabled_warnings",
                Kind::Number,
                "How many warnings a member gets then before the membership ends.",
            ),
            row("bounce_you_are_disabled_warnings_interval", Kind::Number, "How many days lie between them."),
            row(
                "bounce_unrecognized_goes_to_list_owner",
                Kind::Choice(NO_YES),
                "Whether owners get bounces that nobody understands.",
            ),
            since(
                Switch::BounceOwnerNoticeOnIncrement,
                row(
                    "bounce_notify_owner_on_bounce_increment",
                    Kind::Choice(NO_YES),
                    "Whether owners hear of each counted bounce.",
                ),
            ),
            row("bounce_notify_owner_on_disable", Kind::Choice(NO_YES), "Whether owners hear that a delivery stops."),
            row(
                "bounce_notify_owner_on_removal",
                Kind::Choice(NO_YES),
                "Whether owners hear that a membership ends so.",
            ),
        ],
    },
    Category {
        key: "archive",
        about: "The archive.",
        rows: &[
            row("archive", Kind::Choice(NO_YES), "Whether posts are archived."),
            row("archive_private", Kind::Choice(&["public", "private"]), "Who may read the archive."),
            row(
                "archive_volume_frequency",
                Kind::Choice(&["Yearly", "Monthly", "Quarterly", "Weekly", "Daily"]),
                "How often a new volume begins.",
            ),
        ],
    },
    Category {
        key: "gateway",
        about: "From and to a newsgroup.",
        rows: &[
            row("nntp_host", Kind::String, "The news server, with its port if that is not the usual one."),
            row("linked_newsgroup", Kind::String, "The newsgroup."),
            row("gateway_to_news", Kind::Choice(NO_YES), "Whether posts go there."),
            row("gateway_to_mail", Kind::Choice(NO_YES), "Whether articles come from there."),
            row(
                "news_moderation",
                Kind::Choice(&["None", "Open list, moderated group", "Moderated"]),
                "How the newsgroup is moderated.",
            ),
            row("news_prefix_subject_too", Kind::Choice(NO_YES), "Whether the prefix of Subject goes along."),
        ],
    },
    Category {
        key: "autoreply",
        about: "Answers that the list gives by itself.",
        rows: &[
            row("autorespond_postings", Kind::Choice(NO_YES), "Whether authors get one."),
            row("autoresponse_postings_text", Kind::FileUpload, "What they read."),
            row("autorespond_admin", Kind::Choice(NO_YES), "Whether those who write to the owners get one."),
            row("autoresponse_admin_text", Kind::FileUpload, "What they read."),
            row(
                "autorespond_requests",
                Kind::Choice(&["No", "Yes, w/discard", "Yes, w/forward"]),
                "Whether those who send commands get one, and whether the commands count then.",
            ),
            row("autoresponse_request_text", Kind::FileUpload, "What they read."),
            row("autoresponse_graceperiod", Kind::Number, "For so many days nobody gets a second one."),
        ],
    },
    Category {
        key: "contentfilter",
        about: "Parts of posts that are not wanted.",
        rows: &[
            row("filter_content", Kind::Choice(NO_YES), "Whether posts are filtered."),
            row("filter_mime_types", Kind::Text, "Types of parts that are removed."),
            row("pass_mime_types", Kind::Text, "The only types of parts that stay."),
            row("filter_filename_extensions", Kind::Text, "Endings of file names of parts that are removed."),
            row("pass_filename_extensions", Kind::Text, "The only endings of file names of parts that stay."),
            row("collapse_alternatives", Kind::Choice(NO_YES), "Whether of alternatives only the first stays."),
            row("convert_html_to_plaintext", Kind::Choice(NO_YES), "Whether HTML becomes plain text."),
            row(
                "filter_action",
                Kind::Choice(&["Discard", "Reject", "Forward to List Owner", "Preserve"]),
                "What becomes of a post of which nothing stays.",
            ),
        ],
    },
    Category {
        key: "topics",
        about: "Topics among which members may choose.",
        rows: &[
            row("topics_enabled", Kind::Choice(&["Disabled", "Enabled"]), "Whether there are topics."),
            row("topics_bodylines_limit", Kind::Number, "So many lines of a post are searched too."),
            row("topics", Kind::Topics, "Names with the patterns that make a post belong to them."),
        ],
    },
];
