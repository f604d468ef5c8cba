//! Any bytes as a stored password, and as one that is tried: crypt(3), MD5, SHA-1, or none of them.
#![no_main]

use compat::list::{attributes, MailList};
use compat::value::Value;
use libfuzzer_sys::fuzz_target;
use mailman2::auth::{authenticate, hex_digest, AuthContext};
use mailman2_fuzz::World;

thread_local! {
    static WORLD: World = World::new(&[]);
}

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (stored, tried) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    WORLD.with(|world| {
        let mut list = MailList::load(&world.site, "garden").expect("the list");
        let mut is_right = |stored: &[u8]| {
            list.set(attributes::PASSWORD, Value::str(stored));
            authenticate(&mut list, &[AuthContext::ListAdmin], tried, None).is_some()
        };
        is_right(stored);
        assert_eq!(is_right(hex_digest(tried).as_bytes()), !tried.is_empty());
    });
});
