//! Headers, addresses, dates and transfer encodings compared with Python 2's email package on generated cases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::header::{decode_header, make_header, Decoded, Header, HeaderError, Layout, Text};
use compat::email::{address, date, transfer};
use compat::value::UniStr;
use compat::{pydict, ByteStr};
use fastrand::Rng;
use support::{compare, hex, question, Case};

const SCRIPT: &str = include_str!("reference/email_reference.py");

const CHARSETS: &[&str] = &[
    "us-ascii",
    "iso-8859-1",
    "ISO-8859-15",
    "utf-8",
    "utf8",
    "latin1",
    "latin_1",
    "koi8-r",
    "windows-1251",
    "windows-1252",
    "iso-8859-7",
    "euc-jp",
    "shift_jis",
    "iso-2022-jp",
    "gb2312",
    "big5",
    "euc-kr",
    "x-none",
    "8bit",
    "cp437",
    "",
];

fn pick<'a, T: ?Sized>(rng: &mut Rng, from: &[&'a T]) -> &'a T {
    from[rng.usize(..from.len())]
}

/// Text made of pieces that matter to the code under test.
fn assemble(rng: &mut Rng, pieces: &[&[u8]], most: usize) -> Vec<u8> {
    (0..rng.usize(..=most)).flat_map(|_| pick(rng, pieces).to_vec()).collect()
}

fn points(text: &UniStr) -> String {
    let points: Vec<String> = codecs::points(&text.0).map(|point| format!("{point:x}")).collect();
    if points.is_empty() {
        "-".to_owned()
    } else {
        points.join(",")
    }
}

fn error_text(error: &codecs::CodecError) -> String {
    match error {
        codecs::CodecError::Unknown(_) => format!("LookupError: {error}"),
        codecs::CodecError::Decode { .. } => format!("UnicodeDecodeError: {error}"),
        codecs::CodecError::Encode { .. } => format!("UnicodeEncodeError: {error}"),
        codecs::CodecError::NotText(_) => "NotText".to_owned(),
    }
}

fn header_error(error: &HeaderError) -> String {
    match error {
        HeaderError::Codec(error) => error_text(error),
        HeaderError::Charset(_) => "CharsetError".to_owned(),
        HeaderError::EncodedWord | HeaderError::Embedded(_) => "HeaderParseError".to_owned(),
        HeaderError::Pickled(text) => (*text).to_owned(),
    }
}

fn encoded_and_text(header: &Header) -> Result<String, HeaderError> {
    let encoded = header.encode();
    let encoded = encoded.as_ref().map_or_else(header_error, |value| hex(value));
    Ok(format!("{encoded} {}", points(&header.to_unicode()?)))
}

struct Plan {
    max_line_len: i64,
    name: Vec<u8>,
    ws: &'static [u8],
    chunks: Vec<(bool, Vec<u8>, &'static str)>,
}

fn build(plan: &Plan) -> Result<String, HeaderError> {
    let name = (!plan.name.is_empty()).then_some(plan.name.as_slice());
    let layout = Layout { max_line_len: plan.max_line_len, header_name: name, continuation_ws: plan.ws };
    let mut header = Header::empty(None, &layout);
    for (unicode, text, charset) in &plan.chunks {
        let charset = (!charset.is_empty()).then(|| Charset::new(charset)).transpose()?;
        let text_uni = UniStr(text.as_slice().into());
        let text = if *unicode { Text::Unicode(&text_uni) } else { Text::Bytes(text) };
        header.append(text, charset.as_ref(), Errors::Strict)?;
    }
    encoded_and_text(&header)
}

const ASCII: &[&[u8]] = &[
    b" ",
    b" ",
    b"word",
    b"longerword",
    b", ",
    b"; ",
    b",",
    b";",
    b"\n ",
    b"\n\t",
    b"\n",
    b"  ",
    b"a",
    b"=",
    b"_",
    b"x:",
    b"From:",
    b"<ab.cd@example.com>",
    b"0123456789012345678901234567890123456789012345678901234567890123456789012345678",
    b"\r\n",
    b"\x0b",
    b"?",
    b"name:",
];
const EIGHT: &[&[u8]] = &[
    b"\xe4",
    b"\xf6\xfc",
    b"abc",
    b" ",
    b"\xc3\xa4",
    b"\xe2\x82\xac",
    b"\xa4\xa2",
    b"\xb0\xa1",
    b"\n",
    b"=?_",
    b"\x82\xa0",
    b"\x1b$B$\"\x1b(B",
    b"Gr\xfc\xdfe ",
];
const UTF8: &[&[u8]] = &[
    "ä".as_bytes(),
    "Grüße ".as_bytes(),
    b"abc",
    b" ",
    "€".as_bytes(),
    "あ漢字".as_bytes(),
    "Привет ".as_bytes(),
    "😀".as_bytes(),
    "가".as_bytes(),
    b"long ascii text, ",
];

fn plan(rng: &mut Rng) -> Plan {
    let names: &[&[u8]] = &[b"", b"", b"Subject", b"List-Id", b"X-A-Very-Long-Header-Name-Indeed"];
    let widths: &[i64] = &[76, 76, 78, 60, 40, 998, 20];
    let spaces: &[&'static [u8]] = &[b" ", b"\t", b"  "];
    let most = *rng.choice(&[1, 5, 20, 60]).unwrap();
    let chunk = |rng: &mut Rng| match rng.u8(..5) {
        0 | 1 => (false, assemble(rng, ASCII, most), pick(rng, CHARSETS)),
        2 => (false, assemble(rng, EIGHT, most), pick(rng, CHARSETS)),
        3 => (false, assemble(rng, UTF8, most), "utf-8"),
        // Python cannot go on with unicode text in "8bit".
        _ => (true, assemble(rng, UTF8, most), pick(rng, &CHARSETS[..18])),
    };
    let chunks = (0..rng.usize(1..4)).map(|_| chunk(rng)).collect();
    Plan {
        max_line_len: widths[rng.usize(..widths.len())],
        name: pick(rng, names).to_vec(),
        ws: spaces[rng.usize(..spaces.len())],
        chunks,
    }
}

fn header_case(plan: &Plan) -> Case {
    let width = plan.max_line_len.to_string();
    let mut fields = vec![width.as_bytes(), &plan.name, plan.ws];
    for (unicode, text, charset) in &plan.chunks {
        fields.extend([if *unicode { b"u".as_slice() } else { b"b" }, text, charset.as_bytes()]);
    }
    Case { question: question("header", &fields), ours: build(plan).unwrap_or_else(|e| header_error(&e)) }
}

#[test]
#[ignore = "needs a Python 2"]
fn headers_are_encoded_alike() {
    let mut rng = Rng::with_seed(seed());
    let cases: Vec<Case> = (0..count(4000)).map(|_| header_case(&plan(&mut rng))).collect();
    compare(SCRIPT, &cases);
}

fn seed() -> u64 {
    std::env::var("MAILMAN2_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn count(usual: usize) -> usize {
    std::env::var("MAILMAN2_TEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn words(words: &[Decoded]) -> String {
    let word = |(text, charset): &Decoded| {
        format!("{}/{}", hex(text), charset.as_ref().map_or("None".to_owned(), |charset| hex(charset)))
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

const WORDS: &[&[u8]] = &[
    b"=?utf-8?q?=C3=A4_b?=",
    b"=?UTF-8?B?w6Q=?=",
    b"=?utf-8?b?w6Q?=",
    b"=?iso-8859-1?Q?a=E4?=",
    b" ",
    b"\n ",
    b"\n",
    b"\t",
    b"plain",
    b"=?",
    b"?=",
    b"?q?",
    b"?b?",
    b"us-ascii",
    b"=",
    b"?",
    b"=?x?b?!!!?=",
    b"=?x?b?a?=",
    b"=?x?b?YQ?=",
    b"=?a b?q?c d?=",
    b"\r\n ",
    b"(",
    b")",
    b"\"",
    b"=?euc-jp?b?pKI=?=",
    b"=?iso-2022-jp?B?GyRCJCIbKEI=?=",
    b"\xe4",
    b"=?big5?q?=A4@?=",
    b"=?koi8-r?q?=D0?=",
    b"=?none?q?x?=",
    b"=?8bit?q?=E4?=",
];

fn decode_cases(rng: &mut Rng, text: &[u8]) -> [Case; 2] {
    let _ = rng;
    let decoded = decode_header(text);
    let remade = decoded.clone().and_then(|words| encoded_and_text(&make_header(&words, &Layout::default())?));
    [
        Case {
            question: question("decode_header", &[text]),
            ours: decoded.map_or_else(|e| header_error(&e), |found| words(&found)),
        },
        Case { question: question("make_header", &[text]), ours: remade.unwrap_or_else(|e| header_error(&e)) },
    ]
}

#[test]
#[ignore = "needs a Python 2"]
fn headers_are_decoded_alike() {
    let mut rng = Rng::with_seed(seed());
    let mut cases = Vec::new();
    for _ in 0..count(6000) {
        let text = assemble(&mut rng, WORDS, 8);
        cases.extend(decode_cases(&mut rng, &text));
    }
    compare(SCRIPT, &cases);
}

const ADDRESS_PIECES: &[&[u8]] = &[
    b"a",
    b"joe",
    b"@",
    b"example.com",
    b".",
    b"<",
    b">",
    b"(",
    b")",
    b"\"",
    b"\\",
    b",",
    b":",
    b";",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"[",
    b"]",
    b"John Q. Public",
    b"joe@example.com",
    b"<joe@example.com>",
    b"(comment)",
    b"\"quoted, name\"",
    b"undisclosed:",
    b"=?utf-8?q?x?=",
    b"\xe4",
    b"<@route:",
    b"'",
    b"(a(b)c)",
];

fn pair((name, address): &address::Address) -> String {
    format!("{}/{}", hex(name), hex(address))
}

#[test]
#[ignore = "needs a Python 2"]
fn addresses_are_parsed_alike() {
    let mut rng = Rng::with_seed(seed());
    let mut cases = Vec::new();
    for _ in 0..count(20000) {
        let fields: Vec<ByteStr> =
            (0..rng.usize(1..3)).map(|_| assemble(&mut rng, ADDRESS_PIECES, 10).into()).collect();
        let found: Vec<String> = address::getaddresses(&fields).iter().map(pair).collect();
        let ours = if found.is_empty() { "-".to_owned() } else { found.join(" ") };
        let plain: Vec<&[u8]> = fields.iter().map(ByteStr::as_bytes).collect();
        cases.push(Case { question: question("addresses", &plain), ours });
        let one = &plain[0];
        cases.push(Case { question: question("unquote", &[one]), ours: hex(&address::unquote(one)) });
        cases.push(Case { question: question("quote", &[one]), ours: hex(&address::quote(one)) });
        let joined = address::formataddr(one, b"a@b");
        cases.push(Case { question: question("formataddr", &[one, b"a@b"]), ours: hex(&joined) });
    }
    compare(SCRIPT, &cases);
}

fn transfer_answer(result: Result<Vec<u8>, transfer::TransferError>) -> String {
    result.map_or_else(|_| "Error".to_owned(), |bytes| hex(&bytes))
}

const TRANSFER_PIECES: &[&[u8]] = &[
    b"=",
    b"==",
    b"=\n",
    b"=\r\n",
    b"=3D",
    b"=3d",
    b"=4",
    b"=zz",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"abc",
    b"QUJD",
    b"QQ==",
    b"Q",
    b"QQ",
    b"_",
    b"\xe4\xf6",
    b"\0",
    b"!",
    b"a line of text that is somewhat longer than the others are, ",
    b"\x0c",
    b"~",
];
const UU_PIECES: &[&[u8]] = &[
    b"begin 644 name\n",
    b"begin 644\n",
    b"begin x y\n",
    b"end\n",
    b" \n",
    b"`\n",
    b"#0V%T\n",
    b"#0V%T",
    b"\n",
    b"$0V%T\n",
    b"+:&5L;&\\@=V]R;&0\n",
    b"garbage\n",
    b"M",
    b"beginning\n",
    b"#0V%Tx\n",
    b"#0V\n",
    b"begin 0644 a b c\n",
    b"\x7f\n",
];

fn transfer_cases(rng: &mut Rng, cases: &mut Vec<Case>) {
    let text = assemble(rng, TRANSFER_PIECES, 20);
    let charset = pick(rng, CHARSETS).as_bytes();
    let mut push =
        |word: &str, fields: &[&[u8]], ours: String| cases.push(Case { question: question(word, fields), ours });
    push("base64_decode", &[&text], transfer_answer(transfer::base64_decode(&text)));
    push("base64_body", &[&text], hex(&transfer::base64_body_encode(&text)));
    push("base64_header", &[&text, charset], hex(&transfer::base64_header_encode(&text, charset)));
    push("quopri_decode", &[&text], hex(&transfer::quopri_decode(&text)));
    push("quopri_body", &[&text], hex(&transfer::quopri_body_encode(&text)));
    push("quopri_header", &[&text, charset], hex(&transfer::quopri_header_encode(&text, charset)));
    let uu = assemble(rng, UU_PIECES, 8);
    push("uu_decode", &[&uu], transfer_answer(transfer::uu_decode(&uu)));
}

#[test]
#[ignore = "needs a Python 2"]
fn transfer_encodings_are_alike() {
    let mut rng = Rng::with_seed(seed());
    let mut cases = Vec::new();
    (0..count(6000)).for_each(|_| transfer_cases(&mut rng, &mut cases));
    compare(SCRIPT, &cases);
}

const DATE_PIECES: &[&[u8]] = &[
    b"Mon, ",
    b"Mon ",
    b"Sunday, ",
    b"01 ",
    b"31 ",
    b"9 ",
    b"Jan ",
    b"february ",
    b"Dec, ",
    b"2009 ",
    b"99 ",
    b"68 ",
    b"1970 ",
    b"10:20:30 ",
    b"10:20 ",
    b"+0100",
    b"-0530",
    b"GMT",
    b"est",
    b"(CET)",
    b" ",
    b"10:20:30+0200",
    b"01-Jan-70 ",
    b"x",
    b",",
    b":",
    b"2024 ",
    b"+9999",
    b"23:59:60 ",
    b"1:2:3:4 ",
];

fn date_answer(text: &[u8]) -> String {
    let Some(d) = date::parsedate_tz(text) else { return "None".to_owned() };
    let none = || "None".to_owned();
    let offset = d.offset.map_or_else(none, |offset| offset.to_string());
    let epoch = date::mktime_tz(&d).map_or_else(none, |epoch| epoch.to_string());
    format!("{},{},{},{},{},{} {offset} {epoch}", d.year, d.month, d.day, d.hour, d.minute, d.second)
}

fn date_text(rng: &mut Rng) -> Vec<u8> {
    if rng.bool() {
        return assemble(rng, DATE_PIECES, 8);
    }
    let (day, month) = (pick(rng, &["", "Mon, ", "Tue "]), pick(rng, &["Jan", "Mar", "Jul", "Oct", "November"]));
    let (d, y, h, m) = (rng.u8(1..31), rng.u16(1960..2045), rng.u8(..24), rng.u8(..60));
    let zone = pick(rng, &["", " +0000", " -0000", " +0200", " EST", " -0730", " foo", " 0100"]);
    format!("{day}{d} {month} {y} {h:02}:{m:02}:30{zone}").into_bytes()
}

#[test]
#[ignore = "needs a Python 2"]
fn dates_are_alike() {
    let mut rng = Rng::with_seed(seed());
    let mut cases = Vec::new();
    for _ in 0..count(10000) {
        let text = date_text(&mut rng);
        cases.push(Case { question: question("date", &[&text]), ours: date_answer(&text) });
        let epoch = rng.i64(-100_000_000..4_000_000_000);
        let local = rng.bool();
        let fields: [&[u8]; 2] = [epoch.to_string().leak().as_bytes(), if local { b"local" } else { b"utc" }];
        cases.push(Case { question: question("formatdate", &fields), ours: date::formatdate(epoch, local) });
    }
    compare(SCRIPT, &cases);
}

#[test]
#[ignore = "needs a Python 2"]
fn dict_orders_are_alike() {
    let mut rng = Rng::with_seed(seed());
    let mut cases = Vec::new();
    for _ in 0..count(2000) {
        let key = |rng: &mut Rng| (0..rng.usize(..6)).map(|_| rng.u8(..)).collect::<Vec<u8>>();
        let most = *rng.choice(&[3, 8, 30, 400]).unwrap();
        let keys: Vec<Vec<u8>> = (0..rng.usize(1..most)).map(|_| key(&mut rng)).collect();
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let ours: Vec<String> = pydict::order(&keys).iter().map(usize::to_string).collect();
        cases.push(Case { question: question("order", &keys), ours: ours.join(",") });
    }
    compare(SCRIPT, &cases);
}

fn charset_answer(name: &str) -> String {
    let c = Charset::new(name).unwrap();
    let number = |e: Option<compat::email::charset::Encoding>| e.map_or("None".to_owned(), |e| (e as i64).to_string());
    let codec = |c: Option<ByteStr>| c.unwrap_or("None".into());
    let fields: [ByteStr; 6] = [
        c.input_charset.clone(),
        number(c.header_encoding).into(),
        number(c.body_encoding).into(),
        c.output_charset.clone(),
        codec(c.input_codec.clone()),
        codec(c.output_codec.clone()),
    ];
    fields.iter().map(|field| hex(field)).collect::<Vec<_>>().join(" ")
}

#[test]
#[ignore = "needs a Python 2"]
fn charsets_are_alike() {
    let more = [
        "ASCII",
        "latin-2",
        "Latin_9",
        "cp949",
        "ks_c_5601-1987",
        "utf_8",
        "cp1252",
        "csISO2022JP",
        "sjis",
        "gbk",
        "hz-gb-2312",
        "viscii",
        "macintosh",
        "unicode-1-1-utf-7",
        "iso-8859-8-i",
        "windows-874",
        "tis-620",
        "euc_kr",
        "euc_jp",
        "l1",
        "646",
        "ISO_8859-1:1987",
        "hex",
        "base64",
        "utf.8",
        "iso_646.irv:1991",
        " utf-8 ",
        "utf-16",
        "x",
        "mbcs",
        "aliases",
    ];
    let all = CHARSETS.iter().chain(&more);
    let cases: Vec<Case> = all
        .map(|name| Case { question: question("charset", &[name.as_bytes()]), ours: charset_answer(name) })
        .collect();
    compare(SCRIPT, &cases);
}
