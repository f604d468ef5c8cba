//! What the system alone takes for a post: the calls that IncomingRunner makes for posts to a small list under load, and
//! nothing else. No runner can be quicker than this on the same file system with the same syncs.
//!
//!     cargo run --release --example bare_post -- [POSTS]
//!
//! The calls were read off `strace -f qrunner -r Incoming` on a full queue. A batch of 32 entries is renamed and read, each
//! becomes an entry of `out`, all are synced, renamed and their folder synced; the list's lock and file are written once a
//! batch. What is printed is CPU time, the kernel's and our own, and time by the clock. Files are made below TMPDIR.

use nix::fcntl::{posix_fadvise, OFlag, PosixFadviseAdvice};
use nix::sys::resource::{getrusage, UsageWho};
use nix::sys::time::TimeVal;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

const BATCH: usize = 32;
/// An entry as it comes in, as it goes out to ten members, and the file of such a list.
const ENTRY: [u8; 545] = [b'x'; 545];
const POST: [u8; 2081] = [b'x'; 2081];
const LIST: [u8; 4891] = [b'x'; 4891];

fn main() -> io::Result<()> {
    let posts = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir()?;
    let site = folder.path();
    for name in ["in", "out", "list", "locks"] {
        fs::create_dir(site.join(name))?;
    }
    fs::write(site.join("list/config.pck"), LIST)?;
    fs::write(site.join("list/config.pck.last"), LIST)?;
    let (mut user, mut system, mut clock) = (0.0, 0.0, Duration::ZERO);
    for _ in 0..posts / BATCH {
        let names: Vec<String> = (0..BATCH).map(|at| format!("1795475402.73+{at:040x}")).collect();
        names.iter().try_for_each(|name| fs::write(site.join("in").join(format!("{name}.pck")), ENTRY))?;
        let (before, start) = (usage()?, Instant::now());
        batch(site, &names)?;
        clock += start.elapsed();
        let after = usage()?;
        (user, system) = (user + after.0 - before.0, system + after.1 - before.1);
        names.iter().try_for_each(|name| fs::remove_file(site.join("out").join(format!("{name}.pck"))))?;
    }
    let each = |seconds: f64| seconds * 1e3 / (posts / BATCH * BATCH).max(1) as f64;
    println!(
        "{posts} posts: {:.3} CPU-ms each ({:.3} of the kernel), {:.3} ms by the clock",
        each(user + system),
        each(system),
        each(clock.as_secs_f64())
    );
    Ok(())
}

/// CPU time of this process, its own and the kernel's, in seconds.
fn usage() -> io::Result<(f64, f64)> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok((seconds(usage.user_time()), seconds(usage.system_time())))
}

fn batch(site: &Path, names: &[String]) -> io::Result<()> {
    let (lock, claim) = (site.join("locks/list.lock"), site.join("locks/list.lock.host.1.0"));
    take_lock(&lock, &claim)?;
    let mut new = Vec::new();
    for name in names {
        let bak = take_entry(&site.join("in"), name)?;
        let _ = bak.metadata()?;
        new.push(create(site.join("out").join(format!("{name}.pck.tmp")))?);
    }
    let list = create(site.join("list/config.pck.tmp"))?;
    new.iter_mut().try_for_each(|(file, _)| file.write_all(&POST))?;
    (&list.0).write_all(&LIST)?;
    let all: Vec<&(File, PathBuf)> = new.iter().chain([&list]).collect();
    for (file, _) in &all {
        posix_fadvise(file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    }
    all.iter().try_for_each(|(file, _)| file.sync_all())?;
    new.iter().try_for_each(|(_, path)| fs::rename(path, path.with_extension("")))?;
    put_list(&site.join("list"), &list.1)?;
    drop(new);
    for folder in ["list", "out"] {
        File::open(site.join(folder))?.sync_all()?;
    }
    fs::remove_file(&lock)?;
    fs::remove_file(&claim)?;
    names.iter().try_for_each(|name| fs::remove_file(site.join("in").join(format!("{name}.bak"))))
}

fn take_lock(lock: &Path, claim: &Path) -> io::Result<()> {
    let (mut file, _) = create(claim.to_path_buf())?;
    file.write_all(claim.as_os_str().as_encoded_bytes())?;
    file.set_modified(SystemTime::now())?;
    fs::hard_link(claim, lock)?;
    let _ = fs::read(lock)?;
    fs::symlink_metadata(claim).map(drop)
}

fn take_entry(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let (queued, in_work) = (folder.join(format!("{name}.pck")), folder.join(format!("{name}.bak")));
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(&queued)?;
    file.metadata()?;
    let _ = fs::symlink_metadata(&in_work);
    fs::rename(&queued, &in_work)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(in_work)
}

fn create(path: PathBuf) -> io::Result<(File, PathBuf)> {
    let flags = OFlag::O_NOFOLLOW.bits();
    let file = OpenOptions::new().write(true).create_new(true).mode(0o660).custom_flags(flags).open(&path)?;
    file.set_permissions(Permissions::from_mode(0o660))?;
    Ok((file, path))
}

fn put_list(folder: &Path, new: &Path) -> io::Result<()> {
    let (now, last) = (folder.join("config.pck"), folder.join("config.pck.last"));
    fs::remove_file(&last)?;
    fs::hard_link(&now, &last)?;
    fs::rename(new, &now)
}
