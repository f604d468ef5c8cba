//! What a pattern of Python's says, before it is put in another engine's words.

/// Python's "any number of times".
pub(super) const UNLIMITED: u64 = 4_294_967_295;

/// Things that must match one after the other.
pub(super) type Sequence = Vec<Node>;

/// One thing in a pattern.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Literal(u32),
    /// `.`
    Any,
    Set(Set),
    Anchor(Anchor),
    Branch(Vec<Sequence>),
    /// A group; a number when it captures.
    Group(Option<usize>, Sequence),
    Repeat {
        min: u64,
        max: u64,
        lazy: bool,
        body: Box<Node>,
    },
    /// A back reference.
    Reference(usize),
    /// `(?(1)yes|no)`
    Conditional {
        group: i64,
        yes: Sequence,
        no: Option<Sequence>,
    },
    /// `(?=...)`, `(?!...)`, `(?<=...)`, `(?<!...)`
    Look {
        behind: bool,
        negative: bool,
        body: Sequence,
    },
}

/// A place rather than a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// `^`
    Start,
    /// `$`
    End,
    /// `\A`
    TextStart,
    /// `\Z`
    TextEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NotBoundary,
}

/// `[...]`, or a class such as `\d` that stands alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    pub negative: bool,
    pub items: Vec<Item>,
}

/// A member of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Literal(u32),
    Range(u32, u32),
    /// A class; true: everything but it.
    Class(Class, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Space,
    Word,
}

/// The least and the greatest width of a sequence as Python reckons it: references count nothing.
pub(super) fn width(sequence: &[Node]) -> (u64, u64) {
    let (low, high) = sequence
        .iter()
        .map(node_width)
        .fold((0, 0), |(low, high), (l, h)| (u64::saturating_add(low, l), u64::saturating_add(high, h)));
    (low.min(UNLIMITED - 1), high.min(UNLIMITED))
}

fn node_width(node: &Node) -> (u64, u64) {
    match node {
        Node::Literal(_) | Node::Any | Node::Set(_) => (1, 1),
        Node::Branch(branches) => branches
            .iter()
            .map(|branch| width(branch))
            .fold((UNLIMITED - 1, 0), |(low, high), (l, h)| (low.min(l), high.max(h))),
        Node::Group(_, body) => width(body),
        Node::Repeat { min, max, body, .. } => {
            let (low, high) = width(std::slice::from_ref(body));
            (low.saturating_mul(*min), high.saturating_mul(*max))
        }
        Node::Anchor(_) | Node::Reference(_) | Node::Conditional { .. } | Node::Look { .. } => (0, 0),
    }
}
