//! Headers as Python 2.7.18 wrote them.

use super::*;

fn layout(name: &'static [u8], width: i64, ws: &'static [u8]) -> Layout<'static> {
    Layout { max_line_len: width, header_name: Some(name), continuation_ws: ws }
}

fn charset(name: &str) -> Charset {
    Charset::new(name).unwrap()
}

#[test]
fn latin_1_is_cut_between_characters() {
    let text = b"Gr\xfc\xdfe aus M\xfcnchen, wo es heute sehr sonnig ist und die Leute spazieren gehen";
    let header = Header::new(text.as_slice(), Some(&charset("iso-8859-1")), &layout(b"Subject", 76, b" ")).unwrap();
    let expected = "=?iso-8859-1?q?Gr=FC=DFe_aus_M=FCnchen=2C_wo_es_heute_sehr_sonni?=\n \
                    =?iso-8859-1?q?g_ist_und_die_Leute_spazieren_gehen?=";
    assert_eq!(header.encode().unwrap(), expected);
}

#[test]
fn japanese_goes_out_as_iso_2022_jp() {
    let text = UniStr::from("\u{3053}\u{3093}\u{306b}\u{3061}\u{306f}\u{4e16}\u{754c}");
    let header = Header::new(&text, Some(&charset("euc-jp")), &Layout::default()).unwrap();
    assert_eq!(header.encode().unwrap(), "=?iso-2022-jp?b?GyRCJDMkcyRLJEEkT0AkMyYbKEI=?=");
}

#[test]
fn chunks_are_joined_by_blanks() {
    let mut header = Header::new(b"[dev] ".as_slice(), None, &Layout::default()).unwrap();
    header.append("caf\u{e9}".as_bytes(), Some(&charset("utf-8")), Errors::Strict).unwrap();
    header.append(b" ok".as_slice(), None, Errors::Strict).unwrap();
    assert_eq!(header.encode().unwrap(), "[dev] =?utf-8?b?Y2Fmw6k=?=  ok");
    assert_eq!(header.to_unicode().unwrap(), UniStr::from("[dev]  caf\u{e9}  ok"));
}

#[test]
fn long_ascii_is_folded_at_its_punctuation() {
    let value = format!("a; b=c; {}", "d=e; ".repeat(20));
    let header = Header::new(value.as_bytes(), None, &layout(b"DKIM-Signature", 78, b"\t")).unwrap();
    let expected = format!("a; b=c; {}d=e;\n\t{}", "d=e; ".repeat(10), "d=e; ".repeat(9));
    assert_eq!(header.encode().unwrap(), expected.as_str());
    let value = "<a@x> <b@x> ".repeat(10);
    let header = Header::new(value.as_bytes(), None, &layout(b"References", 78, b" ")).unwrap();
    let expected = format!("{}<a@x>\n <b@x> {}", "<a@x> <b@x> ".repeat(5), "<a@x> <b@x> ".repeat(4));
    assert_eq!(header.encode().unwrap(), expected.as_str());
}

#[test]
fn a_header_within_a_header_is_refused() {
    let header = Header::new(b"x\nEvil: yes".as_slice(), None, &Layout::default()).unwrap();
    assert!(matches!(header.encode(), Err(HeaderError::Embedded(_))));
}

#[test]
fn bytes_outside_their_charset_are_refused() {
    let refused = Header::new(b"\xe4".as_slice(), None, &Layout::default()).unwrap_err();
    assert_eq!(refused.to_string(), "'ascii' codec can't decode byte 0xe4 in position 0: ordinal not in range(128)");
    let unknown = Header::new(b"x".as_slice(), Some(&charset("x-none")), &Layout::default()).unwrap_err();
    assert_eq!(unknown.to_string(), "unknown encoding: x-none");
}

#[test]
fn a_word_that_never_fits_ends() {
    let text = UniStr::from("\u{3042}\u{3044}");
    let header = Header::new(&text, Some(&charset("iso-2022-jp")), &layout(b"Subject", 30, b" ")).unwrap();
    assert!(header.encode().is_ok());
}

#[test]
fn pickled_state_has_pythons_attributes_in_pythons_order() {
    let header =
        make_header(&[("x".into(), None), (b"\xe4".into(), Some("latin-1".into()))], &Layout::default()).unwrap();
    let value = header.to_value();
    let names = |value: &Value| -> Vec<String> {
        let attributes = value.as_object().unwrap().attributes().unwrap();
        attributes.iter().map(|(name, _)| name.as_str().unwrap().to_latin1()).collect()
    };
    assert_eq!(names(&value), ["_charset", "_continuation_ws", "_firstlinelen", "_chunks", "_maxlinelen"]);
    let charset = value.as_object().unwrap().attribute("_charset").unwrap();
    assert_eq!(
        names(charset),
        ["input_codec", "body_encoding", "input_charset", "header_encoding", "output_charset", "output_codec"]
    );
    assert_eq!(Header::from_value(&value).unwrap(), header);
}

/// `Header._split` as Python has it: the whole rest is converted for each line.
fn split_by_the_whole(header: &Header, chunk: &Chunk, room: i64) -> Vec<ByteStr> {
    let (charset, mut rest, mut room, mut pieces) = (&chunk.charset, chunk.text.clone(), room, Vec::new());
    loop {
        let text = charset.to_splittable(&rest);
        let encoded = charset.output_of(&text);
        let encoded_len = charset.encoded_header_len(&encoded) as i64;
        let fitting = match encoded_len == rest.len() as i64 {
            true => split::index(room, text.len()),
            false => split::longest_fitting(&text, charset, room),
        };
        if encoded_len <= room || (fitting == 0 && room == header.max_line_len) {
            pieces.push(encoded);
            return pieces;
        }
        let (first, last) = text.split_at(fitting);
        pieces.push(charset.output_of(&charset.to_splittable(&charset.input_of(&first))));
        rest = charset.input_of(&last);
        room = header.max_line_len;
    }
}

const SPLIT_CHARSETS: &[&str] = &[
    "utf-8",
    "iso-8859-1",
    "koi8-r",
    "euc-jp",
    "shift_jis",
    "iso-2022-jp",
    "gb2312",
    "big5",
    "utf-7",
    "utf-16",
    "euc-kr",
    "hz",
    "x-none",
    "windows-1252",
    "utf-8-sig",
    "iso-2022-kr",
    "gb18030",
    "ascii",
    "cp932",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(40))]
    #[test]
    fn pieces_are_those_that_the_whole_text_gives(
        charset_at in 0..SPLIT_CHARSETS.len(),
        width in 20_i64..50,
        left in 0_i64..50,
        text in "([ -~]{0,40}|[\u{80}-\u{ff}]{0,30}|[ぁ-ん]{0,30}|[ｱ-ﾝ]{0,9}|[一-丰]{0,30}|\\x1b[$(]?B?|\u{1F600}|\\PC{0,9}){0,12}",
        noise in proptest::collection::vec(proptest::num::u8::ANY, 0..400),
        is_noise in proptest::bool::weighted(0.3),
    ) {
        let charset = charset(SPLIT_CHARSETS[charset_at]);
        let text = match codecs::encode_str(&text, codec(&charset.input_codec), Errors::Replace) {
            Ok(text) if !is_noise => text,
            _ => codecs::decode(&noise, codec(&charset.input_codec), Errors::Replace)
                .and_then(|text| codecs::encode(&text, codec(&charset.input_codec), Errors::Replace))
                .unwrap_or(noise),
        };
        let header = Header::empty(None, &layout(b"", width, b" "));
        let chunk = Chunk { text: text.into(), charset: Rc::new(charset) };
        if !chunk.charset.is("us-ascii") {
            let mut pieces = Vec::new();
            header.split(&chunk, left, SPLIT_CHARS, &mut pieces);
            let texts: Vec<ByteStr> = pieces.into_iter().map(|piece| piece.text).collect();
            proptest::prop_assert_eq!(texts, split_by_the_whole(&header, &chunk, left));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(3))]
    #[test]
    fn a_window_shows_enough_of_a_long_text(
        charset_at in 0..SPLIT_CHARSETS.len(),
        width in 30_i64..90,
        text in "([ -}]{0,40}|[\u{a1}-\u{ff}]{1,30}|[ぁ-ん]{1,30}|[一-丰]{1,30}){20,30}",
    ) {
        let charset = charset(SPLIT_CHARSETS[charset_at]);
        let text = text.repeat(1_200 / text.chars().count() + 1);
        let text = codecs::encode_str(&text, codec(&charset.input_codec), Errors::Replace).unwrap_or_default();
        if !charset.is("us-ascii") {
            let header = Header::empty(None, &layout(b"", width, b" "));
            let chunk = Chunk { text: text.into(), charset: Rc::new(charset) };
            let mut pieces = Vec::new();
            header.split(&chunk, width, SPLIT_CHARS, &mut pieces);
            let texts: Vec<ByteStr> = pieces.into_iter().map(|piece| piece.text).collect();
            proptest::prop_assert_eq!(texts, split_by_the_whole(&header, &chunk, width));
        }
    }
}

const WORDS: usize = 4_000;

/// At a cost of the whole rest for each word, this would take long.
#[test]
fn very_many_words_are_read_and_written() {
    for words in ["=?utf-8?q?=C3=A4_b?= ", "=?euc-jp?b?pKI=?= ", "=?koi8-r?b?8NLJ18XU?= x ", "=?x-none?q?ab?=\n "] {
        let value = words.repeat(WORDS);
        let decoded = decode_header(value.as_bytes()).unwrap();
        let known = decoded.into_iter().filter(|(_, charset)| charset.as_ref().is_none_or(|name| *name != "x-none"));
        let header = make_header(&known.collect::<Vec<_>>(), &Layout::default()).unwrap();
        let written = header.encode().unwrap();
        assert!(written.split(|&byte| byte == b'\n').all(|line| line.len() <= 78));
        assert_eq!(
            make_header(&decode_header(&written).unwrap(), &Layout::default()).unwrap().encode().unwrap(),
            written
        );
    }
}

#[test]
fn line_feeds_without_end_hide_no_header() {
    let mut text = b"\n".repeat(1_000_000);
    assert!(!has_embedded_header(&text));
    text.push(b':');
    assert!(has_embedded_header(&text));
    assert!(!has_embedded_header(b"a:\n:") && !has_embedded_header(b"\na b:") && has_embedded_header(b"x y\na:"));
}
