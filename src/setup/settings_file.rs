//! The first mm_cfg.py of a site.

/// What the operator wants.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The domain of the lists' addresses.
    pub mail_host: String,
    /// The host of the web pages.
    pub web_host: String,
    /// Who gets mail about the site and its first list.
    pub owner: String,
    /// The site's password; `None` leaves it as it is.
    pub password: Option<String>,
    /// A first list.
    pub list: Option<String>,
    /// The way of aliases.
    pub mta: Mta,
    /// Whether pages are served by https.
    pub tls: bool,
}

/// How the mail server learns of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mta {
    /// Alias files of Mailman's own.
    Postfix,
    /// Lines that somebody puts into a file.
    Manual,
    /// It asks the folder of lists (Exim), or hands mail in by LMTP.
    None,
}

impl Mta {
    /// By the word of the command line.
    pub fn named(name: &str) -> Option<Mta> {
        match name.to_ascii_lowercase().as_str() {
            "postfix" => Some(Mta::Postfix),
            "manual" => Some(Mta::Manual),
            "none" | "exim" | "lmtp" => Some(Mta::None),
            _ => None,
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Mta::Postfix => "'Postfix'",
            Mta::Manual => "'Manual'",
            Mta::None => "None",
        }
    }
}

/// Whether a text can be a host: it will stand in quotes.
pub fn is_host(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    !text.is_empty() && text.len() <= 253 && text.split('.').all(is_part)
}

/// The file.
pub(super) fn text(plan: &Plan) -> String {
    let scheme = if plan.tls { "https" } else { "http" };
    format!(
        "# The settings of this site. What is not set here has Mailman's default:\n\
         #     mailman2-rs show-settings\n\
         from Defaults import *\n\n\
         DEFAULT_EMAIL_HOST = '{mail}'\n\
         DEFAULT_URL_HOST = '{web}'\n\
         VIRTUAL_HOSTS.clear()\n\
         add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)\n\
         DEFAULT_URL_PATTERN = '{scheme}://%s/cgi-bin/mailman/'\n\
         PUBLIC_ARCHIVE_URL = '{scheme}://%(hostname)s/pipermail/%(listname)s/'\n\n\
         # How the mail server learns of lists: 'Postfix', 'Manual' or None.\n\
         MTA = {mta}\n",
        mail = plan.mail_host,
        web = plan.web_host,
        mta = plan.mta.setting(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_cannot_end_their_quotes() {
        for good in ["localhost", "lists.example.org", "a-b.c1"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a'b", "a b", "a..b", ".a", "ä.org", "a\\"] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn words_for_mail_servers() {
        assert_eq!(Mta::named("Postfix"), Some(Mta::Postfix));
        assert_eq!(Mta::named("exim"), Some(Mta::None));
        assert_eq!(Mta::named("qmail"), None);
    }
}
