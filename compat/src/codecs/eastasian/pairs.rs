//! Characters of two bytes: encoding_rs' tables, with what Python's have and have not.

use encoding_rs::{Encoding, BIG5, EUC_JP, EUC_KR, GBK, SHIFT_JIS};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A table of pairs of bytes.
#[derive(Debug)]
pub(super) struct PairTable {
    web: &'static Encoding,
    /// Pairs that Python does not know: `8140-A1A0`, in order.
    excluded: &'static str,
    /// Pairs that mean something else in Python: `A246=A2+1` (two pairs from A246 on mean U+00A2 and U+00A3).
    replaced: &'static str,
    /// Characters that Python writes as another pair than the web does, or as one that it reads differently.
    written: &'static str,
    unpacked: OnceLock<Unpacked>,
    /// The pairs of all characters, where the web's encoder leaves many out.
    all: OnceLock<HashMap<u32, u16>>,
}

#[derive(Debug)]
struct Unpacked {
    excluded: Vec<(u16, u16)>,
    points: HashMap<u16, u32>,
    pairs: HashMap<u32, u16>,
}

const fn table(web: &'static Encoding, excluded: &'static str, replaced: &'static str) -> PairTable {
    written(web, excluded, replaced, "")
}

const fn written(
    web: &'static Encoding,
    excluded: &'static str,
    replaced: &'static str,
    written: &'static str,
) -> PairTable {
    PairTable { web, excluded, replaced, written, unpacked: OnceLock::new(), all: OnceLock::new() }
}

pub(super) static GB2312: PairTable = table(
    GBK,
    "A2A1-A2B0 A2E3-A2E4 A2EF-A2F0 A2FD-A2FE A4F4-A4FE A5F7-A5FE A6B9-A6C0 A6D9-A6FE A7C2-A7D0 A7F2-A7FE \
     A8BB-A8C4 A8EA-A9A3 A9F0-AFFE D7FA-D7FE F8A1-FEFE",
    "A1A4=30FB A1AA=2015",
);
pub(super) static GBK_PAIRS: PairTable = table(
    GBK,
    "A140-A1A0 A240-A2A0 A2AB-A2B0 A2E3-A2E4 A2EF-A2F0 A2FD-A3A0 A440-A4A0 A4F4-A5A0 A5F7-A6A0 A6B9-A6C0 \
     A6D9-A6DF A6EC-A6ED A6F3 A6F6-A7A0 A7C2-A7D0 A7F2-A7FE A896-A8A0 A8BC A8BF A8C1-A8C4 A8EA-A8FE A958 A95B \
     A95D-A95F A989-A995 A997-A9A3 A9F0-A9FE AAA1-AAFE ABA1-ABFE ACA1-ACFE ADA1-ADFE AEA1-AEFE AFA1-AFFE \
     D7FA-D7FE F8A1-F8FE F9A1-F9FE FAA1-FAFE FBA1-FBFE FCA1-FCFE FDA1-FDFE FE50-FEFE",
    "",
);
/// GB 18030-2000: some characters were still places for private use.
pub(super) static GB18030_PAIRS: PairTable = table(
    GBK,
    "",
    "A3A0=E5E5 A6D9=E78D+6 A6EC=E794+1 A6F3=E796 A8BC=E7C7 FE59=E81E FE61=E826 FE66=E82B+1 FE6D=E832 FE7E=E843 \
     FE90=E854 FEA0=E864",
);
pub(super) static BIG5_PAIRS: PairTable = table(
    BIG5,
    "8740-A0FE A3C0-A3E1 C7FD-C8FE F9D6-FEFE",
    "A145=2022 A14E=FF64 A1C2=203E A1E3=223C A1F2=2641 A1F3=2609 A241=FF0F A242=FF3C A244=A5 A246=A2+1 C6A1=30FE \
     C6A2=309D+1 C6A4=3005 C6A5=3041+82 C6F8=30A1+6 C740=30A8+62 C7A1=30E7+15 C7B1=414+1 C7B3=401 C7B4=416+6 \
     C7BB=423+18 C7CE=451 C7CF=436+25 C7E9=2460+9 C7F3=2474+9",
);
pub(super) static CP950: PairTable = written(
    BIG5,
    "8740-A0FE A3C0-A3E0 C7FD-C8FE FA40-FEFE",
    "C6A1=30FE C6A2=309D+1 C6A4=3005 C6A5=3041+82 C6F8=30A1+6 C740=30A8+62 C7A1=30E7+15 C7B1=414+1 C7B3=401 \
     C7B4=416+6 C7BB=423+18 C7CE=451 C7CF=436+25 C7E9=2460+9 C7F3=2474+9 F9FE=2593",
    "A2=A246 A3=A247 A5=A244 2022=A145 203E=A1C2 223C=A1E3 2550=A2A4 255E=A2A5 2561=A2A7 256A=A2A6 2609=A1F3 \
     2641=A1F2 FF64=A14E",
);
/// Python's is HKSCS-2004.
pub(super) static BIG5HKSCS: PairTable = written(
    BIG5,
    "877A-87DF 8E69 8E6F 8E7E 8EAB 8EB4 8ECD 8ED0 8F57 8F69 8F6E 8FCB-8FCC 8FFE 906D 907A 90DC 90F1 91BF 9244 \
     92AF-92B2 92C8 92D1 9447 94CA 95D9 9644 96ED 96FC 9B76 9B78 9B7B 9BC6 9BDE 9BEC 9BF6 9C42 9C53 9C62 9C68 \
     9C6B 9C77 9CBC-9CBD 9CD0 9D57 9D5A 9DC4 9EA9 9EEF 9EFD 9F60 9F66 9FCB 9FD8 A063 A077 A0D5 A0DF A0E4 \
     A3C0-A3E1 C6CF C6D3 C6D5 C6D7 C6DE-C6DF FA5F FA66 FABD FAC5 FAD5 FB48 FBB8 FBF3 FBF9 FC4F FC6C FCB9 FCE2 \
     FCF1 FDB7-FDB8 FDBB FDF1 FE52 FE6F FEAA FEDD",
    "A145=2022 A14E=FF64 A1C2=203E A1E3=223C A1F2=2641 A1F3=2609 A241=FF0F A242=FF3C A244=A5 A246=A2+1",
    "256D=F9FA 256E=F9FB 256F=F9FD 2570=F9FC",
);
pub(super) static JISX0208: PairTable =
    table(EUC_JP, "ADA1-ADFC F9A1-FCFE", "A1C1=301C A1C2=2016 A1DD=2212 A1F1=A2+1 A2CC=AC");
pub(super) static SHIFT_JIS_PAIRS: PairTable =
    table(SHIFT_JIS, "8740-879C ED40-FC4B", "8160=301C 8161=2016 817C=2212 8191=A2+1 81CA=AC");
pub(super) static CP932: PairTable =
    written(SHIFT_JIS, "", "", "A2=8191 A3=8192 AC=81CA 2016=8161 2212=817C 301C=8160");
/// KS X 1001 in its EUC form; what is outside 0xA1 to 0xFE is Microsoft's.
pub(super) static KSX1001: PairTable = written(EUC_KR, "A4D4", "", "3164=A4D4");
pub(super) static CP949: PairTable = table(EUC_KR, "", "");

impl PairTable {
    /// What a pair of bytes means.
    pub fn point(&self, lead: u8, trail: u8) -> Option<u32> {
        let pair = u16::from_be_bytes([lead, trail]);
        let own = self.unpacked();
        if let Some(point) = own.points.get(&pair) {
            return Some(*point);
        }
        if own.excluded.iter().any(|(first, last)| (*first..=*last).contains(&pair)) {
            return None;
        }
        single(&self.web.decode_without_bom_handling_and_without_replacement(&[lead, trail])?)
    }

    /// The pair that means a character.
    pub fn pair(&self, point: u32) -> Option<[u8; 2]> {
        if let Some(pair) = self.unpacked().pairs.get(&point) {
            return Some(pair.to_be_bytes());
        }
        let text = char::from_u32(point)?.to_string();
        let (bytes, _, failed) = self.web.encode(&text);
        let pair = <[u8; 2]>::try_from(bytes.as_ref()).ok().filter(|_| !failed);
        let pair = pair.filter(|pair| self.point(pair[0], pair[1]) == Some(point));
        pair.or_else(|| self.all()?.get(&point).map(|pair| pair.to_be_bytes()))
    }

    /// The web writes no Big5 but Taiwan's own, and of two places for a character it may choose one that Python lacks.
    fn all(&self) -> Option<&HashMap<u32, u16>> {
        let invert = || {
            let pairs = (0x81..=0xFE_u8).rev().flat_map(|lead| (0x40..=0xFE_u8).rev().map(move |trail| [lead, trail]));
            pairs.filter_map(|pair| Some((self.point(pair[0], pair[1])?, u16::from_be_bytes(pair)))).collect()
        };
        (self.web == BIG5).then(|| self.all.get_or_init(invert))
    }

    /// The pair, where both its bytes are above 0xA0: the 94 by 94 table of a national standard.
    pub fn euc_pair(&self, point: u32) -> Option<[u8; 2]> {
        self.pair(point).filter(|pair| pair.iter().all(|byte| *byte > 0xA0))
    }

    /// [`PairTable::point`] of a place in a 94 by 94 table.
    pub fn euc_point(&self, lead: u8, trail: u8) -> Option<u32> {
        if lead > 0xA0 && trail > 0xA0 {
            self.point(lead, trail)
        } else {
            None
        }
    }

    fn unpacked(&self) -> &Unpacked {
        self.unpacked.get_or_init(|| {
            let points: HashMap<u16, u32> = self.replaced.split_ascii_whitespace().flat_map(replacement).collect();
            // Of two pairs for one character the later one is only read.
            let mut pairs: Vec<(u32, u16)> = points.iter().map(|(pair, point)| (*point, *pair)).collect();
            pairs.sort_unstable_by(|a, b| b.cmp(a));
            pairs.extend(self.written.split_ascii_whitespace().filter_map(|item| {
                let (point, pair) = item.split_once('=')?;
                Some((hex(point), hex(pair) as u16))
            }));
            Unpacked {
                excluded: self.excluded.split_ascii_whitespace().map(exclusion).collect(),
                points,
                pairs: pairs.into_iter().collect(),
            }
        })
    }
}

/// A character of text that is just one.
pub(super) fn single(text: &str) -> Option<u32> {
    let mut chars = text.chars();
    let only = chars.next()?;
    chars.next().is_none().then_some(u32::from(only))
}

fn exclusion(item: &str) -> (u16, u16) {
    let (first, last) = item.split_once('-').unwrap_or((item, item));
    (hex(first) as u16, hex(last) as u16)
}

fn replacement(item: &str) -> impl Iterator<Item = (u16, u32)> {
    let (pair, run) = item.split_once('=').unwrap_or((item, ""));
    let (point, more) = run.split_once('+').unwrap_or((run, "0"));
    let (pair, point, more) = (hex(pair) as u16, hex(point), more.parse().unwrap_or(0));
    (0..=more).map(move |at: u16| (pair.wrapping_add(at), point + u32::from(at)))
}

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or_default()
}
