//! The index pages of a volume (by thread, subject, author, date) and the table of contents.
//!
//! Answers to `html_head`, `html_foot`, `html_TOC`, `write_index_entry` and `write_threadindex_entry` of HyperArch.

use super::article::{replace_at, Article};
use super::layout::VERSION;
use super::setting::Setting;
use super::state::State;
use super::volume::{self, VolumeFacts};
use crate::error::{Culprit, HandlerError};
use crate::text::either::Text;
use compat::format::url;
use compat::list::archive_mbox;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;
use std::path::Path;

/// How deep threads are shown; deeper answers stay at this level.
const THREAD_LEVELS: usize = 3;

/// By what an index is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Date,
    Subject,
    Author,
    Thread,
}

impl Kind {
    /// As `pipermail.pck` calls it, and as the file's name does when lower-cased.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Date => "Date",
            Kind::Subject => "Subject",
            Kind::Author => "Author",
            Kind::Thread => "Thread",
        }
    }
}

/// The kinds in the order in which links to them are made.
const LINKED: [(Kind, &str, &str); 4] = [
    (Kind::Thread, "thread", "thread_ref"),
    (Kind::Subject, "subject", "subject_ref"),
    (Kind::Author, "author", "author_ref"),
    (Kind::Date, "date", "date_ref"),
];

/// A volume that is not named by a date, which no version of Mailman makes.
fn bad_name(volume: &ByteStr) -> HandlerError {
    Culprit::Record("pipermail.pck".to_owned()).says(format!("{volume} is not a valid volname"))
}

/// The top of an index page, with the line end that `print` adds.
pub fn head(setting: &Setting<'_>, facts: &VolumeFacts, kind: Kind) -> Result<Vec<u8>, HandlerError> {
    let mut values = links(setting, kind);
    let title = volume::title(&facts.volume, &setting.words).ok_or_else(|| bad_name(&facts.volume))?;
    let words = &setting.words;
    let this = LINKED.iter().find(|(linked, ..)| *linked == kind).map_or("", |(_, word, _)| word);
    values.extend([
        ("listname", quoted_name(setting)),
        ("archtype", Value::Str(words.say(this))),
        ("archive", Value::Str(title)),
        ("listinfo", Value::Str(setting.listinfo.clone())),
        ("firstdate", quoted_time(setting, facts.first)),
        ("lastdate", quoted_time(setting, facts.last)),
        ("size", Value::Int(facts.size as i64)),
        ("encoding", setting.encoding(&setting.charset)),
    ]);
    line(setting.page("archidxhead.html", &values)?)
}

/// The bottom.
pub fn foot(setting: &Setting<'_>, facts: &VolumeFacts, kind: Kind) -> Result<Vec<u8>, HandlerError> {
    let mut values = links(setting, kind);
    values.extend([
        ("lastdate", quoted_time(setting, facts.last)),
        ("archivedate", quoted_time(setting, facts.now)),
        ("listinfo", Value::Str(setting.listinfo.clone())),
        ("version", Value::str(VERSION)),
        ("listname", quoted_name(setting)),
    ]);
    line(setting.page("archidxfoot.html", &values)?)
}

/// One article.
pub fn entry(setting: &Setting<'_>, article: &Article) -> Result<Vec<u8>, HandlerError> {
    let mut author = article.shown_author().clone();
    if setting.obscures {
        let at = setting.context.say(" at ");
        // Characters and bytes that are not ASCII do not mix: then the name stays as it is.
        if at.is_ascii() || matches!(author, Text::Bytes(_)) {
            author = replace_at(&author, &at);
        }
    }
    let values = [
        ("filename", Value::Str(url::quote(&article.filename))),
        ("subject", Value::Str(article.shown_subject().cgi_escaped(setting.site, &setting.charset))),
        ("sequence", Value::Int(article.sequence)),
        ("author", Value::Str(author.cgi_escaped(setting.site, &setting.charset))),
    ];
    line(setting.page("archidxentry.html", &values)?)
}

/// Writes the lists that are opened and closed around an article of a thread, and the comment with its key. `depth` is
/// that of the article before, and becomes this one's.
pub fn thread_step(key: &[u8], depth: &mut usize, page: &mut Vec<u8>) {
    let level = key.iter().filter(|&&b| b == b'-').count().saturating_sub(1).min(THREAD_LEVELS);
    (level..*depth).for_each(|_| page.extend_from_slice(b"</UL>\n"));
    (*depth..level).for_each(|_| page.extend_from_slice(b"<UL>\n"));
    *depth = level;
    page.extend_from_slice(b"<!--");
    page.extend_from_slice(level.to_string().as_bytes());
    page.push(b' ');
    page.extend_from_slice(key);
    page.extend_from_slice(b" -->\n");
}

fn line(page: ByteStr) -> Result<Vec<u8>, HandlerError> {
    Ok([&page[..], b"\n"].concat())
}

fn quoted_name(setting: &Setting<'_>) -> Value {
    Value::Str(Text::from(setting.list.real_name()).quoted(&setting.charset))
}

fn quoted_time(setting: &Setting<'_>, seconds: i64) -> Value {
    Value::Str(Text::from(setting.time(&setting.words, seconds)).quoted(&setting.charset))
}

fn links(setting: &Setting<'_>, kind: Kind) -> Vec<(&'static str, Value)> {
    LINKED
        .iter()
        .map(|(linked, word, key)| {
            let label = setting.words.say(word);
            let link = match *linked == kind {
                true => Vec::new(),
                false => [b"<a href=\"", word.as_bytes(), b".html#start\">[ ", &label[..], b" ]</a>"].concat(),
            };
            (*key, Value::str(link))
        })
        .collect()
}

/// The page that lists the volumes.
pub fn contents(setting: &Setting<'_>, state: &State) -> Result<ByteStr, HandlerError> {
    let name = setting.list.name();
    let mbox = archive_mbox(setting.site, name);
    let words = &setting.words;
    let (none, start, end) = match state.volumes.is_empty() {
        true => (words.say("<P>Currently, there are no archives. </P>"), ByteStr::default(), ByteStr::default()),
        false => {
            let nothing: [(&str, Value); 0] = [];
            let start = setting.page("archliststart.html", &nothing)?;
            (ByteStr::default(), start, setting.page("archlistend.html", &nothing)?)
        }
    };
    let size = match length_of(&mbox)? {
        Some(length) => in_words(setting, length),
        None => setting.context.say("size not available"),
    };
    let mut listing = Vec::new();
    for volume in &state.volumes {
        listing.extend_from_slice(&contents_entry(setting, volume)?);
    }
    let values = [
        ("listname", Value::Str(setting.list.real_name())),
        ("listinfo", Value::Str(setting.listinfo.clone())),
        ("fullarch", Value::Str(format!("../{name}.mbox/{name}.mbox").into())),
        ("size", Value::Str(size)),
        ("meta", setting.encoding(&setting.charset)),
        ("noarchive_msg", Value::Str(none)),
        ("archive_listing_start", Value::Str(start)),
        ("archive_listing_end", Value::Str(end)),
        ("archive_listing", Value::str(listing)),
    ];
    let template =
        if setting.site.settings.truth(settings::PUBLIC_MBOX) { "archtoc.html" } else { "archtocnombox.html" };
    setting.page(template, &values)
}

fn contents_entry(setting: &Setting<'_>, volume: &ByteStr) -> Result<ByteStr, HandlerError> {
    let title = volume::title(volume, &setting.words).ok_or_else(|| bad_name(volume))?;
    let values = [
        ("archive", Value::Str(volume.clone())),
        ("archivelabel", Value::Str(title)),
        ("textlink", Value::Str(text_link(setting, volume)?)),
    ];
    setting.page("archtocentry.html", &values)
}

fn text_link(setting: &Setting<'_>, volume: &ByteStr) -> Result<ByteStr, HandlerError> {
    for (suffix, label) in [(".txt.gz", "Gzip'd Text%(sz)s"), (".txt", "Text%(sz)s")] {
        let file = format!("{volume}{suffix}");
        if let Some(length) = length_of(&setting.folder.join(&file))? {
            let size = Value::Str(in_words(setting, length));
            let label = setting.words.fill(label.as_bytes(), &[("sz", size)]);
            return Ok([b"<td><A href=\"", file.as_bytes(), b"\">[ ", &label[..], b"]</a></td>"].concat().into());
        }
    }
    Ok(ByteStr::default())
}

fn length_of(path: &Path) -> Result<Option<u64>, HandlerError> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(Some(file.len())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// A size in words; thousands, not 1,024.
fn in_words(setting: &Setting<'_>, size: u64) -> ByteStr {
    match size {
        0..1_000 => setting.words.fill(" %(size)i bytes ", &[("size", Value::Int(size as i64))]),
        1_000..1_000_000 => format!(" {} KB ", size / 1_000).into(),
        _ => format!(" {} MB ", size / 1_000_000).into(),
    }
}
