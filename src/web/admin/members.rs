//! The members of a list, a row each, with a box for each of their options (`membership_options` of
//! Mailman/Cgi/admin.py).
//!
//! Programs read this table: its place, the order of its cells, the spelling of its fields.

use super::buckets::{self, Asked, Chunks, Letters};
use super::frame::{submit_button, Frame, Section};
use super::meanwhile;
use super::notes::Notes;
use super::variables::text;
use crate::lists::options::show::uncanonstr;
use crate::membership::rows::{Shown, BOXES, FLAGS};
use crate::notice::Text;
use crate::web::widgets::{checkbox, hidden, link, radio, safe, select, submit, text_box};
use compat::format::url::quote;
use compat::list::{attributes, options, DeliveryStatus};
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

/// The field that asks for members with a box ticked; ours alone.
const OPTION: &str = "findoption";
/// How many cells a row has.
const COLUMNS: usize = 11;
/// The heads of the columns, keys of the catalogue.
const HEADS: [&str; COLUMNS] = [
    "unsub",
    "member address<br>member name",
    "mod",
    "hide",
    "nomail<br>[reason]",
    "ack",
    "not metoo",
    "nodupes",
    "digest",
    "plain",
    "language",
];

macro_rules! legend {
    ($($english:literal $key:literal,)*) => { [$(Text { english: $english, keys: &[$key] },)*] };
}

static LEGEND: [Text; 10] = legend![
    "<b>unsub</b> -- The member is removed." 0x6041_4132_e561_e217,
    "<b>mod</b> -- The member's posts are moderated." 0x123e_fe4f_47ed_3ea4,
    "<b>hide</b> -- The member is not shown to others." 0xd941_19e0_d582_50ac,
    "<b>nomail</b> -- The member gets no posts. The letter says why: <b>U</b> by the member's own wish, <b>A</b> by an \
     owner, <b>B</b> because of bounces, <b>?</b> for a reason that is not known." 0xf48a_4c2d_281a_655a,
    "<b>ack</b> -- The member's posts are acknowledged." 0xf762_e12d_7fc0_bfa5,
    "<b>not metoo</b> -- The member gets no copies of the own posts." 0xacc0_b522_7527_2e29,
    "<b>nodupes</b> -- The member gets no second copy of what comes directly." 0x290b_85a8_bc75_467a,
    "<b>digest</b> -- The member gets digests in place of single posts." 0xc3ff_9a9f_68ac_ec43,
    "<b>plain</b> -- Digests are plain text in place of MIME." 0xa8ff_0c35_52d8_fb56,
    "<b>language</b> -- The member's language." 0xcbb3_73f6_1c81_6d74,
];

static MORE: Text = Text { english: "<p><em>More members of this letter:</em>", keys: &[0x5fd9_01c6_2476_e34e] };
static EVERYBODY: Text = Text {
    english: "Set everybody's moderation bit, also of those who are not shown here",
    keys: &[0x9f90_a825_a4a9_7b44],
};

pub(super) fn section(frame: &Frame<'_>) -> Section {
    let of_url = frame.visit.request.url_parameters();
    let pattern = frame.form.stripped("findmember");
    let named = |name: &str| of_url.get(name).filter(|value| !value.is_empty()).map(|value| &value[..]);
    // An address with any parameter but a letter means the digit.
    let letter = named("letter").or_else(|| (!frame.visit.request.query.is_empty()).then_some(&b"0"[..]));
    let option = frame.form.stripped(OPTION);
    let asked = Asked { pattern: &pattern, option: &option, letter, chunk: named("chunk") };
    let (shown, is_pattern) = buckets::Shown::of(frame.list, &asked);
    frame.list.expect_members(&shown.members);
    let mut found = if pattern.is_empty() { String::new() } else { format!("&findmember={}", quote(&pattern)) };
    if !option.is_empty() {
        found.push_str(&format!("&{OPTION}={}", quote(&option)));
    }
    let page = Page { frame, shown: &shown, found, has_legend: of_url.value("legend") == "yes" };
    Section { body: page.body(), action: page.action(), note: (!is_pattern).then(|| bad_pattern(frame, &pattern)) }
}

fn bad_pattern(frame: &Frame<'_>, pattern: &[u8]) -> Markup {
    let mut notes = Notes::default();
    let message = format!("{}{}", frame.texts.say("Bad regular expression: "), frame.texts.decode(pattern));
    notes.error(frame.texts, safe(&message));
    notes.markup()
}

struct Page<'a> {
    frame: &'a Frame<'a>,
    shown: &'a buckets::Shown,
    /// What links carry on of what is looked for.
    found: String,
    has_legend: bool,
}

impl Page<'_> {
    /// Where the form goes: back to the letter and the piece that are shown.
    fn action(&self) -> Option<String> {
        let letters = self.shown.letters.as_ref()?;
        let url = self.letter_url(letters.shown);
        Some(match &letters.chunks {
            Some(chunks) => format!("{url}&chunk={}", chunks.shown),
            None => url,
        })
    }

    fn letter_url(&self, letter: u8) -> String {
        format!("{}/members?letter={}", self.frame.absolute_admin_url(), char::from(letter))
    }

    fn body(&self) -> Markup {
        let (frame, texts) = (self.frame, self.frame.texts);
        let moderated = frame.list.truth(attributes::DEFAULT_MEMBER_MODERATION);
        html! {
            h2 { (texts.say("Membership List")) }
            (self.search())
            hr;
            (self.legend())
            (self.made_from())
            center { table width="90%" border="2" { (self.table()) } }
            @if let Some(Letters { chunks: Some(chunks), shown, .. }) = &self.shown.letters { (self.pieces(chunks, *shown)) }
            (submit_button(texts, "setmemberopts_btn"))
            hr;
            h2 { (texts.say("Additional Member Tasks")) }
            p { (text(frame, &EVERYBODY)) }
            p {
                label { (radio("allmodbit_val", "0", !moderated)) " " (texts.say("Off")) } " "
                label { (radio("allmodbit_val", "1", moderated)) " " (texts.say("On")) } " "
                (submit("allmodbit_btn", &texts.say("Set")))
            }
        }
    }

    /// What the rows are made from, so that two owners do not undo each other's work.
    fn made_from(&self) -> Markup {
        let list = self.frame.list;
        let rows: Vec<String> = self.shown.members.iter().map(|member| Shown::of(list, member).text(member)).collect();
        hidden(meanwhile::FIELD, &rows.join(" "))
    }

    fn search(&self) -> Markup {
        let texts = self.frame.texts;
        let help =
            link("https://docs.python.org/2/library/re.html#regular-expression-syntax", safe(&texts.say("(help)")));
        let wanted = texts.decode(&self.frame.form.value("findmember"));
        let option = texts.decode(&self.frame.form.stripped(OPTION));
        let any = (String::new(), "any settings".to_string());
        let options: Vec<_> =
            std::iter::once(any).chain(FLAGS.map(|flag| (flag.to_string(), texts.say(flag)))).collect();
        html! {
            p {
                label {
                    (texts.html("Find member %(link)s:", &[("link", help)])) " "
                    (text_box("findmember", &wanted, 40))
                } " "
                label { "with " (select(OPTION, &options, &option)) } " "
                (submit("findmember_btn", &texts.say("Search...")))
            }
        }
    }

    fn legend(&self) -> Markup {
        let (frame, texts) = (self.frame, self.frame.texts);
        let url = format!("{}/members/list", frame.absolute_admin_url());
        html! {
            @if self.has_legend {
                ul { @for line in &LEGEND { li { (text(frame, line)) } } }
                p { a href=(url) { (texts.say("Click here to hide the legend for this table.")) } }
            } @else {
                p { a href={ (url) "?legend=yes" } { (texts.say("Click here to include the legend for this table.")) } }
            }
        }
    }

    fn table(&self) -> Markup {
        let texts = self.frame.texts;
        let (all, count) = (self.shown.all.to_string(), self.shown.members.len().to_string());
        let total = match &self.shown.letters {
            Some(_) => {
                texts.fill("%(allcnt)s members total, %(membercnt)s shown", &[("allcnt", &all), ("membercnt", &count)])
            }
            None => texts.fill("%(allcnt)s members total", &[("allcnt", &all)]),
        };
        let rows = Rows::new(self.frame, &self.shown.members);
        html! {
            tr { td colspan=(COLUMNS) { center { em { (total) } } } }
            @if let Some(letters) = &self.shown.letters { (self.letters(letters)) }
            tr { @for head in HEADS { td { center { (texts.html(head, &[])) } } } }
            @for member in &self.shown.members { (rows.row(member)) }
        }
    }

    fn letters(&self, letters: &Letters) -> Markup {
        let label = |letter: u8| {
            let upper = char::from(letter.to_ascii_uppercase());
            if letter == letters.shown {
                html! { strong { "[" (upper) "]" } }
            } else {
                html! { (upper) }
            }
        };
        html! {
            tr { td colspan=(COLUMNS) { center {
                @for &letter in &letters.all {
                    (link(&format!("{}{}", self.letter_url(letter), self.found), label(letter))) " \n"
                }
            } } }
        }
    }

    /// Links to the other pieces. Older versions forget there what is looked for.
    fn pieces(&self, chunks: &Chunks, letter: u8) -> Markup {
        let frame = self.frame;
        let legend = if self.has_legend { "legend=yes&" } else { "" };
        let url = format!("{}/members?{legend}letter={}&", frame.absolute_admin_url(), char::from(letter));
        let found = if frame.visit.has(compat::site::Switch::ChunksKeepSearch) { &self.found[..] } else { "" };
        let label = |(start, end): &(ByteStr, ByteStr)| {
            let (start, end) = (start.to_string(), end.to_string());
            safe(&frame.texts.fill("from %(start)s to %(end)s", &[("start", &start), ("end", &end)]))
        };
        html! {
            (text(frame, &MORE))
            ul {
                @for (at, range) in chunks.ranges.iter().enumerate().filter(|(at, _)| *at != chunks.shown) {
                    li { (link(&format!("{url}chunk={at}{found}"), label(range))) }
                }
            }
        }
    }
}

/// What all rows have in common.
struct Rows<'a> {
    frame: &'a Frame<'a>,
    /// How wide the field of a name is.
    width: u32,
    /// Codes and names of the list's languages.
    languages: Vec<(String, String)>,
    /// Words for readers that do not see the head of a column.
    words: Words,
}

/// The words of the columns and of the reasons for which somebody gets no mail.
struct Words {
    unsub: String,
    moderated: String,
    nomail: String,
    digest: String,
    /// In the order of [`BOXES`].
    boxes: Vec<String>,
    reasons: [String; 4],
}

impl<'a> Rows<'a> {
    fn new(frame: &'a Frame<'a>, members: &[ByteStr]) -> Rows<'a> {
        let say = |word: &str| frame.texts.say(word);
        let words = Words {
            unsub: say("unsub"),
            moderated: say("mod"),
            nomail: say("nomail"),
            digest: say("digest"),
            boxes: BOXES.iter().map(|(name, _)| say(name)).collect(),
            reasons: ["?", "U", "A", "B"].map(say),
        };
        let languages = frame.list.offered_languages();
        let languages = languages.iter().map(|code| (code.to_string(), frame.texts.language_name(code))).collect();
        let width = |member: &ByteStr| member.len().max(name(frame, member).chars().count());
        let width = members.iter().map(width).max().unwrap_or(0);
        Rows { frame, width: u32::try_from(width).unwrap_or(u32::MAX), languages, words }
    }

    fn row(&self, member: &ByteStr) -> Markup {
        let (frame, list) = (self.frame, self.frame.list);
        let quoted = quote(member).to_string();
        let field = |end: &str| format!("{quoted}_{end}");
        let shown = list.case_preserved(member).unwrap_or_else(|| member.clone()).to_string();
        let url = frame.visit.options_url(list, member, true).to_string();
        let name = text_box(&field("realname"), &name(frame, member), self.width);
        let language = list.language_of(member).to_string();
        let chosen = self.languages.iter().find(|(code, _)| *code == language).or(self.languages.first());
        let chosen = chosen.map(|(code, _)| code.as_str()).unwrap_or_default();
        let [hide, ack, notmetoo, nodupes, plain] = self.boxes(member, &quoted);
        html! {
            tr {
                td { (ticked(&field("unsub"), None, &self.words.unsub)) }
                td { (link(&url, safe(&shown))) br; (name) (hidden("user", &quoted)) }
                td { (ticked(&field("mod"), Some(list.option(member, options::MODERATE)), &self.words.moderated)) }
                td { (hide) }
                td { (self.no_mail(member, &field("nomail"))) }
                td { (ack) } td { (notmetoo) } td { (nodupes) }
                td { (ticked(&field("digest"), Some(list.is_digest_member(member) == Some(true)), &self.words.digest)) }
                td { (plain) }
                td { center { (select(&field("language"), &self.languages, chosen)) } }
            }
        }
    }

    fn boxes(&self, member: &[u8], quoted: &str) -> [Markup; 5] {
        let bits = self.frame.list.options_of(member);
        let mut words = self.words.boxes.iter();
        BOXES.map(|(end, bit)| {
            let word = words.next().map(String::as_str).unwrap_or_default();
            ticked(&format!("{quoted}_{end}"), Some(bits & bit != 0), word)
        })
    }

    fn no_mail(&self, member: &[u8], field: &str) -> Markup {
        let status = self.frame.list.delivery_status(member);
        let reason = match status {
            DeliveryStatus::Enabled => return ticked(field, Some(false), &self.words.nomail),
            DeliveryStatus::Unknown => &self.words.reasons[0],
            DeliveryStatus::ByUser => &self.words.reasons[1],
            DeliveryStatus::ByAdmin => &self.words.reasons[2],
            DeliveryStatus::ByBounce => &self.words.reasons[3],
        };
        let value = checkbox(field, "on", true);
        PreEscaped(format!("<center>{}[{}]{}</center>", value.0, safe(reason).0, unseen(&self.words.nomail)))
    }
}

/// The name as a field shows it.
fn name(frame: &Frame<'_>, member: &[u8]) -> String {
    let name = frame.list.name_of(member);
    name.map(|name| frame.texts.decode(&uncanonstr(&name, &frame.list.charset()))).unwrap_or_default()
}

/// A box whose value is its state; what is never on is always off.
fn ticked(field: &str, is_on: Option<bool>, word: &str) -> Markup {
    let is_on = is_on.unwrap_or(false);
    let value = if is_on { "on" } else { "off" };
    PreEscaped(format!("<center>{}{}</center>", checkbox(field, value, is_on).0, unseen(word)))
}

fn unseen(word: &str) -> String {
    format!("<div class=\"hidden\">{}</div>", safe(word).0)
}
