//! Languages (Mailman/Gui/Language.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "language",
    sub: None,
    about: Text { english: "Languages.", keys: &[0xbbedc1cc9ae748e9] },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("preferred_language", Widget::Language, Initial::Setting(settings::DEFAULT_SERVER_LANGUAGE.any()))
                .label("The language of the list.", &[0x268a9640331c480f])
                .details(
                    "Pages and messages of the list are in this language. If there is <a \
                     href='?VARHELP=language/available_languages'>more than one</a>, members may choose another \
                     for themselves. Posts are not translated.",
                    &[0x1864158404086d97],
                )
                .rule(Rule::PreferredLanguage),
            Row::new("available_languages", Widget::Languages, Initial::PerList)
                .label("Languages among which members may choose.", &[0x54570d6e4e1a13d3])
                .details(
                    "The <a href='?VARHELP=language/preferred_language'>language of the list</a> must be one of \
                     them.",
                    &[0x5ede63a8cacc83d6],
                ),
            Row::new("encode_ascii_prefixes", Widget::Choice(&["Never", "Always", "As needed"]), Initial::PerList)
                .label(
                    "Whether a <a href='?VARHELP=general/subject_prefix'>prefix</a> of plain letters is encoded.",
                    &[0x685d02e38c3fa283],
                )
                .details(
                    "A prefix with other letters is always encoded. <em>Never</em> keeps a plain one readable \
                     everywhere, but a Subject in another charset is then made of two pieces; <em>As needed</em> \
                     encodes it commit with such a Subject.",
                    &[0x9c1a37266da87ed0],
                ),
        ],
    }],
};
