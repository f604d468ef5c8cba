//! An archive whose `pipermail.pck` is damaged or gone, put right before the next post comes in.
//!
//! A volume whose five databases are whole is believed: numbers of articles, and so their addresses, go on behind its
//! pages. A volume whose databases are not is completed from the list's mbox: an article that they have lost comes back
//! under the number of its old page, which is known by the Message-ID in it, and its text is not added a second time. Of
//! an archive without any volume all is made again. What is to be completed is noted in a file until it is done, and
//! done again after a crash. Python shunts each post instead, or begins at number 0 and writes over old pages.

use super::archive::Archive;
use super::article::{strip_separators, Article};
use super::dates;
use super::layout::{file_name, PAGE_LIMIT};
use super::pages::Changed;
use super::state::{aside_of, number_behind_pages, number_of_page, Lost};
use super::volume_cache::VolumeCache;
use crate::archive::mbox::Messages;
use crate::error::{HandlerError, RunnerError};
use crate::scrubber::Outcome;
use crate::watchdog;
use compat::durable::{self, Commit};
use compat::email::parser;
use compat::format::url;
use compat::list::MailList;
use compat::marshal;
use compat::site::Site;
use compat::ByteStr;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::rc::Rc;

const KINDS: [&str; 5] = ["article", "date", "author", "subject", "thread"];
/// The largest database that is read.
const DATABASE_LIMIT: u64 = 1 << 30;
const NOTE_MODE: u32 = 0o660;
/// Stands for all volumes in the note of what is to be done.
const ALL: &str = "*";

/// What is completed from the mbox.
enum Wanted {
    Volumes(BTreeSet<ByteStr>),
    All,
}

/// What of a volume was there before.
struct Known {
    /// Articles in its database.
    articles: HashSet<ByteStr>,
    /// Numbers of its pages, by the id in them.
    numbers: HashMap<ByteStr, VecDeque<i64>>,
    /// Message-IDs in its text.
    in_text: HashSet<ByteStr>,
}

/// A recovery under way.
struct Recovery {
    wanted: Wanted,
    known: HashMap<ByteStr, Known>,
    added: usize,
    failed: usize,
}

/// Puts the archive right, for good when this returns. The mbox counts up to `end`.
///
/// # Errors
/// The disk fails; nothing is lost by trying again.
pub fn run(
    site: &Rc<Site>,
    list: &MailList,
    cache: &mut VolumeCache,
    mbox: &Path,
    end: u64,
) -> Result<(), HandlerError> {
    let language = list.preferred_language();
    let mut archive = Archive::open(site, list, &language, cache)?;
    let note = archive.state.unfinished();
    let wanted = Wanted::read(&note)?.map_or_else(|| Wanted::of(&archive), Ok)?;
    if wanted.is_nothing() {
        archive.tell_loss();
    } else {
        wanted.write(&note)?;
        let mut recovery = Recovery { wanted, known: HashMap::new(), added: 0, failed: 0 };
        recovery.mend(&archive)?;
        recovery.complete(&mut archive, &language, mbox, end)?;
        recovery.remake_pages(&mut archive);
        archive.state.tell_loss(&archive.setting, &recovery.told(&archive, mbox));
    }
    let mut commit = Commit::new();
    archive.close(&mut commit)?;
    commit.commit()?;
    durable::unlink_if_there(&note)?;
    Ok(())
}

impl Wanted {
    /// Looks at the volumes.
    fn of(archive: &Archive<'_>) -> Result<Wanted, HandlerError> {
        let is_damaged = archive.state.lost.as_ref().is_some_and(Lost::leaves_a_file);
        if is_damaged && archive.state.sequence == 0 {
            return Ok(Wanted::All);
        }
        let mut damaged = BTreeSet::new();
        for volume in &archive.state.volumes {
            let has_pages = number_behind_pages(&archive.folder_of(volume))? > 0;
            if has_pages && !all_whole(archive, volume, &KINDS)? {
                damaged.insert(volume.clone());
            }
        }
        Ok(Wanted::Volumes(damaged))
    }

    /// What an earlier run had begun.
    fn read(note: &Path) -> io::Result<Option<Wanted>> {
        match fs::read_to_string(note) {
            Ok(text) if text.lines().any(|line| line == ALL) => Ok(Some(Wanted::All)),
            Ok(text) => Ok(Some(Wanted::Volumes(text.lines().map(ByteStr::from).collect()))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn write(&self, note: &Path) -> io::Result<()> {
        let text = match self {
            Wanted::All => format!("{ALL}\n"),
            Wanted::Volumes(volumes) => volumes.iter().map(|name| format!("{name}\n")).collect(),
        };
        durable::replace(note, &note.with_extension("tmp"), NOTE_MODE, |out| io::Write::write_all(out, text.as_bytes()))
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Wanted::Volumes(volumes) if volumes.is_empty())
    }

    fn has(&self, volume: &ByteStr) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Volumes(volumes) => volumes.contains(volume),
        }
    }
}

impl Recovery {
    /// Sets aside what no volume could be opened with. The articles that are left make the indices anew.
    fn mend(&self, archive: &Archive<'_>) -> Result<(), HandlerError> {
        let Wanted::Volumes(volumes) = &self.wanted else { return Ok(()) };
        for volume in volumes {
            let (articles, indices) = KINDS.split_at(1);
            for kinds in [articles, indices] {
                if !all_whole(archive, volume, kinds)? {
                    kinds.iter().try_for_each(|kind| set_aside(&database(archive, volume, kind)))?;
                }
            }
        }
        Ok(())
    }

    fn complete(
        &mut self,
        archive: &mut Archive<'_>,
        language: &[u8],
        mbox: &Path,
        end: u64,
    ) -> Result<(), HandlerError> {
        let file = match durable::open_regular(mbox) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(e.into()),
        };
        let mut messages = Messages::new(file, end);
        while let Some((position, raw)) = messages.next_message()? {
            watchdog::sign_of_life();
            archive.position = position;
            match self.complete_with(archive, language, &raw) {
                Ok(is_new) => self.added += usize::from(is_new),
                Err(error) => {
                    let error = RunnerError::Cause(Box::new(error));
                    if error.is_of_machine() {
                        return Err(HandlerError::Cause(Box::new(error)));
                    }
                    self.failed += 1;
                }
            }
        }
        Ok(())
    }

    /// Adds a message, if its volume is wanted and does not have it.
    fn complete_with(
        &mut self,
        archive: &mut Archive<'_>,
        language: &[u8],
        raw: &ByteStr,
    ) -> Result<bool, HandlerError> {
        let mut msg = parser::parse(raw);
        let seconds = dates::of_message(archive.setting.site, &msg).seconds;
        let volume = ByteStr::from(archive.period.volume_of(seconds));
        if !self.wanted.has(&volume) {
            return Ok(false);
        }
        let header = msg.get_str("message-id").unwrap_or_default();
        let id = strip_separators(&header);
        let known = match self.known.entry(volume) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let known = Known::of(archive, entry.key())?;
                entry.insert(known)
            }
        };
        if known.articles.contains(&identity(&id, &format!("{seconds:011}").into()))
            || archive.scrub(&mut msg, language)? == Outcome::Discard
        {
            return Ok(false);
        }
        let old = known.numbers.get_mut(&url::quote(&header)).and_then(VecDeque::pop_front);
        let article = Article::new(&archive.setting, &mut msg, old.unwrap_or(archive.state.sequence))?;
        let has_text = known.in_text.contains(header.split(|&b| b == b'\n').next().unwrap_or_default());
        archive.restore(article, has_text).map(|()| true)
    }

    /// An earlier attempt may have been cut off between the databases and the pages.
    fn remake_pages(&self, archive: &mut Archive<'_>) {
        let wanted = archive.state.volumes.iter().filter(|volume| self.wanted.has(volume)).cloned();
        for volume in wanted.collect::<Vec<_>>() {
            archive.dirty.retain(|(dirty, _)| *dirty != volume);
            archive.dirty.push((volume, Changed::All));
        }
    }

    fn told(&self, archive: &Archive<'_>, mbox: &Path) -> String {
        let what = match &self.wanted {
            Wanted::All => "is damaged and no volume is left".to_string(),
            Wanted::Volumes(volumes) => {
                let names: Vec<String> = volumes.iter().map(ByteStr::to_string).collect();
                format!("is lost and so are databases of {}", names.join(", "))
            }
        };
        let next = archive.state.sequence;
        let failed = if self.failed > 0 { format!(", {} could not be archived", self.failed) } else { String::new() };
        format!("{what}; made again with {} articles from {}{failed}, next number {next}", self.added, mbox.display())
    }
}

impl Known {
    /// Reads what is left of a volume. One whose folder is gone has no article, whatever its database says.
    fn of(archive: &mut Archive<'_>, volume: &ByteStr) -> Result<Known, HandlerError> {
        let folder = archive.folder_of(volume);
        let had_folder = archive.state.volumes.contains(volume) && number_behind_pages(&folder)? > 0;
        let in_text = ids_in_text(&archive.setting.folder.join(format!("{volume}.txt")))?;
        let numbers = if had_folder { numbers_of_pages(&folder)? } else { HashMap::new() };
        let summaries = &archive.volume(volume)?.summaries;
        let articles = summaries.iter().map(|(_, summary)| identity(&summary.msgid, &summary.date));
        let articles = if had_folder { articles.collect() } else { HashSet::new() };
        Ok(Known { articles, numbers, in_text })
    }
}

/// By what an article is known again: its id, or its date where its number stands for an id.
fn identity(id: &ByteStr, date: &ByteStr) -> ByteStr {
    match id.iter().all(u8::is_ascii_digit) {
        true => date.clone(),
        false => id.clone(),
    }
}

fn database(archive: &Archive<'_>, volume: &ByteStr, kind: &str) -> PathBuf {
    archive.setting.folder.join("database").join(file_name(&format!("{volume}-{kind}").into()))
}

fn all_whole(archive: &Archive<'_>, volume: &ByteStr, kinds: &[&str]) -> io::Result<bool> {
    for kind in kinds {
        if !is_whole(&database(archive, volume, kind))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_whole(path: &Path) -> io::Result<bool> {
    match durable::read_file(path, DATABASE_LIMIT) {
        Ok(data) => Ok(marshal::entries(&data.into()).is_ok_and(|found| found.end.is_some())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Keeps a file under another name. Articles that can be read are left.
fn set_aside(path: &Path) -> io::Result<()> {
    let is_cut_off = |data: Vec<u8>| marshal::entries(&data.into()).is_ok_and(|found| !found.items.is_empty());
    if path.to_string_lossy().ends_with("-article") && durable::read_file(path, DATABASE_LIMIT).is_ok_and(is_cut_off) {
        return Ok(());
    }
    match path.exists() {
        true => durable::rename(path, &aside_of(path)?),
        false => Ok(()),
    }
}

/// The numbers of a volume's pages by the quoted Message-ID that the page's reply link has.
fn numbers_of_pages(folder: &Path) -> io::Result<HashMap<ByteStr, VecDeque<i64>>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        pages.extend(number_of_page(&entry.file_name()).map(|number| (number, entry.path())));
    }
    pages.sort();
    let mut numbers: HashMap<ByteStr, VecDeque<i64>> = HashMap::new();
    for (number, path) in pages {
        if let Some(id) = id_in_page(&durable::read_file(&path, PAGE_LIMIT)?) {
            numbers.entry(id).or_default().push_back(number);
        }
    }
    Ok(numbers)
}

fn id_in_page(page: &[u8]) -> Option<ByteStr> {
    const LINK: &[u8] = b"In-Reply-To=";
    let behind = &page[memchr::memmem::find(page, LINK)? + LINK.len()..];
    let end = behind.iter().position(|b| matches!(b, b'"' | b'&' | b'\'' | b'>' | b'\n'))?;
    (end > 0).then(|| behind[..end].into())
}

fn ids_in_text(path: &Path) -> io::Result<HashSet<ByteStr>> {
    let mut lines = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(e) => return Err(e),
    };
    let (mut ids, mut line) = (HashSet::new(), Vec::new());
    while lines.read_until(b'\n', &mut line)? > 0 {
        if let Some(id) = line.strip_prefix(b"Message-ID: ") {
            ids.insert(id.strip_suffix(b"\n").unwrap_or(id).into());
        }
        line.clear();
    }
    Ok(ids)
}
