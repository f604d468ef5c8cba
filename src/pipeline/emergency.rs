//! Emergency: a list in emergency moderation holds everything that no moderator has let through. Nobody is told.

use super::{holding, Context, Verdict};
use crate::error::HandlerError;
use compat::list::attributes;
use compat::ByteStr;
use std::cell::OnceCell;

const REASON: &str = "Emergency hold on all list traffic is in effect";

thread_local! {
    /// The reason in the language of the first message that came to this handler: Python translates it when it loads
    /// the module, and asks for the translation of that from then on.
    static FIRST: OnceCell<ByteStr> = const { OnceCell::new() };
}

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let first = FIRST.with(|first| first.get_or_init(|| ctx.words().say(REASON)).clone());
    if !ctx.list.truth(attributes::EMERGENCY) || ctx.data.truth("adminapproved") {
        return Ok(Verdict::Continue);
    }
    let reason = ctx.words().fill(first, &[]);
    holding::store(ctx, &reason)?;
    Ok(Verdict::Hold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::list::requests::RequestKind;
    use compat::site::Version;
    use compat::value::Value;

    const POST: &[u8] = b"From: a@b.c\nSubject: a\nMessage-ID: <x@y>\n\nx\n";

    /// A list whose admins want to be told of held posts, and a post with these marks.
    fn fixture(version: Version, emergency: i64, marks: &[&str]) -> Fixture {
        let attributes = [("emergency", Value::Int(emergency)), ("admin_immed_notify", Value::Int(1))];
        let mut fixture = Fixture::new(version, &attributes, POST);
        marks.iter().for_each(|mark| fixture.data.set(*mark, Value::Int(1)));
        fixture
    }

    #[test]
    fn everything_is_held_and_nobody_is_told() {
        for version in [OLD, NEW] {
            let mut fixture = fixture(version, 1, &["approved"]);
            assert_eq!(fixture.handle(process), Verdict::Hold);
            let requests = fixture.list.requests().unwrap();
            let (kind, record) = requests.get(1).unwrap();
            let record = record.as_items().unwrap();
            assert_eq!(kind, RequestKind::HeldMessage);
            let told = ["a@b.c", "a", "Emergency hold on all list traffic is in effect", "heldmsg-club-1.pck"];
            assert_eq!(record[1..5], told.map(Value::str));
            assert_eq!((fixture.outbox.len(), fixture.log("vette")), (0, String::new()));
            assert_eq!(fixture.list.pended().unwrap().len(), 0);
        }
    }

    #[test]
    fn what_a_moderator_let_through_passes() {
        let verdicts =
            [(1, &["adminapproved"][..]), (0, &[])].map(|(on, marks)| fixture(NEW, on, marks).handle(process));
        assert_eq!(verdicts, [Verdict::Continue, Verdict::Continue]);
    }
}
