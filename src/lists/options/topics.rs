//! Topics among which members may choose (Mailman/Gui/Topics.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "topics",
    sub: None,
    about: Text { english: "Topics among which members may choose.", keys: &[0x11e90b837d604296] },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("topics_enabled", Widget::Choice(&["Disabled", "Enabled"]), Initial::Int(0))
                .label("Whether there are topics.", &[0xca6809dde2980ed8])
                .details(
                    "A post belongs to a topic if its Subject or Keywords match one of the topic's regular \
                     expressions; the first lines of the body are searched too, see <a \
                     href='?VARHELP=topics/topics_bodylines_limit'>topics_bodylines_limit</a>. Members may choose \
                     the topics that they want.",
                    &[0xdf4a0faf7e3e1def, 0x2bb0cdb98ee215b5],
                )
                .rule(Rule::WithTopics),
            Row::new("topics_bodylines_limit", Widget::Number(5), Initial::Int(5))
                .label("How many lines of a post are searched too.", &[0x5b8af89254b1856e])
                .details(
                    "The search ends earlier at a line that is no header. With 0 only the headers count.",
                    &[0xe440997d5c754e5f],
                )
                .rule(Rule::WithTopics),
            Row::new("topics", Widget::Topics, Initial::List)
                .label("Names with the patterns that make a post belong to them.", &[0x7b699b769a1ee06c])
                .details(
                    "Each line of a pattern is a regular expression, matched against Subject and Keywords.",
                    &[0xc608b779773bc8af],
                )
                .rule(Rule::Topics),
        ],
    }],
};
