//! Any bytes as a header with parameters, RFC 2231 and all: read, set and taken away, and what was set is found.
#![no_main]

use compat::email::params::Param;
use compat::email::Message;
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (header, value) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let mut msg = Message::new();
    msg.append("Content-Type", ByteStr::from(header));
    msg.append("Content-Disposition", ByteStr::from(header));
    let _ = (msg.params("content-type"), msg.get_boundary(), msg.get_filename(), msg.content_charset());
    let _ = (msg.content_type(), msg.charsets(), msg.get_param("name", "content-disposition"));
    msg.set_param("format", &Param::plain(ByteStr::from(value)), "Content-Type");
    let _ = msg.get_param("format", "content-type");
    msg.del_param("name", "Content-Type");
    let _ = (msg.set_boundary(value), msg.set_type("text/plain", "Content-Type"));
});
