//! A survey for people, and for programs.

use super::Survey;
use crate::json::Json;
use std::fmt::Write;

/// More lists are summed up.
const LISTS_SHOWN: usize = 20;

impl Survey {
    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write_site(&mut out);
        self.write_lists(&mut out);
        self.write_queues(&mut out);
        self.write_machine(&mut out);
        self.write_findings(&mut out);
        out
    }

    fn write_site(&self, out: &mut String) {
        let layout = &self.layout;
        let kind = if layout.is_debian { "Debian's package" } else { "upstream's layout" };
        let _ = writeln!(out, "site       {} (Mailman {}, {kind})", layout.home.display(), layout.version);
        let _ = writeln!(out, "runners    {}, in {}", layout.runners, layout.bin.display());
    }

    fn write_lists(&self, out: &mut String) {
        let members: usize = self.lists.iter().map(|list| list.members + list.digest_members).sum();
        let bytes: u64 = self.lists.iter().map(|list| list.size).sum();
        let _ = writeln!(out, "lists      {}, {members} members, {} in config.pck", self.lists.len(), size(bytes));
        let mut largest: Vec<_> = self.lists.iter().collect();
        largest.sort_by_key(|list| std::cmp::Reverse(list.members + list.digest_members));
        for list in largest.iter().take(LISTS_SHOWN) {
            let _ = writeln!(
                out,
                "           {}: {} members, {} digest, data version {}, {}, {} requests",
                list.name,
                list.members,
                list.digest_members,
                list.data_version,
                size(list.size),
                list.requests
            );
        }
        if self.lists.len() > LISTS_SHOWN {
            let _ = writeln!(out, "           and {} smaller ones", self.lists.len() - LISTS_SHOWN);
        }
    }

    fn write_queues(&self, out: &mut String) {
        let total: usize = self.queues.iter().map(|queue| queue.entries()).sum();
        let _ = writeln!(out, "queues     {total} entries");
        for queue in self.queues.iter().filter(|queue| queue.entries() > 0) {
            let lists: Vec<String> =
                queue.by_list.iter().take(3).map(|(list, count)| format!("{count} of {list}")).collect();
            let _ = writeln!(
                out,
                "           {}: {} waiting, {} in work, {} set aside, {}, oldest {}; {}",
                queue.queue,
                queue.queued,
                queue.in_work,
                queue.set_aside,
                size(queue.size),
                duration(queue.oldest),
                lists.join(", ")
            );
        }
    }

    fn write_machine(&self, out: &mut String) {
        let python = self.processes.iter().filter(|process| process.is_python).count();
        let ours = self.processes.len() - python;
        let _ = writeln!(out, "processes  {python} of Python, {ours} of ours");
        let least = self.disk.iter().min_by_key(|(_, bytes)| *bytes);
        if let Some((folder, bytes)) = least {
            let _ = writeln!(out, "disk       {} free at {}", size(*bytes), folder.display());
        }
    }

    fn write_findings(&self, out: &mut String) {
        for finding in &self.findings {
            let _ = writeln!(out, "\n{:<10} {} [{}]", finding.level.name(), finding.text, finding.code);
            let _ = writeln!(out, "           {}", finding.advice);
        }
        let verdict = match self.exit_code() {
            0 => "ready",
            1 => "ready, with risks",
            _ => "not ready: mend what says STOP, or name its word in `switch --accept WORD`",
        };
        let _ = writeln!(out, "\nverdict    {verdict}");
    }

    /// For programs: one object on one line.
    pub fn json(&self) -> String {
        let disk = |(folder, bytes): &(std::path::PathBuf, u64)| {
            Json::Object(vec![("folder", Json::text(folder.to_string_lossy())), ("free", Json::count(*bytes))])
        };
        let all = Json::Object(vec![
            ("site", self.layout.json()),
            ("lists", Json::array(&self.lists, |list| list.json())),
            ("queues", Json::array(&self.queues, |queue| queue.json())),
            ("processes", Json::array(&self.processes, |process| process.json())),
            ("disk", Json::array(&self.disk, disk)),
            ("findings", Json::array(&self.findings, |finding| finding.json())),
            ("exit_code", Json::Int(i64::from(self.exit_code()))),
        ]);
        format!("{all}\n")
    }
}

/// Bytes as people read them.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=9_999_999 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// Seconds as people read them.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
