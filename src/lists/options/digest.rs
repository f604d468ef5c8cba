//! Digests (Mailman/Gui/Digest.py).

use super::{Action, Category, Initial, Names, Row, Rule, Section, Text, Widget, FREQUENCIES, NO_YES};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "digest",
    sub: None,
    about: Text { english: "Digests.", keys: &[0xe3ad836a5ee0dc91] },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("digestable", NO_YES, Initial::Setting(settings::DEFAULT_DIGESTABLE.any()))
                .label("Whether members may get digests.", &[0x30d7362fb0ec4124]),
            Row::new(
                "digest_is_default",
                Widget::Choice(&["Regular", "Digest"]),
                Initial::Setting(settings::DEFAULT_DIGEST_IS_DEFAULT.any()),
            )
            .label("What new members get.", &[0x7192f0fcbd476a19]),
            Row::new(
                "mime_is_default_digest",
                Widget::Choice(&["Plain", "MIME"]),
                Initial::Setting(settings::DEFAULT_MIME_IS_DEFAULT_DIGEST.any()),
            )
            .label("Which kind of digest new members get.", &[0xdfe8a6c726aa3e4c]),
            Row::new(
                "digest_size_threshhold",
                Widget::Number(3),
                Initial::Setting(settings::DEFAULT_DIGEST_SIZE_THRESHHOLD.any()),
            )
            .label(
                "A digest is sent when it reaches this size, in kilobytes.",
                &[0xba459b2978d9a2b9, 0xdd6e5e550009aa0e],
            ),
            Row::new("digest_send_periodic", NO_YES, Initial::Setting(settings::DEFAULT_DIGEST_SEND_PERIODIC.any()))
                .label("Whether a digest goes out every day, long or not.", &[0x9a1390ce2025bc47]),
            Row::new("digest_header", Widget::Text(4, 40), Initial::Setting(settings::DEFAULT_DIGEST_HEADER.any()))
                .label("What stands at the top of a digest.", &[0xc99c99efdbf40288])
                .details("The text comes before the table of contents.", &[0xf6008052fd28d962])
                .rule(Rule::Filled(Names::Digest)),
            Row::new("digest_footer", Widget::Text(4, 40), Initial::Setting(settings::DEFAULT_DIGEST_FOOTER.any()))
                .label("What stands at the bottom of a digest.", &[0xa9607c6e1bd610de])
                .details("The text comes after the last post.", &[0x8d8e6eb2d894319e])
                .rule(Rule::Filled(Names::Digest)),
            Row::new(
                "digest_volume_frequency",
                FREQUENCIES,
                Initial::Setting(settings::DEFAULT_DIGEST_VOLUME_FREQUENCY.any()),
            )
            .label("How often a new volume of digests begins.", &[0x618fc426e1af461e])
            .details("With a new volume the numbering of issues begins again.", &[0x3b653be3cda3e91a]),
            Row::new("_new_volume", NO_YES, Initial::NotStored)
                .label("Begin a new volume of digests?", &[0x01a4366603159759])
                .details("The next digest is the first issue of a new volume.", &[0x5b5c4bd47b761ed2])
                .rule(Rule::Act(Action::NewVolume)),
            Row::new("_send_digest_now", NO_YES, Initial::NotStored)
                .label("Send the digest now, if there is anything in it?", &[0x81c5c54721a0c202])
                .rule(Rule::Act(Action::SendDigest)),
        ],
    }],
};
