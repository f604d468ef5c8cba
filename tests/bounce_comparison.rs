//! Every bounce detector beside the original, on the original's own samples and on damaged copies of them.
//!
//! Runs where `MAILMAN2_TEST_PYTHON` names a python2.7 and `MAILMAN2_TEST_REFERENCE_SOURCE` source trees of Mailman
//! (separated by `:`) where it is asked for. The samples are read in place; none is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use compat::email::parser::parse;
use compat::site::{Profile, Version};
use compat::ByteStr;
use mailman2::bounce::detectors::{Finding, PIPELINE};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints `file, detector, answer` for every file of a folder. Nothing of the site's settings is needed.
const ASK: &str = r#"
import sys, os, types, email
from binascii import hexlify
sys.dont_write_bytecode = True
source, folder, names = sys.argv[1], sys.argv[2], sys.argv[3].split(',')
sys.path.insert(0, source)
syslog = sys.modules['Mailman.Logging.Syslog'] = types.ModuleType('Mailman.Logging.Syslog')
syslog.syslog = lambda *args: None
from Mailman.Bouncers.BouncerAPI import Stop
def ask(name, msg):
    module = 'Mailman.Bouncers.' + name
    __import__(module)
    try:
        answer = sys.modules[module].process(msg)
    except Exception, error:
        return 'error'
    if answer is Stop:
        return 'stop'
    return ' '.join(['x' + hexlify(address) for address in answer or []]) or 'nothing'
for file in sorted(os.listdir(folder)):
    msg = email.message_from_string(open(os.path.join(folder, file)).read())
    for name in names:
        print '%s\t%s\t%s' % (file, name, ask(name, msg))
"#;

fn answer(finding: Finding) -> String {
    let hex = |address: &ByteStr| address.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match finding {
        Finding::Nothing => "nothing".to_string(),
        Finding::Stop => "stop".to_string(),
        Finding::Addresses(found) => found.iter().map(|a| format!("x{}", hex(a))).collect::<Vec<_>>().join(" "),
    }
}

/// A sample and copies of it that are changed in ways that real bounces are.
fn variants(text: &[u8]) -> Vec<Vec<u8>> {
    let (head, body) = match text.windows(2).position(|window| window == b"\n\n") {
        Some(at) => text.split_at(at + 2),
        None => (text, &b""[..]),
    };
    let lines: Vec<&[u8]> = body.split_inclusive(|&b| b == b'\n').collect();
    let without = |nth: usize| {
        lines
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 5 != nth)
            .flat_map(|(_, line)| line.to_vec())
            .collect::<Vec<u8>>()
    };
    let swapped: Vec<u8> =
        body.iter().map(|b| if b.is_ascii_lowercase() { b ^ 0x20 } else { b.to_ascii_lowercase() }).collect();
    let replaced = |from: &[u8], to: &[u8]| {
        body.split_inclusive(|&b| b == from[0])
            .flat_map(|part| [part.strip_suffix(from).unwrap_or(part), to].concat())
            .collect::<Vec<u8>>()
    };
    let mut bodies = vec![body.to_vec(), swapped, replaced(b"<", b"<<"), replaced(b"\n", b"\r\n"), replaced(b">", b"")];
    bodies.extend((0..5).map(without));
    bodies.extend([3, 2].map(|part| body[..body.len() / part].to_vec()));
    let mut all: Vec<Vec<u8>> = bodies.into_iter().map(|body| [head, &body].concat()).collect();
    // Wrapped, and without its MIME headers.
    let wrapper = b"From: mailer-daemon@yahoo.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=wrapped\n\n--wrapped\n";
    all.push([&wrapper[..], b"Content-Type: message/rfc822\n\n", text, b"\n--wrapped--\n"].concat());
    all.push(
        [
            &wrapper[..],
            b"Content-Type: text/plain\nContent-Description: notification\n\n",
            body,
            b"\n--wrapped\n\nx\n--wrapped--\n",
        ]
        .concat(),
    );
    all.push([&b"From: MAILER-DAEMON@cs.yale.edu\n\n"[..], body].concat());
    all.push([&b"From: x@aol.com\nX-Mailer: <SMTP32 v1>\n\n"[..], body].concat());
    all.push(
        [
            &wrapper[..29],
            b"X-Mailer: Novell\n",
            &wrapper[29..],
            b"\n",
            body,
            b"\n--wrapped\nX: y\n\n",
            body,
            b"\n--wrapped--\n",
        ]
        .concat(),
    );
    all
}

fn write_variants(samples: &Path, folder: &Path) -> usize {
    let mut count = 0;
    for entry in
        fs::read_dir(samples).unwrap().flatten().filter(|entry| entry.path().extension().is_some_and(|e| e == "txt"))
    {
        let name = entry.file_name().into_string().unwrap();
        for (number, text) in variants(&fs::read(entry.path()).unwrap()).into_iter().enumerate() {
            fs::write(folder.join(format!("{name}-{number:02}")), text).unwrap();
            count += 1;
        }
    }
    count
}

fn version_of(source: &Path) -> Version {
    let text = fs::read_to_string(source.join("Mailman/Version.py")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VERSION")).unwrap();
    Version::parse(line.split(['\'', '"']).nth(1).unwrap()).unwrap()
}

/// For each file the answers of all detectors.
fn python_says(python: &str, source: &Path, folder: &Path) -> BTreeMap<String, Vec<String>> {
    let names: Vec<&str> = PIPELINE.iter().map(|(name, _)| *name).collect();
    let asked = Command::new(python).args(["-c", ASK]).arg(source).arg(folder).arg(names.join(",")).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8(asked.stdout).unwrap().lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        answers.entry(fields[0].to_string()).or_default().push(fields[2].to_string());
    }
    answers
}

#[test]
#[ignore = "needs a Python 2 and Mailman's sources"]
fn each_detector_answers_as_the_original() {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    let sources = std::env::var("MAILMAN2_TEST_REFERENCE_SOURCE").expect("MAILMAN2_TEST_REFERENCE_SOURCE is set");
    let sources: Vec<PathBuf> = sources.split(':').map(PathBuf::from).collect();
    for source in &sources {
        let folder = tempfile::tempdir().unwrap();
        let newest = sources.iter().max_by_key(|source| version_of(source).micro).unwrap();
        let messages = write_variants(&newest.join("tests/bounces"), folder.path());
        let profile = Profile::new(version_of(source));
        let (mut found, mut raised, mut different) = (0, 0, Vec::new());
        for (file, answers) in python_says(python.as_str(), source, folder.path()) {
            let msg = parse(&ByteStr::new(fs::read(folder.path().join(&file)).unwrap()));
            for ((name, detector), theirs) in PIPELINE.iter().zip(answers) {
                let ours = answer(detector(&msg, &profile));
                found += usize::from(ours != "nothing");
                raised += usize::from(theirs == "error");
                // Where the original raises, ours finds nothing.
                if ours != theirs.replace("error", "nothing") {
                    different.push(format!("{file} {name}: {theirs} / {ours}"));
                }
            }
        }
        println!("{}: {messages} messages, {found} findings, {raised} raised there", profile.version());
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
        assert!(found > messages / 3, "too few findings for this to mean anything");
    }
}
