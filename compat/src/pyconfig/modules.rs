//! What settings files import of Python.

use super::item::Item;

/// Modules whose attributes are known here.
const KNOWN: &[&str] = &[
    "os",
    "os.path",
    "sys",
    "time",
    "string",
    "socket",
    "re",
    "pwd",
    "grp",
    "types",
    "email",
    "email.Charset",
    "email.charset",
    "codecs",
    "Mailman",
    "posixpath",
    "__future__",
];

/// Functions, by module.
const FUNCTIONS: &[&str] = &[
    "os.getenv",
    "os.uname",
    "os.getpid",
    "os.getuid",
    "os.geteuid",
    "os.getcwd",
    "os.listdir",
    "os.path.join",
    "os.path.dirname",
    "os.path.basename",
    "os.path.exists",
    "os.path.isfile",
    "os.path.isdir",
    "os.path.abspath",
    "os.path.normpath",
    "os.path.split",
    "os.path.splitext",
    "sys.setdefaultencoding",
    "time.time",
    "string.join",
    "string.lower",
    "string.upper",
    "string.strip",
    "string.split",
    "string.replace",
    "socket.gethostname",
    "socket.getfqdn",
    "re.compile",
    "re.escape",
    "pwd.getpwnam",
    "pwd.getpwuid",
    "grp.getgrnam",
    "grp.getgrgid",
    "email.Charset.add_charset",
];

/// What `constant` knows.
const CONSTANTS: &[&str] = &[
    "os.environ",
    "os.sep",
    "os.pathsep",
    "os.linesep",
    "os.curdir",
    "os.error",
    "os.name",
    "sys.platform",
    "sys.version",
    "sys.version_info",
    "sys.hexversion",
    "sys.maxint",
    "sys.argv",
    "sys.stderr",
    "sys.stdout",
    "string.ascii_lowercase",
    "string.lowercase",
    "string.ascii_uppercase",
    "string.uppercase",
    "string.digits",
    "string.whitespace",
    "socket.error",
    "socket.gaierror",
    "socket.herror",
    "re.I",
    "re.IGNORECASE",
    "re.M",
    "re.MULTILINE",
    "re.S",
    "re.DOTALL",
    "re.U",
    "re.UNICODE",
    "re.X",
    "re.VERBOSE",
    "re.error",
    "email.Charset.QP",
    "email.Charset.BASE64",
    "email.Charset.SHORTEST",
];

/// Modules that a settings file must not count on, because they do what a setting cannot say.
pub(super) fn is_unsupported(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    const REFUSED: &[&str] = &[
        "Mailman",
        "subprocess",
        "commands",
        "urllib",
        "urllib2",
        "httplib",
        "random",
        "MySQLdb",
        "sqlite3",
        "ldap",
        "platform",
        "locale",
        "glob",
        "datetime",
        "logging",
        "ConfigParser",
        "shutil",
        "tempfile",
        "hashlib",
        "md5",
        "cgi",
        "imp",
        "gettext",
        "pickle",
        "cPickle",
        "popen2",
        "signal",
        "threading",
        "struct",
        "math",
        "itertools",
        "operator",
        "copy",
        "collections",
        "stat",
        "errno",
        "traceback",
        "warnings",
        "smtplib",
        "csv",
    ];
    REFUSED.contains(&first)
}

pub(super) fn is_module(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// `module.name`
pub(super) fn attribute(module: &str, name: &str) -> Option<Item> {
    let dotted = match module {
        // Both spellings are one module.
        "email.charset" => format!("email.Charset.{name}"),
        "posixpath" => format!("os.path.{name}"),
        module => format!("{module}.{name}"),
    };
    if is_module(&dotted) {
        return Some(Item::module(&dotted));
    }
    if FUNCTIONS.contains(&dotted.as_str()) {
        return Some(Item::native(&dotted));
    }
    constant(&dotted)
}

/// What `from module import *` brings, as far as it is known here.
pub(super) fn public_names(module: &str) -> Vec<(&'static str, Item)> {
    let prefix = match module {
        "email.charset" => "email.Charset.".to_owned(),
        "posixpath" => "os.path.".to_owned(),
        module => format!("{module}."),
    };
    let known = KNOWN.iter().chain(FUNCTIONS).chain(CONSTANTS);
    let names = known.filter_map(|dotted| dotted.strip_prefix(&prefix).filter(|name| !name.contains('.')));
    names.filter_map(|name| Some((name, attribute(module, name)?))).collect()
}

fn constant(dotted: &str) -> Option<Item> {
    Some(match dotted {
        "os.environ" => environment(),
        "os.sep" => Item::str("/"),
        "os.pathsep" => Item::str(":"),
        "os.linesep" => Item::str("\n"),
        "os.curdir" => Item::str("."),
        "os.error" => exception("OSError"),
        "os.name" => Item::str("posix"),
        "sys.platform" => Item::str("linux2"),
        "sys.version" => Item::str("2.7.18"),
        "sys.version_info" => {
            Item::tuple(vec![Item::Int(2), Item::Int(7), Item::Int(18), Item::str("final"), Item::Int(0)])
        }
        "sys.hexversion" => Item::Int(0x0207_12f0),
        "sys.maxint" => Item::Int(i64::MAX),
        "sys.argv" => Item::list(vec![Item::str("")]),
        "sys.stderr" | "sys.stdout" => Item::None,
        "string.ascii_lowercase" | "string.lowercase" => Item::str("abcdefghijklmnopqrstuvwxyz"),
        "string.ascii_uppercase" | "string.uppercase" => Item::str("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        "string.digits" => Item::str("0123456789"),
        "string.whitespace" => Item::str("\t\n\x0b\x0c\r "),
        "socket.error" | "socket.gaierror" | "socket.herror" => exception("socket.error"),
        "re.I" | "re.IGNORECASE" => Item::Int(2),
        "re.M" | "re.MULTILINE" => Item::Int(8),
        "re.S" | "re.DOTALL" => Item::Int(16),
        "re.U" | "re.UNICODE" => Item::Int(32),
        "re.X" | "re.VERBOSE" => Item::Int(64),
        "re.error" => exception("re.error"),
        "email.Charset.QP" => Item::Int(1),
        "email.Charset.BASE64" => Item::Int(2),
        "email.Charset.SHORTEST" => Item::Int(3),
        _ => return None,
    })
}

pub(super) fn exception(kind: &str) -> Item {
    Item::Exception(std::rc::Rc::new((kind.to_string(), None)))
}

fn environment() -> Item {
    use std::os::unix::ffi::OsStringExt;
    let entry = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        (Item::str(name.into_vec()), Item::str(value.into_vec()))
    };
    Item::dict(std::env::vars_os().map(entry).collect())
}

/// The place of a named field in what `pwd` (seven fields) and `grp` (four) give.
pub(super) fn struct_field(length: usize, name: &str) -> Option<usize> {
    let names: &[&str] = match length {
        7 => &["pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"],
        4 => &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
        _ => return None,
    };
    names.iter().position(|field| *field == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known() {
        for dotted in FUNCTIONS.iter().chain(CONSTANTS) {
            let (module, name) = dotted.rsplit_once('.').unwrap();
            assert!(attribute(module, name).is_some(), "{dotted}");
        }
        let names: Vec<_> = public_names("socket").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["gethostname", "getfqdn", "error", "gaierror", "herror"]);
    }
}
