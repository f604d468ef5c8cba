//! Defaults: Colours and looks of the web pages, few of which ours use; kept so that every name is known.
//!
//! Facts about Mailman 2.1: (micro version that brought the value, name, value). See `defaults::mod`.

use super::data::Data::{self, *};

pub(super) static ROWS: &[(u8, &str, Data)] = &[
    (0, "WEB_BG_COLOR", Str("white")),
    (0, "WEB_HEADER_COLOR", Str("#99ccff")),
    (0, "WEB_SUBHEADER_COLOR", Str("#fff0d0")),
    (0, "WEB_ADMINITEM_COLOR", Str("#dddddd")),
    (0, "WEB_ADMINPW_COLOR", Str("#99cccc")),
    (0, "WEB_ERROR_COLOR", Str("red")),
    (0, "WEB_LINK_COLOR", Str("")),
    (0, "WEB_ALINK_COLOR", Str("")),
    (0, "WEB_VLINK_COLOR", Str("")),
    (0, "WEB_HIGHLIGHT_COLOR", Str("#dddddd")),
    (19, "WEB_HEAD_ADD", Null),
    (15, "BROKEN_BROWSER_WORKAROUND", Bool(false)),
    (
        15,
        "BROKEN_BROWSER_REPLACEMENTS",
        Dict(&[
            (Bytes(b"\x8b"), Str("&#8249;")),
            (Bytes(b"\xbe"), Str("&#190;")),
            (Bytes(b"\x9b"), Str("&#8250;")),
            (Bytes(b"\xa2"), Str("&#162;")),
            (Bytes(b"\xbc"), Str("&#188;")),
        ]),
    ),
    (16, "DISPLAY_HELD_SUMMARY_SORT_BUTTONS", Bool(false)),
    (19, "DEFAULT_SUBSCRIBE_OR_INVITE", Bool(false)),
];
