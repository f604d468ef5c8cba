//! The archive (Mailman/Gui/Archive.py).

use super::{Category, Initial, Row, Section, Text, Widget, FREQUENCIES, NO_YES};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "archive",
    sub: None,
    about: Text { english: "The archive.", keys: &[0xf39b8102221fe676] },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("archive", NO_YES, Initial::Setting(settings::DEFAULT_ARCHIVE.any()))
                .label("Whether posts are archived.", &[0x83eb5ad9618432d8]),
            Row::new(
                "archive_private",
                Widget::Choice(&["public", "private"]),
                Initial::Setting(settings::DEFAULT_ARCHIVE_PRIVATE.any()),
            )
            .label("Who may read the archive.", &[0x37100c8fb55dd5c5]),
            Row::new(
                "archive_volume_frequency",
                FREQUENCIES,
                Initial::Setting(settings::DEFAULT_ARCHIVE_VOLUME_FREQUENCY.any()),
            )
            .label("How often a new volume begins.", &[0x8e0c2af45aa3ccce]),
        ],
    }],
};
