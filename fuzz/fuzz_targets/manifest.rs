//! Any bytes as a manifest of a site's messages, with which the site is compared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2_fuzz::World;

thread_local! {
    static WORLD: World = World::new(&[]);
}

fuzz_target!(|data: &[u8]| {
    WORLD.with(|world| {
        let file = world.path("manifest");
        std::fs::write(&file, data).expect("a file");
        let _ = migration::verify::compare(&world.site, &file);
        // As if it had been ended properly.
        let entries = data.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"entry\t")).count();
        let end = format!("\nend\t{entries}\n");
        std::fs::write(&file, [b"mailman2-rs manifest 1\n", data, end.as_bytes()].concat()).expect("a file");
        let _ = migration::verify::compare(&world.site, &file);
    });
});
