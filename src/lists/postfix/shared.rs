//! What each virtual domain has once in `data/virtual-mailman`: the address that ends loops, and those of the site list.

use super::{local_domain, PostfixError};
use compat::list::MailList;
use compat::site::{settings, Switch};

const LOOP_START: &str = "# LOOP ADDRESSES START";
const LOOP_END: &str = "# LOOP ADDRESSES END";
const SITE_START: &str = "# SITE ADDRESSES START";
const SITE_END: &str = "# SITE ADDRESSES END";
const VIRTUAL_HEAD: &str = "\
# Mailman writes this file, and makes virtual-mailman.db of it.  What you
# change here by hand, Postfix does not know until the map is made again.
# Postfix must know each of these domains as a virtual alias domain.

";

/// Addresses that each virtual domain has once: those of the site list.
pub(super) struct SharedAddresses {
    looping: (Vec<u8>, Vec<u8>),
    site: Vec<(Vec<u8>, Vec<u8>)>,
}

impl SharedAddresses {
    pub(super) fn of(list: &MailList) -> Result<Self, PostfixError> {
        let site = list.site();
        let name = site.settings.str(settings::MAILMAN_SITE_LIST)?;
        let host = list.host_name();
        let local = local_domain(site, Switch::PostfixSiteCommented);
        // In its own domain the site list has these in its own stanza, and Postfix wants nothing twice.
        let commented = site.profile.has(Switch::PostfixSiteCommented)
            && MailList::load(site, name.clone())?.host_name().eq_ignore_ascii_case(&host);
        let pair = |extra: &str, mark: &str| {
            let own = [&name[..], extra.as_bytes()].concat();
            ([mark.as_bytes(), &own, b"@", &host].concat(), [&own[..], &local].concat())
        };
        let extras = [
            ("", Switch::PostfixSiteAddress),
            ("-owner", Switch::PostfixSiteOwner),
            ("-bounces", Switch::PostfixSiteBounces),
            ("-request", Switch::PostfixSiteBounces),
        ];
        let known = extras.iter().filter(|(_, since)| site.profile.has(*since));
        Ok(SharedAddresses {
            looping: pair("-loop", ""),
            site: known.map(|(extra, _)| pair(extra, if commented { "#" } else { "" })).collect(),
        })
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let mut text = VIRTUAL_HEAD.as_bytes().to_vec();
        let mut block = |start: &str, pairs: &[(Vec<u8>, Vec<u8>)], end: &str| {
            text.extend_from_slice(format!("{start}\n").as_bytes());
            pairs.iter().for_each(|pair| text.extend_from_slice(&tabbed(pair)));
            text.extend_from_slice(format!("{end}\n\n").as_bytes());
        };
        block(LOOP_START, std::slice::from_ref(&self.looping), LOOP_END);
        if !self.site.is_empty() {
            block(SITE_START, &self.site, SITE_END);
        }
        text
    }

    /// The file with the addresses of this domain in both blocks.
    pub(super) fn completed(&self, text: &[u8]) -> Vec<u8> {
        let text = in_block(text, LOOP_START, LOOP_END, std::slice::from_ref(&self.looping));
        match self.site.is_empty() {
            true => text,
            false => in_block(&text, SITE_START, SITE_END, &self.site),
        }
    }
}

fn tabbed((address, target): &(Vec<u8>, Vec<u8>)) -> Vec<u8> {
    [&address[..], b"\t", target, b"\n"].concat()
}

/// Puts lines at the end of a block unless the first of them is in it, with or without a comment's mark.
fn in_block(text: &[u8], start: &str, end: &str, pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 256);
    let (mut is_inside, mut is_done) = (false, false);
    let first = pairs.first().map(|(address, _)| &address[..]).unwrap_or_default();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        if is_inside && !is_done {
            let is_there =
                line.starts_with(first) || line.strip_prefix(b"#").is_some_and(|line| line.starts_with(first));
            if line.starts_with(end.as_bytes()) {
                pairs.iter().for_each(|pair| out.extend_from_slice(&tabbed(pair)));
            }
            is_done = is_there || line.starts_with(end.as_bytes());
        }
        is_inside |= line.starts_with(start.as_bytes());
        out.extend_from_slice(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_gets_what_it_lacks() {
        let file = b"# LOOP ADDRESSES START\nm-loop@a\tm-loop\n# LOOP ADDRESSES END\nm-loop@b\n";
        let pair = |host: &str| [(format!("m-loop@{host}").into_bytes(), b"m-loop".to_vec())];
        assert_eq!(in_block(file, LOOP_START, LOOP_END, &pair("a")), file);
        let wanted = b"# LOOP ADDRESSES START\nm-loop@a\tm-loop\nm-loop@b\tm-loop\n# LOOP ADDRESSES END\nm-loop@b\n";
        assert_eq!(in_block(file, LOOP_START, LOOP_END, &pair("b")), wanted);
    }
}
