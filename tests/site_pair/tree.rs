//! The files of a site, read so that two sites can be compared: pickles by what they hold, queue entries by what they
//! say, logs without their times.

use compat::pickle;
use compat::value::Value;
use compat::ByteStr;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What is not looked at: programs, and locks that come and go.
const PROGRAMS: [&str; 8] = ["Mailman", "bin", "cron", "pythonlib", "scripts", "messages", "templates", "mail"];
/// The history of changes, which only our programs keep.
const HISTORY: &str = "/data/history";
/// Attributes that hold a time or something random.
const TIMES: [&str; 3] = ["created_at", "received_time", "last_post_time"];

/// What is below a site, each file under a name that does not change from run to run.
pub struct Tree {
    files: BTreeMap<String, String>,
    entries: Vec<(String, String)>,
    /// Cookies and passwords of this site, to be masked.
    secrets: Vec<String>,
    root: String,
}

impl Tree {
    /// `secrets` are those that the site had before.
    pub fn read(site: &Path, secrets: &[String]) -> Tree {
        let mut tree = Tree {
            files: BTreeMap::new(),
            entries: Vec::new(),
            secrets: secrets.to_vec(),
            root: site.to_string_lossy().into_owned(),
        };
        tree.secrets.extend(secrets_of(site));
        tree.add_folder(site, "");
        // The name of a queue entry is a time and a digest: entries are distinguished by what they say.
        tree.entries.sort();
        for (n, (queue, text)) in tree.entries.drain(..).enumerate() {
            tree.files.insert(format!("{queue}/entry {n}"), text);
        }
        tree
    }

    /// Fails with the first difference.
    pub fn compare(&self, ours: &Tree, when: &str) {
        let names = |tree: &Tree| tree.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(ours), names(self), "files, {when}");
        for (name, text) in &self.files {
            let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.files[name].lines().collect(), text.lines().collect());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours, theirs, "{name}, {when}");
            }
            assert_eq!(ours.len(), theirs.len(), "lines of {name}, {when}:\nours {ours:#?}\ntheirs {theirs:#?}");
        }
    }

    fn add_folder(&mut self, path: &Path, below: &str) {
        let mut entries: Vec<_> = fs::read_dir(path).expect("read").flatten().collect();
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let file = entry.file_name().to_string_lossy().into_owned();
            if below.is_empty() && PROGRAMS.contains(&file.as_str()) {
                continue;
            }
            let name = format!("{below}/{file}");
            if name == HISTORY {
                continue;
            }
            let about = fs::symlink_metadata(entry.path()).expect("there");
            if about.is_dir() {
                self.files.insert(name.clone() + "/", format!("mode {:o}", about.mode() & 0o7777));
                self.add_folder(&entry.path(), &name);
            } else if about.file_type().is_symlink() {
                let target = fs::read_link(entry.path()).expect("a link").to_string_lossy().into_owned();
                self.files.insert(name, self.masked(&target));
            } else {
                self.add_file(&entry.path(), name, about.mode() & 0o777);
            }
        }
    }

    fn add_file(&mut self, path: &Path, name: String, mode: u32) {
        let bytes = ByteStr::new(fs::read(path).expect("read"));
        let mut text = self.masked(&shown(&name, &bytes));
        if !name.starts_with("/logs/") {
            text = format!("mode {mode:o}\n{text}");
        }
        if name.starts_with("/qfiles/") && name.ends_with(".pck") {
            let queue = name.rsplit_once('/').map_or("", |(queue, _)| queue);
            return self.entries.push((queue.to_string(), text));
        }
        self.files.insert(name, text);
    }

    fn masked(&self, text: &str) -> String {
        let mut text = text.replace(&self.root, "<SITE>");
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "<SECRET>");
        }
        text
    }
}

fn shown(name: &str, bytes: &ByteStr) -> String {
    if name.starts_with("/logs/") {
        let text = log_lines(&bytes.to_latin1());
        // What is wrong with files comes in the order of their folder, which is nobody's choice.
        return if name.ends_with("/error") { sorted_lines(&text) } else { text };
    }
    let is_pickle = name.ends_with(".pck") || name.ends_with(".pck.last");
    if !is_pickle {
        return plain(name, &bytes.to_latin1());
    }
    let mut out = String::new();
    let mut rest = bytes.clone();
    while !rest.is_empty() {
        let Ok((value, used)) = pickle::load(&rest) else { panic!("{name} is no pickle") };
        canonical(&value, 0, &mut out);
        rest = ByteStr::from(&rest[used..]);
    }
    out
}

/// Random values are found where both sites keep them: in the pickles of lists.
pub fn secrets_of(site: &Path) -> Vec<String> {
    let mut secrets = Vec::new();
    for list in fs::read_dir(site.join("lists")).into_iter().flatten().flatten() {
        let load = |name: &str| {
            let bytes = fs::read(list.path().join(name)).ok()?;
            pickle::load(&ByteStr::new(bytes)).ok().map(|(value, _)| value)
        };
        let configs = [load("config.pck"), load("config.pck.last")];
        let passwords = configs.iter().flatten().filter_map(|c| c.as_dict()?.get(b"passwords")?.as_dict());
        let passwords = passwords.flat_map(|dict| dict.iter()).map(|(_, password)| password);
        let pending = load("pending.pck");
        let cookies = pending.as_ref().and_then(Value::as_dict).into_iter().flat_map(|dict| dict.iter());
        let cookies = cookies.map(|(key, _)| key).filter(|key| key.as_text().is_some_and(|key| key.len() == 40));
        let all = passwords.chain(cookies).filter_map(Value::as_text).map(|secret| secret.to_latin1());
        secrets.extend(all.filter(|secret| secret.len() > 4));
    }
    secrets
}

/// Without times, process numbers and what differs for good: our comments are our own.
fn log_lines(text: &str) -> String {
    let line = |line: &str| match line.split_once(") ") {
        Some((time, rest)) if time.starts_with(|c: char| c.is_ascii_alphabetic()) => rest.to_string(),
        _ => line.to_string(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

fn sorted_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn plain(name: &str, text: &str) -> String {
    let is_map = name.ends_with("/aliases") || name.ends_with("/virtual-mailman");
    let is_ours = |line: &&str| {
        let mark = ["# STANZA", "# LOOP", "# SITE", "#mailman"].iter().any(|mark| line.starts_with(mark));
        !is_map || mark || !(line.starts_with('#') || line.is_empty())
    };
    text.lines().filter(is_ours).map(|line| format!("{line}\n")).collect()
}

/// One value per line, dictionaries by their keys; kinds are shown, times are not.
fn canonical(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Dict(dict) => {
            let mut items: Vec<_> = dict.iter().collect();
            // Cookies are random: what they stand for gives the order.
            let is_cookie = |key: &Value| key.as_text().is_some_and(|key| key.len() == 40);
            items.sort_by_key(|(key, value)| match is_cookie(key) {
                true => format!("cookie {value:?}"),
                false => format!("{key:?}"),
            });
            out.push_str(&format!("{pad}dict\n"));
            for (key, value) in items {
                out.push_str(&format!("{pad}{key:?}:\n"));
                let is_time = key.as_text().is_some_and(|key| TIMES.iter().any(|name| **name == *key.to_latin1()));
                match is_time {
                    true => out.push_str(&format!("{pad}  a time: {}\n", value.type_name())),
                    false => canonical(value, depth + 1, out),
                }
            }
        }
        Value::List(_) | Value::Tuple(_) => {
            out.push_str(&format!("{pad}{}\n", value.type_name()));
            let items = value.as_items().unwrap_or_default();
            let header = items.first().and_then(Value::as_text).map(|name| name.to_latin1().to_ascii_lowercase());
            let is_unique = items.len() == 2 && matches!(header.as_deref(), Some("date" | "message-id"));
            items.iter().take(if is_unique { 1 } else { items.len() }).for_each(|item| canonical(item, depth + 1, out));
        }
        Value::Object(object) => {
            let class = object.class().map(|class| format!("{}.{}", class.module, class.name)).unwrap_or_default();
            out.push_str(&format!("{pad}object {class}\n"));
            if let Some(attributes) = object.attributes() {
                let mut attributes = attributes.clone();
                // Somebody who is invited gets a random password.
                attributes.remove(b"password");
                if attributes.get(b"cookie").is_some_and(|cookie| cookie.as_text().is_some_and(|text| text.len() == 40))
                {
                    attributes.set("cookie", Value::str("a cookie"));
                }
                canonical(&Value::dict(attributes), depth + 1, out);
            }
        }
        Value::Float(x) if *x > 1e9 => out.push_str(&format!("{pad}a time\n")),
        // A cookie may be broken over two lines of quoted-printable.
        Value::Str(text) => out.push_str(&format!("{pad}str {:?}\n", text.to_latin1().replace("=\n", ""))),
        other => out.push_str(&format!("{pad}{other:?}\n")),
    }
}
