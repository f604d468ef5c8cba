//! The calls that Rust cannot make safely, each with its reason. Nothing else in this project is `unsafe`.
#![allow(unsafe_code)]

use nix::unistd::{ForkResult, Pid};

/// Splits the process in two, as `mailmanctl start` has always done: the child keeps the command line that scripts look
/// for in `ps`, and the parent can hand it the master lock. `None` is the child.
pub fn fork() -> nix::Result<Option<Pid>> {
    // SAFETY: mailmanctl is single-threaded up to here (it starts no thread before or after), so the child inherits no
    // lock that a vanished thread holds, and may go on as an ordinary program.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// What the local time zone calls itself at a moment, such as `CEST`: Python's `time.tzname`, which archive pages show.
pub fn zone_name(seconds: i64) -> String {
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
