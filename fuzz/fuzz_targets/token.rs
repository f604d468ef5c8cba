//! Any bytes as the token of a form: read without a fault, and none is good without the signature of one that was made here.
#![no_main]

use compat::list::MailList;
use libfuzzer_sys::fuzz_target;
use mailman2::auth::csrf::FormOf;
use mailman2::auth::form_token::{check, token, Proof};
use mailman2::auth::AuthContext;
use mailman2_fuzz::World;
use std::sync::OnceLock;

/// A site's list and a token of its own.
struct Desk {
    _world: World,
    list: MailList,
    made: Vec<u8>,
    /// Where what cannot be guessed begins in it.
    signature: usize,
}

/// Digits of a signature of Mailman's: hex of hex of SHA-1. What surrounds it is a marshal, and the same pair can be
/// written in more than one way, there as here.
const MAILMANS: usize = 80;

impl Desk {
    fn new(tokens: &str) -> Desk {
        let world = World::new(&["FORM_LIFETIME = 1 << 40", &format!("MAILMAN2_RS_FORM_TOKENS = '{tokens}'")]);
        let list = MailList::load(&world.site, "garden").expect("the list");
        let made = token(&list, FormOf::Admin, AuthContext::ListAdmin).expect("a key").unwrap_or_default().into_bytes();
        let signature = if tokens == "mailman" { made.len().saturating_sub(MAILMANS) } else { 0 };
        Desk { _world: world, list, made, signature }
    }

    fn is_signed(&self, given: &[u8]) -> bool {
        let signature = &self.made[self.signature..];
        given.windows(signature.len().max(1)).any(|window| window.eq_ignore_ascii_case(signature))
    }

    fn tries(&self, given: &[u8]) {
        for form in [FormOf::Admin, FormOf::Edithtml, FormOf::Admindb, FormOf::Options(b"ann@example.org")] {
            let proof = check(&self.list, given, form).expect("a key");
            assert!(proof == Proof::None || self.is_signed(given), "{proof:?}");
        }
    }
}

thread_local! {
    static DESKS: OnceLock<[Desk; 2]> = const { OnceLock::new() };
}

fuzz_target!(|data: &[u8]| {
    DESKS.with(|desks| {
        for desk in desks.get_or_init(|| ["own", "mailman"].map(Desk::new)) {
            desk.tries(data);
            // A token that was made here, with a piece of it exchanged.
            let Some((&at, piece)) = data.split_first() else { continue };
            let at = usize::from(at) % (desk.made.len() + 1);
            let end = (at + piece.len()).min(desk.made.len());
            desk.tries(&[&desk.made[..at], piece, &desk.made[end..]].concat());
        }
    });
});
