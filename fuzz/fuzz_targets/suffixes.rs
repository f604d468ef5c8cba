//! Any bytes as a public suffix list, and its last line as a domain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::dns::suffixes::Suffixes;
use mailman2_fuzz::World;

thread_local! {
    static WORLD: World = World::new(&["MAILMAN2_RS_PUBLIC_SUFFIX_FILE = '{}/suffixes'"]);
}

fuzz_target!(|data: &[u8]| {
    let end = data.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
    let (rules, domain) = data.split_at(end);
    let domain = domain.trim_ascii();
    WORLD.with(|world| {
        std::fs::write(world.path("suffixes"), rules).expect("a file");
        let suffixes = Suffixes::of_site(&world.site).expect("a readable file");
        let found = suffixes.organisational_domain(domain);
        assert!(domain.to_ascii_lowercase().ends_with(&found), "{found}");
    });
});
