//! Any bytes as a mail box, and as the progress file of a delivery.
#![no_main]

use compat::ByteStr;
use libfuzzer_sys::fuzz_target;
use mailman2::archive::mbox;
use mailman2::delivery::progress::Progress;

fuzz_target!(|data: &[u8]| {
    let messages = mbox::split(&ByteStr::from(data));
    assert!(messages.iter().all(|message| message.starts_with(b"From ")));
    assert!(messages.iter().map(|message| message.len()).sum::<usize>() <= data.len());
    let Ok(dir) = tempfile::tempdir() else { return };
    let progress = Progress::new(dir.path(), &[b"an entry"]);
    std::fs::create_dir_all(progress.path().parent().expect("a folder")).expect("a temporary folder");
    std::fs::write(progress.path(), data).expect("a temporary file");
    progress.past().expect("what is damaged does not count");
});
