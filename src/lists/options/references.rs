//! References in a text become letters, as `Utils.canonstr` does it for names and subject prefixes.
//!
//! What stands between an `&` and the next `;` is a reference, whatever it is. Python's table has letters for names up to
//! U+00FF; for the others it has numeric references, which Mailman takes for text.

use compat::codecs::{self, Errors};
use compat::format::text_of;
use compat::value::{UniStr, Value};

/// The names of U+00A0 and what follows, up to U+00FF.
const LATIN1: &str = "\
nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc \
Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve \
Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute \
acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde \
ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// Names with letters beyond.
const WIDE: &[(&str, u32)] = &[
    ("OElig", 338),
    ("oelig", 339),
    ("Scaron", 352),
    ("scaron", 353),
    ("Yuml", 376),
    ("fnof", 402),
    ("circ", 710),
    ("tilde", 732),
    ("Alpha", 913),
    ("Beta", 914),
    ("Gamma", 915),
    ("Delta", 916),
    ("Epsilon", 917),
    ("Zeta", 918),
    ("Eta", 919),
    ("Theta", 920),
    ("Iota", 921),
    ("Kappa", 922),
    ("Lambda", 923),
    ("Mu", 924),
    ("Nu", 925),
    ("Xi", 926),
    ("Omicron", 927),
    ("Pi", 928),
    ("Rho", 929),
    ("Sigma", 931),
    ("Tau", 932),
    ("Upsilon", 933),
    ("Phi", 934),
    ("Chi", 935),
    ("Psi", 936),
    ("Omega", 937),
    ("alpha", 945),
    ("beta", 946),
    ("gamma", 947),
    ("delta", 948),
    ("epsilon", 949),
    ("zeta", 950),
    ("eta", 951),
    ("theta", 952),
    ("iota", 953),
    ("kappa", 954),
    ("lambda", 955),
    ("mu", 956),
    ("nu", 957),
    ("xi", 958),
    ("omicron", 959),
    ("pi", 960),
    ("rho", 961),
    ("sigmaf", 962),
    ("sigma", 963),
    ("tau", 964),
    ("upsilon", 965),
    ("phi", 966),
    ("chi", 967),
    ("psi", 968),
    ("omega", 969),
    ("thetasym", 977),
    ("upsih", 978),
    ("piv", 982),
    ("ensp", 8194),
    ("emsp", 8195),
    ("thinsp", 8201),
    ("zwnj", 8204),
    ("zwj", 8205),
    ("lrm", 8206),
    ("rlm", 8207),
    ("ndash", 8211),
    ("mdash", 8212),
    ("lsquo", 8216),
    ("rsquo", 8217),
    ("sbquo", 8218),
    ("ldquo", 8220),
    ("rdquo", 8221),
    ("bdquo", 8222),
    ("dagger", 8224),
    ("Dagger", 8225),
    ("bull", 8226),
    ("hellip", 8230),
    ("permil", 8240),
    ("prime", 8242),
    ("Prime", 8243),
    ("lsaquo", 8249),
    ("rsaquo", 8250),
    ("oline", 8254),
    ("frasl", 8260),
    ("euro", 8364),
    ("image", 8465),
    ("weierp", 8472),
    ("real", 8476),
    ("trade", 8482),
    ("alefsym", 8501),
    ("larr", 8592),
    ("uarr", 8593),
    ("rarr", 8594),
    ("darr", 8595),
    ("harr", 8596),
    ("crarr", 8629),
    ("lArr", 8656),
    ("uArr", 8657),
    ("rArr", 8658),
    ("dArr", 8659),
    ("hArr", 8660),
    ("forall", 8704),
    ("part", 8706),
    ("exist", 8707),
    ("empty", 8709),
    ("nabla", 8711),
    ("isin", 8712),
    ("notin", 8713),
    ("ni", 8715),
    ("prod", 8719),
    ("sum", 8721),
    ("minus", 8722),
    ("lowast", 8727),
    ("radic", 8730),
    ("prop", 8733),
    ("infin", 8734),
    ("ang", 8736),
    ("and", 8743),
    ("or", 8744),
    ("cap", 8745),
    ("cup", 8746),
    ("int", 8747),
    ("there4", 8756),
    ("sim", 8764),
    ("cong", 8773),
    ("asymp", 8776),
    ("ne", 8800),
    ("equiv", 8801),
    ("le", 8804),
    ("ge", 8805),
    ("sub", 8834),
    ("sup", 8835),
    ("nsub", 8836),
    ("sube", 8838),
    ("supe", 8839),
    ("oplus", 8853),
    ("otimes", 8855),
    ("perp", 8869),
    ("sdot", 8901),
    ("lceil", 8968),
    ("rceil", 8969),
    ("lfloor", 8970),
    ("rfloor", 8971),
    ("lang", 9001),
    ("rang", 9002),
    ("loz", 9674),
    ("spades", 9824),
    ("clubs", 9827),
    ("hearts", 9829),
    ("diams", 9830),
];

/// The text with its letters. Bytes are in the list's charset, or in Latin-1 where that is ASCII.
pub fn resolved(value: &Value, charset: &[u8]) -> UniStr {
    let charset: &[u8] = if charset == b"us-ascii" { b"iso-8859-1" } else { charset };
    let (text, own) = match value {
        Value::Unicode(text) => (text.to_text().into_bytes(), &b"utf-8"[..]),
        other => (text_of(other).to_vec(), charset),
    };
    let mut out = String::new();
    let mut rest = &text[..];
    while let Some((before, reference, after)) = next_reference(rest) {
        out.push_str(&decoded(before, own));
        out.push_str(&letter(reference, own, charset));
        rest = after;
    }
    out.push_str(&decoded(rest, own));
    UniStr(out.as_str().into())
}

/// What stands before the first reference, the reference, and what stands behind it. `&;` is none.
fn next_reference(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let start = memchr::memchr_iter(b'&', text).find(|&at| text.get(at + 1) != Some(&b';'))?;
    let end = start + 1 + memchr::memchr(b';', &text[start + 1..])?;
    Some((&text[..start], &text[start + 1..end], &text[end + 1..]))
}

/// A name that nobody knows is a question mark; a number that is none stays as it is.
fn letter(reference: &[u8], own: &[u8], charset: &[u8]) -> String {
    if let Some(number) = reference.strip_prefix(b"#") {
        let number = std::str::from_utf8(number).ok().and_then(|number| number.trim_ascii().parse().ok());
        let letter = number.and_then(char::from_u32).map(String::from);
        return letter.unwrap_or_else(|| decoded(&[b"&", reference, b";"].concat(), own));
    }
    match of_name(reference) {
        Some(code @ 0..=0xff) => decoded(&[code as u8], charset),
        Some(code) => format!("&#{code};"),
        None => "?".to_string(),
    }
}

fn of_name(name: &[u8]) -> Option<u32> {
    match name {
        b"amp" => return Some(u32::from(b'&')),
        b"lt" => return Some(u32::from(b'<')),
        b"gt" => return Some(u32::from(b'>')),
        b"quot" => return Some(u32::from(b'"')),
        _ => {}
    }
    let latin1 = || (0xa0..).zip(LATIN1.split(' ')).map(|(code, known)| (known, code));
    let known = latin1().chain(WIDE.iter().copied());
    known.into_iter().find(|(known, _)| known.as_bytes() == name).map(|(_, code)| code)
}

fn decoded(text: &[u8], charset: &[u8]) -> String {
    codecs::decode(text, charset, Errors::Replace).map(|text| text.to_text()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_bytes(text: &str, charset: &[u8]) -> String {
        resolved(&Value::str(text), charset).to_text()
    }

    #[test]
    fn as_python_reads_them() {
        for (text, expected) in CASES {
            assert_eq!(of_bytes(text, b"us-ascii"), *expected, "{text}");
            assert_eq!(resolved(&Value::Unicode(UniStr((*text).into())), b"us-ascii").to_text(), *expected, "{text}");
        }
        assert_eq!(of_bytes("K&uuml;che", b"utf-8"), "K\u{fffd}che");
        assert_eq!(of_bytes("K&uuml;che", b"koi8-r"), "K\u{42d}che");
    }

    /// What Python wrote.
    const CASES: &[(&str, &str)] = &[
        ("[K&uuml;che] ", "[K\u{fc}che] "),
        ("[R&D; x]", "[R? x]"),
        ("&amp;&lt;&gt;&quot;", "&<>\""),
        ("a & b; c", "a ? c"),
        ("&;x&;&auml;", "&;x&;\u{e4}"),
        ("&euro; and &#8364;", "&#8364; and \u{20ac}"),
        ("&#xe4;", "&#xe4;"),
        ("&# 65 ;", "A"),
        ("&#-1;", "&#-1;"),
        ("&#;", "&#;"),
        ("&#12 &auml;", "&#12 &auml;"),
        ("&auml", "&auml"),
        ("&#228;&#1114111;", "\u{e4}\u{10ffff}"),
        ("a;&b", "a;&b"),
        ("&&amp;", "?"),
        ("&nbsp;&yuml;", "\u{a0}\u{ff}"),
        ("&alpha;&thetasym;&rarr;", "&#945;&#977;&#8594;"),
    ];
}
