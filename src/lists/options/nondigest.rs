//! Posts that are delivered one by one (Mailman/Gui/NonDigest.py).

use super::{Category, Initial, Names, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::{settings, Switch};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "nondigest",
    sub: None,
    about: Text { english: "Posts that are delivered one by one.", keys: &[0xce1677c14045ec7a] },
    sections: &[
        Section {
            title: None,
            rows: &[
                Row::new("nondigestable", NO_YES, Initial::Setting(settings::DEFAULT_NONDIGESTABLE.any()))
                    .label("Whether members may get posts one by one.", &[0x74a7f6507d06aebf]),
                Row::new("personalize", Widget::Choice(&["No", "Yes", "Full Personalization"]), Initial::Int(0))
                    .label(
                        "Whether each member gets a copy of their own. See the <a \
                     href='?VARHELP=nondigest/personalize'>details</a> for what it costs.",
                        &[0xc5bc2a28d568bae8],
                    )
                    .details(
                        "Usually one message is handed to the mail server for many members. A copy for each member \
                     means more work for both, and allows more names in the <a \
                     href='?VARHELP=nondigest/msg_header'>header</a> and <a \
                     href='?VARHELP=nondigest/msg_footer'>footer</a>. <em>Full Personalization</em> puts the \
                     member's address into To as well.",
                        &[0x96ea34e73e6a105c, 0x7ff1dcb46c64161f],
                    )
                    .allowed_by(settings::OWNERS_CAN_ENABLE_PERSONALIZATION.any()),
                Row::new("msg_header", Widget::Text(10, 40), Initial::Setting(settings::DEFAULT_MSG_HEADER.any()))
                    .label("What stands above each post.", &[0x978f2fa0d3ce071c])
                    .details("The text is put above every post that is delivered one by one.", &[0xebbbad69f7da335e])
                    .rule(Rule::Filled(Names::Post)),
                Row::new("msg_footer", Widget::Text(10, 40), Initial::Setting(settings::DEFAULT_MSG_FOOTER.any()))
                    .label("What stands below each post.", &[0x1dd3114e666b3f7e])
                    .details("The text is put below every post that is delivered one by one.", &[0x5cf2c17a0b6d7880])
                    .rule(Rule::Filled(Names::Post)),
                Row::new("scrub_nondigest", NO_YES, Initial::Setting(settings::DEFAULT_SCRUB_NONDIGEST.any()))
                    .label(
                        "Whether attachments are stored in the archive, and links sent instead.",
                        &[0xdadd41744ff2c3fb],
                    )
                    .details(
                        "Members open the attachments with a web browser then. To drop attachments altogether, use \
                     the content filter.",
                        &[0x0fa1cec7114137b9, 0xa85a7e18d6d968bc],
                    ),
            ],
        },
        Section {
            title: Some(Text { english: "Lists beside this one", keys: &[0xd071d3f062aae510] }),
            rows: &[
                Row::new(
                    "regular_exclude_lists",
                    Widget::Addresses(3, 40),
                    Initial::Setting(settings::DEFAULT_REGULAR_EXCLUDE_LISTS.any()),
                )
                .label("Lists whose members get no copy if those lists are addressed too.", &[0x7025d18269a23532])
                .details(
                    "One full address a line. Lists that exclude each other leave their common members without \
                     any copy. The site may allow only lists of the same host.",
                    &[0x467ef09777004456],
                ),
                Row::new(
                    "regular_exclude_ignore",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_REGULAR_EXCLUDE_IGNORE.any()),
                )
                .label("Whether such a list counts only if the author is a member there.", &[0xc5ed929706eb9122])
                .details(
                    "A list of which the author is no member may not accept the post, and its members would get \
                     no copy at all.",
                    &[0x4c862af639d1c881],
                )
                .since(Switch::RegularExcludeIgnore),
                Row::new(
                    "regular_include_lists",
                    Widget::Addresses(3, 40),
                    Initial::Setting(settings::DEFAULT_REGULAR_INCLUDE_LISTS.any()),
                )
                .label("Lists whose members get a copy too unless those lists are addressed.", &[0xf5e6b85a7c696e7f])
                .details(
                    "One full address a line. The site may allow only lists of the same host.",
                    &[0xe3777fdc431f0818],
                ),
            ],
        },
    ],
};
