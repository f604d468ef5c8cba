//! One copy of a message for each recipient, quickly.
//!
//! Python copies, decorates and writes the whole message for everybody. What differs between two copies is little: a few
//! headers, which stand at the end of the head, and the header and footer texts. So the message is written once with
//! marks in these places ([`Template`]), and a copy is made by filling them in. Where the texts would be encoded
//! together with the body (base64, quoted-printable), or are not ASCII, the template holds them as they are and serves
//! only recipients with the same texts. Either way the copy is, byte for byte, what writing it anew would give.

use super::decorate;
use super::error::DeliveryError;
use super::member;
use super::plan::verp_sender;
use super::smtp::{end_message, quote_lines};
use super::texts::{is_personal, TextMaker, Texts};
use compat::base64;
use compat::email::generator::as_bytes;
use compat::email::message::{HeaderValue, Message, Payload};
use compat::email::new_boundary;
use compat::email::params::Text;
use compat::list::{attributes, MailList};
use compat::queue::Metadata;
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;

/// The end of the fixed headers. The name is as good as any: it never leaves this module.
const END_OF_HEAD: &str = "X-Mailman2-Rs-Mark";

/// A finished copy.
pub struct Copy {
    /// The envelope sender.
    pub sender: ByteStr,
    /// The message as DATA sends it.
    pub data: Vec<u8>,
    /// Its length with Unix line ends.
    pub size: usize,
}

/// Makes the copies of one message.
pub struct Renderer<'a> {
    site: &'a Site,
    list: &'a MailList,
    msg: &'a Message,
    data: &'a Metadata,
    envelope_sender: ByteStr,
    verp_format: Option<ByteStr>,
    maker: TextMaker<'a>,
    /// Texts that are the same for all recipients, and whether there are such.
    common: Option<Texts>,
    personal: bool,
    template: Option<Template>,
    /// The first template with marks was not usable, the others would not be either.
    marks_fail: bool,
}

/// A written message with holes. What is fixed is ready to be sent; `size` is its length before that.
struct Template {
    key: Key,
    head: Fixed,
    body: Vec<Piece>,
    size: usize,
    /// How many boundaries were made when it was written: each copy gets its own.
    boundaries: usize,
}

/// Bytes ready to be sent, with the places of boundaries in them and which one each is.
struct Fixed {
    bytes: Vec<u8>,
    boundaries: Vec<(usize, usize)>,
}

/// A message as it was written: head without the headers that differ, body, and the boundaries that were made for it.
/// Head and body are windows on one text.
struct Written {
    head: ByteStr,
    body: ByteStr,
    boundaries: Vec<Vec<u8>>,
}

#[derive(PartialEq)]
enum Key {
    /// For these texts only.
    Exact(Texts),
    /// For all ASCII texts of these shapes: header and footer.
    Marked(Shape, Shape),
}

/// As much of a text as decides how it is joined to the message.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Empty,
    Line,
    NoLineEnd,
}

enum Piece {
    Fixed(Fixed),
    Header,
    Footer,
}

impl<'a> Renderer<'a> {
    /// # Errors
    /// A template, header or message that cannot be put together.
    pub fn new(
        site: &'a Site,
        list: &'a MailList,
        msg: &'a Message,
        data: &'a Metadata,
        envelope_sender: ByteStr,
    ) -> Result<Self, DeliveryError> {
        let verp_format = data.truth("verp").then(|| site.settings.str(settings::VERP_FORMAT)).transpose()?;
        let common = (!decorate::wanted(data)).then(Texts::none);
        let (maker, personal) = (TextMaker::new(site, list, data), is_personal(list));
        let (template, marks_fail) = (None, false);
        Ok(Renderer {
            site,
            list,
            msg,
            data,
            envelope_sender,
            verp_format,
            maker,
            common,
            personal,
            template,
            marks_fail,
        })
    }

    /// The copy for one recipient.
    ///
    /// # Errors
    /// A template, header or message that cannot be put together.
    pub fn copy(&mut self, recipient: &ByteStr) -> Result<Copy, DeliveryError> {
        let sender = match &self.verp_format {
            Some(format) => verp_sender(format, &self.envelope_sender, recipient)?.into(),
            None => self.envelope_sender.clone(),
        };
        let texts = self.texts(recipient)?;
        let own = self.own_headers(recipient, &sender)?;
        let (data, size) = self.template_for(texts.clone(), &own)?.fill(&texts, &own)?;
        Ok(Copy { sender, data, size })
    }

    fn texts(&mut self, recipient: &ByteStr) -> Result<Texts, DeliveryError> {
        if let Some(texts) = &self.common {
            return Ok(texts.clone());
        }
        let texts = self.maker.texts(Some(recipient))?;
        if !self.personal && !texts.broken {
            self.common = Some(texts.clone());
        }
        Ok(texts)
    }

    /// The headers that differ, in the order in which they are added.
    fn own_headers(&self, recipient: &ByteStr, sender: &ByteStr) -> Result<Vec<OwnHeader>, DeliveryError> {
        let mut own = Vec::new();
        if self.list.int(attributes::PERSONALIZE) == 2 {
            own.push(OwnHeader::set("To", member::to_header(self.site, self.list, recipient)?));
        }
        let copies = self.data.get("add-dup-header").and_then(Value::as_dict);
        let is_duplicate = copies.is_some_and(|copies| copies.contains(recipient));
        own.push(OwnHeader { name: "X-Mailman-Copy".into(), value: is_duplicate.then(|| "yes".into()) });
        let known = self.site.profile.has(Switch::RcptBase64Header);
        let base64_name =
            self.site.settings.optional_str(settings::RCPT_BASE64_HEADER_NAME).filter(|n| known && !n.is_empty());
        if let Some(name) = base64_name {
            own.push(OwnHeader::set(&name.to_latin1(), base64::encode(recipient).into()));
        }
        own.extend(sender_headers(self.site, self.list, sender));
        Ok(own)
    }

    fn template_for(&mut self, texts: Texts, own: &[OwnHeader]) -> Result<&Template, DeliveryError> {
        let marked = match (shape(&texts.header), shape(&texts.footer)) {
            (Some(header), Some(footer)) if !self.marks_fail => Some(Key::Marked(header, footer)),
            _ => None,
        };
        let fits = |template: &Template| Some(&template.key) == marked.as_ref() || template.is_for(&texts);
        if !self.template.as_ref().is_some_and(fits) {
            self.template = None; // it may be large
            let made = match marked {
                Some(key) => self.marked_template(key, own)?,
                None => None,
            };
            let made = match made {
                Some(template) => template,
                None => self.exact_template(texts, own)?,
            };
            return Ok(self.template.insert(made));
        }
        match &self.template {
            Some(template) => Ok(template),
            None => Err(DeliveryError::NoText), // not reached: `fits` has seen it
        }
    }

    fn exact_template(&self, texts: Texts, own: &[OwnHeader]) -> Result<Template, DeliveryError> {
        let written = self.write(self.decorated(&texts)?, own)?;
        Ok(Template::new(Key::Exact(texts), &written, vec![Hole::Nothing(&written.body)]))
    }

    fn decorated(&self, texts: &Texts) -> Result<Message, DeliveryError> {
        let mut copy = self.msg.clone();
        decorate::wrap(self.site, self.list, &mut copy, texts)?;
        Ok(copy)
    }

    /// A template with marks for the texts; nothing where they would not come out as they go in.
    fn marked_template(&mut self, key: Key, own: &[OwnHeader]) -> Result<Option<Template>, DeliveryError> {
        let Key::Marked(header, footer) = key else { return Ok(None) };
        let (header_mark, footer_mark) = (mark("header", header), mark("footer", footer));
        let as_value = |mark: &[u8]| Value::str(mark);
        let texts = Texts { header: as_value(&header_mark), footer: as_value(&footer_mark), broken: false };
        let decorated = self.decorated(&texts)?;
        let plain = [&header_mark, &footer_mark].iter().all(|m| m.is_empty() || is_kept_as_it_is(&decorated, m));
        let written = self.write(decorated, own)?;
        let holes = cut(&written.body, &header_mark, &footer_mark).filter(|_| plain);
        self.marks_fail = holes.is_none();
        Ok(holes.map(|holes| Template::new(key, &written, holes)))
    }

    fn write(&self, mut copy: Message, own: &[OwnHeader]) -> Result<Written, DeliveryError> {
        own.iter().for_each(|header| copy.delete(&header.name));
        copy.append(END_OF_HEAD, "end");
        let before: Vec<_> = copy.walk().map(Message::get_boundary).collect();
        let text = ByteStr::new(as_bytes(&mut copy, false, false)?);
        let after = copy.walk().map(Message::get_boundary);
        let made = after.zip(before).filter(|(after, before)| after != before).filter_map(|(after, _)| after);
        let end = format!("{END_OF_HEAD}: end\n\n");
        let at = find(&text, end.as_bytes()).unwrap_or(text.len());
        let (head, body) = (text.slice(0..at), text.slice_from(at + end.len()));
        Ok(Written { head, body, boundaries: made.filter_map(bytes_of_boundary).collect() })
    }
}

impl Template {
    fn is_for(&self, texts: &Texts) -> bool {
        matches!(&self.key, Key::Exact(known) if known == texts)
    }

    fn new(key: Key, written: &Written, body: Vec<Hole>) -> Self {
        let (mut pieces, mut size) = (Vec::new(), written.head.len());
        for hole in body {
            let (Hole::Header(fixed) | Hole::Footer(fixed) | Hole::Nothing(fixed)) = hole;
            size += fixed.len();
            pieces.push(Piece::Fixed(Fixed::new(fixed, &written.boundaries)));
            match hole {
                Hole::Header(_) => pieces.push(Piece::Header),
                Hole::Footer(_) => pieces.push(Piece::Footer),
                Hole::Nothing(_) => {}
            }
        }
        let head = Fixed::new(&written.head, &written.boundaries);
        Template { key, head, body: pieces, size, boundaries: written.boundaries.len() }
    }

    /// The message as it is sent, and its length before quoting.
    fn fill(&self, texts: &Texts, own: &[OwnHeader]) -> Result<(Vec<u8>, usize), DeliveryError> {
        let fixed = |piece: &Piece| if let Piece::Fixed(fixed) = piece { fixed.bytes.len() } else { 512 };
        let mut out = Vec::with_capacity(self.head.bytes.len() + self.body.iter().map(fixed).sum::<usize>() + 512);
        let boundaries: Vec<String> = (0..self.boundaries).map(|_| new_boundary()).collect();
        self.head.add_to(&mut out, &boundaries);
        let own = written(own)?;
        let mut size = self.size + own.len();
        quote_lines(&own, &mut out);
        for piece in &self.body {
            let text = match piece {
                Piece::Fixed(fixed) => {
                    fixed.add_to(&mut out, &boundaries);
                    continue;
                }
                Piece::Header => bytes_of(&texts.header),
                Piece::Footer => bytes_of(&texts.footer),
            };
            size += text.len();
            quote_lines(text, &mut out);
        }
        end_message(&mut out);
        Ok((out, size))
    }
}

impl Fixed {
    fn new(text: &[u8], boundaries: &[Vec<u8>]) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + text.len() / 32 + 16);
        quote_lines(text, &mut bytes);
        let places = boundaries.iter().enumerate().flat_map(|(nth, boundary)| {
            let found: Vec<usize> = memchr::memmem::find_iter(&bytes, boundary).collect();
            found.into_iter().map(move |at| (at, nth))
        });
        let boundaries = places.collect();
        Fixed { bytes, boundaries }
    }

    /// All that are made have one length.
    fn add_to(&self, out: &mut Vec<u8>, boundaries: &[String]) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        for (at, nth) in &self.boundaries {
            let Some(boundary) = boundaries.get(*nth) else { continue };
            if let Some(place) = out.get_mut(start + at..start + at + boundary.len()) {
                place.copy_from_slice(boundary.as_bytes());
            }
        }
    }
}

fn bytes_of_boundary(boundary: Text) -> Option<Vec<u8>> {
    match boundary {
        Text::Bytes(bytes) => Some(bytes.to_vec()),
        Text::Unicode(_) => None, // never of our making
    }
}

/// A header that every copy has removed, and then perhaps set.
pub struct OwnHeader {
    name: String,
    value: Option<ByteStr>,
}

impl OwnHeader {
    fn set(name: &str, value: ByteStr) -> Self {
        OwnHeader { name: name.to_owned(), value: Some(value) }
    }

    /// Deletes and adds.
    pub fn apply(self, msg: &mut Message) {
        msg.delete(&self.name);
        if let Some(value) = self.value {
            msg.append(self.name, value);
        }
    }
}

/// Where bounces should go, for MTAs that look at headers instead of the envelope.
pub fn sender_headers(site: &Site, list: &MailList, sender: &ByteStr) -> Vec<OwnHeader> {
    let errors_to = OwnHeader::set("Errors-To", sender.clone());
    let shown = match site.profile.has(Switch::SenderWithName) {
        true => [b"\"", &list.str(attributes::REAL_NAME)[..], b"\" <", sender, b">"].concat().into(),
        false => sender.clone(),
    };
    let wanted = !site.profile.has(Switch::SenderHeaderSetting)
        || list.get(attributes::INCLUDE_SENDER_HEADER).is_none_or(Value::is_true);
    let sender = wanted.then(|| OwnHeader::set("Sender", shown));
    match site.profile.has(Switch::SenderRemovedLast) {
        true => std::iter::once(errors_to).chain(sender).collect(),
        false => sender.into_iter().chain([errors_to]).collect(),
    }
}

/// The differing headers and the empty line, by the generator itself, which may fold them.
fn written(own: &[OwnHeader]) -> Result<Vec<u8>, DeliveryError> {
    let mut msg = Message::new();
    for header in own {
        if let Some(value) = &header.value {
            msg.append(header.name.as_str(), HeaderValue::Str(value.clone()));
        }
    }
    msg.payload = Payload::Str(ByteStr::default());
    Ok(as_bytes(&mut msg, false, false)?)
}

fn shape(text: &Value) -> Option<Shape> {
    match text {
        Value::Str(text) if text.is_empty() => Some(Shape::Empty),
        Value::Str(text) if !text.is_ascii() || text.contains(&b'\r') => None,
        Value::Str(text) if text.ends_with(b"\n") => Some(Shape::Line),
        Value::Str(_) => Some(Shape::NoLineEnd),
        _ => None,
    }
}

/// Words that no message has by chance; whether one has is tested all the same.
fn mark(what: &str, shape: Shape) -> Vec<u8> {
    let word = format!("zq7Kx2-{what}-mark-8Wv3pLd9tRb5");
    match shape {
        Shape::Empty => Vec::new(),
        Shape::Line => format!("{word}\n").into_bytes(),
        Shape::NoLineEnd => word.into_bytes(),
    }
}

/// Whether the text stands in a part whose transfer encoding leaves it alone.
fn is_kept_as_it_is(msg: &Message, mark: &[u8]) -> bool {
    let holding = |part: &&Message| part.payload_str().is_some_and(|text| find(text, mark).is_some());
    let encoding = |part: &Message| part.get_str("content-transfer-encoding").unwrap_or_else(|| "7bit".into());
    msg.walk().find(holding).is_some_and(|part| matches!(&encoding(part)[..], b"7bit" | b"8bit"))
}

/// A part of the body, and what follows it.
enum Hole<'a> {
    Header(&'a [u8]),
    Footer(&'a [u8]),
    Nothing(&'a [u8]),
}

/// The body around the marks; nothing where a mark does not occur exactly once, the header's before the footer's, each
/// a line or lines of its own: then the parts can be quoted one by one.
fn cut<'a>(body: &'a [u8], header: &[u8], footer: &[u8]) -> Option<Vec<Hole<'a>>> {
    let mut holes = Vec::new();
    let mut rest = body;
    for (mark, hole) in [(header, Hole::Header as fn(&'a [u8]) -> Hole<'a>), (footer, Hole::Footer)] {
        if mark.is_empty() {
            continue;
        }
        let (before, after) = rest.split_at_checked(find(rest, mark)?)?;
        let after = after.get(mark.len()..)?;
        let begins_line = before.ends_with(b"\n") || (before.is_empty() && holes.is_empty());
        if !begins_line || !(mark.ends_with(b"\n") || after.is_empty() || after.starts_with(b"\n")) {
            return None;
        }
        holes.push(hole(before));
        rest = after;
    }
    let once = [header, footer].iter().all(|mark| mark.is_empty() || find(rest, mark).is_none());
    holes.push(Hole::Nothing(rest));
    once.then_some(holes)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}

fn bytes_of(text: &Value) -> &[u8] {
    text.as_text().map(|text| &text[..]).unwrap_or_default()
}
