//! Whole sites in temporary folders, and the reference's own files where MAILMAN2_TEST_REFERENCE names them.

use super::*;
use crate::site::{settings, Site, Switch};

fn site_of(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<std::rc::Rc<Site>, SiteError>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let site = Site::open(folder.path());
    (folder, site)
}

#[test]
fn a_site_without_python_has_the_tables_of_its_version() {
    let config = "from Defaults import *\nSMTPPORT = 2525\nVIRTUAL_HOSTS.clear()\n\
                  add_virtualhost('Lists.example.com')\nQUEUE_DIR = '/elsewhere'\nMTA = None\n";
    let (folder, site) = site_of(&[("Mailman/mm_cfg.py", config), ("Mailman/Version.py", "VERSION = '2.1.13'\n")]);
    let site = site.unwrap();
    assert_eq!(site.settings.int(settings::SMTPPORT), Ok(2525));
    assert_eq!(
        site.settings.origin(settings::SMTPPORT).unwrap().to_string(),
        format!("{}/Mailman/mm_cfg.py:2", folder.path().display())
    );
    assert_eq!(site.settings.origin(settings::SMTPHOST), Some(&Origin::BuiltIn));
    assert_eq!(site.settings.path(settings::INQUEUE_DIR), folder.path().join("qfiles/in"));
    let hosts = site.settings.get(settings::VIRTUAL_HOSTS).unwrap().as_dict().unwrap();
    assert_eq!(hosts.get(b"lists.example.com"), Some(&Value::str("example.com")));
    assert_eq!(hosts.len(), 1);
    assert_eq!(site.profile.version(), Version { micro: 13 });
    assert!(!site.profile.has(Switch::FromIsList));
    assert_eq!(site.log_charset(), "iso-8859-1");
    assert_eq!(site.charset_of(b"ru"), Some("koi8-r".into()));
}

#[test]
fn the_version_may_come_from_the_data() {
    let (_folder, site) =
        site_of(&[("Mailman/mm_cfg.py", "from Defaults import *\n"), ("data/last_mailman_version", "0x2010ff0\n")]);
    assert_eq!(site.unwrap().profile.version(), Version { micro: 15 });
    let newest = "from Defaults import *\nMAILMAN2_RS_BEHAVIOUR = 'newest'\n";
    let (_folder, site) = site_of(&[("Mailman/mm_cfg.py", newest), ("Mailman/Version.py", "VERSION='2.1.13'")]);
    let site = site.unwrap();
    assert!(site.profile.has(Switch::FromIsList));
    assert_eq!(site.settings.str(settings::VERSION).unwrap(), "2.1.13");
    // What newer rows read is there, and the handler that puts in what they put off.
    assert!(site.settings.strings(settings::ANONYMOUS_LIST_KEEP_HEADERS).is_ok_and(|names| !names.is_empty()));
    let pipeline = site.settings.strings(settings::GLOBAL_PIPELINE).unwrap();
    assert_eq!(
        pipeline.join(&b' ').rsplit(|b| *b == b' ').take(2).collect::<Vec<_>>(),
        [&b"ToOutgoing"[..], b"WrapMessage"]
    );
}

#[test]
fn charsets_of_the_settings_count_for_the_process() {
    let config =
        "from Defaults import *\nimport email.Charset\nemail.Charset.add_charset('x-ours', email.Charset.QP)\n";
    let (_folder, site) = site_of(&[("Mailman/mm_cfg.py", config)]);
    assert_eq!(site.unwrap().settings.charsets().len(), 1);
    let charset = crate::email::charset::Charset::new("x-ours").unwrap();
    assert_eq!(charset.header_encoding, Some(crate::email::charset::Encoding::QuotedPrintable));
    assert_eq!(charset.body_encoding, None);
}

/// A loop over all languages in mm_cfg.py makes no Debian of a site; its logger does.
#[test]
fn the_logger_says_what_the_logs_are_in() {
    let config = "from Defaults import *\nfor code in LC_DESCRIPTIONS.keys():\n    \
                  add_language(code, LC_DESCRIPTIONS[code][0], 'utf-8')\n";
    let charset = |logger: &str| {
        let (_folder, site) = site_of(&[("Mailman/mm_cfg.py", config), ("Mailman/Logging/Logger.py", logger)]);
        let site = site.unwrap();
        assert_eq!(site.charset_of(b"de"), Some("utf-8".into()));
        site.log_charset()
    };
    assert_eq!(charset("# LOG_ENCODING\nLOG_ENCODING = 'iso-8859-1'\n"), "iso-8859-1");
    assert_eq!(charset("import os\nLOG_ENCODING = 'utf-8'\n"), "utf-8");
}

#[test]
fn errors_name_the_place() {
    let (_folder, site) = site_of(&[("Mailman/mm_cfg.py", "from Defaults import *\nX = Y\n")]);
    let text = site.err().unwrap().to_string();
    assert!(text.ends_with("mm_cfg.py, line 2: Python stops here too: NameError: name 'Y' is not defined"), "{text}");
    let (_folder, site) = site_of(&[("Mailman/Version.py", "VERSION = '3.0'\n")]);
    assert!(matches!(site.err(), Some(SiteError::Version { .. })));
    let (_folder, site) = site_of(&[("other", "")]);
    assert!(matches!(site.err(), Some(SiteError::NotASite(_))));
}

/// Names that configure gives, and those that hold the prefix.
fn is_configured(name: &str, value: &Value, prefix: &str) -> bool {
    const CONFIGURED: &[&str] = &[
        "PYTHON",
        "MAILMAN_USER",
        "MAILMAN_GROUP",
        "DEFAULT_EMAIL_HOST",
        "DEFAULT_URL_HOST",
        "SMTP_HELO_HOST",
        "VIRTUAL_HOSTS",
    ];
    CONFIGURED.contains(&name) || value.as_str().is_some_and(|text| text.starts_with(prefix.as_bytes()))
}

#[test]
#[ignore = "needs an installed Mailman"]
fn tables_agree_with_the_reference() {
    let references = std::env::var("MAILMAN2_TEST_REFERENCE").expect("MAILMAN2_TEST_REFERENCE is set");
    for prefix in references.split(':') {
        let (theirs, version) = load(Path::new(prefix), Path::new(prefix)).unwrap();
        let ours = defaults::settings(version, Path::new(prefix));
        for name in theirs
            .names()
            .into_iter()
            .filter(|name| !["Yes", "yes", "On", "on", "No", "no", "Off", "off"].contains(name))
        {
            let (there, here) = (theirs.get(by_name(name)).unwrap(), ours.get(by_name(name)));
            if theirs.origin(by_name(name)) != Some(&Origin::Defaults) && name.starts_with("__") {
                continue;
            }
            let same_place = here.is_some_and(|here| here == there);
            assert!(
                same_place || (is_configured(name, there, prefix) && here.is_some()),
                "{version} {name}: {there:?} {here:?}"
            );
            if there.as_str().is_some_and(|text| text.starts_with(prefix.as_bytes())) {
                assert!(same_place || !name.ends_with("_DIR"), "{version} {name}");
            }
        }
        for name in ours.names() {
            assert!(theirs.get(by_name(name)).is_some(), "{version} {name} is not in Defaults.py");
        }
    }
}
