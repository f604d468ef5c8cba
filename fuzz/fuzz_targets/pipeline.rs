//! Any bytes as mail to a list, to its commands or as a bounce, through all runners: nothing panics, nothing is lost. The
//! entry leaves its queue, for another one or for good.
#![no_main]

use compat::queue::QueueName;
use libfuzzer_sys::fuzz_target;
use mailman2_fuzz::World;

/// What an input leaves behind.
const LEFT: [&str; 6] = [
    "qfiles/out",
    "qfiles/shunt",
    "qfiles/virgin",
    "archives/private/garden",
    "archives/private/garden.mbox",
    "data/bounce-events-0",
];

thread_local! {
    static WORLD: World = World::new(&[]);
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, text)) = data.split_first() else { return };
    let (queue, key, runners): (_, _, &[&str]) = match which % 3 {
        0 => (QueueName::In, "tolist", &["IncomingRunner", "VirginRunner", "ArchRunner"]),
        1 => (QueueName::Bounces, "tobounces", &["BounceRunner", "VirginRunner"]),
        _ => (QueueName::Commands, "torequest", &["CommandRunner", "VirginRunner"]),
    };
    WORLD.with(|world| {
        world.enqueue(queue, key, text);
        runners.iter().for_each(|runner| world.run(runner));
        for folder in ["in", "bounces", "commands", "virgin", "archive"] {
            assert_eq!(world.count(folder), 0, "{folder} is not done with");
        }
        world.clear(&LEFT);
        world.make_list();
    });
});
