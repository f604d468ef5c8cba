//! A parsed pattern in the words of fancy-regex.
//!
//! A byte string is searched as text in which each 8-bit byte is a character for private use (0x80 is U+E080). Such a
//! character is no letter, no digit, no blank and has no other case: just what an 8-bit byte is to Python without
//! UNICODE. So the engine's own word boundaries and case folding are right for bytes.

use super::ast::{Anchor, Class, Item, Node, Set, UNLIMITED};
use super::Flags;
use std::fmt::Write as _;

/// Where 8-bit bytes go.
pub(super) const BYTE_BASE: u32 = 0xE000;

/// White space in Unicode as Python 2.7 has it.
const UNICODE_SPACE: &str =
    r"\x{9}-\x{D}\x{1C}-\x{20}\x{85}\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}";
const UNICODE_WORD: &str = r"\p{L}\p{N}_";
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// How a pattern is to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub flags: Flags,
    /// A Unicode pattern rather than a byte string.
    pub is_text: bool,
    /// Whether the pattern has groups that capture.
    pub has_groups: bool,
    /// Whether the subject ends in a line feed, before which `$` matches too.
    pub before_line_feed: bool,
    /// Whether the match must start where the subject does.
    pub anchored: bool,
}

/// The pattern for fancy-regex.
pub(super) fn emit(body: &[Node], style: Style) -> String {
    let mut out = String::new();
    if style.anchored {
        out.push_str(r"\A(?:");
    }
    style.sequence(body, &mut out);
    if style.anchored {
        out.push(')');
    }
    out
}

impl Style {
    fn sequence(&self, nodes: &[Node], out: &mut String) {
        nodes.iter().for_each(|node| self.node(node, out));
    }

    fn node(&self, node: &Node, out: &mut String) {
        match node {
            Node::Literal(point) => self.set(&Set { negative: false, items: vec![Item::Literal(*point)] }, out),
            Node::Any if self.flags.dot_all => out.push_str(r"[\x{0}-\x{10FFFF}]"),
            Node::Any => out.push_str(r"[^\x{A}]"),
            Node::Set(set) => self.set(set, out),
            Node::Anchor(Anchor::Boundary) if self.flags.unicode && !self.is_text => self.byte_boundary(false, out),
            Node::Anchor(Anchor::NotBoundary) if self.flags.unicode && !self.is_text => self.byte_boundary(true, out),
            Node::Anchor(anchor) => out.push_str(self.anchor(*anchor)),
            Node::Branch(branches) => self.branch(branches, out),
            Node::Group(number, body) => {
                out.push_str(if number.is_some() { "(" } else { "(?:" });
                self.sequence(body, out);
                out.push(')');
            }
            Node::Repeat { min, max, lazy, body } => self.repeat(*min, *max, *lazy, body, out),
            Node::Reference(group) => {
                let fold = if self.flags.ignore_case { "i" } else { "" };
                let _ = write!(out, r"(?{fold}:\{group})");
            }
            Node::Conditional { group, yes, no } => self.conditional(*group, yes, no.as_deref(), out),
            Node::Look { behind, negative, body } => {
                let _ = write!(out, "(?{}{}", if *behind { "<" } else { "" }, if *negative { "!" } else { "=" });
                self.sequence(body, out);
                out.push(')');
            }
        }
    }

    fn anchor(&self, anchor: Anchor) -> &'static str {
        match anchor {
            Anchor::Start if self.flags.multi_line => "(?m:^)",
            Anchor::Start | Anchor::TextStart => r"\A",
            Anchor::End if self.flags.multi_line => "(?m:$)",
            Anchor::End if self.before_line_feed => r"(?=\n?\z)",
            Anchor::End | Anchor::TextEnd => r"\z",
            Anchor::Boundary => r"\b",
            // Python finds neither boundary nor none in an empty subject.
            Anchor::NotBoundary => r"(?:\B(?!\A\z))",
        }
    }

    /// A word boundary where bytes are taken for Latin-1, which the engine does not know.
    fn byte_boundary(&self, negative: bool, out: &mut String) {
        let mut word = String::new();
        byte_set(&Set { negative: false, items: vec![Item::Class(Class::Word, false)] }, self.flags, &mut word);
        let _ = match negative {
            false => write!(out, "(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"),
            true => write!(out, r"(?:(?!\A\z)(?:(?<={word})(?={word})|(?<!{word})(?!{word})))"),
        };
    }

    fn branch(&self, branches: &[Vec<Node>], out: &mut String) {
        out.push_str("(?:");
        for (at, branch) in branches.iter().enumerate() {
            out.push_str(if at > 0 { "|" } else { "" });
            self.sequence(branch, out);
        }
        out.push(')');
    }

    fn repeat(&self, min: u64, max: u64, lazy: bool, body: &Node, out: &mut String) {
        out.push_str("(?:");
        self.node(body, out);
        if is_place(body) {
            // The engine refuses to repeat what has no width; a second way that never matches makes it willing.
            let _ = write!(out, "|{NOTHING}");
        }
        out.push(')');
        let _ = match (min, max) {
            (0, UNLIMITED) => write!(out, "*"),
            (1, UNLIMITED) => write!(out, "+"),
            (0, 1) => write!(out, "?"),
            (min, UNLIMITED) => write!(out, "{{{min},}}"),
            (min, max) => write!(out, "{{{min},{max}}}"),
        };
        out.push_str(if lazy { "?" } else { "" });
    }

    fn conditional(&self, group: i64, yes: &[Node], no: Option<&[Node]>, out: &mut String) {
        if !self.has_groups {
            return self.sequence(&[Node::Group(None, no.unwrap_or_default().to_vec())], out);
        }
        let _ = write!(out, "(?({group})(?:");
        self.sequence(yes, out);
        out.push_str(")|(?:");
        self.sequence(no.unwrap_or_default(), out);
        out.push_str("))");
    }

    fn set(&self, set: &Set, out: &mut String) {
        if self.is_text {
            self.text_set(set, out);
        } else {
            byte_set(set, self.flags, out);
        }
    }

    fn text_set(&self, set: &Set, out: &mut String) {
        let fold = self.flags.ignore_case && self.flags.unicode;
        out.push_str(if fold { "(?i:[" } else { "[" });
        out.push_str(if set.negative { "^" } else { "" });
        set.items.iter().for_each(|item| self.text_item(*item, out));
        out.push_str(if fold { "])" } else { "]" });
    }

    fn text_item(&self, item: Item, out: &mut String) {
        let (low, high) = match item {
            Item::Literal(point) => (point, point),
            Item::Range(low, high) => (low, high),
            Item::Class(class, negative) => {
                let members = if self.flags.unicode { unicode_class(class) } else { ascii_class(class) };
                let _ = write!(out, "[{}{members}]", if negative { "^" } else { "" });
                return;
            }
        };
        push_range(low, high, out);
        if self.flags.ignore_case && !self.flags.unicode {
            // Without UNICODE only the letters of ASCII have another case.
            let letters = (low..=high.min(0x7F)).filter_map(|point| u8::try_from(point).ok());
            letters.map(other_case).for_each(|byte| push_range(u32::from(byte), u32::from(byte), out));
        }
    }
}

/// Whether a node is nothing but looks, anchors and empty groups.
fn is_place(node: &Node) -> bool {
    match node {
        Node::Look { .. } | Node::Anchor(_) => true,
        Node::Group(_, body) => body.iter().all(is_place),
        _ => false,
    }
}

fn other_case(byte: u8) -> u8 {
    if byte.is_ascii_alphabetic() {
        byte ^ 0x20
    } else {
        byte
    }
}

fn unicode_class(class: Class) -> &'static str {
    match class {
        Class::Digit => r"\p{Nd}",
        Class::Space => UNICODE_SPACE,
        Class::Word => UNICODE_WORD,
    }
}

fn ascii_class(class: Class) -> &'static str {
    match class {
        Class::Digit => "0-9",
        Class::Space => r"\x{9}-\x{D}\x{20}",
        Class::Word => "0-9A-Za-z_",
    }
}

/// A set of bytes: which of the 256 are in it is reckoned here, case and all.
fn byte_set(set: &Set, flags: Flags, out: &mut String) {
    let members: Vec<u8> = (0..=255_u8).filter(|byte| byte_matches(set, *byte, flags)).collect();
    if members.is_empty() {
        return out.push_str(NOTHING);
    }
    out.push('[');
    let mut rest = members.as_slice();
    while let Some(&first) = rest.first() {
        let run = rest.iter().zip(first..=255).take_while(|(byte, expected)| *byte == expected).count();
        let last = rest.get(run - 1).copied().unwrap_or(first);
        push_bytes(first, last, out);
        rest = rest.get(run..).unwrap_or_default();
    }
    out.push(']');
}

/// A run of bytes; at 0x80 it jumps to the characters for private use.
fn push_bytes(first: u8, last: u8, out: &mut String) {
    if first < 0x80 {
        push_range(u32::from(first), u32::from(last.min(0x7F)), out);
    }
    if last >= 0x80 {
        push_range(BYTE_BASE + u32::from(first.max(0x80)), BYTE_BASE + u32::from(last), out);
    }
}

/// A range of characters; what are no characters (surrogates) is left out.
fn push_range(low: u32, high: u32, out: &mut String) {
    for (low, high) in [(low, high.min(0xD7FF)), (low.max(0xE000), high.min(0x10_FFFF))] {
        if low == high {
            let _ = write!(out, r"\x{{{low:X}}}");
        } else if low < high {
            let _ = write!(out, r"\x{{{low:X}}}-\x{{{high:X}}}");
        }
    }
}

fn byte_matches(set: &Set, byte: u8, flags: Flags) -> bool {
    let fold = |point: u32| if flags.ignore_case { lower(point, flags.unicode) } else { point };
    let folded = fold(u32::from(byte));
    let matches = |item: &Item| match item {
        Item::Literal(point) => fold(*point) == folded,
        Item::Range(low, high) => (*low..=(*high).min(0xFF)).any(|point| fold(point) == folded),
        Item::Class(class, negative) => in_class(*class, folded as u8, flags.unicode) != *negative,
    };
    set.items.iter().any(matches) != set.negative
}

fn lower(point: u32, unicode: bool) -> u32 {
    match point {
        0x41..=0x5A => point + 0x20,
        0xC0..=0xDE if unicode && point != 0xD7 => point + 0x20,
        _ => point,
    }
}

/// With UNICODE, Python takes bytes for Latin-1.
fn in_class(class: Class, byte: u8, unicode: bool) -> bool {
    let ch = char::from(byte);
    match class {
        Class::Digit => byte.is_ascii_digit(),
        Class::Space => matches!(byte, b'\t'..=b'\r' | b' ') || unicode && matches!(byte, 0x1C..=0x1F | 0x85 | 0xA0),
        Class::Word if unicode => ch.is_alphanumeric() || ch == '_' || matches!(byte, 0xB2 | 0xB3 | 0xB9 | 0xBC..=0xBE),
        Class::Word => byte.is_ascii_alphanumeric() || byte == b'_',
    }
}
