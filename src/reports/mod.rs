//! Reports of a migration as one page that can be mailed to a colleague: the verdict, what to do, figures. Needs no script and
//! nothing from elsewhere.

mod rehearsal;
mod shadow;
mod survey;
mod verify;

pub use rehearsal::rehearsal;
pub use shadow::shadow;
pub use survey::survey;
pub use verify::{account, outcome};

use compat::{clock, durable, host};
use maud::{html, Markup, PreEscaped, DOCTYPE};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// It names lists and members' messages.
const MODE: u32 = 0o600;

const STYLE: &str = "\
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 2em; border-bottom: 1px solid #ccc }
.verdict { padding: .8em 1em; border-left: .5em solid; font-size: 1.1em }
.good { border-color: #2a7d2a; background: #eef8ee } .risk { border-color: #b57a00; background: #fff7e6 }
.bad { border-color: #b3261e; background: #fdecea }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .3em .6em }
tr + tr { border-top: 1px solid #ddd } td.number, th.number { text-align: right }
code { overflow-wrap: anywhere } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 } .advice { color: #444 } .small { color: #666; font-size: .85em }
@media print { body { margin: 0 } }";

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Good,
    Risk,
    Bad,
}

impl Mood {
    fn class(self) -> &'static str {
        match self {
            Mood::Good => "verdict good",
            Mood::Risk => "verdict risk",
            Mood::Bad => "verdict bad",
        }
    }
}

/// A page with its verdict on top.
fn page(title: &str, mood: Mood, verdict: &str, body: &Markup) -> String {
    let made = format!("{} on {}", clock::local().format("%Y-%m-%d %H:%M"), host::name());
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p class=(mood.class()) { (verdict) }
                (body)
                p class="small" { "Made " (made) " by mailman2-rs " (env!("CARGO_PKG_VERSION")) "." }
            }
        }
    };
    document.into_string()
}

/// Rows of a name and a figure.
fn figures(rows: &[(String, String)]) -> Markup {
    html! {
        table { @for (name, value) in rows { tr { td { (name) } td.number { (value) } } } }
    }
}

/// Names one below the other, the first of many.
fn named(names: &[String]) -> Markup {
    const SHOWN: usize = 200;
    html! {
        ul { @for name in names.iter().take(SHOWN) { li { code { (name) } } } }
        @if names.len() > SHOWN { p class="small" { "and " (names.len() - SHOWN) " more" } }
    }
}

/// Puts a page in place whole.
///
/// # Errors
/// The file can't be written.
pub fn write(path: &Path, page: &str) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, &PathBuf::from(temporary), MODE, |file| file.write_all(page.as_bytes()))
}
