//! Which names Python 2.7 knows for which codec: the modules of its `encodings` package with their aliases.

use std::collections::HashMap;
use std::sync::OnceLock;

/// How a codec works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ascii,
    Latin1,
    /// One byte per character, in `tables`.
    Table,
    Utf7,
    Utf8,
    Utf8Sig,
    Utf16(ByteOrder),
    Utf32(ByteOrder),
    EastAsian,
    UnicodeEscape,
    RawUnicodeEscape,
    Rot13,
    /// Not a charset (`base64`, `hex`, ...), or none of mail (`punycode`, `idna`, ...).
    Other,
}

/// The order of the bytes in a unit of UTF-16 or UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// A mark at the start tells; without one, and when writing, as this machine has them: little end first.
    Mark,
    Little,
    Big,
}

/// One codec.
#[derive(Debug)]
pub(super) struct Codec {
    /// The module of Python that holds it.
    pub module: &'static str,
    /// What `codecs.lookup(...).name` is.
    pub name: &'static str,
    pub kind: Kind,
    /// Other names, in normal form.
    aliases: &'static str,
}

/// What most charsets are called.
const USUAL: [&[u8]; 5] = [b"us-ascii", b"utf-8", b"iso-8859-1", b"ascii", b"iso-8859-15"];

/// The codec of a charset's name, or None where `codecs.lookup` fails.
pub(super) fn find(charset: &[u8]) -> Option<&'static Codec> {
    static FOUND: OnceLock<Vec<(&[u8], &Codec)>> = OnceLock::new();
    let usual = FOUND.get_or_init(|| USUAL.iter().filter_map(|name| Some((*name, search(name)?))).collect());
    usual.iter().find(|(name, _)| *name == charset).map(|(_, codec)| *codec).or_else(|| search(charset))
}

fn search(charset: &[u8]) -> Option<&'static Codec> {
    let name = normalized(charset);
    let dotless = name.replace('.', "_");
    by_alias(&name).or_else(|| by_alias(&dotless)).or_else(|| CODECS.iter().find(|codec| codec.module == name))
}

/// Any of the codecs' names.
#[cfg(test)]
pub(super) fn nth(at: usize) -> &'static str {
    CODECS.get(at % CODECS.len()).map_or("ascii", |codec| codec.module)
}

fn by_alias(name: &str) -> Option<&'static Codec> {
    static ALIASES: OnceLock<HashMap<&str, &Codec>> = OnceLock::new();
    let aliases = ALIASES.get_or_init(|| {
        let rows = CODECS.iter().rev().flat_map(|codec| codec.aliases.split(' ').map(move |alias| (alias, codec)));
        rows.filter(|(alias, _)| !alias.is_empty()).collect()
    });
    aliases.get(name).copied()
}

/// Lower case; runs of anything but letters, digits and dots become one underscore, none at the ends.
fn normalized(charset: &[u8]) -> String {
    let lower = charset.to_ascii_lowercase();
    let words = lower.split(|b| !b.is_ascii_alphanumeric() && *b != b'.').filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word)).collect::<Vec<_>>().join("_")
}

const fn row(module: &'static str, name: &'static str, kind: Kind, aliases: &'static str) -> Codec {
    Codec { module, name, kind, aliases }
}

use ByteOrder::{Big, Little, Mark};
use Kind::{Ascii, EastAsian, Latin1, Other, RawUnicodeEscape, Rot13, Table, UnicodeEscape};
use Kind::{Utf16, Utf32, Utf7, Utf8, Utf8Sig};

static CODECS: &[Codec] = &[
    row("ascii", "ascii", Ascii, "646 ansi_x3.4_1968 ansi_x3.4_1986 ansi_x3_4_1968 cp367 csascii ibm367 iso646_us iso_646.irv_1991 iso_ir_6 us us_ascii"),
    row("base64_codec", "base64", Other, "base64 base_64"),
    row("big5", "big5", EastAsian, "big5_tw csbig5"),
    row("big5hkscs", "big5hkscs", EastAsian, "big5_hkscs hkscs"),
    row("bz2_codec", "bz2", Other, "bz2"),
    row("charmap", "charmap", Other, ""),
    row("cp037", "cp037", Table, "037 csibm037 ebcdic_cp_ca ebcdic_cp_nl ebcdic_cp_us ebcdic_cp_wt ibm037 ibm039"),
    row("cp1006", "cp1006", Table, ""),
    row("cp1026", "cp1026", Table, "1026 csibm1026 ibm1026"),
    row("cp1140", "cp1140", Table, "1140 ibm1140"),
    row("cp1250", "cp1250", Table, "1250 windows_1250"),
    row("cp1251", "cp1251", Table, "1251 windows_1251"),
    row("cp1252", "cp1252", Table, "1252 windows_1252"),
    row("cp1253", "cp1253", Table, "1253 windows_1253"),
    row("cp1254", "cp1254", Table, "1254 windows_1254"),
    row("cp1255", "cp1255", Table, "1255 windows_1255"),
    row("cp1256", "cp1256", Table, "1256 windows_1256"),
    row("cp1257", "cp1257", Table, "1257 windows_1257"),
    row("cp1258", "cp1258", Table, "1258 windows_1258"),
    row("cp424", "cp424", Table, "424 csibm424 ebcdic_cp_he ibm424"),
    row("cp437", "cp437", Table, "437 cspc8codepage437 ibm437"),
    row("cp500", "cp500", Table, "500 csibm500 ebcdic_cp_be ebcdic_cp_ch ibm500"),
    row("cp720", "cp720", Table, ""),
    row("cp737", "cp737", Table, ""),
    row("cp775", "cp775", Table, "775 cspc775baltic ibm775"),
    row("cp850", "cp850", Table, "850 cspc850multilingual ibm850"),
    row("cp852", "cp852", Table, "852 cspcp852 ibm852"),
    row("cp855", "cp855", Table, "855 csibm855 ibm855"),
    row("cp856", "cp856", Table, ""),
    row("cp857", "cp857", Table, "857 csibm857 ibm857"),
    row("cp858", "cp858", Table, "858 csibm858 ibm858"),
    row("cp860", "cp860", Table, "860 csibm860 ibm860"),
    row("cp861", "cp861", Table, "861 cp_is csibm861 ibm861"),
    row("cp862", "cp862", Table, "862 cspc862latinhebrew ibm862"),
    row("cp863", "cp863", Table, "863 csibm863 ibm863"),
    row("cp864", "cp864", Table, "864 csibm864 ibm864"),
    row("cp865", "cp865", Table, "865 csibm865 ibm865"),
    row("cp866", "cp866", Table, "866 csibm866 ibm866"),
    row("cp869", "cp869", Table, "869 cp_gr csibm869 ibm869"),
    row("cp874", "cp874", Table, ""),
    row("cp875", "cp875", Table, ""),
    row("cp932", "cp932", EastAsian, "932 ms932 ms_kanji mskanji"),
    row("cp949", "cp949", EastAsian, "949 ms949 uhc"),
    row("cp950", "cp950", EastAsian, "950 ms950"),
    row("euc_jis_2004", "euc_jis_2004", EastAsian, "euc_jis2004 eucjis2004 jisx0213"),
    row("euc_jisx0213", "euc_jisx0213", EastAsian, "eucjisx0213"),
    row("euc_jp", "euc_jp", EastAsian, "eucjp u_jis ujis"),
    row("euc_kr", "euc_kr", EastAsian, "euckr korean ks_c_5601 ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001"),
    row("gb18030", "gb18030", EastAsian, "gb18030_2000"),
    row("gb2312", "gb2312", EastAsian, "chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 iso_ir_58"),
    row("gbk", "gbk", EastAsian, "936 cp936 ms936"),
    row("hex_codec", "hex", Other, "hex"),
    row("hp_roman8", "hp-roman8", Table, "r8 roman8"),
    row("hz", "hz", EastAsian, "hz_gb hz_gb_2312 hzgb"),
    row("idna", "idna", Other, ""),
    row("iso2022_jp", "iso2022_jp", EastAsian, "csiso2022jp iso2022jp iso_2022_jp"),
    row("iso2022_jp_1", "iso2022_jp_1", EastAsian, "iso2022jp_1 iso_2022_jp_1"),
    row("iso2022_jp_2", "iso2022_jp_2", EastAsian, "iso2022jp_2 iso_2022_jp_2"),
    row("iso2022_jp_2004", "iso2022_jp_2004", EastAsian, "iso2022jp_2004 iso_2022_jp_2004"),
    row("iso2022_jp_3", "iso2022_jp_3", EastAsian, "iso2022jp_3 iso_2022_jp_3"),
    row("iso2022_jp_ext", "iso2022_jp_ext", EastAsian, "iso2022jp_ext iso_2022_jp_ext"),
    row("iso2022_kr", "iso2022_kr", EastAsian, "csiso2022kr iso2022kr iso_2022_kr"),
    row("iso8859_1", "iso8859-1", Latin1, ""),
    row("iso8859_10", "iso8859-10", Table, "csisolatin6 iso_8859_10 iso_8859_10_1992 iso_ir_157 l6 latin6"),
    row("iso8859_11", "iso8859-11", Table, "iso_8859_11 iso_8859_11_2001 thai"),
    row("iso8859_13", "iso8859-13", Table, "iso_8859_13 l7 latin7"),
    row("iso8859_14", "iso8859-14", Table, "iso_8859_14 iso_8859_14_1998 iso_celtic iso_ir_199 l8 latin8"),
    row("iso8859_15", "iso8859-15", Table, "iso_8859_15 l9 latin9"),
    row("iso8859_16", "iso8859-16", Table, "iso_8859_16 iso_8859_16_2001 iso_ir_226 l10 latin10"),
    row("iso8859_2", "iso8859-2", Table, "csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2"),
    row("iso8859_3", "iso8859-3", Table, "csisolatin3 iso_8859_3 iso_8859_3_1988 iso_ir_109 l3 latin3"),
    row("iso8859_4", "iso8859-4", Table, "csisolatin4 iso_8859_4 iso_8859_4_1988 iso_ir_110 l4 latin4"),
    row("iso8859_5", "iso8859-5", Table, "csisolatincyrillic cyrillic iso_8859_5 iso_8859_5_1988 iso_ir_144"),
    row("iso8859_6", "iso8859-6", Table, "arabic asmo_708 csisolatinarabic ecma_114 iso_8859_6 iso_8859_6_1987 iso_8859_6_e iso_8859_6_i iso_ir_127"),
    row("iso8859_7", "iso8859-7", Table, "csisolatingreek ecma_118 elot_928 greek greek8 iso_8859_7 iso_8859_7_1987 iso_ir_126"),
    row("iso8859_8", "iso8859-8", Table, "csisolatinhebrew hebrew iso_8859_8 iso_8859_8_1988 iso_8859_8_e iso_8859_8_i iso_ir_138"),
    row("iso8859_9", "iso8859-9", Table, "csisolatin5 iso_8859_9 iso_8859_9_1989 iso_ir_148 l5 latin5"),
    row("johab", "johab", EastAsian, "cp1361 ms1361"),
    row("koi8_r", "koi8-r", Table, "cskoi8r"),
    row("koi8_u", "koi8-u", Table, ""),
    row("latin_1", "iso8859-1", Latin1, "8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 latin latin1"),
    row("mac_arabic", "mac-arabic", Table, ""),
    row("mac_centeuro", "mac-centeuro", Table, ""),
    row("mac_croatian", "mac-croatian", Table, ""),
    row("mac_cyrillic", "mac-cyrillic", Table, "maccyrillic"),
    row("mac_farsi", "mac-farsi", Table, ""),
    row("mac_greek", "mac-greek", Table, "macgreek"),
    row("mac_iceland", "mac-iceland", Table, "maciceland"),
    row("mac_latin2", "mac-latin2", Table, "maccentraleurope maclatin2"),
    row("mac_roman", "mac-roman", Table, "macroman"),
    row("mac_romanian", "mac-romanian", Table, ""),
    row("mac_turkish", "mac-turkish", Table, "macturkish"),
    row("palmos", "palmos", Table, ""),
    row("ptcp154", "ptcp154", Table, "cp154 csptcp154 cyrillic_asian pt154"),
    row("punycode", "punycode", Other, ""),
    row("quopri_codec", "quopri", Other, "quopri quoted_printable quotedprintable"),
    row("raw_unicode_escape", "raw-unicode-escape", RawUnicodeEscape, ""),
    row("rot_13", "rot-13", Rot13, "rot13"),
    row("shift_jis", "shift_jis", EastAsian, "csshiftjis s_jis shiftjis sjis"),
    row("shift_jis_2004", "shift_jis_2004", EastAsian, "s_jis_2004 shiftjis2004 sjis_2004"),
    row("shift_jisx0213", "shift_jisx0213", EastAsian, "s_jisx0213 shiftjisx0213 sjisx0213"),
    row("string_escape", "string-escape", Other, ""),
    row("tis_620", "tis-620", Table, "iso_ir_166 tis620 tis_620_0 tis_620_2529_0 tis_620_2529_1"),
    row("undefined", "undefined", Other, ""),
    row("unicode_escape", "unicode-escape", UnicodeEscape, ""),
    row("unicode_internal", "unicode-internal", Other, ""),
    row("utf_16", "utf-16", Utf16(Mark), "u16 utf16"),
    row("utf_16_be", "utf-16-be", Utf16(Big), "unicodebigunmarked utf_16be"),
    row("utf_16_le", "utf-16-le", Utf16(Little), "unicodelittleunmarked utf_16le"),
    row("utf_32", "utf-32", Utf32(Mark), "u32 utf32"),
    row("utf_32_be", "utf-32-be", Utf32(Big), "utf_32be"),
    row("utf_32_le", "utf-32-le", Utf32(Little), "utf_32le"),
    row("utf_7", "utf-7", Utf7, "u7 unicode_1_1_utf_7 utf7"),
    row("utf_8", "utf-8", Utf8, "u8 utf utf8 utf8_ucs2 utf8_ucs4"),
    row("utf_8_sig", "utf-8-sig", Utf8Sig, ""),
    row("uu_codec", "uu", Other, "uu"),
    row("zlib_codec", "zlib", Other, "zip zlib"),
];
