//! What is left for the operator to put into the mail server and the web server.

use super::{Mta, Plan};
use compat::site::{settings, Site};
use std::path::Path;

/// Where the package has its examples.
const EXAMPLES: &str = "/usr/share/mailman2-rs";

/// What to do next, as text.
pub fn advice(site: &Site, plan: &Plan, map_type: &str) -> String {
    let mail = match plan.mta {
        Mta::Postfix => postfix(&site.settings.path(settings::DATA_DIR), plan, map_type),
        Mta::Manual => "Put the lines of this command into /etc/aliases and run newaliases:\n\n    \
                        mailman2-rs genaliases\n"
            .to_string(),
        Mta::None => format!(
            "Let the mail server ask the folder of lists ({EXAMPLES}/mta/exim4), or hand mail in by LMTP\n\
             ({EXAMPLES}/mta/lmtp).\n"
        ),
    };
    format!(
        "{mail}\nWeb server: see apache.conf, nginx.conf or lighttpd.conf in {EXAMPLES}.\n\n\
         Then start the queue runners:\n\n    systemctl start mailman2-rs\n\n\
         The site's password opens every list: {}\n",
        site.settings.get(settings::DEFAULT_URL_PATTERN).map_or_else(String::new, |_| format!("{}admin", url(plan)))
    )
}

fn url(plan: &Plan) -> String {
    format!("{}://{}/cgi-bin/mailman/", if plan.tls { "https" } else { "http" }, plan.web_host)
}

/// What Postfix has of destinations and alias files stays.
fn postfix(data: &Path, plan: &Plan, map_type: &str) -> String {
    format!(
        "Tell Postfix of the lists' aliases, of the domain, and of addresses with details:\n\n    \
         postconf -e \"alias_maps = $(postconf -h alias_maps), {map_type}:{aliases}\"\n    \
         postconf -e \"mydestination = $(postconf -h mydestination), {mail}\"\n    \
         postconf -e 'recipient_delimiter = +' 'default_database_type = {map_type}'\n    \
         postfix reload\n",
        aliases = data.join("aliases").display(),
        mail = plan.mail_host
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn the_maps_are_of_the_type_that_postfix_has() {
        let site = Site::bare(Path::new("/var/lib/mailman"), Version::parse("2.1.39").unwrap());
        let plan = Plan {
            mail_host: "lists.example.org".to_string(),
            web_host: "www.example.org".to_string(),
            owner: String::new(),
            password: None,
            list: None,
            mta: Mta::Postfix,
            tls: false,
        };
        let text = advice(&site, &plan, "lmdb");
        assert!(text.contains("$(postconf -h alias_maps), lmdb:/var/lib/mailman/data/aliases\""), "{text}");
        assert!(text.contains("http://www.example.org/cgi-bin/mailman/admin"));
    }
}
