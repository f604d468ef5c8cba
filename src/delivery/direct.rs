//! One entry on its way to the mail server. Answers to `process` in Mailman's `Handlers/SMTPDirect.py`.
//!
//! The recipients become units (a chunk, or one recipient with a copy of his own), each unit a transaction. What the
//! server says to each is logged and sorted; what is left after an error or an interruption goes back into the
//! metadata as `undelivered`, which both engines understand.

use super::decorate;
use super::error::DeliveryError;
use super::outcome::{FailureLog, Tally, Verdict};
use super::plan::{chunkify, parse_email};
use super::progress::{Done, Past, Progress};
use super::refused::RefusedDict;
use super::render::{sender_headers, Renderer};
use super::session::{deliver, Job, Outcome, Plan};
use super::smtp::{hello_name, quote_address, Login, Quoting, Settings, Tls};
use super::smtp_log;
use crate::watchdog::sign_of_life;
use compat::email::generator::{flatten_to, Options};
use compat::email::message::Message;
use compat::list::{attributes, MailList};
use compat::queue::Metadata;
use compat::site::{own, settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The entry that is delivered.
pub struct Post<'a> {
    pub site: &'a Rc<Site>,
    pub list: &'a MailList,
    pub msg: &'a mut Message,
    pub data: &'a mut Metadata,
}

/// What came of it, as far as it came.
#[derive(Debug, Default)]
pub struct Report {
    /// Recipients to try again.
    pub temporary: Vec<ByteStr>,
    /// Recipients that were refused for good.
    pub permanent: Vec<ByteStr>,
    /// Recipients whose copy the server refused for good, with its words. Python forgets them.
    pub lost: Vec<(ByteStr, Vec<u8>)>,
    /// The progress file, to be taken away when the entry has left the queue.
    pub progress: Option<PathBuf>,
}

/// Delivery by SMTP, with what stays the same for the life of a runner.
pub struct Direct {
    plan: Plan,
}

impl Direct {
    /// Reads the settings.
    ///
    /// # Errors
    /// A setting that is missing or of another kind; for the module, one that is Python of the site's own.
    pub fn new(site: &Site) -> Result<Self, DeliveryError> {
        let settings = &site.settings;
        let timeout = own::int(settings, settings::MAILMAN2_RS_SMTP_TIMEOUT).clamp(1, 86_400) as u64;
        let server = Settings {
            host: settings.str(settings::SMTPHOST)?.to_latin1(),
            port: u16::try_from(settings.int(settings::SMTPPORT)?).unwrap_or(0),
            hello: hello_name(),
            login: settings.truth(settings::SMTP_AUTH).then(|| login(site)).transpose()?,
            timeout: Duration::from_secs(timeout),
            pipelining: true,
            debug: settings.int(settings::SMTPLIB_DEBUG_LEVEL).is_ok_and(|level| level > 0),
        };
        let connections = own::int(settings, settings::MAILMAN2_RS_SMTP_CONNECTIONS).clamp(1, 100) as usize;
        let transactions_per_connection = settings.int(settings::SMTP_MAX_SESSIONS_PER_CONNECTION).unwrap_or(0);
        Ok(Direct { plan: Plan { server: Arc::new(server), connections, transactions_per_connection } })
    }

    /// Delivers, until `stop` says so. The report holds also after an error; then the entry's metadata says who is left.
    pub fn deliver(&self, post: &mut Post, stop: &dyn Fn() -> bool) -> (Report, Result<(), DeliveryError>) {
        let recipients = addresses(post.data.get("recips"));
        if recipients.is_empty() {
            return (Report::default(), Ok(()));
        }
        let mut report = Report::default();
        let result = self.deliver_to(post, &recipients, stop, &mut report);
        (report, result)
    }

    fn deliver_to(
        &self,
        post: &mut Post,
        recipients: &[ByteStr],
        stop: &dyn Fn() -> bool,
        report: &mut Report,
    ) -> Result<(), DeliveryError> {
        let individually = individually(post);
        let envelope_sender = post.data.str("envsender").unwrap_or_else(|| post.list.bounces_address());
        let identity = identity(post);
        let chunks = chunks(post, recipients, individually)?;
        if !individually {
            decorate::once(post.site, post.list, post.msg, post.data)?;
        }
        let sender = post.data.str("original_sender").unwrap_or_else(|| post.msg.sender(post.site.sender_rules()));
        let parts: Vec<&[u8]> = identity.iter().map(|part| &part[..]).collect();
        let progress = Progress::new(&post.site.settings.path(settings::DATA_DIR), &parts);
        let past = progress.past().map_err(|e| progress_error(&progress, e))?;
        let delivery = Delivery {
            units: units(post.site, chunks, individually, &past, post.data.truth("verp")),
            envelope_sender,
            individually,
            plan: &self.plan,
            stop,
        };
        let start = Instant::now();
        let outcome = delivery.run(post, progress, past, report)?;
        let facts = smtp_log::Facts {
            size: size_of(post.msg)?,
            msg: post.msg,
            list: post.list.name().clone(),
            sender,
            seconds: start.elapsed().as_secs_f64(),
            recipients: recipients.len(),
            refused: &outcome,
        };
        smtp_log::write(post.site, &facts, post.data.truth("tolist"));
        Ok(())
    }
}

fn login(site: &Site) -> Result<Login, DeliveryError> {
    let settings = &site.settings;
    let trusted = settings.optional_str(settings::MAILMAN2_RS_SMTP_TLS_CAFILE).filter(|path| !path.is_empty());
    let tls = settings.truth(settings::SMTP_USE_TLS).then(|| Tls {
        hello: settings.optional_str(settings::SMTP_HELO_HOST).map_or_else(hello_name, |name| name.to_vec()),
        trusted: trusted.map(|path| PathBuf::from(path.to_latin1())),
    });
    Ok(Login {
        user: settings.str(settings::SMTP_USER)?.to_vec(),
        password: settings.str(settings::SMTP_PASSWD)?.to_vec(),
        tls,
    })
}

/// The items of a list that are strings.
pub fn addresses(value: Option<&Value>) -> Vec<ByteStr> {
    value.and_then(Value::as_items).unwrap_or_default().iter().filter_map(|item| item.as_text().cloned()).collect()
}

/// Whether everybody gets a copy of his own. A `personalize` of 0 in the metadata forbids it.
fn individually(post: &mut Post) -> bool {
    let allowed = post.data.get("personalize").is_none_or(Value::is_true);
    let wanted = allowed && (post.data.truth("verp") || post.list.truth(attributes::PERSONALIZE));
    if wanted {
        post.data.set_int("personalize", 1);
    }
    wanted
}

/// What an entry is known by when it comes back after a crash: all that decides who gets which message.
fn identity(post: &Post) -> Vec<Vec<u8>> {
    let mut parts = vec![post.list.name().to_vec(), post.msg.get_str("message-id").unwrap_or_default().to_vec()];
    parts.push(post.data.float("received_time").unwrap_or_default().to_bits().to_be_bytes().to_vec());
    for name in ["recips", "undelivered"] {
        let all = flat_addresses(post.data.get(name));
        parts.push(all.iter().map(|a| &a[..]).collect::<Vec<_>>().join(&b"\n"[..]));
    }
    parts
}

fn flat_addresses(value: Option<&Value>) -> Vec<ByteStr> {
    let items = value.and_then(Value::as_items).unwrap_or_default();
    let of = |item: &Value| {
        if item.as_items().is_some() {
            addresses(Some(item))
        } else {
            Vec::from_iter(item.as_text().cloned())
        }
    };
    items.iter().flat_map(of).collect()
}

/// The chunks in the order of `undelivered`: the last one comes first.
fn chunks(post: &Post, recipients: &[ByteStr], individually: bool) -> Result<Vec<Vec<ByteStr>>, DeliveryError> {
    if let Some(left) = post.data.get("undelivered").and_then(Value::as_items) {
        return Ok(left.iter().map(|chunk| addresses(Some(chunk))).collect());
    }
    match individually {
        true => Ok(recipients.iter().map(|recipient| vec![recipient.clone()]).collect()),
        false => Ok(chunkify(recipients, post.site.settings.int(settings::SMTP_MAX_RCPTS)?)),
    }
}

/// The transactions to do, in their order: without those that an earlier attempt did.
fn units(site: &Site, chunks: Vec<Vec<ByteStr>>, individually: bool, past: &Past, verp: bool) -> Vec<Vec<ByteStr>> {
    let mut served = past.served.clone();
    let mut is_left = |recipient: &ByteStr| match served.get_mut(&recipient[..]) {
        Some(count @ 1..) => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let left = chunks.into_iter().rev().map(|chunk| chunk.into_iter().filter(&mut is_left).collect::<Vec<_>>());
    let left: Vec<Vec<ByteStr>> = left.filter(|chunk| !chunk.is_empty()).collect();
    if !individually {
        return left;
    }
    let single = left.into_iter().flatten().filter(|recipient| !verp || has_domain(site, recipient));
    single.map(|recipient| vec![recipient]).collect()
}

/// There is no way to write a VERP address for a recipient without a domain, nor to reach it.
fn has_domain(site: &Site, recipient: &ByteStr) -> bool {
    let known = parse_email(recipient).1.is_some();
    if !known {
        site.log("smtp", [b"Skipping VERP delivery to unqual recip: ", &recipient[..]].concat());
    }
    known
}

fn progress_error(progress: &Progress, source: io::Error) -> DeliveryError {
    DeliveryError::Io { what: progress.path().display().to_string(), source }
}

/// `len(msg.as_string())`, without holding the text.
fn size_of(msg: &mut Message) -> Result<usize, DeliveryError> {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    flatten_to(msg, Options::mailman(false, true), &mut count)?;
    Ok(count.0)
}

/// One delivery in work.
struct Delivery<'a> {
    units: Vec<Vec<ByteStr>>,
    envelope_sender: ByteStr,
    individually: bool,
    plan: &'a Plan,
    stop: &'a dyn Fn() -> bool,
}

/// The progress file, and the first thing that went wrong with it.
struct Notes {
    progress: Progress,
    trouble: Option<io::Error>,
}

impl Delivery<'_> {
    /// Sends all units; gives back who was refused.
    fn run(
        &self,
        post: &mut Post,
        progress: Progress,
        past: Past,
        report: &mut Report,
    ) -> Result<RefusedDict, DeliveryError> {
        let noted = self.units.len() > 1 || !past.served.is_empty();
        report.progress = noted.then(|| progress.path().to_owned());
        let notes = Mutex::new(Notes { progress, trouble: None });
        let bytes: Vec<Vec<Vec<u8>>> = self.units.iter().map(|u| u.iter().map(|r| r.to_vec()).collect()).collect();
        let finished = |job: &Job, outcome: &Outcome| {
            sign_of_life();
            if let Some(recipients) = bytes.get(job.index).filter(|_| noted) {
                let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
                notes.note(recipients, outcome);
            }
        };
        let mut tally = Tally { refused: past.refused, lost: past.lost, reported: 0 };
        let result = self.send_all(post, &finished, &mut tally, &bytes);
        if let Some(error) = notes.into_inner().unwrap_or_else(PoisonError::into_inner).trouble {
            post.site.log("error", format!("How far this delivery has come could not be noted: {error}"));
        }
        tally.sort_into(report);
        match result {
            Ok(()) => {
                post.data.remove("undelivered");
                Ok(tally.refused)
            }
            Err(error) => {
                let left = self.units.get(tally.reported..).unwrap_or_default().iter().rev();
                let chunk = |unit: &Vec<ByteStr>| Value::list(unit.iter().cloned().map(Value::Str).collect());
                post.data.set("undelivered", Value::list(left.map(chunk).collect()));
                Err(error)
            }
        }
    }

    fn send_all(
        &self,
        post: &mut Post,
        finished: &(dyn Fn(&Job, &Outcome) + Sync),
        tally: &mut Tally,
        units: &[Vec<Vec<u8>>],
    ) -> Result<(), DeliveryError> {
        if self.units.is_empty() {
            return Ok(());
        }
        let message_id = post.msg.get_str("message-id").unwrap_or_else(|| "None".into());
        let log = FailureLog { site: post.site, message_id, login: self.plan.server.login.is_some() };
        let report = |index: usize, outcome: Outcome| {
            let recipients = units.get(index).map(Vec::as_slice).unwrap_or_default();
            log.write(recipients, &outcome);
            tally.add(recipients, &outcome);
        };
        match self.individually {
            true => deliver(self.plan, self.copies(post)?, finished, report),
            false => deliver(self.plan, self.chunks_of(post)?, finished, report),
        }
    }

    fn go_on(&self) -> Result<(), DeliveryError> {
        match (self.stop)() {
            true => Err(DeliveryError::Interrupted),
            false => Ok(()),
        }
    }

    /// The same message for all chunks.
    fn chunks_of<'p>(
        &'p self,
        post: &mut Post,
    ) -> Result<impl Iterator<Item = Result<Job, DeliveryError>> + 'p, DeliveryError> {
        for header in sender_headers(post.site, post.list, &self.envelope_sender) {
            header.apply(post.msg);
        }
        let mut quoting = Quoting::default();
        flatten_to(post.msg, Options::mailman(false, false), &mut quoting)?;
        let (data, size) = quoting.finish();
        let data = Arc::new(data);
        let sender = quote_address(&self.envelope_sender);
        Ok(self.units.iter().enumerate().map(move |(index, unit)| {
            self.go_on()?;
            let recipients = unit.iter().map(|recipient| quote_address(recipient)).collect();
            Ok(Job { index, sender: sender.clone(), recipients, data: Arc::clone(&data), size })
        }))
    }

    /// A copy for each recipient.
    fn copies<'p>(
        &'p self,
        post: &'p Post,
    ) -> Result<impl Iterator<Item = Result<Job, DeliveryError>> + 'p, DeliveryError> {
        let mut renderer = Renderer::new(post.site, post.list, post.msg, post.data, self.envelope_sender.clone())?;
        let single = self.units.iter().flatten().enumerate();
        Ok(single.map(move |(index, recipient)| {
            self.go_on()?;
            let copy = renderer.copy(recipient)?;
            Ok(Job {
                index,
                sender: quote_address(&copy.sender),
                recipients: vec![quote_address(recipient)],
                size: copy.size,
                data: Arc::new(copy.data),
            })
        }))
    }
}

impl Notes {
    fn note(&mut self, recipients: &[Vec<u8>], outcome: &Outcome) {
        let verdict = Verdict::of(recipients, outcome);
        let done = Done {
            recipients: recipients.iter().map(Vec::as_slice).collect(),
            refused: verdict.refused,
            lost: verdict.lost,
        };
        if let Err(error) = self.progress.note(&done) {
            self.trouble.get_or_insert(error);
        }
    }
}
