//! What a list remembers of a member's bounces: a pickled `Mailman.Bouncer._BounceInfo`.
//!
//! Attributes that this program does not know stay as they are.

use chrono::{Datelike, Local, LocalResult, NaiveDate, TimeZone};
use compat::email::date::MONTHS;
use compat::value::{Dict, Object, Value};
use compat::ByteStr;
use std::rc::Rc;

/// Year, month, day in local time.
pub type Day = (i64, i64, i64);

const MODULE: &str = "Mailman.Bouncer";
const CLASS: &str = "_BounceInfo";

/// The bounces of one member.
#[derive(Clone, Debug, PartialEq)]
pub struct BounceInfo {
    object: Object,
}

impl BounceInfo {
    /// The first bounce of a member.
    pub fn new(member: &ByteStr, score: f64, day: Day, notices_left: Value) -> Self {
        let object = Object::old_style(MODULE, CLASS, Dict::new());
        let mut info = BounceInfo { object };
        info.set("member", Value::Str(member.clone()));
        info.set("cookie", Value::None);
        info.reset(Value::Float(score), day_value(day), notices_left);
        info
    }

    /// From the list's dictionary; what versions before 2.1 kept there is none.
    pub fn from_value(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let class = object.class()?;
        (class.module == MODULE && class.name == CLASS).then(|| BounceInfo { object: object.clone() })
    }

    /// For the list's dictionary.
    pub fn to_value(&self) -> Value {
        Value::Object(Rc::new(self.object.clone()))
    }

    /// Starts anew. No warning was sent: the day of the last one is the second of the epoch.
    pub fn reset(&mut self, score: Value, day: Value, notices_left: Value) {
        self.set("score", score);
        self.set("date", day);
        self.set("noticesleft", notices_left);
        self.set("lastnotice", day_value(second_day_of_the_epoch()));
    }

    /// One attribute.
    pub fn get(&self, name: &str) -> Value {
        self.object.attribute(name).cloned().unwrap_or(Value::None)
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.object.state.as_mut().and_then(Value::as_dict_mut) {
            Some(attributes) => attributes.set(name, value),
            None => self.object.state = Some(Value::dict(Dict::from_iter([(name.into(), value)]))),
        }
    }

    /// The score as a number.
    pub fn score(&self) -> f64 {
        self.get("score").as_float().unwrap_or(0.0)
    }

    /// The day of the last bounce.
    pub fn day(&self) -> Option<Day> {
        match self.get("date").as_items()? {
            [year, month, day] => Some((year.as_int()?, month.as_int()?, day.as_int()?)),
            _ => None,
        }
    }

    /// How many warnings are still to be sent.
    pub fn notices_left(&self) -> i64 {
        self.get("noticesleft").as_int().unwrap_or(0)
    }

    /// The cookie with which the member comes back.
    pub fn cookie(&self) -> ByteStr {
        self.get("cookie").as_text().cloned().unwrap_or_default()
    }
}

/// A day as Python keeps it.
pub fn day_value((year, month, day): Day) -> Value {
    Value::tuple([year, month, day].map(Value::Int).to_vec())
}

/// `ZEROHOUR_PLUSONEDAY`
fn second_day_of_the_epoch() -> Day {
    match Local.timestamp_opt(86_400, 0) {
        LocalResult::Single(time) => (time.year().into(), time.month().into(), time.day().into()),
        _ => (1970, 1, 2),
    }
}

/// `Utils.midnight(day)`: when the day began, in seconds. 0 for a day that never was.
pub fn midnight((year, month, day): Day) -> f64 {
    let part = |number: i64| u32::try_from(number).unwrap_or(0);
    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, part(month), part(day)));
    // Where clocks jump at midnight, the day begins at one.
    let hour = |hour| Local.from_local_datetime(&date?.and_hms_opt(hour, 0, 0)?).earliest();
    hour(0).or_else(|| hour(1)).map_or(0.0, |time| time.timestamp() as f64)
}

/// `%d-%b-%Y`
pub fn day_text((year, month, day): Day) -> String {
    let month = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"???");
    format!("{day:02}-{month}-{year:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's `pickle.dumps({'x': info}, 1)['x']` of an instance with one attribute more.
    const PICKLED: &[u8] = b"(cMailman.Bouncer\n_BounceInfo\noq\x01}q\x02(U\x06memberq\x03U\x03a@bq\x04U\x06cookieq\x05NU\x05\
scoreq\x06G?\xf0\x00\x00\x00\x00\x00\x00U\x04dateq\x07(M\xea\x07K\x03K\x01tq\x08U\x0bnoticesleftq\x09K\x03U\x0alastnotice\
q\x0a(M\xb2\x07K\x01K\x02tq\x0bU\x05extraq\x0cK\x01ub.";

    #[test]
    fn an_instance_of_pythons_is_read_changed_and_keeps_what_is_unknown() {
        let (value, _) = compat::pickle::load(&PICKLED.into()).unwrap();
        let mut info = BounceInfo::from_value(&value).unwrap();
        assert_eq!((info.score(), info.day(), info.notices_left()), (1.0, Some((2026, 3, 1)), 3));
        assert_eq!(info.to_value(), value);
        info.set("score", Value::Float(2.0));
        assert_eq!((info.score(), info.get("extra")), (2.0, Value::Int(1)));
        assert!(BounceInfo::from_value(&Value::list(vec![Value::Int(1)])).is_none());
    }

    #[test]
    fn a_new_one_has_the_attributes_of_pythons() {
        let info = BounceInfo::new(&"a@b".into(), 1.0, (2026, 3, 1), Value::Int(3));
        let (value, _) = compat::pickle::load(&PICKLED.into()).unwrap();
        let theirs = BounceInfo::from_value(&value).unwrap();
        for name in ["member", "cookie", "score", "date", "noticesleft"] {
            assert_eq!(info.get(name), theirs.get(name), "{name}");
        }
        assert!(info.get("lastnotice").as_items().is_some());
    }

    #[test]
    fn days() {
        assert_eq!(day_text((2026, 3, 1)), "01-Mar-2026");
        assert_eq!(midnight((2026, 3, 2)) - midnight((2026, 3, 1)), 86_400.0);
        assert_eq!(midnight((2026, 13, 1)), 0.0);
    }
}
