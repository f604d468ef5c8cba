//! Running the original beside ours. Needs MAILMAN2_TEST_PYTHON (a python2.7) and MAILMAN2_TEST_REFERENCE (prefixes of
//! installed Mailmans, separated by colons); such a test is ignored unless it is asked for.
//!
//! The installed trees are only read: settings point to a temporary folder, and no byte code is written.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// An installed Mailman and the Python to run it.
pub struct Reference {
    python: PathBuf,
    pub prefix: PathBuf,
}

/// Every reference there is.
pub fn references() -> Vec<Reference> {
    let python = PathBuf::from(std::env::var_os("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set"));
    let prefixes = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
    prefixes.split(':').map(|prefix| Reference { python: python.clone(), prefix: prefix.into() }).collect()
}

const PREAMBLE: &str = r#"
import sys, os
prefix, site = sys.argv[1:3]
sys.path[:0] = [prefix, os.path.join(prefix, 'pythonlib')]
from Mailman import mm_cfg
mm_cfg.LOG_DIR = site
mm_cfg.BADQUEUE_DIR = os.path.join(site, 'bad')
"#;

impl Reference {
    /// Starts a script; `site` is sys.argv[2], and `arguments` follow.
    pub fn start(&self, script: &str, site: &Path, arguments: &[&str]) -> Running {
        let mut child = Command::new(&self.python)
            .arg("-")
            .args([&self.prefix, &site.to_owned()])
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{PREAMBLE}{script}").as_bytes()).unwrap();
        Running(Some(child))
    }

    /// Runs a script and returns what it printed.
    pub fn run(&self, script: &str, site: &Path, arguments: &[&str]) -> String {
        self.start(script, site, arguments).finish()
    }
}

/// A script at work. A test that fails does not leave it behind: without its folder Python would wait forever.
pub struct Running(Option<Child>);

impl Running {
    /// Waits for its end, which must be a good one; returns what it printed.
    pub fn finish(mut self) -> String {
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        assert!(output.status.success(), "the reference failed");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Its process number.
    #[allow(dead_code)]
    pub fn id(&self) -> i32 {
        self.0.as_ref().unwrap().id() as i32
    }

    /// SIGKILL.
    #[allow(dead_code)]
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
