//! What a form asks for, carried out (`process_form`): first what is said of senders, then of single requests.
//!
//! Fields are taken in the order of Python's sets and dictionaries, in which effects and log lines then come.

use super::shown;
use crate::membership::{MembershipContext, Refused};
use crate::moderation::senders::{ban, clear_moderation, filter, Filter};
use crate::moderation::waiting::{by_sender, Order, Post};
use crate::moderation::{self, Action, Decided, Decision};
use crate::web::widgets::safe;
use crate::web::{Form, Problem, Texts};
use compat::format::url::unquote_plus;
use compat::list::requests::RequestKind;
use compat::pydict::KeyTable;
use compat::site::Switch;
use compat::ByteStr;
use maud::{html, Markup};
use std::collections::HashMap;

/// The fields that decide about a sender, without the hyphen behind which the sender stands.
const PREFIXES: [&str; 8] = [
    "senderaction",
    "senderpreserve",
    "senderforward",
    "senderforwardto",
    "senderfilterp",
    "senderfilter",
    "senderclearmodp",
    "senderbanp",
];

/// What was done.
pub(super) struct Done {
    /// What there is to say about it.
    pub notes: Markup,
    /// The order of senders that the form asks for.
    pub order: Option<Order>,
}

impl Done {
    /// What a form does that decides about nothing.
    pub(super) fn nothing(texts: &Texts<'_>) -> Done {
        Done { notes: Complaints::default().say(texts), order: Some(Order::Sender) }
    }
}

/// What could not be done as decided.
#[derive(Default)]
struct Complaints {
    /// Banned people who wanted to join, with the entry that bans them.
    banned: Vec<(ByteStr, ByteStr)>,
    /// Senders that are no addresses, each as often as it was to be filtered or banned.
    bad: Vec<ByteStr>,
    /// Requests that somebody else had decided about.
    gone: usize,
    /// Requests that failed, with the reason.
    failed: Vec<(i64, String)>,
}

/// The fields of a form by name: a form about thousands of posts is asked for each of them.
struct Fields {
    /// In the order of `list(set(names))`.
    names: Vec<ByteStr>,
    values: HashMap<ByteStr, Vec<ByteStr>>,
}

impl Fields {
    fn of(form: &Form) -> Fields {
        let mut names = KeyTable::new();
        let mut values: HashMap<ByteStr, Vec<ByteStr>> = HashMap::new();
        for field in form.fields() {
            names.insert(field.name.clone());
            values.entry(field.name.clone()).or_default().push(field.value.clone());
        }
        Fields { names: names.into_keys().collect(), values }
    }

    /// All values of a field.
    fn all(&self, name: &[u8]) -> &[ByteStr] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first value of a field.
    fn get(&self, name: &[u8]) -> Option<&ByteStr> {
        self.all(name).first()
    }
}

/// The held posts by senders, in the order in which they are decided about.
type Posts = HashMap<ByteStr, Vec<Post>>;

fn posts_by_sender(ctx: &mut MembershipContext<'_>) -> Result<Posts, Problem> {
    let by_time = ctx.has(Switch::HeldPostsByTime);
    let groups = by_sender(Post::all(ctx.list.requests()?), Order::Sender, by_time);
    Ok(groups.into_iter().map(|group| (group.sender, group.posts)).collect())
}

/// Carries out what the form asks for.
///
/// # Errors
/// The requests cannot be read, or what was decided cannot be written.
pub(super) fn all(ctx: &mut MembershipContext<'_>, texts: &Texts<'_>, form: &Form) -> Result<Done, Problem> {
    let mut complaints = Complaints::default();
    let order = form.int("summary_sort").map(|order| match order {
        2 => Order::SenderByTime,
        3 => Order::Time,
        _ => Order::Sender,
    });
    let form = Fields::of(form);
    let posts = posts_by_sender(ctx)?;
    for (sender, fields) in by_senders(&form) {
        Sender { sender: &sender, fields: &fields }.decide(ctx, &form, &posts, &mut complaints)?;
    }
    for name in &form.names {
        if let Some((id, value)) = numbers(&form, name) {
            single(ctx, &form, id, value, &mut complaints)?;
        }
    }
    Ok(Done { notes: complaints.say(texts), order: order.or(Some(Order::Sender)) })
}

/// The first value of each field about a sender, by senders.
type Senders = Vec<(ByteStr, HashMap<&'static str, ByteStr>)>;

fn by_senders(form: &Fields) -> Senders {
    let mut order = KeyTable::new();
    let mut senders: HashMap<ByteStr, HashMap<&'static str, ByteStr>> = HashMap::new();
    for name in &form.names {
        let Some(at) = name.iter().position(|&byte| byte == b'-') else { continue };
        let Some(prefix) = PREFIXES.iter().find(|prefix| *prefix.as_bytes() == name[..at]) else { continue };
        let quoted = &name[at + 1..];
        let sender = unquote_plus(quoted);
        order.insert(sender.clone());
        let fields = senders.entry(sender).or_default();
        fields.insert(prefix, form.get(name).cloned().unwrap_or_default());
        // Under the quoted address stand the numbers of the posts that the page showed.
        fields.insert("", quoted.into());
    }
    order.into_keys().filter_map(|sender| senders.remove(&sender).map(|fields| (sender, fields))).collect()
}

/// A sender with the fields about him.
struct Sender<'a> {
    sender: &'a ByteStr,
    fields: &'a HashMap<&'static str, ByteStr>,
}

impl Sender<'_> {
    fn field(&self, name: &str) -> Option<&ByteStr> {
        self.fields.get(name).filter(|value| !value.is_empty())
    }

    fn decide(
        &self,
        ctx: &mut MembershipContext<'_>,
        form: &Fields,
        posts: &Posts,
        complaints: &mut Complaints,
    ) -> Result<(), Problem> {
        if let Some(action) = self.action(form) {
            let posts = self.posts(ctx, form, posts);
            self.decide_posts(ctx, action, posts, complaints)?;
        }
        self.decide_sender(ctx, complaints)
    }

    /// What is to become of the posts; nothing where the value is none of the page's.
    fn action(&self, form: &Fields) -> Option<Action> {
        let value = self.field("senderaction").and_then(|value| number(value)).unwrap_or(0);
        let discards = form.get(b"discardalldefersp").is_some_and(|value| !value.is_empty());
        match (value, discards) {
            (0, true) => Some(Action::Discard),
            (value, _) => action_on_post(value),
        }
    }

    fn decide_posts(
        &self,
        ctx: &mut MembershipContext<'_>,
        action: Action,
        posts: Vec<&Post>,
        complaints: &mut Complaints,
    ) -> Result<(), Problem> {
        let forwards = self.field("senderforward").is_some();
        for post in posts {
            let comment = comment_on(ctx, post);
            let decision = Decision {
                action,
                comment: Some(&comment),
                preserve: self.field("senderpreserve").is_some(),
                forward_to: self.field("senderforwardto").filter(|_| forwards).map(|field| &field[..]),
            };
            carry_out(ctx, post.id, &decision, complaints)?;
        }
        Ok(())
    }

    /// The sender's posts that the page showed; in older versions, which do not say, all of them.
    fn posts<'p>(&self, ctx: &MembershipContext<'_>, form: &Fields, posts: &'p Posts) -> Vec<&'p Post> {
        let quoted = self.fields.get("").map(|name| form.all(name)).unwrap_or_default();
        let shown: Vec<i64> = quoted.iter().filter_map(|id| number(id)).collect();
        let is_meant = |post: &&Post| !ctx.has(Switch::ShownPostsOnly) || shown.contains(&post.id);
        posts.get(self.sender).into_iter().flatten().filter(is_meant).collect()
    }

    /// Filters, the moderation flag, bans.
    fn decide_sender(&self, ctx: &mut MembershipContext<'_>, complaints: &mut Complaints) -> Result<(), Problem> {
        let is_bad = ctx.has(Switch::SenderFilterChecked) && !ctx.list.is_valid_email(self.sender);
        if self.field("senderfilterp").is_some() {
            match (is_bad, self.field("senderfilter").and_then(|value| filter_of(value))) {
                (true, _) => complaints.bad.push(self.sender.clone()),
                (false, Some(which)) => filter(ctx.list, self.sender, which),
                (false, None) => {}
            }
        }
        if self.field("senderclearmodp").is_some() {
            clear_moderation(ctx.list, self.sender).map_err(crate::error::HandlerError::from)?;
        }
        if self.field("senderbanp").is_some() {
            match is_bad {
                true => complaints.bad.push(self.sender.clone()),
                false => ban(ctx.list, self.sender),
            }
        }
        Ok(())
    }
}

fn filter_of(value: &[u8]) -> Option<Filter> {
    Some(match number(value)? {
        6 => Filter::Accept,
        7 => Filter::Hold,
        2 => Filter::Reject,
        3 => Filter::Discard,
        _ => return None,
    })
}

fn action_on_post(value: i64) -> Option<Action> {
    Some(match value {
        0 => Action::Defer,
        1 => Action::Approve,
        2 => Action::Reject,
        3 => Action::Discard,
        _ => return None,
    })
}

/// What a value means for a kind of request. Mailman fails on one that is meant for another kind.
fn action_on(kind: RequestKind, value: i64) -> Option<Action> {
    match (kind, value) {
        (RequestKind::HeldMessage, value) => action_on_post(value),
        (RequestKind::Subscription, 4) | (RequestKind::Unsubscription, 5) => Some(Action::Approve),
        (_, 1) => None,
        (_, value) => action_on_post(value),
    }
}

/// A field that decides about one request: its number and the value, where both are numbers and the field came once.
fn numbers(form: &Fields, name: &[u8]) -> Option<(i64, i64)> {
    let id = number(name)?;
    let [value] = form.all(name) else { return None };
    number(value).filter(|value| (0..=7).contains(value)).map(|value| (id, value))
}

/// `int(text)`
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(crate::text::strip(text)).ok()?.parse().ok()
}

fn single(
    ctx: &mut MembershipContext<'_>,
    form: &Fields,
    id: i64,
    value: i64,
    complaints: &mut Complaints,
) -> Result<(), Problem> {
    let Some((kind, record)) = ctx.list.requests()?.get(id) else {
        complaints.gone += 1;
        return Ok(());
    };
    let address = record.as_items().and_then(|items| items.get(1)?.as_text()).cloned();
    let Some(action) = action_on(kind, value) else { return Ok(()) };
    let field = |prefix: &str| form.get(format!("{prefix}-{id}").as_bytes());
    let is_on = |prefix: &str| field(prefix).is_some_and(|value| !value.is_empty());
    let comment = match field("comment") {
        Some(comment) => comment.clone(),
        None => usual_comment(ctx, id)?,
    };
    if let Some(address) = address.filter(|_| is_on("ban")) {
        ban(ctx.list, &address);
    }
    let decision = Decision {
        action,
        comment: Some(&comment),
        preserve: is_on("preserve"),
        forward_to: field("forward-addr").filter(|_| is_on("forward")).map(|field| &field[..]),
    };
    carry_out(ctx, id, &decision, complaints)
}

fn usual_comment(ctx: &mut MembershipContext<'_>, id: i64) -> Result<ByteStr, Problem> {
    let post = Post::of(ctx.list.requests()?, id);
    Ok(match post {
        Some(post) => comment_on(ctx, &post),
        None => ctx.words().say("[No explanation given]"),
    })
}

/// What the sender of a rejected post is told where the moderator says nothing.
fn comment_on(ctx: &MembershipContext<'_>, post: &Post) -> ByteStr {
    post.rejection_notice.clone().unwrap_or_else(|| ctx.words().say("[No explanation given]"))
}

/// Decides, and notes what could not be done. A request that fails stays, and the others are decided about.
fn carry_out(
    ctx: &mut MembershipContext<'_>,
    id: i64,
    decision: &Decision<'_>,
    complaints: &mut Complaints,
) -> Result<(), Problem> {
    let address = address_of(ctx, id)?;
    match moderation::decide(ctx, id, decision) {
        Ok(Decided::Done | Decided::Kept | Decided::Lost) => {}
        Err(Refused::RequestGone(_)) => complaints.gone += 1,
        Err(Refused::Banned { pattern }) => complaints.banned.push((address, pattern)),
        Err(Refused::BadEmail | Refused::HostileAddress) => complaints.bad.push(address),
        Err(other) => complaints.failed.push((id, other.to_string())),
    }
    Ok(())
}

/// Who wants to join by the request of this number.
fn address_of(ctx: &mut MembershipContext<'_>, id: i64) -> Result<ByteStr, Problem> {
    let record = ctx.list.requests()?.get(id).and_then(|(_, record)| record.as_items()?.get(1)?.as_text().cloned());
    Ok(record.unwrap_or_default())
}

impl Complaints {
    fn say(&self, texts: &Texts<'_>) -> Markup {
        let address = |address: &ByteStr| safe(&shown(texts, address));
        html! {
            h2 { (texts.say("Database Updated...")) }
            @for (who, pattern) in &self.banned {
                (texts.html("%(addr)s is banned (matched: %(patt)s)", &[("addr", address(who)), ("patt", address(pattern))]))
                br;
            }
            @for who in &self.bad { "'" (address(who)) "': " (texts.say("Bad/Invalid email address")) br; }
            @for (id, reason) in &self.failed { p.problem { "Request " (id) " is still waiting: " (reason) } }
            @if self.gone > 0 {
                p.note { "Somebody else has decided meanwhile: requests that were waiting no more: " (self.gone) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Blanks;

    #[test]
    fn fields_about_senders_belong_together() {
        let text = b"senderaction-a%2540x.example=3&senderfilterp-a%2540x.example=1&a%2540x.example=7&\
                     senderaction-=1&sender-x=1&1=2";
        let form = Form::from_urlencoded(text, Blanks::Kept);
        let senders = by_senders(&Fields::of(&form));
        let sender = &senders.iter().find(|(sender, _)| *sender == "a@x.example").unwrap().1;
        assert_eq!(sender["senderaction"], "3");
        assert_eq!(sender["senderfilterp"], "1");
        assert_eq!(sender[""], "a%40x.example");
        assert!(senders.iter().any(|(sender, _)| sender.is_empty()));
        assert_eq!(senders.len(), 2);
    }

    #[test]
    fn fields_about_one_request() {
        let form = Form::from_urlencoded(b"1=2& 2 =+3&3=8&4=x&x=1&5=1&5=2", Blanks::Kept);
        let form = Fields::of(&form);
        let found = |name: &[u8]| numbers(&form, name);
        assert_eq!([found(b"1"), found(b" 2 ")], [Some((1, 2)), Some((2, 3))]);
        assert!([&b"3"[..], b"4", b"x", b"5"].iter().all(|name| found(name).is_none()));
    }

    #[test]
    fn a_value_fits_its_kind() {
        assert_eq!(action_on(RequestKind::HeldMessage, 1), Some(Action::Approve));
        assert_eq!(action_on(RequestKind::HeldMessage, 4), None);
        assert_eq!(action_on(RequestKind::Subscription, 4), Some(Action::Approve));
        assert_eq!(action_on(RequestKind::Subscription, 1), None);
        assert_eq!(action_on(RequestKind::Subscription, 5), None);
        assert_eq!(action_on(RequestKind::Unsubscription, 5), Some(Action::Approve));
        assert_eq!(action_on(RequestKind::Unsubscription, 0), Some(Action::Defer));
    }
}
