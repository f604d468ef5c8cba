//! contrib/qrunner-shim: which program it becomes, by mm_cfg.py. Run by the `python3` or `python` of this machine, and by
//! `MAILMAN2_TEST_PYTHON` where that is set; the file must be good for all of them.
#![allow(clippy::expect_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const SHIM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/qrunner-shim");

/// The interpreters there are.
fn pythons() -> Vec<String> {
    let named = std::env::var("MAILMAN2_TEST_PYTHON").ok();
    let usual = ["python3", "python"].map(String::from);
    let there = |name: &String| Command::new(name).arg("-V").output().is_ok_and(|output| output.status.success());
    named.into_iter().chain(usual).filter(there).collect()
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("made executable");
}

/// A prefix with the shim, a native program and an original that each say who they are and what they got.
fn prefix(mm_cfg: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bin = folder.path().join("bin");
    fs::create_dir_all(&bin).expect("made");
    fs::create_dir_all(folder.path().join("Mailman")).expect("made");
    fs::copy(SHIM, bin.join("qrunner")).expect("copied");
    let native = folder.path().join("native");
    write_program(&native, "#!/bin/sh\necho native \"$MAILMAN_PREFIX\" \"$@\"\nexit 2\n");
    write_program(&bin.join("qrunner.distrib"), "import sys\nsys.stdout.write('original ' + ' '.join(sys.argv[1:]))\n");
    let settings = format!("MAILMAN2_RS_PROGRAM = '{}'\n{mm_cfg}", native.display());
    fs::write(folder.path().join("Mailman/mm_cfg.py"), settings).expect("written");
    folder
}

/// What the program said that the shim became, and its exit code.
fn call(python: &str, prefix: &Path, args: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(python);
    command.arg(prefix.join("bin/qrunner")).args(args).env_remove("MAILMAN_PREFIX");
    let output = command.output().expect("python runs");
    (String::from_utf8_lossy(&output.stdout).trim().to_string(), output.status.code())
}

#[test]
fn without_a_word_in_mm_cfg_all_known_runners_are_native() {
    for python in pythons() {
        let folder = prefix("# MAILMAN2_RS_RUNNERS = ['NewsRunner']\n");
        let native = format!("native {}", folder.path().display());
        for args in [&["--runner=IncomingRunner:0:1", "-s"][..], &["-r", "News", "-o"], &["-rAll"], &["-l"]] {
            let expected = (format!("{native} {}", args.join(" ")), Some(2));
            assert_eq!(call(&python, folder.path(), args), expected, "{python}");
        }
        let (text, _) = call(&python, folder.path(), &["--runner=MemberMysqlRunner:0:1", "-s"]);
        assert_eq!(text, "original --runner=MemberMysqlRunner:0:1 -s", "{python}");
    }
}

#[test]
fn runners_can_be_moved_one_at_a_time() {
    for python in pythons() {
        let folder = prefix("MAILMAN2_RS_RUNNERS = [\n    'Outgoing', # 'NewsRunner'\n    \"RetryRunner\",\n]\nOTHER = ['ArchRunner']\n");
        let who =
            |args: &[&str]| call(&python, folder.path(), args).0.split(' ').next().unwrap_or_default().to_string();
        assert_eq!(who(&["--runner=OutgoingRunner:0:1", "-s"]), "native", "{python}");
        assert_eq!(who(&["-r", "Retry:0:2"]), "native", "{python}");
        assert_eq!(who(&["--runner=NewsRunner:0:1", "-s"]), "original", "{python}");
        assert_eq!(who(&["-r", "Arch"]), "original", "{python}");
        assert_eq!(who(&["-r", "Outgoing", "-r", "Arch", "-o"]), "original", "{python}");
    }
}

#[test]
fn a_missing_program_leaves_the_work_to_python() {
    for python in pythons() {
        let folder = prefix("");
        fs::remove_file(folder.path().join("native")).expect("removed");
        let args = ["--runner=NewsRunner:0:1", "-s"];
        // A machine that has the program in a usual place runs that one.
        if ["/usr/local/sbin", "/usr/sbin"].iter().all(|place| !Path::new(place).join("mailman2-rs").exists()) {
            assert_eq!(call(&python, folder.path(), &args).0, "original --runner=NewsRunner:0:1 -s");
        }
    }
}
