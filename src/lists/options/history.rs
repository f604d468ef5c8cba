//! What the history of changes says of options: which were set, from what and to what.

use super::Row;
use compat::format::{repr, text_of};
use compat::list::MailList;
use compat::names::by_name;
use compat::value::Value;

/// The longest value that is shown whole.
const LIMIT: usize = 200;

/// Values of options before they are set.
pub struct Before(Vec<(&'static str, Value)>);

impl Before {
    /// The values of now.
    pub fn of(list: &MailList, rows: impl Iterator<Item = &'static Row>) -> Before {
        let value = |row: &'static Row| Some((row.name, list.get(by_name(row.name))?.clone()));
        Before(rows.filter(|row| row.is_stored()).filter_map(value).collect())
    }

    /// Notes those that are others now.
    pub fn record(self, list: &MailList) {
        for (name, before) in self.0 {
            let after = list.get(by_name(name)).unwrap_or(&Value::None);
            if text_of(&before) != text_of(after) {
                let parts: [&[u8]; 6] = [b"option ", name.as_bytes(), b": ", &shown(&before), b" -> ", &shown(after)];
                list.record(&parts);
            }
        }
    }
}

/// As Python shows it, cut where it is long.
fn shown(value: &Value) -> Vec<u8> {
    let text = match value {
        Value::Unicode(text) => repr(&Value::Str(text.to_text().into())),
        other => repr(other),
    };
    match text.len() > LIMIT {
        true => [&text[..LIMIT], b"..."].concat(),
        false => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        assert_eq!(shown(&Value::str("a'b")), b"\"a'b\"");
        assert_eq!(shown(&Value::str("x".repeat(300))).len(), LIMIT + 3);
    }
}
