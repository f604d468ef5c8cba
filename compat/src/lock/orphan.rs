//! Proof that the holder of a lock is dead, so that nobody waits five hours for a process that was killed.
//!
//! That kill(pid, 0) finds nobody proves little: the claim may be of a container with the same host name and its own
//! process numbers, or of another machine on a shared file system. It is proven only when
//!
//! - the lock is on a file system that no other kernel can reach,
//! - we are in the machine's first process name space, from which every process is visible,
//! - and no process of the machine has the claim's number, *in any* name space (`NSpid` in /proc/PID/status).
//!
//! If one of these can't be had (hidepid, a container, an old kernel), the lock is left to its lifetime.

use super::claim::Holder;
use super::registry;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The inode of the first process name space, a constant of the kernel.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";
/// ext2 to ext4, XFS, btrfs, tmpfs, ramfs, F2FS, ZFS, overlay.
const LOCAL: [u64; 8] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x8584_58f6, 0xf2f5_2010, 0x2fc1_2fc1, 0x794c_7630];

/// The number of the holder's process when it is certain that no such process runs.
pub(super) fn proven_dead(lock: &Path, holder: &Holder) -> Option<i32> {
    let pid = holder.local_pid(lock)?;
    let proven = !registry::is_ours(&holder.claim) && is_local(lock) && nobody_has(Path::new("/proc"), pid);
    proven.then_some(pid)
}

fn is_local(lock: &Path) -> bool {
    nix::sys::statfs::statfs(lock)
        .is_ok_and(|about| u64::try_from(about.filesystem_type().0).is_ok_and(|kind| LOCAL.contains(&kind)))
}

/// Whether every process was seen and none has this number. Our own process does not count: the claim is not ours, so
/// it is of an earlier process with our number.
fn nobody_has(proc_root: &Path, pid: i32) -> bool {
    let name_space = fs::read_link(proc_root.join("self/ns/pid"));
    if !name_space.is_ok_and(|space| space == Path::new(FIRST_PID_NAMESPACE)) {
        return false;
    }
    let own = std::process::id().to_string();
    let sees_all = numbers_of(proc_root, "1").is_some_and(|found| found.is_some());
    let Ok(listing) = fs::read_dir(proc_root) else { return false };
    let mut processes = listing
        .flatten()
        .filter_map(|item| item.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|b| b.is_ascii_digit()) && *name != own);
    sees_all && processes.all(|process| is_another(proc_root, &process, pid))
}

/// Whether a process is gone by now, or has other numbers in all its name spaces.
fn is_another(proc_root: &Path, process: &str, pid: i32) -> bool {
    match numbers_of(proc_root, process) {
        Some(Some(numbers)) => !numbers.contains(&pid),
        Some(None) => true,
        None => false,
    }
}

/// The numbers of a process in all its name spaces: `Some(None)` when it has ended, `None` when they can't be read.
fn numbers_of(proc_root: &Path, process: &str) -> Option<Option<Vec<i32>>> {
    let status = match fs::read(proc_root.join(process).join("status")) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == ErrorKind::NotFound || e.raw_os_error() == Some(nix::errno::Errno::ESRCH as i32) => {
            return Some(None)
        }
        Err(_) => return None,
    };
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    Some(Some(line.split_whitespace().filter_map(|number| number.parse().ok()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proc_with(processes: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("self/ns")).unwrap();
        std::os::unix::fs::symlink(FIRST_PID_NAMESPACE, root.path().join("self/ns/pid")).unwrap();
        for (pid, status) in processes {
            fs::create_dir_all(root.path().join(pid)).unwrap();
            fs::write(root.path().join(pid).join("status"), status).unwrap();
        }
        root
    }

    const INIT: (&str, &str) = ("1", "Name:\tinit\nNSpid:\t1\n");

    #[test]
    fn a_number_that_nobody_has_is_dead() {
        let root = proc_with(&[INIT, ("900", "NSpid:\t900\n")]);
        assert!(nobody_has(root.path(), 77));
        assert!(!nobody_has(root.path(), 900));
    }

    #[test]
    fn a_number_inside_a_container_is_alive() {
        let root = proc_with(&[INIT, ("900", "NSpid:\t900\t77\n")]);
        assert!(!nobody_has(root.path(), 77));
    }

    #[test]
    fn without_sight_there_is_no_proof() {
        let no_init = proc_with(&[("900", "NSpid:\t900\n")]);
        assert!(!nobody_has(no_init.path(), 77), "hidepid");
        let old_kernel = proc_with(&[INIT, ("900", "Pid:\t900\n")]);
        assert!(!nobody_has(old_kernel.path(), 77), "no NSpid");
        let container = proc_with(&[INIT]);
        fs::remove_file(container.path().join("self/ns/pid")).unwrap();
        std::os::unix::fs::symlink("pid:[4026532000]", container.path().join("self/ns/pid")).unwrap();
        assert!(!nobody_has(container.path(), 77), "another name space");
    }

    #[test]
    fn an_ended_process_is_no_obstacle() {
        let root = proc_with(&[INIT]);
        fs::create_dir(root.path().join("901")).unwrap();
        assert!(nobody_has(root.path(), 77));
    }
}
