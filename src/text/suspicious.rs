//! HTML that may run a program in a reader's browser (`Utils.suspiciousHTML`).
//!
//! The test is simple on purpose: it looks for tags and for words, wherever they stand, and so refuses some harmless
//! texts too. Programs and owners know which texts pass, so the words are Mailman's.

use compat::site::{Profile, Switch};

/// The beginnings of tags.
const TAGS: [&str; 5] = ["<iframe", "<frame", "<meta", "<script", "<link"];
/// The one link that Mailman's own template has.
const FAVICON: &str = "<link rel=\"shortcut icon\" href=\"<mm-favicon>\">";

const WORDS: &str = "\
domactivate domattrmodified domcharacterdatamodified domfocusin domfocusout dommenuitemactive dommenuiteminactive \
dommousescroll domnodeinserted domnodeinsertedintodocument domnoderemoved domnoderemovedfromdocument \
domsubtreemodified fscommand javascript jscript onabort onactivate onafterprint onafterupdate onbeforeactivate \
onbeforecopy onbeforecut onbeforedeactivate onbeforeeditfocus onbeforepaste onbeforeprint onbeforeunload \
onbeforeupdate onbegin onblur onbounce onbroadcast oncellchange onchange oncheckboxstatechange onclick onclose \
oncommand oncommandupdate oncompositionend oncompositionstart oncontextmenu oncontrolselect oncopy oncut \
ondataavailable ondatasetchanged ondatasetcomplete ondblclick ondeactivate ondrag ondragdrop ondragend ondragenter \
ondragexit ondraggesture ondragleave ondragover ondragstart ondrop onend onerror onerrorupdate onfilterchange \
onfinish onfocus onfocusin onfocusout onhelp oninput onkeydown onkeypress onkeyup onlayoutcomplete onload \
onlosecapture onmediacomplete onmediaerror onmousedown onmouseenter onmouseleave onmousemove onmouseout onmouseover \
onmouseup onmousewheel onmove onmoveend onmovestart onoffline ononline onoutofsync onoverflow onoverflowchanged \
onpagehide onpageshow onpaint onpaste onpause onpopuphidden onpopuphiding onpopupshowing onpopupshown onprogress \
onpropertychange onradiostatechange onreadystatechange onrepeat onreset onresize onresizeend onresizestart onresume \
onreverse onrowdelete onrowenter onrowexit onrowinserted onrowsdelete onrowsenter onrowsinserted onscroll onseek \
onselect onselectionchange onselectstart onstart onstop onsubmit onsyncfrompreference onsyncrestored \
onsynctopreference ontext ontimeerror ontrackchange onunderflow onunload onurlflip seeksegmenttime svgabort svgerror \
svgload svgresize svgscroll svgunload svgzoom vbs vbscript";

/// Words and beginnings that newer versions know too.
const MORE_WORDS: &str = "\
animationend animationiteration animationstart onanimationend onanimationiteration onanimationstart oncanplay \
oncanplaythrough ondurationchange onemptied onended onhashchange onloadeddata onloadedmetadata onloadstart onmessage \
onopen onplay onplaying onpopstate onratechange onsearch onseeked onseeking onshow onstalled onstorage onsuspend \
ontimeupdate ontoggle ontouchcancel ontouchend ontouchmove ontouchstart ontransitionend onvolumechange onwaiting \
onwheel transitionend";
const MORE_TAGS: [&str; 2] = ["<object", "@keyframes"];

/// Whether a text holds any of it.
pub fn is_suspicious(profile: &Profile, html: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&plain(html)).to_ascii_lowercase().replace(FAVICON, " ");
    let more = profile.has(Switch::SuspiciousHtmlMore);
    let tags = TAGS.iter().chain(MORE_TAGS.iter().filter(|_| more));
    let is_known = |word: &str| {
        let among = |words: &str| words.split(' ').any(|known| known == word);
        among(WORDS) || more && among(MORE_WORDS)
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    tags.into_iter().any(|tag| text.contains(tag)) || words.into_iter().any(is_known)
}

/// The text with `&#N;`, `&#xN;` and `%XX` as the bytes that they stand for, and without what no reader sees.
fn plain(html: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, next) = match escape(rest) {
            Some((byte, next)) => (byte, next),
            None => (Some(first), tail),
        };
        out.extend(byte.filter(|byte| !is_invisible(*byte)));
        rest = next;
    }
    out
}

/// The byte of an escape at the start of the text (none for a larger number), and what follows it.
fn escape(text: &[u8]) -> Option<(Option<u8>, &[u8])> {
    if let [b'%', high, low, rest @ ..] = text {
        let digits = [*high, *low];
        return number(&digits, 16).filter(|_| digits.iter().all(u8::is_ascii_hexdigit)).map(|byte| (Some(byte), rest));
    }
    let digits = text.strip_prefix(b"&#")?;
    let (digits, radix) = match digits {
        [b'x' | b'X', rest @ ..] => (rest, 16),
        _ => (digits, 10),
    };
    let length = digits.iter().take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let (digits, rest) = digits.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
    Some((number(digits, radix), rest.strip_prefix(b";").unwrap_or(rest)))
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

fn is_invisible(byte: u8) -> bool {
    matches!(byte, 0..=9 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f..=0x9f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn as_mailman_judges() {
        let old = Profile::new(Version { micro: 13 });
        let new = Profile::new(Version { micro: 39 });
        for bad in [
            "<SCRIPT>",
            "x<IFrame src",
            "<frameset>",
            "<a href='javascript:x'>",
            "onClick=1",
            "on%63lick",
            "on&#99;lick",
            "on&#x63lick",
            "on\tclick",
            "<link rel=stylesheet>",
            "what onload means",
            "&#60script",
        ] {
            assert!(is_suspicious(&old, bad.as_bytes()) && is_suspicious(&new, bad.as_bytes()), "{bad}");
        }
        for good in ["<b>bold</b>", "onclicks", "my_onclick", "jscripts", FAVICON, "&#399;", "100% on top", "%zz"] {
            assert!(!is_suspicious(&old, good.as_bytes()) && !is_suspicious(&new, good.as_bytes()), "{good}");
        }
        for later in ["<object data=x>", "@keyframes", "ontoggle=x", "animationend"] {
            assert!(!is_suspicious(&old, later.as_bytes()) && is_suspicious(&new, later.as_bytes()), "{later}");
        }
    }
}
