//! Any bytes as the file of a delivery's progress, and as addresses in it: what is noted is known afterwards.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::delivery::progress::{Done, Progress};
use mailman2_fuzz::World;

thread_local! {
    static WORLD: World = World::new(&[]);
}

fuzz_target!(|data: &[u8]| {
    WORLD.with(|world| {
        let mut progress = Progress::new(&world.path("data"), &[b"an entry"]);
        std::fs::create_dir_all(world.path("data/delivery")).expect("a folder");
        std::fs::write(progress.path(), data).expect("a file");
        let before = progress.past().expect("what is damaged does not count");
        let known = before.served.get(data).copied().unwrap_or(0);
        let done = Done { recipients: vec![data], lost: vec![(data, data.to_vec())], ..Done::default() };
        progress.note(&done).expect("noted");
        let after = progress.past().expect("what was noted");
        // A last line of which only the end was missing counts as well by now.
        assert!(after.served.get(data).is_some_and(|count| *count > known));
        assert!(after.lost.len() > before.lost.len());
    });
});
