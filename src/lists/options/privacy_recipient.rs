//! To whom posts may be addressed (`recipient` of Mailman/Gui/Privacy.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "privacy",
    sub: Some("recipient"),
    about: Text { english: "To whom posts may be addressed.", keys: &[0xf4fd3391360b5cdf] },
    sections: &[Section {
        title: Some(Text { english: "Recipients", keys: &[0x58a8b8af0e17366b] }),
        rows: &[
            Row::new(
                "require_explicit_destination",
                NO_YES,
                Initial::Setting(settings::DEFAULT_REQUIRE_EXPLICIT_DESTINATION.any()),
            )
            .label("Whether the list must be named in To or Cc.", &[0xdeaa39cd06df887f])
            .details(
                "Much spam does not name its recipients. Posts that reach the list by another address are \
                     held, unless that address is among acceptable_aliases.",
                &[0x90caf35c1274c8ac],
            )
            .rule(Rule::Always),
            Row::new(
                "acceptable_aliases",
                Widget::Text(4, 40),
                Initial::Setting(settings::DEFAULT_ACCEPTABLE_ALIASES.any()),
            )
            .label("Other addresses by which it may be named, as patterns.", &[0x2be0096e62a221e7])
            .details(
                "One regular expression a line, matched against each address in To and Cc, and against its \
                     local part if there is no @ in the pattern.",
                &[0xad33c57ef69918f4],
            )
            .rule(Rule::Always),
            Row::new(
                "max_num_recipients",
                Widget::Number(5),
                Initial::Setting(settings::DEFAULT_MAX_NUM_RECIPIENTS.any()),
            )
            .label("Posts with this many recipients are held; 0 for no limit.", &[0xd7ea98167added65])
            .details("The addresses in To and Cc are counted.", &[0x972db4a70e37aad8])
            .rule(Rule::Always),
        ],
    }],
};
