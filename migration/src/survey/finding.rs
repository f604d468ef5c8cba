//! What a survey finds, and how grave it is.

use crate::json::Json;

/// How grave a finding is. The gravest one of a survey is its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// A switch works, but something may be lost from sight or go on only in Python.
    Risk,
    /// Mail would be handled otherwise than before, or not at all.
    Stop,
}

impl Level {
    /// As it stands in the output.
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Risk => "risk",
            Level::Stop => "STOP",
        }
    }
}

/// The words of all findings, for who checks one that was typed.
pub const CODES: &[&str] = &[
    "damaged-list",
    "data-versions",
    "disk-full",
    "disk-low",
    "entry-of-no-list",
    "extend-py",
    "foreign-file",
    "foreign-handler",
    "foreign-owner",
    "foreign-runner",
    "gzip-at-post",
    "no-intake",
    "no-lists",
    "no-locks",
    "no-python",
    "no-qrunner",
    "no-queues",
    "no-run-folder",
    "no-site-list",
    "no-templates",
    "no-user",
    "not-for-group",
    "old-temporary",
    "own-command",
    "own-delivery",
    "own-pipeline",
    "patched-source",
    "run-folder",
    "runner-as-root",
    "served-twice",
    "set-aside",
    "shunted",
    "stale-lock",
    "switched",
    "unknown-charset",
    "unknown-language",
    "unreadable-entry",
    "unreadable-file",
    "unreadable-queue",
];

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    /// A stable word for scripts, and for `switch --accept`.
    pub code: &'static str,
    /// What is so.
    pub text: String,
    /// What to do about it.
    pub advice: &'static str,
}

impl Finding {
    /// As an object.
    pub fn json(&self) -> Json {
        Json::Object(vec![
            ("level", Json::text(self.level.name().to_lowercase())),
            ("code", Json::text(self.code)),
            ("text", Json::text(&self.text)),
            ("advice", Json::text(self.advice)),
        ])
    }
}

/// Findings in the making.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Adds one.
    pub fn add(&mut self, level: Level, code: &'static str, text: impl Into<String>, advice: &'static str) {
        debug_assert!(CODES.contains(&code), "{code}");
        self.0.push(Finding { level, code, text: text.into(), advice });
    }

    /// Adds one for several things of a kind, of which the first few are named; nothing for none.
    pub fn add_all(&mut self, level: Level, code: &'static str, what: &str, things: &[String], advice: &'static str) {
        const NAMED: usize = 5;
        if things.is_empty() {
            return;
        }
        let more = things.len().saturating_sub(NAMED);
        let named = things.get(..NAMED.min(things.len())).unwrap_or_default().join(", ");
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.add(level, code, format!("{what}: {named}{rest}"), advice);
    }
}
