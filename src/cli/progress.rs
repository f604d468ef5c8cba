//! A progress bar on the terminal for long work. What a tool prints meanwhile scrolls above it.

use super::print_bytes;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Often enough for the eye, seldom enough to cost nothing.
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 40;
/// Output is kept back up to this size.
const BUFFER: usize = 64 * 1024;

/// Lines for standard output, and how far the work is. The bar goes to standard error, if that is a terminal.
pub struct Progress {
    total: usize,
    done: usize,
    lines: Vec<u8>,
    /// When the bar was drawn last; `None` where nobody would see it.
    drawn: Option<Instant>,
}

impl Progress {
    /// For this number of steps.
    pub fn new(total: usize) -> Self {
        let drawn = io::stderr().is_terminal().then(Instant::now);
        Progress { total, done: 0, lines: Vec::new(), drawn }
    }

    /// A step is done, and this is said about it.
    pub fn step(&mut self, line: &[u8]) {
        self.done += 1;
        self.lines.extend_from_slice(line);
        match self.drawn {
            Some(last) if last.elapsed() >= EVERY => self.draw(),
            _ if self.lines.len() > BUFFER => self.flush(),
            _ => {}
        }
    }

    fn draw(&mut self) {
        self.flush();
        let _ = io::stderr().write_all(bar(self.done, self.total).as_bytes());
        self.drawn = Some(Instant::now());
    }

    /// The bar makes room for the lines.
    fn flush(&mut self) {
        if self.drawn.is_some() {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
        print_bytes(&std::mem::take(&mut self.lines));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.flush();
    }
}

/// How far work of the migration is: one line of standard error that is written over, if that is a terminal.
pub struct Ticker {
    drawn: Option<Instant>,
    is_dirty: bool,
}

impl Ticker {
    /// Begins with nothing to see.
    pub fn new() -> Ticker {
        Ticker { drawn: io::stderr().is_terminal().then(Instant::now), is_dirty: false }
    }
}

impl Default for Ticker {
    fn default() -> Ticker {
        Ticker::new()
    }
}

impl migration::progress::Progress for Ticker {
    fn at(&mut self, what: &str, done: u64, of: u64) {
        if self.drawn.is_some_and(|last| last.elapsed() >= EVERY) {
            let of = if of > 0 { format!(" of {of}") } else { String::new() };
            let _ = io::stderr().write_all(format!("\r\x1b[K{what}: {done}{of}").as_bytes());
            (self.drawn, self.is_dirty) = (Some(Instant::now()), true);
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if self.is_dirty {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

fn bar(done: usize, total: usize) -> String {
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    format!("[{}{}] {done}/{total}", "#".repeat(filled), ".".repeat(WIDTH - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        assert!(bar(0, 8).starts_with("[....") && bar(0, 8).ends_with(".] 0/8"));
        assert_eq!(bar(4, 8).matches('#').count(), WIDTH / 2);
        assert!(bar(8, 8).contains("#] 8/8") && bar(0, 0).contains("#] 0/0"));
    }
}
