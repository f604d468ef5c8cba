//! Who may post (`sender` of Mailman/Gui/Privacy.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::{settings, Switch};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "privacy",
    sub: Some("sender"),
    about: Text {
        english: "Who may post. Posts of moderated members are held. Posts of others may be <a \
                   href='?VARHELP=privacy/sender/accept_these_nonmembers'>accepted</a>, <a \
                   href='?VARHELP=privacy/sender/hold_these_nonmembers'>held</a>, <a \
                   href='?VARHELP=privacy/sender/reject_these_nonmembers'>rejected</a> or <a \
                   href='?VARHELP=privacy/sender/discard_these_nonmembers'>discarded</a> by name; there is <a \
                   href='?VARHELP=privacy/sender/generic_nonmember_action'>one rule</a> for the rest. Addresses \
                   stand one a line, and a line that begins with ^ is a regular expression; plain addresses are \
                   tried first.",
        keys: &[0x36f35b24a8675802, 0x23a1cb007100be34],
    },
    sections: &[
        Section {
            title: Some(Text { english: "Members", keys: &[0x7b0a7bfdce404388] }),
            rows: &[
                Row::new(
                    "default_member_moderation",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_DEFAULT_MEMBER_MODERATION.any()),
                )
                .label("Whether posts of new members are moderated.", &[0xfdbd6d79d05644a2])
                .details(
                    "Each member has a flag that says whether posts pass at once or are moderated. This is the \
                     flag of new members; the flag of each one is on the <a href='%(adminurl)s/members'>pages of \
                     members</a>.",
                    &[0x77dfacac6432fbcd],
                )
                .rule(Rule::Always),
                Row::new(
                    "member_verbosity_threshold",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_MEMBER_VERBOSITY_THRESHOLD.any()),
                )
                .label(
                    "A member who sends this many posts within the interval is moderated; 0 for never.",
                    &[0x0090d2e70e5a3d34],
                )
                .details(
                    "It stops machines that join in order to send advertisements. See <a \
                     href='?VARHELP=privacy/sender/member_verbosity_interval'>member_verbosity_interval</a> for \
                     the interval. If it is too low, one post to several lists is enough.",
                    &[0x5d5172233875736c],
                )
                .since(Switch::MemberVerbosity)
                .rule(Rule::Always),
                Row::new(
                    "member_verbosity_interval",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_MEMBER_VERBOSITY_INTERVAL.any()),
                )
                .label("That interval, in seconds.", &[0x0f3129c4f87bf436])
                .details("Posts to all lists of this site that count posts are added up.", &[0x976b2bc4ac5360fe])
                .since(Switch::MemberVerbosity)
                .rule(Rule::Always),
                Row::new("member_moderation_action", Widget::Choice(&["Hold", "Reject", "Discard"]), Initial::Int(0))
                    .label("What becomes of posts of moderated members.", &[0xa584639605c19d8e])
                    .details(
                        "<em>Hold</em> asks a moderator, <em>Reject</em> sends the post back with <a \
                     href='?VARHELP=privacy/sender/member_moderation_notice'>a text of yours</a>, \
                     <em>Discard</em> drops it without a word.",
                        &[0x9b6e1a24a6141a34],
                    )
                    .rule(Rule::Always),
                Row::new("member_moderation_notice", Widget::Text(10, 40), Initial::EmptyText)
                    .label(
                        "What the author of a <a href='?VARHELP/privacy/sender/member_moderation_action'>rejected \
                     post</a> of this kind is told.",
                        &[0xa5dfb1e070369397],
                    )
                    .rule(Rule::Always),
                Row::new(
                    "dmarc_moderation_action",
                    Widget::Choice(&["Accept", "Munge From", "Wrap Message", "Reject", "Discard"]),
                    Initial::Setting(settings::DEFAULT_DMARC_MODERATION_ACTION.any()),
                )
                .label(
                    "What becomes of posts from domains whose DMARC policy forbids us to send them on.",
                    &[0x070108b499045f51],
                )
                .details(
                    "<em>Munge From</em> and <em>Wrap Message</em> do what <a \
                     href='?VARHELP=general/from_is_list'>from_is_list</a> does, but for these posts alone. \
                     <em>Reject</em> sends the post back with <a \
                     href='?VARHELP=privacy/sender/dmarc_moderation_notice'>a text of yours</a>, <em>Discard</em> \
                     drops it without a word. Where it is not <em>Accept</em> it comes before from_is_list.",
                    &[0x789ce93187c427e8],
                )
                .since(Switch::DmarcModeration)
                .rule(Rule::DmarcAction),
                Row::new(
                    "dmarc_quarantine_moderation_action",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION.any()),
                )
                .label("Whether that holds for p=quarantine too.", &[0x582770464d41f45a])
                .details(
                    "Such posts usually arrive in a folder for spam unless something is done about them.",
                    &[0xb71fcff0e1a7dd4d],
                )
                .since(Switch::DmarcModeration)
                .rule(Rule::Always),
                Row::new(
                    "dmarc_none_moderation_action",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_DMARC_NONE_MODERATION_ACTION.any()),
                )
                .label("Whether that holds for p=none too.", &[0x935484c0b5cb984a])
                .details(
                    "It saves those domains reports about failures. It needs dmarc_quarantine_moderation_action, \
                     and an action that changes From.",
                    &[0x3a33f5af59591702],
                )
                .since(Switch::DmarcNoneAction)
                .rule(Rule::Always),
                Row::new("dmarc_moderation_notice", Widget::Text(10, 40), Initial::EmptyText)
                    .label(
                        "What the author of a <a href='?VARHELP=privacy/sender/dmarc_moderation_action'>rejected \
                     post</a> of this kind is told.",
                        &[0xfa115541d2f14b2c],
                    )
                    .since(Switch::DmarcModeration)
                    .rule(Rule::Always),
                Row::new("dmarc_moderation_addresses", Widget::Patterns(10, 40), Initial::List)
                    .label(
                        "Addresses and patterns of those to whose posts <a \
                     href='?VARHELP=privacy/sender/dmarc_moderation_action'>it</a> is done in any case.",
                        &[0x874a05456f187e89],
                    )
                    .details(
                        "One a line, members too. A line that begins with ^ is a regular expression. It helps with \
                     domains that refuse their own mail when it comes from outside.",
                        &[0x18462b7642fff83f],
                    )
                    .since(Switch::DmarcModerationAddresses)
                    .rule(Rule::Always),
                Row::new(
                    "dmarc_wrapped_message_text",
                    Widget::Text(10, 40),
                    Initial::Setting(settings::DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT.any()),
                )
                .label("What stands in front of a wrapped message.", &[0x833565a3e87d306b])
                .details(
                    "It becomes a part of its own before the attached post, after the list's header.",
                    &[0xcb6e495ab50b9ec5],
                )
                .since(Switch::DmarcInSpamDetect)
                .rule(Rule::Always),
                Row::new(
                    "equivalent_domains",
                    Widget::Text(10, 40),
                    Initial::Setting(settings::DEFAULT_EQUIVALENT_DOMAINS.any()),
                )
                .label("Domains that stand for each other in addresses of members.", &[0x41b15de4bfd4fd87])
                .details(
                    "Commas stand between domains that are the same, semicolons between such groups: \
                     <code>example.com,mail.example.com;example.org,example.net</code>. An author whose address \
                     is no member's is looked up under the other domains of its group.",
                    &[0xc7fc6c9f428b9213],
                )
                .since(Switch::EquivalentDomains)
                .rule(Rule::Always),
            ],
        },
        Section {
            title: Some(Text { english: "Others", keys: &[0x67f76576ab68d76a] }),
            rows: &[
                Row::new("accept_these_nonmembers", Widget::Patterns(10, 40), Initial::List)
                    .label("Addresses, patterns and lists of others whose posts pass.", &[0xa68aba1e559c0c5d])
                    .details(
                        "One a line. A line that begins with ^ is a regular expression; one that begins with @ names \
                     another list of this site, all of whose members may post.",
                        &[0xe5d1c9282fa6aede],
                    )
                    .rule(Rule::Always),
                Row::new("hold_these_nonmembers", Widget::Patterns(10, 40), Initial::List)
                    .label("Others whose posts are held.", &[0xfbfe4df3ad907ec8])
                    .details(
                        "One a line; a line that begins with ^ is a regular expression. The author may take a held \
                     post back.",
                        &[0x12e7684225cb570e],
                    )
                    .rule(Rule::Always),
                Row::new("reject_these_nonmembers", Widget::Patterns(10, 40), Initial::List)
                    .label("Others whose posts are rejected.", &[0x178030ea9b726461])
                    .details(
                        "One a line; a line that begins with ^ is a regular expression. The author is told. Senders \
                     of spam are better <a href='?VARHELP=privacy/sender/discard_these_nonmembers'>discarded</a>.",
                        &[0x772d8ea2d58ac204],
                    )
                    .rule(Rule::Always),
                Row::new("discard_these_nonmembers", Widget::Patterns(10, 40), Initial::List)
                    .label("Others whose posts are discarded.", &[0xef7efb45014ff14c])
                    .details(
                        "One a line; a line that begins with ^ is a regular expression. Nobody is told, but \
                     moderators may get <a href='?VARHELP=privacy/sender/forward_auto_discards'>a copy</a>.",
                        &[0x0ee1046ec0716ca0],
                    )
                    .rule(Rule::Always),
                Row::new(
                    "generic_nonmember_action",
                    Widget::Choice(&["Accept", "Hold", "Reject", "Discard"]),
                    Initial::Setting(settings::DEFAULT_GENERIC_NONMEMBER_ACTION.any()),
                )
                .label("What becomes of posts of all others.", &[0x8d3fc57a5dddf236])
                .details(
                    "That is, of authors who are neither members nor <a \
                     href='?VARHELP=privacy/sender/accept_these_nonmembers'>accepted</a>, <a \
                     href='?VARHELP=privacy/sender/hold_these_nonmembers'>held</a>, <a \
                     href='?VARHELP=privacy/sender/reject_these_nonmembers'>rejected</a> or <a \
                     href='?VARHELP=privacy/sender/discard_these_nonmembers'>discarded</a> by name.",
                    &[0xccbcb2d49483f17d],
                )
                .rule(Rule::Always),
                Row::new(
                    "forward_auto_discards",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_FORWARD_AUTO_DISCARDS.any()),
                )
                .label("Whether moderators get what is discarded.", &[0xd71fa95f67358a41])
                .rule(Rule::Always),
                Row::new("nonmember_rejection_notice", Widget::Text(10, 40), Initial::EmptyText)
                    .label(
                        "What others read whose post is rejected. %%(listowner)s stands for the owner's address.",
                        &[0xe5c10dc4154facba],
                    )
                    .rule(Rule::Always),
            ],
        },
    ],
};
