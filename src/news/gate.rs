//! From newsgroups to lists (cron/gate_news): what is new since the last time goes into the `in` queue.
//!
//! A list remembers the number of the last article, its watermark. A list that has none yet starts behind the last
//! article: nobody wants years of a group at once. Where Mailman forgets how far it came when a connection breaks, and so
//! sends articles twice, the watermark of what was queued is kept.

use super::nntp::{NntpError, Server};
use super::reader::Reader;
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{outbox, save_with_mail};
use compat::email::date::ctime;
use compat::email::parser::parse_as;
use compat::email::Message;
use compat::list::{attributes, ListError, LockedList, MailList};
use compat::lock::Lock;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// It is all right to take the lock from one who has had it so long.
const LOCK_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// Polls all gated lists.
pub struct Gate {
    site: Rc<Site>,
    lock: Lock,
    /// One connection per host.
    readers: BTreeMap<ByteStr, Reader>,
}

impl Gate {
    /// Takes the lock of gating; `None` while another process gates.
    pub fn open(site: &Rc<Site>) -> Option<Gate> {
        let mut lock = Lock::new(site.settings.path(settings::LOCK_DIR).join("gate_news.lock"), LOCK_LIFETIME);
        match lock.acquire(Some(LOCK_TIMEOUT)) {
            Ok(()) => Some(Gate { site: Rc::clone(site), lock, readers: BTreeMap::new() }),
            Err(_) => {
                site.log("fromusenet", "Could not acquire gate_news lock");
                None
            }
        }
    }

    /// Every list in turn, then the leave from all servers.
    ///
    /// # Errors
    /// The lists cannot be read, or the lock is lost.
    pub fn run(mut self) -> Result<(), HandlerError> {
        let names = compat::list::names(&self.site).map_err(HandlerError::from)?;
        let mut outcome = Ok(());
        for name in names {
            outcome = self.lock.refresh().map_err(HandlerError::from);
            if outcome.is_err() {
                break;
            }
            if let Err(error) = self.list(&name) {
                self.site.log_stderr("gate_news", format!("{name}: {error}\n"));
            }
        }
        std::mem::take(&mut self.readers).into_values().for_each(Reader::quit);
        let _ = self.lock.release();
        outcome
    }

    fn log(&self, text: impl AsRef<[u8]>) {
        self.site.log("fromusenet", text);
    }

    fn list(&mut self, name: &ByteStr) -> Result<(), HandlerError> {
        let list = MailList::look(&self.site, name.clone())?;
        if !list.truth(attributes::GATEWAY_TO_MAIL) {
            return Ok(());
        }
        let (host, group) = (list.str(attributes::NNTP_HOST), list.str(attributes::LINKED_NEWSGROUP));
        let (first, last) = match self.open_group(&host, &group) {
            Ok(numbers) => numbers,
            Err(error) => {
                self.log(format!("{name}: couldn't open newsgroup {group}: skipping\n{error}"));
                return Ok(());
            }
        };
        self.log(format!("{name}: [{first}..{last}]"));
        let watermark = list.get(attributes::USENET_WATERMARK).and_then(Value::as_int);
        let start = watermark.map(|watermark| first.max(watermark.saturating_add(1)));
        if start.is_some_and(|start| start > last) {
            self.log(format!("nothing new for list {name}"));
        } else if !self.gate(list, start, last)? {
            return Ok(());
        }
        let watermark = MailList::look(&self.site, name.clone())?.int(attributes::USENET_WATERMARK);
        self.log(format!("{name} watermark: {watermark}"));
        Ok(())
    }

    /// Articles from `start` on, or none but the memory of the last one. False where the list's lock was not had.
    fn gate(&mut self, list: MailList, start: Option<i64>, last: i64) -> Result<bool, HandlerError> {
        let name = list.name().clone();
        let timeout = self.site.settings.float(settings::LIST_LOCK_TIMEOUT).unwrap_or(10.0).clamp(0.1, 3600.0);
        let mut list = match LockedList::of(list, Some(Duration::from_secs_f64(timeout))) {
            Err(ListError::LockTimeout { .. }) => {
                self.log(format!("Could not acquire list lock: {name}"));
                return Ok(false);
            }
            list => list?,
        };
        let mut outbox = outbox(&self.site)?;
        let watermark = match start {
            None => {
                self.log(format!("{name} caught up to article {last}"));
                Some(last)
            }
            Some(start) => {
                self.log(format!("gating {name} articles [{start}..{last}]"));
                self.articles(&list, start, last, &mut outbox)?
            }
        };
        if let Some(watermark) = watermark {
            list.set(attributes::USENET_WATERMARK, Value::Int(watermark));
        }
        save_with_mail(&mut list, &mut outbox)?;
        list.unlock_when_done();
        Ok(true)
    }

    fn open_group(&mut self, host: &ByteStr, group: &[u8]) -> Result<(i64, i64), NntpError> {
        if !self.readers.contains_key(host) {
            let setting = |name| self.site.settings.optional_str(name);
            let server =
                Server { host, user: setting(settings::NNTP_USERNAME), password: setting(settings::NNTP_PASSWORD) };
            match Reader::open(&server) {
                Ok(reader) => drop(self.readers.insert(host.clone(), reader)),
                Err(error) => {
                    self.log(format!("error opening connection to nntp_host: {host}\n{error}"));
                    return Err(error);
                }
            }
        }
        let numbers = match self.readers.get_mut(host) {
            Some(reader) => reader.group(group),
            None => Err(NntpError::Closed),
        };
        if matches!(numbers, Err(NntpError::Network(_) | NntpError::Closed)) {
            self.readers.remove(host);
        }
        numbers
    }

    /// Queues the articles of a group that is selected; how far that went. An article that the server does not have is
    /// passed over; a connection that breaks ends it.
    fn articles(
        &mut self,
        list: &MailList,
        start: i64,
        last: i64,
        outbox: &mut Outbox,
    ) -> Result<Option<i64>, HandlerError> {
        let host = list.str(attributes::NNTP_HOST);
        let name = list.name();
        let mut reached = None;
        for number in start..=last {
            self.lock.refresh()?;
            let Some(reader) = self.readers.get_mut(&host) else { break };
            match article(list, reader, number) {
                Ok(Some(message)) => {
                    let mut data = Metadata::new();
                    data.set_str("listname", name.clone());
                    data.set_int("fromusenet", 1);
                    outbox.enqueue(QueueName::In, &EntryMessage::Object(message.to_value()), &data)?;
                    self.log(format!("posted to list {name}: {number:7}"));
                }
                Ok(None) => {}
                Err(error @ (NntpError::Network(_) | NntpError::Closed)) => {
                    self.log(format!("NNTP error for list {name}: {number:7}"));
                    self.log(error.to_string());
                    self.readers.remove(&host);
                    break;
                }
                Err(error) => {
                    self.log(format!("NNTP error for list {name}: {number:7}"));
                    self.log(error.to_string());
                }
            }
            reached = Some(number);
        }
        Ok(reached)
    }
}

/// One article as a message to the list; none where the list itself has sent it, or it is empty.
fn article(list: &MailList, reader: &mut Reader, number: i64) -> Result<Option<Message>, NntpError> {
    let head = reader.head(number)?;
    let own = [b": ", &list.posting_address()[..]].concat();
    let field = |line: &ByteStr, name: &[u8]| {
        let colon = line.iter().position(|&byte| byte == b':').filter(|&at| at > 0);
        colon.filter(|&at| line[..at].eq_ignore_ascii_case(name))
    };
    let is_ours = head.iter().any(|line| field(line, b"x-beenthere").is_some_and(|at| line[at..] == own[..]));
    if head.is_empty() || is_ours {
        return Ok(None);
    }
    let has_to = head.iter().any(|line| field(line, b"to").is_some());
    let body = reader.body(number)?;
    // Pipermail wants an envelope line.
    let from = [b"From ", &list.bounces_address()[..], b"  ", ctime(clock::seconds()).as_bytes()].concat();
    let mut lines = vec![ByteStr::new(from)];
    lines.extend(head);
    lines.push(ByteStr::default());
    lines.extend(body);
    lines.push(ByteStr::default());
    let text: Vec<&[u8]> = lines.iter().map(|line| &line[..]).collect();
    let mut message = parse_as(&ByteStr::new(text.join(&b"\n"[..])), "Mailman.Message", "Message");
    if has_to {
        let to = message.get_str("to").unwrap_or_default();
        message.delete("X-Originally-To");
        message.append("X-Originally-To", to);
        message.delete("To");
    }
    message.append("To", list.posting_address());
    Ok(Some(message))
}
