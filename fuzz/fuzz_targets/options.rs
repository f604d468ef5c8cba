//! Any bytes as a file for `config_list -i`: each setting is taken or refused, and the list can be saved.
#![no_main]

use compat::list::LockedList;
use compat::pyconfig::{evaluate, Defaults, Request};
use libfuzzer_sys::fuzz_target;
use mailman2::lists::options::apply::set;
use mailman2_fuzz::World;
use std::path::Path;

thread_local! {
    static WORLD: World = World::new(&[]);
}

fuzz_target!(|data: &[u8]| {
    let request =
        Request { file: Path::new("f"), source: data, defaults: Defaults::Table(Vec::new()), folders: Vec::new() };
    let Ok(outcome) = evaluate(request) else { return };
    if outcome.settings.is_empty() {
        return;
    }
    WORLD.with(|world| {
        let mut list = LockedList::open(&world.site, "garden", None).expect("the list");
        for setting in outcome.settings {
            set(&mut list, &setting.name, &setting.value);
        }
        let saved = list.save();
        let _ = list.unlock();
        if saved.is_ok() {
            LockedList::open(&world.site, "garden", None).expect("the list that was saved");
        }
        world.make_list();
    });
});
