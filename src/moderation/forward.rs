//! A held post kept for the site's administrator, and copies of it for others.

use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::notice::{NoticeText, UserNotification, Words};
use compat::durable;
use compat::email::address::getaddresses;
use compat::email::generator::{self, Options};
use compat::email::message::Message;
use compat::site::settings;
use compat::ByteStr;
use std::io::{self, Write};
use std::path::Path;

/// Modes of the folder and of the files in it: for the site's administrator, who is of the group.
const FOLDER_MODE: u32 = 0o2775;
const FILE_MODE: u32 = 0o664;

/// Writes `heldmsg-LIST-ID.pck` as `SPAM_DIR/spam-LIST-ID.msg`: text with a `From ` line.
pub(super) fn preserve(ctx: &MembershipContext<'_>, file: &Path, message: &mut Message) -> Result<(), HandlerError> {
    let folder = ctx.site.settings.path(settings::SPAM_DIR);
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let rest = stem.split_once('-').map_or(&*stem, |(_, rest)| rest);
    let path = folder.join(format!("spam-{rest}.msg"));
    durable::mkdir_all(&folder, FOLDER_MODE)?;
    durable::replace(&path, &path.with_extension("msg.tmp"), FILE_MODE, |out| write(message, out))?;
    Ok(())
}

fn write(message: &mut Message, out: &mut dyn Write) -> io::Result<()> {
    generator::flatten_to(message, Options::plain_email(true), out).map_err(|error| match error {
        generator::FlattenError::Io(error) => error,
        other => io::Error::other(other),
    })
}

/// Sends a copy, whole, to the addresses of a field. Its headers are in the language of the one who gets it, or of the list.
pub(super) fn forward(ctx: &mut MembershipContext<'_>, message: Message, field: &[u8]) -> Result<(), HandlerError> {
    let found = getaddresses(&[ByteStr::from(field)]);
    let addresses: Vec<ByteStr> = found.into_iter().map(|(_, address)| address).filter(|a| !a.is_empty()).collect();
    let language = match &addresses[..] {
        [] => return Ok(()),
        [one] => ctx.list.language_of(one),
        _ => ctx.list.preferred_language(),
    };
    let subject = Words::new(ctx.site, &language).say("Forward of moderated message");
    let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
    let mut copy = UserNotification::new(ctx.site, &addresses, &ctx.list.bounces_address(), notice_text)?;
    copy.attach("message/rfc822", vec![message])?;
    copy.send(ctx.list, ctx.outbox)
}
