//! From text to [`Message`], as Python 2.7's feed parser does it.
//!
//! Answers to `email.feedparser.FeedParser`, `email.parser.Parser` and `email.message_from_string`. It never fails: what
//! is not well-formed becomes an entry of `defects` and some message comes out. Python feeds blocks of 8192 bytes; its
//! line buffer makes the result independent of where they end, so the whole text is read at once here.
//!
//! Lines end at LF, CR or CRLF and keep their ends. A stack of open containers takes the place of Python's recursive
//! generators; the boundaries of all of them are tested on every line, because an outer boundary ends inner parts.

use super::boundary::{Boundary, BoundaryLine};
use super::input::{Gathered, Input, Span};
use super::message::{HeaderValue, Message, Payload, MAX_DEPTH};
use super::text::trim_start;
use crate::value::{Dict, Global, Object, Value};
use crate::ByteStr;
use std::rc::Rc;

/// Parts beyond this many are not taken apart any more (their text stays the last one's payload): five bytes of text
/// are enough for a part, and a part costs some hundred bytes of memory.
const MAX_PARTS: usize = 200_000;

/// Likewise for headers: what follows these in a header block is body. A defect costs as much as ten.
const MAX_HEADERS: usize = 500_000;
const DEFECT_COST: usize = 10;

/// Parses a message; every part is a `Mailman.Message.Message`.
pub fn parse(raw: &ByteStr) -> Message {
    parse_as(raw, "Mailman.Message", "Message")
}

/// Parses a message whose parts are of another class, such as `email.message.Message`.
pub fn parse_as(raw: &ByteStr, module: &str, name: &str) -> Message {
    let class = Rc::new(Global { module: module.into(), name: name.into() });
    Parser { input: Input::new(raw.clone()), class, text_plain: ByteStr::from("text/plain"), parts: 0, headers: 0 }
        .run()
}

struct Parser {
    input: Input,
    class: Rc<Global>,
    text_plain: ByteStr,
    parts: usize,
    headers: usize,
}

/// A message whose parts are being read.
struct Open {
    msg: Message,
    kind: Container,
    is_digest: bool,
}

/// How far a header block is read: the header whose continuation may follow, and a `From ` line that is the body's if
/// no header follows.
#[derive(Default)]
struct HeaderBlock {
    started: bool,
    pending: Option<(Span, Span)>,
    envelope: Option<Span>,
}

enum Container {
    /// `message/*`: one message up to the end.
    Message,
    /// `message/delivery-status`: blocks of headers between blank lines.
    DeliveryStatus,
    /// `multipart/*`
    Multipart(Boundary),
}

/// A message whose headers are read: with parts to come, or done with.
enum Entered {
    Container(Open),
    Finished(Message),
}

/// What follows in a container after one of its parts.
enum Next {
    Part,
    End,
}

impl Parser {
    fn run(mut self) -> Message {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let msg = self.begin(open.last());
            match self.open(msg, open.len()) {
                Entered::Container(container) => open.push(container),
                Entered::Finished(done) => {
                    if let Some(msg) = self.close(&mut open, done) {
                        return root(msg);
                    }
                }
            }
        }
    }

    /// Goes into a message that has parts; one without comes back finished.
    fn open(&mut self, msg: Message, depth: usize) -> Entered {
        let may_open = depth + 1 < MAX_DEPTH && self.parts < MAX_PARTS;
        let Some(kind) = may_open.then(|| container(&msg)).flatten() else {
            return Entered::Finished(self.leaf(msg));
        };
        let is_digest = msg.content_type() == "multipart/digest";
        let mut open = Open { msg, kind, is_digest };
        match self.enter(&mut open) {
            Next::Part => Entered::Container(open),
            Next::End => Entered::Finished(open.msg),
        }
    }

    /// Hands a finished message to its container, and on as long as containers end with it. Gives the outermost back.
    fn close(&mut self, open: &mut Vec<Open>, mut done: Message) -> Option<Message> {
        while let Some(mut container) = open.pop() {
            match self.leave(&mut container, done) {
                Next::Part => {
                    open.push(container);
                    return None;
                }
                Next::End => done = container.msg,
            }
        }
        Some(done)
    }

    /// A new message with its headers.
    fn begin(&mut self, parent: Option<&Open>) -> Message {
        self.parts += 1;
        if self.parts == MAX_PARTS {
            self.input.seal();
        }
        let mut msg = Message::with(Rc::clone(&self.class), self.text_plain.clone());
        if parent.is_some_and(|open| open.is_digest) {
            msg.default_type = ByteStr::from("message/rfc822");
        }
        self.headers(&mut msg);
        msg
    }

    /// Reads up to a line that belongs to no header. A blank one is dropped, any other starts the body.
    fn headers(&mut self, msg: &mut Message) {
        let mut block = HeaderBlock::default();
        while let Some(line) = self.input.read_line() {
            let text = self.input.text(line);
            if !is_header_line(text) || self.headers >= MAX_HEADERS {
                if !text.starts_with(b"\n") && !text.starts_with(b"\r") {
                    self.input.unread(line);
                }
                break;
            }
            self.header_line(msg, &mut block, line);
        }
        self.finish_header(msg, block.pending.take());
        // Python takes a last line `From ` for the first one of the body; a blank line before the body is gone by then.
        if let Some(line) = block.envelope {
            self.input.unread(line);
        }
    }

    fn header_line(&mut self, msg: &mut Message, block: &mut HeaderBlock, line: Span) {
        if let Some(envelope) = block.envelope.take() {
            self.note(msg, "MisplacedEnvelopeHeaderDefect", envelope);
        }
        let text = self.input.text(line);
        if text.starts_with(b" ") || text.starts_with(b"\t") {
            match &mut block.pending {
                Some((_, value)) => value.join(line),
                None => self.note(msg, "FirstHeaderLineIsContinuationDefect", line),
            }
        } else if !text.starts_with(b"From ") {
            let header = split_header(line, text);
            self.finish_header(msg, block.pending.replace(header));
        } else {
            self.finish_header(msg, block.pending.take());
            match block.started {
                true => block.envelope = Some(line),
                false => msg.unixfrom = Some(without_line_end(&self.input.share(line))),
            }
        }
        block.started = true;
    }

    fn finish_header(&mut self, msg: &mut Message, header: Option<(Span, Span)>) {
        if let Some((name, value)) = header {
            let text = self.input.text(value);
            let kept = text.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1);
            let value = self.input.share(value.first(kept));
            msg.headers.push((self.input.share(name), HeaderValue::Str(value)));
            self.headers += 1;
        }
    }

    fn note(&mut self, msg: &mut Message, class: &str, line: Span) {
        msg.defects.push(defect(class, Value::Str(self.input.share(line))));
        self.headers += DEFECT_COST;
    }

    fn leaf(&mut self, mut msg: Message) -> Message {
        if msg.main_type() == "multipart" && msg.get_boundary().is_none() {
            msg.defects.push(defect("NoBoundaryInMultipartDefect", Value::None));
        }
        msg.payload = Payload::Str(self.input.rest());
        msg
    }

    /// Goes to a container's first part.
    fn enter(&mut self, open: &mut Open) -> Next {
        match &open.kind {
            Container::Message => Next::Part,
            Container::DeliveryStatus => {
                self.input.push_blank_line_end();
                Next::Part
            }
            Container::Multipart(boundary) => {
                let boundary = boundary.clone();
                self.preamble(&mut open.msg, &boundary)
            }
        }
    }

    /// Takes a part that has ended and goes to the next one.
    fn leave(&mut self, open: &mut Open, mut part: Message) -> Next {
        match &open.kind {
            Container::Message => {
                open.msg.attach(part);
                Next::End
            }
            Container::DeliveryStatus => {
                open.msg.attach(part);
                self.next_block()
            }
            Container::Multipart(boundary) => {
                strip_last_line_end(&mut part);
                open.msg.attach(part);
                let boundary = boundary.clone();
                self.input.pop_boundary(&boundary);
                self.next_part(&mut open.msg, &boundary)
            }
        }
    }

    /// Drops the blank line that ended a block; the line behind it tells whether another block follows.
    fn next_block(&mut self) -> Next {
        self.input.pop_blank_line_end();
        self.input.read_line();
        match self.input.read_line() {
            None => Next::End,
            Some(line) => {
                self.input.unread(line);
                self.input.push_blank_line_end();
                Next::Part
            }
        }
    }

    /// Reads up to the first boundary. Without one the text is the payload and the epilogue is empty, not absent.
    fn preamble(&mut self, msg: &mut Message, boundary: &Boundary) -> Next {
        let mut text = Gathered::Nothing;
        while let Some(line) = self.input.read_line() {
            match boundary.find(self.input.text(line)) {
                None => text.add(&self.input, line),
                // An end boundary before any start ends the search: the text so far becomes the payload.
                Some(found) if found.is_end => break,
                Some(_) => {
                    if !text.is_empty() {
                        msg.preamble = Some(without_line_end(&text.finish(&self.input)));
                    }
                    self.input.unread(line);
                    return self.next_part(msg, boundary);
                }
            }
        }
        msg.defects.push(defect("StartBoundaryNotFoundDefect", Value::None));
        msg.payload = Payload::Str(text.finish(&self.input));
        self.input.skip_rest();
        msg.epilogue = Some(ByteStr::default());
        Next::End
    }

    /// Reads the boundary lines between two parts. Anything else can't stand here: a part ends only at a boundary.
    fn next_part(&mut self, msg: &mut Message, boundary: &Boundary) -> Next {
        match self.input.read_line().and_then(|line| boundary.find(self.input.text(line))) {
            None => self.end(msg, &BoundaryLine { is_end: false, has_line_end: false }),
            Some(found) if found.is_end => self.end(msg, &found),
            Some(_) => {
                self.skip_repeated(boundary);
                self.input.push_boundary(boundary);
                Next::Part
            }
        }
    }

    /// Several boundary lines in a row count once. Python takes even an end boundary among them for a repetition.
    fn skip_repeated(&mut self, boundary: &Boundary) {
        while let Some(line) = self.input.read_line() {
            if boundary.find(self.input.text(line)).is_none() {
                self.input.unread(line);
                break;
            }
        }
    }

    /// The rest is the epilogue, without one line end at its front unless the boundary's line had one.
    fn end(&mut self, msg: &mut Message, found: &BoundaryLine) -> Next {
        let rest = self.input.rest();
        let skip = if found.has_line_end { 0 } else { line_end_at_front(&rest) };
        msg.epilogue = Some(rest.slice_from(skip));
        Next::End
    }
}

/// Whether and how the payload is taken apart.
fn container(msg: &Message) -> Option<Container> {
    let kind = msg.content_type();
    if kind == "message/delivery-status" {
        Some(Container::DeliveryStatus)
    } else if kind.starts_with(b"message/") {
        Some(Container::Message)
    } else if kind.starts_with(b"multipart/") {
        msg.get_boundary().map(|text| Container::Multipart(Boundary::new(&text)))
    } else {
        None
    }
}

/// `From `, a name of printable ASCII up to a colon, or a continuation.
fn is_header_line(line: &[u8]) -> bool {
    match line.first() {
        Some(b' ' | b'\t') => true,
        _ if line.starts_with(b"From ") => true,
        _ => line
            .iter()
            .position(|&b| !(0x21..=0x7e).contains(&b) || b == b':')
            .is_some_and(|at| at > 0 && line[at] == b':'),
    }
}

/// Name and value; all white space at the value's front goes, the line end of an empty first line with it.
fn split_header(line: Span, text: &[u8]) -> (Span, Span) {
    let colon = text.iter().position(|&b| b == b':').unwrap_or(text.len());
    let after = (colon + 1).min(text.len());
    let value = trim_start(&text[after..]);
    (line.first(colon), line.from(text.len() - value.len()))
}

/// A line end just before a boundary belongs to the boundary. It is taken from the message that was last worked on: the
/// part, or the one in it where the part is a `message/*`. An empty epilogue becomes none.
fn strip_last_line_end(part: &mut Message) {
    let mut last = part;
    while last.is_multipart() && last.main_type() != "multipart" && !last.parts().is_empty() {
        let Payload::Parts(parts) = &mut last.payload else { return };
        let Some(inner) = parts.last_mut() else { return };
        last = inner;
    }
    if last.main_type() == "multipart" {
        last.epilogue = last.epilogue.take().filter(|text| !text.is_empty()).map(|text| without_line_end(&text));
    } else if let Payload::Str(text) = &mut last.payload {
        *text = without_line_end(text);
    }
}

/// The check that Python makes on the outermost message only.
fn root(mut msg: Message) -> Message {
    if msg.main_type() == "multipart" && !msg.is_multipart() {
        msg.defects.push(defect("MultipartInvariantViolationDefect", Value::None));
    }
    msg
}

fn defect(class: &str, line: Value) -> Value {
    let attributes: Dict = std::iter::once((ByteStr::from("line"), line)).collect();
    Value::Object(Rc::new(Object::old_style("email.errors", class, attributes)))
}

fn without_line_end(text: &ByteStr) -> ByteStr {
    text.slice(0..text.len() - line_end_at_back(text))
}

fn line_end_at_back(text: &[u8]) -> usize {
    match text {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    }
}

fn line_end_at_front(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}
