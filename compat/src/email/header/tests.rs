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
