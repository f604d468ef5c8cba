//! One line from the mail server, as a command.

/// A command with what it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Lhlo,
    Mail { sender: Vec<u8>, size: u64 },
    Rcpt(Vec<u8>),
    Data,
    Reset,
    Noop,
    Verify,
    Quit,
}

/// Why a line is no command: the answer to it.
pub type Answer = &'static str;

const SYNTAX: Answer = "501 5.5.4 Syntax error";

/// Reads a line without its end.
///
/// # Errors
/// The answer to what is no command.
pub fn parse(line: &[u8]) -> Result<Command, Answer> {
    let (verb, rest) = match line.iter().position(|&byte| byte == b' ') {
        Some(at) => (&line[..at], line[at..].trim_ascii()),
        None => (line, &b""[..]),
    };
    match verb.to_ascii_uppercase().as_slice() {
        b"LHLO" if !rest.is_empty() => Ok(Command::Lhlo),
        b"LHLO" => Err(SYNTAX),
        b"HELO" | b"EHLO" => Err("500 5.5.1 This is LMTP: say LHLO"),
        b"MAIL" => mail(rest),
        b"RCPT" => recipient(rest),
        b"DATA" if rest.is_empty() => Ok(Command::Data),
        b"DATA" => Err(SYNTAX),
        b"RSET" => Ok(Command::Reset),
        b"NOOP" => Ok(Command::Noop),
        b"VRFY" => Ok(Command::Verify),
        b"QUIT" => Ok(Command::Quit),
        _ => Err("500 5.5.2 Unknown command"),
    }
}

fn mail(rest: &[u8]) -> Result<Command, Answer> {
    let (sender, parameters) = path(rest, b"FROM:").ok_or(SYNTAX)?;
    let mut size = 0;
    for parameter in parameters {
        let upper = parameter.to_ascii_uppercase();
        match upper.strip_prefix(b"SIZE=") {
            Some(digits) => size = number(digits).ok_or(SYNTAX)?,
            None if matches!(&upper[..], b"BODY=8BITMIME" | b"BODY=7BIT") => {}
            None => return Err("555 5.5.4 Unknown parameter"),
        }
    }
    Ok(Command::Mail { sender, size })
}

fn recipient(rest: &[u8]) -> Result<Command, Answer> {
    let (address, parameters) = path(rest, b"TO:").ok_or(SYNTAX)?;
    match parameters.is_empty() {
        true => Ok(Command::Rcpt(address)),
        false => Err("555 5.5.4 Unknown parameter"),
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// The address between angle brackets without a route, and the words behind it.
fn path<'l>(rest: &'l [u8], key: &[u8]) -> Option<(Vec<u8>, Vec<&'l [u8]>)> {
    let named = rest.get(..key.len()).filter(|word| word.eq_ignore_ascii_case(key))?;
    let inner = rest[named.len()..].trim_ascii_start().strip_prefix(b"<")?;
    let end = end_of_address(inner)?;
    let address = match inner[..end].strip_prefix(b"@") {
        Some(route) => route.iter().position(|&byte| byte == b':').map(|at| &route[at + 1..])?,
        None => &inner[..end],
    };
    let words = inner[end + 1..].split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    Some((address.to_vec(), words.collect()))
}

/// Where the address ends; within quotes a bracket ends nothing.
fn end_of_address(text: &[u8]) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_commands() {
        let mail = |sender: &[u8], size| Ok(Command::Mail { sender: sender.to_vec(), size });
        for (line, command) in [
            (&b"lhlo host"[..], Ok(Command::Lhlo)),
            (b"MAIL FROM:<a@b> SIZE=12 BODY=8BITMIME", mail(b"a@b", 12)),
            (b"mail from: <>", mail(b"", 0)),
            (b"RCPT TO:<@x,@y:a@b>", Ok(Command::Rcpt(b"a@b".to_vec()))),
            (b"RCPT TO:<\"a>b\"@c>", Ok(Command::Rcpt(b"\"a>b\"@c".to_vec()))),
            (b"DATA", Ok(Command::Data)),
        ] {
            assert_eq!(parse(line), command, "{line:?}");
        }
    }

    #[test]
    fn lines_that_are_none() {
        for line in
            ["", "LHLO", "EHLO x", "MAIL FROM:a@b", "MAIL FROM:<a@b> SIZE=x", "MAIL FROM:<a> RET=FULL", "RCPT TO:<a"]
        {
            assert!(parse(line.as_bytes()).is_err_and(|answer| answer.starts_with('5')), "{line}");
        }
    }
}
