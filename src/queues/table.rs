//! Counts by age, in the manner of `qshape`: one row per queue, or per list or host of one queue.

use compat::queue::look::{self, FileKind, QueueFile};
use compat::queue::{QueueFolders, QueueName};
use compat::ByteStr;
use migration::json::Json;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Upper bounds of the columns, in minutes; one more column follows.
const BOUNDS: [u64; 9] = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
/// Maximum number of rows of lists or hosts.
const ROWS: usize = 40;

/// One row: entries by the time that they have been in their queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub columns: [usize; BOUNDS.len() + 1],
    pub bytes: u64,
}

impl Row {
    fn add(&mut self, file: &QueueFile, now: SystemTime) {
        self.count(file.modified, file.size, now);
    }

    fn count(&mut self, modified: SystemTime, size: u64, now: SystemTime) {
        let minutes = now.duration_since(modified).unwrap_or_default().as_secs() / 60;
        let column = BOUNDS.iter().position(|bound| minutes < *bound).unwrap_or(BOUNDS.len());
        self.columns[column] += 1;
        self.bytes += size;
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.columns.iter().sum()
    }
}

/// What the rows of one queue stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    List,
    /// The hosts of the recipients; an entry counts once for each.
    Host,
}

/// A row for each queue.
///
/// # Errors
/// A folder can't be read.
pub fn of_all(folders: &QueueFolders, now: SystemTime) -> io::Result<Vec<(String, Row)>> {
    QueueName::ALL
        .into_iter()
        .map(|queue| {
            let mut row = Row::default();
            let files = look::look(folders, queue)?;
            files.iter().filter(|file| file.is_entry()).for_each(|file| row.add(file, now));
            Ok((queue.folder().to_string(), row))
        })
        .collect()
}

/// The row of the maildir that a mail server delivers into: what has arrived, and what is in work or was given up.
pub fn of_maildir(folder: &Path, now: SystemTime) -> (String, Row) {
    let mut row = Row::default();
    for name in ["new", "cur"] {
        for file in std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten() {
            if let Ok(about) = file.metadata() {
                row.count(about.modified().unwrap_or(now), about.len(), now);
            }
        }
    }
    ("maildir".to_string(), row)
}

/// A row for each list or host of a queue, the longest first.
///
/// # Errors
/// The folder can't be read.
pub fn of_one(folders: &QueueFolders, queue: QueueName, by: By, now: SystemTime) -> io::Result<Vec<(String, Row)>> {
    let mut rows: HashMap<String, Row> = HashMap::new();
    for file in look::look(folders, queue)?.iter().filter(|file| file.is_entry()) {
        for name in names(folders, file, by) {
            rows.entry(name).or_default().add(file, now);
        }
    }
    let mut rows: Vec<(String, Row)> = rows.into_iter().collect();
    rows.sort_by(|(a, x), (b, y)| y.total().cmp(&x.total()).then_with(|| a.cmp(b)));
    Ok(rows)
}

fn names(folders: &QueueFolders, file: &QueueFile, by: By) -> BTreeSet<String> {
    let Ok(entry) = look::read(&file.path(folders)) else { return BTreeSet::from(["(unreadable)".to_string()]) };
    match by {
        By::List => {
            let list = entry.metadata.str("listname").unwrap_or_default();
            BTreeSet::from([if list.is_empty() { "(no list)".to_string() } else { super::safe(&list) }])
        }
        By::Host => {
            let recipients = entry.metadata.strings("recips").unwrap_or_default();
            recipients.iter().map(host).collect()
        }
    }
}

pub(super) fn host(address: &ByteStr) -> String {
    let host = address.rsplit(|&b| b == b'@').next().unwrap_or_default();
    super::safe(&host.to_ascii_lowercase())
}

/// For people: the total, then the columns.
pub fn text(rows: &[(String, Row)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).clamp(8, 48);
    let mut out = format!("{:width$} {:>7}", "", "T");
    for bound in BOUNDS {
        let _ = write!(out, " {bound:>6}");
    }
    let _ = writeln!(out, " {:>6}", format!("{}+", BOUNDS[BOUNDS.len() - 1]));
    for (name, row) in rows.iter().take(ROWS) {
        let _ = write!(out, "{name:width$} {:>7}", row.total());
        for count in row.columns {
            let _ = write!(out, " {count:>6}");
        }
        out.push('\n');
    }
    if rows.len() > ROWS {
        let _ = writeln!(out, "and {} more", rows.len() - ROWS);
    }
    out
}

/// For scripts: `NAME TOTAL OLDEST-COLUMN BYTES`, one line per row, fields separated by tabs.
pub fn plain(rows: &[(String, Row)]) -> String {
    let oldest = |row: &Row| row.columns.iter().rposition(|count| *count > 0);
    let minutes = |row: &Row| oldest(row).map_or(0, |at| if at == 0 { 0 } else { BOUNDS[at - 1] });
    rows.iter().map(|(name, row)| format!("{name}\t{}\t{}\t{}\n", row.total(), minutes(row), row.bytes)).collect()
}

/// For programs: the counts of each column by its upper bound in minutes, the last without one.
pub fn json(rows: &[(String, Row)]) -> Json {
    Json::array(rows, |(name, row)| {
        Json::Object(vec![
            ("name", Json::text(name)),
            ("entries", Json::count(row.total())),
            ("bytes", Json::count(row.bytes)),
            ("bounds", Json::array(BOUNDS, Json::count)),
            ("by_age", Json::array(row.columns, Json::count)),
        ])
    })
}

/// The files of a queue that are not entries, and those in work.
///
/// # Errors
/// The folder can't be read.
pub fn of_kind(folders: &QueueFolders, queue: QueueName, kind: FileKind) -> io::Result<Vec<QueueFile>> {
    let mut files = look::look(folders, queue)?;
    files.retain(|file| file.kind == kind);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn entries_are_counted_in_the_column_of_their_age() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let aged = |minutes: u64| QueueFile {
            queue: QueueName::Out,
            file_name: "1.5+aa.pck".into(),
            kind: FileKind::Queued,
            size: 10,
            modified: now - Duration::from_secs(60 * minutes),
        };
        let mut row = Row::default();
        [0, 4, 5, 1279, 1280, 9999].iter().for_each(|minutes| row.add(&aged(*minutes), now));
        assert_eq!(row.columns, [2, 1, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(plain(&[("out".to_string(), row.clone())]), "out\t6\t1280\t60\n");
        let shown = text(&[("out".to_string(), row)]);
        assert!(shown.lines().nth(1).unwrap().starts_with("out            6      2      1      0"), "{shown}");
    }

    #[test]
    fn a_maildir_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_maildir(folder.path(), SystemTime::now()).1.total(), 0);
        for name in ["new", "cur"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("1.host"), "mail").unwrap();
        }
        let later = SystemTime::now() + Duration::from_secs(7 * 60);
        let (_, row) = of_maildir(folder.path(), later);
        assert_eq!((row.columns[1], row.bytes), (2, 8));
    }

    #[test]
    fn hosts_are_told_in_lower_case() {
        assert_eq!(host(&"Ann@Example.ORG".into()), "example.org");
        assert_eq!(host(&"local".into()), "local");
    }
}
