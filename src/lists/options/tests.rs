//! The table against the attributes of a new list, and the forms of values. Literals are what Mailman's config_list wrote.

use super::apply::{set, Outcome};
use super::complaints::{Complaint, MIME_TYPE};
use super::form::{handle, Handled};
use super::show::{self, Language};
use super::{all, Action, Category, Initial};
use crate::demo::new_list::{self, NewList};
use crate::demo::site;
use crate::lists::attributes;
use crate::notice::Words;
use compat::format::text_of;
use compat::list::attributes as of_list;
use compat::list::MailList;
use compat::names::by_name;
use compat::value::Value;
use compat::ByteStr;

fn list() -> (tempfile::TempDir, MailList) {
    let folder = tempfile::tempdir().unwrap();
    let site = site::create(folder.path(), &[]).unwrap();
    new_list::create(&site, &NewList { name: "garden", owners: &["rose@example.com"], members: &[] }).unwrap();
    let list = MailList::load(&site, "garden").unwrap();
    (folder, list)
}

fn file(list: &MailList) -> String {
    let words = Words::new(list.site(), b"en");
    let shown = |english: &str, values: &[(&str, Value)]| words.fill(english, values);
    String::from_utf8(show::file(list, 0, &Language { words: &words, shown: &shown })).unwrap()
}

/// The attributes of a list of 2.1.13, and those that 2.1.39 adds: from files that they wrote.
const OLD_ATTRIBUTES: &str = "\
accept_these_nonmembers acceptable_aliases admin_immed_notify admin_member_chunksize admin_notify_mchanges \
admin_responses administrivia advertised anonymous_list archive archive_private archive_volume_frequency \
autorespond_admin autorespond_postings autorespond_requests autoresponse_admin_text autoresponse_graceperiod \
autoresponse_postings_text autoresponse_request_text available_languages ban_list bounce_info \
bounce_info_stale_after bounce_matching_headers bounce_notify_owner_on_disable bounce_notify_owner_on_removal \
bounce_processing bounce_score_threshold bounce_unrecognized_goes_to_list_owner \
bounce_you_are_disabled_warnings bounce_you_are_disabled_warnings_interval collapse_alternatives \
convert_html_to_plaintext created_at data_version default_member_moderation delivery_status description \
digest_footer digest_header digest_is_default digest_last_sent_at digest_members digest_send_periodic \
digest_size_threshhold digest_volume_frequency digestable discard_these_nonmembers emergency \
encode_ascii_prefixes filter_action filter_content filter_filename_extensions filter_mime_types \
first_strip_reply_to forward_auto_discards gateway_to_mail gateway_to_news generic_nonmember_action \
goodbye_msg header_filter_rules hold_and_cmd_autoresponses hold_these_nonmembers host_name \
include_list_post_header include_rfc2369_headers info language last_post_time linked_newsgroup \
max_days_to_hold max_message_size max_num_recipients member_moderation_action member_moderation_notice members \
mime_is_default_digest mod_password moderator msg_footer msg_header new_member_options news_moderation \
news_prefix_subject_too next_digest_number next_post_number next_request_id nntp_host nondigestable \
nonmember_rejection_notice obscure_addresses one_last_digest owner pass_filename_extensions pass_mime_types \
password passwords personalize post_id postings_responses preferred_language private_roster real_name \
regular_exclude_lists regular_include_lists reject_these_nonmembers reply_goes_to_list reply_to_address \
request_responses require_explicit_destination respond_to_post_requests scrub_nondigest send_goodbye_msg \
send_reminders send_welcome_msg subject_prefix subscribe_policy topics topics_bodylines_limit topics_enabled \
topics_userinterest umbrella_list umbrella_member_suffix unsubscribe_policy user_options usernames volume \
web_page_url welcome_msg";
const NEW_ATTRIBUTES: &str = "\
bounce_notify_owner_on_bounce_increment dmarc_moderation_action dmarc_moderation_addresses \
dmarc_moderation_notice dmarc_none_moderation_action dmarc_quarantine_moderation_action \
dmarc_wrapped_message_text drop_cc equivalent_domains from_is_list include_sender_header \
member_verbosity_interval member_verbosity_threshold post_password regular_exclude_ignore \
subscribe_auto_approval";

#[test]
fn every_attribute_is_an_option_or_named_as_none() {
    let no_options: Vec<&str> = attributes::no_options().collect();
    let options: Vec<_> = all().map(|(_, row)| row).collect();
    for name in OLD_ATTRIBUTES.split(' ').chain(NEW_ATTRIBUTES.split(' ')) {
        let found = options.iter().filter(|row| row.name == name).count();
        let none = no_options.iter().filter(|none| **none == name).count();
        assert_eq!(found + none, 1, "{name}");
    }
    for row in options.iter().filter(|row| row.is_stored()) {
        let old = OLD_ATTRIBUTES.split(' ').any(|name| name == row.name);
        let new = NEW_ATTRIBUTES.split(' ').any(|name| name == row.name);
        assert!(old || new, "{}", row.name);
        assert_eq!(row.since.is_some(), new, "{}", row.name);
    }
}

/// What compat fills in for lists of older versions is what a new list has.
#[test]
fn defaults_of_old_lists_are_those_of_the_table() {
    for (name, setting) in compat::list::added_attributes() {
        let Some((_, row)) = all().find(|(_, row)| row.name == name.as_str()) else {
            assert_eq!(name, of_list::POST_PASSWORD.any());
            continue;
        };
        assert!(row.since.is_some(), "{name}");
        match row.initial {
            Initial::Setting(own) => assert_eq!(Some(own), setting, "{name}"),
            _ => assert_eq!(None, setting, "{name}"),
        }
    }
}

#[test]
fn values_are_written_as_mailman_does() {
    let (_folder, mut list) = list();
    list.set(of_list::DESCRIPTION, Value::str("It's \"new\""));
    list.set(of_list::INFO, Value::str("one\ntwo \"2\"\n"));
    let text = file(&list);
    for line in [
        "real_name = 'Garden'",
        "owner = ['rose@example.com']",
        "description = 'It\\'s \"new\"'",
        "info = \"\"\"one\ntwo \\\"2\\\"\"\"\"",
        "moderator = []",
        "bounce_info_stale_after = 7",
        "goodbye_msg = ''",
        "advertised = True",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line}\n{text}");
    }
    assert!(text.contains("#\n# legal values are:\n#    0 = \"No\"\n#    1 = \"Yes\"\nanonymous_list = False\n"));
    assert!(text.contains("#    1 = \"Confirm\"\n") && !text.contains("#    0 = \"None\"\n#    1 = \"Confirm\""));
}

#[test]
fn values_are_checked_and_converted() {
    let (_folder, mut list) = list();
    let fine = Outcome::Set(Vec::new());
    assert_eq!(set(&mut list, "no_such", &Value::Int(1)), Outcome::Unknown);
    assert_eq!(set(&mut list, "volume", &Value::Int(7)), Outcome::NonStandard);
    assert_eq!(set(&mut list, "advertised", &Value::str("x")), Outcome::Invalid);
    assert_eq!(set(&mut list, "owner", &Value::str("a@b.example\nbad")), Outcome::BadAddress("bad".into()));
    assert_eq!(set(&mut list, "owner", &Value::str("a@b.example\n\n c@d.example ")), fine);
    assert_eq!(list.strings(of_list::OWNER), ["a@b.example", "c@d.example"]);
    assert_eq!(set(&mut list, "bounce_info_stale_after", &Value::Int(2)), fine);
    assert_eq!(list.get(of_list::BOUNCE_INFO_STALE_AFTER), Some(&Value::Int(172_800)));
    assert_eq!(
        set(&mut list, "filter_mime_types", &Value::str("Image/GIF\na/b/c")),
        Outcome::Set(vec![Complaint::error("filter_mime_types", &MIME_TYPE).with("spectype", "a/b/c")])
    );
    assert_eq!(list.strings(of_list::FILTER_MIME_TYPES), ["image/gif"]);
    assert!(matches!(set(&mut list, "real_name", &Value::str("Other")), Outcome::Refused(_)));
    assert_eq!(set(&mut list, "real_name", &Value::str("GARDEN")), fine);
    // Equal values stay as they are; options of privacy are set in any case.
    assert_eq!(set(&mut list, "archive", &Value::Int(1)), fine);
    assert_eq!(list.get(of_list::ARCHIVE), Some(&Value::Bool(true)));
    assert_eq!(set(&mut list, "advertised", &Value::Int(1)), fine);
    assert_eq!(list.get(of_list::ADVERTISED), Some(&Value::Int(1)));
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(ByteStr, ByteStr)> {
    pairs.iter().map(|(name, value)| (ByteStr::from(*name), ByteStr::from(*value))).collect()
}

fn sent(list: &mut MailList, category: &str, sub: Option<&str>, pairs: &[(&str, &str)]) -> Handled {
    let category = Category::find(category.as_bytes(), sub.map(str::as_bytes)).unwrap();
    handle(list, category, &fields(pairs), None)
}

fn complained(handled: &Handled) -> Vec<&str> {
    handled.complaints.iter().map(|complaint| complaint.option).collect()
}

#[test]
fn a_page_sets_what_is_valid_and_says_what_is_not() {
    let (_folder, mut list) = list();
    let pairs = [
        ("real_name", "Other"),
        ("max_message_size", "many"),
        ("admin_member_chunksize", "-5"),
        ("reply_to_address", "nonsense"),
        ("description", "First"),
        ("description", "second"),
        ("new_member_options", "ignore"),
        ("new_member_options", "hide"),
        ("subject_prefix", "[&#8364;] "),
        ("max_days_to_hold", "1.5"),
        ("info", "<script>"),
    ];
    let handled = sent(&mut list, "general", None, &pairs);
    assert_eq!(complained(&handled), ["real_name", "info", "reply_to_address", "max_message_size"]);
    assert_eq!(list.get(of_list::DESCRIPTION), Some(&Value::str("First")));
    assert_eq!(list.get(of_list::ADMIN_MEMBER_CHUNKSIZE), Some(&Value::Int(30)));
    assert_eq!(list.get(of_list::SUBJECT_PREFIX), Some(&Value::Unicode("[\u{20ac}] ".into())));
    assert_eq!(list.get(of_list::MAX_DAYS_TO_HOLD), Some(&Value::Float(1.5)));
    assert_eq!(list.int(of_list::NEW_MEMBER_OPTIONS), 16);
    let handled = sent(&mut list, "general", None, &[("reply_goes_to_list", "2"), ("reply_to_address", " ")]);
    assert_eq!(complained(&handled), ["reply_to_address", "reply_goes_to_list"]);
    assert_eq!((list.int(of_list::REPLY_GOES_TO_LIST), list.str(of_list::REPLY_TO_ADDRESS)), (0, "".into()));
}

#[test]
fn a_page_counts_policies_from_the_first_that_it_offers() {
    let (_folder, mut list) = list();
    sent(&mut list, "privacy", None, &[("subscribe_policy", "1")]);
    assert_eq!(list.get(of_list::SUBSCRIBE_POLICY), Some(&Value::Int(2)));
    assert_eq!(set(&mut list, "subscribe_policy", &Value::Int(1)), Outcome::Set(Vec::new()));
    assert_eq!(list.get(of_list::SUBSCRIBE_POLICY), Some(&Value::Int(1)));
}

#[test]
fn an_upload_comes_first_and_actions_are_told() {
    let (_folder, mut list) = list();
    let texts = [("autoresponse_admin_text", "typed"), ("autoresponse_admin_text_upload", "sent")];
    sent(&mut list, "autoreply", None, &texts);
    assert_eq!(list.str(of_list::AUTORESPONSE_ADMIN_TEXT), "sent");
    sent(&mut list, "autoreply", None, &[("autoresponse_admin_text", "typed"), ("autoresponse_admin_text_upload", "")]);
    assert_eq!(list.str(of_list::AUTORESPONSE_ADMIN_TEXT), "typed");
    let asked = [("_send_digest_now", "1"), ("_new_volume", "1")];
    assert_eq!(sent(&mut list, "digest", None, &asked).actions, [Action::NewVolume, Action::SendDigest]);
    assert_eq!(sent(&mut list, "digest", None, &[("_new_volume", "0")]), Handled::default());
    assert_eq!(complained(&sent(&mut list, "digest", None, &[("_new_volume", "x")])), ["_new_volume"]);
}

fn rules(list: &MailList) -> Vec<String> {
    let items = list.get(of_list::HEADER_FILTER_RULES).and_then(Value::as_items).unwrap_or_default();
    let text = |item: &Value| String::from_utf8_lossy(&text_of(&item.as_items().unwrap()[0])).into_owned();
    items.iter().map(text).collect()
}

#[test]
fn rules_are_moved_added_and_dropped() {
    let (_folder, mut list) = list();
    let three = [("hdrfilter_rebox_01", "a"), ("hdrfilter_rebox_02", "b"), ("hdrfilter_rebox_03", "c")];
    let mut with = |more: &[(&'static str, &'static str)]| {
        let handled = sent(&mut list, "privacy", Some("spam"), &[&three[..], more].concat());
        (rules(&list).join(" "), handled.complaints.len())
    };
    assert_eq!(with(&[("hdrfilter_up_03", "")]), ("a c b".into(), 0));
    assert_eq!(with(&[("hdrfilter_up_01", "")]), ("a b c".into(), 0));
    assert_eq!(with(&[("hdrfilter_down_01", "")]), ("b a c".into(), 0));
    assert_eq!(with(&[("hdrfilter_down_03", "")]), ("a b c".into(), 0));
    assert_eq!(with(&[("hdrfilter_delete_02", "")]), ("a c".into(), 0));
    assert_eq!(with(&[("hdrfilter_add_02", ""), ("hdrfilter_where_02", "before")]), ("a  b c".into(), 0));
    assert_eq!(with(&[("hdrfilter_add_03", "")]), ("a b c ".into(), 0));
    assert_eq!(with(&[("hdrfilter_rebox_04", "("), ("hdrfilter_rebox_05", "d")]), ("a b c d".into(), 1));
    assert_eq!(with(&[("hdrfilter_rebox_04", ""), ("hdrfilter_new_04", "")]), ("a b c".into(), 1));
    let action = |list: &MailList| list.get(of_list::HEADER_FILTER_RULES).unwrap().as_items().unwrap()[0].clone();
    sent(&mut list, "privacy", Some("spam"), &[("hdrfilter_rebox_01", "&#228;"), ("hdrfilter_action_01", "7")]);
    let expected = vec![Value::Unicode("\u{e4}".into()), Value::Int(7), Value::Bool(false)];
    assert_eq!(action(&list), Value::tuple(expected));
    sent(&mut list, "privacy", Some("sender"), &[("hdrfilter_rebox_01", "x")]);
    assert_eq!(rules(&list), ["\u{e4}"]);
    sent(&mut list, "privacy", Some("spam"), &[("header_filter_rules", "x")]);
    assert_eq!(rules(&list), ["\u{e4}"]);
    sent(&mut list, "privacy", Some("spam"), &[("hdrfilter_rebox_01", "y"), ("header_filter_rules", "")]);
    assert_eq!(list.get(of_list::HEADER_FILTER_RULES), Some(&Value::str("")));
}

/// Mailman stores both, in which case a text is none any more, or fails.
#[test]
fn of_a_field_that_is_sent_twice_the_first_counts() {
    let (_folder, mut list) = list();
    let twice = [("description", "one"), ("description", "two"), ("max_days_to_hold", "3"), ("max_days_to_hold", "4")];
    sent(&mut list, "general", None, &twice);
    assert_eq!(list.get(of_list::DESCRIPTION), Some(&Value::str("one")));
    assert_eq!(list.get(of_list::MAX_DAYS_TO_HOLD), Some(&Value::Int(3)));
}

#[test]
fn topics_are_made_anew() {
    let (_folder, mut list) = list();
    let pairs = [
        ("topic_box_01", "<A>"),
        ("topic_rebox_01", "a\r\nb"),
        ("topic_desc_01", "of a"),
        ("topic_add_01", ""),
        ("topic_box_02", "B"),
        ("topic_rebox_02", "("),
        ("topic_desc_02", ""),
        ("topics_enabled", "x"),
        ("topics_bodylines_limit", "-1"),
    ];
    assert_eq!(complained(&sent(&mut list, "topics", None, &pairs)), ["topics"]);
    let text = Value::str;
    let first = vec![text("&lt;A&gt;"), text("a\r\nb"), text("of a"), Value::Bool(false)];
    let empty = vec![text(""), text(""), text(""), Value::Bool(true)];
    assert_eq!(list.get(of_list::TOPICS), Some(&Value::list(vec![Value::tuple(first), Value::tuple(empty)])));
    assert_eq!((list.int(of_list::TOPICS_ENABLED), list.int(of_list::TOPICS_BODYLINES_LIMIT)), (0, -1));
    sent(&mut list, "topics", None, &[("topics_enabled", "1")]);
    assert_eq!(list.int(of_list::TOPICS_ENABLED), 0);
}

#[test]
fn remarks_are_plain_on_a_terminal() {
    let (_folder, mut list) = list();
    list.set(of_list::BOUNCE_SCORE_THRESHOLD, Value::Float(5.0));
    let refused = set(&mut list, "bounce_score_threshold", &Value::str("x"));
    assert_eq!(refused, Outcome::Invalid);
    let Outcome::Set(doubts) = set(&mut list, "msg_footer", &Value::str("%(b)s %(real_name)s %(a)s")) else { panic!() };
    assert_eq!(doubts[0].english(), "Warning: msg_footer: nothing is filled in for a, b");
    let handled = sent(&mut list, "gateway", None, &[("gateway_to_news", "1")]);
    let text = handled.complaints[0].english().to_string();
    assert!(text.contains("news server and newsgroup are named") && !text.contains('<'), "{text}");
}

#[test]
fn unicode_stays_unicode_in_the_file() {
    let (_folder, mut list) = list();
    list.set(of_list::MSG_HEADER, Value::Unicode("head".into()));
    list.set(of_list::INFO, Value::Unicode("ä".into()));
    list.set(of_list::WELCOME_MSG, Value::Unicode("one\ntwo".into()));
    let text = file(&list);
    assert!(text.contains("\nmsg_header = u'head'\n"));
    assert!(text.contains("\ninfo = u'\\xe4'\n"));
    assert!(text.contains("\nwelcome_msg = \"\"\"one\ntwo\"\"\"\n"));
}

#[test]
fn kinds_of_values_that_python_fails_on() {
    let (_folder, mut list) = list();
    let of_one = || Value::list(vec![Value::Int(1)]);
    let bad = [
        ("archive", of_one()),
        ("archive", Value::Float(f64::INFINITY)),
        ("digest_size_threshhold", Value::None),
        ("real_name", Value::Int(1)),
        ("owner", Value::Tuple(vec![Value::str("a@example.com")].into())),
        ("reply_to_address", Value::Int(1)),
        ("info", Value::None),
        ("msg_footer", Value::Int(0)),
        ("subject_prefix", of_one()),
        ("host_name", Value::None),
        ("filter_mime_types", Value::list(Vec::new())),
        ("pass_filename_extensions", Value::None),
        ("new_member_options", Value::str("1")),
        ("new_member_options", Value::list(Vec::new())),
        ("preferred_language", Value::Unicode("ä".into())),
    ];
    for (name, value) in bad {
        let before = list.get(by_name(name)).cloned();
        assert_eq!(set(&mut list, name, &value), Outcome::Failed, "{name}");
        assert_eq!(list.get(by_name(name)).cloned(), before, "{name}");
    }
}

#[test]
fn kinds_of_values_that_are_kept() {
    let (_folder, mut list) = list();
    let unicode = |text: &str| Value::Unicode(text.into());
    let cases = [
        ("archive_private", unicode("1"), Value::Int(1)),
        (
            "digest_size_threshhold",
            Value::Long("100000000000000000000".into()),
            Value::Long("100000000000000000000".into()),
        ),
        ("available_languages", unicode("de"), Value::list(vec![unicode("de")])),
        ("filter_mime_types", unicode("X"), Value::list(vec![unicode("x")])),
        ("new_member_options", Value::list(vec![Value::Int(1)]), Value::Int(1)),
        ("real_name", unicode("GARDEN"), unicode("GARDEN")),
        ("real_name", Value::str("GARDEN"), unicode("GARDEN")),
        (
            "owner",
            unicode("a@example.com\nb@example.com"),
            Value::list(vec![unicode("a@example.com"), unicode("b@example.com")]),
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(set(&mut list, name, &value), Outcome::Set(Vec::new()), "{name}");
        assert_eq!(list.get(by_name(name)), Some(&expected), "{name}");
    }
}
