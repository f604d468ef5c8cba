//! Parts of posts that are not wanted (Mailman/Gui/ContentFilter.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "contentfilter",
    sub: None,
    about: Text {
        english: "Parts of posts that are not wanted. First the <a \
                   href='?VARHELP=contentfilter/filter_mime_types'>types that are removed</a> go, then all but \
                   the <a href='?VARHELP=contentfilter/pass_mime_types'>types that stay</a>, and parts that are \
                   left empty. Then <a href='?VARHELP=contentfilter/collapse_alternatives'>alternatives</a> are \
                   reduced to one, and HTML <a href='?VARHELP=contentfilter/convert_html_to_plaintext'>becomes \
                   plain text</a>.",
        keys: &[0x7bb9c96e4706f78c],
    },
    sections: &[Section {
        title: None,
        rows: &[
            Row::new("filter_content", NO_YES, Initial::Setting(settings::DEFAULT_FILTER_CONTENT.any()))
                .label("Whether posts are filtered.", &[0x79bbc670a0220b8e]),
            Row::new(
                "filter_mime_types",
                Widget::Text(10, 40),
                Initial::Setting(settings::DEFAULT_FILTER_MIME_TYPES.any()),
            )
            .label("Types of parts that are removed.", &[0x9a7dff8217d57f7a])
            .details(
                "One a line, such as <code>image/gif</code>, or <code>image</code> for all of a kind. See \
                     also <a href='?VARHELP=contentfilter/pass_mime_types'>pass_mime_types</a>.",
                &[0x4bb38dcbad00f516],
            )
            .rule(Rule::MimeTypes),
            Row::new(
                "pass_mime_types",
                Widget::Text(10, 40),
                Initial::Setting(settings::DEFAULT_PASS_MIME_TYPES.any()),
            )
            .label("The only types of parts that stay.", &[0xaddcf3e0b26893d7])
            .details(
                "Written as in <a href='?VARHELP=contentfilter/filter_mime_types'>filter_mime_types</a>. If \
                     it is empty, all stay. Without <code>multipart</code> among them no post with attachments \
                     passes.",
                &[0xb77d9a4bb4c21921],
            )
            .rule(Rule::MimeTypes),
            Row::new(
                "filter_filename_extensions",
                Widget::Text(10, 40),
                Initial::Setting(settings::DEFAULT_FILTER_FILENAME_EXTENSIONS.any()),
            )
            .label("Endings of file names of parts that are removed.", &[0x62c51c388943fa2b])
            .rule(Rule::Extensions),
            Row::new(
                "pass_filename_extensions",
                Widget::Text(10, 40),
                Initial::Setting(settings::DEFAULT_PASS_FILENAME_EXTENSIONS.any()),
            )
            .label("The only endings of file names of parts that stay.", &[0x230c562e05c90528])
            .rule(Rule::Extensions),
            Row::new("collapse_alternatives", NO_YES, Initial::Setting(settings::DEFAULT_COLLAPSE_ALTERNATIVES.any()))
                .label("Whether of alternatives only the first stays.", &[0xbe160953b7d739da]),
            Row::new(
                "convert_html_to_plaintext",
                NO_YES,
                Initial::Setting(settings::DEFAULT_CONVERT_HTML_TO_PLAINTEXT.any()),
            )
            .label("Whether HTML becomes plain text.", &[0x0bb771629c068c35]),
            Row::new(
                "filter_action",
                Widget::Choice(&["Discard", "Reject", "Forward to List Owner", "Preserve"]),
                Initial::Setting(settings::DEFAULT_FILTER_ACTION.any()),
            )
            .label("What becomes of a post of which nothing stays.", &[0x849839ce80612e9f])
            .details(
                "It is done to a post whose own type is removed by <a \
                     href='?VARHELP=contentfilter/filter_mime_types'>filter_mime_types</a> or <a \
                     href='?VARHELP=contentfilter/pass_mime_types'>pass_mime_types</a>, or that is empty \
                     afterwards. <em>Preserve</em>, where the site allows it, keeps the post in a queue for the \
                     site's administrator.",
                &[0x73a6d22363de6394],
            ),
        ],
    }],
};
