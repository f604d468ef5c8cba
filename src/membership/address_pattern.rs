//! Addresses against the lists of addresses, patterns and list names that owners keep (MailList.GetPattern, and
//! Moderate.matches_p before 2.1.15), and domains that count as one.

use crate::error::HandlerError;
use crate::text;
use compat::list::{ListError, MailList};
use compat::pattern::{Flags, Pattern};
use compat::site::Switch;
use compat::ByteStr;

/// The entry that the address matches. Entries that begin with `^` are regular expressions; with `at_list` (the name
/// of the attribute, for log lines) `@name` means the members of that list; all others are plain addresses.
///
/// # Errors
/// A pattern whose search took too many steps, or a list that an entry names and that cannot be read.
pub fn matching(
    list: &MailList,
    address: &ByteStr,
    entries: &[ByteStr],
    at_list: Option<&str>,
) -> Result<Option<ByteStr>, HandlerError> {
    if is_plainly_listed(list, address, entries) {
        return Ok(Some(address.clone()));
    }
    for entry in entries {
        let hit = match (entry.first(), at_list) {
            (Some(b'^'), _) => matches_pattern(list, address, entry, at_list)?,
            (Some(b'@'), Some(attribute)) => is_member_of(list, address, &entry[1..], attribute)?,
            _ => false,
        };
        if hit {
            return Ok(Some(entry.clone()));
        }
    }
    Ok(None)
}

/// Plain entries are looked at first, whatever their place, without regard to case.
fn is_plainly_listed(list: &MailList, address: &[u8], entries: &[ByteStr]) -> bool {
    let strips = list.site().profile.has(Switch::AddressListsByHelper);
    let plain = entries.iter().filter(|entry| !matches!(entry.first(), Some(b'^' | b'@')));
    plain
        .map(|entry| if strips { text::strip(entry) } else { &entry[..] })
        .any(|entry| (!strips || !entry.is_empty()) && entry.eq_ignore_ascii_case(address))
}

fn matches_pattern(
    list: &MailList,
    address: &[u8],
    entry: &ByteStr,
    at_list: Option<&str>,
) -> Result<bool, HandlerError> {
    match Pattern::new(entry, Flags::IGNORE_CASE) {
        Ok(pattern) => Ok(pattern.is_match(address)?),
        Err(error) => {
            if list.site().profile.has(Switch::BadRegexpLogged) {
                // Only ban lists and their kin come without a name.
                let attribute = at_list.unwrap_or("ban_list");
                let error = error.to_string();
                let parts: [&[u8]; 7] = [
                    attribute.as_bytes(),
                    b" in ",
                    list.name(),
                    b" has bad regexp \"",
                    entry,
                    b"\": ",
                    error.as_bytes(),
                ];
                list.site().log("error", parts.concat());
            }
            Ok(false)
        }
    }
}

fn is_member_of(list: &MailList, address: &[u8], name: &[u8], attribute: &str) -> Result<bool, HandlerError> {
    let folded = list.site().profile.has(Switch::NonmemberListEntriesFolded);
    let name = if folded { text::lower(text::strip(name)) } else { ByteStr::from(name) };
    let attribute = if folded { attribute.as_bytes() } else { b"*_these_nonmembers" };
    if name == *list.name() {
        list.site().log("error", [attribute, b" in ", list.name(), b" references own list"].concat());
        return Ok(false);
    }
    match MailList::look(list.site(), name.clone()) {
        Ok(other) => Ok(other.is_member(address)),
        Err(ListError::Unknown { .. }) => {
            list.site()
                .log("error", [attribute, b" in ", list.name(), b" references non-existent list ", &name].concat());
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The same address at the domains that `domains` (`a,b;c,d`) calls equivalent to its own.
pub fn equivalents(address: &[u8], domains: &[u8]) -> Vec<ByteStr> {
    let Some(at) = address.iter().rposition(|&b| b == b'@') else { return Vec::new() };
    let (local, domain) = (&address[..at], address[at + 1..].to_ascii_lowercase());
    let groups: Vec<u8> = domains.iter().filter(|&&b| !text::is_space(b)).map(u8::to_ascii_lowercase).collect();
    for group in groups.split(|&b| b == b';') {
        let names: Vec<&[u8]> = group.split(|&b| b == b',').collect();
        if names.contains(&&domain[..]) {
            let others = names.into_iter().filter(|name| *name != &domain[..]);
            return others.map(|name| ByteStr::new([local, b"@", name].concat())).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_domains() {
        let domains = b"domain1, domain2; mac.com, me.com,\n iCloud.com;";
        assert_eq!(equivalents(b"user@Me.com", domains), vec![ByteStr::from("user@mac.com"), "user@icloud.com".into()]);
        assert!(equivalents(b"user@other.com", domains).is_empty());
        assert!(equivalents(b"user", domains).is_empty());
        assert!(equivalents(b"user@x", b"").is_empty());
    }
}
