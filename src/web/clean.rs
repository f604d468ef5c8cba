//! HTML that a list's owners wrote, such as the text about their list, made harmless by lists of what may stay.
//!
//! Mailman shows it as it is and refuses some words when it is stored; what was stored by hand or by an older version
//! passes. Here a tag that could do more than mark text up vanishes, a script or style with all that is in it, and of a tag that stays
//! only known attributes do. Text, entities and the spelling of tags are kept.

use super::widgets::safe;
use maud::{Markup, PreEscaped};

/// Tags that do nothing but mark text up.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "nobr",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];
/// Tags whose content is not text.
const WITH_CONTENT: &[&str] = &["script", "style", "iframe", "object", "noscript", "textarea", "title", "svg", "math"];
/// All other tags that mean something to a browser; they vanish. One that means nothing stays, without attributes.
const VANISHING: &[&str] = &[
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "base",
    "basefont",
    "bdi",
    "bdo",
    "bgsound",
    "blink",
    "body",
    "button",
    "canvas",
    "command",
    "content",
    "data",
    "datalist",
    "details",
    "dialog",
    "dir",
    "embed",
    "fencedframe",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "geolocation",
    "head",
    "header",
    "hgroup",
    "html",
    "iframe",
    "image",
    "input",
    "isindex",
    "keygen",
    "label",
    "legend",
    "link",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "menuitem",
    "meta",
    "meter",
    "multicol",
    "nav",
    "nextid",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "optgroup",
    "option",
    "output",
    "param",
    "permission",
    "picture",
    "plaintext",
    "portal",
    "progress",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "script",
    "search",
    "section",
    "select",
    "selectedcontent",
    "selectlist",
    "shadow",
    "slot",
    "source",
    "spacer",
    "style",
    "summary",
    "svg",
    "template",
    "textarea",
    "time",
    "title",
    "track",
    "video",
    "xmp",
];
const ATTRIBUTES: &[&str] = &[
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "class",
    "color",
    "cols",
    "colspan",
    "dir",
    "face",
    "height",
    "hspace",
    "lang",
    "noshade",
    "nowrap",
    "rowspan",
    "size",
    "start",
    "summary",
    "title",
    "type",
    "valign",
    "vspace",
    "width",
];
const ADDRESSES: &[&str] = &["href", "src", "cite"];
const SCHEMES: &[&str] = &["http", "https", "ftp", "mailto", "news", "nntp"];

/// What of a text with tags may be shown.
pub fn clean(html: &str) -> Markup {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match Tag::read(rest) {
            Some((tag, after)) => tag.show(&mut out, after),
            None => after_no_tag(&mut out, rest),
        };
    }
    out.push_str(rest);
    PreEscaped(out)
}

/// A comment or declaration vanishes; any other `<` is text.
fn after_no_tag<'a>(out: &mut String, text: &'a str) -> &'a str {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    if text.starts_with("<!") || text.starts_with("<?") {
        return text.find('>').map_or("", |end| &text[end + 1..]);
    }
    out.push_str("&lt;");
    &text[1..]
}

struct Tag<'a> {
    /// As it is spelled.
    name: &'a str,
    closes: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// A tag and what follows it; `None` where this is none.
    fn read(text: &'a str) -> Option<(Tag<'a>, &'a str)> {
        let inner = text.strip_prefix('<')?;
        let (closes, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let (name, mut rest) = inner.split_at(end);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                return Some((Tag { name, closes, attributes }, after));
            }
            let (attribute, after) = read_attribute(rest)?;
            attributes.push(attribute);
            rest = after;
        }
    }

    /// Writes what may stay of it; what is to be read next.
    fn show(&self, out: &mut String, after: &'a str) -> &'a str {
        let name = self.name.to_ascii_lowercase();
        if WITH_CONTENT.contains(&name.as_str()) && !self.closes {
            return end_of_content(&name, after);
        }
        if VANISHING.contains(&name.as_str()) {
            return after;
        }
        out.push_str(if self.closes { "</" } else { "<" });
        out.push_str(self.name);
        let is_known = !self.closes && TAGS.contains(&name.as_str());
        for (key, value) in self.attributes.iter().filter(|(key, value)| is_known && may_stay(key, value)) {
            out.push_str(&format!(" {key}=\"{}\"", safe(value).0));
        }
        out.push('>');
        after
    }
}

fn read_attribute(text: &str) -> Option<((&str, &str), &str)> {
    let end = text.find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c))?;
    // A stray `=` is a name of its own, as browsers have it.
    let end = if end == 0 { text.chars().next()?.len_utf8() } else { end };
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start().strip_prefix('=') else { return Some(((name, ""), rest)) };
    let value = value.trim_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            let end = quoted.find(quote)?;
            return Some(((name, &quoted[..end]), &quoted[end + 1..]));
        }
    }
    let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
    Some(((name, &value[..end]), &value[end..]))
}

/// Behind the closing tag of a script or the like.
fn end_of_content<'a>(name: &str, text: &'a str) -> &'a str {
    let close = format!("</{name}");
    let is_close = |at: &usize| text.get(*at..*at + close.len()).is_some_and(|t| t.eq_ignore_ascii_case(&close));
    let Some(at) = text.match_indices('<').map(|(at, _)| at).find(is_close) else { return "" };
    text[at..].find('>').map_or("", |end| &text[at + end + 1..])
}

fn may_stay(key: &str, value: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ATTRIBUTES.contains(&key.as_str())
        || key == "name"
        || key == "id"
        || (ADDRESSES.contains(&key.as_str()) && is_harmless(value))
}

/// Whether an address has a scheme that is known to run nothing, or none.
fn is_harmless(address: &str) -> bool {
    let plain: String = address.chars().filter(|c| !c.is_ascii_whitespace() && !c.is_control()).collect();
    let start = plain.split(['/', '?', '#']).next().unwrap_or_default();
    match start.split_once(':') {
        Some((scheme, _)) => SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()),
        // An entity could stand for the colon.
        None => !start.contains('&'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_marks_text_up_stays_as_it_is() {
        let text = "Line <B>one</B>.<br>\n<A HREF='http://x/?a=1&b=2' onclick=x>l</A> &uuml; 1 < 2 <p align=center>";
        let shown =
            "Line <B>one</B>.<br>\n<A HREF=\"http://x/?a=1&amp;b=2\">l</A> &uuml; 1 &lt; 2 <p align=\"center\">";
        assert_eq!(clean(text).0, shown);
    }

    #[test]
    fn what_could_do_harm_vanishes() {
        for (text, shown) in [
            ("a<script>alert(1)</SCRIPT >b", "ab"),
            ("<script>never closed", ""),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
            ("<a href=\"java\nscript:alert(1)\">x</a>", "<a>x</a>"),
            ("<a href='javascript&#58;x'>x</a>", "<a>x</a>"),
            ("<form action=/evil><input name=pw></form>x", "x"),
            ("<p style='position:fixed'>x", "<p>x"),
            ("<!-- <b> -->x<!doctype y>z", "xz"),
            ("<svg><a xlink:href=x></svg>y", "y"),
            ("<b title='\"><script>'>", "<b title=\"&quot;&gt;&lt;script&gt;\">"),
            ("x<a href=\"y", "x&lt;a href=\"y"),
            ("<b/onmouseover=x>", "<b>"),
            ("Only <parcels onclick=x>", "Only <parcels>"),
            ("<meta http-equiv=refresh content=0>", ""),
        ] {
            assert_eq!(clean(text).0, shown, "{text}");
        }
    }
}
