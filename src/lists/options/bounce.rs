//! Members whose mail comes back (Mailman/Gui/Bounce.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::{settings, Switch};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "bounce",
    sub: None,
    about: Text {
        english: "Members whose mail comes back. Each bounce adds to a member's score, at most once a day. When \
                   the score reaches the <a href='?VARHELP=bounce/bounce_score_threshold'>threshold</a>, delivery \
                   stops, and the member gets <a \
                   href='?VARHELP=bounce/bounce_you_are_disabled_warnings'>warnings</a> at an <a \
                   href='?VARHELP=bounce/bounce_you_are_disabled_warnings_interval'>interval</a> before the \
                   membership ends. A score is forgotten after <a \
                   href='?VARHELP=bounce/bounce_info_stale_after'>some time</a> without bounces.",
        keys: &[0xf555af154d5b335b],
    },
    sections: &[
        Section {
            title: Some(Text { english: "What counts", keys: &[0x62563d0200a55359] }),
            rows: &[
                Row::new("bounce_processing", NO_YES, Initial::Setting(settings::DEFAULT_BOUNCE_PROCESSING.any()))
                    .label("Whether bounces are counted.", &[0x0e09ffa4fce25f3f])
                    .details(
                        "Where they are not, bounces are still dropped and not sent to the owners.",
                        &[0xafcc18151e800def],
                    )
                    .rule(Rule::Whole),
                Row::new(
                    "bounce_score_threshold",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_BOUNCE_SCORE_THRESHOLD.any()),
                )
                .label("Delivery to a member stops when the score reaches this number.", &[0x2ee3876612de8075])
                .details(
                    "The score may be a fraction: a hard bounce counts one, a soft one half, and a member's \
                     bounces of one day count once.",
                    &[0x11016dacb908984e],
                )
                .rule(Rule::Score),
                Row::new(
                    "bounce_info_stale_after",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_BOUNCE_INFO_STALE_AFTER.any()),
                )
                .label("The score is forgotten after this number of days without a bounce.", &[0x5e246a7a13b65252])
                .rule(Rule::Days),
                Row::new(
                    "bounce_you_are_disabled_warnings",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS.any()),
                )
                .label("How many warnings a member gets then before the membership ends.", &[0x2faf93da6767344c])
                .rule(Rule::Whole),
                Row::new(
                    "bounce_you_are_disabled_warnings_interval",
                    Widget::Number(5),
                    Initial::Setting(settings::DEFAULT_BOUNCE_YOU_ARE_DISABLED_WARNINGS_INTERVAL.any()),
                )
                .label("How many days lie between them.", &[0x4b576396e1f39565])
                .rule(Rule::Days),
            ],
        },
        Section {
            title: Some(Text { english: "Notices", keys: &[0x5be3c6d61cd9182f] }),
            rows: &[
                Row::new(
                    "bounce_unrecognized_goes_to_list_owner",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_BOUNCE_UNRECOGNIZED_GOES_TO_LIST_OWNER.any()),
                )
                .label("Whether owners get bounces that nobody understands.", &[0x082f6363baf71e1a])
                .details(
                    "No program knows every kind of bounce. If this is off, such bounces are lost; an <a \
                     href='?VARHELP=autoreply/autoresponse_admin_text'>automatic answer</a> to the owner's \
                     address may then be of use.",
                    &[0x195df975eee9b174],
                ),
                Row::new(
                    "bounce_notify_owner_on_bounce_increment",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT.any()),
                )
                .label("Whether owners hear of each counted bounce.", &[0x59e5e3b23722c525])
                .details(
                    "They get a notice with a copy of the bounce, unless it stops the delivery or causes a probe.",
                    &[0x5041bdbfd576cb9a],
                )
                .since(Switch::BounceOwnerNoticeOnIncrement),
                Row::new(
                    "bounce_notify_owner_on_disable",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_BOUNCE_NOTIFY_OWNER_ON_DISABLE.any()),
                )
                .label("Whether owners hear that a delivery stops.", &[0xc8cdebc9950c4d3e])
                .details("The member is told in any case.", &[0x8557b808bdd2c1c7])
                .rule(Rule::Whole),
                Row::new(
                    "bounce_notify_owner_on_removal",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_BOUNCE_NOTIFY_OWNER_ON_REMOVAL.any()),
                )
                .label("Whether owners hear that a membership ends so.", &[0x77c51528cb90fc04])
                .details("The member is told in any case.", &[0x0521e369dee62778])
                .rule(Rule::Whole),
            ],
        },
    ],
};
