//! What waits for the moderators of a list, and decisions about it.

use super::answer::{fault, value, Fault};
use super::input::{path_text, Fields, Page};
use super::members::changed;
use super::{Call, Outcome};
use crate::moderation::waiting::Post;
use crate::moderation::{decide as decided, described, read_held, Action, Decided, Decision};
use crate::web::Problem;
use compat::email::generator;
use compat::list::MailList;
use migration::json::Json;

/// The longest text of a post that is shown.
const EXCERPT: usize = 100_000;

/// Everything that waits, by number.
pub(super) fn all(call: &Call<'_>, name: &[u8]) -> Outcome {
    let page = Page::of(call, &[])?;
    let list = call.list(name)?;
    let requests = list.read_requests().map_err(Problem::from)?;
    Ok(value(200, &page.json("held", &described::rows(&list, &requests), described::Row::json)))
}

/// One request; of a post its text too.
pub(super) fn one(call: &Call<'_>, name: &[u8], id: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let id = number(id)?;
    let requests = list.read_requests().map_err(Problem::from)?;
    let rows = described::rows(&list, &requests);
    let row = rows.iter().find(|row| row.id == id).ok_or_else(gone)?;
    let Json::Object(mut fields) = row.json() else { return Err(gone()) };
    if let Some(post) = Post::of(&requests, id) {
        fields.extend(text(call, &list, &post).map(|text| ("message", Json::text(text))));
    }
    Ok(value(200, &Json::Object(fields)))
}

fn gone() -> Fault {
    fault(404, "Nothing waits under this number.")
}

fn number(id: &[u8]) -> Result<i64, Fault> {
    path_text(id)?.parse().map_err(|_| gone())
}

/// The beginning of a post; nothing where its file is lost or damaged, which is logged.
fn text(call: &Call<'_>, list: &MailList, post: &Post) -> Option<String> {
    let read = read_held(list, &post.file).map_err(|error| error.to_string());
    let bytes = read.and_then(|message| match message {
        Some(mut message) => generator::as_bytes(&mut message, false, false).map_err(|error| error.to_string()),
        None => Err("its file is lost".to_string()),
    });
    match bytes {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT)]).into_owned()),
        Err(error) => {
            call.visit.log("error", &[b"api: held message: ", error.as_bytes()]);
            None
        }
    }
}

/// Decides about a request.
pub(super) fn decide(call: &Call<'_>, name: &[u8], id: &[u8]) -> Outcome {
    let list = call.list(name)?;
    let id = number(id)?;
    let fields = Fields::of(call, &["action", "comment", "preserve", "forward_to"])?;
    let decision = Decision {
        action: action(fields.text("action")?)?,
        comment: fields.text("comment")?.map(str::as_bytes),
        preserve: fields.truth("preserve")?.unwrap_or(false),
        forward_to: fields.text("forward_to")?.map(str::as_bytes),
    };
    let result = changed(call, list, |ctx| Ok(decided(ctx, id, &decision)?))?;
    let result = match result {
        Decided::Done => "done",
        Decided::Kept => "kept",
        Decided::Lost => "lost",
    };
    Ok(value(200, &Json::Object(vec![("id", Json::Int(id)), ("result", Json::text(result))])))
}

fn action(name: Option<&str>) -> Result<Action, Fault> {
    match name {
        Some("approve") => Ok(Action::Approve),
        Some("reject") => Ok(Action::Reject),
        Some("discard") => Ok(Action::Discard),
        Some("defer") => Ok(Action::Defer),
        _ => Err(fault(400, "action must be approve, reject, discard or defer.")),
    }
}
