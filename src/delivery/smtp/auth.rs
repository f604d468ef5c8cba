//! AUTH as `smtplib.login` does it: CRAM-MD5, else PLAIN, else LOGIN, whatever order the server lists them in.

use super::client::Client;
use super::error::{Command, SmtpError};
use super::reply::Reply;
use super::Login;
use compat::base64;
use compat::email::transfer::base64_decode_unpadded;
use compat::hex::hexlify;
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
    let digest = cram_digest(&login.password, &base64_decode_unpadded(&challenge.text).unwrap_or_default());
    client.ask(&base64::encode(&[&login.user[..], b" ", digest.as_bytes()].concat()))
}

/// The HMAC-MD5 of the challenge, which takes keys of any length.
fn cram_digest(password: &[u8], challenge: &[u8]) -> String {
    let keyed = Hmac::<Md5>::new_from_slice(password);
    keyed.map(|hmac| hexlify(&hmac.chain_update(challenge).finalize().into_bytes())).unwrap_or_default()
}

fn plain(client: &mut Client, login: &Login) -> Result<Reply, SmtpError> {
    let secret = base64::encode(&[b"\0", &login.user[..], b"\0", &login.password].concat());
    client.ask(&[b"AUTH PLAIN ", &secret[..]].concat())
}

fn by_steps(client: &mut Client, login: &Login) -> Result<Reply, SmtpError> {
    let reply = client.ask(&[b"AUTH LOGIN ", &base64::encode(&login.user)[..]].concat())?;
    match reply.code {
        334 => client.ask(&base64::encode(&login.password)),
        _ => Err(SmtpError::refused(Command::Auth, reply)),
    }
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
            assert_eq!(base64::encode(plain), coded);
            assert_eq!(base64_decode_unpadded(coded).unwrap(), plain);
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
            prop_assert_eq!(base64_decode_unpadded(&base64::encode(&data)).unwrap(), data);
        }
    }
}
