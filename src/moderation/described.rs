//! What waits, in short, as JSON too: for the tool `held`, and for programs that use the JSON interface.

use super::waiting::{Joining, Leaving, Post};
use crate::clock;
use crate::text::header::{header_of, one_line_in};
use compat::list::{MailList, Requests};
use migration::json::Json;

/// One request.
pub struct Row {
    pub id: i64,
    pub kind: &'static str,
    /// In seconds; requests to leave do not say when they came.
    pub since: Option<f64>,
    pub sender: String,
    pub subject: Option<String>,
    pub reason: Option<String>,
    pub bytes: Option<u64>,
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Everything that waits, by number.
pub fn rows(list: &MailList, requests: &Requests) -> Vec<Row> {
    let joining = Joining::all(requests)
        .into_iter()
        .map(|request| Row { since: Some(request.since), ..Row::plain(request.id, "join", text_of(&request.address)) });
    let leaving =
        Leaving::all(requests).into_iter().map(|request| Row::plain(request.id, "leave", text_of(&request.address)));
    let posts = Post::all(requests).into_iter().map(|post| Row {
        since: Some(post.since),
        subject: Some(text_of(&one_line_in(&header_of(&post.subject).text(), b"utf-8"))),
        reason: Some(text_of(&post.reason)),
        bytes: std::fs::metadata(list.held_file(&post.file)).ok().map(|about| about.len()),
        ..Row::plain(post.id, "post", text_of(&post.sender))
    });
    let mut rows: Vec<Row> = joining.chain(leaving).chain(posts).collect();
    rows.sort_by_key(|row| row.id);
    rows
}

impl Row {
    fn plain(id: i64, kind: &'static str, sender: String) -> Row {
        Row { id, kind, since: None, sender, subject: None, reason: None, bytes: None }
    }

    /// How long it has waited, in seconds.
    pub fn age(&self) -> Option<i64> {
        self.since.map(|since| (clock::now() - since).max(0.0) as i64)
    }

    /// As JSON: times are seconds since the epoch, ages seconds; what is not known is left out.
    pub fn json(&self) -> Json {
        let text = |text: &Option<String>| text.clone().map(Json::Text);
        let fields = [
            ("id", Some(Json::Int(self.id))),
            ("kind", Some(Json::text(self.kind))),
            ("sender", Some(Json::text(self.sender.clone()))),
            ("subject", text(&self.subject)),
            ("reason", text(&self.reason)),
            ("since", self.since.map(|since| Json::Int(since as i64))),
            ("age", self.age().map(Json::Int)),
            ("bytes", self.bytes.map(Json::count)),
        ];
        Json::Object(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_as_json_leave_out_what_is_unknown() {
        let row = Row::plain(3, "leave", "a@b.example".to_string());
        assert_eq!(row.json().to_string(), r#"{"id": 3, "kind": "leave", "sender": "a@b.example"}"#);
    }
}
