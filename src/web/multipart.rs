//! A body of `multipart/form-data`: fields and uploaded files.
//!
//! Answers to `cgi.FieldStorage.read_multi`. A boundary counts where a line begins with it; the line end before it
//! belongs to the boundary. A body that breaks off keeps what came.

use super::form::{Field, Form};
use compat::ByteStr;

/// The most bytes that the header lines of one part may have; what follows is taken as its content.
const MAX_HEAD: usize = 16 * 1024;

/// The fields; `None` where the content type names no usable boundary.
pub fn parse(content_type: &[u8], body: &ByteStr) -> Option<Form> {
    let boundary = parameter(content_type, b"boundary").filter(|text| is_boundary(text))?;
    let mark = [b"--", &boundary[..]].concat();
    let mut form = Form::default();
    let (mut rest, mut open) = skip_to(body, &mark, 0)?;
    while open && rest < body.len() {
        let (end, next, goes_on) = part_end(body, &mark, rest);
        if let Some(field) = field(body, rest, end) {
            form.push(field);
        }
        (rest, open) = (next, goes_on);
    }
    Some(form)
}

/// Behind the first boundary: where the first part begins, and whether there is one. Without a boundary: an empty form.
fn skip_to(body: &[u8], mark: &[u8], from: usize) -> Option<(usize, bool)> {
    let (_, next, goes_on) = part_end(body, mark, from);
    Some((next, goes_on))
}

/// Where the part ends that begins at `from`, where the next begins, and whether there is a next one.
fn part_end(body: &[u8], mark: &[u8], from: usize) -> (usize, usize, bool) {
    let mut start = from;
    while start < body.len() {
        let end = memchr::memchr(b'\n', &body[start..]).map_or(body.len(), |at| start + at + 1);
        if body[start..].starts_with(mark) {
            let line = body[start..end].trim_ascii_end();
            if line == mark {
                return (without_line_end(body, from, start), end, true);
            }
            if line.strip_prefix(mark) == Some(b"--") {
                return (without_line_end(body, from, start), end, false);
            }
        }
        start = end;
    }
    (body.len(), body.len(), false)
}

fn without_line_end(body: &[u8], from: usize, at: usize) -> usize {
    let part = &body[from..at];
    from + part.strip_suffix(b"\r\n").or_else(|| part.strip_suffix(b"\n")).unwrap_or(part).len()
}

fn field(body: &ByteStr, from: usize, to: usize) -> Option<Field> {
    let (head, content) = head_end(&body[from..to.max(from)])?;
    let disposition = header(&body[from..from + head], b"content-disposition")?;
    let name = parameter(&disposition, b"name")?;
    let value = body.slice(from + content..to);
    Some(Field { name: name.into(), value, file_name: parameter(&disposition, b"filename").map(ByteStr::from) })
}

/// Where the header lines end and the content begins.
fn head_end(part: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    while at < part.len().min(MAX_HEAD) {
        let end = memchr::memchr(b'\n', &part[at..]).map_or(part.len(), |found| at + found + 1);
        if part[at..end].trim_ascii_end().is_empty() {
            return Some((at, end));
        }
        at = end;
    }
    None
}

fn header(head: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    head.split(|&b| b == b'\n').find_map(|line| {
        let colon = line.iter().position(|&b| b == b':')?;
        line[..colon].trim_ascii().eq_ignore_ascii_case(name).then(|| line[colon + 1..].trim_ascii().to_vec())
    })
}

/// `cgi.parse_header`: a parameter of a header value, quoted or not.
fn parameter(value: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = &value[value.iter().position(|&b| b == b';')?..];
    while let Some(after) = rest.strip_prefix(b";") {
        let end = unquoted_semicolon(after);
        let (item, tail) = after.split_at(end);
        rest = tail;
        let Some(equals) = item.iter().position(|&b| b == b'=') else { continue };
        if item[..equals].trim_ascii().eq_ignore_ascii_case(name) {
            return Some(unquote_value(item[equals + 1..].trim_ascii()));
        }
    }
    None
}

fn unquoted_semicolon(text: &[u8]) -> usize {
    let mut in_quotes = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'"' if at == 0 || text[at - 1] != b'\\' => in_quotes = !in_quotes,
            b';' if !in_quotes => return at,
            _ => {}
        }
    }
    text.len()
}

fn unquote_value(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return value.to_vec();
    };
    let slashes = crate::text::replace(inner, b"\\\\", b"\\");
    crate::text::replace(&slashes, b"\\\"", b"\"")
}

/// `cgi.valid_boundary`
fn is_boundary(text: &[u8]) -> bool {
    (1..=201).contains(&text.len())
        && text.iter().all(|byte| (b' '..=b'~').contains(byte))
        && text.last().is_some_and(|&last| last != b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &[u8] = b"multipart/form-data; boundary=\"a b\"";

    fn fields(body: &[u8]) -> Vec<(String, String, Option<String>)> {
        let form = parse(KIND, &body.into()).unwrap();
        form.fields()
            .map(|f| (f.name.to_string(), f.value.to_string(), f.file_name.as_ref().map(ToString::to_string)))
            .collect()
    }

    #[test]
    fn fields_and_files() {
        let body = b"preamble\r\n--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n one\r\ntwo \r\n--a b\r\n\
            content-disposition: form-data; name=\"up\"; filename=\"a;\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            --a bc\n\r\n--a b--\r\n--a b\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n";
        assert_eq!(
            fields(body),
            [("x".into(), " one\r\ntwo ".into(), None), ("up".into(), "--a bc\n".into(), Some("a;\"b.txt".into())),]
        );
    }

    #[test]
    fn what_breaks_off_is_kept_and_empty_fields_count() {
        let body =
            b"--a b\nContent-Disposition: form-data; name=e\n\n\n--a b\nContent-Disposition: form-data; name=x\n\nhal";
        assert_eq!(fields(body), [("e".into(), String::new(), None), ("x".into(), "hal".into(), None)]);
        assert_eq!(fields(b"--a b\nContent-Disposition: form-data; name=x"), []);
        assert_eq!(fields(b""), []);
    }

    #[test]
    fn boundaries() {
        assert_eq!(parse(b"multipart/form-data; boundary=", &"".into()), None);
        assert_eq!(parse(b"multipart/form-data; boundary=\"x \"", &"".into()), None);
        assert_eq!(parse(b"multipart/form-data", &"".into()), None);
    }
}
