//! Who may join, and who may see it (`subscribing` of Mailman/Gui/Privacy.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::{settings, Switch};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "privacy",
    sub: Some("subscribing"),
    about: Text {
        english: "Who may join, and who may see it. Whether others may read the archive is said on the <a \
                   href='%(admin)s/archive'>page of the archive</a>.",
        keys: &[0x58a59b56709acc8b],
    },
    sections: &[
        Section {
            title: Some(Text { english: "Joining", keys: &[0x99cf861db8ad4464] }),
            rows: &[
                Row::new("advertised", NO_YES, Initial::Setting(settings::DEFAULT_LIST_ADVERTISED.any()))
                    .label("Whether the list is shown to those who ask which lists there are.", &[0xd04a7c1ccbf03e2c])
                    .rule(Rule::Always),
                Row::new(
                    "subscribe_policy",
                    Widget::Choice(&["None", "Confirm", "Require approval", "Confirm and approve"]),
                    Initial::Setting(settings::DEFAULT_SUBSCRIBE_POLICY.any()),
                )
                .label("What somebody has to do who wants to join.", &[0x23adecf88a5fa79c])
                .details(
                    "<em>Confirm</em> sends a message to the address, which must be answered: nobody can \
                     subscribe somebody else so. <em>Require approval</em> leaves the decision to a moderator. \
                     <em>None</em>, where the site allows it, takes everybody at once, and is not advised.",
                    &[0xf5b35e6414a8ff98, 0x3eff87277bac1212],
                )
                .rule(Rule::SubscribePolicy),
                Row::new(
                    "subscribe_auto_approval",
                    Widget::Patterns(10, 40),
                    Initial::Setting(settings::DEFAULT_SUBSCRIBE_AUTO_APPROVAL.any()),
                )
                .label("Addresses and patterns of those who need no approval to join.", &[0xcaacf5f092a3c216])
                .details(
                    "One a line. A line that begins with ^ is a regular expression; one that begins with @ names \
                     another list of this site, whose members need no approval.",
                    &[0x57dc030f00a16026],
                )
                .since(Switch::SubscribeAutoApproval)
                .rule(Rule::Always),
                Row::new("unsubscribe_policy", NO_YES, Initial::Setting(settings::DEFAULT_UNSUBSCRIBE_POLICY.any()))
                    .label("Whether a moderator must approve that a member leaves.", &[0xc542d4ca9c3f54df])
                    .details(
                        "<em>No</em> is strongly advised: people who cannot leave a list complain about it elsewhere.",
                        &[0xcb8c90e65a98f03d],
                    )
                    .rule(Rule::Always),
            ],
        },
        Section {
            title: Some(Text { english: "Bans", keys: &[0xf845c0b6e439474e] }),
            rows: &[Row::new("ban_list", Widget::Patterns(10, 40), Initial::List)
                .label("Addresses and patterns of those who may not join.", &[0x3b4c470ca181d3fd])
                .details("One a line. A line that begins with ^ is a regular expression.", &[0x383c6a384a7544fe])
                .rule(Rule::Always)],
        },
        Section {
            title: Some(Text { english: "Who sees members", keys: &[0x86ae338c52d1692a] }),
            rows: &[
                Row::new(
                    "private_roster",
                    Widget::Choice(&["Anyone", "List members", "List admin only"]),
                    Initial::Setting(settings::DEFAULT_PRIVATE_ROSTER.any()),
                )
                .label("Who may see who is a member.", &[0x93bba8d9014ce836])
                .details("Where not everybody may, a member has to give address and password.", &[0x9a31cf3f9a68ed34])
                .rule(Rule::Always),
                Row::new("obscure_addresses", NO_YES, Initial::Setting(settings::DEFAULT_OBSCURE_ADDRESSES.any()))
                    .label("Whether addresses are shown in a form that robots do not find.", &[0xdc6fe35b51f8cd9d])
                    .details("They are written with words instead of signs on the list's pages.", &[0x45f61ccf24fa39fd])
                    .rule(Rule::Always),
            ],
        },
    ],
};
