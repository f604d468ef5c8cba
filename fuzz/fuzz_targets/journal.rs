//! Any bytes as the journal of a switch: whatever it says, nothing outside the site's programs is named.
#![no_main]

use compat::site::Site;
use libfuzzer_sys::fuzz_target;
use mailman2::demo::site;
use std::os::unix::fs::PermissionsExt;
use std::rc::Rc;

thread_local! {
    static SITE: (tempfile::TempDir, Rc<Site>) = {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let site = site::create(dir.path(), &[]).expect("a site");
        (dir, site)
    };
}

fuzz_target!(|data: &[u8]| {
    SITE.with(|(dir, site)| {
        let journal = dir.path().join("data/mailman2-rs.switch");
        std::fs::write(&journal, data).expect("a journal");
        std::fs::set_permissions(&journal, PermissionsExt::from_mode(0o640)).expect("its mode");
        let Ok(plan) = migration::switch::plan_back(site, None) else { return };
        let home = dir.path().to_string_lossy().into_owned();
        assert!(plan.steps().iter().all(|step| step.contains(&home)), "{:?}", plan.steps());
    });
});
