//! Tar files, as far as `collect` writes and `restore` reads them: POSIX ustar with GNU's long names and large numbers,
//! and on reading pax records too, so that any tar of the last decades can make or open them.
//!
//! A library for this would bring two crates; what is needed of the format is three hundred lines.

mod header;
mod read;

pub use header::header;
pub use read::{Reader, TarError};

/// Everything in a tar file comes in blocks of this size.
pub const BLOCK: usize = 512;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    /// A symbolic link.
    Link,
    /// Another name of a file that came before.
    Twin,
    /// A device, a pipe, or what no tar of today writes.
    Other(u8),
}

/// A member without its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, in whatever bytes.
    pub path: Vec<u8>,
    pub kind: Kind,
    /// Permissions, without the kind.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// The user's and group's name, where the writer knew them.
    pub user: Vec<u8>,
    pub group: Vec<u8>,
    /// Bytes of its contents.
    pub size: u64,
    /// Seconds of Unix time.
    pub modified: i64,
    /// Where a link leads, or which file has the other name.
    pub target: Vec<u8>,
}

impl Member {
    /// A file of ours in an archive.
    pub fn note(path: &str, size: usize, modified: i64) -> Member {
        Member {
            path: path.as_bytes().to_vec(),
            kind: Kind::File,
            mode: 0o600,
            uid: 0,
            gid: 0,
            user: Vec::new(),
            group: Vec::new(),
            size: size as u64,
            modified,
            target: Vec::new(),
        }
    }
}

/// How many zeros follow contents of this size.
pub fn padding(size: u64) -> usize {
    let beyond = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - beyond) % BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};
    use std::process::Command;

    fn member(path: &[u8], size: u64) -> Member {
        Member {
            user: b"list".to_vec(),
            mode: 0o2775,
            uid: 38,
            ..Member { path: path.to_vec(), ..Member::note("", 0, 7) }
        }
        .sized(size)
    }

    impl Member {
        fn sized(self, size: u64) -> Member {
            Member { size, ..self }
        }
    }

    fn written(members: &[(Member, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (member, contents) in members {
            out.extend(header(member));
            out.extend_from_slice(contents);
            out.resize(out.len() + padding(member.size), 0);
        }
        out.resize(out.len() + 2 * BLOCK, 0);
        out
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Member, Vec<u8>)>, TarError> {
        let mut reader = Reader::new(Cursor::new(bytes)).unwrap();
        let mut all = Vec::new();
        while let Some(member) = reader.next_member()? {
            let mut contents = Vec::new();
            reader.read_to_end(&mut contents).map_err(|error| TarError::Io { at: 0, error })?;
            all.push((member, contents));
        }
        Ok(all)
    }

    #[test]
    fn what_was_written_is_read_back() {
        let long = [&b"a/"[..], &[b'x'; 300], b"\xff\n\\"].concat();
        let link = Member { kind: Kind::Link, target: long.clone(), ..member(b"l", 0) };
        let members = [
            (member(b"short", 5), &b"hello"[..]),
            (member(&long, 512), &[7; 512][..]),
            (link, b""),
            (Member { kind: Kind::Folder, uid: 4_000_000, ..member(b"folder/", 0) }, b""),
            (Member { modified: -5, ..member(b"old", 0) }, b""),
        ];
        let back = read(&written(&members)).unwrap();
        assert_eq!(back.len(), members.len());
        for ((member, contents), (wanted, bytes)) in back.iter().zip(&members) {
            assert_eq!((member, &contents[..]), (wanted, *bytes));
        }
    }

    #[test]
    fn cut_off_or_damaged_is_told() {
        let whole = written(&[(member(b"short", 5), b"hello"), (member(b"other", 600), &[1; 600])]);
        for cut in [1, 511, 513, 1024, 1100, 1536, 2000] {
            assert!(matches!(read(&whole[..cut]), Err(TarError::Cut { .. })) || cut == 1024, "{cut}");
        }
        for at in 0..BLOCK {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            match read(&bytes) {
                Err(error) => assert!(matches!(error, TarError::Header { .. }), "{at}"),
                // What ends the digits of the checksum may be a blank or a zero.
                Ok(members) => assert_eq!(members, read(&whole).unwrap(), "{at}"),
            }
        }
    }

    /// What GNU tar makes is read, and it lists what we make; nothing is shown where there is no tar.
    #[test]
    fn gnu_tar_agrees() {
        let folder = tempfile::tempdir().unwrap();
        let long = "n".repeat(180);
        std::fs::write(folder.path().join(&long), "text").unwrap();
        std::fs::hard_link(folder.path().join(&long), folder.path().join("twin")).unwrap();
        for format in ["gnu", "pax"] {
            let mut tar = Command::new("tar");
            tar.args(["--format", format, "-cf", "-", "-C"]).arg(folder.path()).args([long.as_str(), "twin"]);
            let Ok(output) = tar.output() else {
                eprintln!("skipped: there is no tar");
                return;
            };
            let back = read(&output.stdout).unwrap();
            assert_eq!((back[0].0.path.len(), &back[0].1[..]), (180, &b"text"[..]), "{format}");
            assert_eq!((back[1].0.kind, &back[1].0.target[..]), (Kind::Twin, long.as_bytes()));
        }
        let ours = folder.path().join("ours.tar");
        std::fs::write(&ours, written(&[(member(&[b'y'; 250], 5), b"hello")])).unwrap();
        let listed = Command::new("tar").arg("-tf").arg(&ours).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "y".repeat(250));
    }
}
