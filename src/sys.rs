//! The calls that Rust cannot make safely, each with its reason. Nothing else in this project is `unsafe`.
#![allow(unsafe_code)]

use nix::unistd::{ForkResult, Pid};
use std::ffi::{CStr, CString};
use std::io;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Splits the process in two, as `mailmanctl start` has always done: the child keeps the command line that scripts look
/// for in `ps`, and the parent can hand it the master lock. `None` is the child.
///
/// # Errors
/// What the system reports.
pub fn fork() -> nix::Result<Option<Pid>> {
    // SAFETY: mailmanctl is single-threaded up to here (it starts no thread before or after), so the child inherits no
    // lock that a vanished thread holds, and may go on as an ordinary program.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// Does something in a new process before it becomes the program.
pub fn before_exec(
    command: &mut Command,
    work: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) -> &mut Command {
    // SAFETY: the only caller is `process`, whose work is system calls alone: it takes no memory and no lock, one of which
    // another thread may hold forever in the copy.
    unsafe { command.pre_exec(work) }
}

/// What the local time zone calls itself at a moment, such as `CEST`: Python's `time.tzname`, which archive pages show.
pub fn zone_name(seconds: i64) -> String {
    // SAFETY: a structure of numbers and a pointer, all of which may be 0.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    let when = seconds as libc::time_t;
    // SAFETY: localtime_r fills the structure that it is given. The name that it points to is the C library's, stays
    // until the next tzset, and is copied before anything else is called.
    unsafe {
        if libc::localtime_r(&when, &mut parts).is_null() || parts.tm_zone.is_null() {
            return String::from("UTC");
        }
        std::ffi::CStr::from_ptr(parts.tm_zone).to_string_lossy().into_owned()
    }
}

/// Lets everybody else on this machine go first.
pub fn lower_priority() {
    // SAFETY: setpriority takes three numbers and touches no memory. Refused, all goes on as before.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 19);
    }
}

/// Takes every variable out of the environment. Only for a program that has one thread.
pub fn forget_environment() {
    // SAFETY: clearenv takes nothing and frees only the C library's own table of names; the caller has one thread, so
    // nobody reads a variable meanwhile.
    unsafe {
        libc::clearenv();
    }
}

/// The name of an address in DNS, or wherever else the system looks for names.
pub fn name_of(address: IpAddr) -> Option<String> {
    let (socket, length) = socket_address(address);
    let mut name = [0; libc::NI_MAXHOST as usize];
    // SAFETY: the address is a whole `sockaddr_in` or `sockaddr_in6` and its length that of its family; the name's
    // buffer is as long as is said, and holds a C string if 0 comes back.
    unsafe {
        let socket = (&raw const socket).cast();
        let room = name.len() as libc::socklen_t;
        match libc::getnameinfo(socket, length, name.as_mut_ptr(), room, std::ptr::null_mut(), 0, libc::NI_NAMEREQD) {
            0 => Some(std::ffi::CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned()),
            _ => None,
        }
    }
}

/// An address as the C library takes it, and how long it is.
fn socket_address(address: IpAddr) -> (libc::sockaddr_in6, libc::socklen_t) {
    // SAFETY: a structure of numbers, all of which may be 0.
    let mut socket: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
    match address {
        IpAddr::V6(address) => {
            socket.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            socket.sin6_addr.s6_addr = address.octets();
            (socket, size_of::<libc::sockaddr_in6>() as libc::socklen_t)
        }
        IpAddr::V4(address) => {
            socket.sin6_family = libc::AF_INET as libc::sa_family_t;
            // A `sockaddr_in` has its address where this one has its flow information.
            socket.sin6_flowinfo = u32::from_ne_bytes(address.octets());
            (socket, size_of::<libc::sockaddr_in>() as libc::socklen_t)
        }
    }
}

/// The first socket that systemd opened for this process (`LISTEN_FDS`), once.
pub fn given_socket() -> Option<std::os::fd::OwnedFd> {
    use std::os::fd::FromRawFd;
    static TAKEN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    const FIRST: i32 = 3;
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    let is_for_us = number("LISTEN_PID") == Some(std::process::id()) && number("LISTEN_FDS").unwrap_or(0) > 0;
    if !is_for_us || TAKEN.swap(true, std::sync::atomic::Ordering::SeqCst) {
        return None;
    }
    // SAFETY: systemd's protocol says that this descriptor is open and given to this very process, and nothing else in
    // it knows the number; it is taken once.
    Some(unsafe { std::os::fd::OwnedFd::from_raw_fd(FIRST) })
}

/// Writes a remark beside a file: an extended attribute, which leaves the file's bytes alone and goes when it does. Not
/// every file system has them.
///
/// # Errors
/// The system's; `ENOTSUP` on a file system without attributes.
pub fn set_remark(path: &Path, name: &CStr, text: &[u8]) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: both names end in a zero byte, the text has the length that is given, and none of them is kept.
    match unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), text.as_ptr().cast(), text.len(), 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A remark beside a file; none where it was never written or does not fit.
pub fn remark(path: &Path, name: &CStr) -> Option<Vec<u8>> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    let mut text = vec![0_u8; 4096];
    // SAFETY: both names end in a zero byte, and no more is written than the buffer's length.
    let length = unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
    text.truncate(usize::try_from(length).ok()?);
    Some(text)
}

/// Gives freed memory back to the system.
///
/// glibc keeps what a large message or list once needed (measured: 326 MB kept without this call, 3 MB with it). Other
/// allocators and C libraries give it back by themselves or not at all.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes a number, touches only the allocator's own free lists under its own locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Lets go of the program text and constants that starting up, or the last work, brought into this process.
///
/// The pages stay in the system's cache, shared by all runners, and come back when they run again. A resting runner
/// counts 2.6 MB instead of 7.5.
pub fn let_go_of_program_text() {
    #[cfg(target_os = "linux")]
    for line in std::fs::read_to_string("/proc/self/maps").unwrap_or_default().lines() {
        let Some((from, to)) = unchanging(line) else { continue };
        // SAFETY: the range is one that the kernel has just named as a mapping of a file without write permission, so
        // nothing in it is changed and each page is read again from the file when it is touched.
        unsafe {
            libc::madvise(from as *mut libc::c_void, to - from, libc::MADV_DONTNEED);
        }
    }
}

/// The range of a line of `/proc/self/maps` that maps what nothing ever changes: the text of a program or library, and
/// its constants where they come first. What comes after the text may hold addresses that the loader has filled in.
fn unchanging(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (range, permissions, offset, path) = (words.next()?, words.next()?, words.next()?, words.nth(2)?);
    let (from, to) = range.split_once('-')?;
    let is_constant = permissions == "r-xp" || (permissions == "r--p" && offset == "00000000");
    (is_constant && path.starts_with('/'))
        .then_some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
}

/// The socket that systemd hands to a service that it starts on the first connection: descriptor 3, if the environment
/// says that it is meant for this process.
pub fn inherited_listener() -> Option<std::net::TcpListener> {
    use std::os::fd::FromRawFd;
    const FIRST: i32 = 3;
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if number("LISTEN_PID")? != std::process::id() || number("LISTEN_FDS")? < 1 {
        return None;
    }
    // SAFETY: by the protocol the descriptor is open and nobody else's. It is taken once, while a command starts.
    let listener = unsafe { std::net::TcpListener::from_raw_fd(FIRST) };
    listener.local_addr().is_ok().then_some(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This machine's own name for itself, which every system has in a file.
    #[test]
    fn the_local_host_has_a_name() {
        assert!(name_of(IpAddr::from([127, 0, 0, 1])).is_some_and(|name| name.contains("localhost")));
        assert_eq!(name_of(IpAddr::from([192, 0, 2, 1])), None);
    }

    #[test]
    fn only_what_never_changes_is_let_go() {
        for (line, expected) in [
            ("1000-3000 r--p 00000000 fe:00 247030      /usr/bin/cat", Some((0x1000, 0x3000))),
            ("3000-8000 r-xp 00002000 fe:00 247030      /usr/bin/cat", Some((0x3000, 0x8000))),
            ("8000-9000 r--p 00007000 fe:00 247030      /usr/bin/cat", None),
            ("9000-a000 rw-p 00008000 fe:00 247030      /usr/bin/cat", None),
            ("9000-a000 rwxp 00000000 fe:00 247030      /usr/bin/cat", None),
            ("7ffd3a5f9000-7ffd3a5fb000 r-xp 00000000 00:00 0      [vdso]", None),
            ("7f5ea8336000-7f5ea8358000 r-xp 00000000 00:00 0 ", None),
            ("", None),
        ] {
            assert_eq!(unchanging(line), expected, "{line}");
        }
    }

    #[test]
    fn a_program_that_let_go_of_its_text_runs_on() {
        let before = zone_name(0);
        let_go_of_program_text();
        assert_eq!(zone_name(0), before);
    }
}
