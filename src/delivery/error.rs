//! Why a message could not be handed to the mail server at all. What the server refuses is no error but a result.

use super::plan::VerpError;
use compat::codecs::CodecError;
use compat::email::build::BuildError;
use compat::email::generator::FlattenError;
use compat::email::header::HeaderError;
use compat::format::FormatError;
use compat::site::SettingError;
use compat::ByteStr;
use std::io;

/// The entry is shunted with one of these; recipients that were served before are not in it any more.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// A language that the site does not know: its charset is needed for header and footer.
    #[error("the list's language {0} is not known to this site")]
    Language(ByteStr),
    /// A message without text.
    #[error("the message has no text to decorate")]
    NoText,
    /// A format with a name that is not known.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A charset that does not fit.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A header or footer that cannot be made a part.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A name that cannot be put into a header.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A message that cannot be written.
    #[error("{}: {error}", error.exception())]
    Flatten {
        #[from]
        error: FlattenError,
    },
    /// No VERP address.
    #[error(transparent)]
    Verp(#[from] VerpError),
    /// A setting.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The file that says how far a delivery has come.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    /// A delivery module that is not one of Mailman's.
    #[error("DELIVERY_MODULE {0} is not known to this program")]
    Module(ByteStr),
    /// `DELIVERY_MODULE = 'Sendmail'`: the program could not be used.
    #[error("{0}")]
    Sendmail(String),
    /// The runner is to stop; what is left stays in the queue.
    #[error("interrupted")]
    Interrupted,
}
