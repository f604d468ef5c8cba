//! Message-Ids: Mailman's own, and those of `email.utils.make_msgid`.

use crate::{clock, random, ByteStr};
use std::sync::atomic::{AtomicU64, Ordering};

/// `Mailman.Utils.unique_message_id`: `<mailman.SERIAL.TIME.PID.LIST@HOST>`, the same in 2.1.13 and 2.1.39. The serial
/// number counts from 0 in each process.
pub fn unique_message_id(list: &[u8], host: &[u8]) -> ByteStr {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let front = format!("<mailman.{serial}.{}.{}.", since_1970().as_secs(), std::process::id());
    [front.as_bytes(), list, b"@", host, b">"].concat().into()
}

/// `email.utils.make_msgid(idstring)` for a host that is known (Python asks the resolver for its full name).
pub fn make_msgid(id: Option<&[u8]>, host: &[u8]) -> ByteStr {
    let hundredths = since_1970().as_millis() / 10;
    let front = format!("<{hundredths}.{}.{}", std::process::id(), random::number());
    let id = id.map(|id| [b".", id].concat()).unwrap_or_default();
    [front.as_bytes(), &id, b"@", host, b">"].concat().into()
}

fn since_1970() -> std::time::Duration {
    clock::since_epoch()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_on_and_name_list_and_host() {
        let (first, second) = (unique_message_id(b"dev", b"example.org"), unique_message_id(b"dev", b"example.org"));
        assert_ne!(first, second);
        let text = first.to_latin1();
        assert!(text.starts_with("<mailman.") && text.ends_with(".dev@example.org>"));
        assert_eq!(text.matches('.').count(), 5);
    }

    #[test]
    fn python_ids_carry_the_given_string() {
        let text = make_msgid(Some(b"x"), b"h").to_latin1();
        assert!(text.ends_with(".x@h>") && text.starts_with('<'));
    }
}
