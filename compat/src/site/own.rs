//! Settings of our own. They stand in the site's mm_cfg.py, where Python ignores names that it does not know.

use super::Settings;
use crate::names::{by_name, Named, Number, OfSite};
use crate::site::settings;
use crate::value::Value;

/// One setting that only this program reads.
#[derive(Clone, Copy, Debug)]
pub struct OwnSetting {
    /// Its name in mm_cfg.py.
    pub name: &'static str,
    /// What stands there when nothing is said, as one would write it.
    pub default: &'static str,
    /// What it does, as Markdown.
    pub what: &'static str,
}

/// All of them. The table in docs/settings.md is made from this one, which `tests/generated.rs` sees to.
pub const OWN_SETTINGS: &[OwnSetting] = &[
    OwnSetting {
        name: "MAILMAN2_RS_BEHAVIOUR",
        default: "'site'",
        what: "`'site'`: as the version that the site runs; `'newest'`: as 2.1.39, whatever is installed (DMARC mitigation on old lists, for one)",
    },
    OwnSetting {
        name: "MAILMAN2_RS_SMTP_CONNECTIONS",
        default: "4",
        what: "connections to the mail server that a delivery may use at once",
    },
    OwnSetting {
        name: "MAILMAN2_RS_SMTP_TIMEOUT",
        default: "300",
        what: "seconds without an answer after which a connection is given up",
    },
    OwnSetting {
        name: "MAILMAN2_RS_ENTRY_LIMIT",
        default: "3600",
        what: "seconds without a sign of life after which an entry that hangs its runner is set aside as `bad/*.psv` and the runner started anew; 0: never",
    },
    OwnSetting {
        name: "MAILMAN2_RS_RUNNERS",
        default: "None",
        what: "under the old `mailmanctl` with the shim: the runners that this program serves; the others stay Python",
    },
    OwnSetting {
        name: "MAILMAN2_RS_PROGRAM",
        default: "None",
        what: "where the shim finds this program if not in `/usr/local/sbin`, `/usr/sbin` or `/usr/lib/mailman2-rs`; `switch` writes it",
    },
    OwnSetting {
        name: "MAILMAN2_RS_SMTP_TLS_CAFILE",
        default: "None",
        what: "a file of certificates: STARTTLS then checks the server's. Without it nothing is checked, as in Mailman",
    },
    OwnSetting {
        name: "MAILMAN2_RS_PYTHON",
        default: "None",
        what: "the Python 2 for the site's own handlers, commands and `extend.py`; without it the one that `PYTHON` names, if that is a Python 2",
    },
    OwnSetting {
        name: "MAILMAN2_RS_PYTHON_TIMEOUT",
        default: "600",
        what: "seconds after which such Python code is ended; its message is shunted",
    },
    OwnSetting {
        name: "MAILMAN2_RS_RESOLV_CONF",
        default: "'/etc/resolv.conf'",
        what: "the file that names the DNS servers; one may be written with its port, as `nameserver [127.0.0.1]:5353`. Of its options only `rotate` is read",
    },
    OwnSetting {
        name: "MAILMAN2_RS_PUBLIC_SUFFIX_FILE",
        default: "None",
        what: "a copy of the public suffix list, see below",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_LOCK_TIMEOUT",
        default: "10",
        what: "seconds that a page waits for a list's lock; then it answers 503 and says who holds it",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_BODY_LIMIT",
        default: "33554432",
        what: "bytes that a form with its uploads may have; more is a 413",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_NETWORK_LIMIT",
        default: "300",
        what: "requests an hour from one network (256 addresses of IPv4, a /64 of IPv6) that send mail to an address of the client's choice: joining, password reminders, leaving; more is a 429. 0: any number",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_ADDRESS_LIMIT",
        default: "30",
        what: "such requests an hour about one address",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_PASSWORD_LIMIT",
        default: "60",
        what: "wrong passwords an hour from one network for one list, and ten times as many for all lists; until then the right one is not looked at either, the answer is a 429. 0: any number",
    },
    OwnSetting {
        name: "MAILMAN2_RS_WEB_PASSWORD_AS_TOKEN",
        default: "'always'",
        what: "whether `adminpw` or `password` in a request stands in for the token of a form, as programs rely on that post to pages: `'always'`, as in Mailman; `'post'`: not in an address, where access logs keep it; `'never'`: who knows the password sees the page, but changes nothing without a form of ours",
    },
    OwnSetting {
        name: "MAILMAN2_RS_FORM_TOKENS",
        default: "None",
        what: "`'own'`: forms are signed with a key of the server (`data/web/form-key`), and no other token counts; `'mailman'`: as Mailman signs them, with passwords. Without it: with the key, unless Python's pages are there, see [web.md](web.md)",
    },
    OwnSetting {
        name: "MAILMAN2_RS_TRUSTED_PROXIES",
        default: "None",
        what: "addresses of proxies whose `X-Forwarded-For` counts. Without it a CGI program believes those on this machine and on private networks, `serve` nobody",
    },
    OwnSetting {
        name: "MAILMAN2_RS_HELD_POST_LINK",
        default: "No",
        what: "`Yes`: the address in the notice about a held post (`admindb_url` in `postauth.txt`) is the page of that very post, not of all that waits",
    },
    OwnSetting {
        name: "MAILMAN2_RS_CGI_GROUP",
        default: "None",
        what: "the group that the web server must run the CGI programs as; others get an error page",
    },
    OwnSetting {
        name: "MAILMAN2_RS_STYLESHEET",
        default: "None",
        what: "the address of a style sheet for pages, in place of the built-in one",
    },
    OwnSetting {
        name: "MAILMAN2_RS_CONTENT_POLICY",
        default: "None",
        what: "the `Content-Security-Policy` of pages, in place of a strict one",
    },
    OwnSetting {
        name: "MAILMAN2_RS_HISTORY",
        default: "None",
        what: "the folder of the history of changes; None: history in DATA_DIR; '': none is written",
    },
    OwnSetting {
        name: "MAILMAN2_RS_MAIL_GROUP",
        default: "None",
        what: "the group, or a list of groups, as which the mail server calls mail/mailman; None: MAILMAN_GROUP. Groups below 100 and 65534 always may, as with Debian's",
    },
];

/// The value of one of our settings, or of its default where it can be read as a number.
pub fn int(settings: &Settings, name: impl Named<OfSite, Number>) -> i64 {
    let name = name.name();
    let default = OWN_SETTINGS.iter().find(|own| own.name == name).and_then(|own| own.default.parse().ok());
    settings.int(by_name(name)).unwrap_or_else(|_| default.unwrap_or(0))
}

/// Whether the site asks for the newest behaviour.
pub fn newest_behaviour(settings: &Settings) -> bool {
    settings.get(settings::MAILMAN2_RS_BEHAVIOUR).and_then(Value::as_str).is_some_and(|text| *text == "newest")
}

/// The runners that this program serves; `None` means all.
pub fn runners(settings: &Settings) -> Option<Vec<crate::ByteStr>> {
    settings.strings(settings::MAILMAN2_RS_RUNNERS).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Origin;

    #[test]
    fn defaults_and_overrides() {
        let mut site = Settings::default();
        assert_eq!(int(&site, settings::MAILMAN2_RS_SMTP_CONNECTIONS), 4);
        assert!(!newest_behaviour(&site));
        site.set(settings::MAILMAN2_RS_SMTP_CONNECTIONS, Value::Int(9), Origin::BuiltIn);
        site.set(settings::MAILMAN2_RS_BEHAVIOUR, Value::str("newest"), Origin::BuiltIn);
        assert_eq!(int(&site, settings::MAILMAN2_RS_SMTP_CONNECTIONS), 9);
        assert!(newest_behaviour(&site));
        assert_eq!(runners(&site), None);
    }
}
