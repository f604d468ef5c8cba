//! `str()` of the `OSError`, `IOError` or `socket.error` that Python would have raised: what log lines end with.

use nix::errno::Errno;
use std::io;

/// Such as `[Errno 111] Connection refused`; `timed out` where a socket's time ran out; other errors in their own words.
pub fn os_error(error: &io::Error) -> String {
    let slow = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
    match error.raw_os_error() {
        // A connection that the system itself gave up has a number of its own in Python.
        Some(number) if !slow || number == Errno::ETIMEDOUT as i32 => {
            format!("[Errno {number}] {}", Errno::from_raw(number).desc())
        }
        _ if slow => "timed out".to_string(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_in_python() {
        let text = |number| os_error(&io::Error::from_raw_os_error(number));
        assert_eq!(text(2), "[Errno 2] No such file or directory");
        assert_eq!(text(110), "[Errno 110] Connection timed out");
        assert_eq!(text(11), "timed out");
        assert_eq!(os_error(&io::Error::from(io::ErrorKind::TimedOut)), "timed out");
        assert_eq!(os_error(&io::Error::other("odd")), "odd");
    }
}
