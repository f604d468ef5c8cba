//! Whole files. Values were made by CPython 2.7.18 where they are not plain to see.

use super::*;
use crate::format::repr;
use proptest::prelude::*;

fn run(source: &str) -> Result<Outcome, ConfigError> {
    let table = vec![
        ("GLOBAL_PIPELINE".to_string(), Value::list(["A", "B", "C"].map(Value::str).to_vec())),
        ("VIRTUAL_HOSTS".to_string(), Value::dict(Default::default())),
        ("LC_DESCRIPTIONS".to_string(), Value::dict(Default::default())),
        ("HOST".to_string(), Value::str("localhost")),
    ];
    let file = Path::new("/site/mm_cfg.py");
    evaluate(Request { file, source: source.as_bytes(), defaults: Defaults::Table(table), folders: Vec::new() })
}

/// `repr` of the name x.
fn x(source: &str) -> String {
    match run(&format!("from Defaults import *\n{source}\n")) {
        Ok(outcome) => {
            let found = outcome.settings.iter().find(|setting| setting.name == "x");
            found.map(|setting| repr(&setting.value).to_latin1()).unwrap_or_else(|| "nothing".to_string())
        }
        Err(error) => format!("{}: {}", error.line - 1, error.message),
    }
}

#[test]
fn arithmetic_and_helpers() {
    let golden = [
        ("x = days(7), hours(5), minutes(15), seconds(1.5)", "(604800, 18000, 900, 1.5)"),
        ("x = 60*60, 7/2, -7/2, 7//2.0, -7 % 3, 2**10, 7 % -3", "(3600, 3, -4, 3.0, 2, 1024, -2)"),
        ("x = 0660 | 16, 0xff & ~1, 1 << 4, 5 ^ 1, 10L, 2**63", "(432, 254, 16, 4, 10L, 9223372036854775808L)"),
        ("x = 1.5 + 1, 10 / 4.0, -2.0 ** 2, 1e3", "(2.5, 2.5, -4.0, 1000.0)"),
        ("x = 2 ** -2, 10.0 ** 3, 1.5 ** 2.0", "(0.25, 1000.0, 2.25)"),
        (
            "x = True + 1, Yes & On, not 0, 3 > 2 > 1, 1 == 1.0, 'a' < 'b', None < 0",
            "(2, True, True, True, True, True, True)",
        ),
        ("x = 1\nx |= 16\nx += 2", "19"),
        ("x = 1 and 2 or 3, 0 or '', 1 if HOST else 2", "(2, '', 1)"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn strings() {
    let golden = [
        ("x = 'http://%s/%d' % (HOST, 5) + \"/x\" 'y'", "'http://localhost/5/xy'"),
        ("x = '%(a)s' % {'a': 1}", "'1'"),
        ("x = ' A-b '.strip().lower().replace('-', '+'), 'a.b.c'.split('.')[1:], 'x'.join(['1', '2'])", "('a+b', ['b', 'c'], '1x2')"),
        ("x = 'a b  c'.split(), 'abc'[1], 'abc'[-1], 'abc'[:2], 'ab'*2, len('abc'), 'b' in 'abc'", "(['a', 'b', 'c'], 'b', 'c', 'ab', 'abab', 3, True)"),
        ("x = 'a'.startswith('a'), 'a'.endswith(('x', 'a')), 'abcb'.find('b'), 'abcb'.count('b')", "(True, True, 1, 2)"),
        ("x = u'\\xe4' + 'a', u'\\xe4'.encode('utf-8'), '\\xc3\\xa4'.decode('utf-8')", "(u'\\xe4a', '\\xc3\\xa4', u'\\xe4')"),
        ("x = r'\\d+$', '''a\n'b' \\\nc''', `1`, str(1.0), repr('a')", "('\\\\d+$', \"a\\n'b' c\", '1', '1.0', \"'a'\")"),
        ("x = os.path.join('/a', 'b', 'c'), os.path.dirname('/a/b'), os.path.basename('/a/b'), os.path.exists('/nonexistent')", "('/a/b/c', '/a', 'b', False)"),
        ("import re\nx = re.compile('a+'), re.compile('^x', re.I | re.M)", "('a+', '(?im)^x')"),
        ("x = int('12'), float('1.5'), int(2.9), int('ff', 16), bool([]), list('ab'), tuple([1]), range(3), max(1, 2)", "(12, 1.5, 2, 255, False, ['a', 'b'], (1,), [0, 1, 2], 2)"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn lists_are_changed_in_place() {
    let golden = [
        ("GLOBAL_PIPELINE.insert(1, 'S')\nx = GLOBAL_PIPELINE", "['A', 'S', 'B', 'C']"),
        ("GLOBAL_PIPELINE.insert(GLOBAL_PIPELINE.index('C'), 'S')\nx = GLOBAL_PIPELINE", "['A', 'B', 'S', 'C']"),
        (
            "i = GLOBAL_PIPELINE.index('B')\nGLOBAL_PIPELINE[i:i+1] = ['X', 'Y']\ndel i\nx = GLOBAL_PIPELINE",
            "['A', 'X', 'Y', 'C']",
        ),
        ("p = GLOBAL_PIPELINE\np.remove('A')\np += ['Z']\ndel p[0]\nx = GLOBAL_PIPELINE", "['C', 'Z']"),
        ("x = GLOBAL_PIPELINE + ['Z']\nx[-1] = 'Q'\nGLOBAL_PIPELINE.append('no')", "['A', 'B', 'C', 'Q']"),
        ("a = b = [1]\na.append(2)\nx = b, a is b, a == [1, 2], a[::-1]", "([1, 2], True, True, [2, 1])"),
        ("x, (y, z) = 1, [2, 3]\nx = x, y, z", "(1, 2, 3)"),
        ("x = []\nx.extend((3, 1))\nx.sort()\ny = x.pop()\nx.append(y + 1)", "[1, 4]"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn dictionaries_and_virtual_hosts() {
    let golden = [
        ("VIRTUAL_HOSTS.clear()\nadd_virtualhost('WWW.a.org')\nadd_virtualhost('w.b.org', emailhost='B.org')\nx = VIRTUAL_HOSTS", "{'w.b.org': 'b.org', 'www.a.org': 'a.org'}"),
        ("VIRTUAL_HOSTS = {}\nadd_virtualhost('www.a.org')\nx = VIRTUAL_HOSTS", "{}"),
        ("add_language('xx', 'X', 'utf-8')\nx = LC_DESCRIPTIONS", "{'xx': ('X', 'utf-8', 'ltr')}"),
        ("x = {'a': 1, 'b': 2,}\nx.update({'c': 3})\ndel x['a']\nx['b'] += 5", "{'c': 3, 'b': 7}"),
        ("d = dict(a=1)\nx = d.get('a'), d.get('z', 9), d.has_key('a'), 'b' in d, d.keys(), d.items()", "(1, 9, True, False, ['a'], [('a', 1)])"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn blocks() {
    let golden = [
        ("if HOST == 'localhost':\n  x = 1\nelif HOST:\n  x = 2\nelse: x = 3", "1"),
        ("x = []\nfor h in ['a', 'b']:\n  if h <> 'a': continue\n  x.append(h)\nelse:\n  x.append('end')", "['a', 'end']"),
        ("x = 0\nwhile True:\n  x += 1\n  if x > 4: break", "5"),
        ("try:\n  x = open('/nonexistent/file').read()\nexcept IOError, e:\n  x = str(e)", "\"[Errno 2] No such file or directory: '/nonexistent/file'\""),
        ("try:\n  x = missing\nexcept (KeyError, NameError):\n  x = 1\nfinally:\n  y = 2", "1"),
        ("try:\n  import nosuchmodule\n  x = 1\nexcept ImportError:\n  x = 2\nelse:\n  x = 3", "2"),
        ("try:\n  try:\n    {}['a']\n  except ValueError: x = 1\nexcept LookupError: x = 2", "2"),
        ("def f(a, b=2, *rest):\n  'doc'\n  global y\n  y = a\n  return a + b + len(rest)\nx = f(1), f(1, 1, 1), f(b=5, a=1), y", "(3, 3, 6, 1)"),
        ("x = [i * 2 for i in range(4) if i > 1], ','.join(str(i) for i in (1, 2)), map(lambda v: v + 1, [1])", "([4, 6], '1,2', [2])"),
        ("x = 1; y = 2; x = y\npass", "2"),
        ("from socket import *\ntry:\n  y = getfqdn()\nexcept:\n  y = ''\nx = y == getfqdn('') and len(y) > 0", "True"),
        ("from socket import *\ntry:\n  raise error\nexcept:\n  x = getfqdn('no.such.host.invalid')", "'no.such.host.invalid'"),
        ("from os.path import *\nx = join('/a', basename('/b/c'))", "'/a/c'"),
        ("import sys\nprint 'hello', HOST\nprint >>sys.stderr, 1\nx = 1", "1"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn charsets_are_recorded() {
    let sources = [
        "import email.Charset\nemail.Charset.add_charset('utf-8', email.Charset.SHORTEST, None, 'utf-8')\n",
        "from email import charset\ncharset.add_charset('utf-8', charset.SHORTEST, output_charset='utf-8')\n",
        "from email.Charset import add_charset, SHORTEST\nadd_charset('utf-8', SHORTEST, None, 'utf-8')\n",
    ];
    for source in sources {
        let call = run(source).unwrap().charsets.remove(0);
        assert_eq!(call, [Value::str("utf-8"), Value::Int(3), Value::None, Value::str("utf-8")]);
    }
}

#[test]
fn what_goes_beyond_is_refused_with_a_place() {
    let golden = [
        (
            "x = 1\nclass A: pass",
            "2: class is not understood in settings; settings can do without: assign plain values",
        ),
        ("x = os.system('true')", "1: os.system is not understood in settings; write the value that it should give"),
        ("import MySQLdb", "1: the module MySQLdb is not understood in settings; write the values themselves"),
        (
            "try:\n  x = os.popen('x')\nexcept:\n  x = 1",
            "2: os.popen is not understood in settings; write the value that it should give",
        ),
        ("x = y", "1: Python stops here too: NameError: name 'y' is not defined"),
        ("x = 'a' + 1", "1: Python stops here too: TypeError: cannot concatenate 'str' and 'int' objects"),
        ("GLOBAL_PIPELINE.index('Z')", "1: Python stops here too: ValueError: 'Z' is not in list"),
        ("x = (1,\n\n2", "4: the file ends inside brackets"),
        ("x = _('a')", "1: Python stops here too: NameError: name '_' is not defined"),
        ("while 1: pass", "1: this runs for too long; settings should end soon"),
        ("x = 'a'\nwhile 1: x = x + x", "2: the values here grow too large"),
        ("def f(): return f()\nf()", "1: expressions or calls are nested too deeply"),
        ("x = [", "2: the file ends inside brackets"),
        ("f = open('/x', 'w')", "1: settings must not write files"),
        ("x = 08", "1: 08 is not a number that Python 2 knows"),
        ("exec 'x = 1'", "1: exec is not understood in settings; write the statements themselves"),
        ("1 = x", "1: this cannot be assigned to"),
        ("print(1, 2", "2: the file ends inside brackets"),
    ];
    for (source, wanted) in golden {
        assert_eq!(x(source), wanted, "{source}");
    }
}

#[test]
fn origins() {
    let outcome =
        run("from Defaults import *\nA = 1\n\nGLOBAL_PIPELINE.append('X')\nadd_virtualhost('a.b')\n").unwrap();
    let place = |name: &str| {
        let setting = outcome.settings.iter().find(|setting| setting.name == name).unwrap();
        (setting.file.display().to_string(), setting.line)
    };
    assert_eq!(place("A"), ("/site/mm_cfg.py".to_string(), 2));
    assert_eq!(place("GLOBAL_PIPELINE"), ("/site/mm_cfg.py".to_string(), 4));
    assert_eq!(place("VIRTUAL_HOSTS"), ("/site/mm_cfg.py".to_string(), 5));
    assert_eq!(place("HOST"), (TABLE.to_string(), 0));
}

#[test]
fn files_of_the_sites_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("mm_local.py"), "from Defaults import *\nA = [1]\n_hidden = 2\n").unwrap();
    std::fs::write(path("more.py"), "B = A + [2]\ndef f(): return B\n").unwrap();
    let source = format!(
        "import sys\nsys.path.append('{}')\nfrom mm_local import *\nexecfile('{}')\nx = f(), A\n",
        folder.path().display(),
        path("more.py")
    );
    let outcome = run(&source).unwrap();
    let named = |name: &str| outcome.settings.iter().find(|setting| setting.name == name);
    assert_eq!(repr(&named("x").unwrap().value), "([1, 2], [1])");
    assert_eq!(named("B").unwrap().file.display().to_string(), path("more.py"));
    assert_eq!(named("_hidden"), None);
    let error = run(&format!("execfile('{}')\n", path("more.py"))).unwrap_err();
    assert_eq!((error.file.display().to_string(), error.line), (path("more.py"), 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_text_makes_it_panic(source in "[a-c=()\\[\\]{}:,.'\" \n\t%+*/<>0-9`;#\\\\-]{0,60}") {
        let _ = run(&source);
    }

    #[test]
    fn no_program_makes_it_panic(words in proptest::collection::vec(word(), 0..30)) {
        let _ = run(&words.join(" "));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let file = Path::new("/x.py");
        let _ = evaluate(Request { file, source: &bytes, defaults: Defaults::Table(Vec::new()), folders: Vec::new() });
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = "x y = == ( ) [ ] { } : , . % + * - / ** 1 0 -1 2.5 'a' u'b' if else for in not lambda def return \
                 while try except del import from print append insert len range str None True |= += is and or join";
    let mut words: Vec<String> = words.split_whitespace().map(str::to_string).collect();
    words.extend(["\n", "\n  ", "\nx = ", "x[0:1]", "x.append(x)", "x * x"].map(str::to_string));
    proptest::sample::select(words)
}

/// `bin/config_list` tells of each name of its file, of one that holds no data too.
#[test]
fn names_without_data_are_named() {
    let source = b"import re, os.path\nfrom socket import getfqdn\ndef f():\n    pass\nx = 1\n";
    let request =
        Request { file: Path::new("values"), source, defaults: Defaults::Table(Vec::new()), folders: Vec::new() };
    let outcome = evaluate(request).unwrap();
    assert_eq!(outcome.others, ["f", "getfqdn", "os", "re"]);
    assert_eq!(outcome.settings.iter().map(|setting| &setting.name[..]).collect::<Vec<_>>(), ["x"]);
}
