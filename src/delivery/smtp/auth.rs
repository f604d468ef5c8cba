//! AUTH as `smtplib.login` does it: CRAM-MD5, else PLAIN, else LOGIN, whatever order the server lists them in.

use super::client::Client;
use super::error::{Command, SmtpError};
use super::reply::Reply;
use super::Login;
use compat::format::hexlify;
use hmac::{Hmac, Mac};
use md5::Md5;

/// Names the sender of all that follows. A server that says "already done" (503) is content.
pub(super) fn login(client: &mut Client, login: &Login) -> Result<(), SmtpError> {
    let Some(offered) = client.extension("auth") else {
        return Err(SmtpError::Unsuitable("SMTP AUTH extension not supported by server.".into()));
    };
    let offers = |method: &[u8]| offered.split(u8::is_ascii_whitespace).any(|word| word == method);
    let reply = match () {
        () if offers(b"CRAM-MD5") => cram_md5(client, login)?,
        () if offers(b"PLAIN") => plain(client, login)?,
        () if offers(b"LOGIN") => by_steps(client, login)?,
        () => return Err(SmtpError::Unsuitable("No suitable authentication method found.".into())),
    };
    match reply.code {
        235 | 503 => Ok(()),
        _ => Err(SmtpError::refused(Command::Auth, reply)),
    }
}

fn cram_md5(client: &mut Client, login: &Login) -> Result<Reply, SmtpError> {
    let challenge = client.ask(b"AUTH CRAM-MD5")?;
    if challenge.code != 334 {
        return Ok(challenge);
    }
    let digest = cram_digest(&login.password, &from_base64(&challenge.text));
    client.ask(&to_base64(&[&login.user[..], b" ", digest.as_bytes()].concat()))
}

/// The HMAC-MD5 of the challenge, which takes keys of any length.
fn cram_digest(password: &[u8], challenge: &[u8]) -> String {
    let keyed = Hmac::<Md5>::new_from_slice(password);
    keyed.map(|hmac| hexlify(&hmac.chain_update(challenge).finalize().into_bytes())).unwrap_or_default()
}

fn plain(client: &mut Client, login: &Login) -> Result<Reply, SmtpError> {
    let secret = to_base64(&[b"\0", &login.user[..], b"\0", &login.password].concat());
    client.ask(&[b"AUTH PLAIN ", &secret[..]].concat())
}

fn by_steps(client: &mut Client, login: &Login) -> Result<Reply, SmtpError> {
    let reply = client.ask(&[b"AUTH LOGIN ", &to_base64(&login.user)[..]].concat())?;
    match reply.code {
        334 => client.ask(&to_base64(&login.password)),
        _ => Err(SmtpError::refused(Command::Auth, reply)),
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// One line of base64.
pub(crate) fn to_base64(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4);
    for chunk in data.chunks(3) {
        let bits = (0..3).fold(0u32, |sum, i| sum << 8 | u32::from(*chunk.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let sextet = ALPHABET[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { sextet } else { b'=' });
        }
    }
    out
}

/// Base64 with whatever else stands between; ends at the padding.
pub(crate) fn from_base64(text: &[u8]) -> Vec<u8> {
    let value = |byte: &u8| ALPHABET.iter().position(|a| a == byte).map(|at| at as u32);
    let sextets: Vec<u32> = text.iter().take_while(|&&b| b != b'=').filter_map(value).collect();
    let mut out = Vec::new();
    for group in sextets.chunks(4) {
        let bits = group.iter().fold(0, |sum, v| sum << 6 | v) << (6 * (4 - group.len()));
        out.extend((1..group.len()).map(|i| (bits >> (24 - 8 * i)) as u8));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_as_elsewhere() {
        for (plain, coded) in [
            (&b""[..], &b""[..]),
            (b"f", b"Zg=="),
            (b"fo", b"Zm8="),
            (b"foo", b"Zm9v"),
            (b"\xff\xfe\xfd\xfc", b"//79/A=="),
        ] {
            assert_eq!(to_base64(plain), coded);
            assert_eq!(from_base64(coded), plain);
        }
    }

    /// From RFC 2195 and RFC 2202.
    #[test]
    fn keyed_digests() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        assert_eq!(cram_digest(b"tanstaaftanstaaf", challenge), "b913a602c7eda7a495b4e6e7334d3890");
        let long = cram_digest(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn base64_there_and_back(data in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(from_base64(&to_base64(&data)), data);
        }
    }
}
