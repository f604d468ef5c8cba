//! Defaults: The archiver.
//!
//! Facts about Mailman 2.1: (micro version that brought the value, name, value). See `defaults::mod`.

use super::data::Data::{self, *};

pub(super) static ROWS: &[(u8, &str, Data)] = &[
    (0, "PUBLIC_ARCHIVE_URL", Str("http://%(hostname)s/pipermail/%(listname)s")),
    (0, "DEFAULT_ARCHIVE", Bool(true)),
    (0, "DEFAULT_ARCHIVE_PRIVATE", Int(0)),
    (0, "ARCHIVE_TO_MBOX", Int(2)),
    (0, "DEFAULT_ARCHIVE_VOLUME_FREQUENCY", Int(1)),
    (0, "DEFAULT_DIGEST_VOLUME_FREQUENCY", Int(1)),
    (0, "PUBLIC_EXTERNAL_ARCHIVER", Bool(false)),
    (0, "PRIVATE_EXTERNAL_ARCHIVER", Bool(false)),
    (0, "ARCHIVE_SCRUBBER", Str("Mailman.Handlers.Scrubber")),
    (0, "SCRUBBER_DONT_USE_ATTACHMENT_FILENAME", Bool(true)),
    (0, "SCRUBBER_USE_ATTACHMENT_FILENAME_EXTENSION", Bool(false)),
    (0, "ARCHIVE_HTML_SANITIZER", Int(1)),
    (0, "GZIP_ARCHIVE_TXT_FILES", Bool(false)),
    (0, "ARCHIVER_CLOBBER_DATE_POLICY", Int(2)),
    (0, "ARCHIVER_ALLOWABLE_SANE_DATE_SKEW", Int(1296000)),
    (0, "ARCHIVER_OBSCURES_EMAILADDRS", Bool(true)),
    (0, "DEFAULT_CHARSET", Null),
    (0, "VERBATIM_ENCODING", List(&[Str("iso-2022-jp")])),
    (0, "PUBLIC_MBOX", Bool(false)),
];
