//! Answers that the list gives by itself (Mailman/Gui/Autoresponse.py).

use super::{Category, Initial, Names, Row, Rule, Section, Text, Widget, NO_YES};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "autoreply",
    sub: None,
    about: Text {
        english: "Answers that the list gives by itself. In their texts %%(listname)s, %%(listurl)s, \
                   %%(requestemail)s and %%(owneremail)s are filled in.",
        keys: &[0xf387b8c90ce1e042],
    },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("autorespond_postings", NO_YES, Initial::Int(0))
                .label("Whether authors get one.", &[0x078d4749b288f0c6]),
            Row::new("autoresponse_postings_text", Widget::Upload(6, 40), Initial::EmptyText)
                .label("What they read.", &[0x6defd24b0496107c])
                .rule(Rule::Filled(Names::Reply)),
            Row::new("autorespond_admin", NO_YES, Initial::Int(0))
                .label("Whether those who write to the owners get one.", &[0xa3644320acfb23e6]),
            Row::new("autoresponse_admin_text", Widget::Upload(6, 40), Initial::EmptyText)
                .label("What they read.", &[0x81256d82b9ef4ba8])
                .rule(Rule::Filled(Names::Reply)),
            Row::new(
                "autorespond_requests",
                Widget::Choice(&["No", "Yes, w/discard", "Yes, w/forward"]),
                Initial::Int(0),
            )
            .label(
                "Whether those who send commands get one, and whether the commands count then.",
                &[0x73615e66cff3c6f3],
            ),
            Row::new("autoresponse_request_text", Widget::Upload(6, 40), Initial::EmptyText)
                .label("What they read.", &[0xace5fd1234ed4012])
                .rule(Rule::Filled(Names::Reply)),
            Row::new("autoresponse_graceperiod", Widget::Number(3), Initial::Int(90))
                .label("Nobody gets a second one within this number of days.", &[0xadda881cfe8db1a8]),
        ],
    }],
};
