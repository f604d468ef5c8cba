//! Questions to the person at the terminal (Python's `raw_input` and `getpass`).

use super::print_bytes;
use super::tool::End;
use crate::stderr::Stderr;
use nix::sys::termios::{tcgetattr, tcsetattr, LocalFlags, SetArg};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};

/// `raw_input`: a line from standard input, without its end.
///
/// # Errors
/// An input that ends or cannot be read.
pub fn line(question: &[u8]) -> Result<String, End> {
    print_bytes(question);
    answer()
}

fn answer() -> Result<String, End> {
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        Ok(0) => Err(End::Failed("end of input".to_string())),
        Ok(_) => Ok(answer.trim_end_matches('\n').to_string()),
        Err(error) => Err(End::failed(error)),
    }
}

/// `getpass`: a line from the terminal that is not shown; where there is none, from standard input.
///
/// # Errors
/// An input that ends or cannot be read.
pub fn password(question: &[u8]) -> Result<String, End> {
    match OpenOptions::new().read(true).write(true).open("/dev/tty") {
        Ok(terminal) => unseen(&terminal, question).map_err(End::failed),
        Err(_) => {
            Stderr::Real.write_bytes(question);
            answer()
        }
    }
}

fn unseen(mut terminal: &File, question: &[u8]) -> io::Result<String> {
    terminal.write_all(question)?;
    let before = tcgetattr(terminal)?;
    let mut silent = before.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(terminal, SetArg::TCSAFLUSH, &silent)?;
    let mut answer = String::new();
    let read = BufReader::new(terminal).read_line(&mut answer);
    tcsetattr(terminal, SetArg::TCSAFLUSH, &before)?;
    terminal.write_all(b"\n")?;
    match read? {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "end of input")),
        _ => Ok(answer.trim_end_matches('\n').to_string()),
    }
}
