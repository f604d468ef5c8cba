//! The constants of attributes' names against the attributes that lists have.

use super::attributes::{initial, no_options};
use compat::list::attributes::ALL;
use compat::site::{Site, Version};
use compat::value::{Dict, Value};
use std::collections::BTreeSet;
use std::path::Path;

/// Attributes that come later, or only to some lists.
const LATER: [&str; 4] = ["_internal_name", "pipeline", "use_dollar_strings", "usenet_watermark"];

fn made(micro: u8) -> Dict {
    let site = Site::bare(Path::new("/nowhere"), Version { micro });
    initial(&site, &"garden".into(), b"rose@example.com", None).unwrap()
}

fn fits(kind: &str, value: &Value) -> bool {
    match kind {
        "Text" => value.as_text().is_some() || *value == Value::None,
        "Number" | "Flag" => value.as_float().is_some(),
        "Items" => value.as_items().is_some(),
        kind => kind == "Table" && value.as_dict().is_some(),
    }
}

#[test]
fn each_attribute_of_a_list_has_a_constant_of_its_kind() {
    let mut known: BTreeSet<&str> = no_options().chain(LATER).collect();
    for list in (13..=39).map(made) {
        for (name, value) in list.iter() {
            let name = name.as_text().unwrap().to_latin1();
            let (constant, kind) =
                ALL.iter().find(|(constant, _)| *constant == name).unwrap_or_else(|| panic!("{name}"));
            assert!(fits(kind, value), "{name}: {value:?} is no {kind}");
            known.insert(constant);
        }
    }
    known.extend(["available_languages", "preferred_language"]);
    assert_eq!(ALL.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), known);
}
