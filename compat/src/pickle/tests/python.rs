//! What we write, loaded by the Python that `MAILMAN2_TEST_PYTHON` names, and what it writes, loaded by us.

use super::*;
use std::io::Write;
use std::process::{Command, Stdio};

/// Loads what comes in and writes it again in the three protocols, one after the other.
const ECHO: &str = "
import cPickle, sys, types
for name in ('Mailman', 'Mailman.Bouncer'):
    sys.modules[name] = types.ModuleType(name)
module = sys.modules['Mailman.Bouncer']
class _BounceInfo: pass
class D(dict): pass
class L(list): pass
for one in (_BounceInfo, D, L):
    one.__module__ = 'Mailman.Bouncer'
    setattr(module, one.__name__, one)
value = cPickle.load(sys.stdin)
for protocol in (0, 1, 2):
    sys.stdout.write(cPickle.dumps(value, protocol))
";

fn echoed(python: &str, data: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new(python).args(["-c", ECHO]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(data).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
#[ignore = "needs a Python 2"]
fn python_reads_what_we_write() {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    // Protocol 2 makes new-style instances in another way, so each protocol has its own value.
    for (golden, protocols) in
        [(golden::PROTOCOL_1, &[Protocol::P0, Protocol::P1][..]), (golden::PROTOCOL_2, &[Protocol::P2][..])]
    {
        let ours = read(golden);
        for &protocol in protocols {
            let mut rest = ByteStr::new(echoed(&python, &written(&ours, protocol)));
            for writes in [Protocol::P0, Protocol::P1, Protocol::P2] {
                let (theirs, consumed) = load(&rest).unwrap();
                if (writes == Protocol::P2) == (protocol == Protocol::P2) {
                    assert_eq!(theirs, ours);
                }
                rest = rest.slice_from(consumed);
            }
            assert!(rest.is_empty());
        }
    }
}
