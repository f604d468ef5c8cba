//! The two system calls that Rust cannot make safely, each with its reason. Nothing else in this project is `unsafe`.
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
