//! Posts that are held or dropped for their headers (`spam` of Mailman/Gui/Privacy.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "privacy",
    sub: Some("spam"),
    about: Text { english: "Posts that are held for their headers.", keys: &[0x72efc8417d8c846e] },
    sections: &[
        Section {
            title: Some(Text { english: "Rules for headers", keys: &[0x3aa40e933e4e5f53] }),
            rows: &[Row::new("header_filter_rules", Widget::FilterRules, Initial::List)
                .label("Patterns with what becomes of posts that match.", &[0xd7393c093cd6193b])
                .details(
                    "Each rule has one or more regular expressions, one a line, and an action. They are tried in \
                     turn on the headers of a post and of its attachments; the first that matches decides. A rule \
                     that is not complete is left out.",
                    &[0xe9eb9499248ba7e6],
                )
                .rule(Rule::FilterRules)],
        },
        Section {
            title: Some(Text { english: "Older rules", keys: &[0x0b0d5f00b50b6b3f] }),
            rows: &[Row::new(
                "bounce_matching_headers",
                Widget::Text(6, 40),
                Initial::Setting(settings::DEFAULT_BOUNCE_MATCHING_HEADERS.any()),
            )
            .label("Headers with patterns; posts that match are held.", &[0x5968f6fd67e03bba])
            .details(
                "One a line, as <code>name: pattern</code>. Lines that begin with # are comments. Blanks at \
                     either end do not count.",
                &[0xe32e3f6063a5d0f5],
            )
            .rule(Rule::Always)],
        },
    ],
};
