//! What is said about a value that is refused, doubted or changed, and about what an option has done.
//!
//! The sentences are our own; a catalogue's translation of what Mailman says comes first. Values are named as Mailman
//! names them, so that translations can fill them in.

use crate::notice::Text;
use crate::text::html::without_tags;
use compat::value::Value;
use compat::ByteStr;

/// How much a remark weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something was not done, or not as asked.
    Error,
    /// It was done, and may be a mistake.
    Warning,
}

/// One remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// The option that it is about.
    pub option: &'static str,
    pub weight: Weight,
    pub text: &'static Text,
    /// Not escaped: a page has to do that.
    pub values: Vec<(&'static str, Value)>,
}

impl Complaint {
    pub(super) fn error(option: &'static str, text: &'static Text) -> Self {
        Complaint { option, weight: Weight::Error, text, values: vec![("property", Value::str(option))] }
    }

    pub(super) fn warning(option: &'static str, text: &'static Text) -> Self {
        Complaint { weight: Weight::Warning, ..Complaint::error(option, text) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<ByteStr>) -> Self {
        self.values.push((name, Value::Str(value.into())));
        self
    }

    /// The remark in English, for a terminal.
    pub fn english(&self) -> ByteStr {
        let text = ByteStr::new(without_tags(&self.text.english(&self.values)));
        match self.weight {
            Weight::Warning => ByteStr::new([b"Warning: ", &text[..]].concat()),
            _ => text,
        }
    }
}

macro_rules! texts {
    ($($name:ident = $english:literal, [$($key:literal),*];)*) => {
        $(pub(super) static $name: Text = Text { english: $english, keys: &[$($key),*] };)*
    };
}

texts! {
    INVALID = "%(property)s: no valid value; not changed", [0x62dea38beb15e42c];
    BAD_ADDRESS = "%(property)s: no valid address: %(error)s; not changed", [0xf074c5903efe5c17, 0x3f31ee886e64defe];
    REAL_NAME = "%(property)s: may differ from the list's name by capitals only; not changed", [0xe1b6b2b45ae4bcfd];
    HTML = "%(property)s: holds HTML that may run in a reader's browser; not changed", [0xbe22f2a43c24625e];
    CHUNK_SIZE = "%(property)s: must be a whole number above 0; not changed", [0xfc212d4713478137];
    HOST_NAME = "%(property)s: no valid domain; not changed", [0x35d79f2041111eed];
    LANGUAGE = "%(property)s: the site has no language of that name; not changed", [];
    BLANK_REPLY_TO = "%(property)s: answers cannot go to an address that is blank; they go to the author again",
        [0x23ae51918c1ee335];
    DMARC_ACTION = "%(property)s: less than the site's default; set to %(least)s", [0xbd935eed3dec24cc];
    NO_NUMBER = "<a href='?VARHELP=bounce/%(property)s'>%(property)s</a>: no number", [0x3d074e56461be40c];
    MIME_TYPE = "Bad MIME type ignored: %(spectype)s", [0x6c5d8ced9598319a];
    UNKNOWN_NAMES = "%(property)s: nothing is filled in for %(bad)s", [0x455471d13d9c99a9];
    FIXED_NAMES = "%(property)s: a broken %%(name)s was put right", [0xd03a8de00615817b];
    FILTER_INCOMPLETE = "A rule without a pattern was left out", [0xecefe3928f40b611];
    FILTER_PATTERN = "The pattern '%(safepattern)s' of a rule is no regular expression; the rule was left out",
        [0x6c33280caa478bd9];
    TOPIC_INCOMPLETE = "A topic without a name or without a pattern was left out", [0xbf5aedd807057dcb];
    TOPIC_PATTERN = "The pattern '%(safepattern)s' of a topic is no regular expression; the topic was left out",
        [0x3426c15e3db65a49];
    GATEWAY = "Posts can go from and to a newsgroup only if <a href='?VARHELP=gateway/nntp_host'>news server</a> and <a \
               href='?VARHELP=gateway/linked_newsgroup'>newsgroup</a> are named; both directions are off",
        [0x8aa34d0824c5c388];
}
