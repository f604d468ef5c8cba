//! What a request asks for: the fields of its body and the parameters of its address, each of its kind and within bounds.

use super::answer::{fault, Fault};
use super::given::Given;
use super::Call;
use migration::json::Json;

/// How many items an answer has where nothing is said, and at most.
const USUAL_PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;
/// The largest offset: the largest number that is exact in every program's JSON.
const LARGEST_OFFSET: usize = (1 << 53) - 1;
/// The longest text of a field, in characters.
const LONGEST: usize = 2000;

/// A part of a long answer.
pub(super) struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// The parameters `offset` and `limit`; others than these and `known` are refused.
    pub(super) fn of(call: &Call<'_>, known: &[&str]) -> Result<Page, Fault> {
        let parameters = call.visit.request.url_parameters();
        for field in parameters.fields() {
            let is_known = ["offset", "limit"].iter().chain(known).any(|name| field.name == *name.as_bytes());
            if !is_known {
                return Err(fault(400, &format!("There is no parameter {}.", String::from_utf8_lossy(&field.name))));
            }
        }
        let number = |name: &str, usual: usize, least: usize, most: usize| {
            let Some(text) = parameters.get(name) else { return Ok(usual) };
            let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<usize>().ok());
            let within = number.filter(|number| (least..=most).contains(number));
            within.ok_or_else(|| fault(400, &format!("{name} must be a number from {least} to {most}.")))
        };
        Ok(Page {
            offset: number("offset", 0, 0, LARGEST_OFFSET)?,
            limit: number("limit", USUAL_PAGE, 1, LARGEST_PAGE)?,
        })
    }

    /// The items of this part, with how many there are in all.
    pub(super) fn json<T>(&self, name: &'static str, items: &[T], each: impl FnMut(&T) -> Json) -> Json {
        let start = self.offset.min(items.len());
        let end = (start + self.limit).min(items.len());
        Json::Object(vec![
            ("total", Json::count(items.len())),
            ("offset", Json::count(self.offset)),
            ("limit", Json::count(self.limit)),
            (name, Json::array(&items[start..end], each)),
        ])
    }
}

/// The fields of a body.
pub(super) struct Fields(Vec<(String, Given)>);

impl Fields {
    /// Refuses fields that are not known.
    pub(super) fn of(call: &Call<'_>, known: &[&str]) -> Result<Fields, Fault> {
        let fields = call.body()?;
        match fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(fault(400, &format!("There is no field {name:?}."))),
            None => Ok(Fields(fields)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Given> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A text, if it is there.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Given::Text(text)) if text.chars().count() <= LONGEST => Ok(Some(text)),
            Some(Given::Text(_)) => Err(fault(400, &format!("{name} is too long."))),
            Some(other) => Err(fault(400, &format!("{name} must be a string, not {}.", other.kind()))),
        }
    }

    /// Several texts, if they are there.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Fault> {
        let wrong = || fault(400, &format!("{name} must be an array of strings."));
        let Some(given) = self.get(name) else { return Ok(None) };
        let Given::Array(items) = given else { return Err(wrong()) };
        items.iter().map(text_of).collect::<Option<Vec<&str>>>().map(Some).ok_or_else(wrong)
    }

    /// A choice between yes and no, if it is there.
    pub(super) fn truth(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Given::Bool(truth)) => Ok(Some(*truth)),
            Some(other) => Err(fault(400, &format!("{name} must be true or false, not {}.", other.kind()))),
        }
    }
}

/// A text that is not too long.
fn text_of(given: &Given) -> Option<&str> {
    match given {
        Given::Text(text) if text.chars().count() <= LONGEST => Some(text),
        _ => None,
    }
}

/// A part of a path as text; one that is none names nothing.
pub(super) fn path_text(part: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(part).map_err(|_| fault(404, "There is nothing at this address."))
}
