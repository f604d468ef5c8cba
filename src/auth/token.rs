//! Tokens for programs that use the JSON interface: one for the site or for one list, to read only or to change things too.
//!
//! A token is random; the site keeps its SHA-1 alone, one line per token, in `DATA_DIR/api/tokens`:
//! `ID SHA1 SITE-OR-LIST RIGHTS CREATED COMMENT`. Mailman has nothing like it.

use super::{hex_digest, same_bytes};
use compat::clock;
use compat::durable;
use compat::hex::hexlify;
use compat::random;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The longest file that is read.
const LONGEST_FILE: u64 = 1 << 20;
const FILE_MODE: u32 = 0o640;
/// In place of a list's name, for a token of the site. No list has such a name.
const WHOLE_SITE: &str = "*";
/// What every token begins with, so that people and scanners of leaked secrets know what it is.
const START: &str = "mm2_";

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// By which people name it; no secret.
    pub id: String,
    /// The only list that it is good for; `None`: the whole site.
    pub list: Option<ByteStr>,
    /// Whether it changes things.
    pub may_write: bool,
    /// When it was made, in seconds since the epoch.
    pub created: i64,
    /// What it is for.
    pub comment: String,
    digest: String,
}

impl Token {
    /// Whether it is good for a list.
    pub fn covers(&self, list: &[u8]) -> bool {
        self.list.as_ref().is_none_or(|own| own[..] == *list)
    }

    fn parse(line: &str) -> Option<Token> {
        let [id, digest, list, rights, created, comment] = line.splitn(6, ' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let list = (list != WHOLE_SITE).then(|| ByteStr::from(list));
        let created = created.parse().ok()?;
        let may_write = rights == "write";
        Some(Token { id: id.into(), list, may_write, created, comment: comment.into(), digest: digest.into() })
    }

    fn line(&self) -> String {
        let list = self.list.as_ref().map_or(WHOLE_SITE.to_string(), ToString::to_string);
        let rights = if self.may_write { "write" } else { "read" };
        format!("{} {} {list} {rights} {} {}\n", self.id, self.digest, self.created, self.comment)
    }
}

fn file(site: &Site) -> PathBuf {
    site.settings.path(settings::DATA_DIR).join("api").join("tokens")
}

/// All tokens of a site. A line that makes no sense is no token.
///
/// # Errors
/// The file cannot be read.
pub fn all(site: &Site) -> io::Result<Vec<Token>> {
    match durable::read_file(&file(site), LONGEST_FILE) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).lines().filter_map(Token::parse).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The token that a secret stands for. Secrets are compared in constant time, with every token.
///
/// # Errors
/// The file cannot be read.
pub fn find(site: &Site, secret: &[u8]) -> io::Result<Option<Token>> {
    let digest = hex_digest(secret);
    let mut found = None;
    for token in all(site)? {
        if same_bytes(token.digest.as_bytes(), &digest) {
            found = Some(token);
        }
    }
    Ok(found)
}

/// Makes a token; it and its secret, which is shown once and kept nowhere.
///
/// # Errors
/// The file cannot be read or written.
pub fn create(site: &Site, list: Option<&[u8]>, may_write: bool, comment: &str) -> io::Result<(Token, String)> {
    let secret = format!("{START}{}", hexlify(&random::bytes::<20>()));
    let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let token = Token {
        id: hexlify(&random::bytes::<4>()),
        list: list.map(ByteStr::from),
        may_write,
        created: clock::now() as i64,
        comment,
        digest: hex_digest(secret.as_bytes()).to_string(),
    };
    let mut tokens = all(site)?;
    tokens.push(token.clone());
    write(&file(site), &tokens)?;
    Ok((token, secret))
}

/// Takes a token away; whether there was one of this name.
///
/// # Errors
/// The file cannot be read or written.
pub fn revoke(site: &Site, id: &str) -> io::Result<bool> {
    let mut tokens = all(site)?;
    let before = tokens.len();
    tokens.retain(|token| token.id != id);
    if tokens.len() < before {
        write(&file(site), &tokens)?;
    }
    Ok(tokens.len() < before)
}

fn write(path: &Path, tokens: &[Token]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        durable::mkdir_all(folder, durable::DIR_MODE)?;
    }
    let temporary = path.with_extension(format!("tmp.{}", std::process::id()));
    let text: String = tokens.iter().map(Token::line).collect();
    durable::replace(path, &temporary, FILE_MODE, |file| file.write_all(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};

    #[test]
    fn a_token_is_made_found_and_taken_away() {
        let fixture = Fixture::new(NEW, &[], b"\n\n");
        let (token, secret) = create(&fixture.site, Some(b"club"), false, "the shop\nforged").unwrap();
        assert!(secret.starts_with("mm2_") && secret.len() == 44);
        assert_eq!((token.comment.as_str(), token.may_write), ("the shop forged", false));
        let (other, _) = create(&fixture.site, None, true, "").unwrap();
        assert_eq!(find(&fixture.site, secret.as_bytes()).unwrap(), Some(token.clone()));
        assert_eq!(find(&fixture.site, b"mm2_").unwrap(), None);
        assert!(token.covers(b"club") && !token.covers(b"other") && other.covers(b"other"));
        let kept = std::fs::read_to_string(file(&fixture.site)).unwrap();
        assert!(!kept.contains(&secret[4..]), "{kept}");
        assert!(revoke(&fixture.site, &token.id).unwrap() && !revoke(&fixture.site, &token.id).unwrap());
        assert_eq!(all(&fixture.site).unwrap(), [other]);
    }
}
