//! Runs cases through a Python 2 (`MAILMAN2_TEST_PYTHON`) in one process and compares its answers with ours.

// Each test uses what it needs.
#![allow(dead_code)]

use std::io::Write;
use std::process::{Command, Stdio};

/// A case: the line for Python's script, and our own answer to it.
pub struct Case {
    pub question: String,
    pub ours: String,
}

/// The hexadecimal form of a field; an empty one is `-`.
pub fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A question of a word and its fields.
pub fn question(word: &str, fields: &[&[u8]]) -> String {
    let fields = fields.iter().map(|field| hex(field));
    std::iter::once(word.to_owned()).chain(fields).collect::<Vec<_>>().join(" ")
}

/// Asks Python and panics with the first differences.
pub fn compare(script: &str, cases: &[Case]) {
    compare_up_to(script, cases, 0);
}

/// [`compare`], where this many in a thousand may differ for a reason that the caller names.
pub fn compare_up_to(script: &str, cases: &[Case], per_thousand: usize) {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    let questions: String = cases.iter().map(|case| format!("{}\n", case.question)).collect();
    let theirs = answers(&python, script, &questions);
    let stuck = cases.get(theirs.len()).map(|case| case.question.as_str());
    assert_eq!(stuck, None, "Python did not answer this case");
    // Where Python gives up by recursion or stumbles over an empty list, ours has an answer of its own.
    let stumbles = |theirs: &str| theirs == "RuntimeError" || theirs.starts_with("IndexError");
    let differs = |(case, theirs): &(&Case, &String)| case.ours != **theirs && !stumbles(theirs);
    let different: Vec<_> = cases.iter().zip(&theirs).filter(differs).collect();
    for (case, theirs) in different.iter().take(20) {
        println!("case   {}\nours   {}\npython {theirs}\n", case.question, case.ours);
    }
    let allowed = cases.len() * per_thousand / 1000;
    assert!(different.len() <= allowed, "{} of {} cases differ", different.len(), cases.len());
}

fn answers(python: &str, script: &str, questions: &str) -> Vec<String> {
    let mut child = Command::new(python)
        .args(["-W", "ignore", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("MAILMAN2_TEST_PYTHON can be started");
    let mut stdin = child.stdin.take().expect("a pipe");
    let questions = questions.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = child.wait_with_output().expect("Python's answers");
    // What Python left unread shows in the answers.
    let _ = writer.join().expect("the writer");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
