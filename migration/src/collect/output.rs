//! Where an archive is written to: a file that a killed collection goes on with, or a pipe.

use crate::archive::{About, Index, PIECES, SITE};
use crate::tar::{header, padding, Member, Reader, BLOCK};
use compat::clock;
use compat::durable::{self, Append};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Passwords are in it.
const MODE: u32 = 0o600;
/// The blocks of zeros after the last member.
const TAIL: usize = 2 * BLOCK;

/// The archive in the making.
pub enum Output<'a> {
    File { path: PathBuf, append: Option<Append> },
    Pipe(&'a mut dyn Write),
}

/// What a file had when it was opened.
#[derive(Default)]
pub struct Before {
    /// Whether it was made just now.
    pub is_new: bool,
    pub about: Option<About>,
    pub index: Index,
    /// The pieces so far: their names with their sums.
    pub pieces: Vec<(String, String)>,
}

impl<'a> Output<'a> {
    /// Opens a file behind its last piece, or begins one with what it is of. What else was written in a pass that was cut off
    /// goes.
    ///
    /// # Errors
    /// It can't be read or written, or is no archive of ours.
    pub fn file(path: &Path, about: &About) -> io::Result<(Output<'a>, Before)> {
        let is_new = match durable::open_regular(path) {
            Ok(_) => false,
            Err(error) if error.kind() == io::ErrorKind::NotFound => begin(path, about).map(|()| true)?,
            Err(error) => return Err(error),
        };
        let (mut before, end) = read_back(BufReader::new(durable::open_regular(path)?))?;
        before.is_new = is_new;
        durable::truncate(path, end)?;
        let append = Append::open(path, MODE)?;
        Ok((Output::File { path: path.to_path_buf(), append: Some(append) }, before))
    }

    /// Writes a member with its contents.
    ///
    /// # Errors
    /// The disk is full, or the reader of the pipe is gone.
    pub fn member(&mut self, member: &Member, contents: &[u8]) -> io::Result<()> {
        self.begin(member)?;
        self.write(contents)?;
        self.end(member.size)
    }

    /// Writes what stands before a member's contents.
    ///
    /// # Errors
    /// As [`Output::member`].
    pub fn begin(&mut self, member: &Member) -> io::Result<()> {
        self.write(&header(member))
    }

    /// Writes what stands behind contents of this size.
    ///
    /// # Errors
    /// As [`Output::member`].
    pub fn end(&mut self, size: u64) -> io::Result<()> {
        self.write(&[0; BLOCK][..padding(size)])
    }

    /// Writes a part of a member.
    ///
    /// # Errors
    /// As [`Output::member`].
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Output::File { append: Some(append), .. } => append.write_all(bytes),
            Output::File { .. } => Err(io::Error::other("an earlier write to the archive failed")),
            Output::Pipe(pipe) => pipe.write_all(bytes),
        }
    }

    /// Brings what was written to the disk: from here a killed collection goes on.
    ///
    /// # Errors
    /// The disk fails; what was written since the last call is cut off again.
    pub fn keep(&mut self) -> io::Result<()> {
        match self {
            Output::File { path, append } => {
                append.take().map_or(Ok(()), Append::commit)?;
                *append = Some(Append::open(&*path, MODE)?);
                Ok(())
            }
            Output::Pipe(pipe) => pipe.flush(),
        }
    }

    /// Writes the end of the tar file.
    ///
    /// # Errors
    /// As [`Output::keep`].
    pub fn finish(mut self) -> io::Result<()> {
        self.write(&[0; TAIL])?;
        self.keep()
    }
}

/// A new file says from its first instant what it is.
fn begin(path: &Path, about: &About) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let text = about.text();
    let member = Member::note(SITE, text.len(), clock::seconds());
    durable::replace(path, &PathBuf::from(temporary), MODE, |file| {
        file.write_all(&header(&member))?;
        file.write_all(&text)?;
        file.write_all(&[0; BLOCK][..padding(member.size)])
    })
}

/// What an archive has up to its last piece, and where that ends. A member that is cut off ends the reading.
fn read_back(input: impl Read + Seek) -> io::Result<(Before, u64)> {
    let foreign = |what: &str| io::Error::new(io::ErrorKind::AlreadyExists, what.to_string());
    let mut reader = Reader::new(input)?;
    let (mut before, mut end) = (Before::default(), 0);
    while let Ok(Some(member)) = reader.next_member() {
        let name = String::from_utf8_lossy(&member.path).into_owned();
        if name != SITE && !name.starts_with(PIECES) {
            continue;
        }
        let mut bytes = Vec::new();
        if reader.read_to_end(&mut bytes).is_err() {
            break;
        }
        if name == SITE {
            before.about = About::parse(&bytes);
        } else {
            before.index.read(&bytes);
            before.pieces.push((name, crate::archive::sum(&bytes)));
        }
        end = reader.end_of_member();
    }
    match before.about.is_some() {
        true => Ok((before, end)),
        false => Err(foreign("the file is there and is no archive of collect")),
    }
}
