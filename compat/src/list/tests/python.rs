//! What we save, read by the Python that `MAILMAN2_TEST_PYTHON` names.

use super::*;
use std::process::Command;

/// Prints, for a file of ours and the file that it came from, which attributes differ.
const COMPARE: &str = "
import cPickle, sys, types
sys.modules['Mailman'] = types.ModuleType('Mailman')
module = sys.modules['Mailman.Bouncer'] = types.ModuleType('Mailman.Bouncer')
class _BounceInfo:
    def __cmp__(self, other): return cmp(self.__dict__, other.__dict__)
module._BounceInfo = _BounceInfo
ours, theirs = [cPickle.load(open(name, 'rb')) for name in sys.argv[1:3]]
def same(a, b): return type(a) is type(b) and a == b
names = [k for k in set(ours) | set(theirs) if k not in ours or k not in theirs or not same(ours[k], theirs[k])]
names.sort()
sys.stdout.write(' '.join(names))
";

#[test]
#[ignore = "needs a Python 2"]
fn python_finds_only_what_was_changed() {
    let python = std::env::var("MAILMAN2_TEST_PYTHON").expect("MAILMAN2_TEST_PYTHON is set");
    // A number is replaced in the old bytes; a dictionary whose key others fetch makes the file be written anew.
    for (attr, value) in [("post_id", Value::Float(8.0)), ("bounce_info", Value::dict(Dict::new()))] {
        let scratch = Scratch::new(V39);
        let mut list = scratch.lock();
        list.set(by_name(attr), value);
        list.save().unwrap();
        let files = [scratch.path("config.pck"), scratch.path("config.pck.last")];
        let output = Command::new(&python).args(["-c", COMPARE]).args(files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), attr);
    }
}
