//! Catalogues are put together here as GNU msgfmt does.

use super::*;
use crate::site::Version;
use proptest::prelude::*;

/// A .mo file of the given texts; the first word of the header names the charset.
fn mo(charset: &str, entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let header = format!("Project-Id-Version: x\nContent-Type: text/plain; charset={charset}\n");
    let mut rows: Vec<(Vec<u8>, Vec<u8>)> = vec![(Vec::new(), header.into_bytes())];
    rows.extend(entries.iter().map(|(k, v)| (k.to_vec(), v.to_vec())));
    let start = 28 + rows.len() * 16;
    let (mut keys, mut values, mut pool) = (Vec::new(), Vec::new(), Vec::new());
    for (table, pick) in [(&mut keys, 0), (&mut values, 1)] {
        for row in &rows {
            let text = if pick == 0 { &row.0 } else { &row.1 };
            table.extend_from_slice(&(text.len() as u32).to_le_bytes());
            table.extend_from_slice(&((start + pool.len()) as u32).to_le_bytes());
            pool.extend_from_slice(text);
            pool.push(0);
        }
    }
    let head = [0x9504_12de, 0, rows.len() as u32, 28, 28 + keys.len() as u32, 0, 0];
    let mut out: Vec<u8> = head.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    out.extend(keys.into_iter().chain(values).chain(pool));
    out
}

fn site_with(catalogs: &[(&str, Vec<u8>)], micro: u8) -> (tempfile::TempDir, Rc<Site>) {
    let folder = tempfile::tempdir().unwrap();
    for (lang, data) in catalogs {
        let path = folder.path().join("messages").join(lang).join("LC_MESSAGES");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("mailman.mo"), data).unwrap();
    }
    let site = Site::bare(folder.path(), Version { micro });
    (folder, site)
}

#[test]
fn unsorted_files_are_found_in() {
    let data = mo("iso-8859-1", &[(b"z", b"\xe4"), (b"a", b"b"), (b"one\0many", b"eins\0viele")]);
    let catalog = Catalog::parse(data.into()).unwrap();
    assert_eq!(catalog.find(b"z"), Some(b"\xe4".into()));
    assert_eq!(catalog.find(b"a"), Some("b".into()));
    assert_eq!(catalog.find(b"none"), None);
    assert_eq!(catalog.charset, Some("iso-8859-1".into()));
}

#[test]
fn fallback_goes_to_the_language_without_country() {
    let catalogs = [("pt", mo("iso-8859-1", &[(b"a", b"A"), (b"b", b"B")])), ("pt_BR", mo("utf-8", &[(b"a", b"BR")]))];
    let (_folder, site) = site_with(&catalogs, 39);
    assert_eq!(site.translate(b"pt_BR", b"a"), "BR");
    assert_eq!(site.translate(b"pt_BR", b"b"), "B");
    assert_eq!(site.translate(b"pt_BR", b"c"), "c");
    assert_eq!(site.translation(b"pt_BR").charset(), Some(&"utf-8".into()));
    assert_eq!(site.translation(b"en").charset(), None);
    assert_eq!(site.translate(b"../pt", b"a"), "a");
}

#[test]
fn filling_in() {
    let data = mo("iso-8859-1", &[(b"for %(a)s", b"f\xfcr %(a)s %(gone)s"), (b"bad", b"50 %(a)q")]);
    for (micro, lenient) in [(13, false), (39, true)] {
        let (_folder, site) = site_with(&[("de", data.clone())], micro);
        let values = [("a", Value::Unicode("ü\u{20ac}".into()))];
        assert_eq!(site.translate_with(b"de", b"for %(a)s", &values), Ok(b"f\xfcr \xfc? %(gone)s".into()));
        assert_eq!(site.translate_with(b"en", b"for %(a)s", &values), Ok("for ??".into()));
        assert_eq!(site.translate_with(b"de", b"bad", &values).is_ok(), lenient);
        assert_eq!(site.translate_with(b"de", b"", &values), Ok("".into()));
    }
}

#[test]
fn many_languages_do_not_pile_up() {
    let (_folder, site) = site_with(&[("de", mo("utf-8", &[(b"a", b"A")]))], 39);
    for lang in ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "de", "hh"] {
        site.translation(lang.as_bytes());
    }
    assert_eq!(site.catalogues.borrow().cached.len(), MAX_CACHED);
    assert_eq!(site.translate(b"de", b"a"), "A");
}

#[test]
fn locale_names() {
    assert_eq!(locale_variants("de_DE.UTF-8"), ["de_DE.UTF-8", "de_DE", "de"]);
    assert_eq!(locale_variants("de@euro"), ["de@euro", "de@euro", "de"].iter().skip(1).copied().collect::<Vec<_>>());
    assert_eq!(locale_variants("ja"), ["ja"]);
}

#[test]
fn damaged_files_are_refused() {
    let whole = mo("utf-8", &[(b"a", b"A")]);
    assert_eq!(Catalog::parse(ByteStr::from("GIF89a")).err(), Some(CatalogError::Magic));
    for cut in [10, 30, 60, whole.len() - 10] {
        assert_eq!(Catalog::parse(ByteStr::from(&whole[..cut])).err(), Some(CatalogError::Bounds));
    }
    let mut huge = whole;
    huge[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(Catalog::parse(huge.into()).err(), Some(CatalogError::Bounds));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_are_survived(at in 0usize..90, byte in any::<u8>(), cut in 0usize..140) {
        let mut data = mo("utf-8", &[(b"a", b"A"), (b"b", b"B")]);
        if let Some(place) = data.get_mut(at) {
            *place = byte;
        }
        data.truncate(cut);
        if let Ok(catalog) = Catalog::parse(data.into()) {
            let _ = catalog.find(b"a");
        }
    }
}
