//! The paths that a busy site takes for every post, each by itself: reading and writing a large list, parsing and writing
//! a message, finding the recipients, personal copies, a page of the archive.
//!
//! `cargo bench`; what whole runners need stands in docs/performance.md.

#![allow(clippy::unwrap_used)]

use compat::email::{generator, parser};
use compat::list::{ListCache, MailList};
use compat::pickle::{self, Protocol};
use compat::queue::{Metadata, Outbox, QueueFolders};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use mailman2::archive::{archive, ArchiveJob, Plan, VolumeCache};
use mailman2::delivery::render::Renderer;
use mailman2::demo::new_list::{self, NewList};
use mailman2::demo::site;
use mailman2::dns::Closed;
use mailman2::pipeline::{self, Context};
use std::hint::black_box;
use std::rc::Rc;

const POST: &str = "From: Anna <anna@example.org>\nTo: garden@lists.example.com\nSubject: roses\n\
                    Message-ID: <1@example.org>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n";

/// A site with one list of so many members, and a post of some kilobytes.
struct Fixture {
    _dir: tempfile::TempDir,
    site: Rc<Site>,
    post: ByteStr,
}

impl Fixture {
    fn new(members: usize) -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let site = site::create(dir.path(), &[]).unwrap();
        new_list::create(&site, &NewList { name: "garden", owners: &["o@example.org"], members: &[] }).unwrap();
        let mut list = ListCache::default().lock(&site, &"garden".into(), None).unwrap();
        let addresses = (0..members).map(|number| ByteStr::from(format!("member{number}@host{}.example", number % 97)));
        let roster = addresses.map(|address| (address, Value::Int(0))).collect();
        list.set(compat::list::attributes::MEMBERS, Value::dict(roster));
        list.save().unwrap();
        list.unlock().unwrap();
        let post = ByteStr::from(format!("{POST}{}", "A line of a post about roses and their care.\n".repeat(60)));
        Fixture { _dir: dir, site, post }
    }

    fn list(&self) -> MailList {
        MailList::load(&self.site, "garden").unwrap()
    }
}

fn large_list(c: &mut Criterion) {
    let fixture = Fixture::new(100_000);
    let file = fixture._dir.path().join("lists/garden/config.pck");
    let bytes = ByteStr::new(std::fs::read(file).unwrap());
    let (value, _) = pickle::load(&bytes).unwrap();
    let mut group = c.benchmark_group("list of 100,000");
    group.sample_size(20);
    group.bench_function("pickle load", |b| b.iter(|| pickle::load(black_box(&bytes)).unwrap()));
    group.bench_function("pickle store", |b| b.iter(|| pickle::dumps(black_box(&value), Protocol::P1).unwrap()));
    group.bench_function("recipients", |b| {
        let mut list = ListCache::default().lock(&fixture.site, &"garden".into(), None).unwrap();
        let folders = QueueFolders::from_settings(&fixture.site.settings).unwrap();
        let mut outbox = Outbox::new(Rc::new(folders));
        b.iter(|| {
            let (mut msg, mut data) = (parser::parse(&fixture.post), Metadata::new());
            let mut ctx = Context {
                site: &fixture.site,
                list: &mut list,
                msg: &mut msg,
                data: &mut data,
                outbox: &mut outbox,
                dns: &Closed,
                language: "en".into(),
            };
            pipeline::walk(&mut ctx, vec!["CalcRecips".into()]).unwrap()
        });
    });
    group.finish();
}

fn message(c: &mut Criterion) {
    let fixture = Fixture::new(10);
    c.bench_function("message parse", |b| b.iter(|| parser::parse(black_box(&fixture.post))));
    c.bench_function("message flatten", |b| {
        let parsed = || parser::parse(&fixture.post);
        b.iter_batched(parsed, |mut msg| generator::as_bytes(&mut msg, false, false).unwrap(), BatchSize::SmallInput)
    });
}

fn personal_copy(c: &mut Criterion) {
    let fixture = Fixture::new(10);
    let (list, msg, mut data) = (fixture.list(), parser::parse(&fixture.post), Metadata::new());
    data.set_int("verp", 1);
    let sender = ByteStr::from("garden-bounces@lists.example.com");
    let mut renderer = Renderer::new(&fixture.site, &list, &msg, &data, sender).unwrap();
    let recipient = ByteStr::from("member3@host3.example");
    c.bench_function("VERP copy", |b| b.iter(|| renderer.copy(black_box(&recipient)).unwrap()));
}

fn archived_post(c: &mut Criterion) {
    let fixture = Fixture::new(10);
    let list = ListCache::default().lock(&fixture.site, &"garden".into(), None).unwrap();
    let plan = Plan::of(&fixture.site, &list).unwrap();
    let mut cache = VolumeCache::default();
    let mut group = c.benchmark_group("archive");
    group.sample_size(20);
    group.bench_function("one post, on disk", |b| {
        let parsed = || parser::parse(&fixture.post);
        let store = |mut msg| {
            let mut commit = compat::durable::Commit::new();
            let mut job = ArchiveJob::new(&mut cache, &mut commit, false);
            archive(&fixture.site, &list, b"en", &mut msg, &plan, &mut job).unwrap();
            commit.commit().unwrap();
        };
        b.iter_batched(parsed, store, BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(hot_paths, large_list, message, personal_copy, archived_post);
criterion_main!(hot_paths);
