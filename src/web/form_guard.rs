//! What keeps programs from filling in the form to join: a signed time, and questions of the site's own.
//!
//! Answers to what `SUBSCRIBE_FORM_SECRET`, `CAPTCHAS` and `RECAPTCHA_SITE_KEY` do in Mailman/Cgi/listinfo.py and
//! Mailman/Cgi/subscribe.py. The token is Python's to the byte, so that a form of one engine is good for the other.

use super::texts::{decode, decode_value};
use super::widgets::{hidden, safe, text_box};
use super::{Form, Texts, Visit};
use crate::auth::{hex_digest, same_bytes};
use crate::clock;
use compat::list::MailList;
use compat::pattern::{Flags, Pattern};
use compat::random;
use compat::site::{settings, Switch};
use compat::value::{Dict, Value};
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};
use migration::switch::pages::mixture;

/// A question of the site.
pub struct Question {
    /// Language and number: what the token tells of it.
    index: String,
    text: String,
}

impl Question {
    /// One of the site's questions in the page's language, or in English; `None` where the site asks none.
    pub fn ask(visit: &Visit<'_>, texts: &Texts<'_>) -> Option<Question> {
        secret(visit)?;
        let all = questions(visit)?;
        all.get(b"en")?;
        let language = if all.contains(&texts.language) { texts.language.clone() } else { "en".into() };
        let asked = all.get(&language)?.as_items()?;
        let number = u32::from_le_bytes(random::bytes()) as usize % asked.len().max(1);
        let text = decode_value(asked.get(number)?.as_items()?.first()?, &texts.charset);
        Some(Question { index: format!("{language}-{number}"), text })
    }

    /// The row of the form's table for it.
    pub fn row(&self, texts: &Texts<'_>) -> Markup {
        let intro = texts.sentence(
            0x116c_bd8e_c51c_986b,
            "This question is here because programs fill in forms. Please answer it:",
            &[],
        );
        html! { tr { td bgcolor="#dddddd" { (intro) br; (safe(&self.text)) } td { (text_box("captcha_answer", "", 30)) } } }
    }
}

fn secret(visit: &Visit<'_>) -> Option<ByteStr> {
    let secret = visit.site.settings.optional_str(settings::SUBSCRIBE_FORM_SECRET);
    secret.filter(|_| visit.has(Switch::SubscribeFormProtected))
}

fn questions<'v>(visit: &'v Visit<'_>) -> Option<&'v Dict> {
    visit.site.settings.get(settings::CAPTCHAS).and_then(Value::as_dict)
}

impl Visit<'_> {
    /// The hidden field that the form to join carries, where the site has a secret.
    pub fn guard_field(&self, list: &MailList, question: Option<&Question>) -> Markup {
        let Some(secret) = secret(self) else { return html! {} };
        let time = (clock::seconds()).to_string();
        let index = question.map(|question| question.index.as_str()).unwrap_or_default();
        let remote = self.remote_or("w.x.y.z");
        let hash = self.guard_hash(&secret, time.as_bytes(), index.as_bytes(), list, &remote);
        hidden("sub_form_token", &format!("{time}:{index}:{hash}"))
    }

    fn guard_hash(&self, secret: &[u8], time: &[u8], index: &[u8], list: &MailList, remote: &[u8]) -> ByteStr {
        let network = if self.has(Switch::SubscribeTokenByNetwork) { network_of(remote) } else { remote };
        // Without colons the parts run into each other, and one token is good for several lists and times. Pages of Python
        // that leave them out must understand ours.
        let is_separated = self.has(Switch::SubscribeTokenSeparated) || !mixture(self.site).has_python;
        let between: &[u8] = if is_separated { b":" } else { b"" };
        hex_digest(&[secret, time, index, list.name(), network].join(between))
    }

    /// What is wrong with a form that was sent to join; nothing where the site does not ask.
    pub fn guard_complaints(&self, texts: &Texts<'_>, list: &MailList, form: &Form) -> Vec<Markup> {
        let Some(secret) = secret(self) else { return Vec::new() };
        let token = Token::read(&form.value("sub_form_token"));
        let mut complaints = self.token_complaints(texts, list, &secret, token.as_ref());
        let index = token.map(|token| token.index).unwrap_or_default();
        if questions(self).is_some_and(|all| !is_answered(all, &index, &form.value("captcha_answer"))) {
            complaints.push(safe(&texts.say("This was not the right answer to the CAPTCHA question.")));
        }
        complaints
    }

    fn token_complaints(
        &self,
        texts: &Texts<'_>,
        list: &MailList,
        secret: &[u8],
        token: Option<&Token>,
    ) -> Vec<Markup> {
        let setting = |name| self.site.settings.int(name).unwrap_or(0);
        let say = |english: &str| safe(&texts.say(english));
        let Some(token) = token else {
            return vec![
                texts.sentence(0x7b99_4bf1_bfc1_e289, "What you sent had no hidden token, or a damaged one.", &[]),
                say("You must GET the form before submitting it."),
            ];
        };
        let age = (clock::seconds()).saturating_sub(token.issued);
        let hash = self.guard_hash(secret, &token.time, &token.index, list, &self.remote());
        let mut complaints = Vec::new();
        if age > setting(settings::FORM_LIFETIME) {
            complaints.push(say("The form is too old.  Please GET it again."));
        }
        if age < setting(settings::SUBSCRIBE_FORM_MIN_TIME) {
            complaints.push(texts.sentence(
                0xc9cc_0d32_1178_4237,
                "That was very quick. Please take a few seconds for the form.",
                &[],
            ));
        }
        if !same_bytes(&hash, &token.hash) {
            complaints.push(say("The hidden token didn't match.  Did your IP change?"));
        }
        complaints
    }

    /// Google's reCAPTCHA, where the site has a key for it.
    pub fn recaptcha_row(&self, texts: &Texts<'_>) -> Markup {
        let Some(key) = self.site.settings.optional_str(settings::RECAPTCHA_SITE_KEY) else { return html! {} };
        let script = format!(
            "<script src=\"https://www.google.com/recaptcha/api.js?hl={}\"></script>",
            safe(&decode(&texts.language, b"us-ascii")).0
        );
        html! {
            tr { td { "\u{a0}" } td {
                noscript { (texts.say("This form requires JavaScript.")) }
                (PreEscaped(script))
                div.g-recaptcha data-sitekey=(key) {}
            } }
        }
    }
}

/// The network that a token is good for: an IPv4 address without its last number, an IPv6 address without its last group.
fn network_of(remote: &[u8]) -> &[u8] {
    let separator = if remote.contains(&b'.') { b'.' } else { b':' };
    let end = remote.iter().rposition(|&byte| byte == separator).unwrap_or(remote.len());
    &remote[..end]
}

/// `TIME:INDEX:HASH`
struct Token {
    issued: i64,
    time: ByteStr,
    index: ByteStr,
    hash: ByteStr,
}

impl Token {
    /// `None` for anything else.
    fn read(text: &ByteStr) -> Option<Token> {
        let parts: Vec<&[u8]> = text.split(|&byte| byte == b':').collect();
        let [time, index, hash] = parts.as_slice() else { return None };
        let issued = std::str::from_utf8(time).ok()?.trim().parse().ok()?;
        Some(Token { issued, time: (*time).into(), index: (*index).into(), hash: (*hash).into() })
    }
}

/// Whether an answer fits the question: a pattern that the answer must match as a whole.
fn is_answered(all: &Dict, index: &[u8], answer: &[u8]) -> bool {
    let pattern = || {
        let parts: Vec<&[u8]> = index.split(|&byte| byte == b'-').collect();
        let [language, number] = parts.as_slice() else { return None };
        let number: usize = std::str::from_utf8(number).ok()?.trim().parse().ok()?;
        let asked = all.get(language)?.as_items()?.get(number)?.as_items()?;
        let pattern = [&asked.get(1)?.as_text()?[..], b"$"].concat();
        Pattern::new(&pattern, Flags::default()).ok()
    };
    pattern().is_some_and(|pattern| matches!(pattern.match_start(answer), Ok(Some(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_python_splits_them() {
        let token = Token::read(&"1796028084:en-0:abc".into()).unwrap();
        assert_eq!((token.issued, &token.index[..], &token.hash[..]), (1_796_028_084, &b"en-0"[..], &b"abc"[..]));
        for text in ["", "x::y", "1:2", "1:2:3:4", "::"] {
            assert!(Token::read(&text.into()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_network_lacks_the_last_part() {
        assert_eq!(network_of(b"192.0.2.7"), b"192.0.2");
        assert_eq!(network_of(b"2001:db8::1"), b"2001:db8:");
        assert_eq!(network_of(b"unidentified origin"), b"unidentified origin");
    }

    #[test]
    fn answers_match_as_a_whole() {
        let pair = |question: &str, answer: &str| Value::tuple(vec![Value::str(question), Value::str(answer)]);
        let asked = Value::list(vec![pair("2+2?", "4|four"), pair("sky?", "(?i)blue")]);
        let all: Dict = [(ByteStr::from("en"), asked)].into_iter().collect();
        assert!(is_answered(&all, b"en-0", b"four") && is_answered(&all, b"en-1", b"BLUE"));
        // The `$` that Mailman adds belongs to the last alternative.
        assert!(is_answered(&all, b"en-0", b"4anything") && !is_answered(&all, b"en-0", b"fourty"));
        for index in ["en-2", "de-0", "en", "en--1", ""] {
            assert!(!is_answered(&all, index.as_bytes(), b"four"), "{index}");
        }
    }
}
